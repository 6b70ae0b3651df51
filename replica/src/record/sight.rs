//! What stands in a record, in sight of somebody: of all that is here, or of what was here when they looked.

use super::history::Places;
use super::maps::Write;
use super::view::{Map, Stand, Standing, View, Written};
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
    /// The values that stand under a key, the one that holds last.
    pub(super) fn writes(self, map: Map, key: &str) -> Vec<&'r Write> {
        let writes = self.record.maps.of(map).get(key).map_or(&[][..], Vec::as_slice);
        self.standing_of(writes).collect()
    }

    /// The text that holds under a key.
    pub(super) fn holding(self, map: Map, key: &str) -> Option<&'r str> {
        self.writes(map, key).last()?.text.as_deref()
    }

    fn standing_of(self, writes: &'r [Write]) -> impl Iterator<Item = &'r Write> {
        writes
            .iter()
            .filter(move |write| self.has(write.change) && !write.over.iter().any(|over| self.has(*over)))
    }

    fn has(self, place: usize) -> bool {
        self.within.is_none_or(|within| within.has(place))
    }

    fn read(self, map: Map) -> impl Iterator<Item = Standing<'r>> {
        self.record.maps.of(map).iter().filter_map(move |(key, writes)| {
            let holds = self.standing_of(writes).last()?;
            let contested = self.standing_of(writes).nth(1).is_some();
            Some(Standing { key: (&**key).into(), text: holds.text.as_deref().map(Into::into), contested })
        })
    }

    fn written(self, write: &Write) -> Option<Written> {
        let (actor, time) = self.record.history.author(write.change)?;
        let text = write.text.as_deref()?.to_owned();
        Some(Written { text, order: (write.number, Some(actor)), time })
    }
}

impl Stand for Sight<'_> {
    fn standing(&self, map: Map) -> Box<dyn Iterator<Item = Standing<'_>> + '_> {
        Box::new(self.read(map))
    }

    fn versions(&self, map: Map, key: &str) -> Vec<Written> {
        self.writes(map, key).into_iter().filter_map(|write| self.written(write)).collect()
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
    fn standing(&self, map: Map) -> Box<dyn Iterator<Item = Standing<'_>> + '_> {
        Box::new(self.now().read(map))
    }

    fn versions(&self, map: Map, key: &str) -> Vec<Written> {
        self.now().versions(map, key)
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
