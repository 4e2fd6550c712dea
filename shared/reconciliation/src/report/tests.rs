use std::collections::BTreeMap;
use std::io::{self, Read};

use proptest::prelude::*;
use tributary_domain::{AccountId, Currency, ObjectId, Owner};
use tributary_ledger::{Day, Digest};

use super::*;

const HEADER: &str = "balance_transaction_id,created_utc,currency,gross,fee,net,\
                      reporting_category,description,automatic_payout_id,connected_account\n";

fn report(lines: &[&str]) -> String {
    format!("{HEADER}{}\n", lines.join("\n"))
}

fn folded(lines: &[&str]) -> Result<Digests, ReportError> {
    let mut digests = Digests::default();
    fold(report(lines).as_bytes(), &mut digests)?;
    Ok(digests)
}

fn account(id: &str) -> Owner {
    Owner::Account(AccountId::parse(id).unwrap())
}

fn currency(code: &str) -> Currency {
    Currency::parse(code.as_bytes()).unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

#[test]
fn lines_add_up_by_book_day_and_currency() {
    let digests = folded(&[
        "txn_1,2026-11-21 23:59:59,usd,100.00,3.20,96.80,charge,,,acct_1",
        "txn_2,2026-11-22 00:00:00,usd,-50.00,0.00,-50.00,refund,\"a \"\"b\"\",\nc\",po_1,acct_1",
        "txn_3,2026-11-22T01:02:03,jpy,500,0,500,charge,,,",
        "txn_4,2026-11-22,usd,1.00,0,1.00,charge,,,acct_1",
    ])
    .unwrap();
    let mut of_two = Digest::of("txn_2", -5000);
    of_two.add("txn_4", 100);
    let expected = [
        (
            account("acct_1"),
            day("2026-11-21"),
            currency("usd"),
            Digest::of("txn_1", 9680),
        ),
        (
            account("acct_1"),
            day("2026-11-22"),
            currency("usd"),
            of_two,
        ),
        (
            Owner::Platform,
            day("2026-11-22"),
            currency("jpy"),
            Digest::of("txn_3", 500),
        ),
    ];
    let got: Vec<_> = digests
        .iter()
        .map(|(o, d, c, digest)| (o, d, c, *digest))
        .collect();
    assert_eq!(got, expected);
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let text = "\u{feff}net,x,fee,currency,gross,effective_at_utc,balance_transaction_id\n\
                -5.00,,0.00,EUR,-5.00,2026-11-22,txn_9\n";
    let mut digests = Digests::default();
    assert_eq!(fold(text.as_bytes(), &mut digests).unwrap(), 1);
    let digest = digests.get(&Owner::Platform, day("2026-11-22"), currency("eur"));
    assert_eq!(digest, Digest::of("txn_9", -500));
}

#[test]
fn a_missing_column_is_named() {
    let header = "balance_transaction_id,created_utc,currency,gross,net\n";
    let error = fold(header.as_bytes(), &mut Digests::default()).unwrap_err();
    assert_eq!(error.to_string(), "the report has no column fee");
}

#[test]
fn a_malformed_line_is_named_by_its_number() {
    let good = "txn_1,2026-11-21,usd,1.00,0.00,1.00,charge,,,acct_1";
    let two_lines = "txn_1,2026-11-21,usd,1.00,0.00,1.00,charge,\"a\nb\",,acct_1";
    let cases = [
        (
            vec![good, "txn_2,2026-11-21,usd"],
            "line 3: 3 fields where the header has 10",
        ),
        (
            vec!["txn_2,2026-11-21,usd,1.5e2,0,150.00,charge,,,"],
            "line 2: gross is no exact amount of its currency",
        ),
        (
            vec!["txn_2,2026-11-21,usd,1.00,0.001,1.00,charge,,,"],
            "line 2: fee is no exact amount of its currency",
        ),
        (
            vec!["txn_2,2026-11-21,jpy,1.5,0,1.5,charge,,,"],
            "line 2: gross is no exact amount of its currency",
        ),
        (
            vec!["txn_2,2026-11-21,usd,\"1,000.00\",0,1000.00,charge,,,"],
            "line 2: gross is no exact amount of its currency",
        ),
        (
            vec!["txn_2,2026-11-21,usd,1.00,0.10,1.00,charge,,,"],
            "line 2: net is not gross less fee",
        ),
        (
            vec!["txn_2,21.11.2026,usd,1.00,0,1.00,charge,,,"],
            "line 2: created_utc does not begin with a date",
        ),
        (
            vec!["txn_2,2026-02-30,usd,1.00,0,1.00,charge,,,"],
            "line 2: created_utc does not begin with a date",
        ),
        (
            vec!["txn_2,2026-11-21,u$,1.00,0,1.00,charge,,,"],
            "line 2: currency is no currency's code",
        ),
        (
            vec![",2026-11-21,usd,1.00,0,1.00,charge,,,"],
            "line 2: balance_transaction_id is no id",
        ),
        (
            vec!["txn 2,2026-11-21,usd,1.00,0,1.00,charge,,,"],
            "line 2: balance_transaction_id is no id",
        ),
        (
            vec!["txn_2,2026-11-21,usd,1.00,0,1.00,charge,,,cus_1"],
            "line 2: connected_account is no id",
        ),
        (
            vec![two_lines, "txn_2,2026-11-21,usd"],
            "line 4: 3 fields where the header has 10",
        ),
    ];
    for (lines, expected) in cases {
        assert_eq!(
            folded(&lines).unwrap_err().to_string(),
            expected,
            "{lines:?}"
        );
    }
}

/// Else an open quote in a report of gigabytes would be read into memory whole.
#[test]
fn a_quote_that_is_never_closed_ends_the_reading() {
    let start = format!("{HEADER}txn_1,2026-11-21,usd,1.00,0,1.00,charge,\"");
    let mut served = 0_usize;
    let endless = start
        .as_bytes()
        .chain(io::repeat(b'x').take(1 << 30))
        .inspect_reads(&mut served);
    let error = fold(endless, &mut Digests::default()).unwrap_err();
    assert_eq!(error.to_string(), "line 2: longer than 262144 bytes");
    assert!(served < 1 << 20, "{served} bytes were read");
}

/// Counts what is read.
struct Counted<'c, R>(R, &'c mut usize);

trait InspectReads: Read + Sized {
    fn inspect_reads(self, served: &mut usize) -> Counted<'_, Self> {
        Counted(self, served)
    }
}

impl<R: Read> InspectReads for R {}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        *self.1 += read;
        Ok(read)
    }
}

#[test]
fn a_report_that_breaks_off_is_no_report() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let text = report(&["txn_1,2026-11-21,usd,1.00,0,1.00,charge,,,"]);
    let error = fold(text.as_bytes().chain(Broken), &mut Digests::default()).unwrap_err();
    assert!(matches!(error, ReportError::Broken(_)), "{error}");
}

#[test]
fn payouts_add_up_over_their_lines() {
    let text = report(&[
        "txn_1,2026-11-20,usd,100.00,3.20,96.80,charge,,po_1,acct_1",
        "txn_2,2026-11-21,usd,-6.80,0.00,-6.80,refund,,po_1,acct_1",
        "txn_3,2026-11-21,usd,1.00,0.00,1.00,charge,,,acct_1",
        "txn_4,2026-11-21,eur,2.00,0.00,2.00,charge,,po_1,acct_2",
    ]);
    let mut paid_out = PaidOut::new();
    assert_eq!(fold_payouts(text.as_bytes(), &mut paid_out).unwrap(), 4);
    let sum = |category: &str, code, net| {
        let sum = PaidSum { count: 1, net };
        ((category.to_owned(), currency(code)), sum)
    };
    let payout = |sums: &[((String, Currency), PaidSum)]| {
        BTreeMap::from([(
            ObjectId::parse("po_1").unwrap(),
            sums.iter().cloned().collect(),
        )])
    };
    let expected = PaidOut::from([
        (
            account("acct_1"),
            payout(&[sum("charge", "usd", 9_680), sum("refund", "usd", -680)]),
        ),
        (account("acct_2"), payout(&[sum("charge", "eur", 200)])),
    ]);
    assert_eq!(paid_out, expected);
}

#[test]
fn days_that_differ_are_told_with_both_sides() {
    let (mut ours, mut theirs) = (Digests::default(), Digests::default());
    let (usd, first, second) = (currency("usd"), day("2026-11-20"), day("2026-11-21"));
    for digests in [&mut ours, &mut theirs] {
        digests.add(&account("acct_1"), first, usd, "txn_1", 5);
    }
    ours.add(&account("acct_1"), second, usd, "txn_2", 5);
    theirs.add(&account("acct_2"), second, usd, "txn_2", 5);
    theirs.add(&Owner::Platform, first, usd, "txn_3", 7);
    let found = disagreements(&ours, &theirs);
    let brief: Vec<_> = found
        .iter()
        .map(|one| (one.owner.as_str(), one.day, one.ours.net, one.theirs.net))
        .collect();
    assert_eq!(
        brief,
        [
            ("acct_1", second, 5, 0),
            ("acct_2", second, 0, 5),
            ("platform", first, 0, 7)
        ]
    );
    assert_eq!(disagreements(&theirs, &theirs), []);
}

proptest! {
    /// A line that is lost, added or changed shows on exactly its day.
    #[test]
    fn exactly_the_changed_day_differs(
        lines in prop::collection::vec((0_u8..4, 1_u8..28, -9999_i64..9999), 1..60),
        at in 0_usize..60,
        by in prop::option::of(1_i64..50),
    ) {
        let at = at % lines.len();
        let (mut ours, mut theirs) = (Digests::default(), Digests::default());
        for (index, (owner, on, net)) in lines.iter().enumerate() {
            let owner = account(&format!("acct_{owner}"));
            let on = day(&format!("2026-11-{on:02}"));
            let id = format!("txn_{index}");
            theirs.add(&owner, on, currency("usd"), &id, *net);
            match by {
                _ if index != at => ours.add(&owner, on, currency("usd"), &id, *net),
                Some(by) => ours.add(&owner, on, currency("usd"), &id, net + by),
                None => {}
            }
        }
        let found = disagreements(&ours, &theirs);
        let expected = (format!("acct_{}", lines[at].0), format!("2026-11-{:02}", lines[at].1));
        let brief: Vec<_> =
            found.iter().map(|one| (one.owner.as_str().to_owned(), one.day.to_string())).collect();
        prop_assert_eq!(brief, [expected]);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = fold([HEADER.as_bytes(), &bytes].concat().as_slice(), &mut Digests::default());
    }
}

/// A reader that gives so many bytes at a time.
struct Slow<'t>(&'t [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(self.0.len()).min(buffer.len());
        let (now, rest) = self.0.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.0 = rest;
        Ok(count)
    }
}

/// As RFC 4180 writes it; quoted if it has to be, or at will.
fn written(field: &str, at_will: bool) -> String {
    match at_will || field.contains([',', '"', '\n']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}

proptest! {
    #[test]
    fn fields_come_back_whatever_is_in_them(
        written_records in prop::collection::vec(
            prop::collection::vec(("[a-c ,\"\n]{0,3}|[a-z]{0,40}", prop::bool::weighted(0.1)), 2..12),
            1..12,
        ),
        at_once in 1_usize..70,
        has_carriage in any::<bool>(),
    ) {
        let end = if has_carriage { "\r\n" } else { "\n" };
        let line = |fields: &Vec<(String, bool)>| {
            let fields = fields.iter().map(|(field, at_will)| written(field, *at_will));
            fields.collect::<Vec<_>>().join(",") + end
        };
        let text: String = written_records.iter().map(line).collect();
        let mut slow = Slow(text.as_bytes(), at_once);
        let mut records = records::Records::new(&mut slow);
        for fields in &written_records {
            let record = records.next().unwrap().unwrap();
            let got: Vec<_> = (0..record.len()).map(|place| record.field(place)).collect();
            let expected: Vec<_> = fields.iter().map(|(field, _)| field.as_bytes()).collect();
            prop_assert_eq!(got, expected);
        }
        prop_assert!(records.next().unwrap().is_none());
    }
}

#[test]
fn lines_are_told_apart_by_book_day_and_currency() {
    let text = report(&[
        "txn_1,2026-11-20,usd,1.00,0,1.00,charge,,,acct_1",
        "txn_2,2026-11-20,usd,1.00,0,1.00,charge,,,",
        "txn_3,2026-11-20,usd,1.00,0,1.00,charge,,,acct_1",
        "txn_4,2026-11-21,usd,1.00,0,1.00,charge,,,acct_1",
        "txn_5,2026-11-20,usd,1.00,0,1.00,charge,,,acct_1",
    ]);
    let (mut digests, mut told) = (Digests::default(), Vec::new());
    let stretches = fold_each(text.as_bytes(), &mut digests, |stretch, line| {
        told.push((stretch, line.transaction.to_vec()));
    });
    let stretches = stretches.unwrap();
    let numbers: Vec<_> = told.iter().map(|(stretch, _)| *stretch).collect();
    assert_eq!(numbers, [0, 1, 0, 2, 3]);
    let days: Vec<_> = stretches
        .iter()
        .map(|(owner, day, _)| format!("{} {day}", owner.as_str()))
        .collect();
    let expected = [
        "acct_1 2026-11-20",
        "platform 2026-11-20",
        "acct_1 2026-11-21",
        "acct_1 2026-11-20",
    ];
    assert_eq!(days, expected);
    let mut folded = Digests::default();
    assert_eq!(fold(text.as_bytes(), &mut folded).unwrap(), 5);
    assert_eq!(folded, digests);
}
