//! What decides whether a well-formed change is stored, given what is stored already.

use replica::mutation::{Rule, is_off};
use replica::wire::{Outcome, RefusalCode};
use replica::{Actor, ChangeHash, DeviceId, RecordKind};

use super::{BatchChange, BatchRecord, Seq};

/// Most changes of one record: far more than a season of work, far less than what slows a phone.
pub const MAX_RECORD_CHANGES: u64 = 10_000;

/// What the rules ask of a log, within one transaction.
pub trait View {
    /// How looking fails.
    type Error;

    /// Where a change is stored, whatever its record.
    ///
    /// # Errors
    /// Where looking fails.
    fn place(&mut self, hash: &ChangeHash) -> Result<Option<Seq>, Self::Error>;

    /// True where a change is stored for this record.
    ///
    /// # Errors
    /// Where looking fails.
    fn holds(&mut self, record: i64, hash: &ChangeHash) -> Result<bool, Self::Error>;

    /// The number of the last change of an actor in a record, 0 where it has none.
    ///
    /// # Errors
    /// Where looking fails.
    fn last_sequence(&mut self, record: i64, actor: &Actor) -> Result<u64, Self::Error>;
}

/// A record as the log knows it within one transaction.
#[derive(Debug, Clone)]
pub struct RecordState {
    /// The log's own number for it.
    pub number: i64,
    /// The device that wrote first.
    pub author: Option<DeviceId>,
    /// The highest operation counter that it holds.
    pub max_op: u64,
    /// How many changes it holds.
    pub changes: u64,
}

/// Decides on one change: none means that it is to be stored.
///
/// # Errors
/// Where the view fails.
pub fn decide<V: View>(
    view: &mut V,
    record: &BatchRecord,
    state: &RecordState,
    change: &BatchChange,
) -> Result<Option<Outcome>, V::Error> {
    if let Some(seq) = view.place(&change.hash)?.filter(|_| !is_off(Rule::IdempotentByHash)) {
        return Ok(Some(Outcome::Known(seq)));
    }
    let refused = |code| Ok(Some(Outcome::Refused(code)));
    let by_another = state.author.is_some_and(|author| author != change.actor.device());
    if record.genesis.kind == RecordKind::Interview && by_another {
        return refused(RefusalCode::NotPermitted);
    }
    if state.changes >= MAX_RECORD_CHANGES {
        return refused(RefusalCode::RecordFull);
    }
    let last = view.last_sequence(state.number, &change.actor)?;
    if change.sequence <= last && !is_off(Rule::SequenceCheck) {
        return refused(RefusalCode::Sequence);
    }
    // Every change but the derived first one builds on something.
    if change.deps.is_empty() {
        return refused(RefusalCode::UnknownRecord);
    }
    for dep in &change.deps {
        if *dep != record.root && !is_off(Rule::DependencyCheck) && !view.holds(state.number, dep)? {
            return refused(RefusalCode::UnknownDependency);
        }
    }
    if change.sequence > last + 1 && !is_off(Rule::SequenceCheck) {
        return refused(RefusalCode::Sequence);
    }
    // All that it builds on is stored, so an honest device has counted no further than the log.
    if change.start_op > state.max_op + 1 {
        return refused(RefusalCode::StartOp);
    }
    Ok(None)
}
