//! Server-sent events, read from an open `fetch`: unlike `EventSource`, that sends the token in a header.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Uint8Array;
use replica::StreamId;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::AbortController;

use super::NetError;
use super::fetch::{self, Call};
use crate::device::web;

/// The server says something every 20 s; a line on which nothing came for so long is gone, in milliseconds.
const SILENCE: u32 = 50_000;

/// Ends the line when nobody waits for it any more.
struct Open(AbortController);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Calls back when the line stands, and then at every event with its stream, until the line ends.
pub(super) async fn listen(token: &str, on_event: impl Fn(Option<StreamId>)) -> Result<(), NetError> {
    let open = Open(AbortController::new().map_err(|_| NetError::Offline)?);
    let limit = || {
        let controller = open.0.clone();
        Timeout::new(SILENCE, move || controller.abort())
    };
    let silence = Rc::new(RefCell::new(limit()));
    let call = Call::get("/api/v1/events", SILENCE);
    let response = fetch::open(&call, Some(token), &open.0).await.map_err(|_| NetError::Offline)?;
    if !response.ok() {
        let answer = fetch::read(&response).await.map_err(|_| NetError::Offline)?;
        return answer.or_problem().map(drop);
    }
    let Some(body) = response.body() else { return Err(NetError::Offline) };
    on_event(None);
    let mut lines = String::new();
    let end = drain(&body, |text| {
        drop(silence.replace(limit()));
        lines.push_str(text);
        while let Some(end) = lines.find('\n') {
            let line: String = lines.drain(..=end).collect();
            if let Some(stream) = line.strip_prefix("data: ") {
                on_event(stream.trim().parse().ok());
            }
        }
    });
    // How a line ends is all the same: another one is opened.
    let _ = end.await;
    Ok(())
}

async fn drain(body: &JsValue, mut on_text: impl FnMut(&str)) -> Result<(), JsValue> {
    let reader = web::call(body, "getReader", &[])?;
    loop {
        let step = web::settled(&web::call(&reader, "read", &[])?).await?;
        let Some(bytes) = web::property(&step, "value") else { return Ok(()) };
        on_text(&String::from_utf8_lossy(&bytes.unchecked_into::<Uint8Array>().to_vec()));
    }
}
