//! How much of a photo to send at once: less on a line that breaks, more on one that holds.

/// The size of the next part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts(usize);

impl Parts {
    /// The smallest, in bytes.
    pub const FEWEST: usize = 16 * 1024;
    /// The largest that the server takes, in bytes.
    pub const MOST: usize = 256 * 1024;

    /// Bytes of the next part.
    pub fn size(self) -> usize {
        self.0
    }

    /// A part went: the next may be larger.
    pub fn went(&mut self) {
        self.0 = (self.0 * 2).min(Self::MOST);
    }

    /// A part did not go, and all of it has to be sent again: the next is smaller.
    pub fn failed(&mut self) {
        self.0 = (self.0 / 2).max(Self::FEWEST);
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self(Self::FEWEST * 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_shrink_and_grow_within_their_bounds() {
        let mut parts = Parts::default();
        (0..10).for_each(|_| parts.failed());
        assert_eq!(parts.size(), Parts::FEWEST);
        (0..10).for_each(|_| parts.went());
        assert_eq!(parts.size(), Parts::MOST);
    }
}
