//! Reading a report line by line, without a copy of any.

use std::io::{self, Read};

use csv::{ByteRecord, Error, ErrorKind, ReaderBuilder};
use tributary_domain::Currency;
use tributary_domain::identity::ID_BYTES_MAX;
use tributary_ledger::Day;

use super::{Columns, Fault, ReportError};

/// How much is read at once, bytes.
const BUFFER_BYTES: usize = 128 * 1024;

/// Longest line, bytes. The longest fields are texts of some hundred characters: what
/// is longer is a quote that nobody closed, and would be read to the end.
const LINE_BYTES_MAX: usize = 256 * 1024;

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
    report: impl Read,
    mut each: impl FnMut(&Line<'_>) -> Result<(), Fault>,
) -> Result<u64, ReportError> {
    let mut reader = ReaderBuilder::new()
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(Bounded::new(report));
    let header = reader.byte_headers().map_err(|error| at_line(error, 1))?;
    let columns = Columns::of(header)?;
    let mut record = ByteRecord::new();
    let (mut days, mut lines) = (Days::default(), 0);
    loop {
        let at = reader.position().line();
        reader.get_mut().refill();
        if !reader
            .read_byte_record(&mut record)
            .map_err(|error| at_line(error, at))?
        {
            return Ok(lines);
        }
        line(&columns, &mut days, &record)
            .and_then(|line| each(&line))
            .map_err(|fault| ReportError::Line { line: at, fault })?;
        lines += 1;
    }
}

fn line<'r>(columns: &Columns, days: &mut Days, record: &'r ByteRecord) -> Result<Line<'r>, Fault> {
    let field = |place: usize| record.get(place).unwrap_or_default();
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
    let account = columns.account.map(field).filter(|text| !text.is_empty());
    Ok(Line {
        transaction: id(field(columns.transaction), "balance_transaction_id")?,
        account: account
            .map(|text| id(text, "connected_account"))
            .transpose()?,
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
    if text.is_empty() || text.len() > ID_BYTES_MAX || !text.iter().all(is_word) {
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

/// A reader that gives up when one line takes more than [`LINE_BYTES_MAX`]: a quote
/// that is never closed would be read to the end, into memory.
struct Bounded<R> {
    report: R,
    left: usize,
}

impl<R> Bounded<R> {
    fn new(report: R) -> Self {
        let left = LINE_BYTES_MAX;
        Self { report, left }
    }

    /// Another line begins.
    fn refill(&mut self) {
        self.left = LINE_BYTES_MAX;
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.report.read(buffer)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

fn at_line(error: Error, line: u64) -> ReportError {
    match error.into_kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            let fault = Fault::Fields {
                got: len,
                expected: expected_len,
            };
            ReportError::Line { line, fault }
        }
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => ReportError::Line {
            line,
            fault: Fault::TooLong(LINE_BYTES_MAX),
        },
        ErrorKind::Io(error) => ReportError::Broken(error),
        _ => ReportError::Broken(io::Error::other("the reader failed")),
    }
}
