//! Range reconciliation: two sides find out, in a few round trips, in which places of a stream they differ.
//!
//! Both order a stream's changes by their place in the server's log and name a range of places by how many changes
//! it holds and by their [`Digest`]. The device asks about ranges; the server says of each that it holds the same,
//! or lists what it holds there, or splits it into parts for the device to compare. The log keeps a running digest,
//! so that the server needs two look-ups a range, whatever the range's length, and remembers nothing between calls.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use super::{MAX_PULL_BYTES, MAX_QUESTION_BYTES, PullEntry, WireError, check_indices, decode, encode, list};
use crate::genesis::Genesis;
use crate::id::{ChangeHash, Digest, Epoch};
use crate::mutation::{Rule, is_off};

/// Most ranges in one question.
pub const MAX_RANGES: usize = 256;
/// Most changes that one question may want.
pub const MAX_WANTED: usize = 1024;
/// Most lines in one answer, each a change or a part of a range. The server leaves the ranges behind unanswered.
pub const MAX_LINES: usize = 2048;
/// Into so many parts the server splits a range; one with no more changes is listed instead.
pub const PARTS: u64 = 64;

/// What one side holds in the places after `after`, up to and with `upto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Range {
    /// The place before the first.
    #[n(0)]
    pub after: u64,
    /// The last place.
    #[n(1)]
    pub upto: u64,
    /// How many changes are in it.
    #[n(2)]
    pub count: u64,
    /// The digest of those.
    #[n(3)]
    pub digest: Digest,
}

/// A change and its place in the server's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Named {
    /// Its place.
    #[n(0)]
    pub seq: u64,
    /// Its hash.
    #[n(1)]
    pub hash: ChangeHash,
}

/// A device's question about one stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct ReconcileRequest {
    /// Ranges to compare, each as the device has it.
    #[n(0)]
    #[cbor(decode_with = "range_list")]
    pub ranges: Vec<Range>,
    /// Places whose changes the device lacks, rising.
    #[n(1)]
    #[cbor(decode_with = "wanted_list")]
    pub wanted: Vec<u64>,
}

/// What the server holds in a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeReply {
    /// The same.
    Same,
    /// These, by rising place.
    Lists(Vec<Named>),
    /// More than are listed at once: each part goes from the end of the one before it; the first begins where the
    /// range does, the last ends where the range does.
    Parts(Vec<Range>),
}

/// The server's answer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReconcileReply {
    /// The log's epoch.
    #[n(0)]
    pub epoch: Epoch,
    /// One for each range of the question, in order; those at the end may be left for another question.
    #[n(1)]
    #[cbor(decode_with = "range_list")]
    pub ranges: Vec<RangeReply>,
    /// The records that the entries belong to.
    #[n(2)]
    #[cbor(decode_with = "wanted_list")]
    pub geneses: Vec<Genesis>,
    /// The wanted changes, by rising place; the last ones may be left for another question.
    #[n(3)]
    #[cbor(decode_with = "wanted_list")]
    pub entries: Vec<PullEntry>,
}

/// What the holder of a log must be able to say for [`answer`].
pub trait Places {
    /// How looking fails.
    type Error;

    /// How many changes the stream has up to and with this place, and their digest.
    ///
    /// # Errors
    /// Where looking fails.
    fn upto(&mut self, place: u64) -> Result<(u64, Digest), Self::Error>;

    /// The changes after `after` up to and with `upto`, by rising place; at most [`PARTS`] are asked for.
    ///
    /// # Errors
    /// Where looking fails.
    fn list(&mut self, after: u64, upto: u64) -> Result<Vec<Named>, Self::Error>;
}

/// Answers as many of the ranges as fit an answer, at least one where there is one.
///
/// # Errors
/// Where looking fails.
pub fn answer<P: Places>(places: &mut P, ranges: &[Range]) -> Result<Vec<RangeReply>, P::Error> {
    let (mut replies, mut lines) = (Vec::new(), 0);
    for range in ranges.iter().take(MAX_RANGES) {
        let reply = answer_one(places, range)?;
        lines += match &reply {
            RangeReply::Same => 0,
            RangeReply::Lists(named) => named.len(),
            RangeReply::Parts(parts) => parts.len(),
        };
        if lines > MAX_LINES && !replies.is_empty() {
            break;
        }
        replies.push(reply);
    }
    Ok(replies)
}

fn answer_one<P: Places>(places: &mut P, range: &Range) -> Result<RangeReply, P::Error> {
    let mut before = places.upto(range.after)?;
    let whole = places.upto(range.upto)?;
    let (count, digest) = between(before, whole);
    if count == range.count && (digest == range.digest || is_off(Rule::DigestCompare)) {
        return Ok(RangeReply::Same);
    }
    if whole.0.saturating_sub(before.0) <= PARTS {
        return Ok(RangeReply::Lists(places.list(range.after, range.upto)?));
    }
    // More changes than parts stand in it, so that each part is at least one place wide.
    let wide = range.upto.saturating_sub(range.after);
    let mut parts = Vec::new();
    let mut after = range.after;
    for part in 1..=PARTS {
        let share = u128::from(wide) * u128::from(part) / u128::from(PARTS);
        let upto = range.after + u64::try_from(share).unwrap_or(wide);
        let here = places.upto(upto)?;
        let (count, digest) = between(before, here);
        parts.push(Range { after, upto, count, digest });
        (after, before) = (upto, here);
    }
    Ok(RangeReply::Parts(parts))
}

fn between(before: (u64, Digest), upto: (u64, Digest)) -> (u64, Digest) {
    (upto.0.saturating_sub(before.0), upto.1.without(&before.1))
}

impl ReconcileRequest {
    /// The question as a request body.
    pub fn to_cbor(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads a question; every range in it ends behind its beginning.
    ///
    /// # Errors
    /// [`WireError`] where the body is too long or is not a question.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, WireError> {
        let request: Self = decode(bytes, MAX_QUESTION_BYTES)?;
        let rises = request.wanted.is_sorted_by(|one, next| one < next);
        if !rises || request.ranges.iter().any(|range| range.after >= range.upto) {
            let what = "a range ends before it begins, or the wanted places do not rise".to_owned();
            return Err(WireError::Malformed { what });
        }
        Ok(request)
    }
}

impl ReconcileReply {
    /// The answer as a body.
    pub fn to_cbor(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads an answer; what it returns points to no genesis that is not there.
    ///
    /// # Errors
    /// [`WireError`] where the body is too long or is not such an answer.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, WireError> {
        let reply: Self = decode(bytes, MAX_PULL_BYTES)?;
        check_indices(reply.entries.iter().map(|entry| entry.genesis), reply.geneses.len())?;
        Ok(reply)
    }
}

impl<C> Encode<C> for RangeReply {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, ctx: &mut C) -> Result<(), EncodeError<W::Error>> {
        match self {
            Self::Same => e.array(1)?.u8(0)?.ok(),
            Self::Lists(named) => {
                e.array(2)?.u8(1)?;
                named.encode(e, ctx)
            }
            Self::Parts(parts) => {
                e.array(2)?.u8(2)?;
                parts.encode(e, ctx)
            }
        }
    }
}

impl<'b, C> Decode<'b, C> for RangeReply {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, DecodeError> {
        let at = d.position();
        let length = d.array()?;
        match (length, d.u8()?) {
            (Some(1), 0) => Ok(Self::Same),
            (Some(2), 1) => Ok(Self::Lists(list(d, ctx, MAX_LINES)?)),
            (Some(2), 2) => Ok(Self::Parts(list(d, ctx, MAX_LINES)?)),
            _ => Err(DecodeError::message("no such answer to a range").at(at)),
        }
    }
}

fn range_list<'b, T: Decode<'b, C>, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<T>, DecodeError> {
    list(d, ctx, MAX_RANGES)
}

fn wanted_list<'b, T: Decode<'b, C>, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<T>, DecodeError> {
    list(d, ctx, MAX_WANTED)
}
