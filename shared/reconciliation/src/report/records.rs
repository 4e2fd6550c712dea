//! The records of a CSV file, out of one buffer.
//!
//! Nearly every line of a report has no quote: it is cut at its commas where it lies.
//! Only lines with quotes are handed to a parser, which copies them.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader};
use wide::u8x16;

use super::{Fault, ReportError};

/// Longest record, bytes, and how much is read at once. The longest fields are texts of
/// some hundred characters: what is longer is a quote that nobody closed, and would be
/// read to the end.
const RECORD_BYTES_MAX: usize = 256 * 1024;

/// Most fields of a record. Reports have under a hundred.
const FIELDS_MAX: usize = 1024;

/// Bytes that are looked at at once.
const BLOCK: usize = 16;

/// Where a block has commas, and where it has line ends or quotes: a bit for each byte.
fn marks(block: [u8; BLOCK]) -> (u32, u32) {
    let block = u8x16::new(block);
    let is = |byte: u8| block.simd_eq(u8x16::splat(byte));
    let stops = is(b'\n') | is(b'"');
    (is(b',').to_bitmask(), stops.to_bitmask())
}

/// Reads a file record by record; empty lines are passed over.
pub(super) struct Records<'f> {
    file: &'f mut dyn Read,
    buffer: Box<[u8]>,
    /// What of the buffer is not read yet.
    begin: usize,
    end: usize,
    is_ended: bool,
    /// The line on which the next record begins, from 1.
    line: u64,
    /// Where the fields of the current record end.
    ends: Vec<usize>,
    /// The fields of a record that had quotes, without them.
    unquoted: Vec<u8>,
}

/// One record. It goes with the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'r> {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    text: &'r [u8],
    ends: &'r [usize],
    /// How much is between two fields.
    gap: usize,
}

impl<'r> Record<'r> {
    /// How many fields it has.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field; empty if there are not so many.
    pub(super) fn field(&self, place: usize) -> &'r [u8] {
        let begin = match place.checked_sub(1) {
            None => Some(0),
            Some(before) => self.ends.get(before).map(|end| end + self.gap),
        };
        let range = begin.zip(self.ends.get(place).copied());
        range
            .and_then(|(begin, end)| self.text.get(begin..end))
            .unwrap_or_default()
    }
}

/// What the buffer begins with.
enum Found {
    /// A line of so many bytes, and whether a line end follows.
    Line(usize, bool),
    /// A record with quotes.
    Quoted,
    /// Too little to say.
    Part,
}

impl<'f> Records<'f> {
    pub(super) fn new(file: &'f mut dyn Read) -> Self {
        Self {
            file,
            buffer: vec![0; RECORD_BYTES_MAX].into(),
            begin: 0,
            end: 0,
            is_ended: false,
            line: 1,
            ends: Vec::new(),
            unquoted: Vec::new(),
        }
    }

    /// The next record; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, ReportError> {
        loop {
            match self.find() {
                Found::Line(bytes, has_end) => {
                    let (line, begin) = (self.line, self.begin);
                    self.begin += bytes + usize::from(has_end);
                    self.line += u64::from(has_end);
                    let carries = self.buffer.get((begin + bytes).wrapping_sub(1)) == Some(&b'\r');
                    let bytes = bytes - usize::from(bytes > 0 && carries);
                    if bytes == 0 {
                        if has_end {
                            continue;
                        }
                        return Ok(None);
                    }
                    self.ends.push(bytes);
                    let text = self.buffer.get(begin..begin + bytes).unwrap_or_default();
                    return Ok(Some(Record {
                        line,
                        text,
                        ends: &self.ends,
                        gap: 1,
                    }));
                }
                Found::Quoted => {
                    let line = self.line;
                    self.unquote()?;
                    let (text, ends) = (self.unquoted.as_slice(), self.ends.as_slice());
                    return Ok(Some(Record {
                        line,
                        text,
                        ends,
                        gap: 0,
                    }));
                }
                Found::Part => self.refill()?,
            }
        }
    }

    fn held(&self) -> &[u8] {
        self.buffer.get(self.begin..self.end).unwrap_or_default()
    }

    /// Looks for the end of the line, and notes where its fields end.
    fn find(&mut self) -> Found {
        let held = self.buffer.get(self.begin..self.end).unwrap_or_default();
        self.ends.clear();
        let (blocks, rest) = held.as_chunks::<BLOCK>();
        let mut last = [0; BLOCK];
        for (byte, into) in rest.iter().zip(&mut last) {
            *into = *byte;
        }
        let mut begin = 0;
        for block in blocks.iter().chain([&last]) {
            let (mut commas, stops) = marks(*block);
            // Those before the first stop: where there are other stops, there is no comma.
            commas &= stops.wrapping_sub(1);
            while commas != 0 {
                self.ends.push(begin + commas.trailing_zeros() as usize);
                commas &= commas.wrapping_sub(1);
            }
            if stops != 0 {
                let at = begin + stops.trailing_zeros() as usize;
                return match held.get(at) {
                    Some(b'\n') => Found::Line(at, true),
                    _ => Found::Quoted,
                };
            }
            begin += BLOCK;
        }
        if self.is_ended {
            Found::Line(held.len(), false)
        } else {
            Found::Part
        }
    }

    /// Reads more behind what is held.
    fn refill(&mut self) -> Result<(), ReportError> {
        self.buffer.copy_within(self.begin..self.end, 0);
        self.end -= self.begin;
        self.begin = 0;
        let free = self.buffer.get_mut(self.end..).unwrap_or_default();
        if free.is_empty() {
            let fault = Fault::TooLong(RECORD_BYTES_MAX);
            return Err(ReportError::Line {
                line: self.line,
                fault,
            });
        }
        loop {
            match self.file.read(free) {
                Ok(read) => {
                    self.end += read;
                    self.is_ended = read == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ReportError::Broken(error)),
            }
        }
    }

    /// Parses the record that the buffer begins with, once all of it is there.
    fn unquote(&mut self) -> Result<(), ReportError> {
        self.unquoted.resize(RECORD_BYTES_MAX, 0);
        self.ends.resize(FIELDS_MAX, 0);
        loop {
            let mut parser = Reader::new();
            let held = self.buffer.get(self.begin..self.end).unwrap_or_default();
            let (mut result, read, mut wrote, mut ended) =
                parser.read_record(held, &mut self.unquoted, &mut self.ends);
            if matches!(result, ReadRecordResult::InputEmpty) && self.is_ended {
                // To the parser, nothing is the end of the file.
                let text = self.unquoted.get_mut(wrote..).unwrap_or_default();
                let ends = self.ends.get_mut(ended..).unwrap_or_default();
                let last = parser.read_record(&[], text, ends);
                (result, wrote, ended) = (last.0, wrote + last.2, ended + last.3);
            }
            match result {
                ReadRecordResult::InputEmpty => self.refill()?,
                ReadRecordResult::Record | ReadRecordResult::End => {
                    let taken = self.held().get(..read).unwrap_or_default();
                    self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
                    self.begin += read;
                    self.unquoted.truncate(wrote);
                    self.ends.truncate(ended);
                    return Ok(());
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    let fault = Fault::TooLong(RECORD_BYTES_MAX);
                    return Err(ReportError::Line {
                        line: self.line,
                        fault,
                    });
                }
            }
        }
    }
}
