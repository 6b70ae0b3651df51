//! Pages of results: a question is asked by a query, a [`report::Report`] answers it in words, figures and pictures, in the
//! language asked for; [`html`] makes a page of it. The command line prints the same as JSON.

pub mod html;
mod ladder;
mod published;
pub mod report;
pub mod words;

use serde::Deserialize;
use survey::scoring::exact::{Exact, FigureError, Score};
use thiserror::Error;

use crate::catalogue::Catalogue;
use crate::database::StoreError;
use crate::scores::methods::{MethodsError, embedded};
use report::Report;
use words::{Language, Words};

/// What a report is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Query {
    /// The government that the page is about; all of them where it is left out.
    pub government: Option<String>,
    /// Only what lies in this province.
    pub province: Option<String>,
    /// The year; the latest where it is left out.
    pub year: Option<u16>,
    /// The target; 90 where it is left out.
    pub target: Option<String>,
    /// `id` or `en`.
    #[serde(default)]
    pub lang: String,
    /// Width of pictures, in CSS pixels.
    pub width: Option<u32>,
}

/// Why there is no report.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rule sets that come along are not sound, which the tests rule out.
    #[error(transparent)]
    Methods(#[from] MethodsError),
    /// A figure cannot be reckoned with.
    #[error(transparent)]
    Figure(#[from] FigureError),
}

/// What every report is written with.
pub(crate) struct Writing {
    words: Words,
    width: f64,
    target: Score,
    query: Query,
}

/// Answers a query.
///
/// # Errors
/// See [`ReportError`]; [`ReportError::Figure`] where the target is no number.
pub fn write(catalogue: &dyn Catalogue, query: Query) -> Result<Report, ReportError> {
    let methods = embedded()?;
    let writing = Writing::of(query)?;
    let facts =
        published::Facts { methods: &methods, results: catalogue.published()?, units: catalogue.units()? };
    match writing.query.government.clone() {
        Some(government) => facts.government(&writing, &government),
        None => facts.overview(&writing),
    }
}

impl Writing {
    fn of(query: Query) -> Result<Self, ReportError> {
        let target = query.target.as_deref().unwrap_or("90").parse::<Exact>()?.rounded()?;
        let width = f64::from(query.width.unwrap_or(900).clamp(300, 1200));
        Ok(Self { words: Language::of(&query.lang).words(), width, target, query })
    }

    /// The query of another report, with this one's target.
    fn link(&self, parts: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in parts {
            query.append_pair(name, value);
        }
        if self.query.target.is_some() {
            query.append_pair("target", &self.target.to_string());
        }
        query.finish()
    }

    /// The target as people read it: `90`, `92,50`.
    fn target_text(&self) -> String {
        let text = self.words.figure(self.target);
        text.strip_suffix(",00").or_else(|| text.strip_suffix(".00")).unwrap_or(&text).to_owned()
    }
}

#[cfg(test)]
mod tests;
