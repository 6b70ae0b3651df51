//! Numbers for the choices of a question, where a format wants numbers.

use std::collections::BTreeSet;

use crate::exports::table::{Choice, Label, Missing};

/// Gives each choice a number: a name that is a whole number keeps it, the others get the numbers from 1 that are left,
/// in the order of the list. A number that stands for a missing value is given to no choice.
pub(super) fn numbered(choices: Vec<(String, Label)>) -> Vec<Choice> {
    let mut taken: BTreeSet<i32> = Missing::ALL.iter().map(|reason| reason.code()).collect();
    let own: Vec<Option<i32>> = choices
        .iter()
        .map(|(name, _)| {
            let number = name.parse::<i32>().ok().filter(|number| number.to_string() == *name);
            number.filter(|number| taken.insert(*number))
        })
        .collect();
    let mut next = 1;
    let number = |own: Option<i32>| {
        own.unwrap_or_else(|| {
            while !taken.insert(next) {
                next += 1;
            }
            next
        })
    };
    let codes: Vec<i32> = own.into_iter().map(number).collect();
    choices.into_iter().zip(codes).map(|((name, label), code)| Choice { code, name, label }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(names: &[&str]) -> Vec<i32> {
        let choices = names.iter().map(|name| ((*name).to_owned(), Label::default())).collect();
        numbered(choices).into_iter().map(|choice| choice.code).collect()
    }

    #[test]
    fn numbers_stay_and_words_are_numbered_around_them() {
        assert_eq!(codes(&["ya", "tidak"]), [1, 2]);
        assert_eq!(codes(&["4", "0", "99"]), [4, 0, 99]);
        assert_eq!(codes(&["ya", "2", "tidak", "1", "lain"]), [3, 2, 4, 1, 5]);
    }

    #[test]
    fn no_choice_gets_a_number_that_another_or_a_missing_value_has() {
        let [first, .., last] = Missing::ALL.map(|reason| reason.code().to_string());
        assert_eq!(codes(&["01", "1", &first, &last, "+5", "99999999999"]), [2, 1, 3, 4, 5, 6]);
    }
}
