//! Fills real instruments: an edit for every select that stands in them.

use replica::Edit;
use survey::instrument::{Instrument, NodeKind, QuestionKind};
use survey::keys::Keys;

/// Adds `rows` rows to each repeat, and answers every select with the choice that `pick` takes out of so many; a
/// question that `fixed` names gets that answer.
pub fn edits(
    instrument: &Instrument,
    rows: u8,
    pick: &mut dyn FnMut(usize) -> usize,
    fixed: &[(&str, &str)],
) -> Vec<Edit> {
    let keys = Keys::of(instrument);
    let key = |path: &str| keys.key(&path.parse().unwrap()).unwrap().to_string();
    let mut edits = Vec::new();
    let mut places: Vec<Vec<String>> = Vec::new();
    for node in &instrument.nodes {
        let parents = match node.parent {
            Some(parent) => places[usize::try_from(parent.0).unwrap()].clone(),
            None => vec![String::new()],
        };
        let mut own = Vec::new();
        for parent in parents {
            let path = if parent.is_empty() { node.name.clone() } else { format!("{parent}/{}", node.name) };
            if let NodeKind::Repeat { .. } = node.kind {
                for row in 0..rows {
                    let path = format!("{path}[{}]", char::from(b'a' + row));
                    edits.push(Edit::AddRow { row: key(&path).parse().unwrap(), after: None });
                    own.push(path);
                }
                continue;
            }
            if let NodeKind::Question(question) = &node.kind {
                let list = question.choice_list.as_ref().and_then(|list| instrument.choice_lists.get(list));
                let named = fixed.iter().find(|(name, _)| *name == node.name).map(|(_, to)| (*to).to_owned());
                let drawn = list.map(|list| {
                    let at = pick(list.choices.len());
                    match question.kind {
                        QuestionKind::SelectMultiple => list.choices[..=at]
                            .iter()
                            .map(|of| of.name.as_str())
                            .collect::<Vec<_>>()
                            .join(" "),
                        _ => list.choices[at].name.clone(),
                    }
                });
                if let Some(value) = named.or(drawn) {
                    edits.push(Edit::Answer {
                        path: key(&path).parse().unwrap(),
                        value: value.parse().unwrap(),
                    });
                }
            }
            own.push(path);
        }
        places.push(own);
    }
    edits
}

/// What makes a visit one that could be assessed, with officers there.
pub const ASSESSED: [(&str, &str); 4] = [
    ("dapat_dinilai", "ya"),
    ("jenis_unit", "dukcapil"),
    ("kehadiran", "hadir"),
    ("kehadiran_aduan", "hadir"),
];
/// What makes an interview one that was agreed to.
pub const AGREED: [(&str, &str); 3] = [("umur", "dewasa"), ("setuju", "ya"), ("izin_wali", "ya")];
