//! How much the server takes in, how long a push waits, what memory that needs, and whether it slows as the log grows.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use phone::Fault;
use phone::answers;
use phone::loket::Loket;
use phone::net::Net;
use phone::random::Random;
use replica::api::{Home, Role, Unit};
use replica::attestation::DeviceKey;
use replica::sync::{OutboxItem, batch};
use replica::wire::{Outcome, PullQuery, PushRequest};
use replica::{Actor, Edit, Epoch, Genesis, Record, RecordKind, StreamId, TabId};
use survey::instrument::Instrument;

use super::{figure, number};

/// Devices, each with a unit of its own.
const DEVICES: u32 = 500;
/// Requests under way at once.
const AT_ONCE: usize = 32;
/// Interviews of a device's batch, a change each.
const INTERVIEWS: u64 = 50;
/// Visits of a device's batch, and pages of each, a change a page.
const VISIT_PAGES: usize = 50;
/// Sizes of the log at which the cost of a push and of a pull is looked at.
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// Changes of a push that is looked at.
const BATCH: u64 = 100;
/// How often each is done.
const TIMES: u64 = 40;
const TIME: i64 = 1_790_000_000;

/// A device that is enrolled and signed in.
struct Sender {
    net: Net,
    key: DeviceKey,
    actor: Actor,
    unit: Unit,
}

/// What all devices share.
struct Ground {
    home: Home,
    interview: Instrument,
    visit: Instrument,
}

pub fn run(loket: &str, most: u64) -> Result<(), Fault> {
    println!(
        "# {DEVICES} devices, {AT_ONCE} requests at once, each a batch of {INTERVIEWS} finished interviews of 60 answers"
    );
    println!(
        "# and a visit of {VISIT_PAGES} pages, gzip, signed; SQLite, durable; both sides on the same cores"
    );
    let loket = Loket::start_with(loket, &units())?;
    let (ground, senders) = enrol_all(&loket)?;
    load(&loket, &ground, senders)?;
    println!(
        "# growth: a push of {BATCH} changes and a pull of as many, one after the other, median of {TIMES}"
    );
    growth(&loket, &ground, most)
}

fn units() -> String {
    let line = |n| format!("Unit {n},Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel\n");
    let lines: String = (0..=DEVICES).map(line).collect();
    format!("unit,government,province,kind,office\n{lines}")
}

fn enrol_all(loket: &Loket) -> Result<(Ground, Vec<Sender>), Fault> {
    let mut senders = Vec::new();
    let (ground, first) = enrol(loket, 0, None)?;
    senders.push(first);
    for number in 1..DEVICES {
        senders.push(enrol(loket, number, Some(&ground))?.1);
    }
    Ok((ground, senders))
}

fn enrol(loket: &Loket, number: u32, known: Option<&Ground>) -> Result<(Ground, Sender), Fault> {
    let mut seed = [7; 32];
    if let Some(head) = seed.first_chunk_mut() {
        *head = number.to_be_bytes();
    }
    let key = DeviceKey::from_seed(&seed);
    let mut net = Net::new(loket.address, true);
    net.enrol(&loket.code(Role::Surveyor)?, &key)?;
    net.sign_in(&key).map_err(|fault| Fault::Server(format!("signing in: {fault:?}")))?;
    let ground = match known {
        Some(known) => Ground {
            home: known.home.clone(),
            interview: known.interview.clone(),
            visit: known.visit.clone(),
        },
        None => ground(&mut net)?,
    };
    let mut units = ground.home.units.iter();
    let unit = units.nth(usize::try_from(number).unwrap_or(0)).cloned();
    let unit = unit.ok_or_else(|| Fault::Server("fewer units than devices".to_owned()))?;
    let actor = Actor::of(key.device(), TabId::new([1; 8]));
    Ok((ground, Sender { net, key, actor, unit }))
}

fn ground(net: &mut Net) -> Result<Ground, Fault> {
    let home = net.home()?;
    let mut read = |hash| {
        let json = net.instrument(hash)?;
        serde_json::from_slice(&json).map_err(|error| Fault::Server(format!("an instrument: {error}")))
    };
    let (interview, visit) = (read(home.instruments.interview)?, read(home.instruments.visit)?);
    Ok(Ground { home, interview, visit })
}

impl Sender {
    fn visit_of(&self, ground: &Ground) -> Genesis {
        Genesis {
            kind: RecordKind::Visit,
            office: self.unit.office.clone(),
            round: ground.home.round.clone(),
            unit: self.unit.id.clone(),
            instrument: ground.home.instruments.visit,
            nonce: None,
        }
    }

    fn change(&self, record: &mut Record, edits: &[Edit]) -> Result<OutboxItem, Fault> {
        let made = record.commit(edits, &self.actor, TIME)?;
        let made = made.ok_or_else(|| Fault::Wrong("an edit that changes nothing".to_owned()))?;
        Ok(OutboxItem { genesis: record.genesis().clone(), hash: made.hash, bytes: made.bytes })
    }

    /// Finished interviews, and a visit page by page.
    fn work(&self, ground: &Ground, number: u64) -> Result<PushRequest, Fault> {
        let visit = self.visit_of(ground);
        let mut items = Vec::new();
        for n in 0..INTERVIEWS {
            items.push(self.interview(ground, &visit, number * INTERVIEWS + n, 60)?);
        }
        let mut record = Record::start(&visit)?;
        let edits = answers::filled(&ground.visit, VISIT_PAGES * 6, &mut Random::new(number))?;
        for page in edits.chunks(6) {
            items.push(self.change(&mut record, page)?);
        }
        Ok(self.signed(&items))
    }

    fn interview(
        &self,
        ground: &Ground,
        visit: &Genesis,
        number: u64,
        count: usize,
    ) -> Result<OutboxItem, Fault> {
        let genesis = answers::interview(visit, ground.home.instruments.interview, number);
        let mut edits = answers::filled(&ground.interview, count, &mut Random::new(number))?;
        edits.push(Edit::Close { at: TIME });
        self.change(&mut Record::start(&genesis)?, &edits)
    }

    fn signed(&self, items: &[OutboxItem]) -> PushRequest {
        batch(items, &self.key, Epoch::new([0; 16]), TIME)
    }

    fn push(&mut self, request: &PushRequest) -> Result<(), Fault> {
        let reply = self.net.push(request).map_err(|fault| Fault::Server(format!("a push: {fault:?}")))?;
        let stored = reply.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Stored(_))).count();
        if stored == request.items.len() {
            return Ok(());
        }
        Err(Fault::Wrong(format!("of {} changes {stored} were stored", request.items.len())))
    }
}

/// All devices at once.
fn load(loket: &Loket, ground: &Ground, senders: Vec<Sender>) -> Result<(), Fault> {
    let mut waiting = VecDeque::new();
    for (number, sender) in (0..).zip(senders) {
        let request = sender.work(ground, number)?;
        waiting.push_back((sender, request));
    }
    let changes: usize = waiting.iter().map(|(_, request)| request.items.len()).sum();
    let (queue, times) = (Mutex::new(waiting), Mutex::new(Vec::new()));
    let began = Instant::now();
    std::thread::scope(|scope| {
        let work = || -> Result<(), Fault> {
            loop {
                let next = queue.lock().ok().and_then(|mut queue| queue.pop_front());
                let Some((mut sender, request)) = next else { return Ok(()) };
                let began = Instant::now();
                sender.push(&request)?;
                if let Ok(mut times) = times.lock() {
                    times.push(began.elapsed());
                }
            }
        };
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().map_err(|_| Fault::Wrong("a sender broke".to_owned())).flatten()
        })
    })?;
    let seconds = began.elapsed().as_secs_f64();
    let mut times = times.into_inner().unwrap_or_default();
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1));
    let millis = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
    figure("server-changes", number(changes as u64), "changes", "-");
    figure("server-changes-per-second", number(changes as u64) / seconds, "changes/s", "at least 5000");
    figure("server-push-median", millis(at(50)), "ms", "-");
    figure("server-push-p99", millis(at(99)), "ms", "at most 1000");
    figure("server-memory", loket.memory()?, "MB", "at most 256");
    Ok(())
}

/// Fills the log with short interviews and looks at what a push and a pull cost at each size.
fn growth(loket: &Loket, ground: &Ground, most: u64) -> Result<(), Fault> {
    let (_, mut sender) = enrol(loket, DEVICES, Some(ground))?;
    let stream = StreamId { office: sender.unit.office.clone(), round: ground.home.round.clone() };
    let mut held = caught_up(&mut sender, &stream, 0)?;
    let mut next = 1_000_000_000_u64;
    for size in SIZES.into_iter().filter(|size| *size <= most) {
        while held < size {
            let request = short(&sender, ground, &mut next, BATCH.min(size - held))?;
            sender.push(&request)?;
            held += request.items.len() as u64;
        }
        let last = caught_up(&mut sender, &stream, held)?;
        let push = median(|| {
            let request = short(&sender, ground, &mut next, BATCH)?;
            let began = Instant::now();
            sender.push(&request)?;
            held += BATCH;
            Ok(began.elapsed())
        })?;
        caught_up(&mut sender, &stream, held)?;
        let pull = |after: u64, net: &mut Net| {
            let limit = Some(u32::try_from(BATCH).unwrap_or(u32::MAX));
            let query = PullQuery { stream: stream.clone(), after, have: None, limit };
            let began = Instant::now();
            net.pull(&query)
                .map(|_| began.elapsed())
                .map_err(|fault| Fault::Server(format!("a pull: {fault:?}")))
        };
        let new = median(|| pull(last.saturating_sub(BATCH), &mut sender.net))?;
        let nothing = median(|| pull(held, &mut sender.net))?;
        figure(&format!("push-at-{size}"), push, "ms", "flat");
        figure(&format!("pull-at-{size}"), new, "ms", "flat");
        figure(&format!("pull-nothing-at-{size}"), nothing, "ms", "flat");
        figure(&format!("server-memory-at-{size}"), loket.memory()?, "MB", "at most 256");
    }
    Ok(())
}

fn short(sender: &Sender, ground: &Ground, next: &mut u64, count: u64) -> Result<PushRequest, Fault> {
    let visit = sender.visit_of(ground);
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(sender.interview(ground, &visit, *next, 3)?);
        *next += 1;
    }
    Ok(sender.signed(&items))
}

/// Waits until the worker shows all that is in the log; the last place.
fn caught_up(sender: &mut Sender, stream: &StreamId, held: u64) -> Result<u64, Fault> {
    let mut query =
        PullQuery { stream: stream.clone(), after: held.saturating_sub(1), have: None, limit: None };
    loop {
        let page = sender.net.pull(&query).map_err(|fault| Fault::Server(format!("a pull: {fault:?}")))?;
        let is_end = page.upto == query.after || (!page.more && page.upto >= held);
        query.after = page.upto;
        if is_end && query.after >= held {
            return Ok(query.after);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The median of some runs, in milliseconds.
fn median(mut run: impl FnMut() -> Result<Duration, Fault>) -> Result<f64, Fault> {
    let mut times = (0..TIMES).map(|_| run()).collect::<Result<Vec<_>, _>>()?;
    times.sort_unstable();
    Ok(times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1_000.0))
}
