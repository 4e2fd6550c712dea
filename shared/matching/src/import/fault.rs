//! What can be wrong with a line, and what to do about it.

use super::columns::COLUMNS;

/// One thing that is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// The line on which the row begins, from 1; rows of a file without lines are
    /// counted alike.
    pub line: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The column, or nothing if it is the row as a whole.
    pub field: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong. The text says it without quoting what the file holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file ends before a header.
    #[error("the file is empty")]
    NoHeader,
    /// More than is read in one go.
    #[error("the file is longer than {0} bytes")]
    FileTooLong(u64),
    /// A file of Parquet that is none, or is written in a way that is not read.
    #[error("the Parquet file cannot be read: {0}")]
    Parquet(&'static str),
    /// A needed column is not in the header.
    #[error("the column is missing")]
    ColumnMissing,
    /// The header has one that nothing reads.
    #[error("the column is unknown")]
    ColumnUnknown,
    /// The header has one twice.
    #[error("the column is there twice")]
    ColumnTwice,
    /// The header has one field, and semicolons or tabs in it.
    #[error("the fields are not separated by commas")]
    Separator,
    /// A row is shorter or longer than the header.
    #[error("the row has {got} fields, the header {expected}")]
    Fields {
        /// Fields of the row.
        got: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// An odd number of quotes.
    #[error("a quote is opened and not closed")]
    QuoteOpen,
    /// More than a row can have.
    #[error("the row is longer than {0} bytes")]
    RowTooLong(usize),
    /// Bytes of another encoding.
    #[error("the row is not UTF-8")]
    NotUtf8,
    /// Nothing where something is needed.
    #[error("the field is empty")]
    Empty,
    /// Longer than a field can be.
    #[error("the field is longer than {0} bytes")]
    FieldTooLong(usize),
    /// A line break, a tab, a null.
    #[error("the field has a control character")]
    Control,
    /// Neither the platform nor an account.
    #[error("the account is no account's id")]
    Account,
    /// Not a time.
    #[error("the time is not one")]
    Time,
    /// A time that no entry can have.
    #[error("the time is before 2000 or after 2199")]
    TimeOutOfRange,
    /// Not a currency.
    #[error("the currency is unknown")]
    Currency,
    /// An exponent, a separator of thousands, a sign of a currency.
    #[error("the amount is not a plain number")]
    AmountNotPlain,
    /// A number that cannot hold amounts exactly.
    #[error("the amount is a floating-point number")]
    AmountFloat,
    /// More decimals than the currency has.
    #[error("the amount has more decimals than its currency, which has {0}")]
    AmountTooFine(u32),
    /// Not a multiple of the smallest amount.
    #[error("the amount is no multiple of {0} minor units, the smallest amount of its currency")]
    AmountFraction(i64),
    /// Not a whole number.
    #[error("the amount is not a whole number of minor units")]
    AmountNotWhole,
    /// More than 64 bits.
    #[error("the amount is too large")]
    AmountTooLarge,
    /// A line says what another says.
    #[error("the id is on line {0} too, of the same account")]
    Repeated(u64),
    /// A column of another type.
    #[error("the column has a type that it cannot have")]
    Type,
}

impl Problem {
    /// What makes it right.
    pub fn remedy(&self) -> String {
        let remedy = match self {
            Self::NoHeader => "begin the file with a header that names the columns",
            Self::FileTooLong(_) => "drop it in parts; nothing of it was read",
            Self::Parquet(_) => {
                "write flat columns with plain or dictionary encoding, packed with snappy, zstd or \
                 not at all; or drop CSV"
            }
            Self::ColumnMissing => {
                "add it; needed are id, account, occurred_at, currency, and amount or amount_minor"
            }
            Self::ColumnUnknown => {
                return format!(
                    "name it as one of {}, or let its name begin with x_ to have it passed over",
                    COLUMNS.join(", ")
                );
            }
            Self::ColumnTwice => "keep one; of amount and amount_minor too",
            Self::Separator => "separate the fields by commas",
            Self::Fields { .. } => "put text that has commas in double quotes",
            Self::QuoteOpen => "close the quote, and double each quote that is part of a text",
            Self::RowTooLong(_) => "look for a quote that is not closed; nothing after it was read",
            Self::NotUtf8 => "save the file as UTF-8",
            Self::Empty => "fill it in",
            Self::FieldTooLong(_) => "shorten it",
            Self::Control => {
                "remove the line break or other control character; look for an open quote"
            }
            Self::Account => "write acct_… or platform",
            Self::Time => "write 2026-11-22, 2026-11-22T10:00:00Z or unix seconds",
            Self::TimeOutOfRange => "write unix seconds, not milliseconds; check the year",
            Self::Currency => "write the ISO 4217 code that the account settles in, such as usd",
            Self::AmountNotPlain => {
                "write digits, at most one point, and a minus before them if money left: -1234.50"
            }
            Self::AmountFloat => "store a decimal, a text, or whole minor units",
            Self::AmountTooFine(_) => "round it in your own book first",
            Self::AmountFraction(_) => "write an amount without fractions",
            Self::AmountNotWhole => "write digits only, or use the column amount for decimals",
            Self::AmountTooLarge => "check the amount",
            Self::Repeated(_) => "remove one of them, or give them different ids",
            Self::Type => "store texts, whole numbers, decimals or timestamps",
        };
        remedy.to_owned()
    }
}
