//! A data folder with records of the real instruments, for readers that are tried against a running server.

use std::path::Path;

use replica::api::Role;
use replica::attestation::DeviceKey;
use replica::wire::{PushItem, PushRequest};
use replica::{Actor, Edit, Envelope, Epoch, Genesis, Limits, Record, RecordKind, TabId};
use survey::instrument::{Instrument, NodeKind, QuestionKind};
use sync_server::catalogue::{Compiled, compile, embedded, form_of, read_units};
use sync_server::clock;
use sync_server::identity::Grant;
use sync_server::server::Server;
use sync_server::verify::{self, Sender};

use super::Outcome;
use super::filling::{AGREED, ASSESSED, edits};

/// What a citizen may type who means harm to whoever opens the file.
pub const HARM: &str = "=HYPERLINK(\"http://jahat.example\",\"klik\")";

const UNITS: &str = "unit,government,province,kind,office
Dukcapil,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel
Kesehatan,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel
Dukcapil,Kota Bontang,Kalimantan Timur,dinas,kaltim
";
const CLOSED: i64 = 1_790_000_000;

/// Three units: one visited with interviews, one that could not be assessed, one of another office.
pub fn write(folder: &Path) -> Outcome<()> {
    let server = Server::open(folder)?.ok_or("another loket has the folder")?;
    server.catalogue.put_units(&read_units(UNITS.as_bytes()).map_err(|faults| format!("{faults:?}"))?)?;
    server.catalogue.open_round(&"2026".parse()?, CLOSED)?;
    let mut forms = Vec::new();
    for (name, workbook) in embedded() {
        let compiled = compile(&workbook, &()).map_err(|faults| format!("{name}: {faults:?}"))?.compiled;
        server.catalogue.publish(&compiled, CLOSED)?;
        forms.push(compiled);
    }
    let sender = Phone::enrol(&server)?;
    let [visit, interview] = [RecordKind::Visit, RecordKind::Interview].map(|kind| {
        forms.iter().find(|form| form.instrument.form_id == form_of(kind)).ok_or("a form is missing")
    });
    let (visit, interview) = (visit?, interview?);
    let record = |unit: &str, office: &str, form: &Compiled, nonce: Option<u8>| -> Outcome<Record> {
        let kind = if nonce.is_some() { RecordKind::Interview } else { RecordKind::Visit };
        Ok(Record::start(&Genesis {
            kind,
            office: office.parse()?,
            round: "2026".parse()?,
            unit: unit.parse()?,
            instrument: form.hash,
            nonce: nonce.map(|nonce| [nonce; 16]),
        })?)
    };
    let harmful = texts(&interview.instrument);
    let agreed = [&AGREED[..], &harmful].concat();
    for (unit, office, choice) in
        [("kota-pangkalpinang-dukcapil", "babel", 0), ("kota-bontang-dukcapil", "kaltim", 1)]
    {
        sender.fill(&server, record(unit, office, visit, None)?, visit, choice, &ASSESSED)?;
    }
    let closed = [("dapat_dinilai", "tidak")];
    sender.fill(&server, record("kota-pangkalpinang-kesehatan", "babel", visit, None)?, visit, 0, &closed)?;
    for nonce in 1..=12 {
        let record = record("kota-pangkalpinang-dukcapil", "babel", interview, Some(nonce))?;
        let refuses = [("umur", "dewasa"), ("setuju", "tidak")];
        let fixed = if nonce == 12 { &refuses[..] } else { &agreed };
        sender.fill(&server, record, interview, usize::from(nonce % 3), fixed)?;
    }
    Ok(())
}

/// Every question that takes free text, with a harmful answer.
fn texts(instrument: &Instrument) -> Vec<(&str, &'static str)> {
    let is_text = |kind: &NodeKind| matches!(kind, NodeKind::Question(of) if of.kind == QuestionKind::Text);
    instrument
        .nodes
        .iter()
        .filter(|node| is_text(&node.kind))
        .map(|node| (node.name.as_str(), HARM))
        .collect()
}

/// A surveyor's phone.
struct Phone(DeviceKey);

impl Phone {
    fn enrol(server: &Server) -> Outcome<Self> {
        let key = DeviceKey::from_seed(&[7; 32]);
        let grant = Grant { role: Role::Surveyor, person: None, office: None, unit: None };
        let code = server.identity.new_code(&grant, 3_600, clock::now())?;
        server.identity.enrol(&code, &key.public(), "Ibu Sari", clock::now())?;
        Ok(Self(key))
    }

    /// Answers every select with the choice at `choice`, closes the record, and hands it in.
    fn fill(
        &self,
        server: &Server,
        mut record: Record,
        form: &Compiled,
        choice: usize,
        fixed: &[(&str, &str)],
    ) -> Outcome<()> {
        let mut all = edits(&form.instrument, 2, &mut |of| choice.min(of - 1), fixed);
        all.push(Edit::Close { at: CLOSED });
        let actor = Actor::of(self.0.device(), TabId::new([1; 8]));
        let made = record.commit(&all, &actor, CLOSED)?.ok_or("nothing was written")?;
        let hash = Envelope::parse(&made.bytes, &Limits::STANDARD)?.hash;
        let request = PushRequest {
            attestation: self.0.attest(Epoch::new([0; 16]), CLOSED, &[hash]),
            geneses: vec![record.genesis().clone()],
            items: vec![PushItem { genesis: 0, bytes: made.bytes }],
        };
        let device = server.identity.device(self.0.device())?.ok_or("the phone is not enrolled")?;
        let sender = Sender { writer: &device, carrier: None };
        let (catalogue, log) = (server.catalogue.as_ref(), server.log.as_ref());
        let batch =
            verify::push(request, sender, catalogue, log, CLOSED).map_err(|error| format!("{error:?}"))?.0;
        log.append(batch)?;
        Ok(())
    }
}
