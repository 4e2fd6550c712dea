//! Files of the platform's own entries: what is read, and what is refused and how.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use proptest::prelude::*;
use tributary_domain::{Currency, Owner};
use tributary_matching::OwnEntry;
use tributary_matching::import::{Check, CsvReader, Next, Report, Summary};

const HEADER: &str = "id,account,kind,occurred_at,currency,amount,order,charge\n";
const GOOD: &str = "e1,acct_1,order,2026-11-22T10:00:00Z,usd,100.00,o1,ch_1\n";

/// Reads a file pass by pass as the function does, in pieces of `piece` bytes.
fn read(file: &[u8], piece: usize, remembered: usize) -> (Next, Vec<OwnEntry>, usize) {
    let mut check = Check::remembering(remembered);
    let mut passes = 0;
    loop {
        let mut entries = Vec::new();
        let mut reader = CsvReader::default();
        let mut each = |line, row: Result<OwnEntry, _>| {
            entries.extend(row.as_ref().ok().cloned());
            check.row(line, row);
        };
        for piece in file.chunks(piece) {
            reader.push(piece, &mut each);
        }
        reader.finish(&mut each);
        passes += 1;
        match check.end_of_pass() {
            Next::Again => {}
            next => return (next, entries, passes),
        }
    }
}

fn entries(file: &str) -> Vec<OwnEntry> {
    match read(file.as_bytes(), 7, 1_000) {
        (Next::Valid(summary), entries, _) => {
            assert_eq!(summary.entries, entries.len() as u64);
            entries
        }
        (refused, ..) => panic!("{refused:?}"),
    }
}

fn refused(file: &[u8]) -> Report {
    match read(file, 7, 1_000).0 {
        Next::Refused(report) => report,
        valid => panic!("{valid:?}"),
    }
}

/// `line field: problem` of each fault; every one of them has a remedy.
fn faults(file: impl AsRef<[u8]>) -> Vec<String> {
    let report = refused(file.as_ref());
    let lines = report.faults.iter().map(|wrong| {
        assert!(!wrong.fault.problem.remedy().is_empty());
        format!(
            "{} {}: {}",
            wrong.line, wrong.fault.field, wrong.fault.problem
        )
    });
    lines.collect()
}

/// A file of one good row and one with `field` instead of what is in that column.
fn with(column: &str, field: &str) -> String {
    let place = HEADER
        .trim()
        .split(',')
        .position(|name| name == column)
        .unwrap();
    let mut fields: Vec<_> = GOOD.trim().split(',').collect();
    fields[0] = "e2";
    fields[place] = field;
    format!("{HEADER}{GOOD}{}\n", fields.join(","))
}

#[test]
fn a_row_becomes_an_entry() {
    let read = entries(&format!("{HEADER}{GOOD}"));
    let expected = OwnEntry {
        id: "e1".into(),
        account: Owner::parse("acct_1").unwrap(),
        kind: "order".into(),
        occurred_at: 1_795_341_600,
        currency: Currency::parse(b"usd").unwrap(),
        amount: 10_000,
        references: vec!["ch_1".into(), "o1".into()],
        counterparty: String::new(),
    };
    assert_eq!(read, [expected]);
}

#[test]
fn columns_come_in_any_order_and_some_are_passed_over() {
    let file = "x_note,currency,amount_minor,id,occurred_at,account\n\
                \"a, b\",JPY,-500,e1,1795341600,platform\n\
                ,isk,50000,e2,2026-11-22,platform\n";
    let read = entries(file);
    assert_eq!((read[0].amount, read[0].currency.as_str()), (-500, "jpy"));
    assert_eq!(
        (read[1].amount, read[1].occurred_at),
        (50_000, 1_795_305_600)
    );
    assert_eq!(read[0].account, Owner::Platform);
}

#[test]
fn byte_order_marks_line_ends_and_empty_lines_do_not_matter() {
    let plain = entries(&format!("{HEADER}{GOOD}"));
    let (header, good) = (HEADER.trim(), GOOD.trim());
    for file in [
        format!("\u{feff}{header}\r\n{good}\r\n"),
        format!("\u{feff}\"id\"{}\n{good}", &header[2..]),
        format!("{header}\n\n\n{good}"),
        format!("\r\n{header}\r\n\r\n{good}\r\n\r\n"),
    ] {
        assert_eq!(entries(&file), plain, "{file:?}");
    }
}

#[test]
fn malformed_csv_is_named_by_line() {
    let cases = [
        (
            format!("{HEADER}{GOOD}e2,acct_1\n{}", GOOD.replace("e1", "e3")),
            vec!["3 : the row has 2 fields, the header 8"],
        ),
        (
            format!("{HEADER}\r\n\r\n{GOOD}e2,a,b,c,d,e,f,g,h"),
            vec!["5 : the row has 9 fields, the header 8"],
        ),
        (
            format!("{HEADER}{GOOD}e2,\"acct_1,order,2026-11-22,usd,1.00,,\n"),
            vec!["3 : a quote is opened and not closed"],
        ),
        (
            with("order", "\"o\n1\""),
            vec!["3 order: the field has a control character"],
        ),
        (
            with("order", &"o".repeat(300)),
            vec!["3 order: the field is longer than 255 bytes"],
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(faults(&file), expected, "{file:?}");
    }
    let mut latin = with("order", "stra").into_bytes();
    latin.splice(latin.len() - 7..latin.len() - 7, *b"\xdfe");
    assert_eq!(faults(latin), ["3 : the row is not UTF-8"]);
}

#[test]
fn a_quote_that_is_never_closed_stops_at_the_longest_row() {
    let file = format!("{HEADER}{GOOD}\"e2{}", "x".repeat(1 << 20));
    assert_eq!(faults(file), ["3 : the row is longer than 65536 bytes"]);
}

#[test]
fn headers_are_checked() {
    let cases = [
        ("", "1 : the file is empty"),
        ("\n\n", "1 : the file is empty"),
        (
            "id;account;amount\n",
            "1 : the fields are not separated by commas",
        ),
        (
            "id,account,occurred_at,currency\n",
            "1 amount: the column is missing",
        ),
        (
            "id,id,account,occurred_at,currency,amount\n",
            "1 id: the column is there twice",
        ),
        (
            "id,account,occurred_at,currency,amount,amount_minor\n",
            "1 amount_minor: the column is there twice",
        ),
        (
            "id,account,occurred_at,currency,amount,refrence\n",
            "1 refrence: the column is unknown",
        ),
        (GOOD, "1 e1: the column is unknown"),
    ];
    for (file, expected) in cases {
        assert_eq!(faults(file)[0], expected, "{file:?}");
    }
}

#[test]
fn amounts_are_exact_or_refused() {
    let plain = "3 amount: the amount is not a plain number";
    let cases = [
        ("1e2", plain),
        ("1E-2", plain),
        ("\"1,000.00\"", plain),
        ("$5", plain),
        ("NaN", plain),
        ("=1+1", plain),
        ("+5", plain),
        (
            "0.1000000000000000055",
            "3 amount: the amount has more decimals than its currency, which has 2",
        ),
        (
            "1.005",
            "3 amount: the amount has more decimals than its currency, which has 2",
        ),
        ("92233720368547758.08", "3 amount: the amount is too large"),
        ("", "3 amount: the field is empty"),
    ];
    for (amount, expected) in cases {
        assert_eq!(faults(with("amount", amount)), [expected], "{amount}");
    }
    let jpy = with("amount", "1.50").replace("usd,1.50", "jpy,1.50");
    assert_eq!(
        faults(jpy),
        ["3 amount: the amount has more decimals than its currency, which has 0"]
    );
    let isk = with("amount", "1.50").replace("usd,1.50", "isk,1.50");
    assert_eq!(
        faults(isk),
        [
            "3 amount: the amount is no multiple of 100 minor units, the smallest amount of its currency"
        ]
    );
    let minor = with("amount", "5.00")
        .replace(",amount,", ",amount_minor,")
        .replace("100.00", "7");
    assert_eq!(
        faults(minor),
        ["3 amount_minor: the amount is not a whole number of minor units"]
    );
}

#[test]
fn wrong_currencies_accounts_and_times_are_named() {
    let cases = [
        ("currency", "usf", "3 currency: the currency is unknown"),
        ("currency", "€", "3 currency: the currency is unknown"),
        ("currency", "", "3 currency: the field is empty"),
        ("account", "1", "3 account: the account is no account's id"),
        (
            "account",
            "acct_1#x",
            "3 account: the account is no account's id",
        ),
        (
            "occurred_at",
            "22/11/2026",
            "3 occurred_at: the time is not one",
        ),
        (
            "occurred_at",
            "2026-02-30",
            "3 occurred_at: the time is not one",
        ),
        (
            "occurred_at",
            "1795341600000",
            "3 occurred_at: the time is before 2000 or after 2199",
        ),
        ("id", "", "3 id: the field is empty"),
    ];
    for (column, field, expected) in cases {
        assert_eq!(faults(with(column, field)), [expected], "{column} {field}");
    }
}

#[test]
fn all_that_is_wrong_with_a_line_is_said() {
    let file = format!("{HEADER}{GOOD},acct,order,never,zzz,x,o1,ch_1\n");
    assert_eq!(faults(file).len(), 4);
}

#[test]
fn repeated_lines_are_named_with_the_first() {
    let other = GOOD.replace("acct_1", "acct_2");
    let file = format!(
        "{HEADER}{GOOD}{other}{GOOD}{}",
        GOOD.replace("100.00", "5.00")
    );
    let repeated = "id: the id is on line 2 too, of the same account";
    assert_eq!(
        faults(file),
        [format!("4 {repeated}"), format!("5 {repeated}")]
    );
}

#[test]
fn formulas_are_texts() {
    let read = entries(&with("order", "\"=HYPERLINK(\"\"http://x\"\")\""));
    assert_eq!(read[1].references[0], "=HYPERLINK(\"http://x\")");
}

#[test]
fn a_report_is_bounded_and_counts_the_rest() {
    let file = format!("{HEADER}{}", "e,acct_1\n".repeat(2_500));
    let report = refused(file.as_bytes());
    assert_eq!((report.faults.len(), report.more), (1_000, 1_500));
}

#[test]
fn more_entries_than_are_remembered_take_more_passes_and_miss_nothing() {
    let mut file = HEADER.to_owned();
    for n in 0..1_000 {
        file.push_str(&GOOD.replace("e1", &format!("e{n}")));
    }
    let (valid, _, passes) = read(file.as_bytes(), 4096, 100);
    assert!(
        matches!(valid, Next::Valid(Summary { entries: 1_000, .. })),
        "{valid:?}"
    );
    assert!(passes >= 10, "{passes}");
    for n in [0, 17, 999] {
        let twice = format!("{file}{}", GOOD.replace("e1", &format!("e{n}")));
        match read(twice.as_bytes(), 4096, 100).0 {
            Next::Refused(report) => assert_eq!(report.faults[0].line, 1_002),
            valid => panic!("{valid:?}"),
        }
    }
}

proptest! {
    #[test]
    fn pieces_do_not_matter(text in "([a-z0-9,\"\n\r]|é){0,120}", piece in 1_usize..9) {
        let file = format!("{HEADER}{GOOD}{text}");
        let (whole, in_pieces) = (read(file.as_bytes(), 1 << 20, 100), read(file.as_bytes(), piece, 100));
        prop_assert_eq!(whole.0, in_pieces.0);
        prop_assert_eq!(whole.1, in_pieces.1);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes, 64, 100);
    }
}
