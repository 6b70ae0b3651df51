//! What the browser gives us: storage, the network, other tabs, the clock, the camera, the place.

pub mod backup;
pub mod barcode;
pub mod clock;
pub mod desk;
pub mod forms;
pub mod keys;
pub mod locks;
pub mod net;
pub mod photo;
pub mod place;
pub mod store;
pub mod sync;
pub mod tabs;
pub mod update;
pub mod web;
