//! Backups of a server whose photos are in a bucket.

use std::path::Path;

use bucket::{Away, Bucket};
use phone::phone::Phone;
use replica::ContentHash;

use super::loket::{BUCKET, Loket, PLACE, WITHIN, command, key, picture, run, said, taken};

/// A server with photos in its bucket, on the folder `data`.
fn filled(bucket: &Bucket, folder: &Path) -> (Loket, Phone, Vec<(Vec<u8>, ContentHash)>) {
    let loket = Loket::start(bucket, &folder.join("data"));
    let mut phone = loket.phone(bucket, folder);
    let pictures: Vec<_> = (1..4).map(|seed| picture(seed, 10_000)).collect();
    taken(&mut phone, &pictures);
    phone.settle(WITHIN).unwrap();
    (loket, phone, pictures)
}

#[test]
fn a_backup_holds_the_photos_of_the_bucket_and_goes_back_into_another() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let at = |name: &str| kept.path().join(name).to_str().unwrap().to_owned();
    let (loket, mut phone, pictures) = filled(&bucket, kept.path());
    let copied =
        run(&mut command(&bucket), &["backup", &at("copy"), "--data", &at("data"), "--photos", PLACE]);
    assert!(copied.status.success() && said(&copied).contains("and 3 photos"), "{}", said(&copied));
    drop((loket, bucket));
    let other = Bucket::start(BUCKET).unwrap();
    let back = ["restore", &at("copy"), "--data", &at("restored"), "--photos", PLACE];
    let restored = run(&mut command(&other), &back);
    assert!(restored.status.success() && said(&restored).contains("and 3 photos"), "{}", said(&restored));
    let loket = Loket::start(&other, &kept.path().join("restored"));
    phone.net.go_by(loket.address);
    phone.settle(WITHIN).unwrap();
    for (bytes, hash) in &pictures {
        assert_eq!(std::fs::read(other.object(BUCKET, &key(hash))).unwrap(), *bytes);
        assert_eq!(phone.net.photo(*hash).unwrap(), *bytes);
    }
}

#[test]
fn more_photos_than_a_bucket_lists_at_once_are_all_copied() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let at = |name: &str| kept.path().join(name).to_str().unwrap().to_owned();
    let (_loket, _phone, _) = filled(&bucket, kept.path());
    for n in 0..1_100_u16 {
        let mut bytes = picture(9, 10).0;
        bytes.extend(n.to_be_bytes());
        let hash = ContentHash::new(<sha2::Sha256 as sha2::Digest>::digest(&bytes).into());
        let object = bucket.object(BUCKET, &key(&hash));
        std::fs::create_dir_all(object.parent().unwrap()).unwrap();
        std::fs::write(object, bytes).unwrap();
    }
    let copied =
        run(&mut command(&bucket), &["backup", &at("copy"), "--data", &at("data"), "--photos", PLACE]);
    assert!(copied.status.success() && said(&copied).contains("and 1103 photos"), "{}", said(&copied));
}

#[test]
fn a_backup_without_its_bucket_is_none() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let at = |name: &str| kept.path().join(name).to_str().unwrap().to_owned();
    let (_loket, _phone, _) = filled(&bucket, kept.path());
    bucket.is_away(Away::Busy);
    let away = run(&mut command(&bucket), &["backup", &at("away"), "--data", &at("data"), "--photos", PLACE]);
    assert!(!away.status.success(), "{}", said(&away));
    bucket.is_away(Away::No);
    std::fs::remove_dir_all(bucket.object(BUCKET, "")).unwrap();
    let gone = run(&mut command(&bucket), &["backup", &at("gone"), "--data", &at("data"), "--photos", PLACE]);
    assert!(!gone.status.success() && said(&gone).contains(BUCKET), "{}", said(&gone));
}

#[test]
fn photos_that_the_log_names_and_the_copy_lacks_are_told() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let at = |name: &str| kept.path().join(name).to_str().unwrap().to_owned();
    let (_loket, _phone, pictures) = filled(&bucket, kept.path());
    let [(_, absent), (_, damaged), (_, sound)] = &pictures[..] else { panic!("three pictures") };
    std::fs::remove_file(bucket.object(BUCKET, &key(absent))).unwrap();
    std::fs::write(bucket.object(BUCKET, &key(damaged)), b"something else").unwrap();
    let copied =
        run(&mut command(&bucket), &["backup", &at("copy"), "--data", &at("data"), "--photos", PLACE]);
    let told = said(&copied);
    assert!(!copied.status.success() && told.contains("and 1 photos"), "{told}");
    assert!(told.contains(&absent.to_string()) && told.contains(&damaged.to_string()), "{told}");
    assert!(!told.contains(&sound.to_string()), "{told}");
    // Whoever forgets to say where photos are is told, too.
    let forgotten = run(&mut command(&bucket), &["backup", &at("forgotten"), "--data", &at("data")]);
    let told = said(&forgotten);
    assert!(!forgotten.status.success() && told.contains("--photos"), "{told}");
}
