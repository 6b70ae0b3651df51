//! Exact figures: fractions while a score is worked out, hundredths once it is published.

use std::fmt;
use std::str::FromStr;

use num_rational::Ratio;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An exact fraction. Sums do not depend on their order, and nothing is rounded on the way.
///
/// As text (and JSON) a decimal where it ends within [`DIGITS`] digits (`21.85`), else a fraction (`2/3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Exact(Ratio<i128>);

/// A figure with two decimals, as scores are published; negative only as a difference. JSON text: `"93.71"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Score(i64);

/// Digits after the point that are written of a fraction that ends.
pub const DIGITS: u32 = 12;
/// Digits after the point that are read: as many as programs write of a mean.
const READ: u32 = 18;
/// Digits before the point that are read.
const WHOLE: usize = 15;

/// A text is not a figure, or a figure does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FigureError {
    /// Not a decimal.
    #[error("`{0}` is not a number; write digits with a point, such as 88.23")]
    NotANumber(String),
    /// The fractions became longer than 38 digits: very many different counts meet in one score.
    #[error("the figures that meet in this score are too long to reckon exactly")]
    TooLong,
}

impl Exact {
    /// 0.
    pub const ZERO: Self = Self(Ratio::new_raw(0, 1));
    /// 1.
    pub const ONE: Self = Self(Ratio::new_raw(1, 1));
    /// 100.
    pub const HUNDRED: Self = Self(Ratio::new_raw(100, 1));

    /// `numerator / denominator`; none where the denominator is 0.
    pub fn fraction(numerator: i128, denominator: i128) -> Option<Self> {
        (denominator != 0).then(|| Self(Ratio::new(numerator, denominator)))
    }

    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self(Ratio::from_integer(i128::from(number)))
    }

    /// How many of something there are.
    pub fn count(number: usize) -> Self {
        Self::whole(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// The sum.
    ///
    /// # Errors
    /// [`FigureError::TooLong`]; so do all of these.
    pub fn plus(self, other: Self) -> Result<Self, FigureError> {
        self.both(other, |a, b, c, d| a.checked_mul(d)?.checked_add(c.checked_mul(b)?))
    }

    /// The difference.
    ///
    /// # Errors
    /// See [`Exact::plus`].
    pub fn minus(self, other: Self) -> Result<Self, FigureError> {
        self.both(other, |a, b, c, d| a.checked_mul(d)?.checked_sub(c.checked_mul(b)?))
    }

    /// The product.
    ///
    /// # Errors
    /// See [`Exact::plus`].
    pub fn times(self, other: Self) -> Result<Self, FigureError> {
        // Crosswise shortened first, so that it overflows only where the result does.
        let (left, right) =
            (Ratio::new(*self.0.numer(), *other.0.denom()), Ratio::new(*other.0.numer(), *self.0.denom()));
        let numerator = left.numer().checked_mul(*right.numer()).ok_or(FigureError::TooLong)?;
        let denominator = left.denom().checked_mul(*right.denom()).ok_or(FigureError::TooLong)?;
        Ok(Self(Ratio::new(numerator, denominator)))
    }

    /// The quotient; none where `other` is 0.
    ///
    /// # Errors
    /// See [`Exact::plus`].
    pub fn over(self, other: Self) -> Result<Option<Self>, FigureError> {
        Self::fraction(*other.0.denom(), *other.0.numer()).map(|inverse| self.times(inverse)).transpose()
    }

    /// The sum of all.
    ///
    /// # Errors
    /// See [`Exact::plus`].
    pub fn sum(of: impl IntoIterator<Item = Self>) -> Result<Self, FigureError> {
        of.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Rounded to two decimals, halves up (away from 0).
    ///
    /// # Errors
    /// See [`Exact::plus`].
    pub fn rounded(self) -> Result<Score, FigureError> {
        let hundredths = self.times(Self::HUNDRED)?.0.round().to_integer();
        i64::try_from(hundredths).map(Score).map_err(|_| FigureError::TooLong)
    }

    /// True below 0.
    pub fn is_negative(self) -> bool {
        *self.0.numer() < 0
    }

    /// Takes two fractions to one over their least common denominator.
    fn both(
        self,
        other: Self,
        numerator: impl Fn(i128, i128, i128, i128) -> Option<i128>,
    ) -> Result<Self, FigureError> {
        let (a, b) = (*self.0.numer(), *self.0.denom());
        let (c, d) = (*other.0.numer(), *other.0.denom());
        let shortened = Ratio::new(b, d);
        // b / d = short_b / short_d, so the least common denominator is b * short_d.
        let (short_b, short_d) = (*shortened.numer(), *shortened.denom());
        let denominator = b.checked_mul(short_d).ok_or(FigureError::TooLong)?;
        let numerator = numerator(a, short_b, c, short_d).ok_or(FigureError::TooLong)?;
        Ok(Self(Ratio::new(numerator, denominator)))
    }
}

impl Score {
    /// From hundredths: 8823 is 88.23.
    pub fn hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// From whole points: 90 is 90.00.
    pub const fn of_points(points: i32) -> Self {
        // `From` is not for constants; an i32 times 100 fits.
        Self(points as i64 * 100)
    }

    /// In hundredths.
    pub fn in_hundredths(self) -> i64 {
        self.0
    }

    /// The same figure, to reckon with.
    pub fn exact(self) -> Exact {
        Exact(Ratio::new(i128::from(self.0), 100))
    }
}

impl From<Score> for Exact {
    fn from(score: Score) -> Self {
        score.exact()
    }
}

impl FromStr for Exact {
    type Err = FigureError;

    fn from_str(text: &str) -> Result<Self, FigureError> {
        let wrong = || FigureError::NotANumber(text.chars().take(40).collect());
        if let Some((numerator, denominator)) = text.split_once('/') {
            let (numerator, denominator) = (numerator.parse().ok(), denominator.parse().ok());
            return numerator.zip(denominator).and_then(|(n, d)| Self::fraction(n, d)).ok_or_else(wrong);
        }
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let only_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let places = u32::try_from(part.len()).unwrap_or(u32::MAX);
        let fits = !whole.is_empty() && whole.len() <= WHOLE && places <= READ && !digits.ends_with('.');
        if !fits || !only_digits(whole) || !only_digits(part) {
            return Err(wrong());
        }
        let number: i128 = format!("{whole}{part}").parse().map_err(|_| wrong())?;
        let scale = 10_i128.checked_pow(places).ok_or_else(wrong)?;
        Self::fraction(if negative { -number } else { number }, scale).ok_or_else(wrong)
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (numerator, denominator) = (*self.0.numer(), *self.0.denom());
        let ends = (0..=DIGITS).find_map(|places| {
            let scale = 10_i128.checked_pow(places)?;
            let times = scale.checked_div(denominator).filter(|times| times * denominator == scale)?;
            Some((numerator.checked_mul(times)?, scale, usize::try_from(places).ok()?))
        });
        match ends {
            Some((number, _, 0)) => write!(f, "{number}"),
            Some((number, scale, places)) => {
                let sign = if number < 0 { "-" } else { "" };
                let (whole, part) = (
                    number.unsigned_abs() / scale.unsigned_abs(),
                    number.unsigned_abs() % scale.unsigned_abs(),
                );
                write!(f, "{sign}{whole}.{part:0places$}")
            }
            None => write!(f, "{numerator}/{denominator}"),
        }
    }
}

impl FromStr for Score {
    type Err = FigureError;

    /// At most two decimals.
    fn from_str(text: &str) -> Result<Self, FigureError> {
        let exact: Exact = text.parse()?;
        let score = exact.rounded()?;
        if score.exact() == exact { Ok(score) } else { Err(FigureError::NotANumber(text.to_owned())) }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

impl TryFrom<String> for Exact {
    type Error = FigureError;

    fn try_from(text: String) -> Result<Self, FigureError> {
        text.parse()
    }
}

impl From<Exact> for String {
    fn from(exact: Exact) -> Self {
        exact.to_string()
    }
}

impl TryFrom<String> for Score {
    type Error = FigureError;

    fn try_from(text: String) -> Result<Self, FigureError> {
        text.parse()
    }
}

impl From<Score> for String {
    fn from(score: Score) -> Self {
        score.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn figures_are_read_and_written_as_people_write_them() {
        for text in ["0", "88.23", "-2.86", "1/3", "12.22", "-1/7", "100"] {
            assert_eq!(exact(text).to_string(), text);
        }
        assert_eq!(exact("88.50").to_string(), "88.5");
        let long = exact("93.70857142857143");
        assert_eq!(long.rounded().unwrap().to_string(), "93.71");
        assert_eq!(exact(&long.to_string()), long);
        for wrong in
            ["", ".", "1.", ".5", "1,5", "1e3", "--1", "1/0", "nan", "1.1234567890123456789", "+1", " 1"]
        {
            assert!(wrong.parse::<Exact>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn halves_round_up_and_thirds_lose_nothing() {
        let third = exact("1/3");
        assert_eq!(Exact::sum([third, third, third]).unwrap(), Exact::ONE);
        for (figure, score) in
            [("93.2775", "93.28"), ("0.005", "0.01"), ("83.50799", "83.51"), ("-0.005", "-0.01")]
        {
            assert_eq!(exact(figure).rounded().unwrap().to_string(), score);
        }
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_itself(a in -9999i64..9999, b in 1i64..999, c in -9999i64..9999, d in 1i64..999) {
            let x = Exact::fraction(a.into(), b.into()).unwrap();
            let y = Exact::fraction(c.into(), d.into()).unwrap();
            prop_assert_eq!(x.plus(y).unwrap().minus(y).unwrap(), x);
            prop_assert_eq!(x.plus(y).unwrap(), y.plus(x).unwrap());
            if c != 0 {
                prop_assert_eq!(x.times(y).unwrap().over(y).unwrap(), Some(x));
            }
            prop_assert_eq!(x.to_string().parse::<Exact>().unwrap(), x);
            prop_assert!(x.minus(x.rounded().unwrap().exact()).unwrap() <= exact("0.005"));
        }
    }
}
