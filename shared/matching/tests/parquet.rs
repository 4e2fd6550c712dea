//! Files of Parquet as DuckDB and Polars write them (`parquet_files/write.py`), and what is
//! none.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use tributary_domain::{Currency, Owner};
use tributary_matching::OwnEntry;
use tributary_matching::import::{Check, Fault, Next, ParquetReader, Problem};

type Read = Vec<(u64, Result<OwnEntry, Vec<Fault>>)>;

fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parquet_files");
    std::fs::read(format!("{folder}/{name}.parquet")).unwrap()
}

fn read(file: &[u8]) -> Read {
    let (mut reader, mut read) = (ParquetReader::new(file), Vec::new());
    while reader.read(7, &mut |row, entry| read.push((row, entry))) {}
    read
}

/// The `n`th row of every file.
fn expected(n: i64) -> OwnEntry {
    OwnEntry {
        id: format!("own-{n}"),
        account: Owner::parse(&format!("acct_{}", n % 3)).unwrap(),
        kind: if n % 5 == 0 { "" } else { "order" }.to_owned(),
        occurred_at: 1_793_491_200 + n * 60,
        currency: Currency::parse(b"usd").unwrap(),
        amount: n * 7 - 700,
        references: if n % 2 == 1 {
            vec![format!("ch_{n:05}")]
        } else {
            vec![]
        },
        counterparty: String::new(),
    }
}

#[test]
fn what_duckdb_and_polars_write_is_read() {
    for name in [
        "duckdb-snappy",
        "duckdb-zstd",
        "polars-plain",
        "polars-snappy",
        "polars-zstd",
    ] {
        let read = read(&file(name));
        assert_eq!(read.len(), 600, "{name}: {:?}", read.first());
        for (((row, entry), place), n) in read.iter().zip(2..).zip(0..) {
            assert_eq!(*row, place, "{name}");
            assert_eq!(entry.as_ref(), Ok(&expected(n)), "{name}");
        }
    }
}

#[test]
fn whole_minor_units_and_days_are_read() {
    for ((_, entry), n) in read(&file("polars-minor")).iter().zip(0..) {
        let expected = OwnEntry {
            occurred_at: 1_793_491_200,
            ..expected(n)
        };
        assert_eq!(entry.as_ref(), Ok(&expected));
    }
}

fn problem(read: &Read) -> &Problem {
    &read.last().unwrap().1.as_ref().unwrap_err()[0].problem
}

#[test]
fn floats_are_refused_before_a_row_is_read() {
    let read = read(&file("polars-float"));
    assert_eq!(read.len(), 1);
    assert_eq!(problem(&read), &Problem::AmountFloat);
}

#[test]
fn what_is_written_otherwise_is_refused_and_says_so() {
    for (name, why) in [("polars-gzip", "compression"), ("duckdb-v2", "encoding")] {
        let read = read(&file(name));
        let problem = problem(&read);
        assert!(
            matches!(problem, Problem::Parquet(said) if said.contains(why)),
            "{name}: {problem}"
        );
    }
}

#[test]
fn a_file_that_is_none_is_refused() {
    let whole = file("polars-zstd");
    for bytes in [
        &b""[..],
        b"PAR1",
        b"id,account\n",
        &whole[..whole.len() / 2],
        b"PAR1\xff\xff\xff\xffPAR1",
    ] {
        let read = read(bytes);
        assert_eq!(read.len(), 1);
        assert!(matches!(problem(&read), Problem::Parquet(_)), "{read:?}");
    }
}

#[test]
fn lines_are_checked_as_those_of_other_files_are() {
    let file = file("polars-snappy");
    let mut check = Check::default();
    let mut reader = ParquetReader::new(&file);
    while reader.read(100, &mut |row, entry| check.row(row, entry)) {}
    let Next::Valid(summary) = check.end_of_pass() else {
        unreachable!()
    };
    assert_eq!(summary.entries, 600);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    /// Whatever is broken in a file, it is read or refused: nothing panics, and nothing
    /// takes memory by its word.
    #[test]
    fn a_broken_file_breaks_nothing(
        which in 0_usize..4,
        broken in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        in_footer in any::<bool>(),
    ) {
        let name = ["duckdb-snappy", "polars-snappy", "polars-zstd", "polars-minor"][which];
        let mut bytes = file(name);
        let from = if in_footer { bytes.len().saturating_sub(900) } else { 0 };
        for (at, byte) in broken {
            let at = from + at.index(bytes.len() - from);
            bytes[at] = byte;
        }
        let read = read(&bytes);
        prop_assert!(read.len() <= 10_000_000);
    }
}
