//! Real instruments, filled and sent in.

use replica::api::Role;
use replica::{ContentHash, Edit, Genesis, Record, RoundId};
use survey::instrument::Instrument;
use sync_server::catalogue::{compile, embedded};

use super::client::Device;
use super::filling::{ASSESSED, edits};
use super::server::{TestServer, interview, visit};

/// A server that has the real instruments in force.
pub struct Field {
    pub server: TestServer,
    pub visit: (ContentHash, Instrument),
    pub interview: (ContentHash, Instrument),
    pub surveyor: Device,
}

impl Field {
    pub fn start() -> Self {
        Self::on(TestServer::start())
    }

    pub fn on(server: TestServer) -> Self {
        let mut found = Vec::new();
        for (_, workbook) in embedded() {
            let compiled = compile(&workbook, &()).unwrap().compiled;
            server.server().catalogue.publish(&compiled, 2).unwrap();
            found.push((compiled.hash, compiled.instrument));
        }
        let mut of = |form: &str| {
            let at = found.iter().position(|(_, instrument)| instrument.form_id == form).unwrap();
            found.swap_remove(at)
        };
        let (visit, interview) = (of("kunjungan"), of("persepsi"));
        let surveyor = Device::enrol(&server, Role::Surveyor);
        Self { server, visit, interview, surveyor }
    }

    /// Sends a closed visit in which every question has the choice at `at`, or the last one.
    pub fn visits(&self, unit: &str, at: usize) -> Record {
        self.visits_in(&visit(unit).round, unit, at)
    }

    /// The same in another round.
    pub fn visits_in(&self, round: &RoundId, unit: &str, at: usize) -> Record {
        let genesis = Genesis { instrument: self.visit.0, round: round.clone(), ..visit(unit) };
        let mut record = Record::start(&genesis).unwrap();
        let mut all = edits(&self.visit.1, 2, &mut |of| at.min(of - 1), &ASSESSED);
        all.push(Edit::Close { at: 1_790_000_000 });
        let change = self.surveyor.edit(&mut record, &all);
        self.surveyor.push(&[change]);
        record
    }

    pub fn interviews(&self, unit: &str, count: u64, at: usize, fixed: &[(&str, &str)]) {
        for number in 0..count {
            let genesis = Genesis { instrument: self.interview.0, ..interview(unit, number) };
            let mut record = Record::start(&genesis).unwrap();
            let mut all = edits(&self.interview.1, 1, &mut |of| at.min(of - 1), fixed);
            all.push(Edit::Close { at: 1_790_000_000 });
            let change = self.surveyor.edit(&mut record, &all);
            self.surveyor.push(&[change]);
        }
    }

    pub fn coordinator(&self, office: Option<&str>) -> Device {
        self.server.settle();
        Device::enrol_for(&self.server, Role::Coordinator, office, None)
    }
}
