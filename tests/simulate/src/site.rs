//! The real server on a folder of its own: asked without sockets, ended at any moment, restored from older copies.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use phone::random::Random;
use replica::api::Role;
use replica::attestation::DeviceKey;
use replica::{ContentHash, Genesis, RecordKind, StreamId};
use sync_server::catalogue::{compile, embedded, read_units};
use sync_server::http::{self, Shared};
use sync_server::identity::Grant;
use sync_server::server::Server;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::fault::Fault;

/// Two offices, so that a device follows two streams.
const UNITS: &str = "unit,government,province,kind,office
Dukcapil,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel
Kesehatan,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel
Dukcapil,Kota Bontang,Kalimantan Timur,dinas,kaltim
";
const ROUND: &str = "2026";
const PLACES: [(&str, &str); 3] = [
    ("babel", "kota-pangkalpinang-dukcapil"),
    ("babel", "kota-pangkalpinang-kesehatan"),
    ("kaltim", "kota-bontang-dukcapil"),
];
/// Most devices of a schedule, of which the last few are kiosks, and the very last one is up to no good.
pub const DEVICES: usize = 24;
/// Those before are surveyors' phones.
pub const PHONES: usize = 20;
/// The one that is up to no good.
pub const HOSTILE: usize = DEVICES - 1;

/// The key of a device.
pub fn key_of(number: usize) -> DeviceKey {
    let number = u8::try_from(number + 1).unwrap_or(u8::MAX);
    DeviceKey::from_seed(&[number; 32])
}

/// A data folder with units, instruments and enrolled devices, to be copied for each schedule.
pub struct Ground {
    folder: TempDir,
    instrument: ContentHash,
}

impl Ground {
    /// Makes it, in memory where the machine has such a folder.
    ///
    /// # Errors
    /// [`Fault::SetUp`].
    pub fn prepare() -> Result<Self, Fault> {
        let folder = temporary()?;
        let server = open(folder.path())?;
        let units = read_units(UNITS.as_bytes()).map_err(|faults| Fault::SetUp(format!("{faults:?}")))?;
        server.catalogue.put_units(&units).map_err(|error| Fault::set_up(&error))?;
        let round = ROUND.parse().map_err(|error| Fault::set_up(&error))?;
        server.catalogue.open_round(&round, 1).map_err(|error| Fault::set_up(&error))?;
        let mut instrument = ContentHash::new([0; 32]);
        for (_, workbook) in embedded() {
            let compiled =
                compile(&workbook, &()).map_err(|faults| Fault::SetUp(faults.join("\n")))?.compiled;
            server.catalogue.publish(&compiled, 1).map_err(|error| Fault::set_up(&error))?;
            instrument = compiled.hash;
        }
        for number in 0..DEVICES {
            let role = if (PHONES..HOSTILE).contains(&number) { Role::Kiosk } else { Role::Surveyor };
            let unit = if role == Role::Kiosk { PLACES.first().map(|(_, unit)| *unit) } else { None };
            let unit = unit.map(str::parse).transpose().map_err(|error| Fault::set_up(&error))?;
            let office = if role == Role::Kiosk { "babel".parse().ok() } else { None };
            let grant = Grant { role, person: None, office, unit };
            let now = sync_server::clock::now();
            let code = server.identity.new_code(&grant, 3_600, now).map_err(|error| Fault::set_up(&error))?;
            let enrolled = server.identity.enrol(&code, &key_of(number).public(), "simulated", now);
            enrolled.map_err(|error| Fault::set_up(&error))?;
        }
        drop(server);
        Ok(Self { folder, instrument })
    }

    /// The visit of one of the units.
    ///
    /// # Errors
    /// [`Fault::SetUp`].
    pub fn visit(&self, place: u64) -> Result<Genesis, Fault> {
        let at = usize::try_from(place).unwrap_or(0) % PLACES.len();
        let (office, unit) = PLACES.get(at).copied().unwrap_or_default();
        Ok(Genesis {
            kind: RecordKind::Visit,
            office: office.parse().map_err(|error| Fault::set_up(&error))?,
            round: ROUND.parse().map_err(|error| Fault::set_up(&error))?,
            unit: unit.parse().map_err(|error| Fault::set_up(&error))?,
            instrument: self.instrument,
            nonce: None,
        })
    }

    /// An interview at one of the units.
    ///
    /// # Errors
    /// [`Fault::SetUp`].
    pub fn interview(&self, place: u64, random: &mut Random) -> Result<Genesis, Fault> {
        let mut nonce = [0; 16];
        nonce.iter_mut().zip(random.bytes(16)).for_each(|(to, from)| *to = from);
        Ok(Genesis { kind: RecordKind::Interview, nonce: Some(nonce), ..self.visit(place)? })
    }

    /// What a surveyor's phone follows.
    ///
    /// # Errors
    /// [`Fault::SetUp`].
    pub fn streams(&self) -> Result<Vec<StreamId>, Fault> {
        Ok(vec![self.visit(0)?.stream(), self.visit(2)?.stream()])
    }
}

/// What the server said.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// A request, as often as one likes.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The method.
    pub method: &'static str,
    /// Address and parameters.
    pub path: String,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

struct Running {
    shared: Arc<Shared>,
    router: Router,
}

/// A server that may be up or down.
pub struct Site {
    runtime: Runtime,
    home: TempDir,
    /// Data folders so far; the last is in use.
    folders: u32,
    running: Option<Running>,
    backups: Vec<PathBuf>,
}

impl Site {
    /// Starts a server on a copy of the ground.
    ///
    /// # Errors
    /// [`Fault::SetUp`].
    pub fn start(ground: &Ground) -> Result<Self, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| Fault::set_up(&error))?;
        let mut site = Self { runtime, home: temporary()?, folders: 0, running: None, backups: Vec::new() };
        copy_folder(ground.folder.path(), &site.folder()).map_err(|error| Fault::set_up(&error))?;
        site.up()?;
        Ok(site)
    }

    /// The data folder in use.
    pub fn folder(&self) -> PathBuf {
        self.home.path().join(format!("data-{}", self.folders))
    }

    /// The server's parts.
    ///
    /// # Errors
    /// [`Fault::Broken`] where it is down.
    pub fn server(&self) -> Result<&Server, Fault> {
        let running = self.running.as_ref().ok_or_else(|| Fault::broken("the server is down"))?;
        Ok(&running.shared.server)
    }

    /// Starts it, where it is down.
    ///
    /// # Errors
    /// [`Fault::SetUp`].
    pub fn up(&mut self) -> Result<(), Fault> {
        if self.running.is_none() {
            let server = open(&self.folder())?;
            let shared = Arc::new(Shared::new(server, "http://127.0.0.1".to_owned()));
            let router = http::router(Arc::clone(&shared));
            self.running = Some(Running { shared, router });
            self.settle()?;
        }
        Ok(())
    }

    /// Asks, and waits until the worker has looked at what came of it, so that a seed always says the same. Nothing
    /// where the server is down.
    ///
    /// # Errors
    /// [`Fault::Broken`] where the worker stops.
    pub fn ask(&mut self, asked: &Asked) -> Result<Option<Answer>, Fault> {
        let Some(running) = &self.running else { return Ok(None) };
        let mut request = Request::builder().method(asked.method).uri(&asked.path);
        for (name, value) in &asked.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(asked.body.clone())).map_err(|error| Fault::set_up(&error))?;
        let router = running.router.clone();
        let answer = self.runtime.block_on(async {
            let Ok(response) = router.oneshot(request).await;
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.map(|bytes| bytes.to_vec());
            (parts, body)
        });
        let (parts, body) = answer;
        let body = body.map_err(|error| Fault::set_up(&error))?;
        if asked.method != "GET" {
            self.settle()?;
        }
        if parts.status.is_server_error() && parts.status.as_u16() != 503 {
            return Err(Fault::broken(format!("the server failed over {} {}", asked.method, asked.path)));
        }
        Ok(Some(Answer { status: parts.status.as_u16(), headers: parts.headers, body }))
    }

    fn settle(&self) -> Result<(), Fault> {
        let server = self.server()?;
        let last = server.log.last().map_err(|error| Fault::broken(error.to_string()))?;
        let mut upto = server.worker.follow();
        let seen = self.runtime.block_on(async { upto.wait_for(|upto| *upto >= last).await.is_ok() });
        if seen { Ok(()) } else { Err(Fault::broken("the worker has stopped")) }
    }

    /// Ends the server without warning, and leaves the disk as it was at that moment: parts of photos that were never
    /// synced lose their ends, and the projection may be older than the log, or gone.
    ///
    /// # Errors
    /// [`Fault::SetUp`].
    pub fn crash(&mut self, random: &mut Random) -> Result<(), Fault> {
        self.fall(None, random)
    }

    /// Ends it while it writes what this request brings: of the bytes that were written last, any number is lost.
    ///
    /// # Errors
    /// [`Fault::SetUp`].
    pub fn crash_while(&mut self, asked: &Asked, random: &mut Random) -> Result<(), Fault> {
        let log = self.folder().join("log.sqlite");
        let before = (length(&wal_of(&log)), fs::read(&log).ok());
        self.ask(asked)?;
        let untouched = fs::read(&log).ok() == before.1;
        self.fall(untouched.then_some(before.0), random)
    }

    fn fall(&mut self, log_cut_from: Option<u64>, random: &mut Random) -> Result<(), Fault> {
        if self.running.is_none() {
            return Ok(());
        }
        let from = self.folder();
        self.folders += 1;
        let into = self.folder();
        copy_folder(&from, &into).map_err(|error| Fault::set_up(&error))?;
        self.running = None;
        fs::remove_dir_all(&from).map_err(|error| Fault::set_up(&error))?;
        if let Some(least) = log_cut_from {
            cut(&wal_of(&into.join("log.sqlite")), least, random);
        }
        for part in files_in(&into.join("photos/incoming")) {
            cut(&part, 0, random);
        }
        if random.happens(300) {
            lose_projection(&into, self.backups.last().filter(|_| random.happens(500)));
        }
        Ok(())
    }

    /// Copies the running server's folder, as `loket backup` does.
    ///
    /// # Errors
    /// [`Fault::Broken`].
    pub fn back_up(&mut self) -> Result<(), Fault> {
        if self.running.is_none() {
            return Ok(());
        }
        let into = self.home.path().join(format!("backup-{}", self.backups.len()));
        sync_server::backup::back_up(&self.folder(), &into)
            .map_err(|error| Fault::broken(error.to_string()))?;
        self.backups.push(into);
        Ok(())
    }

    /// Puts an older copy back, as `loket restore` does, or by hand. Whether there was one.
    ///
    /// # Errors
    /// [`Fault::Broken`].
    pub fn restore(&mut self, random: &mut Random) -> Result<bool, Fault> {
        let Some(backup) = random.one_of(&self.backups).cloned() else { return Ok(false) };
        let from = self.folder();
        self.running = None;
        self.folders += 1;
        let into = self.folder();
        if random.happens(500) {
            sync_server::backup::restore(&backup, &into).map_err(|error| Fault::broken(error.to_string()))?;
        } else {
            copy_folder(&backup, &into).map_err(|error| Fault::set_up(&error))?;
            if random.happens(500) {
                // Whoever does it by hand may well leave the newer projection there.
                lose_projection(&into, Some(&from));
            }
        }
        fs::remove_dir_all(&from).map_err(|error| Fault::set_up(&error))?;
        self.up()?;
        Ok(true)
    }
}

fn open(folder: &Path) -> Result<Server, Fault> {
    let server = Server::open(folder).map_err(|error| Fault::broken(error.to_string()))?;
    server.ok_or_else(|| Fault::broken("another server has the folder"))
}

fn temporary() -> Result<TempDir, Fault> {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.map_err(|error| Fault::set_up(&error))
}

fn copy_folder(from: &Path, into: &Path) -> io::Result<()> {
    fs::create_dir_all(into)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = into.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if entry.path().extension().is_none_or(|extension| extension != "sqlite-shm") {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Takes the projection away, or puts the one of another folder in its place.
fn lose_projection(folder: &Path, other: Option<&PathBuf>) {
    for name in ["projection.sqlite", "projection.sqlite-wal"] {
        // It may not be there, and need not.
        let _ = fs::remove_file(folder.join(name));
        if let Some(other) = other {
            let _ = fs::copy(other.join(name), folder.join(name));
        }
    }
}

fn wal_of(log: &Path) -> PathBuf {
    log.with_extension("sqlite-wal")
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Cuts a file anywhere behind so many bytes.
fn cut(path: &Path, least: u64, random: &mut Random) {
    let whole = length(path);
    if whole > least
        && let Ok(file) = fs::OpenOptions::new().write(true).open(path)
    {
        // A file that cannot be cut stays as it is, which is one of the things that may happen.
        let kept = least + random.below(whole - least + 1);
        let _ = file.set_len(kept);
        // Some file systems keep the length and lose what stood there.
        if random.happens(300) {
            let _ = file.set_len(whole);
        }
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    inside(folder).iter().flat_map(|device| inside(device)).collect()
}
