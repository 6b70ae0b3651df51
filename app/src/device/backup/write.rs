//! Writing a backup: all that is nowhere but here, signed as it would have been sent.

use replica::PublicKey;
use replica::attestation::DeviceKey;
use replica::backup::{Photo, Writer};
use replica::sync::{self, OutboxItem};
use replica::wire::{MAX_BATCH_BYTES, MAX_BATCH_CHANGES, PushRequest};
use replica::{DeviceId, Envelope, Epoch, Limits};

use super::Pieces;
use crate::device::clock;
use crate::device::store::{CarriedRow, Store, StoreError};

/// A backup, and what is in it.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The file.
    pub pieces: Pieces,
    /// Changes.
    pub changes: usize,
    /// Photos.
    pub photos: usize,
    /// What was typed and is not a change yet.
    pub typed: usize,
    /// Rows that are damaged and not in it.
    pub left_out: usize,
}

impl Written {
    /// Whether there was nothing to write.
    pub fn is_empty(&self) -> bool {
        self.changes == 0 && self.photos == 0 && self.typed == 0
    }
}

/// Writes all that is on this device and not on the server.
///
/// # Errors
/// [`StoreError::Lost`] mostly.
pub async fn write(store: &Store, key: &DeviceKey) -> Result<Written, StoreError> {
    let mut unsent = store.unsent().await?;
    let mut written = Written { left_out: unsent.corrupt.len(), ..Written::default() };
    let own = key.device();
    let before = unsent.changes.len();
    // What was refused may be no sound change, and would spoil the batch that it stands in.
    unsent.changes.retain(|change| is_own(change, own));
    written.left_out += before - unsent.changes.len();
    let mut batches = batches(&unsent.changes, key);
    for carried in &unsent.carried {
        match PushRequest::from_cbor(&carried.bytes) {
            Ok(request) => batches.push((carried.key, request)),
            Err(_) => written.left_out += 1,
        }
    }
    written.changes = batches.iter().map(|(_, request)| request.items.len()).sum();
    let (mut writer, head) = Writer::begin(clock::unix_seconds(), &batches);
    written.pieces.add(&head);
    for (genesis, photo) in unsent.photos {
        // One at a time, so that they need not all be in memory.
        let Ok(Some(bytes)) = store.photo_bytes(photo.hash).await else {
            written.left_out += 1;
            continue;
        };
        let piece = Photo { genesis, path: photo.path, mime: photo.mime, bytes: &bytes };
        written.pieces.add(&writer.photo(&piece));
        written.photos += 1;
    }
    written.typed = unsent.typed.len();
    written.pieces.add(&writer.end(&unsent.typed));
    Ok(written)
}

/// Writes a batch out of another phone's backup as a backup of its own; nothing where it cannot be read.
pub fn write_carried(batch: &CarriedRow) -> Pieces {
    let pieces = Pieces::default();
    if let Ok(request) = PushRequest::from_cbor(&batch.bytes) {
        let (writer, head) = Writer::begin(clock::unix_seconds(), &[(batch.key, request)]);
        pieces.add(&head);
        pieces.add(&writer.end(&[]));
    }
    pieces
}

fn is_own(change: &OutboxItem, own: DeviceId) -> bool {
    Envelope::parse(&change.bytes, &Limits::STANDARD).is_ok_and(|envelope| envelope.actor.device() == own)
}

/// The changes in signed batches, each no larger than a server takes at once.
fn batches(changes: &[OutboxItem], key: &DeviceKey) -> Vec<(PublicKey, PushRequest)> {
    let mut parts: Vec<Vec<OutboxItem>> = Vec::new();
    let mut room = 0;
    for change in changes {
        let full = parts.last().is_none_or(|part| part.len() >= MAX_BATCH_CHANGES);
        if full || change.bytes.len() > room {
            parts.push(Vec::new());
            room = MAX_BATCH_BYTES / 2;
        }
        room = room.saturating_sub(change.bytes.len());
        if let Some(part) = parts.last_mut() {
            part.push(change.clone());
        }
    }
    // The epoch says what the device knew of the server when it sent; here it did not send.
    let signed = |part: Vec<OutboxItem>| sync::batch(&part, key, Epoch::new([0; 16]), clock::unix_seconds());
    parts.into_iter().map(|part| (key.public(), signed(part))).collect()
}
