//! Many devices, their people and a server, from one seed: with crashes of either between any two writes to a disk, lost
//! and repeated messages, older copies put back, clocks that are wrong by years, and somebody who tries to harm. Once all
//! is quiet, nothing that was acknowledged is lost, and nothing is there twice.
//!
//! The code under it is what runs in the field: the records and the sync engine of `replica`, the desk and the store of
//! `device-store`, the whole request path, log, worker and projection of `sync-server`. Played are a browser's disk
//! ([`device_store::memory`]), the line between ([`line`]) and people ([`person`]).

#![allow(clippy::similar_names, reason = "a site, its size, a line and a life are no riddle")]

pub mod check;
pub mod fault;
pub mod hostile;
pub mod ledger;
pub mod line;
pub mod mutations;
pub mod person;
pub mod phone;
pub mod run;
pub mod schedule;
pub mod site;
mod talk;
pub mod world;

pub use fault::Fault;
