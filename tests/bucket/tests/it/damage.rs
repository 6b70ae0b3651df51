//! Photos that are gone from the bucket, or are not what they were.

use bucket::{Away, Bucket};
use replica::sync::SyncFault;

use super::loket::{BUCKET, Loket, WITHIN, key, picture, taken};

#[test]
fn a_bucket_that_was_removed_acknowledges_nothing() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let loket = Loket::start(&bucket, &kept.path().join("data"));
    let mut phone = loket.phone(&bucket, kept.path());
    let (bytes, hash) = picture(1, 1_000);
    let record = taken(&mut phone, &[(bytes.clone(), hash)]);
    bucket.is_away(Away::Removed);
    let taken = phone.net.photo_part(hash, record, bytes.len(), 0, &bytes);
    assert!(matches!(taken, Err(SyncFault::Busy(_))), "{taken:?}");
    bucket.is_away(Away::No);
    phone.settle(WITHIN).unwrap();
    assert_eq!(phone.net.photo(hash).unwrap(), bytes);
}

#[test]
fn an_object_that_is_absent_is_not_found_and_taken_anew() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let loket = Loket::start(&bucket, &kept.path().join("data"));
    let mut phone = loket.phone(&bucket, kept.path());
    let (bytes, hash) = picture(1, 1_000);
    let record = taken(&mut phone, &[(bytes.clone(), hash)]);
    phone.settle(WITHIN).unwrap();
    std::fs::remove_file(bucket.object(BUCKET, &key(&hash))).unwrap();
    assert_eq!(phone.net.photo(hash), Err(SyncFault::Rejected));
    assert_eq!(phone.net.photo_held(hash), Ok(0));
    assert_eq!(phone.net.photo_part(hash, record, bytes.len(), 0, &bytes), Ok(Some(1_000)));
    assert_eq!(phone.net.photo(hash).unwrap(), bytes);
}

#[test]
fn an_object_that_is_damaged_is_never_handed_out_or_acknowledged_and_is_taken_anew() {
    let (bytes, hash) = picture(1, 1_000);
    let mut turned = bytes.clone();
    turned[500] ^= 1;
    for damaged in [&turned[..], &bytes[..600], &[]] {
        let bucket = Bucket::start(BUCKET).unwrap();
        let kept = tempfile::tempdir().unwrap();
        let loket = Loket::start(&bucket, &kept.path().join("data"));
        let mut phone = loket.phone(&bucket, kept.path());
        let record = taken(&mut phone, &[(bytes.clone(), hash)]);
        phone.settle(WITHIN).unwrap();
        let object = bucket.object(BUCKET, &key(&hash));
        std::fs::write(&object, damaged).unwrap();
        let read = phone.net.photo(hash).map(|bytes| bytes.len());
        assert_eq!(read, Err(SyncFault::Rejected), "{} bytes", damaged.len());
        assert_eq!(phone.net.photo_held(hash), Ok(0), "{} bytes", damaged.len());
        assert_eq!(phone.net.photo_part(hash, record, bytes.len(), 0, &bytes), Ok(Some(1_000)));
        assert_eq!(std::fs::read(&object).unwrap(), bytes);
        assert_eq!(phone.net.photo(hash).unwrap(), bytes);
    }
}
