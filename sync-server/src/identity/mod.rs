//! Who may write and read: people, their devices, one-time codes, sessions.

pub mod attempts;
pub mod code;
mod postgres;
mod sqlite;
mod store;
mod token;

use replica::api::Role;
use replica::{DeviceId, OfficeId, PublicKey, UnitId};

pub use code::{Code, CodeError};
pub use postgres::PostgresTable;
pub use sqlite::SqliteTable;
pub use store::{EnrolError, Identity, Table};
pub use token::TokenError;

/// What a code gives to the device that uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What it may do.
    pub role: Role,
    /// Whose device it becomes; none lets the person type a name.
    pub person: Option<String>,
    /// Where it may; none is everywhere.
    pub office: Option<OfficeId>,
    /// The one unit that it is for (a kiosk's); none is all of the office.
    pub unit: Option<UnitId>,
}

/// An enrolled device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Fingerprint of the key.
    pub id: DeviceId,
    /// What it signs with.
    pub public_key: PublicKey,
    /// What the device calls itself.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Whose it is.
    pub person: String,
    /// Where it may; none is everywhere.
    pub office: Option<OfficeId>,
    /// The one unit that it is for; none is all of the office.
    pub unit: Option<UnitId>,
    /// True where it may do nothing any more.
    pub revoked: bool,
}

impl Device {
    /// True where the device may see and do things of this office.
    pub fn serves(&self, office: &OfficeId) -> bool {
        self.office.as_ref().is_none_or(|own| own == office)
    }

    /// True where the device may see and do things of this unit of this office.
    pub fn serves_unit(&self, office: &OfficeId, unit: &UnitId) -> bool {
        self.serves(office) && self.unit.as_ref().is_none_or(|own| own == unit)
    }
}
