//! Records as people fill them: the published instruments, answered from a seed.

use replica::{Edit, Genesis, RecordKind};
use survey::instrument::{Instrument, NodeId, NodeKind, Question, QuestionKind};
use survey::keys::Keys;

use crate::fault::Fault;
use crate::random::Random;

/// Words as they stand in free answers.
const WORDS: [&str; 24] = [
    "petugas", "ramah", "antre", "lama", "sekali", "loket", "berkas", "kurang", "jelas", "biaya", "gratis",
    "tidak", "ada", "kursi", "sudah", "dua", "jam", "menunggu", "saya", "diminta", "kembali", "besok",
    "pagi", "nomor",
];

/// Answers to the questions of an instrument that stand in no row, in its order: so many of them; where it has fewer,
/// its choices again and again under other names, as a longer questionnaire of the same kind has more scales and not
/// more free text.
///
/// # Errors
/// [`Fault::Wrong`] where the instrument has none.
pub fn filled(instrument: &Instrument, count: usize, random: &mut Random) -> Result<Vec<Edit>, Fault> {
    some(instrument, count, is_answered, random)
}

/// The same of questions with choices alone: a questionnaire of scales, with nothing written freely.
///
/// # Errors
/// As [`filled`].
pub fn chosen(instrument: &Instrument, count: usize, random: &mut Random) -> Result<Vec<Edit>, Fault> {
    some(instrument, count, |question| question.choice_list.is_some(), random)
}

fn some(
    instrument: &Instrument,
    count: usize,
    wanted: impl Fn(&Question) -> bool,
    random: &mut Random,
) -> Result<Vec<Edit>, Fault> {
    let keys = Keys::of(instrument);
    let questions: Vec<(String, &Question)> = (0..instrument.nodes.len())
        .filter_map(|at| {
            let id = NodeId(u32::try_from(at).ok()?);
            let NodeKind::Question(question) = &instrument.node(id)?.kind else { return None };
            let key = keys.key(&instrument.path_outside_rows(id)?)?;
            wanted(question).then(|| (key.to_string(), question.as_ref()))
        })
        .collect();
    if questions.is_empty() {
        return Err(Fault::Wrong("the instrument has no questions".to_owned()));
    }
    let mut edits = Vec::new();
    let scales: Vec<_> = questions.iter().filter(|(_, question)| question.choice_list.is_some()).collect();
    let further = (1_u32..).flat_map(|again| scales.iter().map(move |one| (again, *one)));
    let all = questions.iter().map(|one| (0, one)).chain(further.take_while(|_| !scales.is_empty()));
    for (again, (path, question)) in all.take(count) {
        let path = if again == 0 { path.clone() } else { format!("{path}_{again}") };
        let value = answer(instrument, question, random);
        if let (Ok(path), Ok(value)) = (path.parse(), value.parse()) {
            edits.push(Edit::Answer { path, value });
        }
    }
    Ok(edits)
}

/// An interview of this unit's stream, with its own number.
pub fn interview(visit: &Genesis, instrument: replica::ContentHash, number: u64) -> Genesis {
    let mut nonce = [0; 16];
    let mut random = Random::new(number);
    nonce[..8].copy_from_slice(&random.draw().to_be_bytes());
    nonce[8..].copy_from_slice(&random.draw().to_be_bytes());
    Genesis { kind: RecordKind::Interview, nonce: Some(nonce), instrument, ..visit.clone() }
}

fn is_answered(question: &Question) -> bool {
    question.kind != QuestionKind::Note
        && question.kind != QuestionKind::Calculate
        && !question.kind.is_file()
}

fn answer(instrument: &Instrument, question: &Question, random: &mut Random) -> String {
    let choices = || question.choice_list.as_ref().and_then(|list| instrument.choice_lists.get(list));
    match question.kind {
        QuestionKind::SelectOne | QuestionKind::SelectMultiple => choices()
            .and_then(|all| random.one_of(&all.choices))
            .map(|choice| choice.name.clone())
            .unwrap_or_default(),
        QuestionKind::Integer => (17 + random.below(60)).to_string(),
        QuestionKind::Decimal => format!("{}.{}", random.below(100), random.below(10)),
        QuestionKind::Date | QuestionKind::Today => format!("2026-11-{:02}", 1 + random.below(28)),
        QuestionKind::Start | QuestionKind::End => {
            format!(
                "2026-11-{:02}T{:02}:{:02}:00+07:00",
                1 + random.below(28),
                random.below(24),
                random.below(60)
            )
        }
        QuestionKind::Acknowledge => "OK".to_owned(),
        QuestionKind::Geopoint => {
            format!(
                "-2.1{:05} 106.1{:05} 0 {}",
                random.below(100_000),
                random.below(100_000),
                random.below(50)
            )
        }
        _ => {
            let count = 3 + random.below(9);
            let words: Vec<&str> = (0..count).filter_map(|_| random.one_of(&WORDS).copied()).collect();
            words.join(" ")
        }
    }
}
