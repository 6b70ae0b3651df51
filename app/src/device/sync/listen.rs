//! Hearing from the server that there is more, while the app is in front and on line.
//!
//! Where that does not work, nothing is lost: the engine asks by itself now and then.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{AbortHandle, abortable, select};
use gloo_timers::future::TimeoutFuture;
use replica::api::Role;
use replica::sync::Event;
use wasm_bindgen_futures::spawn_local;
use web_sys::VisibilityState;

use super::{Inner, online};
use crate::device::net::NetError;
use crate::device::web;

/// The first wait before another line is opened, in milliseconds; it doubles with each that fails.
const FIRST: u32 = 1_000;
/// The longest wait.
const MOST: u32 = 120_000;

/// Listens until it is dropped.
#[must_use]
pub(super) struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins to listen, where the role has anything to hear.
pub(super) fn begin(inner: &Rc<Inner>, role: Role) -> Option<Listening> {
    if !role.pulls() {
        return None;
    }
    let (listening, stop) = abortable(listen(Rc::clone(inner)));
    spawn_local(async move {
        // It ends in no other way than by being dropped.
        let _ = listening.await;
    });
    Some(Listening(stop))
}

async fn listen(inner: Rc<Inner>) {
    let mut wait = FIRST;
    loop {
        let stood = Cell::new(false);
        if online() && is_seen() {
            let heard = inner.net.listen(|stream| {
                stood.set(true);
                inner.tell(stream.map_or(Event::Visible, Event::More));
            });
            if let Err(NetError::Server { retry_after: Some(seconds), .. }) = heard.await {
                wait = wait.max(seconds.saturating_mul(1_000));
            }
        }
        wait = if stood.get() { FIRST } else { wait.min(MOST) };
        let (sooner, asked) = oneshot::channel();
        inner.listen_now.replace(Some(sooner));
        select(TimeoutFuture::new(spread(wait)), asked).await;
        wait = wait.saturating_mul(2);
    }
}

/// Between half of it and all of it, so that devices do not come all at once.
fn spread(wait: u32) -> u32 {
    let random = web::random().map_or(0, u32::from_le_bytes);
    wait / 2 + random % (wait / 2 + 1)
}

fn is_seen() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_none_or(|document| document.visibility_state() == VisibilityState::Visible)
}
