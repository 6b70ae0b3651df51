//! What a device keeps: records, their changes, what was typed, what waits for the server, and by which rules all
//! that changes. The rules run on any [`database::Database`]: the browser's IndexedDB in the app, a [`memory`] in
//! simulations that end a device at any moment.
//!
//! Every write is one transaction: when a call returns, its data is on the disk, all of it; when it fails, nothing of
//! it is kept.

mod backup;
mod carried;
pub mod database;
pub mod desk;
mod error;
pub mod memory;
mod names;
mod outbox;
mod overview;
mod photos;
mod purge;
mod records;
pub mod row;
pub mod rows;
pub mod schema;
mod store;
mod streams;
mod table;
mod values;

pub use backup::Unsent;
pub use carried::Carried;
pub use error::{CorruptRow, StoreError};
pub use outbox::{Batch, Settlement};
pub use overview::Overview;
pub use photos::{MISSING, NewPhoto};
pub use purge::Purge;
pub use records::{Listing, NewChange, StoredRecord};
pub use rows::{CarriedRow, Identity, JournalRow, PhotoRow, PhotoState, RecordRow, RefusedRow, Summary};
pub use schema::{NAME, STORES};
pub use store::Store;
pub use streams::TakenIn;
