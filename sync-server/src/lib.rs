//! Loket's server: takes in changes, keeps them, and says what they add up to.
//!
//! A push goes through [`http`] and [`verify`] into the [`log`]; the [`worker`] follows the log,
//! builds documents and feeds the [`projection`], which [`coverage`] reads. [`identity`] says who
//! may, [`catalogue`] what there is to assess.

pub mod aside;
pub mod backup;
pub mod catalogue;

pub mod clashes;
pub mod cli;
pub mod clock;
pub mod coverage;
pub mod data;
pub mod database;
pub mod exports;
pub mod history;
pub mod http;
pub mod identity;
pub mod import;
pub mod keys;
pub mod log;
pub mod odata;
pub mod photos;
pub mod pictures;
pub mod postgres;
pub mod projection;
mod random;
pub mod releases;
pub mod reports;
pub mod scores;
pub mod server;
pub mod store;
pub mod verify;
pub mod worker;

/// Documents, sessions and their answers are many small pieces, made and let go all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
