//! A question's answers as columns of cells.

use crate::exports::calendar::{day_of, moment_of};
use crate::exports::table::{Cell, Column, Kind, Label, Missing};
use crate::exports::tables::choices::numbered;
use crate::exports::tables::names::Names;
use crate::exports::tables::plan::{Asked, Storage};
use crate::exports::tables::words::{label, yes_or_no};

/// Places of latitude and longitude: about a centimetre.
const PLACES: u8 = 7;
/// Most places that a decimal keeps.
const MOST_PLACES: usize = 9;

/// What a record says to a question.
pub(super) type Said = Result<String, Missing>;

/// A column with a cell for each row.
pub(super) type Filled = (Column, Vec<Cell>);

/// The columns of a question. Where one of the answers is not of the question's type, which an older or foreign form
/// can bring about, the column holds texts, so that nothing is lost.
pub(super) fn columns(asked: &Asked, said: &[Said], names: &mut Names) -> Vec<Filled> {
    let whole = asked.chain.join("_");
    let own = asked.chain.last().map_or("", String::as_str);
    let name = names.take(&[own, &whole]);
    let column = |kind| Column { name: name.clone(), label: asked.label.clone(), kind };
    let texts = || {
        vec![(column(Kind::Text), each(said, |text| Some(Cell::Text(text.to_owned()))).unwrap_or_default())]
    };
    let typed = |kind, cell: &dyn Fn(&str) -> Option<Cell>| {
        each(said, cell).map_or_else(texts, |cells| vec![(column(kind), cells)])
    };
    match &asked.storage {
        Storage::Text => texts(),
        Storage::Whole => typed(Kind::Whole, &|text| text.parse().ok().map(Cell::Whole)),
        Storage::Decimal => {
            let places = said.iter().flatten().map(|text| fraction(text).len()).max().unwrap_or(0);
            match u8::try_from(places) {
                Ok(exact) if places <= MOST_PLACES => {
                    typed(Kind::Decimal(exact), &|text| decimal(text, exact).map(Cell::Decimal))
                }
                _ => texts(),
            }
        }
        Storage::Date => typed(Kind::Date, &|text| day_of(text).map(Cell::Date)),
        Storage::Moment => typed(Kind::Moment, &|text| moment_of(text).map(Cell::Moment)),
        Storage::Tick => typed(yes_or_no(), &|text| (text == "OK").then_some(Cell::Choice(1))),
        Storage::One(choices) => vec![one(&column(Kind::Text), choices, said)],
        Storage::Several(choices) => {
            let mut filled = texts();
            filled.extend(choices.iter().map(|choice| ticked(asked, own, choice, said, names)));
            filled
        }
        Storage::Place => {
            let mut part = |end: &str, at: usize| {
                let name = names.take(&[&format!("{own}_{end}"), &format!("{whole}_{end}")]);
                let cell = |text: &str| {
                    let degrees = text.split_whitespace().nth(at)?;
                    Some(Cell::Decimal(decimal(&rounded(degrees), PLACES)?))
                };
                let label = both(&asked.label, &label(&format!("table_{end}")));
                each(said, cell).map(|cells| (Column { name, label, kind: Kind::Decimal(PLACES) }, cells))
            };
            match (part("lat", 0), part("lon", 1)) {
                (Some(latitude), Some(longitude)) => vec![latitude, longitude],
                _ => texts(),
            }
        }
    }
}

/// A cell for each row; none where an answer makes none.
fn each(said: &[Said], cell: impl Fn(&str) -> Option<Cell>) -> Option<Vec<Cell>> {
    said.iter()
        .map(|said| match said {
            Ok(text) => cell(text),
            Err(missing) => Some(Cell::Missing(*missing)),
        })
        .collect()
}

/// One of the choices. An answer that no list has is a choice too, behind the others.
fn one(column: &Column, choices: &[(String, Label)], said: &[Said]) -> Filled {
    let mut all = choices.to_vec();
    let mut places: std::collections::HashMap<String, usize> =
        all.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
    let mut cell = |said: &Said| match said {
        Ok(text) => Cell::Choice(*places.entry(text.clone()).or_insert_with(|| {
            all.push((text.clone(), Label { id: text.clone(), en: text.clone() }));
            all.len() - 1
        })),
        Err(missing) => Cell::Missing(*missing),
    };
    let cells = said.iter().map(&mut cell).collect();
    (Column { kind: Kind::Choice(numbered(all)), ..column.clone() }, cells)
}

/// Whether one of several choices was ticked.
fn ticked(asked: &Asked, own: &str, choice: &(String, Label), said: &[Said], names: &mut Names) -> Filled {
    let (choice, text) = choice;
    let name = names.take(&[&format!("{own}_{choice}"), &format!("{}_{choice}", asked.chain.join("_"))]);
    let cells = each(said, |answer| {
        Some(Cell::Choice(usize::from(answer.split_whitespace().any(|ticked| ticked == choice))))
    });
    (Column { name, label: both(&asked.label, text), kind: yes_or_no() }, cells.unwrap_or_default())
}

fn both(question: &Label, part: &Label) -> Label {
    Label { id: format!("{}: {}", question.id, part.id), en: format!("{}: {}", question.en, part.en) }
}

fn fraction(text: &str) -> &str {
    text.split_once('.').map_or("", |(_, fraction)| fraction)
}

/// A decimal in units of its last place; none where it is none, has more places, or is too large.
fn decimal(text: &str, places: u8) -> Option<i64> {
    let (negative, plain) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let places = usize::from(places);
    if !digits(whole) || !digits(fraction) || fraction.len() > places || whole.len() + fraction.len() == 0 {
        return None;
    }
    let number: i64 = format!("{whole}{fraction:0<places$}").parse().ok()?;
    Some(if negative { -number } else { number })
}

/// Degrees without the places that no receiver knows.
fn rounded(degrees: &str) -> String {
    let most = usize::from(PLACES);
    match degrees.parse::<f64>() {
        Ok(number) if fraction(degrees).len() > most => format!("{number:.most$}"),
        _ => degrees.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(storage: Storage, said: &[Said]) -> Vec<Filled> {
        let label = Label { id: "Apa?".to_owned(), en: "What?".to_owned() };
        let chain = vec!["grup".to_owned(), "tanya".to_owned()];
        let asked = Asked { chain, label, storage, versions: [0].into() };
        columns(&asked, said, &mut Names::default())
    }

    fn answers(texts: &[&str]) -> Vec<Said> {
        texts.iter().map(|text| Ok((*text).to_owned())).collect()
    }

    fn list(names: &[&str]) -> Vec<(String, Label)> {
        let label = |name: &str| Label { id: format!("{name}."), en: format!("{name}!") };
        names.iter().map(|name| ((*name).to_owned(), label(name))).collect()
    }

    #[test]
    fn decimals_have_the_places_of_the_longest_answer_and_lose_none() {
        let [(column, cells)] = &filled(Storage::Decimal, &answers(&["1.25", "-3", ".5", "7."]))[..] else {
            panic!()
        };
        assert_eq!(column.kind, Kind::Decimal(2));
        assert_eq!(*cells, [125, -300, 50, 700].map(Cell::Decimal));
    }

    #[test]
    fn an_answer_of_another_type_makes_the_column_text_and_is_kept() {
        for (storage, bad) in [
            (Storage::Whole, "1.5"),
            (Storage::Decimal, "1.0123456789"),
            (Storage::Decimal, "99999999999999999999"),
            (Storage::Date, "kemarin"),
            (Storage::Moment, "2026-01-01"),
            (Storage::Tick, "ya"),
            (Storage::Place, "di sini"),
        ] {
            let (column, cells) = filled(storage, &answers(&[bad])).remove(0);
            assert_eq!((column.kind, cells), (Kind::Text, vec![Cell::Text(bad.to_owned())]));
        }
    }

    #[test]
    fn an_answer_that_no_list_has_becomes_a_choice_behind_the_others() {
        let said = answers(&["b", "hilang", "a", "hilang"]);
        let (column, cells) = filled(Storage::One(list(&["a", "b"])), &said).remove(0);
        let Kind::Choice(choices) = column.kind else { panic!() };
        assert_eq!(choices.iter().map(|choice| choice.code).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(choices[2].label.id, "hilang");
        assert_eq!(cells, [1, 2, 0, 2].map(Cell::Choice));
    }

    #[test]
    fn each_choice_that_can_be_ticked_has_a_column_and_blank_is_not_no() {
        let said = [Ok("a c".to_owned()), Err(Missing::Unanswered)];
        let filled = filled(Storage::Several(list(&["a", "b", "c"])), &said);
        let names: Vec<_> = filled.iter().map(|(column, _)| column.name.as_str()).collect();
        assert_eq!(names, ["tanya", "tanya_a", "tanya_b", "tanya_c"]);
        assert_eq!(filled[1].0.label.en, "What?: a!");
        for ((_, cells), is) in filled[1..].iter().zip([1, 0, 1]) {
            assert_eq!(*cells, [Cell::Choice(is), Cell::Missing(Missing::Unanswered)]);
        }
    }

    #[test]
    fn a_place_is_two_columns() {
        let filled = filled(Storage::Place, &answers(&["-2.1316272 106.116932123 3 4.5"]));
        let found: Vec<_> = filled.iter().map(|(column, cells)| (column.name.as_str(), &cells[..])).collect();
        assert_eq!(found[0].1, [Cell::Decimal(-21_316_272)]);
        assert_eq!(found[1], ("tanya_lon", &[Cell::Decimal(1_061_169_321)][..]));
    }
}
