//! The mark of a row: where it stands among its siblings, or that it was removed, and how often it was touched.

/// Stands in a mark in place of the order.
const REMOVED: &str = "removed";

/// What is stored for a row, as `order~touch` or `removed~touch`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    /// Where the row stands among its siblings; nothing where it was removed.
    pub(crate) order: Option<f64>,
    /// Raised by every change that writes in the row.
    pub(crate) touch: u64,
}

impl Mark {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (place, touch) = text.rsplit_once('~')?;
        let order = if place == REMOVED {
            None
        } else {
            Some(place.parse::<f64>().ok().filter(|order| order.is_finite())?)
        };
        Some(Self { order, touch: touch.parse().ok()? })
    }

    pub(crate) fn text(self) -> String {
        match self.order {
            Some(order) => format!("{order}~{}", self.touch),
            None => format!("{REMOVED}~{}", self.touch),
        }
    }
}

/// An order between two siblings, or behind the last one, or the first of all.
pub(crate) fn order_between(before: Option<f64>, behind: Option<f64>) -> f64 {
    match (before, behind) {
        (Some(before), Some(behind)) => before.midpoint(behind),
        (Some(before), None) => before + 1.0,
        (None, Some(behind)) => behind - 1.0,
        (None, None) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_what_it_writes() {
        for mark in [
            Mark { order: Some(1.0), touch: 0 },
            Mark { order: Some(1.5), touch: 12 },
            Mark { order: Some(-0.125), touch: u64::MAX },
            Mark { order: None, touch: 3 },
        ] {
            assert_eq!(Mark::parse(&mark.text()), Some(mark));
        }
        assert_eq!(Mark { order: Some(1.0), touch: 0 }.text(), "1~0");
        for wrong in ["", "~", "1", "1~", "x~1", "NaN~1", "inf~1", "1~-1"] {
            assert_eq!(Mark::parse(wrong), None, "{wrong}");
        }
    }
}
