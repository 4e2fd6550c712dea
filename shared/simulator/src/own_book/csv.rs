//! The book as a file.

use super::OwnBook;

/// Columns of references, in the order of the file.
const REFERENCES: [&str; 8] = [
    "reference",
    "order",
    "charge",
    "refund",
    "dispute",
    "transfer",
    "payout",
    "transfer_group",
];

impl OwnBook {
    /// The entries as CSV with whole minor units and unix seconds, one line each.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut csv =
            String::from("id,account,kind,occurred_at,currency,amount_minor,counterparty");
        for column in REFERENCES {
            csv.push(',');
            csv.push_str(column);
        }
        csv.push('\n');
        for entry in &self.entries {
            let account = entry.account.account_id().unwrap_or("platform");
            let time = entry.occurred_at.to_string();
            let amount = entry.amount.to_string();
            let plain = [
                entry.id.as_str(),
                account,
                entry.kind,
                &time,
                &entry.currency,
                &amount,
                &entry.counterparty,
            ];
            let references = REFERENCES.map(|column| {
                let found = entry.references.iter().find(|(name, _)| *name == column);
                found.map_or("", |(_, value)| value.as_str())
            });
            // No cell has a comma, a quote or a line break: all are ids, numbers and words.
            csv.push_str(&[&plain[..], &references[..]].concat().join(","));
            csv.push('\n');
        }
        csv
    }
}
