//! What is known of a record before anyone writes in it, and what follows from that alone: its id,
//! and its first change, the same bytes on every device.

use std::num::NonZeroU64;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Change, ExpandedChange, ScalarValue};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::id::{ChangeHash, ContentHash, OfficeId, RecordId, RoundId, StreamId, UnitId};
use crate::mutation::{self, Rule};

/// What a record is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "kebab-case")]
#[cbor(index_only)]
pub enum RecordKind {
    /// One unit in one round, filled by several people.
    #[n(0)]
    Visit,
    /// One citizen, written once by one device.
    #[n(1)]
    Interview,
}

impl RecordKind {
    /// The word that stands in the document and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Interview => "interview",
        }
    }
}

/// What is known of a record before anyone writes in it.
///
/// Two devices that start the same visit without knowing of each other come to the same genesis,
/// so they write in one record. Interviews are told apart by a random nonce.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Genesis {
    /// Visit or interview.
    #[n(0)]
    pub kind: RecordKind,
    /// The Ombudsman's office that the record belongs to.
    #[n(1)]
    pub office: OfficeId,
    /// The round of assessment.
    #[n(2)]
    pub round: RoundId,
    /// The unit that is assessed.
    #[n(3)]
    pub unit: UnitId,
    /// The instrument that the record is filled with, for ever.
    #[n(4)]
    pub instrument: ContentHash,
    /// 16 random bytes in an interview; nothing in a visit.
    #[n(5)]
    #[serde(default, with = "nonce_as_hex", skip_serializing_if = "Option::is_none")]
    #[cbor(with = "minicbor::bytes")]
    pub nonce: Option<[u8; 16]>,
}

/// The first change of a record, derived from its genesis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootChange {
    /// The change's hash.
    pub hash: ChangeHash,
    /// The change as an uncompressed Automerge change chunk.
    pub bytes: Vec<u8>,
}

/// The actor that every record's first change is written by: no device has it.
const ROOT_ACTOR: [u8; 1] = [0];

/// The key that it writes under.
const ROOT_KEY: &str = "/record";

/// The number of its only operation: a record's other changes begin behind it.
pub const ROOT_MAX_OP: u64 = 1;

impl Genesis {
    /// A visit has no nonce and an interview has one; anything else names no record.
    pub fn is_sound(&self) -> bool {
        (self.kind == RecordKind::Interview) == self.nonce.is_some()
    }

    /// The first 16 bytes of SHA-256 over `"loket record 2"` and the genesis as CBOR.
    pub fn record_id(&self) -> RecordId {
        let mut hasher = Sha256::new();
        hasher.update(b"loket record 2");
        hasher.update(self.to_cbor());
        let hash: [u8; 32] = hasher.finalize().into();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        RecordId::new(id)
    }

    /// The genesis as it stands on the wire.
    pub fn to_cbor(&self) -> Vec<u8> {
        // Encoding into a vector has no way to fail.
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// The stream that the record's changes travel in.
    pub fn stream(&self) -> StreamId {
        StreamId { office: self.office.clone(), round: self.round.clone() }
    }

    /// The first change: the same hash and bytes on every device.
    pub fn root(&self) -> RootChange {
        let change = self.root_change();
        RootChange { hash: change.hash().into(), bytes: change.raw_bytes().to_vec() }
    }

    pub(crate) fn root_change(&self) -> Change {
        let put = Op {
            action: OpType::Put(ScalarValue::Str(self.text().into())),
            obj: ObjectId::Root,
            key: Key::Map(ROOT_KEY.into()),
            pred: SortedVec::<OpId>::new(),
            insert: false,
        };
        ExpandedChange {
            operations: vec![put],
            actor_id: ActorId::from(ROOT_ACTOR),
            hash: None,
            seq: 1,
            start_op: NonZeroU64::MIN,
            time: if mutation::is_off(Rule::DerivedRoot) { mutation::count() } else { 0 },
            message: None,
            deps: Vec::new(),
            extra_bytes: Vec::new(),
            author: None,
        }
        .into()
    }

    /// The genesis in one line: kind, office, round, unit, instrument and, in an interview, nonce.
    fn text(&self) -> String {
        let Self { kind, office, round, unit, instrument, nonce } = self;
        let nonce = nonce.map(|nonce| format!(" {}", hex::encode(nonce))).unwrap_or_default();
        format!("{} {office} {round} {unit} {instrument}{nonce}", kind.as_str())
    }
}

mod nonce_as_hex {
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub fn serialize<S: Serializer>(nonce: &Option<[u8; 16]>, to: S) -> Result<S::Ok, S::Error> {
        match nonce {
            Some(nonce) => to.serialize_str(&hex::encode(nonce)),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<[u8; 16]>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let mut nonce = [0; 16];
        hex::decode_to_slice(&text, &mut nonce)
            .map_err(|_| de::Error::custom("a nonce is written as 32 hexadecimal digits"))?;
        Ok(Some(nonce))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use automerge::transaction::Transactable;
    use automerge::{AutoCommit, ROOT, ReadDoc};

    pub(crate) fn visit() -> Genesis {
        Genesis {
            kind: RecordKind::Visit,
            office: "bangka-belitung".parse().unwrap(),
            round: "2025".parse().unwrap(),
            unit: "pangkalpinang-dukcapil".parse().unwrap(),
            instrument: ContentHash::new([5; 32]),
            nonce: None,
        }
    }

    fn by_document(genesis: &Genesis) -> Vec<u8> {
        let mut doc = AutoCommit::new().with_actor(ActorId::from(ROOT_ACTOR));
        let Genesis { kind, office, round, unit, instrument, nonce } = genesis;
        let nonce = nonce.map(hex::encode);
        let told = [kind.as_str(), office.as_str(), round.as_str(), unit.as_str(), &instrument.to_string()];
        let told: Vec<&str> = told.into_iter().chain(nonce.as_deref()).collect();
        doc.put(ROOT, ROOT_KEY, told.join(" ")).unwrap();
        doc.commit_with(automerge::transaction::CommitOptions::default().with_time(0));
        doc.get_changes(&[])[0].raw_bytes().to_vec()
    }

    #[test]
    fn the_first_change_is_the_one_that_a_document_would_write() {
        let interview = Genesis { kind: RecordKind::Interview, nonce: Some([3; 16]), ..visit() };
        for genesis in [visit(), interview] {
            assert_eq!(genesis.root().bytes, by_document(&genesis));
        }
    }

    #[test]
    fn the_first_change_and_the_id_never_change() {
        // Records in the field hang on these two: where this test fails, every record starts twice.
        assert_eq!(visit().record_id().to_string(), "732f90f40b264f83799728d81ce94a9f");
        assert_eq!(
            visit().root().hash.to_string(),
            "4ee9c75bda3f1916adf7b6853fffbad65e328fb57ba779ebcadaec5952e9cc73"
        );
    }

    #[test]
    fn a_document_takes_the_first_change_and_survives_saving() {
        let mut doc = automerge::Automerge::new();
        doc.apply_changes([visit().root_change()]).unwrap();
        assert_eq!(doc.keys(ROOT).collect::<Vec<_>>(), [ROOT_KEY]);
        let loaded = automerge::Automerge::load(&doc.save()).unwrap();
        assert_eq!(loaded.get_heads(), vec![visit().root().hash.into()]);
    }

    #[test]
    fn every_part_of_the_genesis_tells_records_apart() {
        let a = visit();
        let others = [
            Genesis { office: "bontang".parse().unwrap(), ..a.clone() },
            Genesis { round: "2026".parse().unwrap(), ..a.clone() },
            Genesis { unit: "x".parse().unwrap(), ..a.clone() },
            Genesis { instrument: ContentHash::new([6; 32]), ..a.clone() },
            Genesis { kind: RecordKind::Interview, nonce: Some([0; 16]), ..a.clone() },
            Genesis { kind: RecordKind::Interview, nonce: Some([1; 16]), ..a.clone() },
        ];
        for (i, other) in others.iter().enumerate() {
            assert_ne!(other.record_id(), a.record_id());
            assert_ne!(other.root(), a.root());
            for another in &others[i + 1..] {
                assert_ne!(other.record_id(), another.record_id());
            }
        }
    }

    #[test]
    fn a_genesis_reads_what_it_writes() {
        let interview = Genesis { kind: RecordKind::Interview, nonce: Some([3; 16]), ..visit() };
        for genesis in [visit(), interview] {
            assert_eq!(minicbor::decode::<Genesis>(&genesis.to_cbor()).unwrap(), genesis);
            let json = serde_json::to_string(&genesis).unwrap();
            assert_eq!(serde_json::from_str::<Genesis>(&json).unwrap(), genesis);
            assert!(genesis.is_sound());
        }
        assert!(!Genesis { nonce: Some([0; 16]), ..visit() }.is_sound());
    }
}
