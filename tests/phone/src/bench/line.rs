//! A bad line: what arrives, how often, and what it costs.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use phone::Fault;
use phone::line::{Line, Quality, Traffic};
use phone::loket::Loket;
use phone::phone::Phone;
use phone::random::Random;
use phone::store::Photo;
use replica::{Answer, ContentHash, Edit, Record};
use sha2::{Digest as _, Sha256};

use super::{enrol, figure, ground, interview, number};

const RECORDS: u64 = 100;
const CHANGES: u64 = 100;
const PHOTOS: u64 = 50;
const PHOTO_BYTES: usize = 200_000;
const HELD: u64 = 10_000;
const BAD: Quality =
    Quality { speed: Some(30_000), round_trip: Duration::from_millis(600), cut: 50, swallowed: 20, seed: 7 };

pub fn run(loket: &str) -> Result<(), Fault> {
    println!(
        "# the engine of the app in a native process, SQLite with synchronous=FULL, a connection for each call"
    );
    let needed = transfer(loket, Quality::default())?;
    figure("line-needed-up", number(needed.1.up), "bytes", "-");
    let (seconds, bad) = transfer(loket, BAD)?;
    figure("line-seconds", seconds, "s", "-");
    figure("line-up", number(bad.up), "bytes", "-");
    figure("line-up-against-needed", number(bad.up) / number(needed.1.up), "times", "at most 2");
    figure("line-connections", number(bad.connections), "connections", "-");
    figure("line-connections-spoiled", number(bad.spoiled), "connections", "-");
    nothing_new(loket)
}

/// Everything over a line of this quality; how long it took and what went over it.
fn transfer(loket: &str, quality: Quality) -> Result<(f64, Traffic), Fault> {
    let loket = Loket::start(loket)?;
    let folder = tempfile::tempdir().map_err(Fault::io("a folder for the phone"))?;
    let mut phone = enrol(&loket, folder.path(), 1, false)?;
    let photos = fill(&mut phone)?;
    let line = Line::open(loket.address, quality)?;
    phone.net.go_by(line.address);
    let began = Instant::now();
    phone.start()?;
    phone.settle(Duration::from_mins(30))?;
    let seconds = began.elapsed().as_secs_f64();
    let traffic = line.traffic();
    let changes = check(&loket, folder.path(), loket.address, &photos)?;
    figure("line-changes-arrived", number(changes), "changes", &format!("{}", RECORDS * CHANGES));
    figure("line-photos-arrived", number(photos.len() as u64), "photos", &format!("{PHOTOS}"));
    Ok((seconds, traffic))
}

/// Records with a change for each answer, and photos.
fn fill(phone: &mut Phone) -> Result<Vec<ContentHash>, Fault> {
    let (instrument, visit) = ground(phone)?;
    let mut random = Random::new(1);
    let mut photos = Vec::new();
    for n in 0..RECORDS {
        let genesis = phone::answers::interview(&visit, phone.home.instruments.interview, n);
        let mut record = Record::start(&genesis)?;
        let edits = phone::answers::filled(&instrument, 50, &mut random)?;
        let mut items = Vec::new();
        for at in 0..CHANGES {
            // Every answer is corrected once.
            let edit = usize::try_from(at).ok().and_then(|at| edits.get(at % edits.len()).cloned());
            let edit = match edit {
                Some(Edit::Answer { path, value }) if at >= 50 => {
                    let corrected = format!("{value} {}", random.below(100));
                    let value = corrected.parse::<Answer>().unwrap_or(value);
                    Edit::Answer { path, value }
                }
                Some(edit) => edit,
                None => continue,
            };
            items.extend(phone.change(&mut record, &[edit])?);
        }
        phone.store.write(&items)?;
        if photos.len() as u64 * RECORDS < PHOTOS * (n + 1) {
            let bytes = picture(&mut random);
            let hash = ContentHash::new(Sha256::digest(&bytes).into());
            phone.store.take_photo(&Photo { hash, record: record.id(), bytes })?;
            photos.push(hash);
        }
    }
    Ok(photos)
}

/// What passes for a JPEG and cannot be compressed.
fn picture(random: &mut Random) -> Vec<u8> {
    let mut bytes = random.bytes(PHOTO_BYTES);
    if let Some(head) = bytes.first_chunk_mut() {
        *head = [0xff, 0xd8, 0xff, 0xe0];
    }
    bytes
}

/// Whether another phone finds all of it, once; tells how many changes.
fn check(loket: &Loket, folder: &Path, address: SocketAddr, photos: &[ContentHash]) -> Result<u64, Fault> {
    let mut other = enrol(loket, folder, 2, true)?;
    other.net.go_by(address);
    other.start()?;
    other.settle(Duration::from_mins(2))?;
    for hash in photos {
        let bytes =
            other.net.photo(*hash).map_err(|fault| Fault::Wrong(format!("photo {hash}: {fault:?}")))?;
        if ContentHash::new(Sha256::digest(&bytes).into()) != *hash {
            return Err(Fault::Wrong(format!("photo {hash} is another one")));
        }
    }
    let stream = other.home.streams.first().cloned().ok_or_else(|| Fault::Server("no stream".to_owned()))?;
    let held = other.store.held(&stream)?;
    let distinct: BTreeSet<_> = held.named.iter().map(|named| named.hash).collect();
    if distinct.len() as u64 != RECORDS * CHANGES || held.named.len() != distinct.len() {
        return Err(Fault::Wrong(format!(
            "{} changes, {} of them distinct",
            held.named.len(),
            distinct.len()
        )));
    }
    Ok(distinct.len() as u64)
}

/// What it costs to hear that there is nothing new.
fn nothing_new(loket: &str) -> Result<(), Fault> {
    let loket = Loket::start(loket)?;
    let folder = tempfile::tempdir().map_err(Fault::io("a folder for the phone"))?;
    let mut phone = enrol(&loket, folder.path(), 1, true)?;
    let (instrument, visit) = ground(&mut phone)?;
    for some in 0..HELD / 100 {
        let made = (0..100).map(|n| interview(&phone, &instrument, &visit, some * 100 + n));
        let items = made.map(|made| made.map(|(_, item)| item)).collect::<Result<Vec<_>, _>>()?;
        phone.store.write(&items)?;
    }
    phone.start()?;
    phone.settle(Duration::from_mins(10))?;
    // What was pushed last may have been pulled before it could be.
    settled(&mut phone, HELD)?;
    let line = Line::open(loket.address, Quality::default())?;
    phone.net.go_by(line.address);
    let before = phone.net.spent;
    phone.round()?;
    let (after, traffic) = (phone.net.spent, line.traffic());
    figure("nothing-new-calls", number(after.calls - before.calls), "calls", "1");
    figure("nothing-new-bodies", number(after.bodies - before.bodies), "bytes", "under 500");
    figure("nothing-new-on-the-line", number(traffic.up + traffic.down), "bytes", "-");
    Ok(())
}

/// Makes rounds until the server has named so many changes.
pub fn settled(phone: &mut Phone, count: u64) -> Result<(), Fault> {
    let stream = phone.home.streams.first().cloned().ok_or_else(|| Fault::Server("no stream".to_owned()))?;
    let end = Instant::now() + Duration::from_mins(5);
    while phone.store.cursor(&stream)?.count < count {
        if Instant::now() > end {
            return Err(Fault::Wrong("the server does not name all changes".to_owned()));
        }
        std::thread::sleep(Duration::from_millis(50));
        phone.round()?;
    }
    Ok(())
}
