//! What a test of both kinds of log stands on: a data folder, or a database that servers share.

use replica::Genesis;
use sync_server::log::Batch;
use sync_server::store::Address;
use sync_server::verify::{self, Sender};

use super::client::Device;
use super::cluster::Cluster;
use super::server::TestServer;

/// Keeps everything of one log until the test ends.
pub struct Ground {
    pub cluster: Option<Cluster>,
    folder: tempfile::TempDir,
}

impl Ground {
    pub fn sqlite() -> Self {
        Self { cluster: None, folder: tempfile::tempdir().unwrap() }
    }

    pub fn postgres() -> Option<Self> {
        Some(Self { cluster: Some(Cluster::single()?), folder: tempfile::tempdir().unwrap() })
    }

    pub fn address(&self) -> Option<&Address> {
        self.cluster.as_ref().map(|cluster| &cluster.address)
    }

    /// A server with the log; on a file, one at a time.
    pub fn server(&self) -> TestServer {
        self.server_called("data")
    }

    /// Another server with a folder of this name for what is its own.
    pub fn server_called(&self, name: &str) -> TestServer {
        TestServer::with(self.folder.path().join(name), self.address())
    }
}

/// What the server would hand to its log for a push of these changes.
pub fn batch_of(server: &TestServer, device: &Device, changes: &[(Genesis, Vec<u8>)]) -> Batch {
    let parts = server.server();
    let known = parts.identity.device(device.key.device()).unwrap().unwrap();
    let log = parts.log.as_ref();
    let sender = Sender { writer: &known, carrier: None };
    verify::push(device.batch(changes), sender, parts.catalogue.as_ref(), log, 1).unwrap().0
}

/// Runs each test on both kinds of log.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(&super::super::ground::Ground::sqlite()); })*
        }
        mod postgres {
            $(#[test] fn $name() { super::super::ground::Ground::postgres().iter().for_each(super::$name); })*
        }
    };
}
pub(super) use on_both;
