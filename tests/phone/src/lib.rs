//! A phone without a browser: the sync engine that the app runs, with a store that is as durable, over real sockets,
//! through a line that can be counted and spoiled. What it shows of the engine and the wire goes for the app too.

pub mod answers;
pub mod fault;
pub mod line;
pub mod loket;
pub mod net;
pub mod peer;
pub mod phone;
pub mod random;
pub mod store;

pub use fault::Fault;
