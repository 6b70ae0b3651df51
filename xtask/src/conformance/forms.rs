//! The same random walks through the same forms by npm's `@getodk/xforms-engine` and by ours.

use super::{example, pyxform};
use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::{run, setup};

/// How many walks through forms are taken, and from which seed on.
pub struct Walks {
    /// In all, over all forms in turn.
    pub count: u32,
    /// Of the first; each further one has the next.
    pub seed: u32,
}

impl Default for Walks {
    fn default() -> Self {
        Self { count: 10_000, seed: 1 }
    }
}

/// Walks through every form that both engines take, and compares after each step.
pub fn walk(ground: &Ground, walks: &Walks) -> Result<()> {
    setup::conformance_tools(ground)?;
    let out = ground.memory()?.join("xforms");
    std::fs::create_dir_all(&out).map_err(|error| Failure::file(&out, &error))?;
    let mut convert = run::command(setup::python(ground)?, &ground.root);
    convert.arg("tests/conformance/xforms.py").arg(&out).args(pyxform::forms(ground)?);
    run::stream(&mut convert, "Look at the error above.")?;
    let program = example(ground, "walk")?;
    let mut node = run::command("node", &ground.at("tests/conformance"));
    node.arg("forms.mjs").env("TZ", "Asia/Jakarta").env("LOKET_WALK", program).env("LOKET_FORMS", out);
    node.env("LOKET_WALKS", walks.count.to_string()).env("LOKET_SEED", walks.seed.to_string());
    run::stream(
        &mut node,
        "The two differ without a reason in explained/forms.json, or one there is not met any more: look above.",
    )
}
