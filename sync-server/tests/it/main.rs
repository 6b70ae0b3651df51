//! The server as devices meet it: real sockets, real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod abuse;
mod access;
mod attacks;
mod backup;
mod bench;
mod binary;
mod client;
mod cluster;
mod conformance;
mod copy;
mod events;
mod failover;
mod field;
mod filling;
mod ground;
mod import;
mod moved;
mod odata;
mod pages;
mod photos;
mod postgres;
mod projection;
mod published;
mod reconcile;
mod releases;
mod score_commands;
mod scores;
mod server;
mod sync;
