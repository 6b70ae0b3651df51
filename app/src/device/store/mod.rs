//! What this device keeps, in the browser's IndexedDB. What is kept and by which rules it changes stands in
//! `device-store`; here is the database under it.

mod connection;
mod error;
mod layout;
pub mod space;
mod table;

pub use connection::{delete_named, open, open_named};
pub use device_store::*;
