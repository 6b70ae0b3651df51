//! What answers and rows are called in a record: their paths without the groups that nobody needs to tell them apart.
//!
//! A form's groups say how it is laid out. A record of sixty answers that repeated them in each key would be a fifth larger
//! on the phone and on the line, and an answer's key would change with the page that it is asked on. So a key has the
//! rows that the answer stands in, and the question's name: `standar[k3j2]/persyaratan` of
//! `pelayanan/standar[k3j2]/syarat/persyaratan`. Where a form has several of that key, theirs are with their groups.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::instrument::{Instrument, Node, NodeId, NodeKind};
use crate::path::{ANY_ROW, Path};
use crate::session::Saved;

/// The keys of one instrument's records.
#[derive(Debug, Default)]
pub struct Keys {
    places: Vec<Place>,
    by_key: HashMap<Path, usize>,
    by_path: HashMap<Path, usize>,
}

/// What a question or row is called, with `[]` where a row's id goes.
#[derive(Debug)]
struct Place {
    node: NodeId,
    key: Path,
    path: Path,
}

impl Keys {
    /// Works out what everything in an instrument is called.
    pub fn of(instrument: &Instrument) -> Self {
        let names = names(instrument);
        let mut uses: HashMap<Path, usize> = HashMap::new();
        for (node, name) in instrument.nodes.iter().zip(&names) {
            *uses.entry(name.short.clone()).or_default() += usize::from(!is_group(node));
        }
        let mut keys = Self::default();
        let mut above: Vec<Above> = Vec::with_capacity(names.len());
        for ((node, name), id) in instrument.nodes.iter().zip(&names).zip(0..) {
            let Above { base, groups } =
                name.parent.and_then(|parent| above.get(parent)).cloned().unwrap_or_default();
            if is_group(node) {
                above.push(Above { base, groups: groups.child(&node.name) });
                continue;
            }
            let is_shared = uses.get(&name.short).is_some_and(|uses| *uses > 1);
            let between = if is_shared { base.joined(&groups) } else { base };
            let key = between.child(&step(node));
            above.push(Above { base: key.clone(), groups: Path::top() });
            keys.add(Place { node: NodeId(id), key, path: name.path.clone() });
        }
        keys
    }

    fn add(&mut self, place: Place) {
        let index = self.places.len();
        // Of two that are called the same the first counts, as everywhere.
        self.by_key.entry(place.key.clone()).or_insert(index);
        self.by_path.entry(place.path.clone()).or_insert(index);
        self.places.push(place);
    }

    /// The key of what stands at a path, a question or a row; nothing where the form has no such.
    pub fn key(&self, path: &Path) -> Option<Path> {
        let place = self.found(&self.by_path, path)?;
        Some(place.key.with_rows_of(path))
    }

    /// Where that which a key names stands; nothing where the form has no such.
    pub fn path(&self, key: &str) -> Option<Path> {
        let key: Path = key.parse().ok()?;
        let place = self.found(&self.by_key, &key)?;
        Some(place.path.with_rows_of(&key))
    }

    /// The question or repeat that a key names.
    pub fn node(&self, key: &str) -> Option<NodeId> {
        Some(self.found(&self.by_key, &key.parse().ok()?)?.node)
    }

    /// What a record holds, for a session. What the form has no place for is left out; it stays in the record.
    pub fn saved(
        &self,
        answers: impl IntoIterator<Item = (String, String)>,
        rows: impl IntoIterator<Item = String>,
    ) -> Saved {
        let answers = answers.into_iter().filter_map(|(key, answer)| Some((self.path(&key)?, answer)));
        Saved {
            answers: answers.collect(),
            rows: rows.into_iter().filter_map(|key| self.path(&key)).collect(),
        }
    }

    fn found(&self, by: &HashMap<Path, usize>, name: &Path) -> Option<&Place> {
        self.places.get(*by.get(&name.without_rows())?)
    }
}

/// What a node is called before it is known which names are shared; `[]` stands for a row.
struct Name {
    /// One that stands before it; a parent that does not is none.
    parent: Option<usize>,
    /// With all groups.
    path: Path,
    /// With none. Of a group, what stands before the keys of what is in it.
    short: Path,
}

/// What stands before the keys of what is in a node.
#[derive(Clone, Default)]
struct Above {
    /// The key of the repeat around it.
    base: Path,
    /// The groups in that repeat around it.
    groups: Path,
}

fn names(instrument: &Instrument) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::with_capacity(instrument.nodes.len());
    for (at, node) in instrument.nodes.iter().enumerate() {
        let parent =
            node.parent.and_then(|parent| usize::try_from(parent.0).ok()).filter(|parent| *parent < at);
        let above = parent.and_then(|parent| names.get(parent));
        let (path, short) =
            above.map_or_else(Default::default, |above| (above.path.clone(), above.short.clone()));
        let short = if is_group(node) { short } else { short.child(&step(node)) };
        names.push(Name { parent, path: path.child(&step(node)), short });
    }
    names
}

fn is_group(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Group)
}

fn step(node: &Node) -> Cow<'_, str> {
    match node.kind {
        NodeKind::Repeat { .. } => Cow::Owned(format!("{}{ANY_ROW}", node.name)),
        NodeKind::Group | NodeKind::Question(_) => Cow::Borrowed(&node.name),
    }
}

#[cfg(all(test, feature = "xlsform"))]
mod tests {
    use super::*;
    use crate::test_form::form;

    fn keys() -> Keys {
        Keys::of(&form(
            "
            | survey |
            |  | type | name | label |
            |  | text | nama | nama |
            |  | begin_group | bagian | bagian |
            |  | text | umur | umur |
            |  | text | catatan | catatan |
            |  | begin_repeat | standar | standar |
            |  | text | produk | produk |
            |  | begin_group | biaya | biaya |
            |  | text | catatan | catatan |
            |  | end_group |  |  |
            |  | begin_group | waktu | waktu |
            |  | text | catatan | catatan |
            |  | text | hari | hari |
            |  | end_group |  |  |
            |  | end_repeat |  |  |
            |  | end_group |  |  |
            |  | begin_group | penutup | penutup |
            |  | text | catatan | catatan |
            |  | begin_repeat | saksi | saksi |
            |  | text | nama | nama |
            |  | end_repeat |  |  |
            |  | end_group |  |  |
            ",
        ))
    }

    #[test]
    fn a_key_has_the_rows_and_the_name_and_groups_only_where_names_are_shared() {
        let keys = keys();
        let named = [
            ("nama", "nama"),
            ("bagian/umur", "umur"),
            ("bagian/catatan", "bagian/catatan"),
            ("penutup/catatan", "penutup/catatan"),
            ("bagian/standar[k3j2]", "standar[k3j2]"),
            ("bagian/standar[k3j2]/produk", "standar[k3j2]/produk"),
            ("bagian/standar[k3j2]/biaya/catatan", "standar[k3j2]/biaya/catatan"),
            ("bagian/standar[k3j2]/waktu/catatan", "standar[k3j2]/waktu/catatan"),
            ("bagian/standar[k3j2]/waktu/hari", "standar[k3j2]/hari"),
            ("penutup/saksi[1]/nama", "saksi[1]/nama"),
        ];
        for (path, key) in named {
            let path: Path = path.parse().unwrap();
            assert_eq!(keys.key(&path).unwrap().as_str(), key);
            assert_eq!(keys.path(key).unwrap(), path);
        }
        for none in ["", "bagian", "standar", "catatan", "bagian/umur", "standar[k3j2]/x", "saksi[A]"] {
            assert_eq!(keys.path(none), None, "{none}");
        }
        for none in ["", "bagian", "bagian/standar", "umur"] {
            assert_eq!(keys.key(&none.parse().unwrap()), None, "{none}");
        }
    }

    #[test]
    fn what_a_record_holds_is_read_by_its_keys_and_what_the_form_has_no_place_for_is_left_out() {
        let text = |text: &str| text.to_owned();
        let answers = [("umur", "30"), ("standar[a]/hari", "2"), ("lain", "x"), ("bagian/umur", "y")];
        let answers = answers.map(|(key, answer)| (text(key), text(answer)));
        let saved = keys().saved(answers, ["standar[a]", "lain[b]"].map(text));
        let answers: Vec<_> =
            saved.answers.iter().map(|(path, answer)| (path.as_str(), answer.as_str())).collect();
        assert_eq!(answers, [("bagian/standar[a]/waktu/hari", "2"), ("bagian/umur", "30")]);
        assert_eq!(saved.rows, ["bagian/standar[a]".parse().unwrap()]);
    }
}
