//! Whole numbers of any length, with what it takes to divide them bit by bit.

use std::cmp::Ordering;

/// A number in parts of 32 bits, the lowest first, the last not 0.
pub struct Whole(Vec<u32>);

impl Whole {
    /// The number of these decimal digits.
    pub fn of_digits(digits: &[u8]) -> Self {
        let mut number = Self(Vec::new());
        for digit in digits {
            number.times_ten_and(*digit);
        }
        number
    }

    /// Ten times itself, and so much more.
    pub fn times_ten_and(&mut self, more: u8) {
        let mut carry = u32::from(more);
        for part in &mut self.0 {
            let product = u64::from(*part) * 10 + u64::from(carry);
            *part = low(product);
            carry = low(product >> 32);
        }
        self.0.extend((carry != 0).then_some(carry));
    }

    /// Doubles it so many times.
    pub fn double(&mut self, times: i32) {
        let times = times.unsigned_abs();
        let mut carry = 0;
        for part in &mut self.0 {
            let shifted = (u64::from(*part) << (times % 32)) | u64::from(carry);
            *part = low(shifted);
            carry = low(shifted >> 32);
        }
        self.0.extend((carry != 0).then_some(carry));
        self.0.splice(0..0, (0..times / 32).map(|_| 0));
    }

    /// Takes away one that is not larger.
    pub fn less(&mut self, other: &Self) {
        let mut borrow = 0;
        for (at, part) in self.0.iter_mut().enumerate() {
            let taken = u64::from(other.0.get(at).copied().unwrap_or(0)) + borrow;
            borrow = u64::from(u64::from(*part) < taken);
            *part = low((borrow << 32) + u64::from(*part) - taken);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    pub fn compare(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// How many bits it has, from the highest that is set.
    pub fn bits(&self) -> i32 {
        let unused = self.0.last().map_or(0, |part| part.leading_zeros());
        i32::try_from(self.0.len() * 32).unwrap_or(i32::MAX) - unused.cast_signed()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low part is what is asked for")]
const fn low(number: u64) -> u32 {
    number as u32
}
