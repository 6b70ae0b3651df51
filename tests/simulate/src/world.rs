//! A schedule played out: devices, server, people, faults; then quiet, in which all must come together.

use std::collections::BTreeSet;

use device_store::schema::{CHANGES, OUTBOX};
use phone::random::Random;
use replica::api::Role;
use replica::sync::Event;
use replica::{ChangeHash, RecordId};

use crate::check;
use crate::fault::Fault;
use crate::hostile::Hostile;
use crate::ledger::Ledger;
use crate::line::{Line, Weather};
use crate::phone::{Phone, now};
use crate::schedule::{Schedule, Step, What};
use crate::site::{Ground, HOSTILE, PHONES, Site, key_of};

/// Effects that a device may need to come to rest.
const PATIENCE: u32 = 5_000;
/// Rounds of all devices that may be needed until nothing changes any more.
const ROUNDS: u32 = 12;

/// Everything that there is.
pub struct World<'g> {
    pub(crate) ground: &'g Ground,
    pub(crate) site: Site,
    pub(crate) line: Line,
    pub(crate) phones: Vec<Phone>,
    pub(crate) ledger: Ledger,
    pub(crate) hostile: Hostile,
}

/// Plays a schedule.
///
/// # Errors
/// [`Fault::Broken`] where a promise is broken.
pub fn play(ground: &Ground, schedule: &Schedule) -> Result<(), Fault> {
    let mut random = Random::new(schedule.seed ^ 0x5eed);
    let streams = ground.streams()?;
    let phones = schedule.devices.iter().map(|number| {
        let role = if (PHONES..HOSTILE).contains(number) { Role::Kiosk } else { Role::Surveyor };
        Phone::new(*number, role, &streams, &mut random)
    });
    let phones = phones.collect();
    let line = Line::new(schedule.weather, Random::new(random.draw()));
    let hostile = Hostile::new(key_of(HOSTILE));
    let mut world =
        World { ground, site: Site::start(ground)?, line, phones, ledger: Ledger::default(), hostile };
    for phone in &mut world.phones {
        phone.open()?;
    }
    for step in &schedule.steps {
        world.step(*step)?;
    }
    world.quiet()?;
    check::everything(&mut world)
}

impl World<'_> {
    fn step(&mut self, step: Step) -> Result<(), Fault> {
        let mut random = Random::new(step.seed);
        let Self { ground, site, line, phones, ledger, hostile } = self;
        let at = phones.iter().position(|phone| phone.number == step.device);
        let Some(phone) = at.and_then(|at| phones.get_mut(at)) else { return Ok(()) };
        match step.what {
            What::Work => phone.work(ground, ledger, &mut random)?,
            What::Interview => phone.interview(ground, ledger, &mut random)?,
            What::Citizen => phone.citizen(ground, ledger, &mut random)?,
            What::Sync => {
                if random.happens(200) {
                    phone.tell(Event::Visible)?;
                }
                for _ in 0..random.below(16) {
                    if !phone.sync(site, line)? {
                        break;
                    }
                }
            }
            What::Listen => phone.listen()?,
            What::OpenTab => phone.open_tab(),
            What::CloseTab => phone.close_tab(&mut random),
            What::Time if random.happens(200) => phone.set_clock(random.below(250_000_000_000_000)),
            What::Time => {
                phone.pass(random.below(600_000));
                phone.tell(Event::Timer)?;
            }
            What::Network => {
                phone.online = !phone.online;
                phone.tell(if phone.online { Event::Online } else { Event::Offline })?;
            }
            What::Crash if random.happens(300) => phone.crash(),
            What::Crash => phone.crash_soon(&mut random),
            What::Open => phone.open()?,
            What::Damage => damage(phone, &mut random),
            What::Stray => line.bring_again(site)?,
            What::ServerCrash => site.crash(&mut random)?,
            What::ServerUp => site.up()?,
            What::BackUp => site.back_up()?,
            What::Restore => {
                site.restore(&mut random)?;
            }
            What::Hostile => hostile.act(ground, site, phone, &mut random)?,
        }
        Ok(())
    }

    /// All faults end: everything is up, everybody has a network, all that was typed becomes changes, and all devices
    /// sync until nothing changes any more.
    fn quiet(&mut self) -> Result<(), Fault> {
        self.site.up()?;
        self.line.weather = Weather::default();
        for phone in &mut self.phones {
            phone.online = true;
            phone.tell(Event::Online)?;
            // A fuse that was lit burns down now, before anybody counts on the device.
            phone.crash();
            phone.open()?;
            finish(phone)?;
        }
        let mut before = None;
        for _ in 0..ROUNDS {
            for phone in &mut self.phones {
                phone.tell(Event::Visible)?;
                settle(phone, &mut self.site, &mut self.line)?;
            }
            let now = self.state()?;
            if before.as_ref() == Some(&now) {
                return Ok(());
            }
            before = Some(now);
        }
        Err(Fault::broken("the devices do not come to rest"))
    }

    /// What must stay as it is once all is quiet.
    fn state(&self) -> Result<(u64, Vec<BTreeSet<ChangeHash>>), Fault> {
        let last = self.site.server()?.log.last().map_err(|error| Fault::broken(error.to_string()))?;
        let held = self.phones.iter().map(|phone| {
            let keys = phone.disk.keys(CHANGES).into_iter().chain(phone.disk.keys(OUTBOX));
            keys.filter_map(|key| hash_in(&key)).collect()
        });
        Ok((last, held.collect()))
    }
}

fn hash_in(key: &device_store::database::Key) -> Option<ChangeHash> {
    match key.get(1)? {
        device_store::database::Part::Text(hash) => hash.parse().ok(),
        device_store::database::Part::Number(_) => None,
    }
}

/// All that was typed on a device becomes changes.
fn finish(phone: &mut Phone) -> Result<(), Fault> {
    let Some(life) = &phone.life else { return Err(Fault::broken("a device cannot be opened")) };
    let listing = now(life.store.list_records(None, None))?;
    let listing = listing.map_err(|error| Fault::broken(error.to_string()))?;
    // A kiosk has no forms; everybody else looks at all that there is.
    if phone.role == Role::Kiosk {
        return Ok(());
    }
    let records: Vec<RecordId> = listing.rows.into_iter().map(|row| row.id).collect();
    for record in records {
        phone.desk(0, record)?;
        phone.commit(0, record)?;
    }
    Ok(())
}

fn settle(phone: &mut Phone, site: &mut Site, line: &mut Line) -> Result<(), Fault> {
    for _ in 0..PATIENCE {
        if phone.rests() {
            return Ok(());
        }
        phone.sync(site, line)?;
    }
    let state = phone.life.as_ref().and_then(|life| life.state);
    Err(Fault::broken(format!("device {} never comes to rest: {state:?}", phone.number)))
}

/// A change that the server has acknowledged cannot be read any more.
fn damage(phone: &Phone, random: &mut Random) {
    let waiting: BTreeSet<_> = phone.waiting();
    let changes: Vec<_> = phone
        .disk
        .keys(CHANGES)
        .into_iter()
        .filter(|key| hash_in(key).is_some_and(|hash| !waiting.contains(&hash)))
        .collect();
    if let Some(key) = random.one_of(&changes) {
        phone.disk.damage(CHANGES, key);
    }
}

impl Phone {
    /// The changes that the server has not acknowledged.
    fn waiting(&self) -> BTreeSet<ChangeHash> {
        let Some(life) = &self.life else { return self.all() };
        let read = now(life.store.outbox_read(usize::MAX, usize::MAX, &BTreeSet::new()));
        match read {
            Ok(Ok(batch)) => batch.changes.into_iter().map(|item| item.hash).collect(),
            _ => self.all(),
        }
    }

    fn all(&self) -> BTreeSet<ChangeHash> {
        self.disk.keys(CHANGES).iter().filter_map(hash_in).collect()
    }
}
