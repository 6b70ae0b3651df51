//! What is fuzzed: each parser that meets bytes from the network, and the one that meets workbooks, with the rules that hold for whatever it says.

mod change;
mod import;
mod photo;
mod reconcile;
mod wire;
mod workbook;

/// Runs one input: what the target said, as a short text that is the same for inputs that go the same way; or which of
/// its rules is broken.
pub type Run = Box<dyn FnMut(&[u8]) -> Result<String, String>>;

/// One parser.
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Makes what it runs on.
    pub start: fn() -> Run,
    /// Sound inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Puts right what would keep a mutant at the door, such as a checksum.
    pub mend: fn(Vec<u8>) -> Vec<u8>,
}

/// All of them.
pub const TARGETS: [Target; 9] = [
    change::TARGET,
    wire::BATCH,
    wire::ATTESTATION,
    wire::HAVE,
    import::TARGET,
    photo::TARGET,
    reconcile::TARGET,
    workbook::WORKBOOK,
    workbook::SHEET,
];

/// Leaves a mutant as it is.
fn as_is(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

/// An error as a short text: without its numbers, of which there are too many.
fn kind_of(error: &impl std::fmt::Display) -> String {
    error.to_string().chars().filter(|letter| !letter.is_ascii_digit()).take(80).collect()
}

/// A number by its length in bits.
fn size_of(number: usize) -> u32 {
    usize::BITS - number.leading_zeros()
}

/// A visit to write in; none only where its own texts were no slugs.
fn visit() -> Option<replica::Genesis> {
    Some(replica::Genesis {
        kind: replica::RecordKind::Visit,
        office: "babel".parse().ok()?,
        round: "2026".parse().ok()?,
        unit: "kota-pangkalpinang-dukcapil".parse().ok()?,
        instrument: replica::ContentHash::new([5; 32]),
        nonce: None,
    })
}
