//! Codes, devices and sessions, wherever their tables are.

use replica::api::Role;
use replica::{Challenge, DeviceId, PublicKey, attestation};
use thiserror::Error;

use super::token::{Secret, TokenError};
use super::{Code, Device, Grant};
use crate::database::StoreError;
use crate::random;
use crate::releases::key::ReleaseKey;

/// Longest name of a person or a device, in characters.
const NAME_LENGTH: usize = 80;

/// The tables of codes and devices. Each call is durable when it returns.
pub trait Table: Send + Sync {
    /// The secret of this name: the one kept, or `drawn`, which is kept from then on.
    ///
    /// # Errors
    /// Where the store fails.
    fn secret(&self, name: &str, drawn: [u8; 32]) -> Result<[u8; 32], StoreError>;

    /// Keeps a code by its keyed hash.
    ///
    /// # Errors
    /// Where the store fails.
    fn put_code(&self, mac: &[u8; 32], grant: &Grant, made: i64, ends: i64) -> Result<(), StoreError>;

    /// Uses a code up and writes the device that `make` makes of its grant, both or neither. A code that this device
    /// has used before is good for it again.
    ///
    /// # Errors
    /// As `make`, where there is no such code, or where the store fails.
    fn enrol(
        &self,
        mac: &[u8; 32],
        device: DeviceId,
        now: i64,
        make: &dyn Fn(Grant) -> Result<Device, EnrolError>,
    ) -> Result<Device, EnrolError>;

    /// The device of that id.
    ///
    /// # Errors
    /// Where the store fails.
    fn device(&self, id: DeviceId) -> Result<Option<Device>, StoreError>;

    /// All devices, in the order in which they enrolled.
    ///
    /// # Errors
    /// Where the store fails.
    fn devices(&self) -> Result<Vec<Device>, StoreError>;

    /// Shuts a device out from now on. False where there is no such device.
    ///
    /// # Errors
    /// Where the store fails.
    fn revoke(&self, id: DeviceId, now: i64) -> Result<bool, StoreError>;
}

/// Codes, devices and the secret that sessions are made with.
pub struct Identity {
    table: Box<dyn Table>,
    secret: Secret,
}

/// Why a device was not enrolled.
#[derive(Debug, Error)]
pub enum EnrolError {
    /// No such code, or used, or too old; which of these is told to nobody.
    #[error("this code is not valid: it may be mistyped, used already, or too old; ask for a new one")]
    Code,
    /// The key is none.
    #[error("the public key is not an Ed25519 key")]
    Key,
    /// A name is empty where the code has none, or too long.
    #[error("a name has 1 to {NAME_LENGTH} characters")]
    Name,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for EnrolError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Identity {
    /// What these tables say; draws the secret where there is none yet.
    ///
    /// # Errors
    /// Where the tables cannot be read or written.
    pub fn new(table: Box<dyn Table>) -> Result<Self, StoreError> {
        let secret = Secret::new(table.secret("session", random::bytes()?)?);
        Ok(Self { table, secret })
    }

    /// Makes a code that can be used once within `seconds` from `now`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn new_code(&self, grant: &Grant, seconds: i64, now: i64) -> Result<Code, StoreError> {
        let code = Code::random()?;
        self.table.put_code(&self.mac_of(&code), grant, now, now.saturating_add(seconds))?;
        Ok(code)
    }

    /// Enrols a device, or takes one back that was shut out: whoever hands out the code decides that, and what the
    /// device wrote meanwhile stays its own. The same device with the same code gets the same answer again, since the
    /// first answer may have been lost on the way.
    ///
    /// # Errors
    /// See [`EnrolError`].
    pub fn enrol(&self, code: &Code, key: &PublicKey, name: &str, now: i64) -> Result<Device, EnrolError> {
        let id = attestation::device_id(key);
        self.table.enrol(&self.mac_of(code), id, now, &|grant| new_device(id, *key, name, grant))
    }

    /// See [`Table::device`].
    ///
    /// # Errors
    /// As there.
    pub fn device(&self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        self.table.device(id)
    }

    /// See [`Table::devices`].
    ///
    /// # Errors
    /// As there.
    pub fn devices(&self) -> Result<Vec<Device>, StoreError> {
        self.table.devices()
    }

    /// Shuts a device out from now on; what it wrote stays. False where there is no such device.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn revoke(&self, id: DeviceId, now: i64) -> Result<bool, StoreError> {
        self.table.revoke(id, now)
    }

    /// See [`Secret::challenge`].
    ///
    /// # Errors
    /// As there.
    pub fn challenge(&self, device: DeviceId, now: i64) -> Result<Challenge, StoreError> {
        self.secret.challenge(device, now)
    }

    /// See [`Secret::check_challenge`].
    ///
    /// # Errors
    /// As there.
    pub fn check_challenge(
        &self,
        device: DeviceId,
        challenge: &Challenge,
        now: i64,
    ) -> Result<(), TokenError> {
        self.secret.check_challenge(device, challenge, now)
    }

    /// See [`Secret::token`].
    pub fn token(&self, device: DeviceId, now: i64) -> (String, i64) {
        self.secret.token(device, now)
    }

    /// See [`Secret::check_token`].
    ///
    /// # Errors
    /// As there.
    pub fn check_token(&self, token: &str, now: i64) -> Result<(DeviceId, i64), TokenError> {
        self.secret.check_token(token, now)
    }

    /// The key that releases are signed with: made once, and kept as the secret of sessions is.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn release_key(&self) -> Result<ReleaseKey, StoreError> {
        Ok(ReleaseKey::from_seed(&self.table.secret("release", random::bytes()?)?))
    }

    fn mac_of(&self, code: &Code) -> [u8; 32] {
        self.secret.mac("code", &[code.characters()])
    }
}

fn new_device(id: DeviceId, key: PublicKey, name: &str, grant: Grant) -> Result<Device, EnrolError> {
    let name = name.trim();
    let person = grant.person.unwrap_or_else(|| name.to_owned());
    let fits = |text: &str| (1..=NAME_LENGTH).contains(&text.chars().count());
    if !fits(&person) || name.chars().count() > NAME_LENGTH {
        return Err(EnrolError::Name);
    }
    let Grant { role, office, unit, .. } = grant;
    Ok(Device { id, public_key: key, name: name.to_owned(), role, person, office, unit, revoked: false })
}

/// A role as the tables write it.
pub(super) fn role_named(text: &str) -> Result<Role, StoreError> {
    Role::from_text(text).ok_or_else(|| StoreError::Foreign(format!("the role {text}")))
}
