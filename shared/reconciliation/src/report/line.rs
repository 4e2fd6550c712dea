//! Reading a report line by line, without a copy of any.

use std::io::Read;

use tributary_domain::Currency;
use tributary_domain::identity::ID_BYTES_MAX;
use tributary_ledger::Day;

use super::records::{Record, Records};
use super::{Columns, Fault, ReportError};

/// One movement of a report. The texts are the reader's: they go with the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'r> {
    /// The movement's id.
    pub transaction: &'r str,
    /// The connected account; `None` for the platform itself.
    pub account: Option<&'r str>,
    /// When, UTC.
    pub day: Day,
    /// The currency of the amounts.
    pub currency: Currency,
    /// Before fees, minor units.
    pub gross: i64,
    /// Minor units.
    pub fee: i64,
    /// What the balance moved by, minor units.
    pub net: i64,
    /// What Stripe's reports sum by, unchecked; empty if the report does not say.
    pub category: &'r [u8],
    /// The automatic payout that paid it out, unchecked; empty if the report does not
    /// say.
    pub payout: &'r [u8],
}

/// Reads a report, hands each line to `each`, and says how many there were.
///
/// # Errors
/// At the first line that is malformed; what was read before it is not to be used.
pub fn read(
    mut report: impl Read,
    mut each: impl FnMut(&Line<'_>) -> Result<(), Fault>,
) -> Result<u64, ReportError> {
    records(&mut report, &mut |columns, days, record| {
        line(columns, days, record).and_then(|line| each(&line))
    })
}

/// Reads those lines of a report whose account (empty for the platform), day and
/// currency `is_wanted` says to be, and says how many lines there were. Of the others, nothing else is looked at:
/// for reading again what [`read`] has found sound.
///
/// # Errors
/// At the first line that is malformed; what was read before it is not to be used.
pub fn select(
    mut report: impl Read,
    mut is_wanted: impl FnMut(&[u8], Day, Currency) -> bool,
    mut each: impl FnMut(&Line<'_>) -> Result<(), Fault>,
) -> Result<u64, ReportError> {
    records(&mut report, &mut |columns, days, record| {
        let currency = Currency::parse(record.field(columns.currency)).ok_or(Fault::Currency)?;
        let day = days
            .of(record.field(columns.day))
            .ok_or(Fault::Date("created_utc"))?;
        let account = columns
            .account
            .map(|place| record.field(place))
            .unwrap_or_default();
        if is_wanted(account, day, currency) {
            each(&line(columns, days, record)?)?;
        }
        Ok(())
    })
}

/// What is done with each record.
type Each<'e> = dyn FnMut(&Columns, &mut Days, &Record<'_>) -> Result<(), Fault> + 'e;

/// Not generic, so that it is compiled here, where the profile asks for speed.
fn records(report: &mut dyn Read, each: &mut Each<'_>) -> Result<u64, ReportError> {
    let mut records = Records::new(report);
    let columns = match records.next()? {
        Some(header) => Columns::of((0..header.len()).map(|place| header.field(place)))?,
        None => Columns::of([])?,
    };
    let (mut days, mut lines) = (Days::default(), 0);
    while let Some(record) = records.next()? {
        let (got, expected) = (record.len() as u64, columns.fields as u64);
        let read = match got == expected {
            true => each(&columns, &mut days, &record),
            false => Err(Fault::Fields { got, expected }),
        };
        read.map_err(|fault| ReportError::Line {
            line: record.line,
            fault,
        })?;
        lines += 1;
    }
    Ok(lines)
}

fn account<'r>(columns: &Columns, record: &Record<'r>) -> Result<Option<&'r str>, Fault> {
    let text = columns
        .account
        .map(|place| record.field(place))
        .filter(|text| !text.is_empty());
    text.map(|text| id(text, "connected_account")).transpose()
}

/// Looks at everything.
fn line<'r>(columns: &Columns, days: &mut Days, record: &Record<'r>) -> Result<Line<'r>, Fault> {
    let field = |place: usize| record.field(place);
    let currency = Currency::parse(field(columns.currency)).ok_or(Fault::Currency)?;
    let amount = |place: usize, name| {
        currency
            .minor(field(place))
            .map_err(|_| Fault::Amount(name))
    };
    let gross = amount(columns.gross, "gross")?;
    let fee = amount(columns.fee, "fee")?;
    let net = amount(columns.net, "net")?;
    if gross.checked_sub(fee) != Some(net) {
        return Err(Fault::Net);
    }
    Ok(Line {
        transaction: id(field(columns.transaction), "balance_transaction_id")?,
        account: account(columns, record)?,
        day: days
            .of(field(columns.day))
            .ok_or(Fault::Date("created_utc"))?,
        currency,
        gross,
        fee,
        net,
        category: columns.category.map(field).unwrap_or_default(),
        payout: columns.payout.map(field).unwrap_or_default(),
    })
}

pub(super) fn id<'r>(text: &'r [u8], name: &'static str) -> Result<&'r str, Fault> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if text.is_empty()
        || text.len() > ID_BYTES_MAX
        || !text.iter().fold(true, |all, byte| all & is_word(byte))
    {
        return Err(Fault::Id(name));
    }
    std::str::from_utf8(text).map_err(|_| Fault::Id(name))
}

/// The days of the lines. Neighbours are mostly of one day, which is then read once.
#[derive(Default)]
struct Days {
    last: Option<([u8; 10], Day)>,
}

impl Days {
    /// The day in `2026-11-22`, with or without a time after it.
    fn of(&mut self, text: &[u8]) -> Option<Day> {
        let (date, rest) = text.split_first_chunk::<10>()?;
        if !matches!(rest.first(), None | Some(b' ' | b'T')) {
            return None;
        }
        if let Some((last, day)) = &self.last
            && last == date
        {
            return Some(*day);
        }
        let day = Day::parse(std::str::from_utf8(date).ok()?).ok()?;
        self.last = Some((*date, day));
        Some(day)
    }
}
