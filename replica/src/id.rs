//! The names of things: records, devices, actors, contents, offices, units, rounds, streams.
//!
//! Ids made of bytes are hex where people and JSON see them and bare bytes in CBOR. All of them are
//! checked when they are read, so that inside the program a wrong one cannot exist.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text or a run of bytes that is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Hex of another length, or not hex.
    #[error("{kind} is written as {expected} hexadecimal digits, lower case")]
    NotHex {
        /// Which id was wanted.
        kind: &'static str,
        /// How many digits it has.
        expected: usize,
    },
    /// Bytes of another length.
    #[error("{kind} is {expected} bytes long, this is {found}")]
    Length {
        /// Which id was wanted.
        kind: &'static str,
        /// How many bytes it has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// Not a slug.
    #[error("{kind} is 1 to 64 of the characters a-z, 0-9 and -")]
    NotSlug {
        /// Which id was wanted.
        kind: &'static str,
    },
    /// Not `office/round`.
    #[error("a stream is written as office/round")]
    NotStream,
}

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The id made of these bytes.
            pub const fn new(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let wrong = IdError::NotHex { kind: $kind, expected: $len * 2 };
                if text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(wrong);
                }
                let mut bytes = [0; $len];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| wrong)?;
                Ok(Self(bytes))
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = IdError;

            fn try_from(bytes: &[u8]) -> Result<Self, IdError> {
                let wrong = IdError::Length { kind: $kind, expected: $len, found: bytes.len() };
                Ok(Self(bytes.try_into().map_err(|_| wrong)?))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let at = d.position();
                Self::try_from(d.bytes()?).map_err(|_| {
                    minicbor::decode::Error::message(concat!($kind, " has the wrong length")).at(at)
                })
            }
        }
    };
}

byte_id!(
    /// A record: the first 16 bytes of SHA-256 over its genesis (see [`crate::Genesis::record_id`]).
    RecordId, 16, "a record id"
);
byte_id!(
    /// A device: the first 16 bytes of SHA-256 over its public key (see [`crate::attestation::device_id`]).
    DeviceId, 16, "a device id"
);
byte_id!(
    /// The random part of an actor, drawn anew by every open tab so that no two share a sequence.
    TabId, 8, "a tab id"
);
byte_id!(
    /// SHA-256 of a content: an instrument, a photo.
    ContentHash, 32, "a content hash"
);
byte_id!(
    /// SHA-256 of one Automerge change, as Automerge reckons it.
    ChangeHash, 32, "a change hash"
);
byte_id!(
    /// Which life of the server's log this is; another one after a restore from a backup.
    Epoch, 16, "an epoch"
);
byte_id!(
    /// XOR of the first 16 bytes of every change hash in a set; order plays no part.
    Digest, 16, "a digest"
);
byte_id!(
    /// An Ed25519 public key.
    PublicKey, 32, "a public key"
);
byte_id!(
    /// An Ed25519 signature.
    Signature, 64, "a signature"
);
byte_id!(
    /// What the server asks a device to sign, once.
    Challenge, 32, "a challenge"
);

impl From<automerge::ChangeHash> for ChangeHash {
    fn from(hash: automerge::ChangeHash) -> Self {
        Self(hash.0)
    }
}

impl From<ChangeHash> for automerge::ChangeHash {
    fn from(hash: ChangeHash) -> Self {
        Self(hash.0)
    }
}

impl Digest {
    /// The digest of no change at all.
    pub const EMPTY: Self = Self::new([0; 16]);

    /// Takes a change in; twice takes it out again.
    pub fn toggle(&mut self, hash: &ChangeHash) {
        for (mine, theirs) in self.0.iter_mut().zip(hash.0) {
            *mine ^= theirs;
        }
    }

    /// The digest of this set without those of another that is part of it.
    #[must_use]
    pub fn without(self, other: &Self) -> Self {
        let mut rest = self;
        for (mine, theirs) in rest.0.iter_mut().zip(other.0) {
            *mine ^= theirs;
        }
        rest
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::EMPTY
    }
}

byte_id!(
    /// Who writes a change: the device, and which of its open tabs.
    Actor, 24, "an actor"
);

impl Actor {
    /// The actor of one tab on one device.
    pub fn of(device: DeviceId, tab: TabId) -> Self {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(device.as_bytes());
        bytes[16..].copy_from_slice(tab.as_bytes());
        Self(bytes)
    }

    /// The device that the actor belongs to.
    pub fn device(&self) -> DeviceId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.0[..16]);
        DeviceId::new(bytes)
    }

    /// Which tab of that device.
    pub fn tab(&self) -> TabId {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[16..]);
        TabId::new(bytes)
    }
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if is_slug(text) { Ok(Self(text.into())) } else { Err(IdError::NotSlug { kind: $kind }) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let at = d.position();
                d.str()?.parse().map_err(|_| {
                    minicbor::decode::Error::message(concat!($kind, " is not a slug")).at(at)
                })
            }
        }
    };
}

fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

slug!(
    /// One office of the Ombudsman, such as `bangka-belitung`.
    OfficeId, "an office"
);
slug!(
    /// One unit that is visited, such as `pangkalpinang-dukcapil`.
    UnitId, "a unit"
);
slug!(
    /// One round of assessment, such as `2025`.
    RoundId, "a round"
);

/// What a device follows with one cursor: the records of one office in one round.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamId {
    /// The office.
    pub office: OfficeId,
    /// The round.
    pub round: RoundId,
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.office, self.round)
    }
}

impl FromStr for StreamId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (office, round) = text.split_once('/').ok_or(IdError::NotStream)?;
        Ok(Self { office: office.parse()?, round: round.parse()? })
    }
}

impl TryFrom<String> for StreamId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<StreamId> for String {
    fn from(stream: StreamId) -> String {
        stream.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_what_they_write_in_text_json_and_cbor() {
        let actor = Actor::of(DeviceId::new([7; 16]), TabId::new([9; 8]));
        assert_eq!(actor.to_string().parse::<Actor>(), Ok(actor));
        assert_eq!(actor.device(), DeviceId::new([7; 16]));
        assert_eq!(actor.tab(), TabId::new([9; 8]));
        let json = serde_json::to_string(&actor).unwrap();
        assert_eq!(json, format!("\"{actor}\""));
        assert_eq!(serde_json::from_str::<Actor>(&json).unwrap(), actor);
        let cbor = minicbor::to_vec(actor).unwrap();
        assert_eq!(cbor.len(), 26);
        assert_eq!(minicbor::decode::<Actor>(&cbor).unwrap(), actor);
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        assert!("".parse::<RecordId>().is_err());
        assert!("00".repeat(15).parse::<RecordId>().is_err());
        assert!("0G".repeat(16).parse::<RecordId>().is_err());
        assert!("AB".repeat(16).parse::<RecordId>().is_err());
        assert!(minicbor::decode::<RecordId>(&[0x41, 0]).is_err());
        for slug in ["", "A", "a b", "a/b", "é", &"a".repeat(65)] {
            assert!(slug.parse::<UnitId>().is_err(), "{slug:?}");
        }
    }

    #[test]
    fn a_stream_is_an_office_and_a_round() {
        let stream: StreamId = "bangka-belitung/2025".parse().unwrap();
        assert_eq!(stream.office.as_str(), "bangka-belitung");
        assert_eq!(stream.to_string(), "bangka-belitung/2025");
        for wrong in ["", "a", "a/", "/b", "a/b/c"] {
            assert!(wrong.parse::<StreamId>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_digest_does_not_mind_the_order_and_forgets_what_is_taken_out() {
        let (a, b) = (ChangeHash::new([1; 32]), ChangeHash::new([2; 32]));
        let (mut one, mut two) = (Digest::EMPTY, Digest::EMPTY);
        one.toggle(&a);
        one.toggle(&b);
        two.toggle(&b);
        two.toggle(&a);
        assert_eq!(one, two);
        assert_ne!(one, Digest::EMPTY);
        one.toggle(&a);
        one.toggle(&b);
        assert_eq!(one, Digest::EMPTY);
    }
}
