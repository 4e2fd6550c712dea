//! One pass over a file, whatever it is written in.

use tributary_matching::OwnEntry;
use tributary_matching::import::{
    Check, CsvReader, Fault, PARQUET_BYTES_MAX, ParquetReader, Summary,
};

use super::pages::Pages;
use super::ports::{Files, OwnBook, Pieces};
use super::{Dropped, FILE_BYTES_MAX, ImportError, put_all};
use crate::ports::SendError;

/// Rows of Parquet between two looks at what they came to.
const ROWS_AT_ONCE: usize = 10_000;

/// What a row was read as.
pub(super) type Row = Result<OwnEntry, Vec<Fault>>;

/// What takes the rows of a pass.
pub(super) trait Sink: Send {
    /// A row and its line.
    fn row(&mut self, line: u64, row: Row);

    /// A moment to store what the rows up to now came to.
    fn settle(&mut self) -> impl Future<Output = Result<(), SendError>> + Send;
}

impl Dropped {
    fn is_parquet(&self) -> bool {
        self.key.ends_with(".parquet")
    }

    /// How long it may be, bytes: Parquet is held in memory.
    pub(super) fn bytes_max(&self) -> u64 {
        if self.is_parquet() {
            PARQUET_BYTES_MAX
        } else {
            FILE_BYTES_MAX
        }
    }
}

/// Reads a file from its beginning to its end. `false` if it is gone.
pub(super) async fn read(
    files: &impl Files,
    file: &Dropped,
    sink: &mut impl Sink,
) -> Result<bool, ImportError> {
    let Some(mut pieces) = files.open(file).await? else {
        return Ok(false);
    };
    if file.is_parquet() {
        let bytes = whole(&mut pieces, file.bytes).await?;
        let mut reader = ParquetReader::new(&bytes);
        while reader.read(ROWS_AT_ONCE, &mut |line, row| sink.row(line, row)) {
            sink.settle().await?;
        }
    } else {
        let mut reader = CsvReader::default();
        while let Some(piece) = pieces.next().await? {
            reader.push(&piece, &mut |line, row| sink.row(line, row));
            sink.settle().await?;
        }
        reader.finish(&mut |line, row| sink.row(line, row));
    }
    sink.settle().await?;
    Ok(true)
}

/// All of a file, which is as long as was said or has changed.
async fn whole(pieces: &mut impl Pieces, length: u64) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > length {
            return Err(ImportError::Changed);
        }
    }
    Ok(bytes)
}

impl Sink for Check {
    fn row(&mut self, line: u64, row: Row) {
        Check::row(self, line, row);
    }

    async fn settle(&mut self) -> Result<(), SendError> {
        Ok(())
    }
}

/// Stores the rows of a file that is valid.
pub(super) struct Storing<'b, B> {
    pub(super) book: &'b B,
    pub(super) pages: Pages,
    pub(super) summary: Summary,
}

impl<B: OwnBook> Sink for Storing<'_, B> {
    fn row(&mut self, _: u64, row: Row) {
        if let Ok(entry) = row {
            self.summary.add(&entry);
            self.pages.add(entry);
        }
    }

    async fn settle(&mut self) -> Result<(), SendError> {
        put_all(self.book, self.pages.take_full()).await
    }
}
