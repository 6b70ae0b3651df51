//! Releases: a round closed into numbered, signed files that say the same for ever.
//!
//! A release is a handful of files whose bytes follow from the records' changes, the list of units, the instruments, the
//! rule set and what was asked for, and from nothing else: no place in a log, no epoch, no clock, no key. So it comes out
//! the same on every machine and every kind of log. [`manifest`] is the first of the files and names all others by hash;
//! the signature over it stands beside it. [`lines`] is what the other files hold, line by line.
//!
//! [`press`] takes a round as it stands: [`content`] opens each record at its version, [`judge`] says what it is worth,
//! [`reckon`] makes the files; they go on the [`shelf`] under the next number, signed with the store's [`key`]. [`check`]
//! does the same again from what a kept release names, and compares.
//!
//! Whoever makes something of a release (tables, workbooks, reports) reads it with [`bundle::Bundle::read`] as a
//! [`frozen::Frozen`] and never looks at records that may have changed since.

pub mod bundle;
pub mod check;
pub mod content;
mod day;
pub mod error;
pub mod files;
pub mod frozen;
pub mod judge;
pub mod key;
pub mod line;
pub mod lines;
pub mod manifest;
pub mod press;
pub mod reckon;
pub mod shelf;
