//! Releases read by programs that sign in with a key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use replica::api::Role;
use serde_json::Value;
use sync_server::keys::{self, Key};
use sync_server::releases::press::{Press, Wish};
use sync_server::server::Server;

use super::client::{Answer, Device, agent, read};
use super::field::Field;
use super::filling::AGREED;
use super::ground::{Ground, on_both};
use super::server::{BONTANG, DUKCAPIL, TestServer};

on_both![a_key_opens_what_its_office_may_see_until_it_is_taken_back];

const DAY: i64 = 86_400;

/// A server with a release of two visits and three interviews.
fn released(ground: &Ground) -> Field {
    let field = Field::on(ground.server());
    field.visits(DUKCAPIL, 0);
    field.visits(BONTANG, 1);
    field.interviews(DUKCAPIL, 3, 1, &AGREED);
    field.server.settle();
    release(field.server.server());
    field
}

fn release(server: &Server) {
    let press = Press {
        log: server.log.as_ref(),
        projection: &server.projection,
        catalogue: server.catalogue.as_ref(),
        scoring: &server.scoring,
        shelf: server.shelf.as_ref(),
    };
    let wish = Wish { year: Some(2024), accept_open: true, ..Wish::default() };
    press.make(&wish, &server.identity.release_key().unwrap(), 1_795_000_000).unwrap();
}

fn key(server: &TestServer, office: Option<&str>) -> (Key, String) {
    let office = office.map(|office| office.parse().unwrap());
    let keys = server.server().keys.as_ref();
    let (key, made) = keys::make(keys, "Excel", office, DAY, sync_server::clock::now()).unwrap();
    (key, made.id)
}

fn get(server: &TestServer, path: &str, password: &str) -> Answer {
    let basic = format!("Basic {}", STANDARD.encode(format!("siapa saja:{password}")));
    let url = server.url(&format!("/odata/v1/releases/{path}"));
    read(agent().get(url).header("Authorization", basic).call().unwrap())
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.header("odata-version"), "4.0");
    serde_json::from_slice(&answer.body).unwrap()
}

fn rows(server: &TestServer, path: &str, key: &Key) -> Vec<Value> {
    let answer = get(server, path, &key.to_string());
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    json(&answer)["value"].as_array().unwrap().clone()
}

fn a_key_opens_what_its_office_may_see_until_it_is_taken_back(ground: &Ground) {
    let field = released(ground);
    let server = &field.server;
    let (all, _) = key(server, None);
    let (own, id) = key(server, Some("babel"));
    assert_eq!(rows(server, "1/units?$select=unit", &all).len(), 3);
    let units = rows(server, "1/units", &own);
    assert_eq!(units.len(), 2);
    assert!(units.iter().all(|unit| unit["province"] == "Kepulauan Bangka Belitung"));
    assert_eq!(rows(server, "1/visits", &all).len(), 2);
    let visits = rows(server, "1/visits", &own);
    assert_eq!((visits.len(), &visits[0]["unit"]), (1, &DUKCAPIL.into()));
    assert_eq!(rows(server, "1/interviews?$filter=consent%20eq%20true", &own).len(), 3);
    assert_eq!(rows(server, "1/governments", &own).len(), 1);
    assert!(server.server().keys.revoke(&id, sync_server::clock::now()).unwrap());
    assert_eq!(get(server, "1/units", &own.to_string()).status, 401);
    assert_eq!(rows(server, "1/units", &all).len(), 3);
}

#[test]
fn without_a_key_nothing_is_shown_and_how_to_sign_in_is_said() {
    let ground = Ground::sqlite();
    let field = released(&ground);
    let server = &field.server;
    let bare = read(agent().get(server.url("/odata/v1/releases/1/")).call().unwrap());
    assert_eq!(bare.status, 401);
    assert!(bare.header("www-authenticate").starts_with("Basic realm="));
    assert_eq!(json(&bare)["error"]["code"], "no-key");
    // A surveyor's session opens nothing; a coordinator's does, as far as its office goes.
    for (device, status) in [
        (Device::enrol(server, Role::Surveyor), 401),
        (Device::enrol_for(server, Role::Coordinator, Some("kaltim"), None), 200),
    ] {
        let answer = device.get("/odata/v1/releases/1/units");
        assert_eq!(answer.status, status);
        if status == 200 {
            assert_eq!(json(&answer)["value"].as_array().unwrap().len(), 1);
        }
    }
    // Whoever guesses has to wait, and phones still enrol.
    let statuses: Vec<u16> = (0..12).map(|_| get(server, "1/", "loket_00").status).collect();
    assert_eq!((statuses[0], statuses[11]), (401, 429));
    Device::enrol(server, Role::Surveyor);
}

#[test]
fn a_client_finds_its_way_from_the_service_to_the_last_page() {
    let ground = Ground::sqlite();
    let field = released(&ground);
    let (server, (key, _)) = (&field.server, key(&field.server, None));
    let service = rows(server, "1", &key);
    assert!(service.iter().any(|set| set["name"] == "indicators"));
    let metadata = get(server, "1/$metadata", &key.to_string());
    assert_eq!((metadata.status, metadata.header("content-type")), (200, "application/xml;charset=utf-8"));
    let whole = rows(server, "1/indicators", &key).len();
    let mut path = "1/indicators?$count=true".to_owned();
    let mut found = 0;
    loop {
        let basic = format!("Basic {}", STANDARD.encode(format!(":{key}")));
        let url = server.url(&format!("/odata/v1/releases/{path}"));
        let request = agent().get(url).header("Authorization", basic).header("Prefer", "odata.maxpagesize=7");
        let answer = read(request.call().unwrap());
        assert_eq!(answer.header("preference-applied"), "odata.maxpagesize=7");
        let page = json(&answer);
        assert_eq!(page["@odata.count"], whole);
        found += page["value"].as_array().unwrap().len();
        let Some(next) = page["@odata.nextLink"].as_str() else { break };
        next.strip_prefix("http://127.0.0.1/odata/v1/releases/").unwrap().clone_into(&mut path);
    }
    assert!(whole > 7 && found == whole, "{found} of {whole}");
    let one = get(server, &format!("1/units('{DUKCAPIL}')"), &key.to_string());
    assert_eq!(json(&one)["unit"], DUKCAPIL);
}

#[test]
fn faults_are_told_as_the_standard_wants() {
    let ground = Ground::sqlite();
    let field = released(&ground);
    let (server, (key, _)) = (&field.server, key(&field.server, None));
    for (path, status, code) in [
        ("2/", 404, "no-release"),
        ("x/", 404, "no-release"),
        ("1/kota", 404, "not-found"),
        ("1/units?$filter=nama%20eq%20'x'", 400, "query"),
        ("1/units?$expand=visits", 501, "not-implemented"),
    ] {
        let answer = get(server, path, &key.to_string());
        let body = json(&answer);
        assert_eq!((answer.status, &body["error"]["code"]), (status, &code.into()), "{path}: {body}");
        assert!(!body["error"]["message"].as_str().unwrap().is_empty());
    }
    let post = read(agent().post(server.url("/odata/v1/releases/1/units")).send("{}").unwrap());
    assert_eq!((post.status, &json(&post)["error"]["code"]), (405, &"method".into()));
}

#[test]
fn every_set_of_the_real_instruments_can_be_read_and_says_nothing_of_devices() {
    let ground = Ground::sqlite();
    let field = released(&ground);
    let (server, (key, _)) = (&field.server, key(&field.server, None));
    let device = field.surveyor.key.device().to_string();
    for set in rows(server, "1/", &key) {
        let name = set["name"].as_str().unwrap();
        let answer = get(server, &format!("1/{name}"), &key.to_string());
        assert_eq!(answer.status, 200, "{name}");
        assert!(!String::from_utf8_lossy(&answer.body).contains(&device), "{name}");
    }
}
