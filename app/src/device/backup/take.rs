//! Taking in a backup of another phone: what its writers signed and may be known here, once.

use std::collections::BTreeSet;

use replica::api::Home;
use replica::backup::{Backup, BackupError, Photo, Signed};
use replica::{DeviceId, Genesis, RecordId};

use crate::device::photo::hash_of;
use crate::device::store::{NewPhoto, Store, StoreError};

/// Why a backup was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TakeError {
    /// The file is none, or not whole.
    #[error(transparent)]
    File(#[from] BackupError),
    /// The device could not keep it; what was kept before stays, and is known when it is taken in again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Changes that were not here.
    pub new: u32,
    /// Changes that were.
    pub known: u32,
    /// Photos that were not here.
    pub photos: u32,
    /// Unfinished entries to go on with.
    pub typed: u32,
    /// Changes and photos that were not taken: by devices that are not known here, or of another office.
    pub refused: u32,
    /// The records that it all belongs to.
    pub records: BTreeSet<RecordId>,
}

/// Takes in a backup. Doing it again changes nothing.
///
/// # Errors
/// [`TakeError`].
pub async fn take_in(store: &Store, home: &Home, bytes: &[u8]) -> Result<Taken, TakeError> {
    let backup = Backup::parse(bytes)?;
    let mut taken = Taken::default();
    let known: BTreeSet<DeviceId> = home.devices.iter().map(|known| known.device).collect();
    let ours = |genesis: &Genesis| genesis.is_sound() && home.streams.contains(&genesis.stream());
    for signed in &backup.batches {
        let count = u32::try_from(signed.request.items.len()).unwrap_or(u32::MAX);
        let may =
            known.contains(&signed.request.attestation.device) && signed.request.geneses.iter().all(ours);
        match signed.check() {
            Ok(changes) if may => {
                let carried = store.carry(&name_of(signed), signed, &changes).await?;
                taken.new += carried.new;
                taken.known += carried.known;
                taken.records.extend(carried.records);
            }
            _ => taken.refused += count,
        }
    }
    for photo in &backup.photos {
        if ours(&photo.genesis) {
            let new = keep_photo(store, photo).await?;
            taken.photos += u32::from(new);
            taken.records.insert(photo.genesis.record_id());
        } else {
            taken.refused += 1;
        }
    }
    for typed in backup.typed.iter().filter(|typed| ours(&typed.genesis)) {
        if store.take_in_typed(typed).await? {
            taken.typed += 1;
            taken.records.insert(typed.genesis.record_id());
        }
    }
    Ok(taken)
}

fn name_of(signed: &Signed) -> String {
    hash_of(&signed.request.to_cbor()).to_string()
}

/// Whether the photo was not here.
async fn keep_photo(store: &Store, photo: &Photo<'_>) -> Result<bool, StoreError> {
    let hash = hash_of(photo.bytes);
    if store.photo(hash).await?.is_some() {
        return Ok(false);
    }
    let record = store.create_record(&photo.genesis).await?.id;
    let (path, mime) = (photo.path.clone(), photo.mime.clone());
    let new = NewPhoto { hash, record, path, mime, bytes: photo.bytes.to_vec(), from_server: false };
    store.photo_add(&new).await.map(|_| true)
}
