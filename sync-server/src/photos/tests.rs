//! What photos must hold, on a folder and on a store of another kind (the rules are the same for S3).

use std::fs::{self, File};
use std::sync::Barrier;
use std::time::{Duration, SystemTime};

use object_store::memory::InMemory;

use super::incoming::UNDER_WAY;
use super::*;

const DEVICE: DeviceId = DeviceId::new([1; 16]);

/// A server's photos, and the data folder they are of.
struct Server {
    photos: Photos,
    data: DataFolder,
    _kept: tempfile::TempDir,
}

impl Server {
    fn of(open: impl FnOnce(&DataFolder) -> Photos) -> Self {
        let kept = tempfile::tempdir().unwrap();
        let data = DataFolder::open(kept.path()).unwrap();
        Self { photos: open(&data), data, _kept: kept }
    }

    fn part(&self, hash: &ContentHash) -> std::path::PathBuf {
        self.data.incoming_photos().join(DEVICE.to_string()).join(hash.to_string())
    }
}

/// One server on each kind of store.
fn each_kind() -> [Server; 2] {
    let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    [
        Server::of(|data| Photos::open(data, None).unwrap()),
        Server::of(|data| Photos::on(data, memory).unwrap()),
    ]
}

/// Two servers that share a store of each kind; the folder lasts as long as what comes with it.
fn pairs() -> (tempfile::TempDir, [[Server; 2]; 2]) {
    let shared = tempfile::tempdir().unwrap();
    let place = PhotoPlace::Folder(shared.path().join("photos"));
    let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let on_folder = || Server::of(|data| Photos::open(data, Some(&place)).unwrap());
    let in_memory = || Server::of(|data| Photos::on(data, Arc::clone(&memory)).unwrap());
    let pairs = [[on_folder(), on_folder()], [in_memory(), in_memory()]];
    (shared, pairs)
}

fn jpeg(length: usize) -> (Vec<u8>, ContentHash) {
    let mut bytes = vec![0xff, 0xd8, 0xff];
    bytes.resize(length, 7);
    let hash = ContentHash::new(Sha256::digest(&bytes).into());
    (bytes, hash)
}

#[test]
fn parts_make_a_photo_and_a_part_again_is_told_where_to_go_on() {
    let (bytes, hash) = jpeg(1_000);
    for Server { photos, .. } in each_kind() {
        assert_eq!(photos.take(DEVICE, &hash, 1_000, 0, &bytes[..600]).unwrap(), Held::Part(600));
        let again = photos.take(DEVICE, &hash, 1_000, 0, &bytes[..600]);
        assert!(matches!(again, Err(PhotoError::Offset { held: 600 })));
        assert!(photos.read(&hash).unwrap().is_none());
        assert_eq!(photos.take(DEVICE, &hash, 1_000, 600, &bytes[600..]).unwrap(), Held::Whole(1_000));
        let (found, media_type) = photos.read(&hash).unwrap().unwrap();
        assert_eq!((found.as_ref(), media_type), (bytes.as_slice(), "image/jpeg"));
        assert_eq!(photos.take(DEVICE, &hash, 1_000, 600, &bytes[600..]).unwrap(), Held::Whole(1_000));
    }
}

#[test]
fn another_content_is_refused_and_leaves_nothing() {
    let (bytes, _) = jpeg(100);
    let other = ContentHash::new([9; 32]);
    for Server { photos, .. } in each_kind() {
        assert!(matches!(photos.take(DEVICE, &other, 100, 0, &bytes), Err(PhotoError::Hash)));
        assert_eq!(photos.held(DEVICE, &other).unwrap(), Held::Part(0));
        assert!(matches!(photos.keep(&other, &bytes), Err(PhotoError::Hash)));
        assert!(photos.read(&other).unwrap().is_none());
    }
}

#[test]
fn a_file_of_another_kind_is_kept_and_never_called_a_page() {
    let page = b"<script>alert(1)</script>";
    let hash = ContentHash::new(Sha256::digest(page).into());
    for Server { photos, .. } in each_kind() {
        assert_eq!(photos.take(DEVICE, &hash, 25, 0, page).unwrap(), Held::Whole(25));
        assert_eq!(photos.read(&hash).unwrap().unwrap().1, "application/octet-stream");
    }
}

#[test]
fn one_device_cannot_spoil_what_another_sends() {
    let (bytes, hash) = jpeg(100);
    for Server { photos, .. } in each_kind() {
        photos.take(DEVICE, &hash, 100, 0, b"nonsense").unwrap();
        let other = DeviceId::new([2; 16]);
        assert_eq!(photos.take(other, &hash, 100, 0, &bytes).unwrap(), Held::Whole(100));
    }
}

#[test]
fn lengths_are_bounded_and_more_than_the_whole_is_begun_anew() {
    let (bytes, hash) = jpeg(100);
    for Server { photos, .. } in each_kind() {
        assert!(matches!(photos.take(DEVICE, &hash, MAX_PHOTO + 1, 0, &bytes), Err(PhotoError::Length)));
        assert!(matches!(photos.take(DEVICE, &hash, 0, 0, &[]), Err(PhotoError::Length)));
        assert!(matches!(photos.take(DEVICE, &hash, 99, 0, &bytes), Err(PhotoError::PastEnd)));
        let far = photos.take(DEVICE, &hash, 100, u64::MAX, &bytes);
        assert!(matches!(far, Err(PhotoError::Offset { held: 0 })));
        photos.take(DEVICE, &hash, 1_000, 0, &[0; 500]).unwrap();
        let less = photos.take(DEVICE, &hash, 100, 500, &[]);
        assert!(matches!(less, Err(PhotoError::Offset { held: 0 })), "what cannot be of it is dropped");
        assert_eq!(photos.take(DEVICE, &hash, 100, 0, &bytes).unwrap(), Held::Whole(100));
    }
}

#[test]
fn a_device_that_begins_ever_more_photos_loses_the_oldest_and_is_never_stuck() {
    let (bytes, hash) = jpeg(100);
    let begun = |n: usize| ContentHash::new([u8::try_from(n).unwrap(); 32]);
    for server in each_kind() {
        for n in 0..UNDER_WAY {
            server.photos.take(DEVICE, &begun(n), 100, 0, b"x").unwrap();
            let touched = SystemTime::now() - Duration::from_secs(1_000 - n as u64);
            File::options().append(true).open(server.part(&begun(n))).unwrap().set_modified(touched).unwrap();
        }
        server.photos.take(DEVICE, &hash, 100, 0, &bytes[..1]).unwrap();
        assert_eq!(server.photos.held(DEVICE, &begun(0)).unwrap(), Held::Part(0));
        assert_eq!(server.photos.held(DEVICE, &begun(1)).unwrap(), Held::Part(1));
        let there = fs::read_dir(server.part(&hash).parent().unwrap()).unwrap().count();
        assert_eq!(there, UNDER_WAY);
    }
}

#[test]
fn what_nobody_went_on_with_is_forgotten() {
    for server in each_kind() {
        let (old, new) = (ContentHash::new([1; 32]), ContentHash::new([2; 32]));
        for hash in [&old, &new] {
            server.photos.take(DEVICE, hash, 100, 0, b"x").unwrap();
        }
        let left = SystemTime::now() - Duration::from_hours(15 * 24);
        File::options().append(true).open(server.part(&old)).unwrap().set_modified(left).unwrap();
        server.photos.sweep().unwrap();
        assert!(!server.part(&old).exists() && server.part(&new).exists());
    }
}

#[test]
fn a_photo_half_sent_to_one_server_is_finished_by_another_and_the_half_goes() {
    let (bytes, hash) = jpeg(1_000);
    let (_shared, pairs) = pairs();
    for [a, b] in pairs {
        a.photos.take(DEVICE, &hash, 1_000, 0, &bytes[..600]).unwrap();
        assert_eq!(b.photos.held(DEVICE, &hash).unwrap(), Held::Part(0), "parts are each server's own");
        let there = b.photos.take(DEVICE, &hash, 1_000, 600, &bytes[600..]);
        assert!(matches!(there, Err(PhotoError::Offset { held: 0 })), "and it says where to go on");
        assert_eq!(b.photos.take(DEVICE, &hash, 1_000, 0, &bytes).unwrap(), Held::Whole(1_000));
        assert!(a.part(&hash).exists());
        assert_eq!(a.photos.read(&hash).unwrap().unwrap().0, bytes, "every server finds it");
        // The device comes back with another photo, and asks for no more of this one.
        let other = ContentHash::new([3; 32]);
        a.photos.take(DEVICE, &other, 100, 0, b"x").unwrap();
        assert!(!a.part(&hash).exists());
        assert_eq!(a.photos.held(DEVICE, &hash).unwrap(), Held::Whole(1_000));
    }
}

#[test]
fn a_half_goes_when_its_device_asks_for_it_and_it_is_whole() {
    let (bytes, hash) = jpeg(1_000);
    let (_shared, pairs) = pairs();
    for [a, b] in pairs {
        a.photos.take(DEVICE, &hash, 1_000, 0, &bytes[..600]).unwrap();
        b.photos.keep(&hash, &bytes).unwrap();
        assert_eq!(a.photos.held(DEVICE, &hash).unwrap(), Held::Whole(1_000));
        assert!(!a.part(&hash).exists());
    }
}

#[test]
fn the_same_photo_by_two_devices_to_two_servers_at_once_is_there_once_and_whole() {
    let (bytes, hash) = jpeg(100_000);
    let (_shared, pairs) = pairs();
    for [a, b] in pairs {
        let together = Barrier::new(4);
        std::thread::scope(|scope| {
            for (n, server) in (1..).zip([&a, &b, &a, &b]) {
                let (together, bytes) = (&together, &bytes);
                scope.spawn(move || {
                    together.wait();
                    let (device, mut held) = (DeviceId::new([n; 16]), 0);
                    loop {
                        let end = (held + 30_000).min(bytes.len());
                        let taken = server
                            .photos
                            .take(device, &hash, 100_000, held as u64, &bytes[held..end])
                            .unwrap();
                        let Held::Part(now) = taken else { break };
                        held = usize::try_from(now).unwrap();
                    }
                });
            }
        });
        assert_eq!(a.photos.finished.all().unwrap(), [hash]);
        assert_eq!(b.photos.read(&hash).unwrap().unwrap().0, bytes);
    }
}

#[test]
fn parts_stay_where_the_store_is_away_and_the_last_one_comes_again_empty() {
    let (bytes, hash) = jpeg(1_000);
    let shared = tempfile::tempdir().unwrap();
    let folder = shared.path().join("photos");
    let server = Server::of(|data| Photos::open(data, Some(&PhotoPlace::Folder(folder.clone()))).unwrap());
    server.photos.take(DEVICE, &hash, 1_000, 0, &bytes[..600]).unwrap();
    // A file where the folder should be: nothing can be written below it.
    fs::remove_dir(&folder).unwrap();
    fs::write(&folder, b"").unwrap();
    let away = server.photos.take(DEVICE, &hash, 1_000, 600, &bytes[600..]);
    assert!(matches!(away, Err(PhotoError::Store(_))), "{away:?}");
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    assert_eq!(server.photos.held(DEVICE, &hash).unwrap(), Held::Part(1_000), "which acknowledges nothing");
    assert_eq!(server.photos.take(DEVICE, &hash, 1_000, 1_000, &[]).unwrap(), Held::Whole(1_000));
}

#[test]
fn what_is_damaged_in_the_store_is_neither_handed_out_nor_acknowledged_and_is_taken_anew() {
    let (bytes, hash) = jpeg(100);
    for Server { photos, .. } in each_kind() {
        for damaged in [&bytes[..60], b"another content", b""] {
            photos.finished.write(&hash, Bytes::copy_from_slice(damaged)).unwrap();
            assert!(matches!(photos.read(&hash), Err(PhotoError::Damaged(_))));
            assert_eq!(photos.held(DEVICE, &hash).unwrap(), Held::Part(0));
            assert_eq!(photos.take(DEVICE, &hash, 100, 0, &bytes).unwrap(), Held::Whole(100));
            assert_eq!(photos.read(&hash).unwrap().unwrap().0, bytes);
        }
        photos.finished.write(&hash, Bytes::from_static(b"x")).unwrap();
        assert!(photos.keep(&hash, &bytes).unwrap());
        assert_eq!(photos.held(DEVICE, &hash).unwrap(), Held::Whole(100));
    }
}

#[test]
fn names_in_the_store_that_are_no_photos_are_not_listed() {
    let (bytes, hash) = jpeg(100);
    let [server, _] = each_kind();
    server.photos.keep(&hash, &bytes).unwrap();
    server.photos.take(DEVICE, &ContentHash::new([4; 32]), 100, 0, b"x").unwrap();
    let beside = server.data.photos().join(&hash.to_string()[..2]).join("note.txt");
    fs::write(beside, b"x").unwrap();
    assert_eq!(server.photos.finished.all().unwrap(), [hash]);
}

#[test]
fn a_place_is_a_folder_or_a_bucket_and_never_holds_keys() {
    let folder: PhotoPlace = "/srv/photos".parse().unwrap();
    assert_eq!(folder, PhotoPlace::Folder("/srv/photos".into()));
    for (text, why) in [
        ("", PlaceError::Scheme),
        ("https://example.org/photos", PlaceError::Scheme),
        ("s3://", PlaceError::Bucket),
        ("s3://key:secret@bucket/photos", PlaceError::Bucket),
        ("s3://UPPER/photos", PlaceError::Bucket),
    ] {
        assert_eq!(text.parse::<PhotoPlace>().unwrap_err(), why, "{text}");
    }
    let bucket: Result<PhotoPlace, _> = "s3://loket-photos/2026/".parse();
    if cfg!(feature = "s3") {
        let (bucket_name, prefix) = ("loket-photos".to_owned(), "2026".to_owned());
        assert_eq!(bucket.unwrap(), PhotoPlace::S3 { bucket: bucket_name, prefix });
    } else {
        assert_eq!(bucket.unwrap_err(), PlaceError::NotBuilt);
    }
}
