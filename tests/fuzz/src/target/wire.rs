//! A push as it stands in a body, what signs it, and what a pull says of what is there.

use replica::attestation::{Attestation, DeviceKey};
use replica::wire::{Have, Outcome, PullReply, PushItem, PushReply, PushRequest};
use replica::{Digest, Envelope, Epoch, Limits};

use super::{Target, as_is, change, kind_of, size_of, visit};

pub const BATCH: Target = Target { name: "batch", start: || Box::new(batch), seeds, mend: as_is };
pub const ATTESTATION: Target =
    Target { name: "attestation", start: || Box::new(attestation), seeds: signed, mend: as_is };

pub const HAVE: Target = Target { name: "have", start: || Box::new(have), seeds: held, mend: as_is };

fn have(bytes: &[u8]) -> Result<String, String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok("no text".to_owned()) };
    match text.parse::<Have>() {
        Ok(read) if read.to_string() == text => Ok(format!("ok {}", u64::BITS - read.count.leading_zeros())),
        Ok(_) => Err("one thing is said in two ways".to_owned()),
        Err(error) => Ok(kind_of(&error)),
    }
}

fn held() -> Vec<Vec<u8>> {
    let of = |count| Have { epoch: Epoch::new([7; 16]), count, digest: Digest::new([9; 16]) };
    [0, 1, 300, u64::MAX].map(|count| of(count).to_string().into_bytes()).to_vec()
}

fn key() -> DeviceKey {
    DeviceKey::from_seed(&[3; 32])
}

fn batch(bytes: &[u8]) -> Result<String, String> {
    // A phone meets the answers, a server the request; both must survive whatever comes.
    let answers = [PullReply::from_cbor(bytes).is_ok(), PushReply::from_cbor(bytes).is_ok()];
    let request = match PushRequest::from_cbor(bytes) {
        Ok(request) => request,
        Err(error) => return Ok(format!("{answers:?} {}", kind_of(&error))),
    };
    if PushRequest::from_cbor(&request.to_cbor()).as_ref() != Ok(&request) {
        return Err("what was read is not read again from what is written".to_owned());
    }
    let sound = |item: &&PushItem| Envelope::parse(&item.bytes, &Limits::STANDARD).is_ok();
    let changes = request.items.iter().filter(sound).count();
    let geneses = request.geneses.iter().filter(|genesis| genesis.is_sound()).count();
    for genesis in &request.geneses {
        let _ = (genesis.record_id(), genesis.stream());
    }
    Ok(format!("ok {} {} {}", size_of(request.items.len()), size_of(changes), size_of(geneses)))
}

fn seeds() -> Vec<Vec<u8>> {
    let request = |count: usize| {
        let changes: Vec<_> = change::seeds().into_iter().take(count).collect();
        let hashes: Vec<_> = changes
            .iter()
            .filter_map(|bytes| Envelope::parse(bytes, &Limits::STANDARD).ok())
            .map(|envelope| envelope.hash)
            .collect();
        let attestation = key().attest(Epoch::new([0; 16]), 1_790_000_000, &hashes);
        let items = changes.into_iter().map(|bytes| PushItem { genesis: 0, bytes }).collect();
        PushRequest { attestation, geneses: visit().into_iter().collect(), items }.to_cbor()
    };
    let reply = PushReply { epoch: Epoch::new([9; 16]), outcomes: vec![Outcome::Stored(7)] };
    (0..4).map(request).chain([reply.to_cbor()]).collect()
}

fn attestation(bytes: &[u8]) -> Result<String, String> {
    match minicbor::decode::<Attestation>(bytes) {
        Ok(read) => {
            let own = key().attest(Epoch::new([7; 16]), 5, &[]);
            let verified = read.verify(&key().public(), &[]);
            if verified.is_ok() && read != own {
                return Err("a signature holds for what was never signed".to_owned());
            }
            Ok(verified.map_or_else(|error| kind_of(&error), |()| "holds".to_owned()))
        }
        Err(error) => Ok(kind_of(&error)),
    }
}

fn signed() -> Vec<Vec<u8>> {
    let attestation = key().attest(Epoch::new([7; 16]), 5, &[]);
    minicbor::to_vec(attestation).into_iter().collect()
}
