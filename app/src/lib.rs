//! The PWA.
