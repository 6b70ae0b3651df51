//! The loop: mutate, run, keep what was new, stop at the first failure.

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use phone::random::Random;

use crate::corpus::Corpus;
use crate::mutate::mutated;
use crate::target::Target;

/// An input that takes longer is a failure: parsers here take microseconds, a photo's part some milliseconds.
const SLOW: Duration = Duration::from_secs(2);
/// Inputs kept in memory.
const MOST: usize = 4_000;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After so long.
    Time(Duration),
    /// After so many inputs.
    Runs(u64),
}

/// An input that a target did not survive.
#[derive(Debug)]
pub struct Failure {
    /// The input.
    pub input: Vec<u8>,
    /// What happened.
    pub why: String,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Inputs tried.
    pub runs: u64,
    /// Different answers that the target gave.
    pub answers: usize,
    /// Inputs that were new and are kept.
    pub kept: usize,
    /// The first input that the target did not survive.
    pub failure: Option<Failure>,
}

/// Runs a target on its seeds, on the corpus, and on mutants of both.
///
/// # Errors
/// Where the corpus cannot be written.
pub fn run(
    target: &Target,
    corpus: &mut Corpus,
    seed: u64,
    until: Until,
    keeps: bool,
) -> std::io::Result<Report> {
    let (mut random, mut said, mut report) = (Random::new(seed), HashSet::new(), Report::default());
    let mut state = (target.start)();
    corpus.inputs.extend((target.seeds)());
    for input in &corpus.inputs {
        report.runs += 1;
        match attempt(&mut state, input) {
            Ok(answer) => drop(said.insert(answer)),
            Err(why) => {
                report.failure = Some(Failure { input: input.clone(), why });
                return Ok(report);
            }
        }
    }
    let began = Instant::now();
    while match until {
        Until::Time(time) => began.elapsed() < time,
        Until::Runs(runs) => report.runs < runs,
    } {
        let pick = |random: &mut Random| {
            corpus.inputs.get(random.place(corpus.inputs.len())).map_or(&[][..], Vec::as_slice)
        };
        let mutant = mutated(pick(&mut random), pick(&mut random), &mut random);
        let input = if random.place(2) == 0 { (target.mend)(mutant) } else { mutant };
        report.runs += 1;
        match attempt(&mut state, &input) {
            Ok(answer) => {
                if said.insert(answer) && corpus.inputs.len() < MOST {
                    corpus.add(&input, keeps)?;
                    report.kept += 1;
                }
            }
            Err(why) => {
                report.failure = Some(Failure { input, why });
                break;
            }
        }
    }
    report.answers = said.len();
    Ok(report)
}

/// Of a corpus, the shortest input of each kind of answer, its numbers aside, and at most so many.
///
/// # Errors
/// Where one of the inputs is a failure, or the corpus cannot be written.
pub fn minimise(target: &Target, corpus: &mut Corpus, most: usize) -> Result<(), String> {
    let mut state = (target.start)();
    let mut shortest: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for input in std::mem::take(&mut corpus.inputs) {
        let answer = attempt(&mut state, &input)?;
        let kind = answer.chars().filter(|letter| letter.is_alphabetic()).collect();
        let known = shortest.entry(kind).or_insert_with(|| input.clone());
        if input.len() < known.len() {
            *known = input;
        }
    }
    corpus.inputs = shortest.into_values().collect();
    corpus.inputs.sort_by_key(Vec::len);
    corpus.inputs.truncate(most);
    corpus.write_anew().map_err(|error| error.to_string())
}

fn attempt(run: &mut crate::target::Run, input: &[u8]) -> Result<String, String> {
    let began = Instant::now();
    let answer = once(run, input)?;
    if began.elapsed() < SLOW {
        return Ok(answer);
    }
    // On a machine that does other things, too, a clock says little: what counts is what the processor had to do.
    let (before, began) = (on_processor(), Instant::now());
    let answer = once(run, input)?;
    let took =
        before.zip(on_processor()).map_or(began.elapsed(), |(before, after)| after.saturating_sub(before));
    if took < SLOW { Ok(answer) } else { Err(format!("it took {took:?}")) }
}

fn once(run: &mut crate::target::Run, input: &[u8]) -> Result<String, String> {
    catch_unwind(AssertUnwindSafe(|| run(input))).map_err(|_| "it panicked".to_owned())?
}

/// The processor's time spent by all threads so far, where the system tells it.
fn on_processor() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, in brackets, stand eleven fields, then hundredths of seconds in the program and in the system.
    let figures = stat.rsplit_once(')')?.1;
    let hundredths = figures.split_whitespace().skip(11).take(2).map(|figure| figure.parse::<u64>().ok());
    Some(Duration::from_millis(hundredths.sum::<Option<u64>>()? * 10))
}
