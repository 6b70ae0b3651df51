//! Photos on their way: how much to send at once (less on a line that breaks, more on one that holds), and what to do
//! after each answer.

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

/// One photo while it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Sending {
    length: u32,
    held: u32,
    began_anew: bool,
}

/// What to do with a photo after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Send the part that begins at [`Sending::held`].
    Part,
    /// All of it is on the server.
    Whole,
    /// Its turn comes in a later round, once its record is there.
    Later,
    /// The server does not want it.
    Refused,
    /// The server took a part and holds no more than before; try in a later round.
    Stuck,
}

impl Sending {
    /// A photo of `length` bytes of which the server says that it holds so many.
    pub fn new(length: u32, held: u32) -> Self {
        Self { length, held, began_anew: false }
    }

    /// Bytes that the server holds.
    pub fn held(&self) -> u32 {
        self.held
    }

    /// The server holds so many bytes now.
    pub fn holds(&mut self, now: u32) -> Next {
        if now >= self.length {
            return Next::Whole;
        }
        if now == self.held {
            return Next::Stuck;
        }
        self.held = now;
        Next::Part
    }

    /// The server refused a part, with this code. Where the parts together made another content, some that it held were
    /// spoiled, as by a loss of power, and it has dropped them: the photo starts again. Where it is another content
    /// again, it is refused.
    pub fn refused(&mut self, code: &str) -> Next {
        match code {
            "unknown-record" => Next::Later,
            "hash" if !self.began_anew => {
                (self.held, self.began_anew) = (0, true);
                Next::Part
            }
            _ => Next::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_whose_parts_were_spoiled_starts_again_once_and_is_then_refused() {
        let mut photo = Sending::new(100, 60);
        assert_eq!((photo.refused("hash"), photo.held()), (Next::Part, 0));
        assert_eq!((photo.holds(50), photo.held()), (Next::Part, 50));
        assert_eq!(photo.holds(100), Next::Whole);
        assert_eq!(photo.refused("hash"), Next::Refused);
    }

    #[test]
    fn a_photo_goes_on_where_the_server_says_and_waits_for_its_record() {
        let mut photo = Sending::new(100, 60);
        assert_eq!((photo.holds(20), photo.held()), (Next::Part, 20), "another server holds less");
        assert_eq!(photo.holds(20), Next::Stuck);
        assert_eq!(photo.refused("unknown-record"), Next::Later);
        assert_eq!(photo.refused("past-end"), Next::Refused);
        assert_eq!(photo.refused("hash"), Next::Part, "what another code says is not counted");
    }

    #[test]
    fn parts_shrink_and_grow_within_their_bounds() {
        let mut parts = Parts::default();
        (0..10).for_each(|_| parts.failed());
        assert_eq!(parts.size(), Parts::FEWEST);
        (0..10).for_each(|_| parts.went());
        assert_eq!(parts.size(), Parts::MOST);
    }
}
