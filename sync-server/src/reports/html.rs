//! A report as the inside of a page. All texts are escaped; pictures are our own drawing, whose texts are escaped there.

use maud::{Markup, PreEscaped, html};
use replica::api::ApproveRequest;

use super::report::{Cell, Report, Row, Section, Table};

/// The page, without what stands around it.
pub fn page(report: &Report) -> String {
    html! {
        h2.report-title { (report.title) }
        p.report-lead { (report.lead) }
        @for notice in &report.notices { p.notice { (notice) } }
        @if !report.links.is_empty() {
            ul.report-links {
                @for link in &report.links {
                    li { a href=(address(&link.query)) aria-current=[link.here.then_some("true")] { (link.text) } }
                }
            }
        }
        @for part in &report.sections { (section(part)) }
    }
    .into_string()
}

fn address(query: &str) -> String {
    format!("/results?{query}")
}

fn section(section: &Section) -> Markup {
    html! {
        section.stack-tight {
            h3 { (section.heading) }
            @for text in &section.texts { p.soft { (text) } }
            @if let Some(picture) = &section.picture { figure.picture { (PreEscaped(picture)) } }
            @if let Some(table) = &section.table { (figures(table, &section.heading)) }
            // The app sends it and shows the page anew: a page cannot sign in by itself.
            @if let Some(approve) = &section.approve {
                div.row.unprinted {
                    button.button type="button" data-approve=(request(&approve.request)) { (approve.text) }
                }
            }
        }
    }
}

fn request(request: &ApproveRequest) -> String {
    // Texts and a number always become JSON.
    serde_json::to_string(request).unwrap_or_default()
}

fn figures(table: &Table, name: &str) -> Markup {
    html! {
        div.table-frame role="region" tabindex="0" aria-label=(name) {
            table {
                thead {
                    tr {
                        @for column in &table.columns { th scope="col" class=[column.figures.then_some("count")] { (column.name) } }
                    }
                }
                tbody { @for row in &table.rows { (line(table, row)) } }
            }
        }
    }
}

fn line(table: &Table, row: &Row) -> Markup {
    html! {
        tr class=[row.own.then_some("own")] {
            @for (place, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
                @if place == 0 {
                    th scope="row" class=[column.figures.then_some("count")] { (content(cell)) }
                } @else {
                    td class=[column.figures.then_some("count")] { (content(cell)) }
                }
            }
        }
    }
}

fn content(cell: &Cell) -> Markup {
    html! {
        @match (&cell.query, cell.tone) {
            _ if cell.file.is_some() => @if let Some((address, name)) = &cell.file { a href=(address) download=(name) { (cell.text) } },
            (Some(query), _) => a href=(address(query)) { (cell.text) },
            (None, Some(tone)) => span class=(format!("tag {}", tone.as_str())) { (cell.text) },
            (None, None) => (cell.text),
        }
        // The app shows a photo below the button that names it: a page cannot sign in by itself.
        @for (hash, text) in &cell.photos { button.button.plain type="button" data-photo=(hash) { (text) } }
        @if !cell.note.is_empty() { span.small.soft.block { (cell.note) } }
    }
}
