//! The answer that stays open: who hears what, and when it ends.

use std::io::{BufRead as _, BufReader};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use replica::Record;
use replica::api::Role;

use super::client::Device;
use super::server::{BONTANG, DUKCAPIL, TestServer, interview};

/// Longer than anything here takes, shorter than the heartbeat.
const SOON: Duration = Duration::from_secs(15);

/// The lines of an open answer; the channel ends where the answer does.
fn listen(device: &Device) -> Receiver<String> {
    let url = format!("{}/api/v1/events", device.base);
    let response = device.agent.get(url).header("authorization", device.bearer()).call().unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let (tell, heard) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(response.into_body().into_reader()).lines() {
            match line {
                Ok(line) if line.is_empty() => {}
                Ok(line) => {
                    if tell.send(line).is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    });
    assert_eq!(heard.recv_timeout(SOON).unwrap(), ": here");
    heard
}

fn write(device: &Device, unit: &str, n: u64) {
    let mut record = Record::start(&interview(unit, n)).unwrap();
    device.push(&[device.write(&mut record, "a", "1")]);
}

#[test]
fn what_one_device_pushes_another_of_the_office_hears_of_within_a_second() {
    let server = TestServer::start();
    let (a, b) = (Device::enrol(&server, Role::Surveyor), Device::enrol(&server, Role::Surveyor));
    let (of_a, of_b) = (listen(&a), listen(&b));
    let began = Instant::now();
    write(&a, DUKCAPIL, 1);
    assert_eq!(of_b.recv_timeout(SOON).unwrap(), "event: more");
    assert_eq!(of_b.recv_timeout(SOON).unwrap(), "data: babel/2026");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    // The first that `a` hears of is what another wrote.
    write(&b, BONTANG, 2);
    assert_eq!(of_a.recv_timeout(SOON).unwrap(), "event: more");
    assert_eq!(of_a.recv_timeout(SOON).unwrap(), "data: kaltim/2026");
}

#[test]
fn nobody_hears_of_another_office_and_a_kiosk_of_nothing() {
    let server = TestServer::start();
    let a = Device::enrol(&server, Role::Surveyor);
    let of_kaltim = listen(&Device::enrol_for(&server, Role::Coordinator, Some("kaltim"), None));
    write(&a, DUKCAPIL, 1);
    write(&a, BONTANG, 2);
    assert_eq!(of_kaltim.recv_timeout(SOON).unwrap(), "event: more");
    assert_eq!(of_kaltim.recv_timeout(SOON).unwrap(), "data: kaltim/2026");
    let kiosk = Device::enrol_for(&server, Role::Kiosk, Some("babel"), Some(DUKCAPIL));
    assert_eq!(kiosk.get("/api/v1/events").problem(), "not-permitted");
}

#[test]
fn with_a_third_answer_the_oldest_of_a_device_ends() {
    let server = TestServer::start();
    let a = Device::enrol(&server, Role::Surveyor);
    let (first, second) = (listen(&a), listen(&a));
    let third = listen(&a);
    assert_eq!(first.recv_timeout(SOON), Err(RecvTimeoutError::Disconnected));
    write(&Device::enrol(&server, Role::Surveyor), DUKCAPIL, 1);
    assert_eq!(second.recv_timeout(SOON).unwrap(), "event: more");
    assert_eq!(third.recv_timeout(SOON).unwrap(), "event: more");
}

#[test]
fn a_server_with_listeners_stops_at_once() {
    let server = TestServer::start();
    let heard = listen(&Device::enrol(&server, Role::Surveyor));
    let began = Instant::now();
    let (_folder, _kept) = server.stop();
    assert_eq!(heard.recv_timeout(SOON), Err(RecvTimeoutError::Disconnected));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
