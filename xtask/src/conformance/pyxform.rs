//! The reference converter beside ours: the same types, binds, lists and texts for every form that it takes, and the
//! same forms refused.

use std::path::PathBuf;

use super::example;
use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::{run, setup};

/// Converts every form with pyxform, and compares.
pub fn compare(ground: &Ground, _: &super::Walks) -> Result<()> {
    let forms = forms(ground)?;
    let python = setup::python(ground)?;
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
