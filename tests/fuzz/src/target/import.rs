//! Files as `loket import` takes them in, on a server with a log, and as another phone does, which only reads them.

use replica::attestation::DeviceKey;
use replica::backup::{Backup, Photo, Typed, Writer};
use replica::wire::{PushItem, PushRequest};
use replica::{Actor, Edit, Epoch, Genesis, Record, TabId};
use sha2::{Digest as _, Sha256};
use sync_server::catalogue::{Compiled, compile, embedded, read_units};
use sync_server::identity::Grant;
use sync_server::import::{Destination, import};
use sync_server::server::Server;

use super::{Run, Target, kind_of, size_of, visit};

pub const TARGET: Target = Target { name: "import", start, seeds, mend: summed };

const UNITS: &str = "unit,government,province,kind,office
Dukcapil,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel
";
/// Bytes of the sum, its head aside.
const SUM: usize = 32;
/// When all of it is taken in, in Unix seconds.
const NOW: i64 = 1_790_000_000;

fn key() -> DeviceKey {
    DeviceKey::from_seed(&[3; 32])
}

/// The form that visits are filled with.
fn form() -> Option<Compiled> {
    let (_, workbook) = embedded().into_iter().next()?;
    compile(&workbook, &()).ok().map(|form| form.compiled)
}

fn start() -> Run {
    let ready = tempfile::tempdir().ok().and_then(|folder| Some((serving(folder.path())?, folder)));
    Box::new(move |bytes| match &ready {
        Some((server, _folder)) => run(server, bytes),
        None => Err("no server to work on".to_owned()),
    })
}

/// A server that knows the visit's unit, round, form and device.
fn serving(folder: &std::path::Path) -> Option<Server> {
    let server = Server::open(folder).ok()??;
    server.catalogue.put_units(&read_units(UNITS.as_bytes()).ok()?).ok()?;
    server.catalogue.open_round(&visit()?.round, 1).ok()?;
    server.catalogue.publish(&form()?, 1).ok()?;
    let grant = Grant { role: replica::api::Role::Surveyor, person: None, office: None, unit: None };
    let now = sync_server::clock::now();
    let code = server.identity.new_code(&grant, 3_600, now).ok()?;
    server.identity.enrol(&code, &key().public(), "fuzzed", now).ok()?;
    Some(server)
}

fn run(server: &Server, bytes: &[u8]) -> Result<String, String> {
    let backup = match Backup::parse(bytes) {
        Ok(backup) => backup,
        Err(error) => return Ok(kind_of(&error)),
    };
    if Backup::parse(&written(&backup)).as_ref() != Ok(&backup) {
        return Err("what was read is not read again from what is written".to_owned());
    }
    let held = backup.batches.iter().filter(|batch| batch.check().is_ok()).count();
    let Server { log, identity, catalogue, photos, .. } = server;
    let into = Destination { log: log.as_ref(), identity, catalogue: catalogue.as_ref(), photos };
    let report = import(into, bytes, NOW).map_err(|error| error.to_string())?;
    let again = import(into, bytes, NOW).map_err(|error| error.to_string())?;
    if again.stored + again.photos_stored > 0 {
        return Err("a file taken in again changed something".to_owned());
    }
    let refused: Vec<String> = report.refused.iter().take(3).map(|refusal| kind_of(&refusal.why)).collect();
    let (known, photos) = (report.known + report.stored, report.photos_known + report.photos_stored);
    let sizes = [held, known, photos, report.typed].map(size_of);
    Ok(format!("ok {sizes:?} {refused:?}"))
}

fn written(backup: &Backup<'_>) -> Vec<u8> {
    let batches: Vec<_> = backup.batches.iter().map(|batch| (batch.key, batch.request.clone())).collect();
    let (mut writer, mut bytes) = Writer::begin(backup.made_at, &batches);
    for photo in &backup.photos {
        bytes.extend(writer.photo(photo));
    }
    bytes.extend(writer.end(&backup.typed));
    bytes
}

/// With the sum of what stands there now: without it no mutant gets further than that.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.len().checked_sub(SUM) {
        let sum = Sha256::digest(bytes.get(..end.saturating_sub(2)).unwrap_or_default());
        bytes.truncate(end);
        bytes.extend(sum);
    }
    bytes
}

fn seeds() -> Vec<Vec<u8>> {
    let visited = visit().zip(form()).map(|(visit, form)| Genesis { instrument: form.hash, ..visit });
    let Some(genesis) = visited else { return Vec::new() };
    let batches: Vec<_> = batch(&genesis).into_iter().map(|batch| (key().public(), batch)).collect();
    let picture = [0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];
    let (path, mime) = ("foto".to_owned(), "image/jpeg".to_owned());
    let photo = Photo { genesis: genesis.clone(), path, mime, bytes: &picture };
    let tab = TabId::new([2; 8]);
    let typed = Typed { genesis, tab, at: 1_790_000_000_000, entry: "{}".to_owned() };
    let whole = Backup { made_at: NOW, batches: Vec::new(), photos: vec![photo], typed: vec![typed] };
    let file = |batches: &[_], whole: &Backup<'_>| {
        let (mut writer, mut bytes) = Writer::begin(NOW, batches);
        bytes.extend(whole.photos.iter().flat_map(|photo| writer.photo(photo)));
        bytes.extend(writer.end(&whole.typed));
        bytes
    };
    let empty = Backup { photos: Vec::new(), typed: Vec::new(), ..whole.clone() };
    vec![file(&[], &empty), file(&batches, &empty), file(&batches, &whole)]
}

/// Two changes of a visit, signed.
fn batch(genesis: &Genesis) -> Option<PushRequest> {
    let actor = Actor::of(key().device(), TabId::new([2; 8]));
    let mut record = Record::start(genesis).ok()?;
    let (mut hashes, mut items) = (Vec::new(), Vec::new());
    for value in ["ada", "tidak"] {
        let edit = Edit::Answer { path: "loket".parse().ok()?, value: value.parse().ok()? };
        let made = record.commit(&[edit], &actor, NOW).ok()??;
        hashes.push(made.hash);
        items.push(PushItem { genesis: 0, bytes: made.bytes });
    }
    let attestation = key().attest(Epoch::new([0; 16]), NOW, &hashes);
    Some(PushRequest { attestation, geneses: vec![genesis.clone()], items })
}
