//! Tables: a head that every page repeats for the eye, and rows that are never cut by the end of a page.

use krilla::tagging::{TableHeaderScope, Tag};

use super::content::{Cell, Column, Row, Table};
use super::draft::{Drawn, Role, rectangle};
use super::layout::{BODY, DARK, MARGIN, NOTE, Paper, RULE, Style, TEXT, WASH, mark};
use super::scale::BAR_INK;

/// Between the rule and the text of a row.
const ABOVE: f32 = 4.5;
/// Between columns.
const GAP: f32 = 12.0;
/// From a mark to its word.
const MARK: f32 = 11.0;

/// A heading, a sentence and a table.
pub fn draw(paper: &mut Paper<'_>, table: &Table) {
    if table.rows.is_empty() {
        return;
    }
    // A heading with its sentence, the head and two rows stay together.
    paper.room(130.0);
    paper.y += 10.0;
    paper.heading(2, &table.heading, Style { size: 14.0, bold: true, ink: DARK, leading: 21.0 });
    paper.paragraph(&table.text, NOTE);
    paper.y += 6.0;
    paper.draft.open(Tag::Table);
    paper.draft.open(Tag::THead);
    paper.draft.open(Tag::TR);
    head(paper, &table.columns, Role::Text);
    paper.draft.close();
    paper.draft.close();
    paper.draft.open(Tag::TBody);
    for one in &table.rows {
        row(paper, table, one);
    }
    paper.draft.close();
    paper.draft.close();
    paper.y += 12.0;
}

/// The names of the columns. Where a page repeats them they are nothing to a screen reader.
fn head(paper: &mut Paper<'_>, columns: &[Column], role: Role) {
    let style = Style { bold: true, ..NOTE };
    let mut left = MARGIN;
    for column in columns {
        let width = BODY * column.width;
        let name = paper.fonts.printable(&column.name);
        let x = if column.figures {
            left + width - GAP - paper.fonts.width(&name, style.size, true)
        } else {
            left
        };
        let drawn = vec![paper.line(&name, x, paper.y + style.size, style)];
        if role == Role::Text {
            paper.draft.open(Tag::TH(TableHeaderScope::Column));
        }
        paper.draft.draw(paper.page, role, drawn);
        if role == Role::Text {
            paper.draft.close();
        }
        left += width;
    }
    paper.y += NOTE.leading + 2.0;
    let below = rectangle(MARGIN, paper.y, BODY, 1.0, DARK);
    paper.draft.draw(paper.page, Role::Decoration, vec![below]);
}

fn row(paper: &mut Paper<'_>, table: &Table, row: &Row) {
    let style = Style { bold: row.strong, ..TEXT };
    let mut most = 1;
    let mut texts = Vec::new();
    for (cell, column) in row.cells.iter().zip(&table.columns) {
        let inset = if cell.mark.is_some() { MARK } else { 0.0 };
        let lines = paper.fonts.lines(&cell.text, style.size, style.bold, BODY * column.width - GAP - inset);
        most = most.max(lines.len());
        texts.push(lines);
    }
    let bar = if row.cells.iter().any(|cell| cell.bar.is_some()) { 5.0 } else { 0.0 };
    let height = f32::from(u16::try_from(most).unwrap_or(u16::MAX)) * 13.0 + 2.0 * ABOVE + bar;
    let before = paper.page;
    paper.room(height);
    if paper.page != before {
        head(paper, &table.columns, Role::Decoration);
    }
    let mut under = vec![rectangle(MARGIN, paper.y + height, BODY, 0.5, RULE)];
    if row.strong {
        under.insert(0, rectangle(MARGIN, paper.y + 1.0, BODY, height - 1.0, WASH));
    }
    paper.draft.draw(paper.page, Role::Decoration, under);
    paper.draft.open(Tag::TR);
    let mut left = MARGIN;
    for (place, ((cell, column), lines)) in row.cells.iter().zip(&table.columns).zip(texts).enumerate() {
        let drawn = cell_lines(paper, cell, column, lines, left, style);
        if place == 0 {
            paper.draft.open(Tag::TH(TableHeaderScope::Row));
        } else {
            paper.draft.open(Tag::TD);
        }
        let page = paper.page;
        paper.draft.draw(page, Role::Text, drawn);
        paper.draft.close();
        paper.draft.draw(page, Role::Decoration, beside(paper, cell, column, left, height));
        left += BODY * column.width;
    }
    paper.draft.close();
    paper.y += height;
}

fn cell_lines(
    paper: &Paper<'_>,
    cell: &Cell,
    column: &Column,
    lines: Vec<String>,
    left: f32,
    style: Style,
) -> Vec<Drawn> {
    let mut y = paper.y + ABOVE + style.size;
    let mut drawn = Vec::new();
    for line in lines {
        let x = if column.figures {
            left + BODY * column.width - GAP - paper.fonts.width(&line, style.size, style.bold)
        } else if cell.mark.is_some() {
            left + MARK
        } else {
            left
        };
        drawn.push(paper.line(&line, x, y, style));
        y += 13.0;
    }
    drawn
}

/// The mark before a word, and the bar below a figure: both say what the text says.
fn beside(paper: &Paper<'_>, cell: &Cell, column: &Column, left: f32, height: f32) -> Vec<Drawn> {
    let mut drawn = Vec::new();
    if let Some(zone) = cell.mark {
        drawn.push(mark(zone, left + 4.0, paper.y + ABOVE + 6.2, 3.4));
    }
    if let Some(bar) = cell.bar {
        let whole = (BODY * column.width - GAP).min(96.0);
        let right = left + BODY * column.width - GAP;
        let y = paper.y + height - ABOVE - 2.6;
        drawn.push(rectangle(right - whole, y, whole, 2.6, RULE));
        drawn.push(rectangle(
            right - whole,
            y,
            (whole * bar.clamp(0.0, 100.0) / 100.0).max(0.1),
            2.6,
            BAR_INK,
        ));
    }
    drawn
}
