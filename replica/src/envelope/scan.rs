//! The walk over a change chunk: nothing is built, every count is added up from run lengths.
//!
//! The layout is Automerge's binary format: <https://automerge.org/automerge-binary-format-spec/>.

use super::{EnvelopeError, Excess, Limits};
use crate::id::Actor;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE_CHUNK: u8 = 1;

/// Columns of a change, as `id << 4 | type`.
const ACTION: u64 = 4 << 4 | 2;
const PRED_GROUP: u64 = 7 << 4;
const PRED_ACTOR: u64 = 7 << 4 | 1;
const PRED_COUNTER: u64 = 7 << 4 | 3;
/// The ids of all columns that a change can have.
const COLUMN_IDS: [u64; 8] = [0, 1, 3, 4, 5, 7, 9, 10];
/// The bit that says a column is compressed, which it may not be in a change.
const DEFLATED: u64 = 0b1000;

/// Walks the chunk and returns how many operations it has.
pub(super) fn scan(bytes: &[u8], limits: &Limits) -> Result<u64, EnvelopeError> {
    if bytes.len() > limits.bytes {
        return Err(excess(Excess::Bytes, limits.bytes as u64));
    }
    let mut body = chunk(bytes)?;
    let start_op = header(&mut body, limits)?;
    let (ops, preds) = columns(&mut body, limits)?;
    if preds > limits.preds {
        return Err(excess(Excess::Preds, limits.preds));
    }
    if start_op.saturating_add(ops) > limits.max_op {
        return Err(excess(Excess::MaxOp, limits.max_op));
    }
    Ok(ops)
}

fn excess(what: Excess, limit: u64) -> EnvelopeError {
    EnvelopeError::TooMany { what, limit }
}

fn malformed(what: &str) -> EnvelopeError {
    EnvelopeError::Malformed(what.to_owned())
}

/// The body of the one chunk that the bytes are.
fn chunk(bytes: &[u8]) -> Result<Reader<'_>, EnvelopeError> {
    let mut reader = Reader(bytes);
    if reader.take(4)? != MAGIC {
        return Err(malformed("it does not begin as one"));
    }
    reader.take(4)?; // The checksum is compared once the content has been hashed.
    let kind = reader.take(1)?[0];
    if kind != CHANGE_CHUNK {
        return Err(EnvelopeError::ChunkType(kind));
    }
    if reader.unsigned()? != reader.0.len() as u64 {
        return Err(malformed("its length is not that of the bytes"));
    }
    Ok(reader)
}

/// Everything before the columns; returns the number of the first operation.
fn header(body: &mut Reader, limits: &Limits) -> Result<u64, EnvelopeError> {
    let deps = body.unsigned()?;
    if deps > limits.deps {
        return Err(excess(Excess::Deps, limits.deps));
    }
    for _ in 0..deps {
        body.take(32)?;
    }
    if body.bytes()?.len() != Actor::LEN {
        return Err(EnvelopeError::Actor);
    }
    let seq = body.unsigned()?;
    if seq == 0 {
        return Err(malformed("its sequence number is 0"));
    }
    if seq > limits.seq {
        return Err(excess(Excess::Seq, limits.seq));
    }
    let start_op = body.unsigned()?;
    if start_op == 0 {
        return Err(malformed("its first operation has number 0"));
    }
    if body.signed()?.unsigned_abs() > limits.time {
        return Err(EnvelopeError::Time);
    }
    if body.bytes()?.len() > limits.message {
        return Err(excess(Excess::Message, limits.message as u64));
    }
    let others = body.unsigned()?;
    if others > limits.deps {
        return Err(excess(Excess::Actors, limits.deps));
    }
    for _ in 0..others {
        if body.bytes()?.len() != Actor::LEN {
            return Err(EnvelopeError::Actor);
        }
    }
    Ok(start_op)
}

/// The columns: how many operations, and how many predecessors in all.
fn columns(body: &mut Reader, limits: &Limits) -> Result<(u64, u64), EnvelopeError> {
    let count = body.unsigned()?;
    let mut specs: Vec<(u64, u64)> = Vec::new();
    for _ in 0..count {
        let (spec, length) = (body.unsigned()?, body.unsigned()?);
        if specs.last().is_some_and(|(last, _)| *last >= spec) {
            return Err(malformed("its columns are out of order"));
        }
        if spec & DEFLATED != 0 || !COLUMN_IDS.contains(&(spec >> 4)) {
            return Err(malformed("it has a column that a change cannot have"));
        }
        specs.push((spec, length));
    }
    let (mut ops, mut preds) = (0, 0);
    for (spec, length) in specs {
        let length = usize::try_from(length).map_err(|_| malformed("a column is too long"))?;
        let mut column = Reader(body.take(length)?);
        match spec {
            ACTION => ops = column.runs(Kind::Unsigned, Excess::Ops, limits.ops)?.items,
            PRED_GROUP => preds = column.runs(Kind::Unsigned, Excess::Ops, limits.ops)?.sum,
            PRED_ACTOR | PRED_COUNTER => {
                let kind = if spec == PRED_ACTOR { Kind::Unsigned } else { Kind::Signed };
                column.runs(kind, Excess::Preds, limits.preds)?;
            }
            _ => plain_column(&mut column, spec, limits)?,
        }
    }
    Ok((ops, preds))
}

/// A column that only has to have no more items than there may be operations.
fn plain_column(column: &mut Reader, spec: u64, limits: &Limits) -> Result<(), EnvelopeError> {
    let kind = match spec & 0b111 {
        3 => Kind::Signed,
        4 => return column.booleans(limits.ops),
        5 => Kind::Text,
        7 => return Ok(()), // Raw values: their lengths stand in the column before.
        _ => Kind::Unsigned,
    };
    column.runs(kind, Excess::Ops, limits.ops)?;
    Ok(())
}

/// What a run repeats.
#[derive(Clone, Copy)]
enum Kind {
    Unsigned,
    Signed,
    Text,
}

/// What a column of runs adds up to.
#[derive(Default)]
struct Total {
    items: u64,
    /// Of its values, where they are unsigned.
    sum: u64,
}

/// Bytes still to be read. Reading never goes beyond them.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], EnvelopeError> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or_else(|| malformed("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn bytes(&mut self) -> Result<&'a [u8], EnvelopeError> {
        let length = usize::try_from(self.unsigned()?).map_err(|_| malformed("it ends too early"))?;
        self.take(length)
    }

    /// An unsigned LEB128 number of at most 64 bits.
    fn unsigned(&mut self) -> Result<u64, EnvelopeError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let bits = u64::from(byte & 0x7f);
            if (bits << shift) >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(malformed("a number is too long"))
    }

    /// A signed LEB128 number of at most 64 bits.
    fn signed(&mut self) -> Result<i64, EnvelopeError> {
        let mut value = 0_i64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let unused = 57_u32.saturating_sub(shift);
                return Ok((value << unused) >> unused);
            }
        }
        Err(malformed("a number is too long"))
    }

    /// A run-length column: `n value` for a run, `-n value...` for a literal one, `0 n` for nulls.
    fn runs(&mut self, kind: Kind, what: Excess, limit: u64) -> Result<Total, EnvelopeError> {
        let mut total = Total::default();
        while !self.0.is_empty() {
            let head = self.signed()?;
            let (items, values) = match head {
                0 => (self.unsigned()?, 0),
                1.. => (head.unsigned_abs(), 1),
                _ => (head.unsigned_abs(), head.unsigned_abs()),
            };
            total.items = total.items.saturating_add(items);
            if total.items > limit {
                return Err(excess(what, limit));
            }
            let repeated = if head > 0 { items } else { 1 };
            for _ in 0..values {
                let value = self.value(kind)?;
                total.sum = total.sum.saturating_add(value.saturating_mul(repeated));
            }
        }
        Ok(total)
    }

    fn value(&mut self, kind: Kind) -> Result<u64, EnvelopeError> {
        match kind {
            Kind::Unsigned => self.unsigned(),
            Kind::Signed => self.signed().map(|_| 0),
            Kind::Text => self.bytes().map(|_| 0),
        }
    }

    /// A column of booleans: the lengths of runs of false and true by turns.
    fn booleans(&mut self, limit: u64) -> Result<(), EnvelopeError> {
        let mut items = 0_u64;
        while !self.0.is_empty() {
            items = items.saturating_add(self.unsigned()?);
            if items > limit {
                return Err(excess(Excess::Ops, limit));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let cases: [(&[u8], i64); 6] = [
            (&[0], 0),
            (&[0x7f], -1),
            (&[0x3f], 63),
            (&[0x40], -64),
            (&[0x80, 1], 128),
            (&[0x80, 0x7f], -128),
        ];
        for (bytes, value) in cases {
            assert_eq!(Reader(bytes).signed(), Ok(value));
        }
        let lowest = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert_eq!(Reader(&lowest).signed(), Ok(i64::MIN));
        let highest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(Reader(&highest).unsigned(), Ok(u64::MAX));
        assert!(Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).unsigned().is_err());
        assert!(Reader(&[0x80; 11]).unsigned().is_err());
        assert!(Reader(&[0x80; 11]).signed().is_err());
        assert!(Reader(&[0x80]).unsigned().is_err());
    }

    #[test]
    fn a_literal_run_of_the_lowest_number_is_too_many() {
        let bytes = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert!(Reader(&bytes).runs(Kind::Unsigned, Excess::Ops, 2000).is_err());
    }
}
