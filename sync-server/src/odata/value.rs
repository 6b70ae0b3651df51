//! Values as `$filter` and `$orderby` compare them: exactly, and without mixing kinds.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// `Edm.String`.
    Text,
    /// `Edm.Int64` or `Edm.Decimal`; both compare as numbers.
    Number,
    /// `Edm.Boolean`.
    Truth,
    /// `Edm.Date`.
    Day,
    /// `Edm.DateTimeOffset`.
    Moment,
    /// `null`, which every kind has.
    Null,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// No value.
    Null,
    /// A text.
    Text(Cow<'a, str>),
    /// A number: so many units of so many places behind the point.
    Number(i128, u8),
    /// Yes or no.
    Truth(bool),
    /// Days since 1970-01-01.
    Day(i32),
    /// Seconds since 1970-01-01T00:00:00Z.
    Moment(i64),
}

/// Most places behind the point of a number in a query.
pub(super) const PLACES: u8 = 18;
/// Most digits before it, and behind it.
const DIGITS: usize = 18;

impl Value<'_> {
    /// Its kind.
    pub(super) fn kind(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Text(_) => Type::Text,
            Self::Number(..) => Type::Number,
            Self::Truth(_) => Type::Truth,
            Self::Day(_) => Type::Day,
            Self::Moment(_) => Type::Moment,
        }
    }

    /// A number as it is written in a query; none where it is none, or too long.
    pub(super) fn number(text: &str) -> Option<Self> {
        let (sign, plain) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let fits = |part: &str| part.len() <= DIGITS && part.bytes().all(|digit| digit.is_ascii_digit());
        if whole.is_empty() || !fits(whole) || !fits(fraction) || plain.ends_with('.') {
            return None;
        }
        let places = u8::try_from(fraction.len()).ok()?;
        let number: i128 = format!("{whole}{fraction}").parse().ok()?;
        Some(Self::Number(sign * number, places))
    }

    /// Which comes first; none where there is no order: null has none with others, nor have kinds among each other.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Number(a, places), Self::Number(b, others)) => {
                Some(scaled(*a, *places).cmp(&scaled(*b, *others)))
            }
            (Self::Truth(a), Self::Truth(b)) => Some(a.cmp(b)),
            (Self::Day(a), Self::Day(b)) => Some(a.cmp(b)),
            (Self::Moment(a), Self::Moment(b)) => Some(a.cmp(b)),
            (Self::Null, Self::Null) => Some(Ordering::Equal),
            _ => None,
        }
    }

    /// As [`Self::order`], null before everything else: the standard's order of rows.
    pub(super) fn order_of_rows(&self, other: &Self) -> Ordering {
        self.order(other).unwrap_or_else(|| (*self != Self::Null).cmp(&(*other != Self::Null)))
    }
}

/// A number in units of the last place there can be. 64 bits before the point and 18 places fit into 128 bits.
fn scaled(number: i128, places: u8) -> i128 {
    number.saturating_mul(10_i128.pow(u32::from(PLACES.saturating_sub(places))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly_whatever_their_places() {
        let number = |text| Value::number(text).unwrap();
        assert_eq!(number("88.23").order(&Value::Number(8_823, 2)), Some(Ordering::Equal));
        assert_eq!(number("-0.5").order(&number("-0.49")), Some(Ordering::Less));
        let most = Value::Number(i128::from(i64::MAX), 0);
        assert_eq!(most.order(&Value::Number(i128::from(i64::MAX) - 1, 0)), Some(Ordering::Greater));
        for text in ["", "-", "1.", ".5", "1e3", "1234567890123456789", "0x1", "NaN", "１"] {
            assert_eq!(Value::number(text), None, "{text}");
        }
    }

    #[test]
    fn null_stands_before_everything_in_rows_and_has_no_order_else() {
        let (null, text) = (Value::Null, Value::Text("".into()));
        assert_eq!(null.order(&text), None);
        assert_eq!(null.order_of_rows(&text), Ordering::Less);
        assert_eq!(text.order_of_rows(&null), Ordering::Greater);
    }
}
