//! The `loket` command as people and scripts run it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use replica::api::{EnrolReply, Home, Role};
use replica::attestation::DeviceKey;
use replica::wire::Outcome;
use replica::{Actor, Genesis, Record, RecordKind, TabId};
use serde_json::json;

use super::client::{Device, agent, post_json, read};
use super::server::{DUKCAPIL, UNITS};

fn loket(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loket"));
    command.args(arguments).env("LOKET_LOG", "error");
    command
}

pub fn run(arguments: &[&str]) -> Output {
    loket(arguments).output().unwrap()
}

fn import(data: &Path, csv: &str) -> Output {
    let list = data.join("units.csv");
    std::fs::create_dir_all(data).unwrap();
    std::fs::write(&list, csv).unwrap();
    run(&["units", "import", list.to_str().unwrap(), "--data", data.to_str().unwrap()])
}

pub struct Running {
    child: Child,
    pub base: String,
    codes: Vec<(String, String)>,
}

impl Running {
    /// Starts the server and reads what it prints until it listens.
    fn start(data: &Path) -> Self {
        Self::start_on(data, None)
    }

    /// The same with the log in a database.
    pub fn start_on(data: &Path, database: Option<&str>) -> Self {
        let mut arguments = vec!["serve", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
        arguments.extend(database.iter().flat_map(|url| ["--log", url]));
        let child = loket(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut running = Self { child, base: String::new(), codes: Vec::new() };
        for line in BufReader::new(running.child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some(base) = line.strip_prefix("listening on ") {
                base.clone_into(&mut running.base);
                return running;
            }
            if let Some((role, rest)) = line.strip_prefix("code ").and_then(|code| code.split_once(' ')) {
                let code = rest.split(' ').next().unwrap();
                running.codes.push((role.to_owned(), code.to_owned()));
            }
        }
        panic!("the server ended before it listened");
    }

    /// Imports the test's units into a database.
    pub fn import_units(data: &Path, database: Option<&str>) {
        std::fs::create_dir_all(data).unwrap();
        let list = data.join("units.csv");
        std::fs::write(&list, UNITS).unwrap();
        let mut arguments = vec!["units", "import", list.to_str().unwrap(), "--data", data.to_str().unwrap()];
        arguments.extend(database.iter().flat_map(|url| ["--log", url]));
        let done = run(&arguments);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// A device enrolled with a code that the command made.
    pub fn device_with_code(&self, database: Option<&str>, data: &Path, seed: u8) -> Device {
        let mut arguments = vec!["code", "--role", "surveyor", "--data", data.to_str().unwrap()];
        arguments.extend(database.iter().flat_map(|url| ["--log", url]));
        let made = run(&arguments);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        self.enrolled(String::from_utf8(made.stdout).unwrap().trim(), seed)
    }

    /// Ends it as a machine that breaks.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(told.unwrap().success());
    }

    fn device(&self, seed: u8) -> Device {
        let code = self.codes.iter().find(|(role, _)| role == "surveyor").unwrap().1.clone();
        self.enrolled(&code, seed)
    }

    fn enrolled(&self, code: &str, seed: u8) -> Device {
        let key = DeviceKey::from_seed(&[seed; 32]);
        let body = json!({"code": code, "public_key": key.public(), "name": "Phone"});
        let answer = post_json(&agent(), &format!("{}/api/v1/enrol", self.base), &body);
        let enrolled: EnrolReply = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(enrolled.role, Role::Surveyor);
        let actor = Actor::of(key.device(), TabId::new([seed; 8]));
        let base = self.base.clone();
        let mut device = Device { key, actor, token: String::new(), base, agent: agent() };
        device.open_session();
        device
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn interview_of(home: &Home, nonce: u64) -> Genesis {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&nonce.to_be_bytes());
    Genesis { nonce: Some(bytes), ..interview(home, 0) }
}

fn interview(home: &Home, nonce: u8) -> Genesis {
    Genesis {
        kind: RecordKind::Interview,
        office: "babel".parse().unwrap(),
        round: home.round.clone(),
        unit: DUKCAPIL.parse().unwrap(),
        instrument: home.instruments.interview,
        nonce: Some([nonce; 16]),
    }
}

#[test]
fn what_was_acknowledged_is_there_after_the_server_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    assert!(import(folder.path(), UNITS).status.success());
    let mut server = Running::start(folder.path());
    let mut device = server.device(211);
    let home: Home = serde_json::from_slice(&device.get("/api/v1/home").body).unwrap();
    let mut acknowledged = Vec::new();
    for n in 0..20 {
        let mut record = Record::start(&interview(&home, n)).unwrap();
        let change = device.write(&mut record, "a", "1");
        assert!(matches!(device.push(std::slice::from_ref(&change))[..], [Outcome::Stored(_)]));
        acknowledged.push(change);
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();

    let server = Running::start(folder.path());
    device.base = server.base.clone();
    let outcomes = device.push(&acknowledged);
    assert_eq!(outcomes.len(), 20);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Known(_))), "{outcomes:?}");
}

#[test]
fn the_server_stops_cleanly_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Running::start(folder.path());
    let told = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn two_servers_do_not_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Running::start(folder.path());
    let second = run(&["serve", "--data", folder.path().to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another loket"));
}

#[test]
fn the_server_prints_codes_that_enrol_and_makes_more_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path());
    let roles: Vec<_> = server.codes.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles, ["surveyor", "kiosk", "coordinator"]);
    let data = folder.path().to_str().unwrap();
    let made = run(&["code", "--role", "coordinator", "--person", "Ibu Sari", "--data", data, "--qr"]);
    let printed = String::from_utf8(made.stdout).unwrap();
    let code = printed.lines().next().unwrap();
    assert!(printed.contains('█'));
    let key = DeviceKey::from_seed(&[212; 32]).public();
    let body = json!({"code": code, "public_key": key, "name": ""});
    let answer = post_json(&agent(), &format!("{}/api/v1/enrol", server.base), &body);
    let enrolled: EnrolReply = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((enrolled.role, enrolled.person.as_str()), (Role::Coordinator, "Ibu Sari"));
    let health = read(agent().get(format!("{}/healthz", server.base)).call().unwrap());
    assert_eq!(health.status, 200);
}

#[test]
fn a_list_with_a_fault_imports_nothing_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let faulty = import(folder.path(), "unit,government,province,kind\nA,B,C,dinas\n,B,C,dinas\n");
    assert!(!faulty.status.success());
    assert!(String::from_utf8_lossy(&faulty.stderr).contains("line 3, column unit"));
    let list = || {
        String::from_utf8(run(&["units", "list", "--data", folder.path().to_str().unwrap()]).stdout).unwrap()
    };
    assert_eq!(list().lines().count(), 1);
    assert!(import(folder.path(), UNITS).status.success());
    assert!(import(folder.path(), &UNITS.replace("dinas", "badan")).status.success());
    assert_eq!(list().lines().count(), 4);
    assert!(
        list().contains(&format!(
            "{DUKCAPIL},Dukcapil,Kota Pangkalpinang,Kepulauan Bangka Belitung,badan,babel"
        ))
    );
}

#[test]
fn a_workbook_is_checked_with_a_summary_or_its_faults() {
    let workbooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/instruments");
    for name in ["kunjungan.xlsx", "persepsi.xlsx"] {
        let good = run(&["instrument", "check", workbooks.join(name).to_str().unwrap()]);
        assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
        let summary: serde_json::Value = serde_json::from_slice(&good.stdout).unwrap();
        for key in ["title", "version", "languages", "questions", "groups", "repeats", "choices", "hash"] {
            assert!(summary.get(key).is_some(), "{key}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let no_workbook = folder.path().join("form.xlsx");
    std::fs::write(&no_workbook, "not a workbook").unwrap();
    let bad = run(&["instrument", "check", no_workbook.to_str().unwrap()]);
    assert_eq!((bad.status.code(), bad.stdout.is_empty()), (Some(1), true));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("workbook"));
    assert_eq!(run(&["instrument", "check", "missing.xlsx"]).status.code(), Some(1));
}

#[test]
fn a_projection_is_rebuilt_on_command_and_not_under_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let server = Running::start(folder.path());
    assert!(!run(&["projection", "rebuild", "--data", data]).status.success());
    drop(server);
    let done = run(&["projection", "rebuild", "--data", data]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_backup_is_taken_in_while_the_server_runs_and_shown_to_whoever_asks() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(import(&data, UNITS).status.success());
    let server = Running::start(&data);
    let device = server.device(1);
    let home: Home = serde_json::from_slice(&device.get("/api/v1/home").body).unwrap();
    let unit = home.units.iter().find(|unit| unit.id.as_str() == DUKCAPIL).unwrap();
    let genesis = Genesis {
        kind: RecordKind::Visit,
        office: unit.office.clone(),
        round: home.round.clone(),
        unit: unit.id.clone(),
        instrument: home.instruments.visit,
        nonce: None,
    };
    let mut record = Record::start(&genesis).unwrap();
    let batch = device.batch(&[device.write(&mut record, "nama", "x")]);
    let (writer, mut bytes) = replica::backup::Writer::begin(1, &[(device.key.public(), batch)]);
    bytes.extend(writer.end(&[]));
    let file = folder.path().join("phone.cadangan");
    std::fs::write(&file, &bytes).unwrap();

    let taken = run(&["import", file.to_str().unwrap(), "--data", data.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&taken.stdout).into_owned();
    assert!(taken.status.success() && said.starts_with("changes: 1 stored, 0 were here"), "{said}");

    // The first look wakes the server's worker; a later one shows what it found.
    let query = super::client::from_start(&format!("{}/{}", genesis.office, genesis.round));
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while device.pull(&query).entries.is_empty() {
        assert!(std::time::Instant::now() < deadline, "what was taken in is never shown");
        std::thread::yield_now();
    }

    std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    let refused = run(&["import", file.to_str().unwrap(), "--data", data.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("the end of the file is missing"), "{said}");
}
