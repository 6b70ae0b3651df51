//! What a unit's score would be by what is on this phone: reckoned here, with the network cut, by the server's own rules.

use leptos::prelude::*;
use replica::api::MethodInForce;
use replica::{ContentHash, Record, RecordId, RecordKind, UnitId};
use survey::scoring::evidence::{Evidence, Reader};
use survey::scoring::methods::Method;
use survey::scoring::result::UnitScore;
use survey::scoring::rules::RuleSet;
use survey::scoring::unit::{Depth, Said, UnitRecords, score_unit};

use super::Loket;
use crate::device::desk;
use crate::form::saved;

/// Why there is no provisional score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreFault {
    /// The rules, a form or a record are not on this phone yet.
    NotHere,
    /// The figures cannot be reckoned by these rules.
    Rules,
}

impl Loket {
    /// Whether this phone knows by which rules a score is reckoned.
    pub fn has_method(self) -> bool {
        self.method().is_some()
    }

    fn method(self) -> Option<MethodInForce> {
        self.home.with(|home| home.as_ref()?.method)
    }

    /// The unit's score by its visit, as far as it is filled, and by the finished interviews on this phone.
    ///
    /// # Errors
    /// [`ScoreFault`].
    pub async fn provisional_score(self, unit: &UnitId) -> Result<UnitScore, ScoreFault> {
        let method = self.method().ok_or(ScoreFault::NotHere)?;
        let rules = self.rules(method).await.ok_or(ScoreFault::NotHere)?;
        let visit = self.visit_of(unit);
        let interviews = self.interviews_that_count(unit).await.ok_or(ScoreFault::NotHere)?;
        let said_at_visit = match &visit {
            Some(visit) => Some((visit.id.to_string(), self.visit_says(visit.id).await?)),
            None => None,
        };
        let said_by_citizens = self.interviews_say(&interviews).await?;
        let said = |(record, evidence)| Said { record, evidence };
        let records = UnitRecords {
            visit: said_at_visit.as_ref().map(|(record, evidence)| said((record.as_str(), evidence))),
            visit_closed: visit.is_some_and(|visit| visit.closed),
            interviews: said_by_citizens
                .iter()
                .map(|(record, evidence)| said((record.as_str(), evidence)))
                .collect(),
        };
        let method = Method { rules: &rules, year: method.year };
        score_unit(method, &records, Depth::Indicators).map_err(|_| ScoreFault::Rules)
    }

    async fn rules(self, method: MethodInForce) -> Option<RuleSet> {
        let json = self.device()?.store.instrument(method.rules).await.ok()??;
        serde_json::from_slice(&json).ok()
    }

    async fn interviews_that_count(self, unit: &UnitId) -> Option<Vec<RecordId>> {
        let round = self.home.with_untracked(|home| home.as_ref().map(|home| home.round.clone()));
        let rows =
            self.device()?.store.list_records(Some(RecordKind::Interview), Some(unit)).await.ok()?.rows;
        let counts = rows.into_iter().filter(|row| {
            let summary = &row.summary;
            summary.closed_at.is_some() && !summary.withdrawn && Some(&row.genesis.round) == round.as_ref()
        });
        Some(counts.map(|row| row.id).collect())
    }

    /// What was typed and is not a change yet counts, too: it is what the surveyor sees.
    async fn visit_says(self, id: RecordId) -> Result<Evidence, ScoreFault> {
        let desk = self.desk(id).await.ok_or(ScoreFault::NotHere)?;
        let reader = self.reader(desk.genesis().instrument).await?;
        Ok(reader.read(desk.read(|record| saved(reader.keys(), record))))
    }

    async fn interviews_say(self, ids: &[RecordId]) -> Result<Vec<(String, Evidence)>, ScoreFault> {
        let mut said = Vec::new();
        for id in ids {
            let record = self.stored(*id).await.ok_or(ScoreFault::NotHere)?;
            let reader = self.reader(record.genesis().instrument).await?;
            said.push((id.to_string(), reader.read(saved(reader.keys(), &record))));
        }
        Ok(said)
    }

    async fn reader(self, instrument: ContentHash) -> Result<Reader, ScoreFault> {
        Ok(Reader::of(self.form(instrument).await.ok_or(ScoreFault::NotHere)?))
    }

    async fn stored(self, id: RecordId) -> Option<Record> {
        let stored = self.device()?.store.load_record(id).await.ok()?;
        desk::read(&stored.row, &stored.changes).ok().map(|(record, _)| record)
    }
}
