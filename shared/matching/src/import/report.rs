//! All that is wrong with a file, as a file.

use std::fmt::Write;

use super::fault::LineFault;

/// Why a file was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What is wrong, in the order of the lines.
    pub faults: Vec<LineFault>,
    /// How many more there were than are kept.
    pub more: u64,
}

impl Report {
    /// A CSV file of `line,field,problem,remedy`.
    pub fn to_csv(&self) -> String {
        let mut csv = "line,field,problem,remedy\r\n".to_owned();
        for LineFault { line, fault } in &self.faults {
            let cells = [
                &fault.field,
                &fault.problem.to_string(),
                &fault.problem.remedy(),
            ];
            let [field, problem, remedy] = cells.map(|text| cell(text));
            // Writing to a text cannot fail.
            let _ = write!(csv, "{line},{field},{problem},{remedy}\r\n");
        }
        if self.more > 0 {
            let _ = write!(
                csv,
                ",,and {} more,mend these and drop the file again\r\n",
                self.more
            );
        }
        csv
    }
}

/// A text as a cell that stays text in every spreadsheet: the header's names are
/// somebody else's, and one that begins like a formula would be computed.
fn cell(text: &str) -> String {
    let harmless = match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    };
    if harmless.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", harmless.replace('"', "\"\""))
    } else {
        harmless
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::{Fault, Problem};
    use super::*;

    #[test]
    fn row_42_a_formula_stays_text() {
        let named = |field: &str| LineFault {
            line: 1,
            fault: Fault {
                field: field.to_owned(),
                problem: Problem::ColumnTwice,
            },
        };
        let faults = ["=HYPERLINK(\"x\",\"y\")", "+1", "-1", "@SUM(A1)", "plain"].map(named);
        let report = Report {
            faults: faults.into(),
            more: 3,
        };
        let csv = report.to_csv();
        let cells: Vec<_> = csv
            .lines()
            .map(|line| line.split_once(',').unwrap().1)
            .collect();
        assert!(
            cells[1].starts_with("\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\","),
            "{csv}"
        );
        assert!(cells[2].starts_with("'+1,"), "{csv}");
        assert!(cells[3].starts_with("'-1,"), "{csv}");
        assert!(cells[4].starts_with("'@SUM(A1),"), "{csv}");
        assert!(cells[5].starts_with("plain,"), "{csv}");
        assert!(
            csv.ends_with(",,and 3 more,mend these and drop the file again\r\n"),
            "{csv}"
        );
    }
}
