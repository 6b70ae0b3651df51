//! What pages list: units, records and where they lie, read from the index rows that the store finds for them.

use leptos::prelude::*;
use replica::api::{Role, Unit};
use replica::{DeviceId, RecordId, RecordKind, UnitId};

use super::Loket;
use crate::device::store::RecordRow;
use crate::form::Who;

/// Where a record is, as far as this device knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whereabouts {
    /// Only here: something typed is not a change yet.
    Device,
    /// Changes or photos wait to be sent.
    Waiting,
    /// The server has all of it.
    Server,
    /// The server refused something of it.
    Refused,
}

impl Whereabouts {
    fn of(row: &RecordRow) -> Self {
        if row.refused > 0 {
            Self::Refused
        } else if row.unsent > 0 || row.carried > 0 || row.photos_unsent > 0 {
            Self::Waiting
        } else if row.journal || row.changes == 0 {
            Self::Device
        } else {
            Self::Server
        }
    }
}

/// What was done at a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitWork {
    /// The visit: none yet, open (false) or closed (true).
    pub visit: Option<bool>,
    /// Finished interviews.
    pub interviews: u32,
    /// Answers that differ.
    pub clashes: u32,
    /// Answers that do not hold.
    pub unsound: u32,
}

/// A record in a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listed {
    /// Its id.
    pub id: RecordId,
    /// Its unit.
    pub unit: UnitId,
    /// A visit; otherwise an interview.
    pub is_visit: bool,
    /// Whether it is finished.
    pub closed: bool,
    /// Answers that differ.
    pub clashes: u32,
    /// Answers that do not hold.
    pub unsound: u32,
    /// Changes that wait to be sent.
    pub unsent: u32,
    /// Where it lies.
    pub place: Whereabouts,
    /// When it changed here last, in seconds since 1970.
    pub updated_at: i64,
}

impl Listed {
    fn of(row: &RecordRow) -> Self {
        Self {
            id: row.id,
            unit: row.unit.clone(),
            is_visit: row.kind == RecordKind::Visit,
            closed: row.summary.closed_at.is_some(),
            clashes: row.summary.clashes,
            unsound: row.unsound,
            unsent: row.unsent + row.carried,
            place: Whereabouts::of(row),
            updated_at: i64::try_from(row.updated_at / 1000).unwrap_or(i64::MAX),
        }
    }
}

impl Loket {
    /// The units of this device's team.
    pub fn units(self) -> Vec<Unit> {
        self.home.with(|home| home.as_ref().map(|home| home.units.clone()).unwrap_or_default())
    }

    /// A unit's name; its id where it is not in the list.
    pub fn unit_name(self, id: &UnitId) -> String {
        self.home.with(|home| {
            home.as_ref()
                .and_then(|home| home.units.iter().find(|unit| unit.id == *id))
                .map_or_else(|| id.to_string(), |unit| unit.name.clone())
        })
    }

    /// The name of the unit that a record is about of which something is not on the server.
    pub fn unit_of(self, record: RecordId) -> String {
        let unit = self.records.with(|records| {
            records.all.attention.iter().find(|row| row.id == record).map(|row| row.unit.clone())
        });
        unit.map_or_else(|| record.to_string(), |unit| self.unit_name(&unit))
    }

    /// What this device may do; none before it is enrolled.
    pub fn role(self) -> Option<Role> {
        self.identity.with(|identity| identity.as_ref().map(|identity| identity.role))
    }

    /// Whether this is a surveyor's device.
    pub fn is_surveyor(self) -> bool {
        self.role() == Some(Role::Surveyor)
    }

    /// Whether this is a citizens' kiosk.
    pub fn is_kiosk(self) -> bool {
        self.role() == Some(Role::Kiosk)
    }

    /// The unit that the kiosk's code names.
    pub fn kiosk_unit(self) -> Option<UnitId> {
        self.identity.with(|identity| identity.as_ref().and_then(|identity| identity.unit.clone()))
    }

    /// Who a device belongs to.
    pub fn who(self, device: DeviceId) -> Who {
        if self.identity.with(|me| me.as_ref().is_some_and(|me| me.device == device)) {
            return Who::You;
        }
        self.home.with(|home| {
            home.as_ref()
                .and_then(|home| home.devices.iter().find(|known| known.device == device))
                .map_or(Who::Unknown, |known| Who::Person(known.person.clone()))
        })
    }

    /// What was done at a unit.
    pub fn work_at(self, unit: &UnitId) -> UnitWork {
        self.records.with(|records| {
            let interviews = records.all.finished_at(unit);
            let mut work = UnitWork { interviews, ..UnitWork::default() };
            for visit in records.all.visits.iter().filter(|row| row.unit == *unit) {
                let closed = visit.summary.closed_at.is_some();
                work.visit = Some(closed && work.visit.unwrap_or(true));
            }
            for row in records.all.attention.iter().filter(|row| row.unit == *unit) {
                work.clashes += row.summary.clashes;
                work.unsound += row.unsound;
            }
            work
        })
    }

    /// The unit's visit in the round in force.
    pub fn visit_of(self, unit: &UnitId) -> Option<Listed> {
        let id = self.visit_genesis(unit)?.record_id();
        self.records.with(|records| records.all.visits.iter().find(|row| row.id == id).map(Listed::of))
    }

    /// The interviews of the unit that is watched, the newest first; none until they were read.
    pub fn interviews_of(self, unit: &UnitId) -> Option<Vec<Listed>> {
        self.records.with(|records| {
            let (_, rows) = records.of_unit.as_ref().filter(|(known, _)| known == unit)?;
            let mut found: Vec<&RecordRow> =
                rows.iter().filter(|row| row.kind == RecordKind::Interview).collect();
            found.sort_by_key(|row| std::cmp::Reverse(row.created_at));
            Some(found.into_iter().map(Listed::of).collect())
        })
    }

    /// Records of which something waits to be sent.
    pub fn waiting_records(self) -> Vec<Listed> {
        self.records.with(|records| {
            let waiting = records.all.attention.iter().filter(|row| row.unsent + row.carried > 0);
            waiting.map(Listed::of).collect()
        })
    }

    /// How many records there are here, and how many are not wholly on the server.
    pub fn record_counts(self) -> (u32, usize) {
        self.records.with(|records| {
            (records.all.records, records.all.attention.iter().filter(|row| !row.is_on_server()).count())
        })
    }

    /// Where a record lies: one that is open, or of which something is not on the server.
    pub fn whereabouts(self, record: RecordId) -> Whereabouts {
        self.records.with(|records| {
            let mut rows = records.open.iter().chain(&records.all.attention).chain(&records.all.visits);
            rows.find(|row| row.id == record).map_or(Whereabouts::Device, Whereabouts::of)
        })
    }
}
