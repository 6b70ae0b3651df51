//! The server as devices meet it: real sockets, real files.

mod abuse;
mod access;
mod bench;
mod binary;
mod client;
mod pages;
mod photos;
mod projection;
mod server;
mod sync;
