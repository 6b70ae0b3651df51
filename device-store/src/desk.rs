//! Records on the desk: opened from the store, written in with every edit kept in the journal, and turned into changes
//! at natural points.

use std::cell::{Cell, Ref, RefCell};

use futures_util::lock::Mutex;
use replica::mutation::{Rule, is_off};
use replica::{
    Actor, ChangeHash, Committed, DeviceId, Edit, Genesis, Record, RecordError, RecordId, Seen, TabId,
    View as _,
};
use serde::{Deserialize, Serialize};

use crate::error::{CorruptRow, StoreError};
use crate::records::{NewChange, StoredRecord};
use crate::rows::{JournalRow, RecordRow, Summary};
use crate::store::Store;

/// A record opened for writing by one tab. A tab opens each record once: two desks would give one actor two histories.
pub struct Desk {
    store: Store,
    actor: Actor,
    tab: TabId,
    genesis: Genesis,
    /// As committed.
    record: RefCell<Record>,
    /// As it will be once what is pending is committed; none where that is to be reckoned again.
    ahead: RefCell<Option<Record>>,
    pending: RefCell<Pending>,
    /// Answers that do not hold, once the form said so.
    unsound: Cell<Option<u32>>,
    corrupt: Vec<CorruptRow>,
    /// Held while the journal is written, or a change is made and kept.
    writing: Mutex<()>,
}

/// A desk, and whether changes are to be fetched again: damaged ones that were removed, or ones that others build on.
pub struct Opened {
    /// The desk.
    pub desk: Desk,
    /// Whether something is to be fetched again.
    pub cleared: bool,
}

/// What was typed and is not a change yet.
#[derive(Default)]
struct Pending {
    /// What was in view when the first of these was typed.
    seen: Seen,
    edits: Vec<Edit>,
    /// The journal rows that the edits stand in.
    journal: Vec<u64>,
}

/// A journal row's content.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// What was in view, as versions up to November 2026 wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    basis: Vec<ChangeHash>,
    #[serde(default)]
    seen: Option<Seen>,
    edits: Vec<Edit>,
}

impl Pending {
    fn add(&mut self, seen: Seen, edits: Vec<Edit>, position: u64) {
        if self.edits.is_empty() {
            self.seen = seen;
        }
        self.edits.extend(edits);
        self.journal.push(position);
    }
}

impl Desk {
    /// Opens a record that is on this device, with what was typed in it and is not a change yet: by this tab, or by one
    /// that is gone. `others` are the other tabs that are open, asked where anything was typed; `time` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError`]: [`StoreError::NoSuchRecord`], [`StoreError::Corrupt`] and [`StoreError::Lost`] mostly.
    pub async fn open(
        store: Store,
        actor: Actor,
        tab: TabId,
        record: RecordId,
        time: i64,
        others: impl AsyncFnOnce() -> Vec<TabId>,
    ) -> Result<Opened, StoreError> {
        let mut stored = store.load_record(record).await?;
        let cleared = !stored.corrupt.is_empty() && store.clear_damaged(record).await? > 0;
        if cleared {
            stored = StoredRecord { corrupt: stored.corrupt, ..store.load_record(record).await? };
        }
        let others = if stored.journal.is_empty() { Vec::new() } else { others().await };
        let (record, unfit) = read(&stored.row, &stored.changes)?;
        let (sittings, corrupt) = left_over(&stored, &record, &others);
        let actor = unused(actor, &stored.lacks);
        let cleared = cleared || !record.missing().is_empty();
        let desk = Self {
            store,
            actor,
            tab,
            genesis: stored.row.genesis,
            record: RefCell::new(record),
            ahead: RefCell::default(),
            pending: RefCell::default(),
            unsound: Cell::default(),
            corrupt: [stored.corrupt, corrupt, unfit].concat(),
            writing: Mutex::default(),
        };
        desk.take_up(sittings, time).await?;
        Ok(Opened { desk, cleared })
    }

    /// Takes up what tabs that are gone left: of one, it goes on where it ended; of several, each becomes a change by an
    /// actor of its own, so that what they typed without knowing of each other clashes as it would have.
    async fn take_up(&self, sittings: Vec<(TabId, Pending)>, time: i64) -> Result<(), StoreError> {
        if sittings.is_empty() {
            return Ok(());
        }
        if let [(tab, _)] = sittings.as_slice() {
            let tab = *tab;
            for (_, pending) in sittings {
                if tab == self.tab || self.store.journal_take(&pending.journal, tab, self.tab).await? {
                    self.pending.replace(pending);
                }
            }
            return Ok(());
        }
        for (tab, pending) in sittings {
            let actor = actor_for(self.actor.device(), tab, &pending);
            let mut record = self.record.borrow().clone();
            // What cannot be made a change of stays in the journal; the rest of the record can be worked on.
            let Ok(made) = make(&pending, &mut record, &actor, time) else { continue };
            match made {
                Some(made) => {
                    let change = new_change(&record, made, pending.journal);
                    if self.store.commit(&change).await?.is_some() {
                        self.record.replace(record);
                    }
                }
                None => drop(self.store.journal_forget(self.id(), &pending.journal).await?),
            }
        }
        self.read_anew().await
    }

    /// Takes in what is stored, and reckons what lists show.
    async fn read_anew(&self) -> Result<(), StoreError> {
        let stored = self.store.load_record(self.id()).await?;
        self.take_in(&stored);
        if stored.row.stale {
            let summary = summary_of(&self.record.borrow());
            self.store.summarise(self.id(), summary, None, stored.changes.len()).await?;
        }
        Ok(())
    }

    /// Makes one change of these edits and keeps it, or keeps nothing: for a record that was only in memory, such as a
    /// kiosk's interview. Tells whether there was anything to keep.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the edits is on the device then.
    pub async fn keep_whole(
        store: &Store,
        actor: Actor,
        genesis: &Genesis,
        edits: &[Edit],
        time: i64,
    ) -> Result<bool, StoreError> {
        let mut record = Record::start(genesis)?;
        let Some(made) = record.commit(edits, &actor, time)? else { return Ok(false) };
        store.commit_new(genesis, &new_change(&record, made, Vec::new())).await?;
        Ok(true)
    }

    /// The record's id.
    pub fn id(&self) -> RecordId {
        self.genesis.record_id()
    }

    /// What the record has grown from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Who writes here.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// Looks at the record, with all that was typed in it here, as if that were committed at `time`.
    pub fn read<T>(&self, time: i64, look: impl FnOnce(&Record) -> T) -> T {
        let mut ahead = self.ahead.borrow_mut();
        if ahead.is_none() && !self.pending.borrow().edits.is_empty() {
            *ahead = self.look_ahead(time);
        }
        match &*ahead {
            Some(record) => look(record),
            None => look(&self.record.borrow()),
        }
    }

    /// What was typed and is not a change yet, in order; after opening, what a tab that is gone left.
    pub fn pending(&self) -> Vec<Edit> {
        self.pending.borrow().edits.clone()
    }

    /// Rows of this record that are damaged.
    pub fn corrupt(&self) -> &[CorruptRow] {
        &self.corrupt
    }

    /// The record as committed.
    pub fn record(&self) -> Ref<'_, Record> {
        self.record.borrow()
    }

    /// Keeps edits in the journal: they are on the disk when this returns, and not before. Tells whether these are the
    /// first since the last change.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was kept, and the edits can be written again.
    pub async fn write(&self, edits: &[Edit]) -> Result<bool, StoreError> {
        if edits.is_empty() {
            return Ok(false);
        }
        let _one_at_a_time = self.writing.lock().await;
        let seen = self.seen();
        let entry = Entry { basis: Vec::new(), seen: Some(seen.clone()), edits: edits.to_vec() };
        let position = self.store.journal_write(self.id(), self.tab, &entry).await?;
        let first = self.pending.borrow().journal.is_empty();
        self.pending.borrow_mut().add(seen, entry.edits, position);
        self.ahead.take();
        Ok(first)
    }

    /// Makes one change of everything typed so far and keeps it, dated `time` in Unix seconds. Nothing where nothing was
    /// typed; else whether there was anything to keep.
    ///
    /// # Errors
    /// [`StoreError`]; what was typed is in the journal as before, and the record is as it was.
    pub async fn commit(&self, time: i64) -> Result<Option<bool>, StoreError> {
        let _one_at_a_time = self.writing.lock().await;
        let journal = self.pending.borrow().journal.clone();
        if journal.is_empty() {
            return Ok(None);
        }
        // The record is changed only once the change is on the disk.
        let mut record = self.record.borrow().clone();
        let made = self.make(&mut record, time)?;
        let kept = made.is_some();
        if let Some(made) = made {
            let unsound = self.unsound.get();
            let change = NewChange { unsound, ..new_change(&record, made, journal) };
            let row = self.store.commit(&change).await?;
            if row.as_ref().is_some_and(|row| !row.stale) {
                self.record.borrow_mut().apply(&change.bytes)?;
            } else {
                // Others came in meanwhile, or a tab that did not know of this one made a change of what was typed.
                self.read_anew().await?;
            }
        } else {
            self.store.journal_forget(self.id(), &journal).await?;
        }
        self.forget();
        Ok(Some(kept))
    }

    /// Says how many answers do not hold, for the changes that are made from now on.
    pub fn note_unsound(&self, unsound: u32) {
        self.unsound.set(Some(unsound));
    }

    /// Takes in what other tabs and the server have brought. Tells whether there was anything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refresh(&self) -> Result<bool, StoreError> {
        let stored = self.store.load_record(self.id()).await?;
        Ok(self.take_in(&stored))
    }

    fn take_in(&self, stored: &StoredRecord) -> bool {
        let mut record = self.record.borrow_mut();
        let before = record.heads();
        for change in &stored.changes {
            // What does not fit was named when the record was opened, or will be the next time.
            let _ = record.apply(change);
        }
        let changed = record.heads() != before;
        if changed {
            self.ahead.take();
        }
        changed
    }

    /// Forgets what was typed and is not a change yet, for good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn discard(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.writing.lock().await;
        let journal = self.pending.borrow().journal.clone();
        self.store.journal_forget(self.id(), &journal).await?;
        self.forget();
        Ok(())
    }

    /// What the person had in view when what is pending began to be typed.
    fn seen(&self) -> Seen {
        let pending = self.pending.borrow();
        if pending.edits.is_empty() { self.record.borrow().seen() } else { pending.seen.clone() }
    }

    fn make(&self, record: &mut Record, time: i64) -> Result<Option<Committed>, RecordError> {
        make(&self.pending.borrow(), record, &self.actor, time)
    }

    /// The record with what is pending; none where it does not take that, which committing will say.
    fn look_ahead(&self, time: i64) -> Option<Record> {
        let mut record = self.record.borrow().clone();
        self.make(&mut record, time).ok()?;
        Some(record)
    }

    /// Lets go of what was typed, once it is a change or not wanted.
    fn forget(&self) {
        self.pending.take();
        self.ahead.take();
    }
}

/// Makes one change of what was typed, on top of what was in view.
fn make(
    pending: &Pending,
    record: &mut Record,
    actor: &Actor,
    time: i64,
) -> Result<Option<Committed>, RecordError> {
    if is_off(Rule::BuildsOnView) {
        return record.commit(&pending.edits, actor, time);
    }
    record.commit_from(&pending.seen, &pending.edits, actor, time)
}

/// What tabs that are gone typed and did not commit, tab by tab: none of them had in view what another typed. What
/// another open tab typed is that tab's to commit.
fn left_over(
    stored: &StoredRecord,
    record: &Record,
    others: &[TabId],
) -> (Vec<(TabId, Pending)>, Vec<CorruptRow>) {
    let (mut sittings, mut corrupt): (Vec<(TabId, Pending)>, _) = (Vec::new(), Vec::new());
    if is_off(Rule::JournalReplay) {
        return (sittings, corrupt);
    }
    for row in stored.journal.iter().filter(|row| !others.contains(&row.tab)) {
        let (Ok(entry), Some(position)) =
            (serde_json::from_slice::<Entry>(row.entry.as_bytes()), row.position)
        else {
            corrupt.push(unreadable(row));
            continue;
        };
        let seen = entry.seen.unwrap_or_else(|| record.seen_by(&entry.basis));
        if let Some((_, pending)) = sittings.iter_mut().find(|(tab, _)| *tab == row.tab) {
            pending.add(seen, entry.edits, position);
        } else {
            let mut pending = Pending::default();
            pending.add(seen, entry.edits, position);
            sittings.push((row.tab, pending));
        }
    }
    (sittings, corrupt)
}

/// The tab's actor; another one where a change of its own may be gone from here: the next would get that one's number,
/// and the two would contradict each other once it is back.
fn unused(actor: Actor, gone: &[ChangeHash]) -> Actor {
    let mut tab = *actor.tab().as_bytes();
    for hash in gone.iter().filter(|_| !is_off(Rule::TabDrawnAnew)) {
        tab.iter_mut().zip(hash.as_bytes()).for_each(|(byte, other)| *byte ^= other);
    }
    Actor::of(actor.device(), TabId::new(tab))
}

/// An actor for what a tab left, which is nobody's but this change's: places in the journal are never used twice.
fn actor_for(device: DeviceId, tab: TabId, pending: &Pending) -> Actor {
    let place = pending.journal.first().copied().unwrap_or_default();
    let mut bytes = *tab.as_bytes();
    bytes.iter_mut().zip(place.to_be_bytes()).for_each(|(byte, place)| *byte ^= place.rotate_left(3) ^ 0xa5);
    Actor::of(device, TabId::new(bytes))
}

fn new_change(record: &Record, made: Committed, journal: Vec<u64>) -> NewChange {
    let (id, summary) = (record.id(), summary_of(record));
    let counted = record.changes().len();
    NewChange { record: id, hash: made.hash, bytes: made.bytes, journal, summary, unsound: None, counted }
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

fn unreadable(row: &JournalRow) -> CorruptRow {
    CorruptRow {
        store: "journal".to_owned(),
        key: row.position.unwrap_or_default().to_string(),
        why: "what was typed cannot be read".to_owned(),
    }
}
