//! Photos: kept by content hash, sent apart from the answers, in parts.

use replica::mutation::{Rule, is_off};
use replica::{ContentHash, RecordId};

use crate::database::{From, Keys};
use crate::error::StoreError;
use crate::records::{Listing, row};
use crate::rows::{PhotoBytesRow, PhotoRow, PhotoState};
use crate::schema::{BY_RECORD, BY_WAITING, PHOTO_BYTES, PHOTOS, RECORDS};
use crate::store::Store;
use crate::table;

/// Why a photo is refused of which no bytes are left.
pub const MISSING: &str = "missing";

/// A photo to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPhoto {
    /// SHA-256 of the bytes.
    pub hash: ContentHash,
    /// The record it belongs to.
    pub record: RecordId,
    /// The question it answers.
    pub path: String,
    /// Such as `image/jpeg`.
    pub mime: String,
    /// The picture.
    pub bytes: Vec<u8>,
    /// Whether it came from the server; one taken here waits to be sent.
    pub from_server: bool,
}

impl PhotoRow {
    /// Turns to the next record that it answers in, where there is one: the server has its bytes, and learns of the record.
    fn goes_on(&mut self, now: u64) {
        if let Some(record) = self.also.pop() {
            self.record = record;
            self.state = PhotoState::Waiting;
            self.sent = 0;
            self.waiting = Some(now);
        }
    }
}

impl Store {
    /// Keeps a photo; one that is there stays as it is. Where it is another record's, it is sent for this one, too.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRecord`], [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn photo_add(&self, photo: &NewPhoto) -> Result<PhotoRow, StoreError> {
        self.write(&[PHOTOS, PHOTO_BYTES, RECORDS], async |tx| {
            let there: Option<PhotoRow> = table::get(tx, From::Store(PHOTOS), table::key(photo.hash)).await?;
            if let Some(mut there) = there {
                let is_known = there.record == photo.record || there.also.contains(&photo.record);
                if !is_known && !photo.from_server {
                    there.also.push(photo.record);
                    if there.waiting.is_none() {
                        there.goes_on(tx.now());
                    }
                    table::put(tx, there.clone()).await?;
                    let mut row = row(tx, photo.record).await?;
                    row.photos_unsent += 1;
                    table::put(tx, row).await?;
                }
                return Ok(there);
            }
            let length = u32::try_from(photo.bytes.len())
                .map_err(|_| StoreError::Failed("a photo of more than 4 GB".to_owned()))?;
            let now = tx.now();
            let kept = PhotoRow {
                hash: photo.hash,
                record: photo.record,
                path: photo.path.clone(),
                mime: photo.mime.clone(),
                length,
                sent: if photo.from_server { length } else { 0 },
                state: if photo.from_server { PhotoState::Sent } else { PhotoState::Waiting },
                waiting: (!photo.from_server).then_some(now),
                also: Vec::new(),
            };
            table::put(tx, kept.clone()).await?;
            let bytes = PhotoBytesRow { hash: photo.hash, bytes: photo.bytes.clone() };
            table::put(tx, bytes).await?;
            let mut row = row(tx, photo.record).await?;
            row.photos_unsent += u32::from(!photo.from_server);
            row.updated_at = now;
            table::put(tx, row).await?;
            Ok(kept)
        })
        .await
    }

    /// What is known of a photo, where it is here.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Lost`].
    pub async fn photo(&self, hash: ContentHash) -> Result<Option<PhotoRow>, StoreError> {
        self.read(&[PHOTOS], async |tx| table::get(tx, From::Store(PHOTOS), table::key(hash)).await).await
    }

    /// The photo itself, where it is here.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Lost`].
    pub async fn photo_bytes(&self, hash: ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(&[PHOTO_BYTES], async |tx| {
            let row: Option<PhotoBytesRow> =
                table::get(tx, From::Store(PHOTO_BYTES), table::key(hash)).await?;
            Ok(row.map(|row| row.bytes))
        })
        .await
    }

    /// The photos of a record.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn photos_of(&self, record: RecordId) -> Result<Listing<PhotoRow>, StoreError> {
        self.read(&[PHOTOS], async |tx| {
            let from = From::Index(PHOTOS, BY_RECORD);
            Ok(Listing::of(table::all(tx, from, table::key(record), u32::MAX).await?))
        })
        .await
    }

    /// The photos that wait, the oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn photos_waiting(&self, limit: u32) -> Result<Listing<PhotoRow>, StoreError> {
        self.read(&[PHOTOS], async |tx| {
            Ok(Listing::of(table::all(tx, From::Index(PHOTOS, BY_WAITING), Keys::All, limit).await?))
        })
        .await
    }

    /// How many photos wait.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn photos_waiting_len(&self) -> Result<u32, StoreError> {
        self.read(&[PHOTOS], async |tx| table::count(tx, From::Index(PHOTOS, BY_WAITING), Keys::All).await)
            .await
    }

    /// Notes how many of a photo's bytes are on the server; all of them make it sent.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn photo_progress(&self, hash: ContentHash, sent: u32) -> Result<(), StoreError> {
        self.photo_state(hash, &|photo| {
            photo.sent = sent.min(photo.length);
            photo.state = match photo.sent {
                0 => PhotoState::Waiting,
                sent if sent < photo.length && !is_off(Rule::PhotoWhole) => PhotoState::Partly,
                _ => PhotoState::Sent,
            };
        })
        .await
    }

    /// Notes that the server does not want a photo; it stays on this device, in backups, and is offered again later.
    ///
    /// # Errors
    /// [`StoreError::Lost`].
    pub async fn photo_refused(&self, hash: ContentHash, code: &str) -> Result<(), StoreError> {
        self.photo_state(hash, &|photo| photo.state = PhotoState::Refused(code.to_owned())).await
    }

    async fn photo_state(
        &self,
        hash: ContentHash,
        change: &impl Fn(&mut PhotoRow),
    ) -> Result<(), StoreError> {
        self.write(&[PHOTOS, RECORDS], async |tx| {
            let photo: Option<PhotoRow> = table::get(tx, From::Store(PHOTOS), table::key(hash)).await?;
            let Some(mut photo) = photo else { return Ok(()) };
            let (waited, record) = (photo.waiting.is_some(), photo.record);
            change(&mut photo);
            let is_gone = matches!(&photo.state, PhotoState::Refused(why) if why == MISSING);
            if photo.state == PhotoState::Sent || is_gone {
                photo.waiting = None;
            }
            let is_sent = photo.state == PhotoState::Sent;
            if is_sent {
                photo.goes_on(tx.now());
            }
            table::put(tx, photo).await?;
            if waited && is_sent {
                // Where the index row cannot be read it is reckoned anew, and holds up no photo.
                if let Some(mut row) = table::readable(row(tx, record).await.map(Some))? {
                    row.photos_unsent = row.photos_unsent.saturating_sub(1);
                    table::put(tx, row).await?;
                }
            }
            Ok(())
        })
        .await
    }
}
