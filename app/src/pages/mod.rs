//! The pages, one file each.

mod aside;
mod backup;
pub mod coverage;
pub mod devices;
pub mod enrol;
pub mod kiosk;
pub mod record;
pub mod results;
pub mod score;
pub mod setup;
pub mod start;
pub mod sync;
pub mod unit;
