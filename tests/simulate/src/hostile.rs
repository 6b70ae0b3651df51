//! Somebody with an enrolled device who tries to harm: writes under another's name, uses a number twice, sends what
//! breaks documents.

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Change, ExpandedChange, ScalarValue};
use phone::random::Random;
use replica::api::{ChallengeReply, SessionReply};
use replica::attestation::DeviceKey;
use replica::sync::{OutboxItem, batch};
use replica::wire::MEDIA_TYPE;
use replica::{Actor, ChangeHash, Edit, Epoch, Genesis, ROOT_MAX_OP, Record, TabId};
use serde_json::json;

use crate::fault::Fault;
use crate::phone::Phone;
use crate::site::{Asked, Ground, Site};

/// The one who tries to harm.
pub struct Hostile {
    key: DeviceKey,
    poisons: Vec<ChangeHash>,
}

impl Hostile {
    /// With this device.
    pub fn new(key: DeviceKey) -> Self {
        Self { key, poisons: Vec::new() }
    }

    /// The changes that break documents: the only ones that may be set aside.
    pub fn poisons(&self) -> impl Iterator<Item = ChangeHash> {
        self.poisons.iter().copied()
    }

    /// Tries something.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn act(
        &mut self,
        ground: &Ground,
        site: &mut Site,
        victim: &Phone,
        random: &mut Random,
    ) -> Result<(), Fault> {
        let tab = TabId::new(random.draw().to_be_bytes());
        let own = Actor::of(self.key.device(), tab);
        match random.below(3) {
            0 => {
                let genesis = ground.visit(random.below(3))?;
                let tabs = victim.life.iter().flat_map(|life| &life.tabs);
                for tab in tabs {
                    let theirs = Actor::of(victim.key.device(), tab.id);
                    self.send(site, &written(&genesis, &theirs, "x"))?;
                }
            }
            1 => {
                let genesis = ground.interview(0, random)?;
                self.send(site, &written(&genesis, &own, "one"))?;
                self.send(site, &written(&genesis, &own, "another"))?;
            }
            _ => {
                let genesis = ground.visit(random.below(3))?;
                let poison = poison(&genesis, &own);
                self.poisons.extend(poison.iter().map(|item| item.hash));
                self.send(site, &poison)?;
            }
        }
        Ok(())
    }

    /// Signs in and pushes; what the server says of it is its own affair.
    fn send(&self, site: &mut Site, items: &[OutboxItem]) -> Result<(), Fault> {
        let Some(token) = self.sign_in(site)? else { return Ok(()) };
        let request = batch(items, &self.key, Epoch::new([0; 16]), 0);
        let headers = vec![
            ("authorization", format!("Bearer {token}")),
            ("content-type", MEDIA_TYPE.to_owned()),
            ("accept", MEDIA_TYPE.to_owned()),
        ];
        let path = "/api/v1/push".to_owned();
        site.ask(&Asked { method: "POST", path, headers, body: request.to_cbor() }).map(|_| ())
    }

    fn sign_in(&self, site: &mut Site) -> Result<Option<String>, Fault> {
        let device = self.key.device();
        let mut ask = |path: &str, body: &serde_json::Value| {
            let headers = vec![("content-type", "application/json".to_owned())];
            let body = body.to_string().into_bytes();
            site.ask(&Asked { method: "POST", path: path.to_owned(), headers, body })
        };
        let Some(answer) = ask("/api/v1/challenge", &json!({ "device": device }))? else { return Ok(None) };
        let challenge: ChallengeReply =
            serde_json::from_slice(&answer.body).map_err(|error| Fault::broken(error.to_string()))?;
        let signature = self.key.answer(&challenge.challenge);
        let body = json!({"device": device, "challenge": challenge.challenge, "signature": signature});
        let Some(answer) = ask("/api/v1/session", &body)? else { return Ok(None) };
        let session: SessionReply =
            serde_json::from_slice(&answer.body).map_err(|error| Fault::broken(error.to_string()))?;
        Ok(Some(session.token))
    }
}

fn written(genesis: &Genesis, actor: &Actor, value: &str) -> Vec<OutboxItem> {
    let made = || {
        let edit = Edit::Answer { path: "z".parse().ok()?, value: value.parse().ok()? };
        let mut record = Record::start(genesis).ok()?;
        record.commit(&[edit], actor, 0).ok()?
    };
    let item = made().map(|made| OutboxItem { genesis: genesis.clone(), hash: made.hash, bytes: made.bytes });
    item.into_iter().collect()
}

/// A change that reads well, and writes in an object that does not exist.
fn poison(genesis: &Genesis, actor: &Actor) -> Vec<OutboxItem> {
    let actor = ActorId::from(actor.as_bytes().as_slice());
    let Ok(start_op) = (ROOT_MAX_OP + 1).try_into() else { return Vec::new() };
    let change: Change = ExpandedChange {
        operations: vec![Op {
            action: OpType::Put(ScalarValue::Str("x".into())),
            obj: ObjectId::Id(OpId::new(7, &actor)),
            key: Key::Map("a".into()),
            pred: SortedVec::<OpId>::new(),
            insert: false,
        }],
        actor_id: actor,
        hash: None,
        seq: 1,
        start_op,
        time: 0,
        message: None,
        deps: vec![genesis.root().hash.into()],
        extra_bytes: Vec::new(),
        author: None,
    }
    .into();
    let (hash, bytes) = (change.hash().into(), change.raw_bytes().to_vec());
    vec![OutboxItem { genesis: genesis.clone(), hash, bytes }]
}
