//! PostgreSQL for tests: a cluster of its own for each, by the script that people use to try one out.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use sync_server::store::Address;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// One server, or a primary and its synchronous standby; ended and deleted when dropped.
pub struct Cluster {
    folder: PathBuf,
    pub address: Address,
    pub ports: Vec<u16>,
}

impl Cluster {
    /// One server; none, with a word, where PostgreSQL is not installed.
    pub fn single() -> Option<Self> {
        Self::made("single", 1)
    }

    /// A primary and its synchronous standby.
    pub fn pair() -> Option<Self> {
        Self::made("pair", 2)
    }

    fn made(kind: &str, servers: usize) -> Option<Self> {
        if !is_installed() {
            eprintln!("skipped: PostgreSQL is not installed (`cargo xtask setup` installs it)");
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("loket-pg-{}-{number}", std::process::id()));
        let ports = free_ports(servers);
        let made: Vec<String> = ports.iter().map(ToString::to_string).collect();
        let output = script(kind, &folder).args(made).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let address = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        Some(Self { folder, address, ports })
    }

    /// Does something to the cluster, see the script.
    pub fn does(&self, command: &str, server: &str) {
        let output = script(command, &self.folder).arg(server).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs statements as the owner of everything, on one of the servers, from 0.
    pub fn sql(&self, server: usize, database: &str, sql: &str) -> String {
        let mut psql = Command::new("psql");
        psql.args(["-XqtA", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres"]);
        let output =
            psql.args(["-p", &self.ports[server].to_string(), "-d", database, "-c", sql]).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = script("remove", &self.folder).output();
    }
}

fn script(command: &str, folder: &Path) -> Command {
    let mut script = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("cluster/cluster.sh"));
    script.arg(command).arg(folder);
    script
}

fn is_installed() -> bool {
    let debian = std::fs::read_dir("/usr/lib/postgresql").is_ok_and(|mut versions| versions.next().is_some());
    debian || Command::new("initdb").arg("--version").output().is_ok()
}

fn free_ports(count: usize) -> Vec<u16> {
    let listeners: Vec<_> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}
