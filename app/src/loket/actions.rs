//! What pages ask the device and the server to do.

use std::collections::BTreeSet;

use leptos::prelude::*;
use replica::api::{Aside, ClashOption, CodeReply, CodeRequest, Coverage, OpenClash, Role};
use replica::{AnswerPath, ClashKey, ContentHash, Edit, Genesis, RecordId, RecordKind, UnitId};
use survey::session::Form;

use super::Loket;
use crate::device::desk::Desk;
use crate::device::net::NetError;
use crate::device::store::space::{self, Space};
use crate::device::store::{CarriedRow, NewPhoto, RefusedRow, StoreError};
use crate::device::tabs::News;
use crate::device::{backup, forms, photo, update, web};

/// Why the server did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetFault {
    /// This device may not ask that.
    Denied,
    /// No network, or the server cannot answer now.
    Offline,
}

/// A photo could not be read or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhotoFault;

/// Something that the server refused.
#[derive(Debug, Clone)]
pub enum Refused {
    /// A change of this device.
    Own(RefusedRow),
    /// A batch out of another phone's backup.
    Carried(CarriedRow),
}

impl Refused {
    /// Its name.
    pub fn id(&self) -> String {
        match self {
            Self::Own(change) => change.hash.to_string(),
            Self::Carried(batch) => batch.id.clone(),
        }
    }
}

/// A clash with its question and values in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenClash {
    /// The question's label.
    pub question: String,
    /// The values' labels.
    pub options: Vec<ClashOption>,
}

impl Loket {
    /// What a visit to the unit in the round in force starts from.
    pub(super) fn visit_genesis(self, unit: &UnitId) -> Option<Genesis> {
        self.genesis(RecordKind::Visit, unit, None)
    }

    /// What one more interview at the unit starts from.
    pub fn new_interview(self, unit: &UnitId) -> Option<Genesis> {
        self.genesis(RecordKind::Interview, unit, Some(web::random().ok()?))
    }

    fn genesis(self, kind: RecordKind, unit: &UnitId, nonce: Option<[u8; 16]>) -> Option<Genesis> {
        self.home.with(|home| {
            let home = home.as_ref()?;
            let office = home.units.iter().find(|known| known.id == *unit)?.office.clone();
            let instrument = match kind {
                RecordKind::Visit => home.instruments.visit,
                RecordKind::Interview => home.instruments.interview,
            };
            Some(Genesis { kind, office, round: home.round.clone(), unit: unit.clone(), instrument, nonce })
        })
    }

    /// Finds the unit's visit or begins it.
    pub async fn open_visit(self, unit: &UnitId) -> Option<RecordId> {
        self.create(self.visit_genesis(unit)?).await
    }

    /// Begins an interview.
    pub async fn start_interview(self, unit: &UnitId) -> Option<RecordId> {
        self.create(self.new_interview(unit)?).await
    }

    async fn create(self, genesis: Genesis) -> Option<RecordId> {
        self.form(genesis.instrument).await?;
        let device = self.device()?;
        let row = self.kept(device.store.create_record(&genesis).await)?;
        device.tabs.tell(&News::Record { record: row.id });
        Some(row.id)
    }

    /// What was kept; where it was not, pages say whether room is lacking.
    fn kept<T>(self, kept: Result<T, StoreError>) -> Option<T> {
        self.no_room.set(matches!(kept, Err(StoreError::Full)));
        kept.ok()
    }

    /// A record opened for writing.
    pub async fn desk(self, id: RecordId) -> Option<Desk> {
        let device = self.device()?;
        let identity = self.identity.get_untracked()?;
        Desk::open(device.store.clone(), device.tabs.clone(), identity.device, id).await.ok()
    }

    /// The form of an instrument that is on the device.
    pub async fn form(self, hash: ContentHash) -> Option<Form> {
        forms::form(&self.device()?.store, hash).await
    }

    /// A person asks for a sync now.
    pub fn sync_now(self) {
        if let Some(device) = self.device() {
            device.tabs.tell(&News::SyncNow);
        }
    }

    /// Keeps a file that answers a question; its name is its hash.
    ///
    /// # Errors
    /// [`PhotoFault`].
    pub async fn keep_file(
        self,
        record: RecordId,
        key: AnswerPath,
        file: photo::Photo,
        mime: &str,
    ) -> Result<ContentHash, PhotoFault> {
        let device = self.device().ok_or(PhotoFault)?;
        let new = NewPhoto {
            hash: file.hash,
            record,
            path: key.into(),
            mime: mime.to_owned(),
            bytes: file.bytes,
            from_server: false,
        };
        self.kept(device.store.photo_add(&new).await).ok_or(PhotoFault)?;
        device.tabs.tell(&News::Outbox);
        Ok(new.hash)
    }

    /// An address to show a file by: from this device, else from the server. What it is, browsers see by its content.
    pub async fn file_url(self, hash: ContentHash) -> Option<String> {
        let device = self.device()?;
        if let Ok(Some(bytes)) = device.store.photo_bytes(hash).await {
            let mime = device.store.photo(hash).await.ok().flatten().map(|row| row.mime);
            return photo::url_of(&bytes, mime.as_deref().unwrap_or(photo::MIME));
        }
        let bytes = device.sync.fetch_photo(hash).await.ok()?;
        photo::url_of(&bytes, "")
    }

    /// Keeps a finished interview as one change.
    ///
    /// # Errors
    /// Where the device cannot keep it.
    pub async fn keep_interview(self, genesis: &Genesis, edits: &[Edit]) -> Result<(), StoreError> {
        let failed = || StoreError::Failed("the device is not open".to_owned());
        let device = self.device().ok_or_else(failed)?;
        let identity = self.identity.get_untracked().ok_or_else(failed)?;
        Desk::keep_whole(&device.store, &device.tabs, identity.device, genesis, edits).await
    }

    /// How far the round has come, from the server.
    ///
    /// # Errors
    /// [`NetFault`].
    pub async fn coverage(self) -> Result<Coverage, NetFault> {
        let device = self.device().ok_or(NetFault::Offline)?;
        device.sync.coverage().await.map_err(|error| fault(&error))
    }

    /// What the server could not apply.
    ///
    /// # Errors
    /// [`NetFault`].
    pub async fn aside(self) -> Result<Aside, NetFault> {
        let device = self.device().ok_or(NetFault::Offline)?;
        device.sync.aside().await.map_err(|error| fault(&error))
    }

    /// A page of results, from the server.
    ///
    /// # Errors
    /// [`NetFault`].
    pub async fn results(self, query: &str) -> Result<String, NetFault> {
        let device = self.device().ok_or(NetFault::Offline)?;
        device.sync.results(query).await.map_err(|error| fault(&error))
    }

    /// Sends an approval as a page of results holds it; how many records were approved.
    ///
    /// # Errors
    /// [`NetFault`].
    pub async fn approve(self, request: String) -> Result<usize, NetFault> {
        let device = self.device().ok_or(NetFault::Offline)?;
        let reply = device.sync.approve(request).await.map_err(|error| fault(&error))?;
        Ok(reply.approved)
    }

    /// Saves a file of a release on this device.
    ///
    /// # Errors
    /// [`NetFault`].
    pub async fn save_release_file(self, address: &str, name: &str) -> Result<(), NetFault> {
        let device = self.device().ok_or(NetFault::Offline)?;
        let bytes = device.sync.release_file(address).await.map_err(|error| fault(&error))?;
        // A browser that takes no file says so itself.
        backup::save_file(name, &bytes);
        Ok(())
    }

    /// A clash in words, from its instrument.
    pub async fn speak_clash(self, clash: &OpenClash, language: &str) -> Option<SpokenClash> {
        let form = self.form(clash.instrument).await?;
        let instrument = form.instrument();
        let ClashKey::Answer(key) = &clash.key else { return None };
        let node = instrument.node(form.keys().node(key.as_str())?)?;
        let language = instrument.language(language);
        let options = clash.options.iter().map(|option| ClashOption {
            value: instrument.in_words(Some(node), &option.value, language),
            ..option.clone()
        });
        Some(SpokenClash {
            question: node.label.in_language(language).to_owned(),
            options: options.collect(),
        })
    }

    /// A new enrolment code.
    ///
    /// # Errors
    /// [`NetFault`].
    pub async fn make_code(self, role: Role, person: &str) -> Result<CodeReply, NetFault> {
        let device = self.device().ok_or(NetFault::Offline)?;
        let request = CodeRequest { role, person: person.to_owned(), office: None, unit: None };
        device.sync.make_code(&request).await.map_err(|error| fault(&error))
    }

    /// Offers all that was refused to the server once more.
    pub async fn send_refused_again(self) {
        let Some(device) = self.device() else { return };
        device.tell(&device.store.refused_again().await.unwrap_or_default());
        device.tabs.tell(&News::SyncNow);
    }

    /// Drops something that was refused from this device.
    pub async fn drop_refused(self, refused: &Refused) {
        let Some(device) = self.device() else { return };
        let mut records = BTreeSet::new();
        match refused {
            Refused::Own(change) => {
                records.insert(change.record);
                drop(device.store.refused_drop(change.hash).await);
            }
            Refused::Carried(batch) => {
                records = device.store.carried_drop(&batch.id).await.unwrap_or_default();
            }
        }
        device.sync.summarise(&records).await;
        device.tell(&records);
    }

    /// Saves something that was refused as a file: a change as it is, a batch as a backup that can be taken in again.
    pub fn save_refused(refused: &Refused) {
        match refused {
            Refused::Own(change) => {
                backup::save_file(&format!("loket-{}.automerge", change.hash), &change.bytes);
            }
            Refused::Carried(batch) => {
                backup::save(&format!("loket-{}.cbor", batch.id), &backup::write_carried(batch));
            }
        }
    }

    /// The room that the browser gives.
    pub async fn storage(self) -> Space {
        space::estimate().await
    }

    /// Asks the browser to keep the data.
    pub async fn ask_to_persist(self) {
        space::persist().await;
    }

    /// Lets a new version of the app take over if no form is open in any tab.
    pub fn take_update() {
        leptos::task::spawn_local(async {
            // Where a form is open the notice stays, and says so.
            update::take_over_if_idle().await;
        });
    }
}

fn fault(error: &NetError) -> NetFault {
    match error {
        NetError::Refused { status: 403, .. } => NetFault::Denied,
        _ => NetFault::Offline,
    }
}
