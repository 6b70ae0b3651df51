//! The satisfaction index SKM (`PermenPANRB` 14/2017): nine elements from 1 to 4, weighed 1/9 each, times 25.
//!
//! It has nothing to do with the Ombudsman's score; its grades A to D are not the categories A to E.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::assumption::{Assumed, Assumption};
use super::check::RuleFault;
use super::evidence::Evidence;
use super::exact::{Exact, FigureError, Score};
use super::origin::{Origin, Sourced};
use super::result::Value;

/// The index as data: `public/indices/skm.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkmRules {
    /// What it is called.
    pub title: String,
    /// What the mean of 1 to 4 is multiplied by, before anything is rounded.
    pub factor: Sourced<Exact>,
    /// The weight of each element; all alike.
    pub weight: Sourced<Exact>,
    /// The elements, in order.
    pub elements: Vec<Element>,
    /// The grades by the converted index, from the highest down.
    pub grades: Vec<Grade>,
    /// Every source by name.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
}

/// One of the nine elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// The code of the workbooks' column `indicator`.
    pub code: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
}

/// One grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// `A` to `D`.
    pub grade: String,
    /// What it means.
    pub meaning: String,
    /// The lowest converted index.
    pub from: Score,
    /// The highest.
    pub to: Score,
    /// Where the limits are from.
    pub source: Origin,
}

/// The index of a unit or a government.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkmIndex {
    /// Interviews that answered any of it.
    pub respondents: usize,
    /// The converted index, 25 to 100; none where an element has no answer.
    pub converted: Option<Value>,
    /// The same on the scale from 1 to 4.
    pub index: Option<Value>,
    /// The grade.
    pub grade: Option<String>,
    /// What the grade means.
    pub meaning: Option<String>,
    /// Each element.
    pub elements: Vec<ElementScore>,
    /// What in this is assumed, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Assumption>,
}

/// One element of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElementScore {
    /// Its code.
    pub code: String,
    /// Its name in Indonesian.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Answers.
    pub answers: usize,
    /// Their mean, 1 to 4.
    pub mean: Option<Value>,
    /// The mean converted, 25 to 100.
    pub converted: Option<Value>,
}

impl SkmRules {
    /// Everything that is wrong; it may not be used then.
    pub fn faults(&self) -> Vec<RuleFault> {
        let mut faults = Vec::new();
        let mut add = |place: &str, message: String| {
            faults.push(RuleFault { place: place.to_owned(), message });
        };
        if self.weight.value.times(Exact::count(self.elements.len())) != Ok(Exact::ONE) {
            add("weight", "the elements' weights must sum to 1".to_owned());
        }
        for (higher, lower) in self.grades.iter().zip(self.grades.iter().skip(1)) {
            if higher.from.in_hundredths() - lower.to.in_hundredths() != 1 {
                add("grades", format!("{} and {} leave a gap or overlap", lower.to, higher.from));
            }
        }
        if self.grades.is_empty() {
            add("grades", "there are none".to_owned());
        }
        faults
    }

    /// The index of some interviews.
    ///
    /// # Errors
    /// Where the figures are too long.
    pub fn index_of<'e>(
        &self,
        interviews: impl IntoIterator<Item = &'e Evidence>,
    ) -> Result<SkmIndex, FigureError> {
        let mut sums = BTreeMap::<&str, (Exact, usize)>::new();
        let (mut respondents, mut assumed) = (0, BTreeSet::new());
        for interview in interviews {
            let mut answered = false;
            for reading in &interview.readings {
                if let Some(element) = self.elements.iter().find(|element| element.code == reading.code) {
                    let (sum, count) = sums.entry(&element.code).or_insert((Exact::ZERO, 0));
                    *sum = sum.plus(reading.mark)?;
                    *count += 1;
                    answered = true;
                    if reading.assumed {
                        assumed.insert(Assumption::new(Assumed::Marks, &element.code, ""));
                    }
                }
            }
            respondents += usize::from(answered);
        }
        let elements = self.elements.iter().map(|of| self.element(of, sums.get(of.code.as_str()).copied()));
        let elements = elements.collect::<Result<Vec<_>, _>>()?;
        for (what, why) in [("weight", self.weight.assumption(0)), ("factor", self.factor.assumption(0))] {
            assumed.extend(why.map(|why| Assumption::new(Assumed::Index, what, why)));
        }
        let means: Option<Vec<Exact>> = elements.iter().map(|element| Some(element.mean?.exact)).collect();
        let mut index = SkmIndex {
            respondents,
            converted: None,
            index: None,
            grade: None,
            meaning: None,
            elements,
            assumed: Vec::new(),
        };
        if let Some(means) = means.filter(|means| !means.is_empty()) {
            let exact = Exact::sum(means)?.times(self.weight.value)?;
            let converted = Value::of(exact.times(self.factor.value)?)?;
            let grade = self.grades.iter().find(|of| of.from <= converted.shown && converted.shown <= of.to);
            let why = grade.and_then(|grade| grade.source.assumption(0, &[]));
            assumed.extend(why.map(|why| Assumption::new(Assumed::Index, "grades", why)));
            index.index = Some(Value::of(exact)?);
            index.converted = Some(converted);
            index.grade = grade.map(|grade| grade.grade.clone());
            index.meaning = grade.map(|grade| grade.meaning.clone());
        }
        index.assumed = assumed.into_iter().collect();
        Ok(index)
    }

    fn element(&self, of: &Element, sum: Option<(Exact, usize)>) -> Result<ElementScore, FigureError> {
        let (sum, answers) = sum.unwrap_or((Exact::ZERO, 0));
        let mean = sum.over(Exact::count(answers))?;
        let converted = mean.map(|mean| mean.times(self.factor.value).and_then(Value::of)).transpose()?;
        Ok(ElementScore {
            code: of.code.clone(),
            name: of.name.clone(),
            name_en: of.name_en.clone(),
            answers,
            mean: mean.map(Value::of).transpose()?,
            converted,
        })
    }
}
