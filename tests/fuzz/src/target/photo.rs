//! Parts of photos: an input is a photo's name and a list of parts, each with where it begins and how long it claims
//! the whole to be.

use replica::{ContentHash, DeviceId};
use sha2::{Digest as _, Sha256};
use sync_server::data::DataFolder;
use sync_server::photos::{Held, MAX_PHOTO, Photos};

use super::{Run, Target, as_is, kind_of, size_of};

pub const TARGET: Target = Target { name: "photo", start, seeds, mend: as_is };

const DEVICE: DeviceId = DeviceId::new([1; 16]);

fn start() -> Run {
    let opened = tempfile::tempdir().ok().and_then(|folder| {
        let data = DataFolder::open(folder.path()).ok()?;
        Some((folder, Photos::open(&data, None).ok()?))
    });
    Box::new(move |bytes| match &opened {
        Some((_folder, photos)) => run(photos, bytes),
        None => Err("no folder to work in".to_owned()),
    })
}

/// A name of 32 bytes, then parts of `[offset u16][length u16][size u8][bytes]`.
fn run(photos: &Photos, bytes: &[u8]) -> Result<String, String> {
    let Some((name, mut rest)) = bytes.split_at_checked(32) else { return Ok("short".to_owned()) };
    let Ok(hash) = ContentHash::try_from(name) else { return Ok("no hash".to_owned()) };
    let mut said = String::new();
    while let Some(([a, b, c, d, size], after)) = rest.split_first_chunk::<5>() {
        let [offset, length] = [[*a, *b], [*c, *d]].map(u16::from_be_bytes).map(u64::from);
        // Lengths far beyond what is taken, too.
        let length = if length == u64::from(u16::MAX) { u64::MAX } else { length };
        let (part, next) = after.split_at(usize::from(*size).min(after.len()));
        rest = next;
        said.push_str(&take(photos, &hash, length, offset, part)?);
        if said.len() > 300 {
            break;
        }
    }
    Ok(format!("{said} {}", size_of(rest.len())))
}

fn take(
    photos: &Photos,
    hash: &ContentHash,
    length: u64,
    offset: u64,
    part: &[u8],
) -> Result<String, String> {
    let before = photos.held(DEVICE, hash).map_err(|error| error.to_string())?;
    match photos.take(DEVICE, hash, length, offset, part) {
        Ok(Held::Whole(whole)) => {
            let read = photos.read(hash).map_err(|error| error.to_string())?;
            let is_so = read.is_some_and(|(read, _)| {
                Sha256::digest(&read).as_slice() == hash.as_bytes() && read.len() as u64 == whole
            });
            if is_so { Ok("w".to_owned()) } else { Err("a whole photo is not what its name says".to_owned()) }
        }
        // One that holds more than the photo is said to be long is begun anew.
        Ok(Held::Part(held))
            if held > length || held > MAX_PHOTO || (before.bytes() <= length && held < before.bytes()) =>
        {
            Err(format!("{held} bytes are held of {length}"))
        }
        Ok(Held::Part(_)) => Ok("p".to_owned()),
        Err(error) => Ok(kind_of(&error)),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let photo: Vec<u8> = [0xff, 0xd8, 0xff, 0xe0].into_iter().chain(0..60).collect();
    let part = |offset: u16, bytes: &[u8]| {
        let size = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        let [a, b] = offset.to_be_bytes();
        [&[a, b, 0, 64, size][..], bytes].concat()
    };
    let hash = Sha256::digest(&photo);
    let (first, second) = photo.split_at(40);
    vec![
        [hash.as_slice(), &part(0, first), &part(40, second)].concat(),
        [&[9; 32][..], &part(0, first), &part(0, first), &part(40, second)].concat(),
    ]
}
