//! Whether a text is an answer of its question's type, and the form in which it is stored.

use crate::expression::is_day;
use crate::instrument::{Question, QuestionKind};
use crate::session::Session;
use crate::session::answer::AnswerError;
use crate::session::instances::InstanceId;

impl Session {
    /// A text that is not blank, as it is stored.
    pub(crate) fn typed(
        &self,
        at: InstanceId,
        question: &Question,
        value: &str,
    ) -> Result<String, AnswerError> {
        use QuestionKind as Q;
        let fits = |fits: bool, error: AnswerError| if fits { Ok(value.to_owned()) } else { Err(error) };
        let offset = || offset_of(&self.clock.now);
        match question.kind {
            Q::Decimal => fits(is_decimal(value), AnswerError::NotANumber),
            Q::Range if question.is_decimal_range() => fits(is_decimal(value), AnswerError::NotANumber),
            Q::Integer | Q::Range => fits(is_integer(value), AnswerError::NotAnInteger),
            Q::Date => fits(is_day(value), AnswerError::NotADate),
            Q::Time => time(value, offset()).ok_or(AnswerError::NotATime),
            Q::DateTime => date_time(value, offset()).ok_or(AnswerError::NotATime),
            Q::Acknowledge => fits(value == "OK", AnswerError::NotAnAcknowledgement),
            Q::Image => fits(is_hash(value), AnswerError::NotAPhoto),
            kind if kind.is_file() => fits(is_file(value), AnswerError::NotAFile),
            Q::Geopoint | Q::StartGeopoint | Q::BackgroundGeopoint => {
                fits(is_place(value), AnswerError::NotAPlace)
            }
            Q::Geotrace => fits(are_places(value, 2), AnswerError::NotAPlace),
            Q::Geoshape => fits(are_places(value, 3) && is_closed(value), AnswerError::NotAPlace),
            Q::SelectOne if self.is_offered(at, question, value) => Ok(value.to_owned()),
            Q::SelectOne => Err(AnswerError::NotAChoice(value.to_owned())),
            Q::SelectMultiple | Q::Rank => self.several(at, question, value),
            _ => Ok(value.to_owned()),
        }
    }

    /// Names joined by one blank, each once, in the order given.
    fn several(&self, at: InstanceId, question: &Question, value: &str) -> Result<String, AnswerError> {
        let mut names: Vec<&str> = Vec::new();
        for name in value.split_whitespace() {
            if !self.is_offered(at, question, name) {
                return Err(AnswerError::NotAChoice(name.to_owned()));
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names.join(" "))
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|b| b.is_ascii_digit()) && text.parse::<i64>().is_ok()
}

/// Digits with an optional minus and point, as `XPath` reads numbers.
pub(crate) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// A hash and the end of a file's name: `.mp3`, `.pdf`.
fn is_file(text: &str) -> bool {
    let Some((hash, end)) = text.split_once('.') else { return is_hash(text) };
    is_hash(hash)
        && (1..=8).contains(&end.len())
        && end.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

fn is_place(text: &str) -> bool {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let numbers: Vec<f64> =
        parts.iter().filter(|part| is_decimal(part)).filter_map(|part| part.parse().ok()).collect();
    let within = |index: usize, bound: f64| numbers.get(index).is_some_and(|number| number.abs() <= bound);
    (2..=4).contains(&parts.len()) && numbers.len() == parts.len() && within(0, 90.0) && within(1, 180.0)
}

fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|place| !place.is_empty())
}

fn are_places(text: &str, least: usize) -> bool {
    places(text).all(is_place) && places(text).count() >= least
}

/// The last place is the first one again.
fn is_closed(text: &str) -> bool {
    let corner = |place: &str| place.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>();
    places(text).next().map(corner) == places(text).last().map(corner)
}

/// `+07:00` out of a local time with its offset; none in one without.
fn offset_of(now: &str) -> &str {
    let at = now.get(19..).and_then(|rest| rest.find(['+', '-', 'Z'])).map(|at| at + 19);
    at.and_then(|at| now.get(at..)).unwrap_or("")
}

/// `10:11`, `10:11:12`, `10:11:12.000+07:00`; what is missing is filled up.
fn time(text: &str, offset: &str) -> Option<String> {
    let end = text.find(['+', '-', 'Z']).unwrap_or(text.len());
    let (clock, own_offset) = text.split_at_checked(end)?;
    let (whole, part) = clock.split_once('.').unwrap_or((clock, "000"));
    let mut numbers = whole.split(':');
    let mut number = |below: u8| {
        let text = numbers.next().unwrap_or("00");
        text.parse::<u8>().ok().filter(|number| text.len() == 2 && *number < below)
    };
    let (hour, minute, second) = (number(24)?, number(60)?, number(60)?);
    let exact = whole.contains(':')
        && numbers.next().is_none()
        && (1..=6).contains(&part.len())
        && part.bytes().all(|b| b.is_ascii_digit());
    let offset = if own_offset.is_empty() { offset } else { own_offset };
    let part = part.get(..3).unwrap_or(part);
    (exact && is_offset(offset)).then(|| format!("{hour:02}:{minute:02}:{second:02}.{part:0<3}{offset}"))
}

fn is_offset(text: &str) -> bool {
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    match text.strip_prefix(['+', '-']) {
        Some(rest) => {
            rest.split_once(':').map_or(digits(rest), |(hour, minute)| digits(hour) && digits(minute))
        }
        None => matches!(text, "" | "Z"),
    }
}

fn date_time(text: &str, offset: &str) -> Option<String> {
    let (day, clock) = text.split_once('T')?;
    Some(format!("{day}T{}", time(clock, offset).filter(|_| is_day(day))?))
}
