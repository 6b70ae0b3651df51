//! Sync from the store through `fetch` to a server that stands in for the real one.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation, reason = "a test may fail")]

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt as _;
use js_sys::{Promise, Reflect, Uint8Array};
use loket_app::device::desk::Desk;
use loket_app::device::keys::NewKey;
use loket_app::device::photo::hash_of;
use loket_app::device::store::{self, Identity, NewPhoto, PhotoState, Store};
use loket_app::device::sync::{Phase, Sync, SyncReport};
use loket_app::device::tabs::Tabs;
use replica::api::{EnrolReply, Role};
use replica::wire::{Outcome, PullEntry, PullReply, PushReply, PushRequest};
use replica::{
    Actor, ChangeHash, DeviceId, Digest, Edit, Envelope, Epoch, Genesis, Limits, Record, RecordKind, TabId,
};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Request, Response, ResponseInit};

wasm_bindgen_test_configure!(run_in_browser);

const EPOCH: Epoch = Epoch::new([9; 16]);
const INSTRUMENT: &[u8] = b"{\"an\":\"instrument\"}";

#[derive(Default)]
struct Server {
    log: Vec<(ChangeHash, Genesis, Vec<u8>)>,
    photo: Vec<u8>,
    pushes: u32,
    /// So many answers to pushes are lost on the way, after the server has acted.
    lose: u32,
    unknown_device: bool,
}

impl Server {
    fn push(&mut self, body: &[u8]) -> Option<Vec<u8>> {
        let request = PushRequest::from_cbor(body).unwrap();
        self.pushes += 1;
        let mut outcomes = Vec::new();
        for item in &request.items {
            let hash = Envelope::parse(&item.bytes, &Limits::STANDARD).unwrap().hash;
            let known = self.log.iter().position(|(held, ..)| *held == hash);
            outcomes.push(if let Some(at) = known {
                Outcome::Known(at as u64 + 1)
            } else {
                let genesis = request.geneses[item.genesis as usize].clone();
                self.log.push((hash, genesis, item.bytes.clone()));
                Outcome::Stored(self.log.len() as u64)
            });
        }
        if self.lose > 0 {
            self.lose -= 1;
            return None;
        }
        Some(PushReply { epoch: EPOCH, outcomes }.to_cbor())
    }

    fn pull(&self, after: usize) -> Vec<u8> {
        let mut digest = Digest::EMPTY;
        for (hash, ..) in &self.log[..after] {
            digest.toggle(hash);
        }
        let new = &self.log[after..];
        let entry = |(at, (hash, _, bytes)): (usize, &(ChangeHash, Genesis, Vec<u8>))| PullEntry {
            seq: (after + at) as u64 + 1,
            genesis: at as u32,
            hash: *hash,
            bytes: Some(bytes.clone()),
        };
        let reply = PullReply {
            epoch: EPOCH,
            upto: self.log.len() as u64,
            more: false,
            count: after as u64,
            digest,
            geneses: new.iter().map(|(_, genesis, _)| genesis.clone()).collect(),
            entries: new.iter().enumerate().map(entry).collect(),
        };
        reply.to_cbor()
    }

    fn home(role: &str) -> String {
        let hash = hash_of(INSTRUMENT);
        format!(
            r#"{{"role":"{role}","person":"Sari","round":"2025","rounds":["2025"],"streams":["babel/2025"],"units":[],
            "instruments":{{"visit":"{hash}","interview":"{hash}"}},"devices":[],"epoch":"{EPOCH}"}}"#
        )
    }
}

async fn answer(
    server: Rc<RefCell<Server>>,
    role: &'static str,
    request: Request,
) -> Result<JsValue, JsValue> {
    let url = web_sys::Url::new(&request.url())?;
    let body = body(&request).await?;
    let mut headers: Vec<(&str, String)> = Vec::new();
    let mut server = server.borrow_mut();
    let (status, body): (u16, Vec<u8>) = match (request.method().as_str(), url.pathname().as_str()) {
        (_, "/api/v1/challenge") if server.unknown_device => {
            (401, br#"{"error":{"code":"not-enrolled","message":"?"}}"#.to_vec())
        }
        (_, "/api/v1/challenge") => (200, format!(r#"{{"challenge":"{}"}}"#, "00".repeat(32)).into()),
        (_, "/api/v1/session") => (200, br#"{"token":"t","expires":1}"#.to_vec()),
        (_, "/api/v1/home") => (200, Server::home(role).into()),
        (_, "/api/v1/push") => (200, server.push(&body).ok_or("lost")?),
        (_, "/api/v1/pull") => {
            let after = url.search_params().get("after").unwrap().parse().unwrap();
            (200, server.pull(after))
        }
        ("HEAD", _) => {
            headers.push(("Upload-Offset", server.photo.len().to_string()));
            (200, Vec::new())
        }
        ("PATCH", _) => {
            let begins: usize = request.headers().get("Upload-Offset")?.unwrap().parse().unwrap();
            assert_eq!(begins, server.photo.len());
            assert!(body.len() <= 256 * 1024);
            server.photo.extend(body);
            headers.push(("Upload-Offset", server.photo.len().to_string()));
            (204, Vec::new())
        }
        // A proxy on the way that lets nobody listen: the app asks by itself.
        (_, "/api/v1/events") => (404, br#"{"error":{"code":"not-found","message":"?"}}"#.to_vec()),
        (_, path) if path.starts_with("/api/v1/instruments/") => (200, INSTRUMENT.to_vec()),
        (method, path) => panic!("{method} {path}"),
    };
    let init = ResponseInit::new();
    init.set_status(status);
    let response = if status == 204 {
        Response::new_with_opt_str_and_init(None, &init)?
    } else {
        Response::new_with_opt_js_u8_array_and_init(Some(&Uint8Array::from(body.as_slice())), &init)?
    };
    for (name, value) in headers {
        response.headers().set(name, &value)?;
    }
    Ok(response.into())
}

async fn body(request: &Request) -> Result<Vec<u8>, JsValue> {
    let mut buffer = JsFuture::from(request.array_buffer()?).await?;
    if request.headers().get("Content-Encoding")?.as_deref() == Some("gzip") {
        let script = "return new Response(new Blob([arguments[0]]).stream()\
                      .pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()";
        let unzip = js_sys::Function::new_no_args(script);
        let unzipped: Promise = unzip.call1(&JsValue::UNDEFINED, &buffer)?.unchecked_into();
        buffer = JsFuture::from(unzipped).await?;
    }
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Puts the stand-in where `fetch` was.
fn serve(server: Server, role: &'static str) -> Rc<RefCell<Server>> {
    let server = Rc::new(RefCell::new(server));
    let stand_in = Rc::clone(&server);
    let fetch = Closure::<dyn Fn(Request) -> Promise>::new(move |request| {
        future_to_promise(answer(Rc::clone(&stand_in), role, request)).unchecked_into()
    });
    Reflect::set(&web_sys::window().unwrap(), &"fetch".into(), fetch.as_ref()).unwrap();
    fetch.forget();
    server
}

async fn enrolled(name: &str, role: Role) -> (Store, Tabs, Identity) {
    let name = format!("test-sync-{name}");
    store::delete_named(&name).await.unwrap();
    let store = store::open_named(&name).await.unwrap();
    let key = NewKey::draw().unwrap();
    let device = key.key().device();
    let (person, offices) = ("Sari".to_owned(), vec!["babel".parse().unwrap()]);
    let identity = key.into_identity(EnrolReply { device, role, person, offices, unit: None });
    store.set_identity(&identity).await.unwrap();
    (store, Tabs::join().await.unwrap(), identity)
}

fn interview(n: u8) -> Genesis {
    Genesis {
        kind: RecordKind::Interview,
        office: "babel".parse().unwrap(),
        round: "2025".parse().unwrap(),
        unit: "dukcapil".parse().unwrap(),
        instrument: hash_of(INSTRUMENT),
        nonce: Some([n; 16]),
    }
}

fn edits(text: &str) -> Vec<Edit> {
    let answer = Edit::Answer { path: "u1".parse().unwrap(), value: text.parse().unwrap() };
    vec![answer, Edit::Close { at: 1_800_000_000 }]
}

fn start(store: &Store, tabs: &Tabs) -> (Sync, UnboundedReceiver<SyncReport>) {
    let (tell, heard) = unbounded();
    let sync =
        Sync::start(store.clone(), tabs.clone(), move |report| drop(tell.unbounded_send(report.clone())));
    (sync, heard)
}

async fn until(
    reports: &mut UnboundedReceiver<SyncReport>,
    wanted: impl Fn(&SyncReport) -> bool,
) -> SyncReport {
    loop {
        let report = reports.next().await.unwrap();
        if wanted(&report) {
            return report;
        }
    }
}

fn in_step(report: &SyncReport) -> bool {
    report.phase == Phase::Idle && report.last_success.is_some()
}

// One page has one sync: the first holds the lock as long as the page is open. So all of it is one test.
#[wasm_bindgen_test]
async fn what_a_surveyor_made_arrives_once_and_what_others_made_comes_in() {
    let mut other = Record::start(&interview(7)).unwrap();
    let made = other.commit(&edits("theirs"), &Actor::of(DeviceId::new([1; 16]), TabId::new([1; 8])), 5);
    let made = made.unwrap().unwrap();
    let server = Server { log: vec![(made.hash, interview(7), made.bytes)], lose: 1, ..Server::default() };
    let server = serve(server, "surveyor");
    let (store, tabs, identity) = enrolled("surveyor", Role::Surveyor).await;
    Desk::keep_whole(&store, &tabs, identity.device, &interview(1), &edits("mine")).await.unwrap();
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let photo = NewPhoto {
        hash: hash_of(&bytes),
        record: interview(1).record_id(),
        path: "bukti".into(),
        mime: "image/jpeg".into(),
        bytes: bytes.clone(),
        from_server: false,
    };
    store.photo_add(&photo).await.unwrap();

    let (sync, mut reports) = start(&store, &tabs);
    let failed = until(&mut reports, |report| report.last_problem.is_some()).await;
    assert_eq!(failed.last_problem.unwrap().code, "offline");
    let report = until(&mut reports, in_step).await;
    assert_eq!((report.waiting, report.photos_waiting, report.sent, report.received), (0, 0, 1, 1));
    assert_eq!((report.photos_sent, report.last_problem), (1, None));
    assert_eq!((server.borrow().log.len(), server.borrow().pushes), (2, 2), "sent twice, stored once");
    assert_eq!(server.borrow().photo, bytes);
    assert_eq!(store.photo(photo.hash).await.unwrap().unwrap().state, PhotoState::Sent);
    assert!(store.record_row(interview(1).record_id()).await.unwrap().is_on_server());
    let theirs = store.record_row(interview(7).record_id()).await.unwrap();
    assert_eq!((theirs.summary.answers, theirs.stale), (1, false));
    assert_eq!(store.instrument(hash_of(INSTRUMENT)).await.unwrap(), Some(INSTRUMENT.to_vec()));
    assert_eq!(store.home().await.unwrap().unwrap().person, "Sari");

    // A kiosk keeps nothing that the server has. The same sync carries on for the new identity.
    let key = NewKey::draw().unwrap();
    let device = key.key().device();
    let (person, offices) = ("Kios".to_owned(), vec!["babel".parse().unwrap()]);
    let kiosk = key.into_identity(EnrolReply { device, role: Role::Kiosk, person, offices, unit: None });
    store.set_identity(&kiosk).await.unwrap();
    sync.fetch_home().await.unwrap();
    Desk::keep_whole(&store, &tabs, device, &interview(2), &edits("MARKER")).await.unwrap();
    until(&mut reports, |report| report.sent == 2).await;
    until(&mut reports, in_step).await;
    assert_eq!(server.borrow().log.len(), 3);
    // That goes for what it held before it became a kiosk, too.
    assert_eq!(store.list_records(None, None).await.unwrap().rows, vec![]);

    // A device that was shut out is told so, and what it holds stays.
    server.borrow_mut().unknown_device = true;
    store.set_identity(&identity).await.unwrap();
    assert!(sync.fetch_home().await.is_err());
    Desk::keep_whole(&store, &tabs, identity.device, &interview(3), &edits("kept")).await.unwrap();
    tabs.tell(&loket_app::device::tabs::News::Home);
    let report = until(&mut reports, |report| report.signed_out).await;
    assert_eq!(report.last_problem.unwrap().code, "not-enrolled");
    assert_eq!(store.record_row(interview(3).record_id()).await.unwrap().unsent, 1);
}
