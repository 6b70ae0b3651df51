//! `loket report`: the same as the pages of results, for scripts.

use super::{CommandError, Data, print_json, refused};
use crate::reports::{self, Query};

/// A question about results.
#[derive(clap::Args)]
pub struct WriteReport {
    /// The government; all of them where it is left out.
    #[arg(long)]
    government: Option<String>,
    /// Only what lies in this province.
    #[arg(long)]
    province: Option<String>,
    /// The year; the latest where it is left out.
    #[arg(long)]
    year: Option<u16>,
    /// The target.
    #[arg(long, default_value = "90")]
    target: String,
    /// The language: id or en.
    #[arg(long, default_value = "id")]
    lang: String,
    #[command(flatten)]
    data: Data,
}

impl WriteReport {
    pub fn run(self) -> Result<(), CommandError> {
        let Self { government, province, year, target, lang, data } = self;
        let query = Query { government, province, year, target: Some(target), lang, width: None };
        let catalogue = data.store()?.catalogue()?;
        print_json(&reports::write(catalogue.as_ref(), query).map_err(refused)?)
    }
}
