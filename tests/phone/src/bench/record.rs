//! How large a finished interview of 60 answers is.

use phone::Fault;
use phone::loket::Loket;
use phone::net::gzip;
use replica::Epoch;
use replica::attestation::DeviceKey;
use replica::sync::batch;

use super::{document_of, enrol, figure, ground, interview, number};

pub fn run(loket: &str) -> Result<(), Fault> {
    let loket = Loket::start(loket)?;
    let folder = tempfile::tempdir().map_err(Fault::io("a folder for the phone"))?;
    let mut phone = enrol(&loket, folder.path(), 1, true)?;
    let (instrument, visit) = ground(&mut phone)?;
    let (mut saved, mut raw, mut items) = (0, 0, Vec::new());
    for n in 0..100 {
        let (record, change) = interview(&phone, &instrument, &visit, n)?;
        saved += document_of(&record)?.len() as u64;
        raw += change.bytes.len() as u64;
        items.push(change);
    }
    let key = DeviceKey::from_seed(&[1; 32]);
    let sent = gzip(&batch(&items, &key, Epoch::new([0; 16]), 1_790_000_000).to_cbor()).len();
    println!(
        "# 60 answers to the published interview, closed; each in one change; 100 in one gzip batch, signed"
    );
    figure("record-document", number(saved) / 100.0, "bytes", "at most 900");
    figure("record-in-batch", number(sent as u64) / 100.0, "bytes", "at most 300");
    figure("record-change-raw", number(raw) / 100.0, "bytes", "-");
    Ok(())
}
