//! Files of the platform's own entries: read in bounded memory, valid as a whole or
//! refused as a whole.
//!
//! A file is read more than once. Each pass hands every line to a [`Check`], which
//! says at the end of a pass what comes next: another pass, the file's [`Summary`],
//! or a [`Report`] of all that is wrong with it. Only what has passed is stored.

mod check;
mod columns;
mod csv;
mod duplicates;
mod fault;
mod parquet;
mod report;

pub use check::{Check, Next, Summary};
pub use columns::{Amounts, COLUMNS, Columns, Row};
pub use csv::CsvReader;
pub use fault::{Fault, LineFault, Problem};
pub use parquet::{PARQUET_BYTES_MAX, ParquetReader};
pub use report::Report;
