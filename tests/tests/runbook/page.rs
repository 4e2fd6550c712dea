//! docs/RUNBOOK.md as a list of procedures.

use std::collections::BTreeMap;

/// What begins a step of a procedure.
const STEPS: [&str; 3] = ["- **Look:**", "- **Mend:**", "- **Mended:**"];
const TOOL: &str = "tributary ";

/// The commands of one section, by step: look, mend, mended.
#[derive(Debug, Default)]
pub(crate) struct Procedure {
    pub(crate) look: Vec<String>,
    pub(crate) mend: Vec<String>,
    pub(crate) mended: Vec<String>,
}

/// The sections about alarms, by name.
pub(crate) fn procedures() -> BTreeMap<String, Procedure> {
    let page = include_str!("../../../docs/RUNBOOK.md");
    let alarms = page.split("\n## ").find(|it| it.starts_with("Alarms\n"));
    let sections = alarms.unwrap().split("\n### ").skip(1);
    sections
        .map(|section| {
            let (name, text) = section.split_once('\n').unwrap();
            (name.to_owned(), procedure(name, text))
        })
        .collect()
}

fn procedure(name: &str, text: &str) -> Procedure {
    let [look, mend, mended] = STEPS.map(|step| {
        let after = text.split_once(step);
        let (_, after) = after.unwrap_or_else(|| panic!("{name} lacks {step}"));
        let others = STEPS.iter().filter_map(|other| after.find(other)).min();
        commands(&after[..others.unwrap_or(after.len())])
    });
    Procedure { look, mend, mended }
}

/// What stands between backticks and is a command of ours.
fn commands(text: &str) -> Vec<String> {
    let spans = text.split('`').skip(1).step_by(2);
    spans
        .filter(|span| span.starts_with(TOOL))
        .map(str::to_owned)
        .collect()
}
