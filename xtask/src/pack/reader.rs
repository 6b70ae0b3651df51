//! Reads wasm's bytes and numbers in order.

/// Bytes, and how far they are read.
pub struct Reader<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    pub fn place(&self) -> usize {
        self.place
    }

    pub fn is_at_end(&self) -> bool {
        self.place == self.bytes.len()
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    pub fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes.get(self.place..self.place.checked_add(count)?)?;
        self.place += count;
        Some(bytes)
    }

    /// The bytes of a number, seven bits in each.
    pub fn leb(&mut self) -> Option<&'a [u8]> {
        let length = self.bytes[self.place..].iter().take(10).position(|byte| byte & 0x80 == 0)? + 1;
        self.bytes(length)
    }

    /// A number without a sign, none where it is written longer than need be.
    pub fn number(&mut self) -> Option<usize> {
        let bytes = self.leb()?;
        let number = bytes.iter().rev().fold(0_u64, |number, byte| (number << 7) | u64::from(byte & 0x7f));
        (write(number) == bytes).then(|| usize::try_from(number).ok()).flatten()
    }
}

/// A number without a sign in as few bytes as it takes.
pub fn write(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7f);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
