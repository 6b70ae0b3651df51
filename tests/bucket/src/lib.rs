//! An S3-compatible server in a thread, over a folder, for tests: it checks signatures, and can be away in several ways.
//! Empty without the feature `s3`, so that no other test waits for it to be compiled.

#[cfg(feature = "s3")]
mod server;

#[cfg(feature = "s3")]
pub use server::{Away, Bucket, Fault, KEY, SECRET};
