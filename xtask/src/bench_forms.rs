//! `cargo xtask bench forms`: our forms and ODK Web Forms', the same workbooks in one browser.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::{bundle, run, serve, setup};

/// Workbooks that are measured beside the generated ones, where they are there.
const WORKBOOKS: [(&str, &str); 3] = [
    ("all_types", "../shared/forms/all-question-types.xlsx"),
    ("site", "../shared/forms/site-assessment.xlsx"),
    ("visit", "public/instruments/kunjungan.xlsx"),
];

/// Builds both apps and measures them; with words, only those forms.
pub fn forms(ground: &Ground, only: &[&str]) -> Result<()> {
    bundle::bundle(ground)?;
    let loket = serve::build_server(ground, true)?;
    let browser = setup::browser(ground)?;
    setup::walk_tools(ground)?;
    let made = ground.memory()?.join("field-forms");
    let page = page(ground, &made)?;
    let forms = prepared(ground, &made)?;
    let folder = ground.at("tests");
    let mut measure = run::command(folder.join("node_modules/.bin/playwright"), &folder);
    measure.args(["test", "--config", "bench.config.ts", "bench/forms"]);
    if !only.is_empty() {
        measure.arg("--grep").arg(only.join("|"));
    }
    browser.tell(measure.env("LOKET_BIN", loket));
    measure.env("LOKET_FIELD_FORMS", forms).env("LOKET_FIELD_PAGE", page);
    run::stream(&mut measure, "A page did not come up, or a step did not do what it should: look above.")
}

/// A bare page of ODK Web Forms, bundled: its folder.
fn page(ground: &Ground, made: &Path) -> Result<PathBuf> {
    setup::field_forms_tools(ground)?;
    let folder = ground.at("tests/field-forms");
    let page = made.join("page");
    let mut vite = run::command(folder.join("node_modules/.bin/vite"), &folder);
    vite.args(["build", "--logLevel", "error"]).env("FIELD_FORMS_DIST", &page);
    run::stream(&mut vite, "Look at the first error above.")?;
    Ok(page)
}

/// The forms as workbooks for us and as `XForms` for ODK Web Forms: their folder.
fn prepared(ground: &Ground, made: &Path) -> Result<PathBuf> {
    let python = setup::python(ground)?;
    let forms = made.join("forms");
    std::fs::create_dir_all(&forms).map_err(|error| Failure::file(&forms, &error))?;
    let mut prepare = run::command(python, &ground.root);
    prepare.arg("tests/field-forms/prepare.py").arg(&forms);
    for (name, path) in WORKBOOKS {
        if ground.at(path).is_file() {
            prepare.arg(format!("{name}={path}"));
        } else {
            eprintln!("{path} is not here: {name} is skipped.");
        }
    }
    run::stream(&mut prepare, "Look at the error above.")?;
    Ok(forms)
}
