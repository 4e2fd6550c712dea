//! docs/LOGGING.md and the vocabulary say the same, both ways.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use tributary_telemetry::metrics::METRICS;
use tributary_telemetry::vocabulary::FIELDS;

const PAGE: &str = include_str!("../../../docs/LOGGING.md");

/// The rows of the table below a heading, as cells.
fn table(heading: &str) -> Vec<Vec<String>> {
    let (_, below) = PAGE
        .split_once(&format!("\n## {heading}\n"))
        .expect(heading);
    let section = below.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    })
    .collect()
}

#[test]
fn every_field_is_documented_with_its_form_and_no_other_is() {
    let mut documented = BTreeMap::new();
    for row in table("Vocabulary") {
        let [names, form, meaning] = row.as_slice() else {
            panic!("{row:?}")
        };
        assert!(!meaning.is_empty(), "{names}");
        for name in names.split(',') {
            let name = name.trim().trim_matches('`').to_owned();
            let twice = documented.insert(name.clone(), form.clone());
            assert!(twice.is_none(), "{name} is documented twice");
        }
    }
    let known: BTreeMap<_, _> = FIELDS
        .iter()
        .map(|field| (field.name.to_owned(), field.form.name().to_owned()))
        .collect();
    assert_eq!(known.len(), FIELDS.len(), "a field is there twice");
    assert_eq!(documented, known);
}

#[test]
fn every_metric_is_documented_with_its_unit_and_its_functions_and_no_other_is() {
    let documented: Vec<[String; 3]> = table("Metrics")
        .into_iter()
        .map(|row| [row[0].clone(), row[1].clone(), row[2].clone()])
        .collect();
    let known: Vec<[String; 3]> = METRICS
        .iter()
        .map(|metric| {
            let by: Vec<_> = metric.by.iter().map(|by| format!("`{by}`")).collect();
            let unit = metric.unit.as_str().to_owned();
            [format!("`{}`", metric.field), unit, by.join(", ")]
        })
        .collect();
    assert_eq!(documented, known);
}
