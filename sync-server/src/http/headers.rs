//! The headers that tell a browser what the app may do: only what it needs.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// What pages may use of the phone; all else is off.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(self), display-capture=(), \
    geolocation=(self), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    screen-wake-lock=(self), serial=(), usb=(), xr-spatial-tracking=()";

/// The content security policy for a page whose own inline scripts and styles are in `index`.
pub fn content_security_policy(index: &str) -> String {
    let scripts = hashes_of(index, "script");
    let styles = hashes_of(index, "style");
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         img-src 'self' blob: data:; media-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
         object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
}

/// What an answer that is no page may do in a browser that is led to show it: nothing.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// What a script may do where a page makes a worker of it: compile the program.
const WORKER: HeaderValue =
    HeaderValue::from_static("default-src 'none'; script-src 'wasm-unsafe-eval'; frame-ancestors 'none'");

/// Sets what every answer to a call carries: few bytes, since an answer that brings nothing new is little more.
pub fn add_to_api(headers: &mut HeaderMap, over_tls: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, NO_PAGE);
    add_transport(headers, over_tls);
}

/// True for an answer with a file that pages are made of: pictures, and what is kept for ever under its hash.
pub fn is_part_of_pages(headers: &HeaderMap) -> bool {
    let says = |name, part| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|text| text.contains(part))
    };
    says(header::CACHE_CONTROL, "immutable")
        || says(header::CONTENT_TYPE, "image/")
        || says(header::CONTENT_TYPE, "application/manifest+json")
}

/// Sets what such a file carries: the policy of a page would be a kilobyte of each, on a line that may be slow.
pub fn add_to_part(headers: &mut HeaderMap, over_tls: bool) {
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    add_to_api(headers, over_tls);
    let is_script =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/javascript"));
    if is_script {
        headers.insert(header::CONTENT_SECURITY_POLICY, WORKER);
    }
}

/// Sets what every page and every other file carries.
pub fn add_to_page(headers: &mut HeaderMap, policy: &HeaderValue, over_tls: bool) {
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    add_transport(headers, over_tls);
}

/// Sets what every answer carries, one without a body, too.
pub fn add_transport(headers: &mut HeaderMap, over_tls: bool) {
    if over_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

/// `'sha256-…'` of every inline element of that name, each with a blank before it.
fn hashes_of(html: &str, element: &str) -> String {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut hashes = String::new();
    let mut rest = html;
    while let Some(start) = rest.find(&open) {
        rest = &rest[start + open.len()..];
        let Some((attributes, body_on)) = rest.split_once('>') else { break };
        let Some((body, after)) = body_on.split_once(&close) else { break };
        rest = after;
        let is_other_element = attributes.starts_with(|c: char| c.is_ascii_alphanumeric());
        if is_other_element || attributes.contains("src=") || body.is_empty() {
            continue;
        }
        hashes.push_str(" 'sha256-");
        hashes.push_str(&STANDARD.encode(Sha256::digest(body.as_bytes())));
        hashes.push('\'');
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_become_a_page_or_a_worker_carries_the_policy_of_a_page() {
        let is_part = |kind: &'static str, cache: &'static str| {
            let values = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)];
            let headers = values.map(|(name, value)| (name, HeaderValue::from_static(value)));
            is_part_of_pages(&HeaderMap::from_iter(headers))
        };
        let for_ever = "public, max-age=31536000, immutable";
        assert!(!is_part("text/html; charset=utf-8", "no-cache"));
        assert!(!is_part("text/javascript; charset=utf-8", "no-cache"), "the service worker");
        assert!(!is_part_of_pages(&HeaderMap::new()));
        assert!(
            is_part("application/octet-stream", for_ever) && is_part("text/css; charset=utf-8", for_ever)
        );
        assert!(is_part("image/png", "no-cache") && is_part("application/manifest+json", "no-cache"));
        let mut headers = HeaderMap::new();
        add_to_part(&mut headers, false);
        assert_eq!(headers.get(header::CONTENT_SECURITY_POLICY), Some(&NO_PAGE));
        assert_eq!(headers.len(), 3);
        let script = HeaderValue::from_static("text/javascript; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, script);
        add_to_part(&mut headers, false);
        assert_eq!(headers.get(header::CONTENT_SECURITY_POLICY), Some(&WORKER), "it may become a worker");
    }

    #[test]
    fn only_inline_scripts_are_named() {
        let policy = content_security_policy(
            "<script src=\"/a.js\"></script><script type=\"module\">init()</script><style>p{}</style>",
        );
        // printf 'init()' | openssl dgst -sha256 -binary | base64
        assert!(
            policy
                .contains("'wasm-unsafe-eval' 'sha256-w4ujnOpjBoH2vcasx+reJRUwYivG8Q3afx/XevGJod8='; style"),
            "{policy}"
        );
        assert_eq!(policy.matches("sha256-").count(), 2);
        assert!(!policy.contains("'unsafe-inline'"));
    }
}
