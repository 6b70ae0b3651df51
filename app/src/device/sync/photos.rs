//! Sending photos, in parts, from where the server has them; one that it refuses holds up no other.

use replica::sync::{Next, Parts, Sending, SyncFault};

use super::Inner;
use crate::device::net::NetError;
use crate::device::store::{MISSING, PhotoRow, PhotoState, StoreError};
use crate::device::tabs::News;

enum Stop {
    Net(NetError),
    Store(StoreError),
}

/// Sends every photo that waits.
pub(super) async fn send(inner: &Inner) -> Result<(), SyncFault> {
    let waiting = inner.store.photos_waiting(u32::MAX).await.map_err(|error| {
        inner.store_failed(&error);
        SyncFault::Store
    })?;
    for photo in &waiting.rows {
        // What was refused is offered once each time the app is opened: it may have been somebody in between.
        if matches!(photo.state, PhotoState::Refused(_))
            && inner.refused_photos.borrow().contains(&photo.hash)
        {
            continue;
        }
        match send_one(inner, photo).await {
            Ok(true) => inner.change_report(|report| report.photos_sent += 1),
            // The record is not on the server yet; it comes with a later round.
            Ok(false) => {}
            Err(Stop::Net(error)) => {
                inner.shape_parts(Parts::failed);
                inner.net_failed(&error);
                return Err(error.fault());
            }
            Err(Stop::Store(error)) => {
                inner.store_failed(&error);
                return Err(SyncFault::Store);
            }
        }
        inner.recount().await;
        inner.tabs.tell(&News::Record { record: photo.record });
    }
    Ok(())
}

/// Sends one photo; false where its turn has not come.
async fn send_one(inner: &Inner, photo: &PhotoRow) -> Result<bool, Stop> {
    let store = &inner.store;
    let bytes = store.photo_bytes(photo.hash).await.or_else(StoreError::or_none);
    let Some(bytes) = bytes.map_err(Stop::Store)? else {
        inner.corrupt_rows();
        store.photo_refused(photo.hash, MISSING).await.map_err(Stop::Store)?;
        return Ok(false);
    };
    let held = inner.net.photo_held(photo.hash).await.map_err(Stop::Net)?;
    let mut sending = Sending::new(photo.length, held);
    loop {
        let begins = usize::try_from(sending.held()).unwrap_or(usize::MAX).min(bytes.len());
        let part =
            bytes.get(begins..(begins + inner.parts.get().size()).min(bytes.len())).unwrap_or_default();
        // One that is there whole is sent as an empty part all the same, so that it belongs to this record.
        let sent = inner.net.photo_part(photo.hash, photo.record, photo.length, sending.held(), part).await;
        let (next, code) = match sent {
            Ok(now_held) => {
                inner.shape_parts(Parts::went);
                (sending.holds(now_held), String::new())
            }
            Err(NetError::Refused { status, code, .. }) if status != 401 => (sending.refused(&code), code),
            Err(error) => return Err(Stop::Net(error)),
        };
        match next {
            Next::Part => store.photo_progress(photo.hash, sending.held()).await.map_err(Stop::Store)?,
            Next::Whole => {
                store.photo_progress(photo.hash, photo.length).await.map_err(Stop::Store)?;
                return Ok(true);
            }
            Next::Later => return Ok(false),
            Next::Refused => {
                inner.refused_photos.borrow_mut().push(photo.hash);
                store.photo_refused(photo.hash, &code).await.map_err(Stop::Store)?;
                return Ok(false);
            }
            Next::Stuck => {
                return Err(Stop::Net(NetError::Server {
                    status: 200,
                    message: "the photo does not grow".to_owned(),
                    retry_after: None,
                }));
            }
        }
    }
}
