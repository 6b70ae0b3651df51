//! A bucket that is away for a while: no photo is lost, none is acknowledged, and all go through later.

use std::time::{Duration, Instant};

use bucket::{Away, Bucket};
use replica::sync::SyncFault;

use super::loket::{BUCKET, Loket, WITHIN, begun, key, picture, taken};

#[test]
fn while_the_bucket_is_away_nothing_is_acknowledged_or_lost_and_later_it_goes_through() {
    for away in [Away::Busy, Away::Gone] {
        let bucket = Bucket::start(BUCKET).unwrap();
        let kept = tempfile::tempdir().unwrap();
        let loket = Loket::start(&bucket, &kept.path().join("data"));
        let mut phone = loket.phone(&bucket, kept.path());
        let (bytes, hash) = picture(1, 300_000);
        let record = taken(&mut phone, &[(bytes.clone(), hash)]);
        phone.net.photo_part(hash, record, bytes.len(), 0, &bytes[..200_000]).unwrap();
        bucket.is_away(away);
        let last = phone.net.photo_part(hash, record, bytes.len(), 200_000, &bytes[200_000..]);
        assert!(matches!(last, Err(SyncFault::Busy(_))), "{away:?}: {last:?}");
        let held = phone.net.photo_held(hash);
        assert!(matches!(held, Err(SyncFault::Busy(_))), "{away:?}: {held:?}");
        phone.round().unwrap();
        assert_eq!(phone.store.photos_waiting().unwrap().len(), 1, "{away:?}: it waits on the phone");
        // What is no photo goes on.
        begun(&mut phone, 77);
        phone.round().unwrap();
        assert_eq!(phone.store.waiting().unwrap(), 0, "{away:?}");
        assert!(!bucket.object(BUCKET, &key(&hash)).exists());
        bucket.is_away(Away::No);
        let sent = phone.net.spent.bodies;
        phone.settle(WITHIN).unwrap();
        assert!(phone.net.spent.bodies - sent < 10_000, "{away:?}: the parts were still there");
        assert_eq!(phone.net.photo(hash).unwrap(), bytes);
        assert_eq!(std::fs::read(bucket.object(BUCKET, &key(&hash))).unwrap(), bytes);
    }
}

#[test]
fn a_photo_that_was_stored_without_an_answer_is_found_afterwards() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let loket = Loket::start(&bucket, &kept.path().join("data"));
    let mut phone = loket.phone(&bucket, kept.path());
    let (bytes, hash) = picture(1, 200_000);
    let record = taken(&mut phone, &[(bytes.clone(), hash)]);
    phone.net.photo_part(hash, record, bytes.len(), 0, &bytes[..100_000]).unwrap();
    bucket.is_away(Away::AfterTheFact);
    let last = phone.net.photo_part(hash, record, bytes.len(), 100_000, &bytes[100_000..]);
    assert!(matches!(last, Err(SyncFault::Busy(_))), "{last:?}");
    bucket.is_away(Away::No);
    assert_eq!(phone.net.photo_held(hash), Ok(200_000));
    phone.settle(WITHIN).unwrap();
    assert_eq!(phone.net.photo(hash).unwrap(), bytes);
}

#[test]
fn a_silent_bucket_holds_up_no_answers_and_ends_in_try_again() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let loket = Loket::start(&bucket, &kept.path().join("data"));
    let (mut one, mut two) = (loket.phone(&bucket, kept.path()), loket.phone(&bucket, kept.path()));
    let (bytes, hash) = picture(1, 1_000);
    let record = taken(&mut one, &[(bytes.clone(), hash)]);
    bucket.is_away(Away::Silent);
    let asked = bucket.asked();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| one.net.photo_part(hash, record, bytes.len(), 0, &bytes));
        while bucket.asked() == asked {
            std::thread::yield_now();
        }
        let begins = Instant::now();
        begun(&mut two, 5);
        two.settle(WITHIN).unwrap();
        assert!(begins.elapsed() < Duration::from_secs(10), "texts do not wait for photos");
        assert!(!sending.is_finished());
        assert!(matches!(sending.join().unwrap(), Err(SyncFault::Busy(_))));
    });
    bucket.is_away(Away::No);
    one.settle(WITHIN).unwrap();
    assert_eq!(one.net.photo(hash).unwrap(), bytes);
}

#[test]
fn a_server_starts_while_the_bucket_is_away_and_takes_photos_once_it_is_back() {
    let bucket = Bucket::start(BUCKET).unwrap();
    bucket.is_away(Away::Gone);
    let kept = tempfile::tempdir().unwrap();
    let loket = Loket::start(&bucket, &kept.path().join("data"));
    let mut phone = loket.phone(&bucket, kept.path());
    let (bytes, hash) = picture(1, 1_000);
    taken(&mut phone, &[(bytes.clone(), hash)]);
    phone.round().unwrap();
    assert_eq!(phone.store.photos_waiting().unwrap().len(), 1);
    bucket.is_away(Away::No);
    phone.settle(WITHIN).unwrap();
    assert_eq!(phone.net.photo(hash).unwrap(), bytes);
}
