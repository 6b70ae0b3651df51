//! What the browser gives us: storage, the network, the clock, the camera, the place.

pub mod clock;
pub mod store;
