//! The JSON that server and app exchange: enrolment, sessions, home, coverage, problems.

use serde::{Deserialize, Serialize};

use crate::clash::ClashKey;
use crate::genesis::RecordKind;
use crate::id::{
    Challenge, ChangeHash, ContentHash, DeviceId, Epoch, OfficeId, PublicKey, RecordId, RoundId, Signature,
    StreamId, UnitId,
};

/// What a device may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Fills visits and interviews of the office's units.
    Surveyor,
    /// Adds interviews at one place and reads nothing back.
    Kiosk,
    /// Reads everything of the office, writes nothing.
    Coordinator,
}

impl Role {
    /// The word in JSON and in the data base.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Surveyor => "surveyor",
            Self::Kiosk => "kiosk",
            Self::Coordinator => "coordinator",
        }
    }

    /// The role of that word.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Surveyor, Self::Kiosk, Self::Coordinator].into_iter().find(|role| role.as_str() == text)
    }

    /// Whether a device of this role may push.
    pub fn pushes(self) -> bool {
        matches!(self, Self::Surveyor | Self::Kiosk)
    }

    /// Whether a device of this role may pull.
    pub fn pulls(self) -> bool {
        matches!(self, Self::Surveyor | Self::Coordinator)
    }

    /// Whether a device of this role may write in records of this kind.
    pub fn writes(self, kind: RecordKind) -> bool {
        match self {
            Self::Surveyor => true,
            Self::Kiosk => kind == RecordKind::Interview,
            Self::Coordinator => false,
        }
    }
}

/// `POST /api/v1/enrol`: a device makes itself known with a one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The code as the person typed it; the server ignores case, spaces and hyphens.
    pub code: String,
    /// The device's public key.
    pub public_key: PublicKey,
    /// What the device calls itself, for the list of devices.
    pub name: String,
}

/// The answer to an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolReply {
    /// The device's id.
    pub device: DeviceId,
    /// What it may do.
    pub role: Role,
    /// Whose it is, by name.
    pub person: String,
    /// The offices whose records it works with.
    pub offices: Vec<OfficeId>,
    /// The one unit that a kiosk stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
}

/// `POST /api/v1/challenge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeRequest {
    /// Who asks.
    pub device: DeviceId,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeReply {
    /// What the device is to sign.
    pub challenge: Challenge,
}

/// `POST /api/v1/session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRequest {
    /// Who asks.
    pub device: DeviceId,
    /// The challenge that was given.
    pub challenge: Challenge,
    /// The device's signature, see [`crate::attestation::DeviceKey::answer`].
    pub signature: Signature,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionReply {
    /// Goes into `Authorization: Bearer`.
    pub token: String,
    /// Until when it holds, in Unix seconds of the server.
    pub expires: i64,
}

/// `GET /api/v1/home`: everything a device needs before it can work without a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// What this device may do.
    pub role: Role,
    /// Whose this device is.
    pub person: String,
    /// The unit of a kiosk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// The round that new records belong to.
    pub round: RoundId,
    /// The rounds that can be looked at, the newest first.
    #[serde(default)]
    pub rounds: Vec<RoundId>,
    /// What this device follows; empty for a kiosk.
    pub streams: Vec<StreamId>,
    /// The units it works with.
    pub units: Vec<Unit>,
    /// What new records are filled with.
    pub instruments: ActiveInstruments,
    /// The method that provisional scores are reckoned by; none where nothing is scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodInForce>,
    /// The devices whose changes it may meet, to tell who wrote what.
    pub devices: Vec<KnownDevice>,
    /// The log's epoch.
    pub epoch: Epoch,
}

/// A unit that is assessed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its name, as people say it.
    pub name: String,
    /// The government that it belongs to.
    pub government: String,
    /// The province.
    pub province: String,
    /// What kind of office it is.
    pub kind: String,
    /// The Ombudsman's office in charge.
    pub office: OfficeId,
}

/// The method that phones reckon provisional scores by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodInForce {
    /// Its year: `GET /api/v1/methods/{year}` answers its rule set.
    pub year: u16,
    /// SHA-256 of that answer.
    pub rules: ContentHash,
}

/// The instruments in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveInstruments {
    /// For visits.
    pub visit: ContentHash,
    /// For interviews.
    pub interview: ContentHash,
}

/// A device and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownDevice {
    /// The device.
    pub device: DeviceId,
    /// Whose it is, by name.
    pub person: String,
    /// What it may do.
    pub role: Role,
}

/// `POST /api/v1/codes`: a coordinator asks for an enrolment code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    /// For which role.
    pub role: Role,
    /// Whose device it will be.
    pub person: String,
    /// The office it will work with; all of the coordinator's where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeId>,
    /// The unit, for a kiosk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
}

/// The new code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeReply {
    /// The code, as it is to be shown.
    pub code: String,
    /// Until when it can be used, in Unix seconds of the server.
    pub expires: i64,
}

/// `POST /api/v1/approve`: a coordinator found a unit's records in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveRequest {
    /// The unit.
    pub unit: UnitId,
    /// The round.
    pub round: RoundId,
    /// The last change that they had seen: what changed after it is not approved.
    pub upto: u64,
}

/// What was approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveReply {
    /// Records approved anew.
    pub approved: usize,
}

/// `GET /api/v1/coverage`: how far a round has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The round.
    pub round: RoundId,
    /// The server's time of this, in Unix seconds.
    pub at: i64,
    /// Per government.
    pub governments: Vec<GovernmentCoverage>,
    /// The clashes that nobody has settled.
    pub clashes: Vec<OpenClash>,
    /// How many changes were set aside because they could not be applied.
    pub set_aside: u64,
}

/// How far one government has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GovernmentCoverage {
    /// Its name.
    pub name: String,
    /// Its province.
    pub province: String,
    /// How many interviews are wanted.
    pub target: u32,
    /// How many there are, closed and not withdrawn.
    pub interviews: u32,
    /// Visits begun, closed ones among them.
    pub visits_opened: u32,
    /// Visits closed.
    pub visits_closed: u32,
    /// Per unit.
    pub units: Vec<UnitCoverage>,
}

/// How far one unit has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitCoverage {
    /// The unit.
    pub id: UnitId,
    /// Its name.
    pub name: String,
    /// Visits begun and not yet closed.
    pub visits_open: u32,
    /// Visits closed.
    pub visits_closed: u32,
    /// Interviews closed and not withdrawn.
    pub interviews: u32,
    /// Clashes that nobody has settled.
    pub clashes: u32,
    /// Answers in visits that do not hold, as a merge may leave them: against their constraint, none of the choices in
    /// force, or blank in a closed visit though required.
    #[serde(default)]
    pub unsound: u32,
}

/// A clash that nobody has settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenClash {
    /// The record.
    pub record: RecordId,
    /// Visit or interview.
    pub kind: RecordKind,
    /// The unit.
    pub unit: UnitId,
    /// What it is filled with, to put questions and choices in words.
    pub instrument: ContentHash,
    /// Where in the record.
    pub key: ClashKey,
    /// What stands against what.
    pub options: Vec<ClashOption>,
}

/// One side of a clash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClashOption {
    /// The value.
    pub value: String,
    /// Who wrote it, by name where the device is known.
    pub who: String,
    /// When, in Unix seconds of the writing device: a claim.
    pub at: i64,
}

/// `GET /api/v1/aside`: changes that are in the log and could not be applied, the latest first. Nobody is shown them, and
/// nothing counts them; the devices that wrote them still have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// The changes, at most 1,000.
    pub changes: Vec<AsideChange>,
}

/// A change that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsideChange {
    /// Its place in the log.
    pub seq: u64,
    /// The change.
    pub hash: ChangeHash,
    /// Its record.
    pub record: RecordId,
    /// Visit or interview.
    pub kind: RecordKind,
    /// The unit.
    pub unit: UnitId,
    /// Whose device wrote it, by name where it is known.
    pub who: String,
    /// Why, in English, for whoever looks into it.
    pub reason: String,
}

/// The body of every 4xx and 5xx.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemBody {
    /// What went wrong.
    pub error: Problem,
}

/// What went wrong, for the program, for people and for whoever looks for the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A word that never changes, such as `session-expired`.
    pub code: String,
    /// A sentence in English.
    pub message: String,
    /// Which part of the request, where that is known.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}
