//! What must hold once all is quiet.

use std::collections::{BTreeMap, BTreeSet};

use device_store::desk;
use device_store::{PhotoState, RecordRow};
use replica::api::Role;
use replica::{Clash, Comment, Document, Genesis, Record, RecordId, RecordKind, UnitId, View};
use sync_server::log::Seq;

use crate::fault::Fault;
use crate::phone::{Phone, now};
use crate::world::World;

/// Looks at everything.
///
/// # Errors
/// [`Fault::Broken`] where something does not hold.
pub fn everything(world: &mut World<'_>) -> Result<(), Fault> {
    let records = on_server(world)?;
    let saved =
        records.iter().map(|(id, record)| Ok((*id, as_document(record)?))).collect::<Result<_, Fault>>()?;
    nothing_lost(world, &records)?;
    for phone in &world.phones {
        match phone.role {
            Role::Kiosk => nothing_left(phone)?,
            _ => in_step(phone, &records, &saved)?,
        }
    }
    clashes_listed(world, &records)?;
    photos_there(world)?;
    log_sound(world)
}

/// The record saved as Automerge's own document, which must say what the record says.
fn as_document(record: &Record) -> Result<Vec<u8>, Fault> {
    let changes = record.changes();
    let document = Document::load(record.genesis(), changes.iter().map(|change| &change.bytes));
    let document = document.map_err(|error| failed(&error))?;
    if content(record) != content(&document) || record.heads() != document.heads() {
        return Err(Fault::broken(format!("Automerge reads {} otherwise", record.id())));
    }
    Ok(document.save())
}

type Content = (BTreeMap<String, String>, BTreeMap<String, String>, Vec<String>, Vec<Clash>, Vec<Comment>);

fn content(view: &dyn View) -> Content {
    (view.answers(), view.hidden_answers(), view.rows(), view.clashes(), view.comments())
}

fn failed(error: &dyn std::fmt::Display) -> Fault {
    Fault::broken(error.to_string())
}

/// The server's records, without what was set aside.
fn on_server(world: &World<'_>) -> Result<BTreeMap<RecordId, Record>, Fault> {
    let server = world.site.server()?;
    let aside = server.projection.set_aside().map_err(|error| failed(&error))?;
    let expected: BTreeSet<_> = world.hostile.poisons().collect();
    if let Some(other) = aside.iter().find(|aside| !expected.contains(&aside.hash)) {
        return Err(Fault::broken(format!("an honest change was set aside: {}", other.reason)));
    }
    let entries = server.log.read_all(0, usize::MAX).map_err(|error| failed(&error))?;
    let mut by_record: BTreeMap<RecordId, (Genesis, Vec<Vec<u8>>)> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for entry in entries {
        if !seen.insert(entry.hash) {
            return Err(Fault::broken(format!("the change {} is stored twice", entry.hash)));
        }
        if !aside.iter().any(|aside| aside.hash == entry.hash) {
            let slot = by_record.entry(entry.record);
            slot.or_insert_with(|| (entry.genesis.as_ref().clone(), Vec::new())).1.push(entry.bytes);
        }
    }
    let load = |(id, (genesis, changes)): (RecordId, (Genesis, Vec<Vec<u8>>))| {
        let record = Record::load(&genesis, changes).map_err(|error| failed(&error))?;
        if !record.missing().is_empty() {
            return Err(Fault::broken(format!("the server lacks what {id} builds on")));
        }
        Ok((id, record))
    };
    by_record.into_iter().map(load).collect()
}

/// Every answer that somebody was told is saved is there.
fn nothing_lost(world: &World<'_>, records: &BTreeMap<RecordId, Record>) -> Result<(), Fault> {
    for (id, doings) in &world.ledger.records {
        if doings.excused {
            continue;
        }
        let Some(record) = records.get(id) else {
            if doings.typed.iter().any(|typed| typed.saved && !typed.value.is_empty()) {
                return Err(Fault::broken(format!("the record {id} is not on the server")));
            }
            continue;
        };
        let missing = doings.missing_from(record);
        if !missing.is_empty() {
            return Err(Fault::broken(format!("of {id}: {}", missing.join("; "))));
        }
    }
    Ok(())
}

/// A device holds what the server holds, byte for byte, and its lists say so.
fn in_step(
    phone: &Phone,
    records: &BTreeMap<RecordId, Record>,
    saved: &BTreeMap<RecordId, Vec<u8>>,
) -> Result<(), Fault> {
    let who = format!("device {}", phone.number);
    let rows = rows_of(phone)?;
    overview_agrees(phone, &rows)?;
    let mut seen = BTreeSet::new();
    for row in &rows {
        if !seen.insert(row.id) {
            return Err(Fault::broken(format!("{who} lists {} twice", row.id)));
        }
        let Some(expected) = records.get(&row.id) else {
            // Begun, and nobody ever wrote in it.
            if row.changes == 0 && !row.journal {
                continue;
            }
            return Err(Fault::broken(format!("{who} has {}, which the server has not", row.id)));
        };
        let record = compare(phone, row, expected)?;
        if Some(&as_document(&record)?) != saved.get(&row.id) {
            return Err(Fault::broken(format!("{who} saves other bytes of {} than the server", row.id)));
        }
    }
    match records.keys().find(|id| !seen.contains(id)) {
        Some(lacks) => Err(Fault::broken(format!("{who} lacks the record {lacks}"))),
        None => Ok(()),
    }
}

fn compare(phone: &Phone, row: &RecordRow, expected: &Record) -> Result<Record, Fault> {
    let who = format!("device {}: {}", phone.number, row.id);
    let Some(life) = &phone.life else { return Err(Fault::broken(who)) };
    let stored = now(life.store.load_record(row.id))?.map_err(|error| failed(&error))?;
    let (record, unfit) = desk::read(&stored.row, &stored.changes).map_err(|error| failed(&error))?;
    if let Some(corrupt) = stored.corrupt.first().or(unfit.first()) {
        return Err(Fault::broken(format!("{who}: {corrupt}")));
    }
    if record.heads() != expected.heads() {
        return Err(Fault::broken(format!(
            "{who} has the heads {:?} of {} changes, the server {:?} of {}",
            record.heads(),
            stored.changes.len(),
            expected.heads(),
            expected.changes().len()
        )));
    }
    if content(&record) != content(expected) {
        return Err(Fault::broken(format!("{who} reads other than on the server")));
    }
    let held = usize::try_from(row.changes).unwrap_or(usize::MAX);
    if !row.is_on_server() || held != stored.changes.len() {
        return Err(Fault::broken(format!(
            "{who} is listed as {row:?} with {} changes",
            stored.changes.len()
        )));
    }
    if row.stale || row.summary != desk::summary_of(&record) {
        return Err(Fault::broken(format!("{who} is listed with {:?}, stale: {}", row.summary, row.stale)));
    }
    Ok(record)
}

fn rows_of(phone: &Phone) -> Result<Vec<RecordRow>, Fault> {
    let Some(life) = &phone.life else { return Err(Fault::broken("a device is closed")) };
    let listing = now(life.store.list_records(None, None))?.map_err(|error| failed(&error))?;
    Ok(listing.rows)
}

/// What pages show of all records, found by indices, is what their rows say one by one.
fn overview_agrees(phone: &Phone, rows: &[RecordRow]) -> Result<(), Fault> {
    let Some(life) = &phone.life else { return Err(Fault::broken("a device is closed")) };
    let units: Vec<UnitId> = rows.iter().map(|row| row.unit.clone()).collect();
    let shown = now(life.store.overview(&units))?.map_err(|error| failed(&error))?;
    let visits = rows.iter().filter(|row| row.kind == RecordKind::Visit);
    let differ = |row: &&RecordRow| row.stale || row.summary.clashes > 0;
    let attention = rows.iter().filter(|row| row.changes == 0 || !row.is_on_server() || differ(row));
    let finished = |unit: &UnitId| {
        let closed = |row: &&RecordRow| row.kind == RecordKind::Interview && row.summary.closed_at.is_some();
        rows.iter().filter(|row| row.unit == *unit).filter(closed).count()
    };
    let agrees = shown.visits.iter().eq(visits)
        && shown.attention.iter().eq(attention)
        && units.iter().all(|unit| shown.finished_at(unit) as usize == finished(unit))
        && shown.records as usize == rows.len();
    if agrees {
        return Ok(());
    }
    Err(Fault::broken(format!("device {} shows {shown:?} of {rows:?}", phone.number)))
}

/// A kiosk keeps nothing that the server has.
fn nothing_left(phone: &Phone) -> Result<(), Fault> {
    let rows = rows_of(phone)?;
    match rows.first() {
        Some(row) => Err(Fault::broken(format!("the kiosk {} still has {row:?}", phone.number))),
        None => Ok(()),
    }
}

/// Every clash stands in the server's list, and no other.
fn clashes_listed(world: &World<'_>, records: &BTreeMap<RecordId, Record>) -> Result<(), Fault> {
    let round = world.ground.visit(0)?.round;
    let listed = world.site.server()?.projection.clashes(&round).map_err(|error| failed(&error))?;
    let listed: BTreeSet<_> = listed.into_iter().map(|row| (row.record, row.key, row.value)).collect();
    let there: BTreeSet<_> = records
        .iter()
        .flat_map(|(id, record)| record.clashes().into_iter().map(move |clash| (*id, clash)))
        .flat_map(|(id, clash)| {
            let key = clash.key;
            clash.options.into_iter().map(move |option| (id, key.clone(), option.value))
        })
        .collect();
    if listed == there {
        return Ok(());
    }
    Err(Fault::broken(format!(
        "clashes that are not listed: {:?}; listed and not there: {:?}",
        there.difference(&listed).collect::<Vec<_>>(),
        listed.difference(&there).collect::<Vec<_>>()
    )))
}

/// Every photo that was kept is on the server, and its device knows.
fn photos_there(world: &World<'_>) -> Result<(), Fault> {
    let photos = &world.site.server()?.photos;
    for (hash, bytes) in &world.ledger.photos {
        let found = photos.read(hash).map_err(|error| failed(&error))?;
        if found.as_ref().map(|(found, _)| found.as_ref()) != Some(bytes.as_slice()) {
            return Err(Fault::broken(format!("the photo {hash} is not on the server")));
        }
        for phone in &world.phones {
            let Some(life) = &phone.life else { continue };
            let row = now(life.store.photo(*hash))?.map_err(|error| failed(&error))?;
            if row.is_some_and(|row| row.state != PhotoState::Sent) {
                return Err(Fault::broken(format!(
                    "device {} does not know {hash} to be sent",
                    phone.number
                )));
            }
        }
    }
    Ok(())
}

/// The log holds what the devices signed, in order, without gaps, and is as long as it counts.
fn log_sound(world: &World<'_>) -> Result<(), Fault> {
    let log = world.site.folder().join("log.sqlite");
    let findings = sync_server::history::check(&log, None).map_err(|error| failed(&error))?;
    if let Some(fault) = findings.faults.first() {
        return Err(Fault::broken(format!("the log does not verify: {fault}")));
    }
    let server = world.site.server()?;
    let mut counted = 0;
    for stream in world.ground.streams()? {
        counted += server.log.digest(&stream, Seq::MAX).map_err(|error| failed(&error))?.count;
    }
    let changes = u64::try_from(findings.changes).unwrap_or(u64::MAX);
    if counted == changes {
        return Ok(());
    }
    Err(Fault::broken(format!("the log counts {counted} changes and holds {changes}")))
}
