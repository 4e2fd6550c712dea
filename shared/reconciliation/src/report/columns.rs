//! Where a report keeps what is needed of it.

use super::ReportError;

/// Places of the columns, by the header. Reports have many more, and their order
/// differs between versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    pub(super) fields: usize,
    pub(super) transaction: usize,
    pub(super) day: usize,
    pub(super) currency: usize,
    pub(super) gross: usize,
    pub(super) fee: usize,
    pub(super) net: usize,
    pub(super) category: Option<usize>,
    pub(super) account: Option<usize>,
    pub(super) payout: Option<usize>,
}

impl Columns {
    /// Finds the columns in a header.
    ///
    /// # Errors
    /// When one is missing that every itemized report has.
    pub fn of<'h>(header: impl IntoIterator<Item = &'h [u8]>) -> Result<Self, ReportError> {
        let header: Vec<_> = header
            .into_iter()
            // Spreadsheets put a mark before the first name.
            .map(|name| name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name))
            .collect();
        let place = |name: &str| header.iter().position(|found| *found == name.as_bytes());
        let needed = |name: &'static str| place(name).ok_or(ReportError::Column(name));
        Ok(Self {
            fields: header.len(),
            transaction: needed("balance_transaction_id")?,
            // Payouts have the day on which they leave the balance instead.
            day: place("created_utc")
                .map_or_else(|| needed("effective_at_utc"), Ok)
                .map_err(|_| ReportError::Column("created_utc"))?,
            currency: needed("currency")?,
            gross: needed("gross")?,
            fee: needed("fee")?,
            net: needed("net")?,
            category: place("reporting_category"),
            account: place("connected_account"),
            payout: place("automatic_payout_id"),
        })
    }
}
