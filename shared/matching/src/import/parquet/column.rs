//! One column of one row group, value by value, as texts: a page at a time is unpacked.

use super::codec::{PAGE_BYTES_MAX, Runs, unpack};
use super::schema::{Kind, Physical};
use super::thrift::{Fields, read};

/// Most values of a dictionary.
const DICTIONARY_MAX: usize = 4_000_000;

const DAMAGED: &str = "a page is damaged";
const ENCODING: &str = "its encoding is neither plain nor of a dictionary";

/// Where a column's pages are.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub(super) kind: Kind,
    pub(super) is_optional: bool,
    pub(super) codec: i64,
    pub(super) values: usize,
    /// The bytes of the file that they take.
    pub(super) at: std::ops::Range<usize>,
}

/// The values of a chunk.
#[derive(Debug)]
pub(super) struct Column {
    chunk: Chunk,
    dictionary: Vec<String>,
    page: Vec<u8>,
    /// Which values of the page are there; `None` if all are.
    levels: Option<Runs>,
    values: Values,
    /// Values of the page, and of the chunk, that are left.
    left_on_page: usize,
    left: usize,
}

#[derive(Debug)]
enum Values {
    /// One after the other in the page, the next one here.
    Plain(usize),
    /// Places in the dictionary.
    Dictionary(Runs),
}

/// A page's header, as far as it is read.
struct Header<'b> {
    kind: i64,
    unpacked: usize,
    of: Fields<'b>,
    body: &'b [u8],
}

impl Column {
    pub(super) fn new(chunk: Chunk) -> Self {
        Self {
            left: chunk.values,
            chunk,
            dictionary: Vec::new(),
            page: Vec::new(),
            levels: None,
            values: Values::Plain(0),
            left_on_page: 0,
        }
    }

    /// The next value; empty if there is none in that row.
    pub(super) fn next(&mut self, file: &[u8]) -> Result<String, &'static str> {
        while self.left_on_page == 0 {
            if self.left == 0 {
                return Err("a column has fewer values than its row group");
            }
            self.turn(file)?;
        }
        self.left_on_page -= 1;
        self.left -= 1;
        let is_there = match &mut self.levels {
            Some(levels) => levels.next().ok_or(DAMAGED)? == 1,
            None => true,
        };
        if !is_there {
            return Ok(String::new());
        }
        match &mut self.values {
            Values::Plain(at) => {
                let (text, next) = self.chunk.kind.plain(&self.page, *at).ok_or(DAMAGED)?;
                *at = next;
                Ok(text)
            }
            Values::Dictionary(places) => {
                let place = places.next().ok_or(DAMAGED)?;
                let place = usize::try_from(place).map_err(|_| DAMAGED)?;
                self.dictionary.get(place).cloned().ok_or(DAMAGED)
            }
        }
    }

    /// Turns to the next page.
    fn turn(&mut self, file: &[u8]) -> Result<(), &'static str> {
        let bytes = file.get(self.chunk.at.clone()).ok_or(DAMAGED)?;
        let (header, length) = read(bytes).ok_or(DAMAGED)?;
        let packed = header.size(3).ok_or(DAMAGED)?;
        let end = length.checked_add(packed).ok_or(DAMAGED)?;
        let body = bytes.get(length..end).ok_or(DAMAGED)?;
        self.chunk.at.start += end;
        let header = Header {
            kind: header.int(1).ok_or(DAMAGED)?,
            unpacked: header.size(2).ok_or(DAMAGED)?,
            of: header,
            body,
        };
        match header.kind {
            0 => self.data(&header),
            2 => self.dictionary(&header),
            3 => self.data_2(&header),
            // Pages of an index, and whatever comes later.
            _ => Ok(()),
        }
    }

    fn dictionary(&mut self, header: &Header<'_>) -> Result<(), &'static str> {
        let of = header.of.fields(7).ok_or(DAMAGED)?;
        let count = of.size(1).ok_or(DAMAGED)?;
        if !matches!(of.int(2), Some(0 | 2)) {
            return Err(ENCODING);
        }
        if count > DICTIONARY_MAX {
            return Err("a dictionary has more than four million values");
        }
        let page = unpack(self.chunk.codec, header.body, header.unpacked)?;
        let mut at = 0;
        self.dictionary.clear();
        for _ in 0..count {
            let (text, next) = self.chunk.kind.plain(&page, at).ok_or(DAMAGED)?;
            self.dictionary.push(text);
            at = next;
        }
        Ok(())
    }

    fn data(&mut self, header: &Header<'_>) -> Result<(), &'static str> {
        let of = header.of.fields(5).ok_or(DAMAGED)?;
        let page = unpack(self.chunk.codec, header.body, header.unpacked)?;
        let mut begin = 0;
        self.levels = None;
        if self.chunk.is_optional {
            // Levels are preceded by their length.
            let length = page.first_chunk::<4>().ok_or(DAMAGED)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| DAMAGED)?;
            begin = length.checked_add(4).ok_or(DAMAGED)?;
            let levels = page.get(4..begin).ok_or(DAMAGED)?;
            self.levels = Runs::new(levels, 1);
        }
        let (count, encoding) = (of.size(1), of.int(2));
        self.begin(page, begin, count, encoding)
    }

    /// The second form of data pages: levels are not packed.
    fn data_2(&mut self, header: &Header<'_>) -> Result<(), &'static str> {
        let of = header.of.fields(8).ok_or(DAMAGED)?;
        let (levels, repeats) = (of.size(5).unwrap_or(0), of.size(6).unwrap_or(0));
        let begin = levels.checked_add(repeats).ok_or(DAMAGED)?;
        let written = header.body.get(repeats..begin).ok_or(DAMAGED)?;
        let packed = header.body.get(begin..).ok_or(DAMAGED)?;
        let codec = match of.bool(7) {
            Some(false) => 0,
            _ => self.chunk.codec,
        };
        let length = header.unpacked.checked_sub(begin).ok_or(DAMAGED)?;
        let page = unpack(codec, packed, length)?;
        self.levels = self
            .chunk
            .is_optional
            .then(|| Runs::new(written, 1))
            .flatten();
        let (count, encoding) = (of.size(1), of.int(4));
        self.begin(page, 0, count, encoding)
    }

    fn begin(
        &mut self,
        page: Vec<u8>,
        begin: usize,
        count: Option<usize>,
        encoding: Option<i64>,
    ) -> Result<(), &'static str> {
        self.left_on_page = count.filter(|count| *count <= self.left).ok_or(DAMAGED)?;
        self.values = match encoding {
            Some(0) => Values::Plain(begin),
            Some(2 | 8) => {
                let (width, places) = page
                    .get(begin..)
                    .and_then(<[u8]>::split_first)
                    .unwrap_or((&0, &[]));
                Values::Dictionary(Runs::new(places, u32::from(*width)).ok_or(DAMAGED)?)
            }
            _ => return Err(ENCODING),
        };
        self.page = page;
        debug_assert!(self.page.len() <= PAGE_BYTES_MAX);
        Ok(())
    }
}

impl Kind {
    /// The value at a place of a plain page, as a text, and where the next one begins.
    fn plain(&self, page: &[u8], at: usize) -> Option<(String, usize)> {
        let rest = page.get(at..)?;
        let (bytes, length) = match self.physical {
            Physical::Int32 => (rest.get(..4)?, 4),
            Physical::Int64 => (rest.get(..8)?, 8),
            Physical::Int96 => (rest.get(..12)?, 12),
            Physical::Fixed(length) => (rest.get(..length)?, length),
            Physical::Bytes => {
                let length = u32::from_le_bytes(*rest.first_chunk::<4>()?);
                let end = usize::try_from(length).ok()?.checked_add(4)?;
                (rest.get(4..end)?, end)
            }
        };
        Some((self.text(bytes)?, at.checked_add(length)?))
    }
}
