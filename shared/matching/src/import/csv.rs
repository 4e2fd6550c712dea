//! Comma-separated values, in pieces as they arrive.

use csv_core::{ReadRecordResult, Reader};

use super::columns::{Columns, Row, fault};
use super::fault::{Fault, Problem};
use crate::entry::OwnEntry;

/// Longest row, bytes: 17 fields of 255 characters fit well. What is longer is a
/// quote that nobody closed, and would be read to the end of the file.
const ROW_BYTES_MAX: usize = 64 * 1024;

/// Most fields of a row.
const FIELDS_MAX: usize = 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a file that comes in pieces of any size, in the memory of one row.
///
/// Lines end with LF or CRLF; a byte order mark is passed over, and so are empty
/// lines. What the `csv-core` parser would forgive is refused here: an open quote,
/// rows of another length than the header's, line breaks within a field.
pub struct CsvReader {
    parser: Reader,
    text: Box<[u8]>,
    ends: Box<[usize]>,
    /// How much of `text` and `ends` the current row has filled.
    filled: (usize, usize),
    /// The current line, from 1, and the one on which the current row began.
    line: u64,
    began: Option<u64>,
    quotes: usize,
    /// How much of the byte order mark has passed.
    mark: usize,
    columns: Option<Columns>,
    stopped: bool,
}

impl Default for CsvReader {
    fn default() -> Self {
        Self {
            parser: Reader::new(),
            text: vec![0; ROW_BYTES_MAX].into(),
            ends: vec![0; FIELDS_MAX].into(),
            filled: (0, 0),
            line: 1,
            began: None,
            quotes: 0,
            mark: 0,
            columns: None,
            stopped: false,
        }
    }
}

/// What a row was read as.
type Read = Result<OwnEntry, Vec<Fault>>;

impl CsvReader {
    /// Reads the next piece and hands each row that it completes to `each`, with the
    /// line on which the row began.
    pub fn push(&mut self, piece: &[u8], each: &mut impl FnMut(u64, Read)) {
        let mut rest = self.after_mark(piece);
        while !self.stopped {
            if self.began.is_none() {
                rest = self.after_line_ends(rest);
            }
            if rest.is_empty() {
                return;
            }
            rest = self.step(rest, each);
        }
    }

    /// The end of the file: hands over a last row without a line end.
    pub fn finish(mut self, each: &mut impl FnMut(u64, Read)) {
        if !self.stopped && self.began.is_some() {
            // To the parser, nothing is the end.
            self.step(&[], each);
        }
        if !self.stopped && self.columns.is_none() {
            each(1, Err(vec![fault("", Problem::NoHeader)]));
        }
    }

    fn after_mark<'p>(&mut self, piece: &'p [u8]) -> &'p [u8] {
        let mut rest = piece;
        while let (Some(expected), Some((byte, after))) =
            (BYTE_ORDER_MARK.get(self.mark), rest.split_first())
        {
            if byte != expected {
                self.mark = BYTE_ORDER_MARK.len();
                break;
            }
            self.mark += 1;
            rest = after;
        }
        rest
    }

    /// Skips what is left of the last row's line end, and empty lines.
    fn after_line_ends<'p>(&mut self, piece: &'p [u8]) -> &'p [u8] {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let ends = piece.iter().take_while(|byte| is_end(byte)).count();
        let (skipped, rest) = piece.split_at_checked(ends).unwrap_or((piece, &[]));
        self.line += count(skipped, b'\n');
        rest
    }

    /// Reads to the end of a row or of the piece.
    fn step<'p>(&mut self, piece: &'p [u8], each: &mut impl FnMut(u64, Read)) -> &'p [u8] {
        let began = *self.began.get_or_insert(self.line);
        let (text_filled, ends_filled) = self.filled;
        let (Some(text), Some(ends)) = (
            self.text.get_mut(text_filled..),
            self.ends.get_mut(ends_filled..),
        ) else {
            return &[];
        };
        let (result, read, wrote, ended) = self.parser.read_record(piece, text, ends);
        let (taken, rest) = piece.split_at_checked(read).unwrap_or((piece, &[]));
        self.line += count(taken, b'\n');
        self.quotes += taken.iter().filter(|byte| **byte == b'"').count();
        self.filled = (text_filled + wrote, ends_filled + ended);
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                self.stopped = true;
                each(
                    began,
                    Err(vec![fault("", Problem::RowTooLong(ROW_BYTES_MAX))]),
                );
            }
            ReadRecordResult::Record => {
                self.row(began, each);
                self.filled = (0, 0);
                self.began = None;
                self.quotes = 0;
            }
        }
        rest
    }

    /// A row is complete.
    fn row(&mut self, line: u64, each: &mut impl FnMut(u64, Read)) {
        let text = self.text.get(..self.filled.0).unwrap_or_default();
        let ends = self.ends.get(..self.filled.1).unwrap_or_default();
        let row = match str::from_utf8(text) {
            _ if !self.quotes.is_multiple_of(2) => Err(Problem::QuoteOpen),
            Err(_) => Err(Problem::NotUtf8),
            Ok(text) => Ok(CsvRow { text, ends }),
        };
        match (row, &self.columns) {
            (Ok(row), Some(columns)) if ends.len() == columns.fields => {
                each(line, columns.entry(&row));
            }
            (Ok(_), Some(columns)) => {
                let problem = Problem::Fields {
                    got: ends.len(),
                    expected: columns.fields,
                };
                each(line, Err(vec![fault("", problem)]));
            }
            (Ok(row), None) => match Columns::of((0..ends.len()).map(|place| row.field(place))) {
                Ok(columns) => self.columns = Some(columns),
                Err(faults) => {
                    self.stopped = true;
                    each(line, Err(faults));
                }
            },
            (Err(problem), columns) => {
                // Without a header there is nothing to read the rest by.
                self.stopped |= columns.is_none();
                each(line, Err(vec![fault("", problem)]));
            }
        }
    }
}

fn count(bytes: &[u8], wanted: u8) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == wanted)).sum()
}

struct CsvRow<'r> {
    text: &'r str,
    /// Where each field ends in `text`.
    ends: &'r [usize],
}

impl Row for CsvRow<'_> {
    fn field(&self, place: usize) -> &str {
        let begin = match place.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        let range = begin.zip(self.ends.get(place).copied());
        range
            .and_then(|(begin, end)| self.text.get(begin..end))
            .unwrap_or_default()
    }
}
