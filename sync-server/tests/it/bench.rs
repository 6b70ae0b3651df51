//! How many changes a second the server takes; `cargo test -p sync-server -- --ignored bench`.

use std::time::Instant;

use replica::api::Role;
use replica::wire::Outcome;
use replica::{Edit, Record};

use super::client::Device;
use super::server::{DUKCAPIL, TestServer, interview};

#[test]
#[ignore = "a measurement, not a promise"]
fn bench_interviews_pushed_by_eight_devices() {
    let server = TestServer::start();
    let batches: Vec<(Device, Vec<Vec<u8>>)> = (0..8u64).map(|device| prepare(&server, device)).collect();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for (device, batches) in &batches {
            scope.spawn(move || {
                for batch in batches {
                    let answer = device.send(batch);
                    let reply = replica::wire::PushReply::from_cbor(&answer.body).unwrap();
                    assert!(reply.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stored(_))));
                }
            });
        }
    });
    let pushed = started.elapsed();
    server.settle();
    let built = started.elapsed();
    let count = server.server().log.last().unwrap();
    let each = pushed.as_micros() / u128::from(count.max(1));
    println!("{count} changes durable in {pushed:?}, {each} us each; looked at in {built:?}");
}

fn prepare(server: &TestServer, number: u64) -> (Device, Vec<Vec<u8>>) {
    let device = Device::enrol(server, Role::Surveyor);
    let batches = (0..10).map(|batch| {
        let changes: Vec<_> = (0..100)
            .map(|n| {
                let mut record =
                    Record::start(&interview(DUKCAPIL, number * 100_000 + batch * 1_000 + n)).unwrap();
                let mut edits: Vec<_> = (0..60)
                    .map(|q| Edit::Answer {
                        path: format!("grup/pertanyaan_{q}").parse().unwrap(),
                        value: (n % 4 + 1).to_string().parse().unwrap(),
                    })
                    .collect();
                edits.push(Edit::Close { at: 1_790_000_000 });
                device.edit(&mut record, &edits)
            })
            .collect();
        device.batch(&changes).to_cbor()
    });
    let batches = batches.collect();
    (device, batches)
}
