//! A gigabyte of own entries, made as it is read.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use tributary_matching::import::{Check, CsvReader, Next};

use crate::measure::{BenchError, peak_kib};

const BYTES: u64 = 1_000_000_000;
const ROWS_OF_PIECE: u64 = 1_000;

/// What a file took to be found valid.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Imported {
    pub(crate) bytes: u64,
    pub(crate) entries: u64,
    pub(crate) passes: u64,
    pub(crate) peak_kib: u64,
}

pub(crate) fn measure() -> Result<Imported, BenchError> {
    let mut check = Check::default();
    let (mut passes, mut text) = (0, String::new());
    loop {
        let mut reader = CsvReader::default();
        let mut each = |line, row| check.row(line, row);
        reader.push(
            b"id,account,kind,occurred_at,currency,amount,order,charge\n",
            &mut each,
        );
        let (mut bytes, mut row) = (0, 0);
        while bytes < BYTES {
            text.clear();
            for n in row..row + ROWS_OF_PIECE {
                // Writing to a text cannot fail.
                let _ = writeln!(
                    text,
                    "entry_{n:012},acct_{:06},order,{},usd,{}.{:02},order_{n:010},ch_{n:020}",
                    n % 5_000,
                    1_790_000_000 + n % 1_000_000,
                    n % 10_000,
                    n % 100,
                );
            }
            reader.push(text.as_bytes(), &mut each);
            bytes += text.len() as u64;
            row += ROWS_OF_PIECE;
        }
        reader.finish(&mut each);
        passes += 1;
        match check.end_of_pass() {
            Next::Again => {}
            Next::Valid(summary) => {
                let entries = summary.entries;
                return Ok(Imported {
                    bytes,
                    entries,
                    passes,
                    peak_kib: peak_kib()?,
                });
            }
            Next::Refused(_) => return Err(BenchError::Refused),
        }
    }
}
