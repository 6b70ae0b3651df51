//! Codes and devices in the data folder.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use replica::api::Role;
use replica::{Challenge, DeviceId, PublicKey, attestation};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use thiserror::Error;

use super::token::{Secret, TokenError};
use super::{Code, Device, Grant};
use crate::database::{self, StoreError};
use crate::random;

/// Longest name of a person or a device, in characters.
const NAME_LENGTH: usize = 80;

/// Codes, devices and the secret that sessions are made with.
pub struct Identity {
    writing: Mutex<Connection>,
    /// Apart, so that looking up who asks never waits for a write.
    reading: Mutex<Connection>,
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
    /// Opens the tables in the log's file, and draws the secret where there is none yet.
    ///
    /// # Errors
    /// Where the file cannot be read or written.
    pub fn open(log: &Path) -> Result<Self, StoreError> {
        let connection = database::open(log)?;
        connection.execute_batch(include_str!("schema.sql"))?;
        let drawn: [u8; 32] = random::bytes()?;
        connection.execute("INSERT OR IGNORE INTO secret (name, value) VALUES ('session', ?1)", [drawn])?;
        let secret =
            connection.query_row("SELECT value FROM secret WHERE name = 'session'", [], |row| row.get(0))?;
        let reading = Mutex::new(database::open_to_read(log)?);
        Ok(Self { writing: Mutex::new(connection), reading, secret: Secret::new(secret) })
    }

    /// Makes a code that can be used once within `seconds` from `now`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn new_code(&self, grant: &Grant, seconds: i64, now: i64) -> Result<Code, StoreError> {
        let code = Code::random()?;
        let row = params![
            self.mac_of(&code),
            grant.role.as_str(),
            grant.person,
            grant.office.as_ref().map(ToString::to_string),
            grant.unit.as_ref().map(ToString::to_string),
            now,
            now.saturating_add(seconds)
        ];
        lock(&self.writing)?.execute(
            "INSERT INTO code (mac, role, person, office, unit, made_at, ends_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            row,
        )?;
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
        let mac = self.mac_of(code);
        let mut connection = lock(&self.writing)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let grant = usable_grant(&transaction, &mac, id, now)?.ok_or(EnrolError::Code)?;
        let device = new_device(id, *key, name, grant)?;
        write_device(&transaction, &device, now)?;
        transaction.execute(
            "UPDATE code SET used_at = ?2, used_by = ?3 WHERE mac = ?1",
            params![mac, now, id.as_bytes()],
        )?;
        transaction.commit()?;
        Ok(device)
    }

    /// The device of that id.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn device(&self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        Ok(find_device(&*lock(&self.reading)?, id)?)
    }

    /// All devices, in the order in which they enrolled.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn devices(&self) -> Result<Vec<Device>, StoreError> {
        let connection = lock(&self.reading)?;
        let mut statement = connection.prepare_cached(&format!("{DEVICE} ORDER BY enrolled_at, id"))?;
        let devices = statement.query_map([], device_of)?.collect::<Result<_, _>>()?;
        Ok(devices)
    }

    /// Shuts a device out from now on; what it wrote stays. False where there is no such device.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn revoke(&self, id: DeviceId, now: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE device SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";
        Ok(lock(&self.writing)?.execute(sql, params![id.as_bytes(), now])? > 0)
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

    fn mac_of(&self, code: &Code) -> [u8; 32] {
        self.secret.mac("code", &[code.characters()])
    }
}

fn lock(connection: &Mutex<Connection>) -> Result<MutexGuard<'_, Connection>, StoreError> {
    connection.lock().map_err(|_| StoreError::Poisoned)
}

const DEVICE: &str =
    "SELECT id, public_key, name, role, person, office, unit, revoked_at IS NOT NULL FROM device";

fn usable_grant(
    connection: &Connection,
    mac: &[u8; 32],
    device: DeviceId,
    now: i64,
) -> rusqlite::Result<Option<Grant>> {
    let sql = "SELECT role, person, office, unit FROM code
               WHERE mac = ?1 AND ((used_at IS NULL AND ends_at >= ?2) OR used_by = ?3)";
    let grant = |row: &Row<'_>| {
        Ok(Grant {
            role: role_of(row, 0)?,
            person: row.get(1)?,
            office: database::optional_text(row, 2)?,
            unit: database::optional_text(row, 3)?,
        })
    };
    connection.query_row(sql, params![mac, now, device.as_bytes()], grant).optional()
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

fn write_device(connection: &Connection, device: &Device, now: i64) -> rusqlite::Result<usize> {
    connection.execute(
        "INSERT INTO device (id, public_key, name, role, person, office, unit, enrolled_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET
             name = excluded.name, role = excluded.role, person = excluded.person,
             office = excluded.office, unit = excluded.unit, revoked_at = NULL",
        params![
            device.id.as_bytes(),
            device.public_key.as_bytes(),
            device.name,
            device.role.as_str(),
            device.person,
            device.office.as_ref().map(ToString::to_string),
            device.unit.as_ref().map(ToString::to_string),
            now
        ],
    )
}

fn find_device(connection: &Connection, id: DeviceId) -> rusqlite::Result<Option<Device>> {
    let mut statement = connection.prepare_cached(&format!("{DEVICE} WHERE id = ?1"))?;
    statement.query_row([id.as_bytes()], device_of).optional()
}

fn role_of(row: &Row<'_>, index: usize) -> rusqlite::Result<Role> {
    let text = row.get_ref(index)?.as_str()?;
    Role::from_text(text)
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(index, text.to_owned(), Type::Text))
}

fn device_of(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: database::blob(row, 0)?,
        public_key: database::blob(row, 1)?,
        name: row.get(2)?,
        role: role_of(row, 3)?,
        person: row.get(4)?,
        office: database::optional_text(row, 5)?,
        unit: database::optional_text(row, 6)?,
        revoked: row.get(7)?,
    })
}
