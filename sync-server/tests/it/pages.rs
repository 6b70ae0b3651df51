//! The app's files and the headers that every answer carries.

use super::client::{agent, read};
use super::server::TestServer;

#[test]
fn every_answer_carries_strict_headers() {
    let server = TestServer::start();
    for path in ["/", "/healthz", "/missing.js", "/kiosk"] {
        let answer = read(agent().get(server.url(path)).call().unwrap());
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'self'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "img-src 'self' blob: data:",
        ] {
            assert!(policy.contains(part), "{path}: {part}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=(self)"), "{path}");
    }
}

#[test]
fn an_answer_to_a_call_is_no_page_whatever_a_browser_makes_of_it() {
    let server = TestServer::start();
    for path in ["/api/v1/home", "/api/v1/nothing"] {
        let answer = read(agent().get(server.url(path)).call().unwrap());
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[test]
fn the_apps_own_addresses_give_its_page_and_files_that_are_missing_do_not() {
    let server = TestServer::start();
    let page = read(agent().get(server.url("/")).call().unwrap());
    assert_eq!((page.status, page.header("cache-control")), (200, "no-cache"));
    for path in ["/kiosk", "/visit/abc", "/enrol?code=7K3M-9QXT"] {
        let answer = read(agent().get(server.url(path)).call().unwrap());
        assert_eq!(answer.body, page.body, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"));
    }
    assert_eq!(
        read(agent().get(server.url("/a-0123456789abcdef.js")).call().unwrap()).problem(),
        "not-found"
    );
    assert_eq!(read(agent().get(server.url("/../Cargo.toml")).call().unwrap()).status, 404);
    assert_eq!(read(agent().get(server.url("/..%2fCargo.toml")).call().unwrap()).status, 404);
    let known = agent().get(server.url("/")).header("if-none-match", page.header("etag")).call().unwrap();
    assert_eq!(known.status(), 304);
}

#[test]
fn the_server_says_that_it_is_there() {
    let server = TestServer::start();
    let answer = read(agent().get(server.url("/healthz")).call().unwrap());
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"{\"ok\":true}".as_slice()));
}
