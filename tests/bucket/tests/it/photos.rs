//! A photo goes into the bucket, and every server finds it there.

use bucket::Bucket;
use phone::store::Photo;

use super::loket::{BUCKET, Loket, PLACE, WITHIN, begun, command, key, picture, run, said, taken};

#[test]
fn a_photo_in_parts_is_whole_in_the_bucket_once_it_is_acknowledged() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let loket = Loket::start(&bucket, &kept.path().join("data"));
    let mut phone = loket.phone(&bucket, kept.path());
    // More than one part, and more than one part of the largest.
    let pictures = [picture(1, 100), picture(2, 700_000)];
    let record = taken(&mut phone, &pictures);
    let (bytes, hash) = &pictures[1];
    assert_eq!(phone.net.photo_part(*hash, record, bytes.len(), 0, &bytes[..200_000]), Ok(Some(200_000)));
    assert!(!bucket.object(BUCKET, &key(hash)).exists(), "a part is nothing yet");
    phone.settle(WITHIN).unwrap();
    for (bytes, hash) in &pictures {
        assert_eq!(std::fs::read(bucket.object(BUCKET, &key(hash))).unwrap(), *bytes);
        assert_eq!(phone.net.photo(*hash).unwrap(), *bytes);
    }
    assert_eq!(
        std::fs::read_dir(loket.data.join("photos")).unwrap().count(),
        1,
        "nothing but the parts' folder"
    );
}

#[test]
fn a_second_server_with_another_folder_finds_the_photo_and_no_byte_of_it_is_sent_again() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let one = Loket::start(&bucket, &kept.path().join("one"));
    let mut phone = one.phone(&bucket, kept.path());
    let (bytes, hash) = picture(1, 300_000);
    taken(&mut phone, &[(bytes.clone(), hash)]);
    phone.settle(WITHIN).unwrap();
    let two = Loket::start(&bucket, &kept.path().join("two"));
    let mut other = two.phone(&bucket, kept.path());
    let record = begun(&mut other, 9);
    other.settle(WITHIN).unwrap();
    assert!(other.net.photo(hash).is_err(), "no record here has it yet");
    other.store.take_photo(&Photo { hash, record, bytes: bytes.clone() }).unwrap();
    let before = other.net.spent.bodies;
    other.settle(WITHIN).unwrap();
    assert!(other.net.spent.bodies - before < 1_000);
    assert_eq!(other.net.photo(hash).unwrap(), bytes);
}

#[test]
fn a_bucket_behind_tls_is_used_and_one_that_nobody_vouches_for_is_not() {
    let bucket = Bucket::start_with_tls(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let loket = Loket::start(&bucket, &kept.path().join("data"));
    let mut phone = loket.phone(&bucket, kept.path());
    let (bytes, hash) = picture(1, 300_000);
    taken(&mut phone, &[(bytes.clone(), hash)]);
    phone.settle(WITHIN).unwrap();
    assert_eq!(std::fs::read(bucket.object(BUCKET, &key(&hash))).unwrap(), bytes);
    assert_eq!(phone.net.photo(hash).unwrap(), bytes);
    let mut trusting_nobody = command(&bucket);
    let data = loket.data.to_str().unwrap();
    let copy = kept.path().join("copy");
    let refused = run(
        trusting_nobody.env_remove("SSL_CERT_FILE"),
        &["backup", copy.to_str().unwrap(), "--data", data, "--photos", PLACE],
    );
    assert!(!refused.status.success() && said(&refused).contains("certificate"), "{}", said(&refused));
}

#[test]
fn photos_stand_at_the_root_of_a_bucket_too() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let loket = Loket::at(&bucket, &kept.path().join("data"), "s3://loket-photos");
    let mut phone = loket.phone(&bucket, kept.path());
    let (bytes, hash) = picture(1, 1_000);
    taken(&mut phone, &[(bytes.clone(), hash)]);
    phone.settle(WITHIN).unwrap();
    let name = key(&hash);
    assert_eq!(std::fs::read(bucket.object(BUCKET, name.strip_prefix("2026/").unwrap())).unwrap(), bytes);
    assert_eq!(phone.net.photo(hash).unwrap(), bytes);
}
