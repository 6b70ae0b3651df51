//! The steps of a range, in whole numbers, so that 0.1 added ten times is 1.

use super::Question;

/// From `start` to `end` in steps, as the parameters of a range say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    start: i64,
    step: i64,
    /// Digits behind the point.
    digits: u32,
    /// How many steps there are; at least one.
    pub count: usize,
}

/// Most steps that a control offers.
const MOST: i64 = 100_000;

impl Question {
    /// The steps of a range; none where the parameters are none of a range.
    pub fn steps(&self) -> Option<Steps> {
        let text = |name: &str, usual: &'static str| self.parameters.get(name).map_or(usual, String::as_str);
        let texts = [text("start", "1"), text("end", "10"), text("step", "1")];
        let digits = texts.iter().map(|text| text.split_once('.').map_or(0, |(_, part)| part.len())).max()?;
        let digits = u32::try_from(digits).ok().filter(|digits| *digits <= 9)?;
        let mut whole = texts.iter().map(|text| scaled(text, digits));
        let (start, end, step) = (whole.next()??, whole.next()??, whole.next()??.abs());
        let distance = end.checked_sub(start)?;
        let steps = distance.abs().checked_div(step)?.min(MOST);
        let step = if distance < 0 { -step } else { step };
        Some(Steps { start, step, digits, count: usize::try_from(steps).ok()? + 1 })
    }
}

impl Steps {
    /// The answer at a step, from 0.
    pub fn text(&self, at: usize) -> String {
        let at = i64::try_from(at.min(self.count.saturating_sub(1))).unwrap_or(0);
        let whole = self.start.saturating_add(self.step.saturating_mul(at));
        let base = 10_i64.saturating_pow(self.digits);
        let (before, behind) = (whole.abs() / base, whole.abs() % base);
        let sign = if whole < 0 { "-" } else { "" };
        if behind == 0 {
            return format!("{sign}{before}");
        }
        let behind = format!("{behind:0width$}", width = usize::try_from(self.digits).unwrap_or(0));
        format!("{sign}{before}.{}", behind.trim_end_matches('0'))
    }

    /// The step that an answer stands at.
    pub fn place(&self, answer: &str) -> Option<usize> {
        let from_start = scaled(answer, self.digits)?.checked_sub(self.start)?;
        let exact = from_start.checked_rem(self.step)? == 0;
        let place = usize::try_from(from_start.checked_div(self.step)?).ok()?;
        (exact && place < self.count).then_some(place)
    }
}

/// A decimal as a whole number of its last digits; none where it has more digits.
fn scaled(text: &str, digits: u32) -> Option<i64> {
    let text = text.trim();
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (before, behind) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let behind = behind.trim_end_matches('0');
    let digits = usize::try_from(digits).ok()?;
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if before.is_empty() || !plain(before) || !plain(behind) || behind.len() > digits {
        return None;
    }
    let whole: i64 = format!("{before}{behind:0<digits$}").parse().ok()?;
    Some(if text.starts_with('-') { -whole } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(parameters: &[(&str, &str)]) -> Vec<String> {
        let parameters =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let steps = Question { parameters, ..Question::default() }.steps().unwrap();
        let texts: Vec<String> = (0..steps.count).map(|at| steps.text(at)).collect();
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(steps.place(text), Some(at), "{text}");
        }
        texts
    }

    #[test]
    fn steps_are_exact_and_may_go_down_and_below_zero() {
        assert_eq!(steps(&[("end", "3")]), ["1", "2", "3"]);
        assert_eq!(steps(&[("start", "1.5"), ("end", "3"), ("step", "0.5")]), ["1.5", "2", "2.5", "3"]);
        assert_eq!(steps(&[("start", "1"), ("end", "-1"), ("step", "1")]), ["1", "0", "-1"]);
        assert_eq!(
            steps(&[("start", "-0.2"), ("end", "0.1"), ("step", "0.1")]),
            ["-0.2", "-0.1", "0", "0.1"]
        );
        assert_eq!(steps(&[("start", "0"), ("end", "10"), ("step", "4")]), ["0", "4", "8"]);
    }
}
