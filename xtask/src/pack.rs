//! Packs the app's wasm so that Brotli makes it an eighth smaller: what stands mixed in a function (operations, numbers
//! of locals, constants, offsets, calls) is set apart, each kind in a stream of its own. `app/unpack.js` puts the very
//! same bytes together again, which each bundling sees to.
//!
//! A packed program is [`MAGIC`], then `u32`s in little endian: the length of the program, and the length of each
//! stream; then the streams, in the order of [`Stream`].

mod code;
mod reader;
mod sample;

use std::path::Path;

use crate::failure::{Failure, Result};
use crate::run;

use code::Functions;
use reader::Reader;

pub use sample::every_kind;

/// What a packed program begins with.
pub const MAGIC: &[u8; 8] = b"packed 1";

/// What is set apart.
#[derive(Debug, Clone, Copy)]
enum Stream {
    /// The program up to its functions.
    Before,
    /// The program behind them.
    After,
    /// How many functions, and the locals of each.
    Locals,
    /// Operations, and what is not set apart from them.
    Operation,
    /// Which local: its place among those used last.
    Local,
    /// 32-bit constants.
    Int,
    /// 64-bit constants.
    Long,
    /// Floating-point constants.
    Float,
    /// Offsets of what is read from memory.
    Load,
    /// Offsets of what is written to memory.
    Store,
    /// Functions called.
    Call,
    /// Blocks left.
    Branch,
    /// Types and tables of indirect calls, globals.
    Other,
}

const STREAMS: usize = 13;

/// The streams of one program.
#[derive(Default)]
struct Streams([Vec<u8>; STREAMS]);

impl Streams {
    fn of(&mut self, stream: Stream) -> &mut Vec<u8> {
        &mut self.0[stream as usize]
    }
}

/// Packs a program as `wasm-opt` writes it.
///
/// # Errors
/// Where it holds what browsers of the last four years do not know, or numbers that are longer than need be.
pub fn pack(wasm: &[u8]) -> Result<Vec<u8>> {
    apart(wasm).and_then(|streams| joined(wasm.len(), &streams)).ok_or_else(|| {
        let remedy =
            "Does wasm-opt or the compiler write operations that xtask/src/pack/code.rs does not know?";
        Failure::new("the app's wasm cannot be packed", remedy)
    })
}

/// Where in a packed program one stream ends and the next begins.
pub fn seams(packed: &[u8]) -> Option<Vec<usize>> {
    let lengths = packed.strip_prefix(MAGIC)?.get(4..4 + 4 * STREAMS)?;
    let mut place = MAGIC.len() + 4 + lengths.len();
    let mut seams = vec![place];
    for length in lengths.chunks_exact(4) {
        place += u32::from_le_bytes(length.try_into().ok()?) as usize;
        seams.push(place);
    }
    Some(seams)
}

/// Unpacks a file as a phone does, by an `unpack.js` as it is served. `root` is the project's folder.
pub fn unpack(root: &Path, unpacker: &Path, packed: &Path, wasm: &Path) -> Result<()> {
    let mut node = run::command("node", root);
    node.arg("xtask/tools/unpack.mjs").args([unpacker, packed, wasm]);
    run::stream(&mut node, "Do app/unpack.js, app/unpack.wat and xtask/src/pack.rs agree?")
}

fn joined(length: usize, streams: &Streams) -> Option<Vec<u8>> {
    let mut packed = MAGIC.to_vec();
    packed.extend(u32::try_from(length).ok()?.to_le_bytes());
    for stream in &streams.0 {
        packed.extend(u32::try_from(stream.len()).ok()?.to_le_bytes());
    }
    packed.extend(streams.0.concat());
    Some(packed)
}

/// Sets a program's functions apart; the rest of it stays as it is.
fn apart(wasm: &[u8]) -> Option<Streams> {
    const CODE: u8 = 10;
    let mut streams = Streams::default();
    let mut reader = Reader::new(wasm);
    reader.bytes(8)?;
    loop {
        let start = reader.place();
        let section = reader.byte()?;
        let length = reader.number()?;
        let body = reader.bytes(length)?;
        if section == CODE {
            streams.of(Stream::Before).extend(&wasm[..start]);
            streams.of(Stream::After).extend(&wasm[reader.place()..]);
            Functions::new(body, &mut streams).all()?;
            return Some(streams);
        }
    }
}

#[cfg(test)]
mod tests;
