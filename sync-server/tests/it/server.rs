//! A server of its own for each test.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use replica::api::Role;
use replica::{ContentHash, Genesis, RecordKind};
use survey::instrument::Instrument;
use sync_server::catalogue::{Compiled, read_units};
use sync_server::http::{self, Shared, Times};
use sync_server::identity::{Code, Grant};
use sync_server::server::Server;
use sync_server::store::Address;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

pub const UNITS: &str = "unit,government,province,kind,office
Dukcapil,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel
Kesehatan,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel
Dukcapil,Kota Bontang,Kalimantan Timur,dinas,kaltim
";
pub const ROUND: &str = "2026";
pub const DUKCAPIL: &str = "kota-pangkalpinang-dukcapil";
pub const KESEHATAN: &str = "kota-pangkalpinang-kesehatan";
pub const BONTANG: &str = "kota-bontang-dukcapil";

/// A running server; stops when it is dropped, and keeps its folder until the test ends.
pub struct TestServer {
    pub address: SocketAddr,
    pub shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
    pub folder: PathBuf,
    kept: Option<tempfile::TempDir>,
}

impl TestServer {
    pub fn start() -> Self {
        let kept = tempfile::tempdir().unwrap();
        let mut server = Self::on(kept.path().to_owned());
        server.kept = Some(kept);
        server
    }

    /// A server on a folder that exists, or not yet.
    pub fn on(folder: PathBuf) -> Self {
        Self::with(folder, None)
    }

    /// A server whose log is in a database, where one is named.
    pub fn with(folder: PathBuf, database: Option<&Address>) -> Self {
        Self::built(folder, database, Times::default())
    }

    /// A server that waits for requests no longer than this.
    pub fn timed(times: Times) -> Self {
        let kept = tempfile::tempdir().unwrap();
        let mut server = Self::built(kept.path().to_owned(), None, times);
        server.kept = Some(kept);
        server
    }

    fn built(folder: PathBuf, database: Option<&Address>, times: Times) -> Self {
        let server = Server::open_at(&folder, database).unwrap().expect("no other server on the folder");
        prepare(&server);
        let shared = Arc::new(Shared::new(server, "http://127.0.0.1".to_owned()).timed(times));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let router = http::router(Arc::clone(&shared));
        runtime.spawn(http::serve(listener, router, async {
            let _ = stopped.await;
        }));
        Self { address, shared, stop: Some(stop), runtime: Some(runtime), folder, kept: None }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn server(&self) -> &Server {
        &self.shared.server
    }

    pub fn code(&self, role: Role, office: Option<&str>, unit: Option<&str>) -> Code {
        let grant = Grant {
            role,
            person: None,
            office: office.map(|id| id.parse().unwrap()),
            unit: unit.map(|id| id.parse().unwrap()),
        };
        self.server().identity.new_code(&grant, 3_600, sync_server::clock::now()).unwrap()
    }

    /// Waits until the worker has looked at everything that is in the log.
    pub fn settle(&self) {
        let last = self.server().log.last().unwrap();
        let mut upto = self.server().worker.follow();
        let wait = upto.wait_for(|upto| *upto >= last);
        let runtime = self.runtime.as_ref().unwrap();
        runtime
            .block_on(async {
                tokio::time::timeout(Duration::from_secs(30), wait).await.map(|seen| seen.is_ok())
            })
            .expect("the worker keeps up");
    }

    /// Stops the server and hands its folder on.
    pub fn stop(mut self) -> (PathBuf, Option<tempfile::TempDir>) {
        let kept = self.kept.take();
        let folder = self.folder.clone();
        drop(self);
        (folder, kept)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
    }
}

fn prepare(server: &Server) {
    let catalogue = &server.catalogue;
    catalogue.put_units(&read_units(UNITS.as_bytes()).unwrap()).unwrap();
    catalogue.open_round(&ROUND.parse().unwrap(), 1).unwrap();
    for kind in [RecordKind::Visit, RecordKind::Interview] {
        let compiled = instrument(kind);
        if !catalogue.has_instrument(&compiled.hash).unwrap() {
            catalogue.publish(&compiled, 1).unwrap();
        }
    }
}

fn instrument(kind: RecordKind) -> Compiled {
    let form_id = sync_server::catalogue::form_of(kind).to_owned();
    Compiled::of(Instrument {
        title: form_id.clone(),
        form_id,
        version: "1".to_owned(),
        languages: Vec::new(),
        nodes: Vec::new(),
        choice_lists: BTreeMap::new(),
        files: BTreeMap::new(),
        naming: None,
    })
    .unwrap()
}

pub fn instrument_hash(kind: RecordKind) -> ContentHash {
    instrument(kind).hash
}

pub fn visit(unit: &str) -> Genesis {
    let office = if unit == BONTANG { "kaltim" } else { "babel" };
    Genesis {
        kind: RecordKind::Visit,
        office: office.parse().unwrap(),
        round: ROUND.parse().unwrap(),
        unit: unit.parse().unwrap(),
        instrument: instrument_hash(RecordKind::Visit),
        nonce: None,
    }
}

pub fn interview(unit: &str, nonce: u64) -> Genesis {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&nonce.to_be_bytes());
    let instrument = instrument_hash(RecordKind::Interview);
    Genesis { kind: RecordKind::Interview, nonce: Some(bytes), instrument, ..visit(unit) }
}
