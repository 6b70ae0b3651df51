//! The sync engine against a server and a device store that live in memory, on lines that lose requests and answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so when it fails")]

mod common;
mod peers;

use std::collections::BTreeSet;

use peers::{Device, Server, stream};
use proptest::prelude::*;
use replica::Epoch;
use replica::api::Role;
use replica::sync::{Effect, Event, Phase, SyncFault};
use replica::wire::{PushReply, RefusalCode};

#[test]
fn what_one_writes_the_other_gets_and_nothing_new_is_one_pull() {
    let mut server = Server::new();
    let (mut a, mut b) = (Device::new(1, Role::Surveyor), Device::new(2, Role::Surveyor));
    (0..10).for_each(|n| a.write(n));
    a.settle(&mut server);
    b.settle(&mut server);
    assert_eq!(a.held, b.held);
    assert!(a.outbox.is_empty());
    a.settle(&mut server);
    a.seen.clear();
    a.sleep();
    a.settle(&mut server);
    assert_eq!(a.seen, ["photos", "pull"]);
}

#[test]
fn answers_go_before_photos_and_photos_before_pulls() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Surveyor);
    a.write(1);
    a.settle(&mut server);
    assert_eq!(a.seen, ["token", "push", "photos", "pull"]);
}

#[test]
fn a_kiosk_pushes_and_never_pulls_and_a_coordinator_pulls_and_never_pushes() {
    let mut server = Server::new();
    let mut kiosk = Device::new(1, Role::Kiosk);
    kiosk.write(1);
    kiosk.settle(&mut server);
    assert_eq!(kiosk.seen, ["token", "push", "photos"]);
    let mut coordinator = Device::new(2, Role::Coordinator);
    coordinator.tell(Event::OutboxGrew);
    coordinator.settle(&mut server);
    assert_eq!(coordinator.seen, ["token", "pull"]);
    assert_eq!(coordinator.held.len(), 1);
}

#[test]
fn a_refused_change_holds_up_no_other() {
    for code in [RefusalCode::NotPermitted, RefusalCode::UnknownDependency] {
        let mut server = Server::new();
        let mut a = Device::new(1, Role::Surveyor);
        (0..200).for_each(|n| a.write(n));
        let bad = a.outbox[0].hash;
        server.poisoned.insert(bad, code);
        a.settle(&mut server);
        assert_eq!(server.log.len(), 199);
        // What waits for others is sent once more when the server has taken the rest.
        assert!(a.refused.iter().all(|refused| *refused == (bad, code)));
        assert_eq!(a.refused.len(), 1 + usize::from(code.waits_for_others()));
        assert_eq!(a.outbox.len(), usize::from(code.may_pass_later()));
        server.poisoned.clear();
        a.sleep();
        a.settle(&mut server);
        assert_eq!(server.log.len(), 199 + usize::from(code.may_pass_later()));
    }
}

#[test]
fn what_waits_for_anothers_change_is_sent_again_once_others_came_in() {
    for (code, pushes) in [(RefusalCode::UnknownDependency, 2), (RefusalCode::NotPermitted, 1)] {
        let mut server = Server::new();
        let mut b = Device::new(2, Role::Surveyor);
        b.write(1);
        b.settle(&mut server);
        let mut a = Device::new(1, Role::Surveyor);
        a.write(2);
        server.poisoned.insert(a.outbox[0].hash, code);
        a.settle(&mut server);
        assert_eq!(a.seen.iter().filter(|seen| **seen == "push").count(), pushes);
    }
}

#[test]
fn changes_that_wait_behind_those_that_build_on_them_all_go_in_one_round() {
    for batch in [1, 2, 64] {
        let mut server = Server { most_per_push: batch, page: 100, ..Server::new() };
        let mut a = Device::new(1, Role::Surveyor);
        (0..8).for_each(|n| a.write_on(n));
        a.outbox.reverse();
        a.settle(&mut server);
        assert_eq!(server.log.len(), 8, "batches of {batch}");
        assert!(a.outbox.is_empty());
        assert_eq!(a.seen.iter().filter(|seen| **seen == "pull").count(), 1);
    }
}

#[test]
fn a_batch_that_is_too_large_is_halved_down_to_the_one_at_fault() {
    let mut server = Server { most_per_push: 5, ..Server::new() };
    let mut a = Device::new(1, Role::Surveyor);
    (0..100).for_each(|n| a.write(n));
    a.settle(&mut server);
    assert_eq!(server.log.len(), 100);
    server.most_per_push = 0;
    a.write(200);
    a.settle(&mut server);
    assert_eq!(a.refused.len(), 1);
    assert_eq!(a.refused[0].1, RefusalCode::TooLarge);
}

#[test]
fn a_batch_that_times_out_is_halved_and_doubled_when_it_gets_through() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Surveyor);
    (0..200).for_each(|n| a.write(n));
    let size = |a: &Device| match a.waiting.last() {
        Some(Effect::Push { items, .. }) => items.len(),
        _ => 0,
    };
    let mut sizes = Vec::new();
    while server.log.len() < 200 {
        let pushing = size(&a);
        if pushing > 0 {
            sizes.push(pushing);
        }
        let fault = (pushing > 0 && sizes.len() <= 2).then_some((SyncFault::Timeout, false));
        if !a.step(&mut server, fault) {
            a.sleep();
        }
    }
    assert_eq!(sizes, [64, 32, 16, 32, 64, 88]);
}

#[test]
fn the_wait_grows_and_ends_at_once_when_the_network_returns() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Surveyor);
    let mut waits = Vec::new();
    for _ in 0..8 {
        while a.step(&mut server, Some((SyncFault::Network, false))) {}
        assert_eq!(a.state.unwrap().phase, Phase::Waiting);
        assert_eq!(a.state.unwrap().retry_at, a.wake);
        waits.push(a.wake.unwrap() - a.now);
        a.sleep();
    }
    assert!(waits[7] > waits[0] * 16, "{waits:?}");
    while a.step(&mut server, Some((SyncFault::Network, false))) {}
    a.tell(Event::Offline);
    assert_eq!(a.state.unwrap().phase, Phase::Offline);
    assert!(a.waiting.is_empty());
    a.tell(Event::Online);
    assert!(!a.waiting.is_empty(), "without waiting");
    a.settle(&mut server);
}

#[test]
fn an_expired_token_is_renewed_at_once_but_not_for_ever() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Coordinator);
    a.settle(&mut server);
    a.sleep();
    a.step(&mut server, Some((SyncFault::Unauthorised, false)));
    assert_eq!(a.waiting, [Effect::NeedToken]);
    a.step(&mut server, None);
    a.step(&mut server, Some((SyncFault::Unauthorised, false)));
    assert!(a.waiting.is_empty());
    assert_eq!(a.state.unwrap().phase, Phase::Waiting);
}

#[test]
fn a_server_restored_from_an_older_backup_gets_back_what_it_lost() {
    for new_epoch in [true, false] {
        let mut server = Server::new();
        let (mut a, mut b) = (Device::new(1, Role::Surveyor), Device::new(2, Role::Surveyor));
        (0..5).for_each(|n| a.write(n));
        a.settle(&mut server);
        let backup = server.clone();
        (5..20).for_each(|n| a.write(n));
        a.settle(&mut server);
        b.write(1);
        b.settle(&mut server);
        a.sleep();
        a.settle(&mut server);
        let all = server.hashes();
        assert_eq!(a.held.len(), 21);

        server = backup;
        if new_epoch {
            server.epoch = Epoch::new([2; 16]);
        }
        for device in [&mut b, &mut a] {
            device.sleep();
            device.settle(&mut server);
            assert!(device.seen.contains(&"mend"));
        }
        assert_eq!(server.hashes(), all);
        b.sleep();
        b.settle(&mut server);
        assert_eq!(b.held.len(), 21);
    }
}

#[test]
fn a_server_restored_before_the_first_pull_gets_back_what_it_had_acknowledged() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Surveyor);
    a.write(1);
    while server.log.is_empty() || !a.outbox.is_empty() {
        a.step(&mut server, None);
    }
    assert!(!a.seen.contains(&"pull"));
    server = Server { epoch: Epoch::new([2; 16]), ..Server::new() };
    a.start(Role::Surveyor);
    a.settle(&mut server);
    assert_eq!(server.log.len(), 1);
}

#[test]
fn a_device_that_lost_its_changes_gets_its_own_back_too() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Surveyor);
    (0..5).for_each(|n| a.write(n));
    a.settle(&mut server);
    let held = std::mem::take(&mut a.held);
    a.tell(Event::Doubt);
    a.settle(&mut server);
    assert_eq!(a.held, held);
    assert!(a.outbox.is_empty());
}

/// A device whose changes the server has, with something under way: what it then loses, and doubts, it gets back in the same
/// round.
fn gets_back_what_is_lost_while(under_way: impl Fn(&mut Device, &mut Server)) {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Surveyor);
    (0..5).for_each(|n| a.write(n));
    a.settle(&mut server);
    let held = a.held.clone();
    under_way(&mut a, &mut server);
    a.held.clear();
    a.tell(Event::Doubt);
    a.settle(&mut server);
    assert_eq!(a.held, held);
}

#[test]
fn a_doubt_that_comes_up_while_a_stream_is_pulled_is_heeded() {
    gets_back_what_is_lost_while(|a, _| {
        a.tell(Event::More(stream()));
        assert!(matches!(a.waiting[..], [Effect::Pull(_)]));
    });
}

#[test]
fn a_doubt_that_comes_up_while_the_two_are_compared_is_heeded() {
    gets_back_what_is_lost_while(|a, server| {
        a.tell(Event::Doubt);
        while !matches!(a.waiting[..], [Effect::Mend { .. }]) {
            assert!(a.step(server, None));
        }
    });
}

#[test]
fn a_doubt_outlives_that_other_streams_are_to_be_followed() {
    gets_back_what_is_lost_while(|a, _| {
        a.tell(Event::More(stream()));
        a.tell(Event::Started { cursors: vec![(stream(), a.cursor)], online: true });
    });
}

#[test]
fn a_comparison_that_is_cut_off_is_begun_again_and_changes_nothing_before_it_ends() {
    let mut server = Server::new();
    let (mut a, mut b) = (Device::new(1, Role::Surveyor), Device::new(2, Role::Surveyor));
    (0..90).for_each(|n| a.write(n));
    (0..90).for_each(|n| b.write(n));
    a.settle(&mut server);
    b.settle(&mut server);
    a.settle(&mut server);
    a.sleep();
    a.settle(&mut server);
    let (held, cursor) = (a.held.clone(), a.cursor);
    a.held.retain(|hash, _| hash.as_bytes()[1] % 2 == 0);
    for cut in 0..8 {
        a.tell(Event::Doubt);
        let mut asked = 0;
        while asked <= cut {
            asked += u32::from(matches!(a.waiting.last(), Some(Effect::Reconcile { .. })));
            let fault = (asked > cut).then_some((SyncFault::Network, false));
            if !a.step(&mut server, fault) {
                break;
            }
        }
        assert_eq!(a.cursor, cursor);
        a.start(Role::Surveyor);
    }
    a.tell(Event::Doubt);
    a.settle(&mut server);
    assert_eq!(a.held, held);
    assert_eq!((a.cursor, server.log.len()), (cursor, 180));
}

#[test]
fn when_the_server_says_that_there_is_more_only_that_stream_is_pulled_and_again_if_it_was_under_way() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Surveyor);
    a.settle(&mut server);
    a.seen.clear();
    a.tell(Event::More(stream()));
    a.tell(Event::More(stream()));
    a.tell(Event::More("elsewhere/2025".parse().unwrap()));
    assert!(matches!(a.waiting[0], Effect::Pull(_)));
    a.settle(&mut server);
    assert_eq!(a.seen, ["pull", "pull"]);
}

#[test]
fn an_outbox_that_grows_while_it_is_read_is_read_again() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Kiosk);
    a.step(&mut server, None);
    assert!(matches!(a.waiting[0], Effect::ReadOutbox { .. }));
    let read = Event::OutboxRead(vec![]);
    a.write(1);
    a.waiting.clear();
    a.tell(read);
    a.settle(&mut server);
    assert_eq!(server.log.len(), 1);
}

#[test]
fn whoever_asks_again_while_the_outbox_is_read_has_all_of_it_offered_again() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Surveyor);
    a.write(1);
    server.poisoned.insert(a.outbox[0].hash, RefusalCode::UnknownRecord);
    a.settle(&mut server);
    assert_eq!((server.log.len(), a.outbox.len()), (0, 1), "it may pass later");
    server.poisoned.clear();
    a.tell(Event::OutboxGrew);
    assert!(matches!(&a.waiting[0], Effect::ReadOutbox { skip, .. } if skip.len() == 1));
    a.tell(Event::Visible);
    a.settle(&mut server);
    assert_eq!((server.log.len(), a.outbox.len()), (1, 0));
}

#[test]
fn an_answer_that_contradicts_itself_is_not_believed() {
    let mut server = Server::new();
    let mut a = Device::new(1, Role::Surveyor);
    a.write(1);
    while !matches!(a.waiting[0], Effect::Push { .. }) {
        a.step(&mut server, None);
    }
    a.waiting.clear();
    a.tell(Event::PushAnswered(Ok(PushReply { epoch: server.epoch, outcomes: vec![] })));
    assert_eq!(a.state.unwrap().fault, Some(SyncFault::BadReply));
    assert_eq!(a.outbox.len(), 1);
    a.sleep();
    a.settle(&mut server);
    assert_eq!(server.log.len(), 1);
}

#[derive(Debug, Clone)]
enum Act {
    Write(usize, u8),
    WriteOn(usize, u8),
    Step(usize, u8),
    Crash(usize),
    Sleep(usize),
    Flap(usize),
    Backup,
    /// A server draws a new epoch each time it starts.
    Restore,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => (0..3_usize, any::<u8>()).prop_map(|(d, n)| Act::Write(d, n)),
        4 => (0..3_usize, any::<u8>()).prop_map(|(d, n)| Act::WriteOn(d, n)),
        20 => (0..3_usize, any::<u8>()).prop_map(|(d, luck)| Act::Step(d, luck)),
        1 => (0..3_usize).prop_map(Act::Crash),
        3 => (0..3_usize).prop_map(Act::Sleep),
        2 => (0..3_usize).prop_map(Act::Flap),
        1 => Just(Act::Backup),
        1 => Just(Act::Restore),
    ]
}

fn fault(luck: u8) -> Option<(SyncFault, bool)> {
    let faults = [SyncFault::Network, SyncFault::Timeout, SyncFault::Server, SyncFault::Busy(500)];
    (luck < 80).then(|| (faults[usize::from(luck % 4)], luck < 40))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn after_quiet_everybody_holds_everything_and_the_server_once(acts in prop::collection::vec(act(), 1..150)) {
        let mut server = Server::new();
        let mut backup = server.clone();
        let mut devices: Vec<_> = (0..3).map(|n| Device::new(n, Role::Surveyor)).collect();
        for (n, act) in acts.into_iter().enumerate() {
            match act {
                Act::Write(d, n) => devices[d].write(n),
                Act::WriteOn(d, n) => devices[d].write_on(n),
                Act::Step(d, luck) => drop(devices[d].step(&mut server, fault(luck))),
                Act::Crash(d) => devices[d].start(Role::Surveyor),
                Act::Sleep(d) if devices[d].waiting.is_empty() && devices[d].wake.is_some() => devices[d].sleep(),
                Act::Sleep(_) => {}
                Act::Flap(d) => {
                    devices[d].tell(Event::Offline);
                    devices[d].tell(Event::Online);
                }
                Act::Backup => backup = server.clone(),
                Act::Restore => {
                    server = Server { epoch: Epoch::new([u8::try_from(n).unwrap(); 16]), ..backup.clone() };
                }
            }
        }
        for _ in 0..4 {
            for device in &mut devices {
                device.tell(Event::Visible);
                device.settle(&mut server);
            }
        }
        let written: BTreeSet<_> = devices.iter().flat_map(|device| device.own.clone()).collect();
        prop_assert_eq!(server.hashes(), written.clone());
        prop_assert_eq!(server.log.len(), written.len());
        for device in &devices {
            prop_assert_eq!(device.held.keys().copied().collect::<BTreeSet<_>>(), written.clone());
            prop_assert!(device.outbox.is_empty());
        }
    }
}
