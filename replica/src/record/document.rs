//! What stands in a record, read out of its document.

use automerge::{ObjId, ObjType, ReadDoc, ScalarValue, Value};

use super::view::{Map, Stand, Standing, View, Written};
use super::{LastEdit, Record};
use crate::id::{Actor, ChangeHash};

impl Stand for Record {
    fn standing(&self, map: Map) -> Box<dyn Iterator<Item = Standing<'_>> + '_> {
        Box::new(self.doc.map_range(self.maps.of(map), ..).map(|item| {
            let id = item.id();
            let contested = item.conflict;
            let text = self.text_of(&item.value.into_value(), &id);
            Standing { key: item.key, text: text.map(Into::into), contested }
        }))
    }

    fn versions(&self, map: Map, key: &str) -> Vec<Written> {
        let all = self.doc.get_all(self.maps.of(map), key).unwrap_or_default();
        let mut versions: Vec<_> =
            all.iter().filter_map(|(value, id)| self.written(self.text_of(value, id)?, id)).collect();
        versions.sort_by(|a, b| a.order.cmp(&b.order));
        versions
    }
}

impl View for Record {
    fn heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<_> = self.doc.get_heads().into_iter().map(ChangeHash::from).collect();
        heads.sort_unstable();
        heads
    }

    fn last_edit(&self) -> Option<LastEdit> {
        let changes = self.doc.get_changes_meta(&[]);
        let edits = changes.iter().filter_map(|change| {
            let actor = Actor::try_from(change.actor.to_bytes()).ok()?;
            Some(LastEdit { actor, time: change.timestamp })
        });
        edits.max_by_key(|edit| (edit.time, edit.actor))
    }

    fn change_count(&self) -> usize {
        self.doc.get_changes_meta(&[]).len().saturating_sub(1)
    }
}

impl Record {
    /// The answer that holds now; nothing where the question was never answered.
    pub fn answer(&self, path: &str) -> Option<String> {
        let (value, id) = self.doc.get(self.maps.of(Map::Answers), path).ok()??;
        self.text_of(&value, &id)
    }

    fn written(&self, text: String, id: &ObjId) -> Option<Written> {
        let ObjId::Id(counter, actor, _) = id else { return None };
        let change = self.doc.hash_for_opid(id).and_then(|hash| self.doc.get_change_meta_by_hash(&hash));
        Some(Written {
            text,
            order: (*counter, actor.to_bytes().to_vec()),
            actor: Actor::try_from(actor.to_bytes()).ok(),
            time: change.map_or(0, |change| change.timestamp),
        })
    }

    /// The text of a value; other clients of Automerge may have written a text object.
    fn text_of(&self, value: &Value<'_>, id: &ObjId) -> Option<String> {
        match value {
            Value::Scalar(scalar) => scalar_text(scalar),
            Value::Object(ObjType::Text) => self.doc.text(id).ok(),
            Value::Object(_) => None,
        }
    }
}

/// The text of a scalar; other clients of Automerge may have written others than texts.
pub(super) fn scalar_text(scalar: &ScalarValue) -> Option<String> {
    match scalar {
        ScalarValue::Str(text) => Some(text.to_string()),
        ScalarValue::Int(n) => Some(n.to_string()),
        ScalarValue::Uint(n) => Some(n.to_string()),
        ScalarValue::F64(n) => Some(n.to_string()),
        ScalarValue::Boolean(b) => Some(b.to_string()),
        _ => None,
    }
}
