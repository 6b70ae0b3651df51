//! What several tests need.
#![allow(dead_code, missing_docs, reason = "each test file uses some of it")]

use replica::{Actor, ContentHash, DeviceId, Edit, Genesis, RecordKind, TabId};

pub fn genesis_of(unit: &str) -> Genesis {
    Genesis {
        kind: RecordKind::Visit,
        office: "bangka-belitung".parse().unwrap(),
        round: "2025".parse().unwrap(),
        unit: unit.parse().unwrap(),
        instrument: ContentHash::new([5; 32]),
        nonce: None,
    }
}

pub fn visit() -> Genesis {
    genesis_of("pangkalpinang-dukcapil")
}

pub fn interview(n: u8) -> Genesis {
    Genesis { kind: RecordKind::Interview, nonce: Some([n; 16]), ..visit() }
}

pub fn actor(n: u8) -> Actor {
    Actor::of(DeviceId::new([n; 16]), TabId::new([n; 8]))
}

pub fn answer(path: &str, value: &str) -> Edit {
    Edit::Answer { path: path.parse().unwrap(), value: value.parse().unwrap() }
}

pub fn row(path: &str) -> Edit {
    Edit::AddRow { row: path.parse().unwrap(), after: None }
}

pub fn remove_row(path: &str) -> Edit {
    Edit::RemoveRow { row: path.parse().unwrap() }
}

pub fn move_row(path: &str, after: Option<&str>) -> Edit {
    Edit::MoveRow { row: path.parse().unwrap(), after: after.map(|after| after.parse().unwrap()) }
}

pub fn comment(id: &str, at: Option<&str>, text: &str) -> Edit {
    let at = at.map(|at| at.parse().unwrap());
    Edit::Comment { id: id.parse().unwrap(), at, text: text.parse().unwrap() }
}
