//! The PWA.

pub mod device;
