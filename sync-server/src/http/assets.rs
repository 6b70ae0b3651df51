//! The app's files: compressed ahead where the bundle has it, cached for ever where the name holds a hash.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use super::error::Problem;

/// The built app; read from disk in debug builds, part of the binary in release.
#[derive(Embed)]
#[folder = "../dist"]
struct Bundle;

const INDEX: &str = "index.html";

/// The page that starts the app, as text.
pub fn index_page() -> String {
    Bundle::get(INDEX).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default()
}

/// Answers whatever no other route takes: a file of the app, or the app's page for its own addresses.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Problem::not_found("There is no such call.").at(uri.path()).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let message = "This address can only be read.";
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", message).into_response();
    }
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let wanted = if path.is_empty() || !is_file { INDEX } else { path };
    match find(wanted, &headers) {
        Some(found) => found.into_response(&headers),
        None => Problem::not_found("There is no such file.").at(uri.path()).into_response(),
    }
}

struct Found {
    data: Cow<'static, [u8]>,
    etag: String,
    content_type: &'static str,
    cache: &'static str,
    is_brotli: bool,
}

fn find(path: &str, headers: &HeaderMap) -> Option<Found> {
    let compressed = if accepts_brotli(headers) { Bundle::get(&format!("{path}.br")) } else { None };
    let is_brotli = compressed.is_some();
    let file = compressed.or_else(|| Bundle::get(path))?;
    Some(Found {
        etag: etag_of(&file),
        data: file.data,
        content_type: content_type(path),
        cache: cache_of(path),
        is_brotli,
    })
}

/// How long a file may be used without asking: for ever under its hash; a day where it is a picture of the app, which one
/// visit shows in several places; all else decides which version of the app is in force.
fn cache_of(path: &str) -> &'static str {
    if is_hashed(path) {
        "public, max-age=31536000, immutable"
    } else if path.starts_with("icons/") {
        "public, max-age=86400"
    } else {
        "no-cache"
    }
}

impl Found {
    fn into_response(self, request: &HeaderMap) -> Response {
        let unchanged = is_known(request, &self.etag);
        let mut response = Response::new(if unchanged { Body::empty() } else { Body::from(self.data) });
        if unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(etag) = HeaderValue::try_from(self.etag) {
            headers.insert(header::ETAG, etag);
        }
        if self.is_brotli && !unchanged {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        response
    }
}

/// True where the request already has what the tag names.
pub fn is_known(request: &HeaderMap, etag: &str) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    request
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|tag| strong(tag) == strong(etag)))
}

fn etag_of(file: &EmbeddedFile) -> String {
    use std::fmt::Write as _;
    let mut etag = String::from("W/\"");
    for byte in file.metadata.sha256_hash().iter().take(12) {
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    etag
}

/// True where the request takes Brotli.
pub fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|part| {
            let mut pieces = part.split(';').map(str::trim);
            pieces.next() == Some("br") && pieces.next().is_none_or(|weight| weight != "q=0")
        })
    })
}

/// True where a name holds at least eight hexadecimal digits after a dash, as the bundler writes them.
fn is_hashed(path: &str) -> bool {
    path.split('/').any(|segment| {
        segment.split('-').skip(1).any(|piece| {
            let digits = piece.bytes().take_while(u8::is_ascii_hexdigit).count();
            let next = piece.as_bytes().get(digits);
            digits >= 8 && next.is_none_or(|byte| matches!(byte, b'.' | b'_'))
        })
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for hashed in
            ["app-0123456789abcdef.js", "app-0123456789abcdef.packed", "snippets/x-0a1b2c3d4e/inline0.js"]
        {
            assert!(is_hashed(hashed), "{hashed}");
        }
        for plain in ["index.html", "sw.js", "manifest.webmanifest", "icons/icon-512.png", "a-deadbeefs.js"] {
            assert!(!is_hashed(plain), "{plain}");
        }
    }

    #[test]
    fn brotli_is_sent_only_to_those_who_take_it() {
        let with = |text: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))])
        };
        assert!(accepts_brotli(&with("gzip, deflate, br;q=0.9")));
        assert!(!accepts_brotli(&with("gzip, br;q=0")));
        assert!(!accepts_brotli(&with("gzip, brown")));
        assert!(!accepts_brotli(&HeaderMap::new()));
    }
}
