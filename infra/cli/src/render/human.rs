//! For people.

use comfy_table::{ContentArrangement, presets};

use super::{Body, Cell, Report, Section, Table};

/// The sections one below the other, without frames: what fits one screen is read at a
/// glance, and `grep` and `awk` still work.
pub(super) fn write(report: &Report, width: Option<u16>) -> String {
    let is_alone = report.sections.len() == 1;
    let mut parts: Vec<String> = report
        .sections
        .iter()
        .map(|section| written(section, is_alone, width))
        .collect();
    if !report.hints.is_empty() {
        parts.push(report.hints.join("\n") + "\n");
    }
    parts.join("\n")
}

fn written(section: &Section, is_alone: bool, width: Option<u16>) -> String {
    let name = section.name.replace('_', " ");
    let body = match &section.body {
        Body::Table(table) if table.is_empty() => return format!("no {name}\n"),
        Body::Table(table) => columns(table, width),
        Body::Record(fields) => record(fields, width),
    };
    match is_alone {
        true => body,
        false => format!("{name}\n{body}"),
    }
}

fn columns(table: &Table, width: Option<u16>) -> String {
    let mut drawn = blank(width);
    drawn.set_header(table.columns.iter().map(|name| heading(name)));
    for row in &table.rows {
        drawn.add_row(row.iter().map(Cell::human));
    }
    lines(&drawn)
}

fn record(fields: &[(&'static str, Cell)], width: Option<u16>) -> String {
    let mut drawn = blank(width);
    for (name, cell) in fields {
        drawn.add_row([heading(name), cell.human()]);
    }
    lines(&drawn)
}

/// Without the unit, which the value has.
fn heading(name: &str) -> String {
    name.strip_suffix("_s").unwrap_or(name).replace('_', " ")
}

fn blank(width: Option<u16>) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_preset(presets::NOTHING);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width);
    }
    table
}

fn lines(table: &comfy_table::Table) -> String {
    table
        .lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}
