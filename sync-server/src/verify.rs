//! What is checked of a push before the log sees it: all that needs no look at what is stored.
//!
//! Nothing here builds a document from foreign bytes. A change that fails is refused alone; only
//! a batch that the device did not sign, or that goes on behind its bounds, is refused whole.

use std::collections::HashMap;

use replica::attestation::Attestation;
use replica::envelope::{Envelope, EnvelopeError, Limits};
use replica::mutation::{Rule, is_off};
use replica::wire::{Outcome, PushItem, PushRequest, RefusalCode};
use replica::{ChangeHash, ContentHash, Genesis, OfficeId, ROOT_MAX_OP, RoundId, UnitId};
use thiserror::Error;

use crate::catalogue::Catalogue;
use crate::database::StoreError;
use crate::identity::Device;
use crate::log::{Attested, Batch, BatchChange, BatchRecord, Log, LogError};

/// Why a whole batch is refused.
#[derive(Debug, Error)]
pub enum BatchError {
    /// It names a device that may not write: none that is known, or one that was shut out.
    #[error("the batch is signed by a device that may not send changes")]
    Device,
    /// The signature does not hold for these changes in this order.
    #[error("the signature of the batch does not hold for what is in it")]
    Signature,
    /// The signature does not hold, and a change that went bad may be why: send the others.
    #[error("the signature of the batch does not hold; item {place} cannot be read: {why}")]
    Unreadable {
        /// Its place in the batch, from 0.
        place: usize,
        /// What is wrong.
        why: String,
    },
    /// The store failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Where each outcome of the log belongs among the changes that were sent.
#[derive(Debug)]
pub struct Receipt(Vec<Option<RefusalCode>>);

impl Receipt {
    /// One outcome for each change that was sent, out of those that the log gave.
    pub fn outcomes(&self, from_log: Vec<Outcome>) -> Vec<Outcome> {
        let mut from_log = from_log.into_iter();
        let next = |refused: &Option<RefusalCode>| match refused {
            Some(code) => Outcome::Refused(*code),
            None => from_log.next().unwrap_or(Outcome::Refused(RefusalCode::Unrecognised)),
        };
        self.0.iter().map(next).collect()
    }
}

/// Who stands behind a batch: the device that made and signed it, and the one that hands it in for it, where that is
/// another. A change is taken only under its own writer's signature, and only where both may write in its record.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// Whose changes they are.
    pub writer: &'a Device,
    /// Who brings them; nobody where the writer does, or whoever runs the server.
    pub carrier: Option<&'a Device>,
}

/// Checks a push at `now` (Unix seconds): what goes to the log, and what the log need not see.
///
/// # Errors
/// See [`BatchError`].
pub fn push(
    request: PushRequest,
    sender: Sender<'_>,
    catalogue: &dyn Catalogue,
    log: &dyn Log,
    now: i64,
) -> Result<(Batch, Receipt), BatchError> {
    let PushRequest { attestation, geneses, items } = request;
    let checks: Vec<_> = items.iter().map(|item| Envelope::parse(&item.bytes, &Limits::STANDARD)).collect();
    let device = sender.writer;
    let hashes = check_signature(&attestation, device, &items, &checks)?;
    let mut permission = Permission { sender, catalogue, log, known: HashMap::new() };
    let permitted = geneses.iter().map(|genesis| permission.check(genesis)).collect::<Result<Vec<_>, _>>()?;
    let (mut changes, mut refused) = (Vec::new(), Vec::new());
    for (item, check) in items.into_iter().zip(checks) {
        let record = usize::try_from(item.genesis).unwrap_or(usize::MAX);
        let forbidden = permitted.get(record).copied().unwrap_or(Some(RefusalCode::UnknownRecord));
        match (check, forbidden) {
            (Err(error), _) => refused.push(Some(error.code())),
            (_, Some(code)) => refused.push(Some(code)),
            (Ok(envelope), None) if envelope.actor.device() != device.id && !is_off(Rule::ActorOfDevice) => {
                refused.push(Some(RefusalCode::ActorNotYours));
            }
            (Ok(envelope), None) => {
                refused.push(None);
                changes.push(change_of(envelope, record, item.bytes));
            }
        }
    }
    let Attestation { device, epoch, time, signature } = attestation;
    let attested = Attested { device, epoch, time, signature, hashes };
    let records = geneses.into_iter().map(record_of).collect();
    Ok((Batch { attested, records, changes, received_at: now }, Receipt(refused)))
}

/// The hashes of a batch in order, where the device signed for them.
fn check_signature(
    attestation: &Attestation,
    device: &Device,
    items: &[PushItem],
    checks: &[Result<Envelope, EnvelopeError>],
) -> Result<Vec<ChangeHash>, BatchError> {
    if attestation.device != device.id || device.revoked || !device.role.pushes() {
        return Err(BatchError::Device);
    }
    let hash = |(item, check): (&PushItem, &Result<Envelope, EnvelopeError>)| match check {
        Ok(envelope) => envelope.hash,
        Err(_) => hash_of_unreadable(&item.bytes),
    };
    let hashes: Vec<ChangeHash> = items.iter().zip(checks).map(hash).collect();
    if attestation.verify(&device.public_key, &hashes).is_ok() {
        return Ok(hashes);
    }
    // A change that went bad on the device has lost the hash that was signed: name it, so that
    // the device can leave it out and the others pass.
    let unreadable =
        checks.iter().enumerate().find_map(|(place, check)| Some((place, check.as_ref().err()?)));
    Err(unreadable.map_or(BatchError::Signature, |(place, error)| BatchError::Unreadable {
        place,
        why: error.to_string(),
    }))
}

/// What stands for a change in the signed list where its bytes are not a change: SHA-256 of
/// them behind the chunk's first eight bytes, which is how Automerge reckons a whole chunk's.
fn hash_of_unreadable(bytes: &[u8]) -> ChangeHash {
    use sha2::{Digest as _, Sha256};
    ChangeHash::new(Sha256::digest(bytes.get(8..).unwrap_or_default()).into())
}

/// Whether a sender may write in a record, and whether there can be such a record.
struct Permission<'a> {
    sender: Sender<'a>,
    catalogue: &'a dyn Catalogue,
    log: &'a dyn Log,
    /// Most batches hold many records of one unit.
    known: HashMap<(RoundId, UnitId, ContentHash), Option<OfficeId>>,
}

impl Permission<'_> {
    fn check(&mut self, genesis: &Genesis) -> Result<Option<RefusalCode>, LogError> {
        let key = (genesis.round.clone(), genesis.unit.clone(), genesis.instrument);
        let office = if let Some(office) = self.known.get(&key) {
            office.clone()
        } else {
            let office = self.office_of(genesis)?;
            self.known.insert(key, office.clone());
            office
        };
        let Some(office) = office.filter(|_| genesis.is_sound()) else {
            return Ok(Some(RefusalCode::UnknownRecord));
        };
        // A unit may have moved to another office; records that began before stay where they are.
        if office != genesis.office && self.log.genesis(genesis.record_id())?.is_none() {
            return Ok(Some(RefusalCode::UnknownRecord));
        }
        let writes = |device: &Device| {
            device.role.writes(genesis.kind) && device.serves_unit(&genesis.office, &genesis.unit)
        };
        let may = writes(self.sender.writer) && self.sender.carrier.is_none_or(writes);
        Ok(if may { None } else { Some(RefusalCode::NotPermitted) })
    }

    /// The office of the record's unit; none where round, unit or instrument do not exist.
    fn office_of(&self, genesis: &Genesis) -> Result<Option<OfficeId>, StoreError> {
        let exists = self.catalogue.has_round(&genesis.round)?
            && self.catalogue.has_instrument(&genesis.instrument)?;
        if !exists {
            return Ok(None);
        }
        Ok(self.catalogue.unit(&genesis.unit)?.map(|unit| unit.office))
    }
}

/// A record as a batch names it.
pub(crate) fn record_of(genesis: Genesis) -> BatchRecord {
    BatchRecord { id: genesis.record_id(), root: genesis.root().hash, root_max_op: ROOT_MAX_OP, genesis }
}

fn change_of(envelope: Envelope, record: usize, bytes: Vec<u8>) -> BatchChange {
    let Envelope { hash, actor, seq, start_op, max_op, deps, .. } = envelope;
    BatchChange { record, hash, actor, sequence: seq, start_op, max_op, deps, bytes }
}
