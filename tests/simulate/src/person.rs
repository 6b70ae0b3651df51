//! What people do with a device: seeded, and only what the app lets them do.

use std::collections::BTreeSet;

use device_store::NewPhoto;
use phone::random::Random;
use replica::{ClashKey, ContentHash, Edit, Record, RecordId, RecordKind, View as _};
use sha2::{Digest as _, Sha256};

use crate::fault::Fault;
use crate::ledger::{Ledger, Removal, Typed, in_view};
use crate::phone::{Phone, Survived, now};
use crate::site::Ground;

/// Questions at the top of the form.
const QUESTIONS: [&str; 4] = ["fasilitas", "loket", "antrean", "catatan"];
/// Questions in each row.
const IN_ROW: [&str; 2] = ["nama", "biaya"];
/// Most bytes of a photo: several parts, of which the first is 64 KiB.
const PHOTO: u64 = 200 * 1024;

/// One thing that a person does, and what they had in view.
#[derive(Default)]
struct Deed {
    edits: Vec<Edit>,
    typed: Option<Typed>,
    added: Option<String>,
    removal: Option<Removal>,
    remark: Option<(String, String)>,
    withdrawn: bool,
    commits: bool,
}

impl Phone {
    /// Somebody works on a visit in one of the tabs.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn work(&mut self, ground: &Ground, ledger: &mut Ledger, random: &mut Random) -> Result<(), Fault> {
        let genesis = ground.visit(random.below(3))?;
        let tab = self.some_tab(random);
        let record = genesis.record_id();
        if self.begin(&genesis)?.is_none() || self.desk(tab, record)?.is_none() {
            return Ok(());
        }
        for _ in 0..=random.below(3) {
            if self.act(tab, record, RecordKind::Visit, ledger, random)?.is_none() {
                return Ok(());
            }
        }
        if random.happens(500) {
            self.commit(tab, record)?;
        }
        Ok(())
    }

    /// Somebody interviews a citizen, or goes on with an interview that is on the device.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn interview(
        &mut self,
        ground: &Ground,
        ledger: &mut Ledger,
        random: &mut Random,
    ) -> Result<(), Fault> {
        let tab = self.some_tab(random);
        let mut genesis = ground.interview(random.below(3), random)?;
        let Some(life) = &self.life else { return Ok(()) };
        if random.happens(600) {
            let listed = now(life.store.list_records(Some(RecordKind::Interview), None))?;
            let Some(listing) = self.survive(listed)? else { return Ok(()) };
            if let Some(row) = random.one_of(&listing.rows) {
                genesis = row.genesis.clone();
            }
        }
        let record = genesis.record_id();
        if self.begin(&genesis)?.is_none() || self.desk(tab, record)?.is_none() {
            return Ok(());
        }
        // Only one device writes in an interview; what others sent is there to be read.
        let mine = self.opened(tab, record).is_some_and(|desk| {
            let written = desk.record().last_edit();
            written.is_none_or(|edit| edit.actor.device() == self.key.device())
        });
        if !mine || self.opened(tab, record).is_some_and(|desk| !desk.corrupt().is_empty()) {
            return Ok(());
        }
        for _ in 0..=random.below(3) {
            if self.act(tab, record, RecordKind::Interview, ledger, random)?.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A citizen at a kiosk gives all answers at once.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn citizen(
        &mut self,
        ground: &Ground,
        ledger: &mut Ledger,
        random: &mut Random,
    ) -> Result<(), Fault> {
        let genesis = ground.interview(0, random)?;
        let mut doings = Vec::new();
        let mut edits = Vec::new();
        for question in QUESTIONS {
            let value = ledger.fresh();
            edits.extend(answer(question, &value));
            doings.push(Typed { path: question.to_owned(), value, saw: BTreeSet::new(), saved: false });
        }
        edits.push(Edit::Close { at: self.seconds() });
        let kept = self.keep_whole(&genesis, &edits)?;
        for mut typed in doings {
            typed.saved = kept == Some(true);
            ledger.of(genesis.record_id()).typed.push(typed);
        }
        Ok(())
    }

    /// The forms that are open take in what came.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn listen(&mut self) -> Result<(), Fault> {
        for (tab, record) in self.open_forms() {
            self.refresh(tab, record)?;
        }
        Ok(())
    }

    /// Every form that is open.
    pub fn open_forms(&self) -> Vec<(usize, RecordId)> {
        let tabs = self.life.as_ref().map(|life| life.tabs.iter().enumerate());
        let forms = tabs.into_iter().flatten();
        forms.flat_map(|(at, tab)| tab.desks.keys().map(move |record| (at, *record))).collect()
    }

    fn some_tab(&self, random: &mut Random) -> usize {
        let tabs = self.life.as_ref().map_or(0, |life| life.tabs.len());
        usize::try_from(random.below(tabs as u64)).unwrap_or(0)
    }

    /// One thing done in a form; nothing where the device ended over it.
    fn act(
        &mut self,
        tab: usize,
        record: RecordId,
        kind: RecordKind,
        ledger: &mut Ledger,
        random: &mut Random,
    ) -> Survived<()> {
        let photo = kind == RecordKind::Visit && random.happens(60);
        let picture = if photo { self.picture(record, random)? } else { None };
        let seconds = self.seconds();
        let Some(desk) = self.opened(tab, record) else { return Ok(None) };
        let deed = desk.read(seconds, |view| match picture {
            Some(hash) => typing(view, "foto", hash.to_string()),
            None => deed(view, kind, seconds, ledger, random),
        });
        if deed.edits.is_empty() {
            return Ok(Some(()));
        }
        let written = now(desk.write(&deed.edits))?;
        let saved = self.survive(written)?.is_some();
        let doings = ledger.of(record);
        doings.typed.extend(deed.typed.map(|typed| Typed { saved, ..typed }));
        doings.removed.extend(deed.removal);
        if !saved {
            return Ok(None);
        }
        if let Some((hash, bytes)) = picture.and_then(|hash| self.pictures.remove_entry(&hash)) {
            // Only now is the person told of it.
            ledger.photos.insert(hash, bytes);
        }
        let doings = ledger.of(record);
        doings.added.extend(deed.added);
        doings.remarks.extend(deed.remark);
        doings.withdrawn |= deed.withdrawn;
        if deed.commits { self.commit(tab, record) } else { Ok(Some(())) }
    }

    /// Takes a photo and keeps it.
    fn picture(&mut self, record: RecordId, random: &mut Random) -> Survived<ContentHash> {
        let length = usize::try_from(random.below(PHOTO)).unwrap_or(0);
        let bytes = [vec![0xff, 0xd8, 0xff], Random::new(random.draw()).bytes(length)].concat();
        let hash = ContentHash::new(Sha256::digest(&bytes).into());
        let (path, mime) = ("foto".to_owned(), "image/jpeg".to_owned());
        let new = NewPhoto { hash, record, path, mime, bytes, from_server: false };
        let Some(life) = &self.life else { return Ok(None) };
        let kept = now(life.store.photo_add(&new))?;
        if self.survive(kept)?.is_none() {
            return Ok(None);
        }
        self.pictures.insert(hash, new.bytes);
        self.tell(replica::sync::Event::OutboxGrew)?;
        Ok(self.life.as_ref().map(|_| hash))
    }
}

fn answer(path: &str, value: &str) -> Option<Edit> {
    Some(Edit::Answer { path: path.parse().ok()?, value: value.parse().ok()? })
}

fn typing(view: &Record, path: &str, value: String) -> Deed {
    let typed = Typed { path: path.to_owned(), value, saw: in_view(view, path), saved: false };
    Deed { edits: answer(path, &typed.value).into_iter().collect(), typed: Some(typed), ..Deed::default() }
}

/// What a person may do, going by what they see.
fn deed(view: &Record, kind: RecordKind, seconds: i64, ledger: &mut Ledger, random: &mut Random) -> Deed {
    if random.happens(150)
        && let Some(deed) = settling(view, random)
    {
        return deed;
    }
    if view.is_closed() {
        return when_closed(view, kind, seconds, random);
    }
    let rows = view.rows();
    let row = random.one_of(&rows).cloned();
    match (random.below(16), row) {
        (0, _) => {
            let edits = vec![Edit::Close { at: seconds }];
            Deed { edits, commits: true, ..Deed::default() }
        }
        (1, _) => remark(random, ledger),
        (2 | 3, near) if kind == RecordKind::Visit => adding(near.as_deref(), random),
        (4, Some(row)) => moving(&rows, &row, random),
        (5, Some(row)) => removing(view, &row),
        (6..=9, Some(row)) => {
            let question = random.one_of(&IN_ROW).copied().unwrap_or_default();
            typing(view, &format!("{row}/{question}"), ledger.fresh())
        }
        (other, _) => {
            let question = random.one_of(&QUESTIONS).copied().unwrap_or_default();
            let value = if other == 15 { String::new() } else { ledger.fresh() };
            if view.answer(question).unwrap_or_default() == value {
                Deed::default()
            } else {
                typing(view, question, value)
            }
        }
    }
}

fn when_closed(view: &Record, kind: RecordKind, seconds: i64, random: &mut Random) -> Deed {
    match kind {
        RecordKind::Visit => Deed { edits: vec![Edit::Reopen], commits: true, ..Deed::default() },
        RecordKind::Interview if view.withdrawn_at().is_none() && random.happens(300) => {
            let edits = vec![Edit::Withdraw { at: seconds }];
            Deed { edits, withdrawn: true, commits: true, ..Deed::default() }
        }
        RecordKind::Interview => Deed::default(),
    }
}

fn settling(view: &Record, random: &mut Random) -> Option<Deed> {
    let clashes = view.clashes();
    let clash = random.one_of(&clashes)?;
    let value = random.one_of(&clash.options)?.value.clone();
    let edits = vec![Edit::Settle { key: clash.key.clone(), value: value.clone() }];
    let mut deed = Deed { edits, commits: true, ..Deed::default() };
    match &clash.key {
        ClashKey::Answer(path) => {
            let saw = in_view(view, path.as_str());
            deed.typed = Some(Typed { path: path.to_string(), value, saw, saved: false });
        }
        ClashKey::Row(row) if value == replica::clash::ROW_REMOVED => {
            deed.removal = Some(Removal { row: row.to_string(), saw: in_row(view, row.as_str()) });
        }
        ClashKey::Row(_) | ClashKey::State(_) => {}
    }
    Some(deed)
}

fn remark(random: &mut Random, ledger: &mut Ledger) -> Deed {
    let (id, text) = (format!("k{:x}", random.draw()), ledger.fresh());
    let edit = id.parse().ok().zip(text.parse().ok());
    let edits = edit.map(|(id, text)| Edit::Comment { id, at: None, text }).into_iter().collect();
    Deed { edits, remark: Some((id, text)), ..Deed::default() }
}

fn adding(near: Option<&str>, random: &mut Random) -> Deed {
    let row = format!("standar[r{:x}]", random.draw() % 0xff_ffff);
    let after = near.and_then(|near| near.parse().ok());
    let edits = row.parse().ok().map(|row| Edit::AddRow { row, after }).into_iter().collect();
    Deed { edits, added: Some(row), ..Deed::default() }
}

fn moving(rows: &[String], row: &str, random: &mut Random) -> Deed {
    let after = random.one_of(rows).filter(|other| *other != row).and_then(|after| after.parse().ok());
    let edits = row.parse().ok().map(|row| Edit::MoveRow { row, after }).into_iter().collect();
    Deed { edits, ..Deed::default() }
}

fn removing(view: &Record, row: &str) -> Deed {
    let removal = Removal { row: row.to_owned(), saw: in_row(view, row) };
    let edits = row.parse().ok().map(|row| Edit::RemoveRow { row }).into_iter().collect();
    Deed { edits, removal: Some(removal), ..Deed::default() }
}

fn in_row(view: &Record, row: &str) -> BTreeSet<String> {
    IN_ROW.iter().flat_map(|question| in_view(view, &format!("{row}/{question}"))).collect()
}
