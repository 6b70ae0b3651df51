//! A schedule: what happens, step by step, drawn from one seed. Each step carries a seed of its own, so that leaving
//! some out leaves the others as they are.

use phone::random::Random;

use crate::line::Weather;
use crate::site::{DEVICES, HOSTILE, PHONES};

/// What happens in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Somebody works on a visit.
    Work,
    /// Somebody interviews.
    Interview,
    /// A citizen at a kiosk.
    Citizen,
    /// Devices carry out what their engines ask for, a few effects each.
    Sync,
    /// Open forms take in what came.
    Listen,
    /// A tab is opened.
    OpenTab,
    /// A tab is closed.
    CloseTab,
    /// Time goes by, or a clock is set.
    Time,
    /// A network comes or goes.
    Network,
    /// The power of a device goes, now or at one of the next writes.
    Crash,
    /// The app is opened again.
    Open,
    /// A change that the server has cannot be read on a device any more.
    Damage,
    /// An earlier request arrives again.
    Stray,
    /// The server ends.
    ServerCrash,
    /// The server starts.
    ServerUp,
    /// The server is backed up.
    BackUp,
    /// An older copy is put back.
    Restore,
    /// Somebody with a device tries to harm.
    Hostile,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub what: What,
    /// To which device, where it happens to one.
    pub device: usize,
    /// What else is drawn.
    pub seed: u64,
}

/// A whole schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The seed.
    pub seed: u64,
    /// The devices that take part, by their numbers.
    pub devices: Vec<usize>,
    /// How bad the line is.
    pub weather: Weather,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Schedule {
    /// The schedule of a seed.
    pub fn draw(seed: u64) -> Self {
        let mut random = Random::new(seed);
        // Mostly few devices, which meet more often; up to twenty now and then.
        let most = if random.happens(100) { PHONES } else { 5 };
        let phones = 2 + usize::try_from(random.below(most as u64 - 1)).unwrap_or(0);
        let mut devices: Vec<usize> = (0..phones).collect();
        // A kiosk removes what the server has, and cannot fill a hole: either there are some, or an older copy is put back.
        let kiosks = random.happens(300);
        if kiosks {
            devices.extend(PHONES..PHONES + 1 + usize::try_from(random.below(2)).unwrap_or(0));
        }
        let hostile = random.happens(250);
        let harsh = random.happens(700);
        let weather = if harsh {
            Weather { lost: random.below(150), unheard: random.below(150), fatal: random.below(25) }
        } else {
            Weather::default()
        };
        let mut kinds = vec![
            (What::Work, 30),
            (What::Interview, 8),
            (What::Sync, 40),
            (What::Listen, 10),
            (What::OpenTab, 3),
            (What::CloseTab, 2),
            (What::Time, 3),
            (What::Network, 6),
            (What::Crash, 6),
            (What::Open, 10),
            (What::Stray, 3),
            (What::ServerCrash, 2),
            (What::ServerUp, 6),
        ];
        if kiosks {
            kinds.push((What::Citizen, 12));
        }
        if hostile {
            // Whoever tries to harm does not come back to fill a hole either.
            kinds.push((What::Hostile, 4));
        } else if !kiosks {
            kinds.extend([(What::BackUp, 3), (What::Restore, 2)]);
        }
        if random.happens(200) && kiosks {
            kinds.push((What::Damage, 3));
        }
        let count = 30 + random.below(90);
        let steps = (0..count).map(|_| step(&kinds, &devices, &mut random)).collect();
        Self { seed, devices, weather, steps }
    }
}

fn step(kinds: &[(What, u64)], devices: &[usize], random: &mut Random) -> Step {
    let whole: u64 = kinds.iter().map(|(_, weight)| weight).sum();
    let mut at = random.below(whole);
    let mut what = What::Sync;
    for (kind, weight) in kinds {
        if at < *weight {
            what = *kind;
            break;
        }
        at -= weight;
    }
    let some: Vec<usize> = devices.iter().copied().filter(|device| fits(what, *device)).collect();
    let device = random.one_of(&some).copied().unwrap_or(0);
    Step { what, device, seed: random.draw() }
}

/// Whether something can happen to a device.
fn fits(what: What, device: usize) -> bool {
    let kiosk = (PHONES..HOSTILE).contains(&device);
    match what {
        What::Citizen => kiosk,
        What::Work | What::Interview | What::Listen | What::Damage => !kiosk,
        _ => device < DEVICES,
    }
}
