//! What each record of a unit is worth.

use replica::{ChangeHash, RecordId, RecordKind};

use super::content::{Archive, Content, Version};
use super::error::ReleaseError;
use super::lines::{FrozenRecord, RecordState};
use crate::projection::EvidenceRow;

/// A record that was opened, and what it is worth.
pub struct Opened {
    /// The record.
    pub record: RecordId,
    /// What it holds.
    pub content: Content,
    /// Changes that are not in it, sorted.
    pub set_aside: Vec<ChangeHash>,
    /// What it is worth.
    pub state: RecordState,
}

/// Opens the records of a unit, visits first, and says what each is worth.
///
/// # Errors
/// As [`Archive::open`].
pub fn open(archive: &mut Archive<'_>, versions: &[Version]) -> Result<Vec<Opened>, ReleaseError> {
    let mut opened = Vec::new();
    for version in versions {
        let Some(content) = archive.open(version)? else { continue };
        let mut set_aside = version.set_aside.clone();
        set_aside.sort_unstable();
        opened.push(Opened { record: version.record, content, set_aside, state: RecordState::Counted });
    }
    opened.sort_by_key(|of| (of.content.genesis.kind, of.record));
    judge(&mut opened);
    Ok(opened)
}

/// Says what each record of a unit is worth.
fn judge(opened: &mut [Opened]) {
    let visits = opened.iter().filter(|of| is_visit(of) && of.content.changes > 0);
    let latest = visits.map(|of| (of.content.edited_at, of.record)).max();
    for of in opened {
        let content = &of.content;
        of.state = if content.changes == 0 {
            RecordState::Empty
        } else if is_visit(of) {
            match (latest == Some((content.edited_at, of.record)), content.closed_at) {
                (false, _) => RecordState::Superseded,
                (true, None) => RecordState::Provisional,
                (true, Some(_)) => RecordState::Counted,
            }
        } else if content.withdrawn_at.is_some() {
            RecordState::Withdrawn
        } else if content.closed_at.is_none() {
            RecordState::Unfinished
        } else if content.evidence.refused {
            RecordState::Refused
        } else {
            RecordState::Counted
        };
    }
}

fn is_visit(of: &Opened) -> bool {
    of.content.genesis.kind == RecordKind::Visit
}

/// What of a record goes into its unit's score.
pub fn row(of: Opened) -> Option<EvidenceRow> {
    let goes = of.state.counts() || of.state == RecordState::Refused;
    let content = of.content;
    goes.then(|| EvidenceRow {
        record: of.record,
        unit: content.genesis.unit,
        kind: content.genesis.kind,
        closed: content.closed_at.is_some(),
        // No part of a score.
        last_seq: 0,
        edited_at: content.edited_at,
        instrument: content.genesis.instrument,
        evidence: content.evidence,
    })
}

/// A record's line.
pub fn record_of(of: &Opened) -> FrozenRecord {
    let (content, genesis) = (&of.content, &of.content.genesis);
    FrozenRecord {
        unit: genesis.unit.clone(),
        kind: genesis.kind,
        record: of.record,
        office: genesis.office.clone(),
        instrument: genesis.instrument,
        state: of.state,
        closed_at: content.closed_at,
        edited_at: content.edited_at,
        heads: content.heads.clone(),
        changes: content.changes,
        set_aside: of.set_aside.clone(),
    }
}
