//! Keys of records, on forms of any shape: whatever can be answered has one of its own, and is found again by it.
#![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use survey::instrument::{Instrument, Node, NodeId, NodeKind};
use survey::keys::Keys;
use survey::path::Path;

/// A node: one of three kinds, one of three names, in one of the groups and repeats before it.
fn nodes() -> impl Strategy<Value = Vec<(u8, u8, usize)>> {
    prop::collection::vec((0..3_u8, 0..3_u8, any::<usize>()), 1..40)
}

/// The form, without nodes that are called as a sibling is, and where each question and row stands.
fn form(drawn: &[(u8, u8, usize)]) -> (Instrument, Vec<Path>) {
    let (mut nodes, mut paths) = (Vec::<Node>::new(), Vec::new());
    let mut places = vec![(None, Path::top())];
    let mut taken = BTreeSet::new();
    for (kind, name, parent) in drawn {
        let (parent, above) = places[parent % places.len()].clone();
        let name = ["a", "b", "c"][usize::from(*name)];
        if !taken.insert((parent.map(|id: NodeId| id.0), name)) {
            continue;
        }
        let kind = match kind {
            0 => NodeKind::Group,
            1 => NodeKind::Repeat { count: None },
            _ => NodeKind::Question(Box::default()),
        };
        let id = NodeId(u32::try_from(nodes.len()).unwrap());
        let path = above.child(name);
        match &kind {
            NodeKind::Group => places.push((Some(id), path)),
            NodeKind::Repeat { .. } => {
                let row: Path = format!("{path}[r{}]", id.0).parse().unwrap();
                paths.push(row.clone());
                places.push((Some(id), row));
            }
            NodeKind::Question(_) => paths.push(path),
        }
        nodes.push(Node { name: name.to_owned(), parent, ..Node::of(kind) });
    }
    let blank = String::new;
    let instrument = Instrument {
        form_id: blank(),
        title: blank(),
        version: blank(),
        languages: Vec::new(),
        nodes,
        choice_lists: BTreeMap::new(),
        files: BTreeMap::new(),
        naming: None,
    };
    (instrument, paths)
}

proptest! {
    #[test]
    fn whatever_can_be_answered_has_a_key_of_its_own_and_is_found_by_it(drawn in nodes()) {
        let (instrument, paths) = form(&drawn);
        let keys = Keys::of(&instrument);
        let mut met = BTreeSet::new();
        for path in paths {
            let key = keys.key(&path).unwrap();
            prop_assert!(key.as_str().len() <= path.as_str().len());
            prop_assert_eq!(keys.path(key.as_str()), Some(path.clone()));
            prop_assert_eq!(key.as_str().ends_with(']'), path.as_str().ends_with(']'));
            prop_assert!(met.insert(key.clone()), "{} twice", key);
        }
    }
}
