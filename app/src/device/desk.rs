//! Records on the desk: opened from the store, written in with every edit kept in the journal, and
//! turned into changes at natural points.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::{Rc, Weak};

use futures_util::lock::Mutex;
use replica::record::RecordError;
use replica::{Actor, ChangeHash, DeviceId, Edit, Genesis, Record, RecordId};
use serde::{Deserialize, Serialize};

use super::clock;
use super::locks::{self, Guard, Mode};
use super::store::{CorruptRow, JournalRow, NewChange, RecordRow, Store, StoreError, StoredRecord, Summary};
use super::tabs::{News, Tabs};

/// What went wrong with a record.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The device's store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record does not take it.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Where records are opened. Cheap to clone.
#[derive(Clone)]
pub struct Desks(Rc<Room>);

struct Room {
    store: Store,
    tabs: Tabs,
    device: DeviceId,
    /// One desk a record: two would give one actor two histories.
    open: Mutex<HashMap<RecordId, Weak<Inner>>>,
}

/// A record opened for writing. Cheap to clone; while one is there, no new version of the app takes over.
#[derive(Clone)]
pub struct Desk(Rc<Inner>);

struct Inner {
    store: Store,
    tabs: Tabs,
    actor: Actor,
    record: RefCell<Record>,
    pending: RefCell<Pending>,
    corrupt: Vec<CorruptRow>,
    /// Held while the journal is written, or a change is made and kept.
    writing: Mutex<()>,
    _form: Guard,
}

/// What was typed and is not a change yet.
#[derive(Default)]
struct Pending {
    /// What the record's heads were when the first of these was typed.
    basis: Vec<ChangeHash>,
    edits: Vec<Edit>,
    /// The journal rows that the edits stand in.
    journal: Vec<u64>,
}

/// A journal row's content.
#[derive(Serialize, Deserialize)]
struct Entry {
    basis: Vec<ChangeHash>,
    edits: Vec<Edit>,
}

impl Desks {
    /// For the records of this device.
    pub fn new(store: Store, tabs: Tabs, device: DeviceId) -> Self {
        Self(Rc::new(Room { store, tabs, device, open: Mutex::default() }))
    }

    /// Opens a record that is on this device, with what was typed in it and is not a change yet: by this
    /// tab, or by one that is gone.
    ///
    /// # Errors
    /// [`DeskError::Store`], [`StoreError::NoSuchRecord`] among them; [`DeskError::Record`] where its
    /// genesis is unsound.
    pub async fn open(&self, record: RecordId) -> Result<Desk, DeskError> {
        let mut open = self.0.open.lock().await;
        if let Some(desk) = open.get(&record).and_then(Weak::upgrade) {
            return Ok(Desk(desk));
        }
        let form = locks::lock(locks::FORM, Mode::Shared).await;
        let stored = self.0.store.load_record(record).await?;
        let others = self.0.tabs.others().await;
        let desk = Rc::new(self.lay_out(stored, &others.into_iter().collect(), form)?);
        open.retain(|_, desk| desk.strong_count() > 0);
        open.insert(record, Rc::downgrade(&desk));
        Ok(Desk(desk))
    }

    /// Opens the record of this genesis, making its index row where nobody has begun it here.
    ///
    /// # Errors
    /// As [`Desks::open`].
    pub async fn start(&self, genesis: &Genesis) -> Result<Desk, DeskError> {
        // Nothing unsound is to get an index row.
        Record::start(genesis)?;
        let row = self.0.store.create_record(genesis).await?;
        self.0.tabs.tell(&News::Record { record: row.id });
        self.open(row.id).await
    }

    fn lay_out(
        &self,
        stored: StoredRecord,
        others: &BTreeSet<replica::TabId>,
        form: Guard,
    ) -> Result<Inner, DeskError> {
        let (record, mut corrupt) = read(&stored.row, &stored.changes)?;
        corrupt.extend(stored.corrupt);
        let mut pending = Pending::default();
        // What another open tab typed is that tab's to commit.
        for row in stored.journal.into_iter().filter(|row| !others.contains(&row.tab)) {
            match (serde_json::from_str::<Entry>(&row.entry), row.position) {
                (Ok(entry), Some(position)) => pending.add(entry.basis, entry.edits, position),
                _ => corrupt.push(unreadable(&row)),
            }
        }
        Ok(Inner {
            store: self.0.store.clone(),
            tabs: self.0.tabs.clone(),
            actor: Actor::of(self.0.device, self.0.tabs.id()),
            record: RefCell::new(record),
            pending: RefCell::new(pending),
            corrupt,
            writing: Mutex::default(),
            _form: form,
        })
    }
}

impl Pending {
    fn add(&mut self, basis: Vec<ChangeHash>, edits: Vec<Edit>, position: u64) {
        if self.edits.is_empty() {
            self.basis = basis;
        }
        self.edits.extend(edits);
        self.journal.push(position);
    }
}

impl Desk {
    /// The record's id.
    pub fn id(&self) -> RecordId {
        self.0.record.borrow().id()
    }

    /// Who writes here.
    pub fn actor(&self) -> Actor {
        self.0.actor
    }

    /// Looks at the record as committed, without what is only typed (see [`Desk::pending`]).
    pub fn with<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(&self.0.record.borrow())
    }

    /// What was typed and is not a change yet, in order; after opening, what a tab that is gone left.
    pub fn pending(&self) -> Vec<Edit> {
        self.0.pending.borrow().edits.clone()
    }

    /// The record as it will be once what is typed is committed.
    ///
    /// # Errors
    /// [`DeskError::Record`] where the record does not take what was typed.
    pub fn preview(&self) -> Result<Record, DeskError> {
        let mut record = self.0.record.borrow().clone();
        let pending = self.0.pending.borrow();
        make(&mut record, &pending.basis, &pending.edits, &self.0.actor)?;
        Ok(record)
    }

    /// Rows of this record that are damaged.
    pub fn corrupt(&self) -> &[CorruptRow] {
        &self.0.corrupt
    }

    /// Keeps edits in the journal: they are on the disk when this returns, and not before.
    ///
    /// # Errors
    /// [`DeskError::Store`]; nothing was kept, and the edits can be written again.
    pub async fn write(&self, edits: Vec<Edit>) -> Result<(), DeskError> {
        if edits.is_empty() {
            return Ok(());
        }
        let inner = &self.0;
        let _one_at_a_time = inner.writing.lock().await;
        let basis = inner.basis();
        let entry = Entry { basis, edits };
        let position = inner.store.journal_write(self.id(), inner.tabs.id(), &entry).await?;
        inner.pending.borrow_mut().add(entry.basis, entry.edits, position);
        Ok(())
    }

    /// Makes one change of everything typed so far and keeps it. Tells whether there was anything to keep.
    ///
    /// # Errors
    /// [`DeskError`]; what was typed is in the journal as before, and the record too is as it was.
    pub async fn commit(&self) -> Result<bool, DeskError> {
        self.commit_with(Vec::new()).await
    }

    /// Makes one change of everything typed so far and of these edits, which need not have been in the
    /// journal: for what is to be kept whole or not at all, such as a kiosk's interview.
    ///
    /// # Errors
    /// As [`Desk::commit`]; the edits given are not kept then.
    pub async fn commit_with(&self, more: Vec<Edit>) -> Result<bool, DeskError> {
        let inner = &self.0;
        let _one_at_a_time = inner.writing.lock().await;
        let (basis, edits, journal) = inner.taken(more);
        if edits.is_empty() {
            return Ok(false);
        }
        // The record is changed only once the change is on the disk.
        let mut record = inner.record.borrow().clone();
        let made = make(&mut record, &basis, &edits, &inner.actor)?;
        let id = record.id();
        let Some(made) = made else {
            inner.store.journal_forget(id, &journal).await?;
            inner.forget();
            inner.tabs.tell(&News::Record { record: id });
            return Ok(false);
        };
        let summary = summary_of(&record);
        let change =
            NewChange { record: id, hash: made.hash, bytes: made.bytes, journal: journal.clone(), summary };
        inner.store.commit(&change).await?;
        // While it was written others may have come in.
        inner.record.borrow_mut().apply(&change.bytes)?;
        inner.forget();
        inner.tabs.tell(&News::Record { record: id });
        inner.tabs.tell(&News::Outbox);
        Ok(true)
    }

    /// Takes in what other tabs and the server have brought. Tells whether there was anything.
    ///
    /// # Errors
    /// [`DeskError::Store`].
    pub async fn refresh(&self) -> Result<bool, DeskError> {
        let stored = self.0.store.load_record(self.id()).await?;
        let mut record = self.0.record.borrow_mut();
        let before = record.heads();
        for change in &stored.changes {
            // What does not fit was reported when the record was opened, or will be the next time.
            let _ = record.apply(change);
        }
        Ok(record.heads() != before)
    }

    /// Forgets what was typed and is not a change yet, for good.
    ///
    /// # Errors
    /// [`DeskError::Store`].
    pub async fn discard(&self) -> Result<(), DeskError> {
        let _one_at_a_time = self.0.writing.lock().await;
        let (_, _, journal) = self.0.taken(Vec::new());
        self.0.store.journal_forget(self.id(), &journal).await?;
        self.0.forget();
        self.0.tabs.tell(&News::Record { record: self.id() });
        Ok(())
    }
}

impl Inner {
    /// What the person had in view when what is pending began to be typed.
    fn basis(&self) -> Vec<ChangeHash> {
        let pending = self.pending.borrow();
        if pending.edits.is_empty() { self.record.borrow().heads() } else { pending.basis.clone() }
    }

    fn taken(&self, more: Vec<Edit>) -> (Vec<ChangeHash>, Vec<Edit>, Vec<u64>) {
        let basis = self.basis();
        let pending = self.pending.borrow();
        (basis, [pending.edits.clone(), more].concat(), pending.journal.clone())
    }

    /// Lets go of what was typed, once it is a change or not wanted.
    fn forget(&self) {
        self.pending.replace(Pending::default());
    }
}

/// What lists show of a record.
pub fn summary_of(record: &Record) -> Summary {
    let answers = record.answers().values().filter(|answer| !answer.is_empty()).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Summary {
        closed_at: record.closed_at(),
        withdrawn: record.withdrawn_at().is_some(),
        answers: count(answers),
        clashes: count(record.clashes().len()),
    }
}

/// Reads a record from what is kept of it; changes that do not fit are left out and named.
///
/// # Errors
/// [`RecordError::Genesis`] where the genesis names no record.
pub fn read(row: &RecordRow, changes: &[Vec<u8>]) -> Result<(Record, Vec<CorruptRow>), RecordError> {
    if let Ok(record) = Record::load(&row.genesis, changes) {
        return Ok((record, Vec::new()));
    }
    let mut record = Record::start(&row.genesis)?;
    let mut corrupt = Vec::new();
    for change in changes {
        if let Err(error) = record.apply(change) {
            let (store, key) = ("changes".to_owned(), row.id.to_string());
            corrupt.push(CorruptRow { store, key, why: error.to_string() });
        }
    }
    Ok((record, corrupt))
}

fn make(
    record: &mut Record,
    basis: &[ChangeHash],
    edits: &[Edit],
    actor: &Actor,
) -> Result<Option<replica::record::Committed>, RecordError> {
    let now = clock::unix_seconds();
    if edits.is_empty() {
        return Ok(None);
    }
    match record.commit_from(basis, edits, actor, now) {
        // A change that was seen has been dropped since; what is here is all there is to build on.
        Err(RecordError::UnknownHead(_)) => record.commit(edits, actor, now),
        other => other,
    }
}

fn unreadable(row: &JournalRow) -> CorruptRow {
    CorruptRow {
        store: "journal".to_owned(),
        key: row.position.unwrap_or_default().to_string(),
        why: "what was typed cannot be read".to_owned(),
    }
}
