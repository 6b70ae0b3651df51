//! How large a finished interview of 60 answers is.

use phone::loket::Loket;
use phone::net::gzip;
use phone::phone::Phone;
use phone::random::Random;
use phone::{Fault, answers};
use replica::attestation::DeviceKey;
use replica::sync::{OutboxItem, batch};
use replica::{Epoch, Genesis, Record, View as _};

use super::{closed, document_of, enrol, figure, ground, interview, number};

const HUNDRED: u64 = 100;

pub fn run(loket: &str) -> Result<(), Fault> {
    let loket = Loket::start(loket)?;
    let folder = tempfile::tempdir().map_err(Fault::io("a folder for the phone"))?;
    let mut phone = enrol(&loket, folder.path(), 1, true)?;
    let (instrument, visit) = ground(&mut phone)?;
    println!(
        "# 60 answers under the published interview's names, closed; each in one change; 100 in one gzip batch, signed"
    );
    println!("# choices: questions with choices alone");
    let scales = |phone: &Phone, visit: &Genesis, n: u64| {
        closed(phone, visit, n, answers::chosen(&instrument, 60, &mut Random::new(n))?)
    };
    measure("choices", "at most 900", "at most 300", |n| scales(&phone, &visit, n))?;
    println!(
        "# whole: all that is asked, words written freely and times among it; the answers alone are a third longer"
    );
    measure("whole", "-", "at most 300", |n| interview(&phone, &instrument, &visit, n))
}

fn measure(
    what: &str,
    document_goal: &str,
    batch_goal: &str,
    one: impl Fn(u64) -> Result<(Record, OutboxItem), Fault>,
) -> Result<(), Fault> {
    let (mut saved, mut raw, mut said, mut items) = (0, 0, 0, Vec::new());
    for n in 0..HUNDRED {
        let (record, change) = one(n)?;
        saved += document_of(&record)?.len() as u64;
        raw += change.bytes.len() as u64;
        let values: Vec<String> = record.answers().into_values().collect();
        said += gzip(values.join("\n").as_bytes()).len() as u64;
        items.push(change);
    }
    let key = DeviceKey::from_seed(&[1; 32]);
    let sent = gzip(&batch(&items, &key, Epoch::new([0; 16]), 1_790_000_000).to_cbor()).len();
    figure(&format!("record-{what}-document"), number(saved) / 100.0, "bytes", document_goal);
    figure(&format!("record-{what}-in-batch"), number(sent as u64) / 100.0, "bytes", batch_goal);
    figure(&format!("record-{what}-change-raw"), number(raw) / 100.0, "bytes", "-");
    figure(&format!("record-{what}-answers-alone"), number(said) / 100.0, "bytes", "-");
    Ok(())
}
