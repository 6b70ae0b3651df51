//! Numbers and texts as the records of a system file hold them, smallest byte first.

/// A whole number of four bytes.
pub fn int(bytes: &mut Vec<u8>, number: i32) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

/// A length or count.
pub fn count(bytes: &mut Vec<u8>, count: usize) {
    int(bytes, i32::try_from(count).unwrap_or(i32::MAX));
}

/// A double.
pub fn double(bytes: &mut Vec<u8>, number: f64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

/// A text in a field of this width, filled up with blanks.
pub fn field(bytes: &mut Vec<u8>, text: &str, width: usize) {
    let end = bytes.len() + width;
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(end, b' ');
}

/// An extension record: its number, the size of its elements, and all of them.
pub fn extension(bytes: &mut Vec<u8>, number: i32, size: usize, content: &[u8]) {
    int(bytes, 7);
    int(bytes, number);
    count(bytes, size);
    count(bytes, content.len() / size.max(1));
    bytes.extend_from_slice(content);
}

/// What is wanted to come to a multiple.
pub fn filled(length: usize, multiple: usize) -> usize {
    length.next_multiple_of(multiple)
}
