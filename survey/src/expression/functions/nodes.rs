//! What `XPath` 1.0 asks of nodes of a document: `id lang local-name name namespace-uri`.

use crate::expression::function::Function;
use crate::expression::functions::{Arguments, Result};
use crate::expression::steps::in_order;
use crate::expression::tree::{NodeType, Tree};
use crate::expression::value::Value;

pub(crate) fn call<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let tree = given.tree();
    match function {
        Function::Id => {
            let texts: Vec<String> = given.all(0).map(|value| value.into_text(tree)).collect();
            let ids = texts.iter().flat_map(|text| text.split_whitespace());
            Value::Nodes(in_order(tree, ids.filter_map(|id| tree.by_id(id)).collect()))
        }
        Function::Lang => Value::Boolean(speaks(given)),
        _ => name(given, function),
    }
}

/// True where the nearest `xml:lang` around is that language, or a kind of it.
fn speaks<T: Tree>(given: &Arguments<'_, T>) -> bool {
    let tree = given.tree();
    let wanted = given.text(0).to_ascii_lowercase();
    let own = |node: T::Node| tree.attributes(node).into_iter().find(|at| tree.name(*at) == "xml:lang");
    let language = std::iter::successors(given.e.focus.here, |node| tree.parent(*node)).find_map(own);
    language.is_some_and(|at| {
        let language = tree.value(at).into_text(tree).to_ascii_lowercase();
        language == wanted || language.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with('-'))
    })
}

fn name<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let tree = given.tree();
    let Value::Nodes(nodes) = given.value_or_here(0) else { return given.misused("nodes") };
    let named = |node: &T::Node| {
        matches!(tree.kind(*node), NodeType::Element | NodeType::Attribute | NodeType::Instruction)
    };
    let Some(node) = in_order(tree, nodes).into_iter().next().filter(named) else { return Value::blank() };
    let whole = tree.name(node);
    Value::Text(match function {
        Function::NamespaceUri => tree.namespace(node).into_owned(),
        Function::LocalName => whole.split_once(':').map_or(&*whole, |(_, local)| local).to_owned(),
        _ => whole.into_owned(),
    })
}
