//! Turns the catalogue of texts in `locales` into code, so that a missing key or a wrong placeholder
//! does not compile.

use std::error::Error;
use std::path::PathBuf;

use leptos_i18n_build::options::CodegenOptions;
use leptos_i18n_build::{Config, ParseOptions, TranslationsInfos};

fn main() -> Result<(), Box<dyn Error>> {
    let options = ParseOptions::new().interpolate_display(true);
    let config = Config::new("id")?.add_locale("en")?.parse_options(options);
    let catalogue = TranslationsInfos::parse(config)?;
    catalogue.emit_diagnostics();
    catalogue.rerun_if_locales_changed();
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("i18n");
    // The generated code answers to its generator, not to our lints.
    let quiet =
        "#![allow(missing_docs, unused, unused_qualifications, clippy::all, clippy::pedantic, clippy::expect_used)]".parse()?;
    let codegen = CodegenOptions::new().top_level_attributes(Some(quiet)).gen_docs(false);
    catalogue.generate_i18n_module_with_options(out, codegen)?;
    Ok(())
}
