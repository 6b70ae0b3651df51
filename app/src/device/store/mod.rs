//! What this device keeps, in IndexedDB: records, their changes, what waits for the server.
//!
//! Every write is one transaction with strict durability: when a call returns, its data is on the disk,
//! all of it; when it fails, nothing of it is kept.

mod connection;
mod error;
mod names;
mod outbox;
mod photos;
mod purge;
mod records;
mod rows;
mod schema;
pub mod space;
mod streams;
mod table;
mod values;

pub use connection::Store;
pub use error::{CorruptRow, StoreError};
pub use outbox::{Batch, Settlement};
pub use photos::NewPhoto;
pub use purge::Purge;
pub use records::{Listing, NewChange, StoredRecord};
pub use rows::{Identity, JournalRow, PhotoRow, PhotoState, RecordRow, RefusedRow, Summary};
pub use schema::{NAME, STORES};
pub use streams::TakenIn;
