//! Sets the parts of wasm's operations apart. Numbers of operations are those of the WebAssembly Core Specification 2.0,
//! chapter 5.4.

use super::reader::{Reader, write};
use super::{Stream, Streams};

/// No operation: says that the next one's alignment is not the natural one, and follows.
const ALIGNED: u8 = 0x27;

/// The natural alignments of the operations 0x28 to 0x3e, as powers of two.
const ALIGNMENTS: [u8; 23] = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2];

/// The functions of a program.
pub struct Functions<'a> {
    reader: Reader<'a>,
    streams: &'a mut Streams,
    /// The locals of this function that were used, the last one first.
    recent: Vec<usize>,
}

impl<'a> Functions<'a> {
    /// `body` is the inside of the code section.
    pub fn new(body: &'a [u8], streams: &'a mut Streams) -> Self {
        Self { reader: Reader::new(body), streams, recent: Vec::new() }
    }

    /// Sets all of them apart; none where one holds something unknown.
    pub fn all(mut self) -> Option<()> {
        let count = self.number(Stream::Locals)?;
        for _ in 0..count {
            self.function()?;
        }
        self.reader.is_at_end().then_some(())
    }

    fn function(&mut self) -> Option<()> {
        let length = self.reader.number()?;
        let end = self.reader.place() + length;
        let groups = self.number(Stream::Locals)?;
        for _ in 0..groups {
            self.number(Stream::Locals)?;
            self.copy(Stream::Locals, 1)?;
        }
        self.recent.clear();
        let mut depth = 1;
        while depth > 0 {
            let operation = self.reader.byte()?;
            match operation {
                0x02..=0x04 => depth += 1,
                0x0b => depth -= 1,
                _ => {}
            }
            self.operation(operation)?;
        }
        (self.reader.place() == end).then_some(())
    }

    fn operation(&mut self, operation: u8) -> Option<()> {
        if matches!(operation, 0x28..=0x3e) {
            return self.memory(operation);
        }
        self.streams.of(Stream::Operation).push(operation);
        match operation {
            0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => Some(()),
            0x02..=0x04 | 0x3f | 0x40 | 0xd0 => self.leb(Stream::Operation),
            0x0c | 0x0d => self.leb(Stream::Branch),
            0x0e => {
                let count = self.number(Stream::Branch)?;
                (0..=count).try_for_each(|_| self.leb(Stream::Branch))
            }
            0x10 | 0xd2 => self.leb(Stream::Call),
            0x11 => self.lebs(Stream::Other, 2),
            0x1c => {
                let count = self.number(Stream::Operation)?;
                self.lebs(Stream::Operation, count)
            }
            0x20..=0x22 => self.local(),
            0x23..=0x26 => self.leb(Stream::Other),
            0x41 => self.leb(Stream::Int),
            0x42 => self.leb(Stream::Long),
            0x43 => self.copy(Stream::Float, 4),
            0x44 => self.copy(Stream::Float, 8),
            0xfc => {
                let count = match self.number(Stream::Operation)? {
                    0..=7 => 0,
                    9 | 11 | 13 | 15..=17 => 1,
                    8 | 10 | 12 | 14 => 2,
                    _ => return None,
                };
                self.lebs(Stream::Operation, count)
            }
            _ => None,
        }
    }

    fn memory(&mut self, operation: u8) -> Option<()> {
        // More than 6 says that the number of a memory follows.
        let alignment = self.reader.byte().filter(|alignment| *alignment < 7)?;
        if ALIGNMENTS[usize::from(operation - 0x28)] != alignment {
            self.streams.of(Stream::Operation).extend([ALIGNED, alignment]);
        }
        self.streams.of(Stream::Operation).push(operation);
        self.leb(if operation < 0x36 { Stream::Load } else { Stream::Store })
    }

    /// The place of a local among those used last; behind them all stand the others, in their order.
    fn local(&mut self) -> Option<()> {
        let local = self.reader.number()?;
        let place = if let Some(place) = self.recent.iter().position(|other| *other == local) {
            self.recent.remove(place);
            place
        } else {
            let used_before = self.recent.iter().filter(|other| **other < local).count();
            self.recent.len() + local - used_before
        };
        self.recent.insert(0, local);
        self.streams.of(Stream::Local).extend(write(place as u64));
        Some(())
    }

    /// Takes a number without a sign over, and says what it is.
    fn number(&mut self, stream: Stream) -> Option<usize> {
        let number = self.reader.number()?;
        self.streams.of(stream).extend(write(number as u64));
        Some(number)
    }

    fn leb(&mut self, stream: Stream) -> Option<()> {
        let bytes = self.reader.leb()?;
        self.streams.of(stream).extend(bytes);
        Some(())
    }

    fn lebs(&mut self, stream: Stream, count: usize) -> Option<()> {
        (0..count).try_for_each(|_| self.leb(stream))
    }

    fn copy(&mut self, stream: Stream, count: usize) -> Option<()> {
        let bytes = self.reader.bytes(count)?;
        self.streams.of(stream).extend(bytes);
        Some(())
    }
}
