//! The cells, compressed by bytecode: eight codes, then what these codes could not say, and so on.

use super::super::series::nearest;
use super::super::table::{Cell, Kind};
use super::{PIECE, Storage, Variable};

/// A code from 1 to 251 is a whole number and this.
pub const BIAS: f64 = 100.0;

const END: u8 = 252;
const VERBATIM: u8 = 253;
const BLANKS: u8 = 254;

/// Seconds from 1582-10-14, where SPSS counts from, to 1970-01-01.
const EPOCH: i64 = 12_219_379_200;

/// Writes all rows.
pub fn write(bytes: &mut Vec<u8>, variables: &[Variable<'_>], rows: usize) {
    let mut block = Block { bytes, codes: Vec::new(), verbatim: Vec::new() };
    for row in 0..rows {
        for variable in variables {
            let Some(cell) = variable.series.cells.get(row) else { continue };
            if let Storage::Text(_) = variable.storage {
                text(&mut block, variable, if let Cell::Text(text) = cell { text } else { "" });
            } else {
                let missing =
                    |cell: &Cell| if let Cell::Missing(why) = cell { variable.missing(*why) } else { 0.0 };
                block.number(number(cell, &variable.series.kind).unwrap_or_else(|| missing(cell)));
            }
        }
    }
    if rows > 0 {
        block.code(END);
    }
    block.flush();
}

/// What stands for a cell that is there.
pub fn number(cell: &Cell, kind: &Kind) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "what a double would round has become text before; years end sooner"
    )]
    match (cell, kind) {
        (Cell::Whole(number), _) => Some(*number as f64),
        (Cell::Decimal(units), Kind::Decimal(places)) => Some(nearest(*units, *places)),
        (Cell::Date(days), _) => Some((i64::from(*days) * 86_400 + EPOCH) as f64),
        (Cell::Moment(seconds), _) => Some((i128::from(*seconds) + i128::from(EPOCH)) as f64),
        (Cell::Choice(place), Kind::Choice(choices)) => choices.get(*place).map(|choice| choice.code.into()),
        _ => None,
    }
}

/// A text, piece by piece; a piece holds 255 bytes of it, though the next was made for fewer.
fn text(block: &mut Block<'_>, variable: &Variable<'_>, text: &str) {
    let text = text.replace('\0', " ");
    let mut rest = text.as_bytes();
    for width in variable.pieces() {
        let (now, later) = rest.split_at(rest.len().min(width.min(PIECE)));
        rest = later;
        let mut piece = now.to_vec();
        piece.resize(width.next_multiple_of(8), b' ');
        for eight in piece.chunks_exact(8) {
            block.eight(eight);
        }
    }
}

struct Block<'a> {
    bytes: &'a mut Vec<u8>,
    codes: Vec<u8>,
    verbatim: Vec<u8>,
}

impl Block<'_> {
    fn number(&mut self, number: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "1 to 251, as just checked"
        )]
        if number.fract() == 0.0 && (1.0..=251.0).contains(&(number + BIAS)) {
            self.code((number + BIAS) as u8);
        } else {
            self.eight(&number.to_le_bytes());
        }
    }

    fn eight(&mut self, eight: &[u8]) {
        if eight == b"        " {
            self.code(BLANKS);
        } else {
            self.verbatim.extend_from_slice(eight);
            self.code(VERBATIM);
        }
    }

    fn code(&mut self, code: u8) {
        self.codes.push(code);
        if self.codes.len() == 8 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.codes.is_empty() {
            return;
        }
        self.codes.resize(8, 0);
        self.bytes.append(&mut self.codes);
        self.bytes.append(&mut self.verbatim);
    }
}
