//! Backups: what a phone could not send comes in by another hand, under its own signature and no other.

use replica::api::Role;
use replica::backup::{Photo, Typed, Writer};
use replica::wire::{Outcome, PushReply, PushRequest, RefusalCode};
use replica::{Genesis, Record, TabId, View as _};
use sync_server::clock;
use sync_server::import::{Destination, Refused, Report, import};

use super::client::{Device, from_start};
use super::server::{BONTANG, DUKCAPIL, KESEHATAN, TestServer, visit};

const STREAM: &str = "babel/2026";
const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];

fn file(batches: &[(&Device, PushRequest)], photos: &[(Genesis, &[u8])], typed: &[Typed]) -> Vec<u8> {
    let batches: Vec<_> = batches.iter().map(|(by, batch)| (by.key.public(), batch.clone())).collect();
    let (mut writer, mut file) = Writer::begin(1_790_000_000, &batches);
    for (genesis, bytes) in photos {
        let (path, mime) = ("foto".to_owned(), "image/jpeg".to_owned());
        file.extend(writer.photo(&Photo { genesis: genesis.clone(), path, mime, bytes }));
    }
    file.extend(writer.end(typed));
    file
}

fn take(server: &TestServer, file: &[u8]) -> Report {
    let server = server.server();
    let into = Destination {
        log: server.log.as_ref(),
        identity: &server.identity,
        catalogue: server.catalogue.as_ref(),
        photos: &server.photos,
    };
    import(into, file, clock::now()).unwrap()
}

#[test]
fn a_backup_is_taken_in_once_and_seen_by_all() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let changes = [a.write(&mut record, "nama", "Dukcapil"), a.write(&mut record, "loket", "3")];
    let typed = Typed { genesis: visit(DUKCAPIL), tab: TabId::new([1; 8]), at: 1, entry: "{}".to_owned() };
    let file = file(&[(&a, a.batch(&changes))], &[(visit(DUKCAPIL), JPEG)], &[typed]);

    let first = take(&server, &file);
    assert_eq!(first, Report { stored: 2, photos_stored: 1, typed: 1, ..Report::default() });
    let again = take(&server, &file);
    assert_eq!(again, Report { known: 2, photos_known: 1, typed: 1, ..Report::default() });

    server.server().worker.wake();
    server.settle();
    let page = b.pull(&from_start(STREAM));
    let mut theirs = Record::start(&page.geneses[0]).unwrap();
    for entry in &page.entries {
        theirs.apply(entry.bytes.as_ref().unwrap()).unwrap();
    }
    assert_eq!(theirs.answers(), record.answers());
    // The phone itself finds that all of it is there.
    assert_eq!(a.push(&changes), [Outcome::Known(1), Outcome::Known(2)]);
}

#[test]
fn a_batch_that_builds_on_a_later_one_of_another_phone_is_taken_in_all_the_same() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let first = a.batch(&[a.write(&mut record, "nama", "x")]);
    let second = b.batch(&[b.write(&mut record, "nama", "y")]);
    let report = take(&server, &file(&[(&b, second), (&a, first)], &[], &[]));
    assert_eq!(report, Report { stored: 2, ..Report::default() });
}

#[test]
fn nothing_is_taken_that_its_writer_did_not_sign_or_may_not_write() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let coordinator = Device::enrol(&server, Role::Coordinator);
    let elsewhere = Device::enrol_for(&server, Role::Surveyor, Some("kaltim"), None);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let change = a.write(&mut record, "nama", "x");
    let mut tampered = a.batch(std::slice::from_ref(&change));
    tampered.attestation.time += 1;
    let mut theirs = Record::start(&visit(KESEHATAN)).unwrap();
    let not_theirs = elsewhere.write(&mut theirs, "nama", "x");
    let mut read_only = Record::start(&visit(BONTANG)).unwrap();
    let by_a_reader = coordinator.write(&mut read_only, "nama", "x");
    let file = file(
        &[
            (&b, b.batch(std::slice::from_ref(&change))),
            (&a, tampered),
            (&elsewhere, elsewhere.batch(&[not_theirs])),
            (&coordinator, coordinator.batch(&[by_a_reader])),
        ],
        &[(visit(KESEHATAN), JPEG)],
        &[],
    );
    let report = take(&server, &file);
    assert_eq!((report.stored, report.known, report.photos_stored), (0, 0, 0));
    let of = |what: fn(&Refused) -> bool| report.refused.iter().filter(|refusal| what(&refusal.what)).count();
    assert_eq!(of(|what| matches!(what, Refused::Change(..))), 2, "{report}");
    assert_eq!(of(|what| matches!(what, Refused::Batch(..))), 2, "{report}");
    assert_eq!(of(|what| matches!(what, Refused::Photo(..))), 1, "{report}");
    assert_eq!(server.server().log.last().unwrap(), 0);
}

#[test]
fn the_backup_of_a_device_that_was_shut_out_is_refused_with_a_word() {
    let server = TestServer::start();
    let a = Device::enrol(&server, Role::Surveyor);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let batch = a.batch(&[a.write(&mut record, "nama", "x")]);
    server.server().identity.revoke(a.key.device(), clock::now()).unwrap();
    let report = take(&server, &file(&[(&a, batch)], &[], &[]));
    assert_eq!((report.stored, report.refused.len()), (0, 1), "{report}");
}

/// What a batch gets that another device hands in.
fn carry(carrier: &Device, batch: &PushRequest) -> Result<Vec<Outcome>, String> {
    let answer = carrier.send(&batch.to_cbor());
    if answer.status == 200 {
        Ok(PushReply::from_cbor(&answer.body).unwrap().outcomes)
    } else {
        Err(answer.problem())
    }
}

#[test]
fn a_colleagues_phone_hands_in_a_signed_batch_and_cannot_make_one() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let change = a.write(&mut record, "nama", "x");
    let signed = a.batch(std::slice::from_ref(&change));

    // Under its own name it may not send another's change; nor may it claim the other's signature.
    let stolen = b.batch(std::slice::from_ref(&change));
    assert_eq!(carry(&b, &stolen), Ok(vec![Outcome::Refused(RefusalCode::ActorNotYours)]));
    let mut forged = b.batch(std::slice::from_ref(&change));
    forged.attestation.device = a.key.device();
    assert_eq!(carry(&b, &forged), Err("attestation".to_owned()));

    assert_eq!(carry(&b, &signed), Ok(vec![Outcome::Stored(1)]));
    assert_eq!(carry(&b, &signed), Ok(vec![Outcome::Known(1)]));
    assert_eq!(a.push(&[change]), [Outcome::Known(1)]);
}

#[test]
fn who_may_not_write_in_a_record_hands_in_nothing_for_it() {
    let server = TestServer::start();
    let a = Device::enrol(&server, Role::Surveyor);
    let elsewhere = Device::enrol_for(&server, Role::Surveyor, Some("kaltim"), None);
    let kiosk = Device::enrol_for(&server, Role::Kiosk, None, Some(DUKCAPIL));
    let coordinator = Device::enrol(&server, Role::Coordinator);
    let mut record = Record::start(&visit(DUKCAPIL)).unwrap();
    let signed = a.batch(&[a.write(&mut record, "nama", "x")]);
    assert_eq!(carry(&elsewhere, &signed), Ok(vec![Outcome::Refused(RefusalCode::NotPermitted)]));
    assert_eq!(carry(&kiosk, &signed), Err("attestation".to_owned()));
    assert_eq!(carry(&coordinator, &signed), Err("not-permitted".to_owned()));
    server.server().identity.revoke(a.key.device(), clock::now()).unwrap();
    let b = Device::enrol(&server, Role::Surveyor);
    assert_eq!(carry(&b, &signed), Err("attestation".to_owned()));
    assert_eq!(server.server().log.last().unwrap(), 0);
}
