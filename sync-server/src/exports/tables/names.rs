//! Names of columns and tables that differ, whatever the instrument calls its questions.

use std::collections::BTreeSet;

use crate::exports::table::{NAME, Name};

/// The names that are taken.
#[derive(Debug, Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// The first of these texts that makes a name which is free; where none is, the first one with a number behind it.
    /// What comes out follows from what was taken before, and from nothing else.
    pub fn take(&mut self, wishes: &[&str]) -> Name {
        let free = wishes.iter().map(|wish| Name::near(wish)).find(|name| !self.0.contains(name.as_str()));
        let name = free.unwrap_or_else(|| self.numbered(wishes.first().copied().unwrap_or_default()));
        self.0.insert(name.as_str().to_owned());
        name
    }

    fn numbered(&self, wish: &str) -> Name {
        let base = Name::near(wish);
        let mut number = 2_usize;
        loop {
            let end = format!("_{number}");
            let kept: String = base.as_str().chars().take(NAME - end.len()).collect();
            let name = Name::near(&(kept + &end));
            if !self.0.contains(name.as_str()) {
                return name;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(wishes: &[&[&str]]) -> Vec<String> {
        let mut names = Names::default();
        wishes.iter().map(|of| names.take(of).to_string()).collect()
    }

    #[test]
    fn names_that_would_be_the_same_are_told_apart_by_their_group_and_then_by_a_number() {
        let names = taken(&[&["Foto", "a_foto"], &["foto", "b_foto"], &["foto", "b_foto"], &["FOTO"]]);
        assert_eq!(names, ["foto", "b_foto", "foto_2", "foto_3"]);
    }

    #[test]
    fn any_text_becomes_a_name_and_names_that_are_cut_still_differ() {
        let long = "persyaratan_yang_dipampang_di_loket_pertama";
        let texts: [&[&str]; 9] =
            [&[long], &[long], &["1a"], &["if"], &["str12"], &[""], &["é-ü"], &["Ünit"], &["_x"]];
        let names = taken(&texts);
        assert_eq!(names[0].len(), NAME);
        assert_eq!(names[1].len(), NAME);
        assert_ne!(names[0], names[1]);
        assert_eq!(names[2..], ["q_1a", "if_", "str12_", "q_", "q____", "q__nit", "q__x"]);
        for name in names {
            assert!(Name::try_from(name.clone()).is_ok(), "{name}");
        }
    }
}
