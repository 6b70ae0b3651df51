//! One HTTP call with a time limit.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use replica::api::ProblemBody;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{AbortController, Headers, Request, RequestCache, RequestCredentials, RequestInit, Response};

use super::{NetError, gzip};
use crate::device::web;

/// Most bytes of an answer that are read: a whole pull and then some.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Vec<u8>>,
    /// Whether the body goes uncompressed, since it cannot become smaller.
    pub(super) as_it_is: bool,
    /// In milliseconds.
    pub(super) timeout: u32,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Headers,
    pub(super) body: Vec<u8>,
}

impl Call {
    pub(super) fn get(path: impl Into<String>, timeout: u32) -> Self {
        let (headers, body) = (Vec::new(), None);
        Self { method: "GET", path: path.into(), headers, body, as_it_is: false, timeout }
    }

    pub(super) fn post(path: impl Into<String>, timeout: u32) -> Self {
        Self { method: "POST", ..Self::get(path, timeout) }
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn body(self, media_type: &'static str, body: Vec<u8>) -> Self {
        Self { body: Some(body), ..self }.header("Content-Type", media_type)
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, NetError> {
        serde_json::from_slice(&self.body).map_err(NetError::garbled)
    }

    /// The answer, where it is not one of the server's problems.
    pub(super) fn or_problem(self) -> Result<Self, NetError> {
        let status = self.status;
        if (200..300).contains(&status) || status == 304 {
            return Ok(self);
        }
        let problem = self.json::<ProblemBody>().map(|body| body.error).ok();
        let message = problem.as_ref().map(|problem| problem.message.clone()).unwrap_or_default();
        // A refusal is Loket's own only where it says so in Loket's words; a gateway in between may answer anything, and
        // what it does not want goes through another time. To `HEAD` nothing can be said.
        let own = problem.is_some() || status == 413 || self.body.is_empty();
        if own && (400..500).contains(&status) && status != 429 && status != 408 {
            let code = problem.map_or_else(|| status.to_string(), |problem| problem.code);
            return Err(NetError::Refused { status, code, message });
        }
        let retry_after = self.header("Retry-After").and_then(|text| text.parse().ok());
        Err(NetError::Server { status, message, retry_after })
    }
}

/// Sends a call and reads the whole answer, all within its time limit.
pub(super) async fn send(call: &Call, token: Option<&str>) -> Result<Answer, NetError> {
    let controller = AbortController::new().map_err(|_| NetError::Offline)?;
    let late = Rc::new(Cell::new(false));
    let _limit = {
        let (controller, late) = (controller.clone(), Rc::clone(&late));
        Timeout::new(call.timeout, move || {
            late.set(true);
            controller.abort();
        })
    };
    let sent = exchange(call, token, &controller).await;
    // Why a connection failed is not told to pages.
    sent.map_err(|_| if late.get() { NetError::Timeout } else { NetError::Offline })
}

async fn exchange(call: &Call, token: Option<&str>, controller: &AbortController) -> Result<Answer, JsValue> {
    read(&open(call, token, controller).await?).await
}

/// Sends a call; the answer's body is still to be read.
pub(super) async fn open(
    call: &Call,
    token: Option<&str>,
    controller: &AbortController,
) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &call.headers {
        headers.set(name, value)?;
    }
    if let Some(token) = token {
        headers.set("Authorization", &format!("Bearer {token}"))?;
    }
    let options = RequestInit::new();
    options.set_method(call.method);
    options.set_cache(RequestCache::NoStore);
    options.set_credentials(RequestCredentials::Omit);
    options.set_signal(Some(&controller.signal()));
    if let Some(body) = &call.body {
        let smaller = if call.as_it_is { None } else { gzip::compress(body).await };
        if smaller.is_some() {
            headers.set("Content-Encoding", "gzip")?;
        }
        let body = smaller.unwrap_or_else(|| js_sys::Uint8Array::from(body.as_slice()));
        options.set_body(&body);
    }
    options.set_headers(&headers);
    let request = Request::new_with_str_and_init(&call.path, &options)?;
    let window = web_sys::window().ok_or("no window")?;
    web::settled(&window.fetch_with_request(&request)).await?.dyn_into()
}

/// Reads the whole of an answer.
pub(super) async fn read(response: &Response) -> Result<Answer, JsValue> {
    let buffer = web::settled(&JsValue::from(response.array_buffer()?)).await?;
    let bytes = js_sys::Uint8Array::new(&buffer);
    if usize::try_from(bytes.length()).map_or(true, |length| length > MOST_BYTES) {
        return Err("the answer is too long".into());
    }
    Ok(Answer { status: response.status(), headers: response.headers(), body: bytes.to_vec() })
}
