//! Reading a report line by line, without a copy of any.

use std::io::Read;

use tributary_domain::Currency;
use tributary_domain::identity::ID_BYTES_MAX;
use tributary_ledger::Day;
use wide::u8x16;

use super::records::{Record, Records};
use super::{Columns, Fault, ReportError};

/// One movement of a report. The texts are the reader's: they go with the next line. Ids
/// are letters, digits, `_` and `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'r> {
    /// The movement's id.
    pub transaction: &'r [u8],
    /// The connected account, unchecked; empty for the platform itself.
    pub account: &'r [u8],
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
    records(&mut report, &mut |columns, seen, record| {
        line(columns, seen, record).and_then(|line| each(&line))
    })
}

/// What is done with each record.
type Each<'e> = dyn FnMut(&Columns, &mut Seen, &Record<'_>) -> Result<(), Fault> + 'e;

/// Not generic, so that it is compiled here, where the profile asks for speed.
fn records(report: &mut dyn Read, each: &mut Each<'_>) -> Result<u64, ReportError> {
    let mut records = Records::new(report);
    let columns = match records.next()? {
        Some(header) => Columns::of((0..header.len()).map(|place| header.field(place)))?,
        None => Columns::of([])?,
    };
    let (mut seen, mut lines) = (Seen::default(), 0);
    while let Some(record) = records.next()? {
        let (got, expected) = (record.len() as u64, columns.fields as u64);
        let read = match got == expected {
            true => each(&columns, &mut seen, &record),
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

/// Looks at everything.
fn line<'r>(columns: &Columns, seen: &mut Seen, record: &Record<'r>) -> Result<Line<'r>, Fault> {
    let field = |place: usize| record.field(place);
    let currency = seen.currency(field(columns.currency))?;
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
        account: columns.account.map(field).unwrap_or_default(),
        day: seen.day(field(columns.day))?,
        currency,
        gross,
        fee,
        net,
        category: columns.category.map(field).unwrap_or_default(),
        payout: columns.payout.map(field).unwrap_or_default(),
    })
}

pub(super) fn id<'r>(text: &'r [u8], name: &'static str) -> Result<&'r [u8], Fault> {
    let is_id = !text.is_empty() && text.len() <= ID_BYTES_MAX && are_words(text);
    is_id.then_some(text).ok_or(Fault::Id(name))
}

/// Whether all bytes are letters, digits, `_` or `-`, seen 16 at once.
fn are_words(text: &[u8]) -> bool {
    let (blocks, rest) = text.as_chunks();
    let mut last = [b'_'; 16];
    for (place, byte) in last.iter_mut().zip(rest) {
        *place = *byte;
    }
    let is_word = |block: &[u8; 16]| {
        let block = u8x16::new(*block);
        let is = |byte: u8| block.simd_eq(u8x16::splat(byte));
        let is_among = |bytes: u8x16, first: u8, count: u8| {
            let place = bytes - u8x16::splat(first);
            place.min(u8x16::splat(count - 1)).simd_eq(place)
        };
        let lower = block | u8x16::splat(b'a' ^ b'A');
        is_among(lower, b'a', 26) | is_among(block, b'0', 10) | is(b'_') | is(b'-')
    };
    let all = blocks
        .iter()
        .fold(is_word(&last), |all, block| all & is_word(block));
    all.all()
}

/// Days and currencies that were read. Neighbours mostly have the same, which are then
/// read once.
#[derive(Default)]
struct Seen {
    day: Option<([u8; 10], Day)>,
    currency: Option<([u8; 3], Currency)>,
}

impl Seen {
    /// The day in `2026-11-22`, with or without a time after it.
    fn day(&mut self, text: &[u8]) -> Result<Day, Fault> {
        let fault = Fault::Date("created_utc");
        let (date, rest) = text.split_first_chunk::<10>().ok_or(fault)?;
        if !matches!(rest.first(), None | Some(b' ' | b'T')) {
            return Err(fault);
        }
        if let Some((last, day)) = &self.day
            && last == date
        {
            return Ok(*day);
        }
        let text = std::str::from_utf8(date).map_err(|_| fault)?;
        let day = Day::parse(text).map_err(|_| fault)?;
        self.day = Some((*date, day));
        Ok(day)
    }

    fn currency(&mut self, code: &[u8]) -> Result<Currency, Fault> {
        let three = <[u8; 3]>::try_from(code).ok();
        if let (Some((last, currency)), Some(three)) = (&self.currency, three)
            && *last == three
        {
            return Ok(*currency);
        }
        let currency = Currency::parse(code).ok_or(Fault::Currency)?;
        self.currency = three.map(|three| (three, currency));
        Ok(currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wherever it stands in an id of any length.
    #[test]
    fn ids_are_letters_digits_underscores_and_hyphens() {
        for (length, byte) in (1..50).flat_map(|n| (0..=u8::MAX).map(move |byte| (n, byte))) {
            let is_word = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            for place in [0, length / 2, length - 1] {
                let mut text = vec![b'a'; length];
                text[place] = byte;
                assert_eq!(id(&text, "id").is_ok(), is_word, "{byte} at {place}");
            }
        }
        assert!(id(&[b'a'; ID_BYTES_MAX], "id").is_ok());
        assert!(id(&[b'a'; ID_BYTES_MAX + 1], "id").is_err());
    }
}
