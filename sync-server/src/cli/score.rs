//! `loket score`, `loket band`, `loket methods`: results of a list, and what a figure is called.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use survey::scoring::assumption::{Assumed, Assumption};
use survey::scoring::exact::{Exact, Score};
use survey::scoring::mean::{mean_of, published};
use survey::scoring::methods::{Method, Methods, Placed};
use survey::scoring::read::read_rules;
use survey::scoring::rules::{MeanOver, Missing, Zone};

use super::{CommandError, print_json, read_file, refused};
use crate::scores::methods;
use crate::scores::table::{Line, read_lines};

/// A year, and where its rule set is.
#[derive(clap::Args)]
pub struct MethodOf {
    /// The year whose method holds.
    #[arg(long = "method", value_name = "YEAR")]
    year: u16,
    /// A folder of rule sets in place of those that come along.
    #[arg(long = "methods", value_name = "DIR", env = "LOKET_METHODS")]
    folder: Option<PathBuf>,
}

/// Scores of governments from a CSV list of their units.
#[derive(clap::Args)]
pub struct ScoreList {
    #[command(flatten)]
    method: MethodOf,
    /// CSV with the columns entity, parent and score; others are passed over. Before 2022 a line is a product.
    /// A blank score is a unit that was not assessed.
    file: PathBuf,
}

/// What a score is called.
#[derive(clap::Args)]
pub struct BandOf {
    #[command(flatten)]
    method: MethodOf,
    /// The Ombudsman's products were followed up: the opinion gets its suffix, where the method has one.
    #[arg(long)]
    followed_up: bool,
    /// The score: 88.23 or 88,23.
    #[arg(allow_negative_numbers = true)]
    score: String,
}

#[derive(Subcommand)]
pub enum MethodsCommand {
    /// Check a rule set: every fault with its place.
    Check {
        /// The file (.toml).
        file: PathBuf,
    },
    /// Print the rule set of a year as JSON.
    Show {
        #[command(flatten)]
        method: MethodOf,
    },
}

/// The answer of `loket score`.
#[derive(Serialize)]
struct Scored {
    parents: Vec<Parent>,
}

/// One parent, in the order of first appearance.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the name of the list's column")]
struct Parent {
    parent: String,
    /// Null where nothing of it was assessed.
    score: Option<Score>,
    category: Option<String>,
    zone: Option<Zone>,
    opinion: Option<String>,
    /// Units with a score.
    units: usize,
    /// Lines in the mean, where the mean is over products.
    #[serde(skip_serializing_if = "Option::is_none")]
    products: Option<usize>,
    /// Lines without a score, left out of the mean.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_assessed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumed: Vec<Assumption>,
}

impl MethodOf {
    fn load(&self) -> Result<Methods, CommandError> {
        methods::load(self.folder.as_deref()).map(|loaded| loaded.methods).map_err(refused)
    }
}

impl ScoreList {
    pub fn run(self) -> Result<(), CommandError> {
        let methods = self.method.load()?;
        let method = methods.of_year(self.method.year).map_err(refused)?;
        let lines = lines_of(&self.file, method)?;
        warn_of_twins(&lines, method);
        warn_of_spellings(&lines);
        let parents = by_parent(lines).into_iter().map(|(parent, lines)| scored(method, parent, &lines));
        print_json(&Scored { parents: parents.collect::<Result<_, _>>()? })
    }
}

fn lines_of(file: &Path, method: Method<'_>) -> Result<Vec<Line>, CommandError> {
    read_lines(&read_file(file)?, method.rules.maximum.value.exact()).map_err(|faults| {
        for fault in &faults {
            eprintln!("{}, {fault}", file.display());
        }
        eprintln!("Nothing was scored; {} to put right.", faults.len());
        CommandError::Told
    })
}

fn by_parent(lines: Vec<Line>) -> Vec<(String, Vec<Line>)> {
    let mut places = HashMap::<String, usize>::new();
    let mut parents = Vec::<(String, Vec<Line>)>::new();
    for line in lines {
        let place = *places.entry(line.parent.clone()).or_insert_with(|| {
            parents.push((line.parent.clone(), Vec::new()));
            parents.len() - 1
        });
        if let Some((_, all)) = parents.get_mut(place) {
            all.push(line);
        }
    }
    parents
}

fn scored(method: Method<'_>, parent: String, lines: &[Line]) -> Result<Parent, CommandError> {
    let rules = method.rules;
    let scores: Vec<Exact> = lines.iter().filter_map(|line| line.score).collect();
    let not_assessed: Vec<_> = lines.iter().filter(|line| line.score.is_none()).collect();
    let over = rules.mean.over.assumption(method.year);
    let over = over.map(|why| Assumption::new(Assumed::MeanOver, "", why));
    let mut assumed: Vec<_> = over.into_iter().collect();
    if !not_assessed.is_empty() {
        let why = rules.mean.not_assessed.assumption(method.year);
        assumed.extend(why.map(|why| Assumption::new(Assumed::NotAssessed, "", why)));
        let what = match rules.mean.not_assessed.value {
            Missing::LeftOut => "left out of the mean",
            Missing::Zero => "counted as 0",
        };
        eprintln!("note: {parent}: {} without a score, {what}", not_assessed.len());
    }
    let mean = mean_of(rules, &scores, not_assessed.len()).map_err(refused)?;
    let score = mean.map(|mean| published(rules, mean)).transpose().map_err(refused)?;
    let placed = score.map(|score| method.place(score.exact())).transpose().map_err(refused)?;
    let named: BTreeSet<_> =
        lines.iter().filter(|line| line.score.is_some()).map(|line| &line.entity).collect();
    let over_products = rules.mean.over.value == MeanOver::Products;
    let (category, zone, opinion) = match placed {
        Some(placed) => {
            assumed.extend(placed.assumed);
            (placed.category, Some(placed.zone), placed.opinion)
        }
        None => (None, None, None),
    };
    Ok(Parent {
        parent,
        score,
        category,
        zone,
        opinion,
        units: if over_products { named.len() } else { scores.len() },
        products: over_products.then_some(scores.len()),
        not_assessed: not_assessed.into_iter().map(|line| line.entity.clone()).collect(),
        assumed,
    })
}

/// Names that differ in nothing but capitals are two parents; that is rarely meant.
fn warn_of_spellings(lines: &[Line]) {
    let mut first: HashMap<String, &Line> = HashMap::new();
    for line in lines {
        let earlier = *first.entry(line.parent.to_lowercase()).or_insert(line);
        if earlier.parent != line.parent {
            eprintln!(
                "warning: line {}: {} stands as {} in line {}; these are two parents",
                line.line, line.parent, earlier.parent, earlier.line
            );
            first.insert(line.parent.to_lowercase(), line);
        }
    }
}

/// Two lines of one unit count twice; that may be meant, or a list pasted together.
fn warn_of_twins(lines: &[Line], method: Method<'_>) {
    if method.rules.mean.over.value == MeanOver::Products {
        return;
    }
    let mut first = HashMap::new();
    for line in lines {
        if let Some(earlier) = first.insert((&line.parent, &line.entity), line.line) {
            let (entity, parent) = (&line.entity, &line.parent);
            eprintln!(
                "warning: line {}: {entity} of {parent} stands in line {earlier} too; both count",
                line.line
            );
        }
    }
}

impl BandOf {
    pub fn run(self) -> Result<(), CommandError> {
        let methods = self.method.load()?;
        let method = methods.of_year(self.method.year).map_err(refused)?;
        let score: Exact = self.score.trim().replace(',', ".").parse().map_err(refused)?;
        let mut placed: Placed = method.place(score).map_err(refused)?;
        if self.followed_up {
            let suffix = method.rules.suffix.as_ref();
            let suffix = suffix.ok_or_else(|| {
                CommandError::Refused(format!(
                    "the method of {} has no suffix; leave --followed-up out",
                    method.year
                ))
            })?;
            placed.opinion = placed.opinion.map(|opinion| format!("{opinion} {}", suffix.text));
        }
        print_json(&placed)
    }
}

impl MethodsCommand {
    pub fn run(self) -> Result<(), CommandError> {
        match self {
            Self::Check { file } => {
                let text = String::from_utf8(read_file(&file)?).map_err(refused)?;
                let rules = read_rules(&text)
                    .map_err(|error| CommandError::Refused(format!("{}: {error}", file.display())))?;
                println!("{}: sound; in force in {:?}", rules.id, rules.years);
                Ok(())
            }
            Self::Show { method } => {
                let methods = method.load()?;
                print_json(methods.of_year(method.year).map_err(refused)?.rules)
            }
        }
    }
}
