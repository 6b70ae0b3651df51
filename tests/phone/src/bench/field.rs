//! Against the field: the same documents through Loket and through automerge-repo, over the same proxy.

use std::path::Path;
use std::time::{Duration, Instant};

use phone::Fault;
use phone::line::{Line, Quality, Traffic};
use phone::loket::{Loket, memory_of};
use phone::peer::Peer;
use phone::phone::Phone;
use replica::{Edit, Genesis, Record};
use survey::instrument::Instrument;

use super::line::settled;
use super::{document_of, enrol, figure, ground, interview, number};

/// Documents of the comparison.
const DOCUMENTS: u64 = 1_000;
/// Documents that are changed.
const CHANGED: u64 = 100;
/// Longest wait for the peer.
const LONG: Duration = Duration::from_mins(5);
/// A line on which nothing went for so long has come to rest.
const REST: Duration = Duration::from_secs(2);

/// What one step cost.
struct Cost {
    seconds: f64,
    traffic: Traffic,
}

impl Cost {
    fn bytes(&self) -> f64 {
        number(self.traffic.up + self.traffic.down)
    }

    fn print(&self, name: &str) {
        figure(&format!("{name}-seconds"), self.seconds, "s", "-");
        figure(&format!("{name}-bytes"), self.bytes(), "bytes", "-");
        figure(&format!("{name}-messages"), number(self.traffic.pieces), "pieces", "-");
    }
}

/// First sync, nothing new, some changed.
struct Costs {
    first: Cost,
    nothing: Cost,
    changed: Cost,
}

pub fn run(loket: &str, field: &str, most: u64) -> Result<(), Fault> {
    println!(
        "# {DOCUMENTS} interviews of 60 answers; bytes and pieces on TCP, counted by one proxy on loopback for both"
    );
    println!(
        "# Loket: the app's engine in a native process, SQLite with synchronous=FULL at both ends, one HTTP connection"
    );
    println!(
        "# the peer: automerge-repo 2.5 in node, its websocket adapter and file storage (no fsync) at both ends"
    );
    let folder = tempfile::tempdir().map_err(Fault::io("a folder"))?;
    let documents = folder.path().join("documents");
    std::fs::create_dir(&documents).map_err(Fault::io("a folder for the documents"))?;
    let ours = compare(loket, folder.path(), &documents)?;
    let theirs = peer(Path::new(field), folder.path(), &documents)?;
    figure("first-sync-sooner", theirs.first.seconds / ours.first.seconds, "times", "at least 5");
    figure("first-sync-fewer-bytes", theirs.first.bytes() / ours.first.bytes(), "times", "at least 4");
    figure("nothing-new-fewer-bytes", theirs.nothing.bytes() / ours.nothing.bytes(), "times", "at least 500");
    figure("changed-fewer-bytes", theirs.changed.bytes() / ours.changed.bytes(), "times", "-");
    figure("changed-sooner", theirs.changed.seconds / ours.changed.seconds, "times", "-");
    let small = ours.first.seconds / number(DOCUMENTS);
    let mut count = DOCUMENTS * 10;
    while count <= most {
        let each = alone(loket, count)?;
        let goal = if count == 100_000 { "at most 1.3" } else { "-" };
        figure(&format!("loket-{count}-time-each-against-{DOCUMENTS}"), each / small, "times", goal);
        count *= 10;
    }
    Ok(())
}

/// Loket with the documents of the comparison, which are written to files for the peer.
fn compare(loket: &str, folder: &Path, documents: &Path) -> Result<Costs, Fault> {
    let loket = Loket::start(loket)?;
    let mut phone = enrol(&loket, folder, 1, true)?;
    let (instrument, visit) = ground(&mut phone)?;
    let mut records = Vec::new();
    for n in 0..DOCUMENTS {
        let (record, item) = interview(&phone, &instrument, &visit, n)?;
        let path = documents.join(format!("{n:06}.automerge"));
        std::fs::write(&path, document_of(&record)?).map_err(Fault::io("a document"))?;
        phone.store.write(&[item])?;
        records.push(record);
    }
    let line = Line::open(loket.address, Quality::default())?;
    phone.net.go_by(line.address);
    let first = first_sync(&mut phone, &line)?;
    settled(&mut phone, DOCUMENTS)?;
    line.cut();
    line.mend();
    let (before, began) = (line.traffic(), Instant::now());
    phone.round()?;
    let nothing = Cost { seconds: began.elapsed().as_secs_f64(), traffic: line.traffic().since(before) };
    line.cut();
    withdraw(&mut phone, &mut records)?;
    line.mend();
    let (before, began) = (line.traffic(), Instant::now());
    phone.settle(LONG)?;
    let changed = Cost { seconds: began.elapsed().as_secs_f64(), traffic: line.traffic().since(before) };
    first.print("loket-first-sync");
    nothing.print("loket-nothing-new");
    changed.print("loket-changed");
    figure("loket-server-memory", loket.memory()?, "MB", "-");
    figure("loket-client-memory", memory_of("self")?, "MB", "-");
    Ok(Costs { first, nothing, changed })
}

fn first_sync(phone: &mut Phone, line: &Line) -> Result<Cost, Fault> {
    let (before, began) = (line.traffic(), Instant::now());
    phone.start()?;
    phone.settle(Duration::from_mins(20))?;
    Ok(Cost { seconds: began.elapsed().as_secs_f64(), traffic: line.traffic().since(before) })
}

fn withdraw(phone: &mut Phone, records: &mut [Record]) -> Result<(), Fault> {
    let mut items = Vec::new();
    for record in records.iter_mut().take(usize::try_from(CHANGED).unwrap_or(usize::MAX)) {
        items.extend(phone.change(record, &[Edit::Withdraw { at: 1_790_000_001 }])?);
    }
    phone.store.write(&items)
}

/// The peer, through the same steps.
fn peer(field: &Path, folder: &Path, documents: &Path) -> Result<Costs, Fault> {
    let text = |path: &Path| path.display().to_string();
    let (here, there) = (text(&folder.join("peer-client")), text(&folder.join("peer-server")));
    let server = Peer::start(field, "server.mjs", &[&there])?;
    let (_, port) = server.until("listening ", LONG)?;
    let port: u16 = port.parse().map_err(|_| Fault::Wrong(format!("the peer listens on {port}")))?;
    let line = Line::open(([127, 0, 0, 1], port).into(), Quality::default())?;
    let url = format!("ws://{}", line.address);
    let mut client = Peer::start(field, "client.mjs", &[&text(documents), &here, &url])?;
    client.until("ready ", LONG)?;
    let (before, began) = (line.traffic(), Instant::now());
    client.tell("connect")?;
    let (ended, _) = server.until(&format!("whole {DOCUMENTS}"), LONG)?;
    line.quiet(REST);
    let seconds = ended.duration_since(began).as_secs_f64();
    let first = Cost { seconds, traffic: line.traffic().since(before) };
    line.cut();
    let (before, began) = (line.traffic(), Instant::now());
    line.mend();
    // It comes back by itself after a moment.
    while line.traffic().connections == before.connections {
        std::thread::sleep(Duration::from_millis(5));
    }
    let ended = line.quiet(REST);
    let seconds = ended.saturating_duration_since(began).as_secs_f64();
    let nothing = Cost { seconds, traffic: line.traffic().since(before) };
    line.cut();
    client.tell(&format!("change {CHANGED}"))?;
    let (before, began) = (line.traffic(), Instant::now());
    line.mend();
    let (ended, _) = server.until(&format!("changed {CHANGED}"), LONG)?;
    line.quiet(REST);
    let seconds = ended.duration_since(began).as_secs_f64();
    let changed = Cost { seconds, traffic: line.traffic().since(before) };
    first.print("peer-first-sync");
    nothing.print("peer-nothing-new");
    changed.print("peer-changed");
    figure("peer-server-memory", server.memory()?, "MB", "-");
    figure("peer-client-memory", client.memory()?, "MB", "-");
    Ok(Costs { first, nothing, changed })
}

/// Loket alone with more documents; seconds a document.
fn alone(loket: &str, count: u64) -> Result<f64, Fault> {
    let loket = Loket::start(loket)?;
    let folder = tempfile::tempdir().map_err(Fault::io("a folder"))?;
    let mut phone = enrol(&loket, folder.path(), 1, true)?;
    let (instrument, visit) = ground(&mut phone)?;
    for some in 0..count / 1_000 {
        write_thousand(&mut phone, &instrument, &visit, some * 1_000)?;
    }
    let line = Line::open(loket.address, Quality::default())?;
    phone.net.go_by(line.address);
    let first = first_sync(&mut phone, &line)?;
    first.print(&format!("loket-{count}-first-sync"));
    settled(&mut phone, count)?;
    let before = line.traffic();
    phone.round()?;
    let nothing = line.traffic().since(before);
    figure(&format!("loket-{count}-nothing-new-bytes"), number(nothing.up + nothing.down), "bytes", "-");
    figure(&format!("loket-{count}-server-memory"), loket.memory()?, "MB", "-");
    figure(&format!("loket-{count}-client-memory"), memory_of("self")?, "MB", "-");
    Ok(first.seconds / number(count))
}

fn write_thousand(
    phone: &mut Phone,
    instrument: &Instrument,
    visit: &Genesis,
    from: u64,
) -> Result<(), Fault> {
    let made = (from..from + 1_000).map(|n| interview(phone, instrument, visit, n));
    let items = made.map(|made| made.map(|(_, item)| item)).collect::<Result<Vec<_>, _>>()?;
    phone.store.write(&items)
}
