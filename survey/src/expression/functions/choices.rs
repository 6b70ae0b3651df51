//! What was chosen, what stands in lists and files: `selected selected-at count-selected jr:choice-name
//! jr:itext pulldata instance version`.

use crate::expression::function::Function;
use crate::expression::functions::{Arguments, Result, count, index};
use crate::expression::tree::Tree;
use crate::expression::value::Value;

pub(crate) fn call<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    match function {
        Function::Itext => Value::Text(given.tree().itext(&given.text(0)).unwrap_or_default()),
        Function::Pulldata => pulldata(given),
        Function::Instance => Value::Nodes(given.tree().instance(given.text(0).trim()).into_iter().collect()),
        Function::Version => Value::Text(given.tree().version().to_owned()),
        _ => selection(given, function),
    }
}

fn selection<T: Tree>(given: &Arguments<'_, T>, function: Function) -> Result<T> {
    let list = given.text(0);
    let mut names = list.split_whitespace();
    match function {
        Function::Selected => {
            let name = given.text(1);
            let name = name.trim();
            // Nothing chosen is the choice without a name, as in JavaRosa.
            let blank = name.is_empty() && list.trim().is_empty();
            Value::Boolean(blank || names.any(|selected| selected == name))
        }
        Function::SelectedAt => {
            Value::Text(index(given.number(1)).and_then(|at| names.nth(at)).unwrap_or("").to_owned())
        }
        Function::CountSelected => Value::Number(count(names.count())),
        _ => {
            let label =
                given.reference(1).and_then(|question| given.tree().choice_label(question, list.trim()));
            Value::Text(label.unwrap_or_default())
        }
    }
}

/// `pulldata(file, column, key column, key)`: the column of the first row of the file whose key is that.
fn pulldata<T: Tree>(given: &Arguments<'_, T>) -> Result<T> {
    let tree = given.tree();
    let (column, key_column, key) = (given.text(1), given.text(2), given.text(3));
    let cell = |row: T::Node, name: &str| tree.children_called(row, name).first().copied();
    let found = || {
        let root = *tree.children(tree.instance(given.text(0).trim())?).first()?;
        let is_it =
            |row: &T::Node| cell(*row, &key_column).is_some_and(|at| tree.value(at).into_text(tree) == key);
        let row = tree.children(root).into_iter().find(is_it)?;
        cell(row, &column)
    };
    Value::Nodes(found().into_iter().collect())
}
