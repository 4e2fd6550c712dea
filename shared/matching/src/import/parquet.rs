//! Parquet, as far as tables of entries are written in it: flat columns, plain or of a
//! dictionary, packed by snappy or zstd or not at all.
//!
//! A reader of our own: what tables of entries need of the format is a few hundred lines,
//! with a bound on everything that a file claims of itself. The file is held as a whole,
//! its columns are unpacked page by page.

mod codec;
mod column;
mod schema;
mod thrift;

use super::columns::{Columns, Row, fault};
use super::fault::{Fault, Problem};
use crate::entry::OwnEntry;
use column::{Chunk, Column};
use schema::{Kind, Unfit};
use thrift::{Fields, Value};

/// Longest file, bytes: it is held in memory.
pub const PARQUET_BYTES_MAX: u64 = 64 << 20;

const MAGIC: &[u8] = b"PAR1";
/// Most rows of a file: a few bytes can stand for any number of them.
const ROWS_MAX: usize = 10_000_000;
/// Most columns of a file.
const COLUMNS_MAX: usize = 1_024;

/// Reads a file, some rows at a time.
#[derive(Debug)]
pub struct ParquetReader<'b> {
    file: &'b [u8],
    /// The columns that are read, by their place in the file.
    columns: Option<Columns>,
    /// What is wrong before the first row.
    faults: Vec<Fault>,
    /// The row groups that are left, the next one last.
    groups: Vec<(usize, Vec<Chunk>)>,
    group: Vec<Column>,
    left: usize,
    row: u64,
}

impl<'b> ParquetReader<'b> {
    /// A file, held as a whole.
    pub fn new(file: &'b [u8]) -> Self {
        let mut reader = Self {
            file,
            columns: None,
            faults: Vec::new(),
            groups: Vec::new(),
            group: Vec::new(),
            left: 0,
            row: 1,
        };
        if let Err(faults) = reader.open() {
            reader.faults = faults;
            reader.groups.clear();
        }
        reader
    }

    /// Reads up to so many rows and hands each to `each`, with its number; the names of
    /// the columns are the first. Says whether there may be more.
    pub fn read(
        &mut self,
        rows_max: usize,
        each: &mut impl FnMut(u64, Result<OwnEntry, Vec<Fault>>),
    ) -> bool {
        if !self.faults.is_empty() {
            each(1, Err(std::mem::take(&mut self.faults)));
            return false;
        }
        let Some(columns) = self.columns.clone() else {
            return false;
        };
        for _ in 0..rows_max {
            while self.left == 0 {
                let Some((rows, chunks)) = self.groups.pop() else {
                    return false;
                };
                self.left = rows;
                self.group = chunks.into_iter().map(Column::new).collect();
            }
            self.left -= 1;
            self.row += 1;
            let texts: Result<Vec<_>, _> = self
                .group
                .iter_mut()
                .map(|column| column.next(self.file))
                .collect();
            match texts {
                Ok(texts) => each(self.row, columns.entry(&Texts(texts))),
                Err(why) => {
                    // Nothing after it can be trusted.
                    each(self.row, Err(vec![unreadable(why)]));
                    self.groups.clear();
                    self.left = 0;
                    return false;
                }
            }
        }
        true
    }

    fn open(&mut self) -> Result<(), Vec<Fault>> {
        let no = |why| vec![unreadable(why)];
        let footer = footer(self.file).ok_or_else(|| no("it has no footer"))?;
        let schema = footer.list(2).unwrap_or_default();
        let leaves: Vec<_> = schema.iter().skip(1).filter_map(Value::fields).collect();
        if leaves.is_empty() {
            return Err(vec![fault("", Problem::NoHeader)]);
        }
        if leaves.len() > COLUMNS_MAX || leaves.len() + 1 != schema.len() {
            return Err(no("it has more than 1024 columns, or a damaged schema"));
        }
        let mut faults = Vec::new();
        let (mut names, mut kinds) = (Vec::new(), Vec::new());
        for (place, leaf) in leaves.iter().enumerate() {
            let name = leaf
                .bytes(4)
                .and_then(|name| std::str::from_utf8(name).ok());
            let name = name.unwrap_or_default();
            let is_nested =
                leaf.int(5).is_some_and(|children| children > 0) || leaf.int(3) == Some(2);
            let is_read = !name.starts_with(super::columns::PASSED_OVER);
            if is_nested && !is_read {
                return Err(no("it has columns of columns"));
            }
            match Kind::of(leaf) {
                _ if !is_read => {}
                _ if is_nested => faults.push(fault(name, Problem::Type)),
                Ok(kind) => {
                    names.push(name);
                    kinds.push((place, kind, leaf.int(3) == Some(1)));
                }
                Err(Unfit::Float) if name.starts_with("amount") => {
                    faults.push(fault(name, Problem::AmountFloat));
                }
                Err(_) => faults.push(fault(name, Problem::Type)),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        self.columns = Some(Columns::of(names)?);
        for group in footer.list(4).unwrap_or_default().iter().rev() {
            let chunks = group.fields().and_then(|group| chunks(group, &kinds));
            let chunks = chunks.ok_or_else(|| no("a row group is damaged"))?;
            self.groups.push(chunks);
        }
        let rows = self.groups.iter().map(|(rows, _)| *rows);
        if rows.fold(0, usize::saturating_add) > ROWS_MAX {
            return Err(no("it has more than ten million rows"));
        }
        Ok(())
    }
}

fn unreadable(why: &'static str) -> Fault {
    fault("", Problem::Parquet(why))
}

fn footer(file: &[u8]) -> Option<Fields<'_>> {
    let rest = file.strip_prefix(MAGIC)?.strip_suffix(MAGIC)?;
    let (body, length) = rest.split_last_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let footer = body.get(body.len().checked_sub(length)?..)?;
    Some(thrift::read(footer)?.0)
}

/// How many rows a group has, and where the columns are that are read.
fn chunks(group: &Fields<'_>, kinds: &[(usize, Kind, bool)]) -> Option<(usize, Vec<Chunk>)> {
    let rows = group.size(3)?;
    let all = group.list(1)?;
    let chunk = |(place, kind, is_optional): &(usize, Kind, bool)| {
        let of = all.get(*place)?.fields()?.fields(3)?;
        let data = of.size(9)?;
        let begin = of
            .size(11)
            .filter(|at| *at > 0)
            .map_or(data, |at| at.min(data));
        Some(Chunk {
            kind: *kind,
            is_optional: *is_optional,
            codec: of.int(4)?,
            values: of.size(5)?,
            at: begin..begin.checked_add(of.size(7)?)?,
        })
    };
    Some((rows, kinds.iter().map(chunk).collect::<Option<_>>()?))
}

struct Texts(Vec<String>);

impl Row for Texts {
    fn field(&self, place: usize) -> &str {
        self.0.get(place).map_or("", String::as_str)
    }
}
