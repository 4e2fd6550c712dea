//! Stripe's reports: one line for each movement, as CSV with decimals in major units.
//!
//! One run of `connected_account_balance_change_from_activity.itemized` covers all
//! connected accounts, so reading a day of everybody's book costs no call for any of
//! them. A report is read once, from first byte to last, and never kept.
//!
//! Source: <https://docs.stripe.com/reports/report-types/connect>.

mod columns;
mod compare;
mod fold;
mod line;
mod records;

pub use columns::Columns;
pub use compare::{Disagreement, disagreements};
pub use fold::{Digests, PaidOut, PaidSum, PaidSums, Stretches, fold, fold_each, fold_payouts};
pub use line::{Line, read};

/// Why a report cannot be used. None of it was taken then.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The header lacks a column.
    #[error("the report has no column {0}")]
    Column(&'static str),
    /// A line is malformed.
    #[error("line {line}: {fault}")]
    Line {
        /// Counted from 1, the header's.
        line: u64,
        /// What is wrong with it.
        fault: Fault,
    },
    /// It could not be read to its end.
    #[error("the report broke off: {0}")]
    Broken(#[source] std::io::Error),
}

/// What is wrong with a line. Names the field, never shows its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not as many fields as the header has.
    #[error("{got} fields where the header has {expected}")]
    Fields {
        /// How many there are.
        got: u64,
        /// How many the header has.
        expected: u64,
    },
    /// Longer than any line of a report.
    #[error("longer than {0} bytes")]
    TooLong(usize),
    /// An id that is empty, too long, or not plain text.
    #[error("{0} is no id")]
    Id(&'static str),
    /// No date.
    #[error("{0} does not begin with a date")]
    Date(&'static str),
    /// No currency's code.
    #[error("currency is no currency's code")]
    Currency,
    /// No decimal, finer than the currency's minor unit, or too large.
    #[error("{0} is no exact amount of its currency")]
    Amount(&'static str),
    /// The three amounts contradict each other.
    #[error("net is not gross less fee")]
    Net,
}

#[cfg(test)]
mod tests;
