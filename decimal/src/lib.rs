//! Numbers from decimal text, to the last bit as `str::parse::<f64>` reads them. The standard library does so by tables
//! of 12 kB that no compression makes smaller; phones download this instead.
//!
//! Few digits are reckoned in floating point, where that is exact; all else in whole numbers of any length, bit by bit.

mod whole;

use std::cmp::Ordering;

use whole::Whole;

/// More digits decide nothing; whether any of them is not 0 may.
const DIGITS: usize = 800;
/// Powers of ten up to this one are exact in floating point, and so is what is multiplied or divided by them once.
const EXACT_POWER: i32 = 22;
const EXACT_DIGITS: usize = 15;
/// Bits of a number that is not too small.
const BITS: i32 = 53;
const LEAST_EXPONENT: i32 = -1022;

/// The number nearest to what the text says, the even one of two: a sign, digits with a point, an exponent, or `inf`,
/// `infinity`, `nan`. None where `str::parse::<f64>` gives an error.
pub fn parse(text: &str) -> Option<f64> {
    let (is_negative, size) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let number = named(size).or_else(|| Some(Written::read(size)?.number()))?;
    Some(if is_negative { -number } else { number })
}

fn named(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("nan") {
        Some(f64::NAN)
    } else if text.eq_ignore_ascii_case("inf") || text.eq_ignore_ascii_case("infinity") {
        Some(f64::INFINITY)
    } else {
        None
    }
}

/// What is written: digits without zeros in front, and the power of ten that the last of them counts.
struct Written {
    digits: Vec<u8>,
    exponent: i32,
}

impl Written {
    fn read(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent_of(exponent)?),
            None => (text, 0),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all = || whole.bytes().chain(part.bytes());
        if whole.len() + part.len() == 0 || !all().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut digits: Vec<u8> = all().map(|byte| byte - b'0').skip_while(|digit| *digit == 0).collect();
        let mut exponent = exponent.saturating_sub(i32::try_from(part.len()).unwrap_or(i32::MAX));
        if digits.len() > DIGITS {
            let cut = digits.split_off(DIGITS);
            digits.push(u8::from(cut.iter().any(|digit| *digit != 0)));
            exponent = exponent.saturating_add(i32::try_from(cut.len() - 1).unwrap_or(i32::MAX));
        }
        Some(Self { digits, exponent })
    }

    fn number(&self) -> f64 {
        // The power of ten that the first digit counts, and one more.
        let size = i32::try_from(self.digits.len()).unwrap_or(i32::MAX).saturating_add(self.exponent);
        if self.digits.is_empty() || size < -400 {
            return 0.0;
        }
        if size > 400 {
            return f64::INFINITY;
        }
        if self.digits.len() <= EXACT_DIGITS && self.exponent.abs() <= EXACT_POWER {
            return self.exact();
        }
        let mut above = Whole::of_digits(&self.digits);
        let mut below = Whole::of_digits(&[1]);
        let scaled = if self.exponent < 0 { &mut below } else { &mut above };
        for _ in 0..self.exponent.abs() {
            scaled.times_ten_and(0);
        }
        nearest(above, below)
    }

    fn exact(&self) -> f64 {
        let digits = self.digits.iter().fold(0.0, |number, digit| number * 10.0 + f64::from(*digit));
        let power = (0..self.exponent.abs()).fold(1.0, |power, _| power * 10.0);
        if self.exponent < 0 { digits / power } else { digits * power }
    }
}

fn exponent_of(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits
        .bytes()
        .fold(0_i32, |size, byte| size.saturating_mul(10).saturating_add(i32::from(byte - b'0')));
    // Longer texts than this there are none, so nothing brings a larger exponent back.
    let size = size.min(i32::MAX / 2);
    Some(if text.starts_with('-') { -size } else { size })
}

/// The number nearest to a fraction of numbers that are not 0.
fn nearest(mut above: Whole, mut below: Whole) -> f64 {
    // The fraction is made at least 1 and less than 2, by a power of two.
    let mut exponent = above.bits() - below.bits();
    if exponent > 0 {
        below.double(exponent);
    } else {
        above.double(-exponent);
    }
    if above.compare(&below) == Ordering::Less {
        exponent -= 1;
        above.double(1);
    }
    if exponent > 1023 {
        return f64::INFINITY;
    }
    // Very small numbers have fewer bits.
    let bits = BITS - (LEAST_EXPONENT - exponent).max(0);
    if bits < 0 {
        return 0.0;
    }
    let mut number = 0_u64;
    for _ in 0..bits {
        number <<= 1;
        if above.compare(&below) != Ordering::Less {
            above.less(&below);
            number |= 1;
        }
        above.double(1);
    }
    let is_up = match above.compare(&below) {
        Ordering::Less => false,
        Ordering::Equal => number & 1 == 1,
        Ordering::Greater => true,
    };
    // The first bit is implied by the exponent, where that is not the least; a carry makes the exponent one more.
    let exponent = u64::try_from(exponent - LEAST_EXPONENT).unwrap_or(0);
    f64::from_bits((exponent << (BITS - 1)) + number + u64::from(is_up))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;

    fn reads_as_the_standard_library(text: &str) {
        let (ours, theirs) = (parse(text), text.parse::<f64>().ok());
        assert_eq!(ours.map(f64::to_bits), theirs.map(f64::to_bits), "{text}: {ours:?} {theirs:?}");
    }

    #[test]
    fn every_edge_is_read_to_the_last_bit() {
        let texts = [
            "0",
            "-0",
            "1",
            "+1",
            "1.",
            ".5",
            "00.50",
            "0.1",
            "0.3",
            "123456789012345678901234567890",
            "1e22",
            "1e23",
            "9007199254740993",
            "9007199254740992.5",
            "9007199254740993.0000000000000000000000001",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e309",
            "1e400",
            "1e99999999999",
            "-1e999",
            "0e99999999999",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "4.9406564584124654e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "5e-324",
            "3e-324",
            "1e-400",
            "1e-99999999999",
            "inf",
            "-Infinity",
            "NaN",
        ];
        texts.into_iter().for_each(reads_as_the_standard_library);
        for size in [799, 800, 801, 900] {
            reads_as_the_standard_library(&format!("0.{}1e10", "0".repeat(size)));
            reads_as_the_standard_library(&format!("9007199254740993.{}1", "0".repeat(size)));
            reads_as_the_standard_library(&format!("{}e-{size}", "7".repeat(size)));
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", "-", "+", ".", "e", "e5", ".e5", "1e", "1e+", "1e1.5", "1 ", " 1", "0x1", "1_0", "--1",
            "1.2.3", "∞", "nano",
        ] {
            assert_eq!((parse(text), text.parse::<f64>().is_err()), (None, true), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn what_is_written_of_a_number_is_read_back(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            reads_as_the_standard_library(&number.to_string());
            reads_as_the_standard_library(&format!("{number:e}"));
        }

        #[test]
        fn any_digits_are_read_to_the_last_bit(text in "[-+]?[0-9]{0,25}\\.?[0-9]{0,25}(e-?[0-9]{1,3})?") {
            reads_as_the_standard_library(&text);
        }

        #[test]
        fn the_middle_between_two_numbers_goes_to_the_even_one(whole in (1_u64 << 53)..(1 << 62)) {
            reads_as_the_standard_library(&whole.to_string());
            reads_as_the_standard_library(&format!("{whole}e-30"));
        }
    }
}
