//! What a record holds at a version: its changes out of the log, its document, its answers, and what they say towards
//! scores. The version is named by its heads, so that it is the same record years later, whatever came in since.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use replica::{
    ChangeHash, Clash, ClashKey, ContentHash, Envelope, Genesis, Limits, Record, RecordId, View as _,
};
use survey::instrument::{Instrument, Node, NodeKind};
use survey::scoring::evidence::{Evidence, Reader};

use super::error::ReleaseError;
use super::lines::FrozenClash;
use crate::catalogue::Catalogue;
use crate::log::{Entry, Log, Seq};

/// A record and which of its changes are meant.
#[derive(Debug, Clone)]
pub struct Version {
    /// The record.
    pub record: RecordId,
    /// Which changes.
    pub at: At,
    /// Changes that could not be applied, and are left out.
    pub set_aside: Vec<ChangeHash>,
}

/// Which changes of a record are meant.
#[derive(Debug, Clone)]
pub enum At {
    /// All up to a place in the log.
    Place(Seq),
    /// These, and all that they build on.
    Heads(Vec<ChangeHash>),
}

/// What a record holds.
#[derive(Debug)]
pub struct Content {
    /// What it began with.
    pub genesis: Genesis,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// When consent was taken back.
    pub withdrawn_at: Option<i64>,
    /// When it was last written in.
    pub edited_at: Option<i64>,
    /// Its version.
    pub heads: Vec<ChangeHash>,
    /// How many changes it is made of.
    pub changes: u64,
    /// Every stored answer in sight.
    pub answers: BTreeMap<String, String>,
    /// Rows in sight.
    pub rows: Vec<String>,
    /// What nobody has chosen between, without what devices stamp by themselves.
    pub clashes: Vec<FrozenClash>,
    /// Files that answers name, each with the answer's key.
    pub files: Vec<(String, ContentHash)>,
    /// What it says towards scores.
    pub evidence: Evidence,
}

/// An instrument made ready.
pub struct Known {
    /// Its JSON as published.
    pub json: Vec<u8>,
    /// The instrument.
    pub instrument: Arc<Instrument>,
    reader: Reader,
}

impl Known {
    /// The question that a key of a record names.
    fn node(&self, key: &str) -> Option<&Node> {
        self.instrument.node(self.reader.keys().node(key)?)
    }
}

/// Opens records, each by its own instrument.
pub struct Archive<'a> {
    log: &'a dyn Log,
    catalogue: &'a dyn Catalogue,
    known: BTreeMap<ContentHash, Arc<Known>>,
}

impl<'a> Archive<'a> {
    /// Takes changes from a log and instruments from a catalogue.
    pub fn new(log: &'a dyn Log, catalogue: &'a dyn Catalogue) -> Self {
        Self { log, catalogue, known: BTreeMap::new() }
    }

    /// The instruments that were met.
    pub fn instruments(&self) -> &BTreeMap<ContentHash, Arc<Known>> {
        &self.known
    }

    /// What a record holds at a version; none where nothing of it is in the log yet.
    ///
    /// # Errors
    /// Where the log lacks a change of the version, or the instrument is not here.
    pub fn open(&mut self, version: &Version) -> Result<Option<Content>, ReleaseError> {
        let upto = match version.at {
            At::Place(upto) => upto,
            At::Heads(_) => Seq::MAX,
        };
        let entries = self.log.changes_of(version.record, upto)?;
        let Some(genesis) = entries.first().map(|entry| entry.genesis.as_ref().clone()) else {
            return match version.at {
                At::Place(_) => Ok(None),
                At::Heads(_) => Err(lost(version.record, "the log holds nothing of it")),
            };
        };
        let held: HashSet<ChangeHash> = entries.iter().map(|entry| entry.hash).collect();
        if let Some(gone) = version.set_aside.iter().find(|hash| !held.contains(hash)) {
            return Err(lost(
                version.record,
                format!("the log lacks its change {gone}, which was set aside"),
            ));
        }
        let changes = match &version.at {
            At::Place(_) => without(entries, &version.set_aside),
            At::Heads(heads) => ancestors(version.record, &genesis, entries, heads)?,
        };
        let known = self.instrument(&genesis.instrument, version.record)?;
        read(&known, &genesis, &changes).map(Some).map_err(|why| lost(version.record, why))
    }

    fn instrument(&mut self, hash: &ContentHash, record: RecordId) -> Result<Arc<Known>, ReleaseError> {
        if let Some(known) = self.known.get(hash) {
            return Ok(Arc::clone(known));
        }
        let missing = || ReleaseError::Instrument { hash: *hash, record };
        let json = self.catalogue.instrument(hash)?.ok_or_else(missing)?;
        let instrument: Arc<Instrument> = Arc::new(serde_json::from_slice(&json).map_err(|_| missing())?);
        let reader = Reader::new(Arc::clone(&instrument));
        let known = Arc::new(Known { json, instrument, reader });
        self.known.insert(*hash, Arc::clone(&known));
        Ok(known)
    }
}

fn lost(record: RecordId, why: impl Into<String>) -> ReleaseError {
    ReleaseError::Record { record, why: why.into() }
}

fn without(entries: Vec<Entry>, set_aside: &[ChangeHash]) -> Vec<Vec<u8>> {
    let sound = entries.into_iter().filter(|entry| !set_aside.contains(&entry.hash));
    sound.map(|entry| entry.bytes).collect()
}

/// The heads and all that they build on.
fn ancestors(
    record: RecordId,
    genesis: &Genesis,
    entries: Vec<Entry>,
    heads: &[ChangeHash],
) -> Result<Vec<Vec<u8>>, ReleaseError> {
    let root = genesis.root().hash;
    let mut held: HashMap<ChangeHash, Vec<u8>> =
        entries.into_iter().map(|entry| (entry.hash, entry.bytes)).collect();
    let (mut wanted, mut met) = (heads.to_vec(), HashSet::from([root]));
    let mut changes = Vec::new();
    while let Some(hash) = wanted.pop() {
        if !met.insert(hash) {
            continue;
        }
        let bytes =
            held.remove(&hash).ok_or_else(|| lost(record, format!("the log lacks its change {hash}")))?;
        let envelope = Envelope::parse(&bytes, &Limits::STANDARD)
            .map_err(|error| lost(record, format!("its change {hash}: {error}")))?;
        if envelope.hash != hash {
            return Err(lost(record, format!("the bytes of its change {hash} are others")));
        }
        wanted.extend(envelope.deps);
        changes.push(bytes);
    }
    Ok(changes)
}

/// Reads the record, which may panic where changes were made to hurt, as the worker guards against.
fn read(known: &Known, genesis: &Genesis, changes: &[Vec<u8>]) -> Result<Content, String> {
    let built = catch_unwind(AssertUnwindSafe(|| {
        let record = Record::load(genesis, changes).map_err(|error| error.to_string())?;
        if !record.missing().is_empty() {
            return Err("it builds on changes that are not there".to_owned());
        }
        Ok(content(known, genesis, &record))
    }));
    built.unwrap_or_else(|_| Err("the document broke when it was built".to_owned()))
}

fn content(known: &Known, genesis: &Genesis, record: &Record) -> Content {
    let (answers, rows) = (record.answers(), record.rows());
    let saved = known.reader.keys().saved(answers.clone(), rows.clone());
    Content {
        genesis: genesis.clone(),
        closed_at: record.closed_at(),
        withdrawn_at: record.withdrawn_at(),
        edited_at: record.last_edit().map(|edit| edit.time),
        heads: record.heads(),
        changes: u64::try_from(record.change_count()).unwrap_or(u64::MAX),
        clashes: record.clashes().into_iter().filter(|clash| is_open(known, clash)).map(frozen).collect(),
        files: answers.iter().filter_map(|(key, answer)| file(known, key, answer)).collect(),
        evidence: known.reader.read(saved),
        answers,
        rows,
    }
}

/// What devices stamp by themselves nobody can choose between.
fn is_open(known: &Known, clash: &Clash) -> bool {
    let ClashKey::Answer(key) = &clash.key else { return true };
    known.node(key.as_str()).is_none_or(|node| !node.is_stamp())
}

fn frozen(clash: Clash) -> FrozenClash {
    let holds = clash.options.iter().find(|option| option.holds_now).map(|option| option.value.clone());
    let values = clash.options.into_iter().map(|option| option.value).collect();
    FrozenClash { place: clash.key, values, holds }
}

fn file(known: &Known, key: &str, answer: &str) -> Option<(String, ContentHash)> {
    let hash = answer.parse().ok()?;
    let node = known.node(key)?;
    let is_file = matches!(&node.kind, NodeKind::Question(question) if question.kind.is_file());
    is_file.then(|| (key.to_owned(), hash))
}
