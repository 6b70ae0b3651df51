//! Approval: a coordinator looked through a unit's records and found them in order, as they stood then.
//!
//! It holds for a record up to its last change that was looked at; whoever changes it later makes it wait again.

use std::collections::HashMap;

use replica::{DeviceId, RecordId, UnitId};
use survey::scoring::api::Approval;

use super::ScoresError;
use super::pages::Scored;
use crate::clashes::to_decide;
use crate::log::Seq;
use crate::projection::EvidenceRow;

impl Scored<'_> {
    /// How many of these records are approved as they stand.
    pub(super) fn approval(&self, rows: &[&EvidenceRow]) -> Result<Approval, ScoresError> {
        let ids: Vec<RecordId> = rows.iter().map(|row| row.record).collect();
        let approved = self.sources.catalogue.approved(&ids)?;
        let holds = |row: &&&EvidenceRow| holds(&approved, row);
        Ok(Approval { records: rows.len(), approved: rows.iter().filter(holds).count() })
    }

    /// Approves what of a unit's records is closed, has no open clash, and did not change after `upto`; how many were
    /// approved anew.
    ///
    /// # Errors
    /// Where there is no such unit, or a store fails.
    pub fn approve(
        &self,
        unit: &UnitId,
        upto: Seq,
        by: Option<DeviceId>,
        now: i64,
    ) -> Result<usize, ScoresError> {
        self.unit_of(unit)?;
        let rows = self.sources.projection.evidence_of(&self.round, unit)?;
        let clashes = to_decide(self.sources.projection, self.sources.catalogue, &self.round)?;
        let ids: Vec<RecordId> = rows.iter().map(|row| row.record).collect();
        let approved = self.sources.catalogue.approved(&ids)?;
        let new: Vec<(RecordId, Seq)> = rows
            .iter()
            .filter(|row| row.closed && row.last_seq <= upto && !holds(&approved, row))
            .filter(|row| !clashes.iter().any(|clash| clash.record == row.record))
            .map(|row| (row.record, row.last_seq))
            .collect();
        self.sources.catalogue.approve(&new, by, now)?;
        Ok(new.len())
    }
}

fn holds(approved: &HashMap<RecordId, Seq>, row: &EvidenceRow) -> bool {
    approved.get(&row.record).is_some_and(|upto| *upto >= row.last_seq)
}
