//! What people do to a form, and how it gets to the disk: journal at once, change at a natural point.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use replica::{Edit, Record, RecordKind, View as _};
use survey::path::Path;
use survey::session::{AnswerError, Delta};

use super::begin::saved;
use super::{Backing, Filling, SaveState};
use crate::device::photo::{self, Photo};
use crate::device::store::StoreError;
use crate::device::{clock, place};
use crate::loket::{PhotoFault, new_row_id};

/// How long typing is gathered before it goes to the journal, in milliseconds.
const GATHER_MS: u32 = 200;
/// How long to wait after a failed write, in milliseconds.
const RETRY_MS: u32 = 1500;

impl Filling {
    /// Answers a question; the text is the stored form, blank clears it.
    ///
    /// # Errors
    /// What the session has against it; then nothing changed.
    pub fn answer(&self, path: &Path, value: &str) -> Result<(), AnswerError> {
        let inner = self.inner();
        if self.closed.get_untracked() || inner.session.borrow().value(path) == value {
            return Ok(());
        }
        let delta = inner.session.borrow_mut().answer(path, value, &clock::clock())?;
        self.took(&delta, Vec::new());
        Ok(())
    }

    /// Adds a row at the end of a repeat, and says which.
    pub fn add_row(&self, repeat: &Path) -> Option<Path> {
        let inner = self.inner();
        let id = new_row_id()?;
        let row = repeat.parent()?.row(repeat.last()?.name, &id);
        let delta = inner.session.borrow_mut().add_row(repeat, &id, &clock::clock()).ok()?;
        let after = inner.session.borrow().rows(repeat).into_iter().rev().nth(1);
        let after = after.and_then(|row| inner.key(&row));
        self.took(&delta, vec![Edit::AddRow { row: inner.key(&row)?, after }]);
        Some(row)
    }

    /// Removes a row with what stands in it.
    pub fn remove_row(&self, row: &Path) {
        let inner = self.inner();
        let removed = inner.session.borrow_mut().remove_row(row);
        if let (Ok(delta), Some(row)) = (removed, inner.key(row)) {
            self.took(&delta, vec![Edit::RemoveRow { row }]);
        }
    }

    /// Puts a row behind another of its repeat, or before all.
    pub fn move_row(&self, row: &Path, after: Option<&Path>) {
        let inner = self.inner();
        let after = after.and_then(|after| inner.key(after));
        let Some(row) = inner.key(row) else { return };
        self.keep(vec![Edit::MoveRow { row, after }]);
        let filling = *self;
        spawn_local(async move {
            // The record says in which order the rows stand now.
            if filling.flush(&inner).await.is_ok() {
                filling.take_in(&inner);
            }
        });
    }

    /// Whether rows can be moved: what is only in memory has no record to say in which order they stand.
    pub fn moves_rows(&self) -> bool {
        self.inner().desk().is_some()
    }

    /// Keeps a photo, at most `pixels` long where the workbook says so, and answers the question with its hash.
    ///
    /// # Errors
    /// Where the picture cannot be read or stored.
    pub async fn keep_photo(
        &self,
        path: &Path,
        file: web_sys::File,
        pixels: Option<u32>,
    ) -> Result<(), PhotoFault> {
        let taken = photo::take(&file, pixels).await.map_err(|_| PhotoFault)?;
        self.keep_bytes(path, taken, photo::MIME, "").await
    }

    /// Keeps what was drawn, as [`Filling::keep_photo`].
    ///
    /// # Errors
    /// Where the picture cannot be stored.
    pub async fn keep_drawing(
        &self,
        path: &Path,
        canvas: web_sys::HtmlCanvasElement,
    ) -> Result<(), PhotoFault> {
        let drawn = photo::drawn(&canvas).await.map_err(|_| PhotoFault)?;
        self.keep_bytes(path, drawn, photo::MIME, "").await
    }

    /// Keeps any file as it is, and answers the question with its hash and the end of its name.
    ///
    /// # Errors
    /// Where the file is too large or cannot be read or stored.
    pub async fn keep_file(&self, path: &Path, file: web_sys::File) -> Result<(), PhotoFault> {
        let name = file.name().to_ascii_lowercase();
        let end = name.rsplit_once('.').map(|(_, end)| end).unwrap_or_default();
        let plain = (1..=8).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_alphanumeric());
        let end = if plain { format!(".{end}") } else { String::new() };
        let mime = file.type_();
        let read = photo::whole(&file).await.map_err(|_| PhotoFault)?;
        self.keep_bytes(path, read, &mime, &end).await
    }

    async fn keep_bytes(&self, path: &Path, kept: Photo, mime: &str, end: &str) -> Result<(), PhotoFault> {
        let inner = self.inner();
        let key = inner.key(path).ok_or(PhotoFault)?;
        let hash = inner.loket.keep_file(inner.genesis.record_id(), key, kept, mime).await?;
        self.answer(path, &format!("{hash}{end}")).map_err(|_| PhotoFault)
    }

    /// An address to show a stored file by, from the answer that names it.
    pub async fn file_url(&self, answer: &str) -> Option<String> {
        let loket = self.inner.try_get_value()?.loket;
        let hash = answer.split_once('.').map_or(answer, |(hash, _)| hash);
        loket.file_url(hash.parse().ok()?).await
    }

    /// Asks the device where it is for a question that wants to know, and keeps it if it can tell.
    pub(super) fn find_place(&self, path: Path) {
        let filling = *self;
        spawn_local(async move {
            let Ok(found) = place::here().await else { return };
            let Some(inner) = filling.inner.try_get_value() else { return };
            let delta = inner.session.borrow_mut().record_place(&path, &found.to_answer(), &clock::clock());
            filling.took(&delta, Vec::new());
        });
    }

    /// Whether an answer keeps its person from going on; if so, says why beside it.
    pub fn stands_in_the_way(&self, path: &Path) -> bool {
        let inner = self.inner();
        let wrong = inner.session.borrow().problem(path).is_some();
        if wrong {
            inner.insisted.borrow_mut().insert(path.clone());
            inner.trigger(path).notify();
        }
        wrong
    }

    /// From now on points out what is required and blank.
    pub fn show_required(&self) {
        self.insist.set(true);
    }

    fn took(&self, delta: &Delta, first: Vec<Edit>) {
        let inner = self.inner();
        let answers = delta.written.iter().filter_map(|(path, value)| inner.answer_edit(path, value));
        self.keep(first.into_iter().chain(answers).collect());
        self.show(delta);
    }

    /// Puts edits on their way to the disk.
    pub(super) fn keep(&self, edits: Vec<Edit>) {
        if edits.is_empty() {
            return;
        }
        let inner = self.inner();
        if let Backing::Memory { kept, .. } = &inner.backing {
            return kept.borrow_mut().extend(edits);
        }
        let mut queue = inner.queue.borrow_mut();
        for edit in edits {
            push(&mut queue, edit);
        }
        drop(queue);
        // Set only where it differs: what shows it is drawn again.
        if self.save.get_untracked() != SaveState::Saving {
            self.save.set(SaveState::Saving);
        }
        if !inner.writing.replace(true) {
            let filling = *self;
            spawn_local(async move { filling.write_queue(GATHER_MS).await });
        }
    }

    /// Writes the queue to the journal until it is empty, again and again where the device cannot.
    async fn write_queue(self, gather: u32) {
        let Some(inner) = self.inner.try_get_value() else { return };
        TimeoutFuture::new(gather).await;
        while self.flush(&inner).await.is_err() {
            let _ = self.save.try_set(SaveState::Failed);
            TimeoutFuture::new(RETRY_MS).await;
        }
        inner.writing.set(false);
        let _ = self.save.try_set(SaveState::Saved);
    }

    /// Writes the queue, then reads what came in while that went on.
    async fn flush(self, inner: &super::Inner) -> Result<(), StoreError> {
        let written = self.write_once(inner).await;
        if inner.unread.get() {
            self.take_in(inner);
        }
        written
    }

    async fn write_once(self, inner: &super::Inner) -> Result<(), StoreError> {
        let Some(desk) = inner.desk() else { return Ok(()) };
        // One writer at a time, so that a later answer is never overtaken by an earlier one that is tried again.
        let _turn = inner.turn.lock().await;
        loop {
            let edits = std::mem::take(&mut *inner.queue.borrow_mut());
            if edits.is_empty() {
                return Ok(());
            }
            if let Err(fault) = desk.write(&edits).await {
                inner.queue.borrow_mut().splice(0..0, edits);
                return Err(fault);
            }
        }
    }

    /// A page was turned: what was typed becomes a change, for visits. An interview becomes one change, when closed.
    pub fn turn_page(&self) {
        if self.is_visit() {
            self.leave_soon();
        } else {
            self.flush_soon();
        }
    }

    /// The form is left.
    pub fn leave_soon(&self) {
        let Some(inner) = self.inner.try_get_value() else { return };
        let filling = *self;
        spawn_local(async move {
            let commits = inner.genesis.kind == RecordKind::Visit;
            // What cannot be written now is in the journal or still in the queue, and is tried again.
            if filling.flush(&inner).await.is_ok() && commits {
                let _ = filling.commit(&inner).await;
            }
        });
    }

    fn flush_soon(&self) {
        let Some(inner) = self.inner.try_get_value() else { return };
        let filling = *self;
        spawn_local(async move {
            let _ = filling.flush(&inner).await;
        });
    }

    async fn commit(self, inner: &super::Inner) -> Result<(), StoreError> {
        let Some(desk) = inner.desk() else { return Ok(()) };
        if inner.genesis.kind == RecordKind::Visit {
            desk.note_unsound(inner.session.borrow().unsound(desk.read(Record::is_closed)));
        }
        desk.commit(clock::unix_seconds()).await?;
        if !self.clashes.is_disposed() {
            self.look_at_record();
        }
        Ok(())
    }

    /// Finishes the record; false where the device could not keep that.
    pub async fn close(self) -> bool {
        self.write_state(Edit::Close { at: clock::unix_seconds() }).await
    }

    /// Opens a finished visit again.
    pub fn reopen(&self) {
        let filling = *self;
        spawn_local(async move {
            filling.write_state(Edit::Reopen).await;
        });
    }

    async fn write_state(self, edit: Edit) -> bool {
        let inner = self.inner();
        self.keep(vec![edit]);
        let written = self.flush(&inner).await.is_ok() && self.commit(&inner).await.is_ok();
        let _ = self.save.try_set(if written { SaveState::Saved } else { SaveState::Failed });
        written
    }

    /// Makes a change of this at once, and reads what the record then says.
    pub(super) fn commit_with(&self, edit: Edit) {
        let inner = self.inner();
        let filling = *self;
        self.keep(vec![edit]);
        spawn_local(async move {
            if filling.flush(&inner).await.is_ok() && filling.commit(&inner).await.is_ok() {
                filling.take_in(&inner);
            }
        });
    }

    /// Another device or tab wrote in this record: what it wrote comes into the form being filled.
    pub(super) fn refresh(&self) {
        let inner = self.inner();
        let filling = *self;
        spawn_local(async move {
            let Some(desk) = inner.desk() else { return };
            // What is typed here must be in the record before the others' is read into the form.
            if filling.flush(&inner).await.is_ok() && desk.refresh().await.is_ok() {
                filling.take_in(&inner);
            }
        });
    }

    /// Reads the record into the form. What is on its way to the journal is not in the record yet, and the form would
    /// lose it for a moment; then the record is read once that is written.
    fn take_in(self, inner: &super::Inner) {
        let Some(desk) = inner.desk() else { return };
        if self.clashes.is_disposed() {
            return;
        }
        if inner.turn.try_lock().is_none() || !inner.queue.borrow().is_empty() {
            inner.unread.set(true);
            return;
        }
        inner.unread.set(false);
        let saved = desk.read(|record| saved(inner.session.borrow().keys(), record));
        let delta = inner.session.borrow_mut().merge(saved, &clock::clock());
        self.look_at_record();
        self.show(&delta);
    }

    /// Reads what the record says of itself: clashes, notes, and whether it is closed.
    pub(super) fn look_at_record(&self) {
        let inner = self.inner();
        let Some(desk) = inner.desk() else { return };
        let clashes = self.decidable(desk.read(Record::clashes));
        let (closed, said) = desk.read(|record| (record.is_closed(), record.comments()));
        // Set only where it differs: whoever reads these is drawn again.
        if self.clashes.with_untracked(|shown| *shown != clashes) {
            self.clashes.set(clashes);
        }
        if self.said.with_untracked(|shown| *shown != said) {
            self.said.set(said);
        }
        if self.closed.get_untracked() != closed {
            self.closed.set(closed);
        }
    }

    /// Ends an interview in memory: keeps it as one change, or nothing at all where consent was not
    /// given. True where it was kept.
    ///
    /// # Errors
    /// Where the device cannot keep it.
    pub async fn finish_in_memory(self) -> Result<bool, StoreError> {
        let inner = self.inner();
        let Backing::Memory { kept: edits, .. } = &inner.backing else { return Ok(false) };
        if inner.session.borrow().consent() == Some(false) {
            return Ok(false);
        }
        let mut edits = edits.borrow().clone();
        edits.push(Edit::Close { at: clock::unix_seconds() });
        inner.loket.keep_interview(&inner.genesis, &edits).await?;
        Ok(true)
    }

    /// Drops every answer held in memory.
    pub fn forget(&self) {
        let inner = self.inner();
        if let Backing::Memory { kept: edits, .. } = &inner.backing {
            edits.borrow_mut().clear();
        }
        inner.queue.borrow_mut().clear();
        inner.triggers.borrow_mut().clear();
    }
}

/// Typing the same answer on goes into the edit that is already waiting.
fn push(queue: &mut Vec<Edit>, edit: Edit) {
    if let (Some(Edit::Answer { path: last, value }), Edit::Answer { path, value: new }) =
        (queue.last_mut(), &edit)
        && *last == *path
    {
        value.clone_from(new);
        return;
    }
    queue.push(edit);
}
