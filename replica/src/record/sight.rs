//! What stands in a record, in sight of somebody: of all that is here, or of what was here when they looked.

use super::history::Places;
use super::part::Part;
use super::parts::Write;
use super::view::{Stand, Standing, View, Written};
use super::{LastEdit, Record};
use crate::id::ChangeHash;

/// A record, and which of its changes are in sight; all where none are named.
#[derive(Clone, Copy)]
pub(super) struct Sight<'r> {
    pub(super) record: &'r Record,
    pub(super) within: Option<&'r Places>,
    /// Something that was in sight is not here any more, or not again yet.
    pub(super) lacks: bool,
}

impl<'r> Sight<'r> {
    /// The values that stand under a name, the one that holds last.
    pub(super) fn writes(self, part: Part, name: &str) -> Vec<&'r Write> {
        let writes = self.record.parts.of(part).get(name).map_or(&[][..], Vec::as_slice);
        self.standing_of(writes).collect()
    }

    /// The text that holds under a name.
    pub(super) fn holding(self, part: Part, name: &str) -> Option<&'r str> {
        self.writes(part, name).last()?.text.as_deref()
    }

    fn standing_of(self, writes: &'r [Write]) -> impl Iterator<Item = &'r Write> {
        writes
            .iter()
            .filter(move |write| self.has(write.change) && !write.over.iter().any(|over| self.has(*over)))
    }

    fn has(self, place: usize) -> bool {
        self.within.is_none_or(|within| within.has(place))
    }

    fn read(self, part: Part) -> impl Iterator<Item = Standing<'r>> {
        self.record.parts.of(part).iter().filter_map(move |(name, writes)| {
            let holds = self.standing_of(writes).last()?;
            let contested = self.standing_of(writes).nth(1).is_some();
            Some(Standing { name: (&**name).into(), text: holds.text.as_deref().map(Into::into), contested })
        })
    }

    fn written(self, write: &Write) -> Option<Written> {
        let (actor, time) = self.record.history.author(write.change)?;
        let text = write.text.as_deref()?.to_owned();
        Some(Written { text, order: (write.number, Some(actor)), time })
    }
}

impl Stand for Sight<'_> {
    fn standing(&self, part: Part) -> Box<dyn Iterator<Item = Standing<'_>> + '_> {
        Box::new(self.read(part))
    }

    fn versions(&self, part: Part, name: &str) -> Vec<Written> {
        self.writes(part, name).into_iter().filter_map(|write| self.written(write)).collect()
    }
}

impl View for Sight<'_> {
    fn heads(&self) -> Vec<ChangeHash> {
        self.record.history.heads(self.within)
    }

    fn last_edit(&self) -> Option<LastEdit> {
        self.record.history.last_edit(self.within)
    }

    fn change_count(&self) -> usize {
        self.record.history.count(self.within)
    }
}

impl Record {
    /// All of it.
    pub(super) fn now(&self) -> Sight<'_> {
        Sight { record: self, within: None, lacks: false }
    }
}

impl Stand for Record {
    fn standing(&self, part: Part) -> Box<dyn Iterator<Item = Standing<'_>> + '_> {
        Box::new(self.now().read(part))
    }

    fn versions(&self, part: Part, name: &str) -> Vec<Written> {
        self.now().versions(part, name)
    }
}

impl View for Record {
    fn heads(&self) -> Vec<ChangeHash> {
        self.now().heads()
    }

    fn last_edit(&self) -> Option<LastEdit> {
        self.now().last_edit()
    }

    fn change_count(&self) -> usize {
        self.now().change_count()
    }
}
