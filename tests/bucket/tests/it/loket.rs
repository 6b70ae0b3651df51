//! A `loket` of a test: a process on a folder, with its photos in a bucket.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use bucket::{Bucket, KEY, SECRET};
use phone::phone::{Phone, Setup};
use phone::store::Photo;
use replica::{ContentHash, Edit, Genesis, Record, RecordId, RecordKind};
use sha2::{Digest as _, Sha256};

const UNITS: &str = "unit,government,province,kind,office
Dukcapil,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel
";
pub const BUCKET: &str = "loket-photos";
pub const PLACE: &str = "s3://loket-photos/2026";
/// Longer than anything here takes.
pub const WITHIN: Duration = Duration::from_mins(2);

static SEEDS: AtomicU8 = AtomicU8::new(1);

/// The command with what the environment says of a bucket, and nothing that this machine's own environment says.
pub fn command(bucket: &Bucket) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loket-s3"));
    for (name, _) in std::env::vars_os() {
        if ["AWS_", "LOKET_"].iter().any(|begin| name.to_string_lossy().starts_with(begin)) {
            command.env_remove(name);
        }
    }
    command.env("LOKET_LOG", "error").env("NO_PROXY", "localhost").env("AWS_ENDPOINT", bucket.endpoint());
    command.env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", SECRET).env("AWS_REGION", "nowhere-1");
    match bucket.certificate() {
        Some(certificate) => command.env("SSL_CERT_FILE", certificate),
        None => command.env("AWS_ALLOW_HTTP", "true"),
    };
    command
}

pub fn run(command: &mut Command, arguments: &[&str]) -> Output {
    command.args(arguments).output().unwrap()
}

pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A running server; killed when it is dropped.
pub struct Loket {
    pub address: SocketAddr,
    pub data: PathBuf,
    child: Child,
}

impl Loket {
    /// Starts a server on a folder, which gets a unit where it is new.
    pub fn start(bucket: &Bucket, data: &Path) -> Self {
        Self::at(bucket, data, PLACE)
    }

    /// The same with photos at another place.
    pub fn at(bucket: &Bucket, data: &Path, place: &str) -> Self {
        let folder = data.to_str().unwrap();
        if !data.exists() {
            std::fs::create_dir_all(data).unwrap();
            let list = data.join("units.csv");
            std::fs::write(&list, UNITS).unwrap();
            let imported =
                run(&mut command(bucket), &["units", "import", list.to_str().unwrap(), "--data", folder]);
            assert!(imported.status.success(), "{}", said(&imported));
        }
        let mut serve = command(bucket);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--photos", place, "--data", folder]);
        let child = serve.stdout(Stdio::piped()).spawn().unwrap();
        let mut loket = Self { address: ([127, 0, 0, 1], 0).into(), data: data.to_owned(), child };
        let lines = BufReader::new(loket.child.stdout.take().unwrap()).lines();
        let mut found = lines.map_while(Result::ok).filter_map(|line| {
            line.strip_prefix("listening on http://").map(|address| address.parse().unwrap())
        });
        loket.address = found.next().expect("it listens");
        loket
    }

    /// A phone that is enrolled here.
    pub fn phone(&self, bucket: &Bucket, folder: &Path) -> Phone {
        let seed = SEEDS.fetch_add(1, Ordering::Relaxed);
        let data = self.data.to_str().unwrap();
        let made = run(&mut command(bucket), &["code", "--role", "surveyor", "--data", data]);
        let text = String::from_utf8(made.stdout).unwrap();
        let code = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap();
        let store = folder.join(format!("phone-{seed}.sqlite"));
        let setup =
            Setup { address: self.address, code, store: &store, seed, backoff_first: 10, keeps: false };
        let mut phone = Phone::enrol(&setup).unwrap();
        phone.start().unwrap();
        phone
    }
}

impl Drop for Loket {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A record that the phone began, which waits to be sent.
pub fn begun(phone: &mut Phone, n: u8) -> RecordId {
    let genesis = Genesis {
        kind: RecordKind::Interview,
        office: "babel".parse().unwrap(),
        round: phone.home.round.clone(),
        unit: phone.home.units[0].id.clone(),
        instrument: phone.home.instruments.interview,
        nonce: Some([n; 16]),
    };
    let mut record = Record::start(&genesis).unwrap();
    let edit = Edit::Answer { path: "umur".parse().unwrap(), value: "41".parse().unwrap() };
    let change = phone.change(&mut record, &[edit]).unwrap().unwrap();
    phone.store.write(&[change]).unwrap();
    record.id()
}

/// A picture of so many bytes, told from others by `seed`.
pub fn picture(seed: u8, length: usize) -> (Vec<u8>, ContentHash) {
    let mut bytes = vec![0xff, 0xd8, 0xff, seed];
    bytes.resize(length, seed);
    let hash = ContentHash::new(Sha256::digest(&bytes).into());
    (bytes, hash)
}

/// A phone with a record on the server, and its pictures, which wait.
pub fn taken(phone: &mut Phone, pictures: &[(Vec<u8>, ContentHash)]) -> RecordId {
    let record = begun(phone, pictures.first().map_or(0, |(bytes, _)| bytes[3]));
    phone.settle(WITHIN).unwrap();
    for (bytes, hash) in pictures {
        phone.store.take_photo(&Photo { hash: *hash, record, bytes: bytes.clone() }).unwrap();
    }
    record
}

/// The name of a photo in the bucket.
pub fn key(hash: &ContentHash) -> String {
    let name = hash.to_string();
    format!("2026/{}/{name}", &name[..2])
}
