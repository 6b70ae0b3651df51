//! The reference converter beside ours: the same types, binds, lists and texts for every form that it takes, and the
//! same forms refused.

use std::path::PathBuf;

use super::example;
use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::{run, setup};

/// The version that the forms are compared with.
const PYXFORM: &str = "4.5.0";

/// Converts every form with pyxform, and compares.
pub fn compare(ground: &Ground, _: &super::Walks) -> Result<()> {
    let forms = forms(ground)?;
    let python = python(ground)?;
    let out = ground.memory()?.join("pyxform");
    std::fs::create_dir_all(&out).map_err(|error| Failure::file(&out, &error))?;
    let mut convert = run::command(python, &ground.root);
    run::stream(
        convert.arg("tests/conformance/pyxform.py").arg(&out).args(&forms),
        "Look at the error above.",
    )?;
    let mut compare = run::command(example(ground, "pyxform")?, &ground.root);
    compare.arg(&out).arg("tests/conformance/explained/pyxform.json").args(&forms);
    run::stream(&mut compare, "A difference has no reason in explained/pyxform.json: look above.")
}

/// The product's own workbooks, those written for this, and those of other projects where they are at hand.
pub(super) fn forms(ground: &Ground) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in ["public/instruments", "tests/conformance/forms", "../shared/forms"] {
        let folder = ground.at(folder);
        let Ok(entries) = std::fs::read_dir(&folder) else {
            println!("{} is not here; its forms are left out.", folder.display());
            continue;
        };
        for entry in entries {
            let path = entry.map_err(|error| Failure::file(&folder, &error))?.path();
            let form = path.extension().is_some_and(|end| end == "xlsx" || end == "xls" || end == "md");
            if form && path.file_name().is_none_or(|name| name != "README.md") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A Python with pyxform, in the build folder.
pub(super) fn python(ground: &Ground) -> Result<PathBuf> {
    let folder = ground.target().join(format!("pyxform-{PYXFORM}"));
    let python = folder.join("bin/python");
    if folder.join("bin/xls2xform").is_file() {
        return Ok(python);
    }
    eprintln!("Installing pyxform {PYXFORM}, which the workbook compiler is compared with.");
    let make = |ground: &Ground| {
        let mut venv = run::command("python3", &ground.root);
        run::stream(venv.args(["-m", "venv"]).arg(&folder), "Install python3 with its venv module.")
    };
    if make(ground).is_err() {
        setup::apt_install(ground, &["python3-venv"], "pyxform is written in Python")?;
        make(ground)?;
    }
    let mut pip = run::command(folder.join("bin/pip"), &ground.root);
    pip.args(["install", "--quiet", "--disable-pip-version-check"]).arg(format!("pyxform=={PYXFORM}"));
    run::stream(&mut pip, "Check the network, then try again.")?;
    Ok(python)
}
