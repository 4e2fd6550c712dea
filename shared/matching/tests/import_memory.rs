//! A file of any size is read in bounded memory. Alone in its program, so that what
//! the program takes is what the reading takes; the file is made as it is read.
//!
//! `IMPORT_MB=1000 cargo test --release -p tributary-matching --test import_memory`
//! reads a whole gigabyte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

use std::fmt::Write;

use tributary_matching::import::{Check, CsvReader, Next};

const ROWS_OF_PIECE: u64 = 500;

/// How many entries are remembered at once: few, so that a small file needs many
/// passes, as a large one does with what is remembered of it.
const REMEMBERED: usize = 20_000;

/// The most that reading may add to the program's memory, KiB.
const GROWTH_KIB_MAX: u64 = 2 * 1024;

/// Rows `from..from + ROWS_OF_PIECE`.
fn piece(from: u64, text: &mut String) {
    text.clear();
    for n in from..from + ROWS_OF_PIECE {
        let _ = writeln!(
            text,
            "entry_{n:012},acct_{:06},order,{},usd,{}.{:02},order_{n:010},ch_{n:020}",
            n % 5_000,
            1_790_000_000 + n % 1_000_000,
            n % 10_000,
            n % 100,
        );
    }
}

/// Reads a file of at least so many bytes; how many passes it took.
fn read(bytes_min: usize) -> (Next, u32, u64) {
    let mut check = Check::remembering(REMEMBERED);
    let (mut passes, mut text) = (0, String::new());
    loop {
        let mut reader = CsvReader::default();
        let mut each = |line, row| check.row(line, row);
        reader.push(
            b"id,account,kind,occurred_at,currency,amount,order,charge\n",
            &mut each,
        );
        let (mut bytes, mut rows) = (0, 0);
        while bytes < bytes_min {
            piece(rows, &mut text);
            reader.push(text.as_bytes(), &mut each);
            bytes += text.len();
            rows += ROWS_OF_PIECE;
        }
        reader.finish(&mut each);
        passes += 1;
        match check.end_of_pass() {
            Next::Again => {}
            next => return (next, passes, rows),
        }
    }
}

/// The most memory that this program has ever had, KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_of_any_size_takes_the_memory_of_a_small_one() {
    let megabytes = std::env::var("IMPORT_MB").map_or(6, |text| text.parse().unwrap());
    read(100_000);
    let before = peak_kib();
    let (valid, passes, rows) = read(megabytes * 1_000_000);
    let grown = peak_kib() - before;
    println!("{megabytes} MB, {rows} rows, {passes} passes: {grown} KiB more than a small file");
    assert!(
        matches!(&valid, Next::Valid(summary) if summary.entries == rows),
        "{valid:?}"
    );
    assert!(passes > 1, "the file fits into what is remembered");
    assert!(grown <= GROWTH_KIB_MAX, "{grown} KiB");
}
