//! Which names an expression can use, and what they mean.

use thiserror::Error;

use crate::instrument::NodeId;

/// A name that means no node, or more than one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScopeError {
    /// No question, group or repeat is called so.
    #[error("no question, group or repeat is called `{name}`{}", did_you_mean(.nearest.as_deref()))]
    Unknown {
        /// As written.
        name: String,
        /// A name that is much like it.
        nearest: Option<String>,
    },
    /// Several are called so.
    #[error("more than one question is called `{name}`; give them different names to refer to one")]
    Ambiguous {
        /// As written.
        name: String,
    },
    /// A path that leads nowhere.
    #[error("the path `{path}` leads to no question; write ${{name}} instead")]
    NoPath {
        /// As written.
        path: String,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean ${{{nearest}}}?"),
        None => "; write a name of the `name` column".to_owned(),
    }
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// `..`
    Up,
    /// A name.
    Child(String),
}

/// Which names an expression can use.
pub trait Scope {
    /// What `${name}` means.
    ///
    /// # Errors
    /// Where it means nothing, or several things.
    fn reference(&self, name: &str) -> Result<NodeId, ScopeError>;

    /// What a path means, from the top or from the node that the expression belongs to.
    ///
    /// # Errors
    /// Where it leads nowhere.
    fn path(&self, absolute: bool, steps: &[PathStep]) -> Result<NodeId, ScopeError>;

    /// True where a bare name is a column of a choice, as in a choice filter.
    fn has_columns(&self) -> bool;

    /// True for a document of unknown shape: its paths are walked when evaluated and not resolved here, and
    /// a call that means nothing here is left to the host ([`crate::expression::Tree::foreign`]).
    fn is_open(&self) -> bool {
        false
    }

    /// The node that the expression belongs to.
    fn node(&self) -> Option<NodeId> {
        None
    }

    /// What stands right inside a node, or at the top, for paths with predicates.
    fn children(&self, _of: Option<NodeId>) -> Vec<NodeId> {
        Vec::new()
    }

    /// The group or repeat around a node.
    fn parent(&self, _of: NodeId) -> Option<NodeId> {
        None
    }

    /// The name of a node.
    #[allow(clippy::unnecessary_literal_bound, reason = "a form's names live as long as the form")]
    fn name(&self, _of: NodeId) -> &str {
        ""
    }
}

/// A scope without any name.
#[derive(Debug, Clone, Copy)]
pub struct NoNames;

impl Scope for NoNames {
    fn reference(&self, name: &str) -> Result<NodeId, ScopeError> {
        Err(ScopeError::Unknown { name: name.to_owned(), nearest: None })
    }

    fn path(&self, absolute: bool, steps: &[PathStep]) -> Result<NodeId, ScopeError> {
        Err(ScopeError::NoPath { path: path_text(absolute, steps) })
    }

    fn has_columns(&self) -> bool {
        false
    }
}

/// A path as it was written.
pub(crate) fn path_text(absolute: bool, steps: &[PathStep]) -> String {
    let steps: Vec<&str> = steps
        .iter()
        .map(|step| match step {
            PathStep::Up => "..",
            PathStep::Child(name) => name,
        })
        .collect();
    format!("{}{}", if absolute { "/" } else { "" }, steps.join("/"))
}
