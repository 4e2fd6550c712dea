//! For people.

use comfy_table::{ContentArrangement, presets};

use super::{Body, Cell, Report, Section, Table};

/// Whoever reads 83361 eur at night may take it for 83,361 euros.
const MINOR_UNITS: &str = "Amounts are in minor units: 12345 eur is 123.45.";

/// The sections one below the other, without frames: what fits one screen is read at a
/// glance, and `grep` and `awk` still work.
pub(super) fn write(report: &Report, width: Option<u16>) -> String {
    let is_alone = report.sections.len() == 1;
    let mut parts: Vec<String> = report
        .sections
        .iter()
        .map(|section| written(section, is_alone, width))
        .collect();
    let money = report.sections.iter().any(has_money).then_some(MINOR_UNITS);
    let hints = money
        .into_iter()
        .chain(report.hints.iter().map(String::as_str));
    let hints: String = hints.map(|hint| format!("{hint}\n")).collect();
    parts.extend(Some(hints).filter(|hints| !hints.is_empty()));
    parts.join("\n")
}

/// Whether there are amounts: they stand beside their currency.
fn has_money(section: &Section) -> bool {
    match &section.body {
        Body::Table(table) => table.cells("currency").any(|cell| *cell != Cell::Nothing),
        Body::Record(_) => false,
    }
}

fn written(section: &Section, is_alone: bool, width: Option<u16>) -> String {
    let name = section.name.replace('_', " ");
    let body = match &section.body {
        Body::Table(table) if table.is_empty() => {
            return match table.when_empty {
                Some(sentence) => format!("{sentence}\n"),
                None => format!("no {name}\n"),
            };
        }
        Body::Table(table) => columns(table, width),
        Body::Record(fields) => record(fields, width),
    };
    match is_alone {
        true => body,
        false => format!("{name}\n{body}"),
    }
}

fn columns(table: &Table, width: Option<u16>) -> String {
    let once = |name: &&'static str| Some((*name, table.once(name)?));
    let once: Vec<(&'static str, &Cell)> = table.columns.iter().filter_map(once).collect();
    let is_drawn = |name: &str| !once.iter().any(|(said, _)| *said == name);
    let mut drawn = blank(width);
    let names = table.columns.iter().filter(|name| is_drawn(name));
    drawn.set_header(names.map(|name| heading(name)));
    for row in &table.rows {
        let cells = table.columns.iter().zip(row);
        let cells = cells.filter(|(name, _)| is_drawn(name));
        drawn.add_row(cells.map(|(_, cell)| cell.human()));
    }
    let said = once
        .iter()
        .filter(|(_, cell)| **cell != Cell::Nothing)
        .map(|(name, cell)| format!("{} {}", heading(name), cell.human()));
    let said: Vec<String> = said.collect();
    match said.is_empty() {
        true => lines(&drawn),
        false => format!(" {}\n{}", said.join(", "), lines(&drawn)),
    }
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
