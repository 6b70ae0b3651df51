//! Records as Automerge documents, the changes that make them, and how they travel.
//!
//! Nothing here reads a clock, a random number, a disk or a network; callers pass those in.
