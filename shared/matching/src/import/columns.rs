//! The header of a file, and rows as entries.

use tributary_domain::identity::ID_BYTES_MAX;
use tributary_domain::time::unix_seconds;
use tributary_domain::{AmountError, Currency, Owner};

use super::fault::{Fault, Problem};
use crate::entry::OwnEntry;

/// What a header may name. Those after `amount_minor` are references: what an entry
/// may be known by on the other side.
pub const COLUMNS: [&str; 17] = [
    "id",
    "account",
    "kind",
    "occurred_at",
    "currency",
    "counterparty",
    "amount",
    "amount_minor",
    "reference",
    "order",
    "charge",
    "payment_intent",
    "refund",
    "dispute",
    "transfer",
    "payout",
    "transfer_group",
];

/// How many of [`COLUMNS`] come before the references.
const PLAIN: usize = 8;

/// Columns that begin so are passed over.
pub(super) const PASSED_OVER: &str = "x_";

/// 2000-01-01 and 2200-01-01, unix seconds.
const TIMES: std::ops::Range<i64> = 946_684_800..7_258_118_400;

/// What a file's amounts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amounts {
    /// Decimals of the major unit.
    Major,
    /// Whole minor units.
    Minor,
}

/// A row's fields by their place in the header.
pub trait Row {
    /// The text of a field; empty when the row has none there.
    fn field(&self, place: usize) -> &str;
}

/// Where a file keeps what is read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// How many fields a row has.
    pub fields: usize,
    /// What the amounts are.
    pub amounts: Amounts,
    /// The place of each of [`COLUMNS`].
    places: [Option<usize>; COLUMNS.len()],
}

impl Columns {
    /// Finds the columns in a header.
    ///
    /// # Errors
    /// All that is wrong with the header.
    pub fn of<'h>(header: impl IntoIterator<Item = &'h str>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut places = [None; COLUMNS.len()];
        let mut fields = 0;
        let mut separators = false;
        for (place, name) in header.into_iter().map(str::trim).enumerate() {
            fields = place + 1;
            separators |= name.contains([';', '\t']);
            if name.starts_with(PASSED_OVER) {
                continue;
            }
            let known = COLUMNS.iter().position(|column| *column == name);
            match known.and_then(|column| places.get_mut(column)) {
                None => faults.push(fault(name, Problem::ColumnUnknown)),
                Some(Some(_)) => faults.push(fault(name, Problem::ColumnTwice)),
                Some(free) => *free = Some(place),
            }
        }
        if fields == 1 && separators {
            return Err(vec![fault("", Problem::Separator)]);
        }
        let mut columns = Self {
            fields,
            amounts: Amounts::Major,
            places,
        };
        for needed in ["id", "account", "occurred_at", "currency"] {
            if columns.place(needed).is_none() {
                faults.push(fault(needed, Problem::ColumnMissing));
            }
        }
        match (columns.place("amount"), columns.place("amount_minor")) {
            (None, None) => faults.push(fault("amount", Problem::ColumnMissing)),
            (Some(_), Some(_)) => faults.push(fault("amount_minor", Problem::ColumnTwice)),
            (Some(_), None) => {}
            (None, Some(_)) => columns.amounts = Amounts::Minor,
        }
        if faults.is_empty() {
            Ok(columns)
        } else {
            Err(faults)
        }
    }

    /// The place of a column, if the header has it.
    pub fn place(&self, column: &str) -> Option<usize> {
        let at = COLUMNS.iter().position(|known| *known == column)?;
        self.places.get(at).copied().flatten()
    }

    /// Reads a row.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn entry(&self, row: &impl Row) -> Result<OwnEntry, Vec<Fault>> {
        let mut reader = Reader {
            columns: self,
            row,
            faults: Vec::new(),
        };
        let id = reader.needed("id").to_owned();
        let account = reader.account();
        let kind = reader.text("kind").to_owned();
        let occurred_at = reader.time();
        let amount = reader
            .currency()
            .and_then(|currency| Some((currency, reader.amount(currency)?)));
        let counterparty = reader.text("counterparty").to_owned();
        let references = reader.references();
        match (account, occurred_at, amount) {
            (Some(account), Some(occurred_at), Some((currency, amount)))
                if reader.faults.is_empty() =>
            {
                Ok(OwnEntry {
                    id,
                    account,
                    kind,
                    occurred_at,
                    currency,
                    amount,
                    references,
                    counterparty,
                })
            }
            _ => Err(reader.faults),
        }
    }
}

pub(super) fn fault(field: &str, problem: Problem) -> Fault {
    // A header's names are somebody else's: enough of one to find it.
    Fault {
        field: field.chars().take(40).filter(|c| !c.is_control()).collect(),
        problem,
    }
}

/// Reads the fields of one row and gathers what is wrong.
struct Reader<'r, R> {
    columns: &'r Columns,
    row: &'r R,
    faults: Vec<Fault>,
}

impl<'r, R: Row> Reader<'r, R> {
    fn wrong<T>(&mut self, column: &str, problem: Problem) -> Option<T> {
        self.faults.push(fault(column, problem));
        None
    }

    /// A text that may be empty.
    fn text(&mut self, column: &str) -> &'r str {
        let Some(place) = self.columns.place(column) else {
            return "";
        };
        let text = self.row.field(place).trim();
        if text.len() > ID_BYTES_MAX {
            self.faults
                .push(fault(column, Problem::FieldTooLong(ID_BYTES_MAX)));
        } else if text.chars().any(char::is_control) {
            self.faults.push(fault(column, Problem::Control));
        }
        text
    }

    /// A text that may not.
    fn needed(&mut self, column: &str) -> &'r str {
        let text = self.text(column);
        if text.is_empty() {
            self.faults.push(fault(column, Problem::Empty));
        }
        text
    }

    /// A text that may not be empty, and which is nothing if something is wrong with it.
    fn sound(&mut self, column: &str) -> Option<&'r str> {
        let faults = self.faults.len();
        let text = self.needed(column);
        (faults == self.faults.len()).then_some(text)
    }

    fn account(&mut self) -> Option<Owner> {
        let text = self.sound("account")?;
        Owner::parse(text)
            .ok()
            .or_else(|| self.wrong("account", Problem::Account))
    }

    fn time(&mut self) -> Option<i64> {
        let text = self.sound("occurred_at")?;
        match when(text) {
            None => self.wrong("occurred_at", Problem::Time),
            Some(time) if !TIMES.contains(&time) => {
                self.wrong("occurred_at", Problem::TimeOutOfRange)
            }
            sound => sound,
        }
    }

    fn currency(&mut self) -> Option<Currency> {
        let text = self.sound("currency")?;
        Currency::parse(text.as_bytes())
            .filter(Currency::is_known)
            .or_else(|| self.wrong("currency", Problem::Currency))
    }

    fn amount(&mut self, currency: Currency) -> Option<i64> {
        let column = match self.columns.amounts {
            Amounts::Major => "amount",
            Amounts::Minor => "amount_minor",
        };
        let text = self.sound(column)?;
        match self.columns.amounts {
            Amounts::Major => major(text, currency),
            Amounts::Minor => minor(text),
        }
        .or_else(|problem| self.wrong(column, problem).ok_or(()))
        .ok()
    }

    fn references(&mut self) -> Vec<String> {
        let mut references: Vec<_> = COLUMNS
            .iter()
            .skip(PLAIN)
            .map(|column| self.text(column))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect();
        references.sort_unstable();
        references.dedup();
        references
    }
}

fn major(text: &str, currency: Currency) -> Result<i64, Problem> {
    let amount = currency
        .minor(text.as_bytes())
        .map_err(|error| match error {
            AmountError::NotPlain => Problem::AmountNotPlain,
            AmountError::TooFine => Problem::AmountTooFine(currency.decimals()),
            AmountError::TooLarge => Problem::AmountTooLarge,
        })?;
    let smallest = currency.smallest();
    if amount % smallest == 0 {
        Ok(amount)
    } else {
        Err(Problem::AmountFraction(smallest))
    }
}

fn minor(text: &str) -> Result<i64, Problem> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::AmountNotWhole);
    }
    text.parse().map_err(|_| Problem::AmountTooLarge)
}

/// A day, a timestamp or unix seconds.
fn when(text: &str) -> Option<i64> {
    match text.len() {
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        10 => unix_seconds(&format!("{text}T00:00:00Z")),
        _ => unix_seconds(text),
    }
}
