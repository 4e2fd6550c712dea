//! `docs/LEDGER.md` says what the code does: its tables are read here and tried.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::{Currency, Links};
use tributary_ledger::{Account, Book, Doubt, Head, Rule};

use crate::sample::{Ledger, Movement, account, connected, id, movement, platform};
use crate::scenes::{self, Scene};

const DOCUMENT: &str = include_str!("../../../../docs/LEDGER.md");

/// The rows of the table that follows a heading, without its head.
fn table(heading: &str) -> Vec<Vec<String>> {
    whole_table(heading).split_off(2)
}

fn whole_table(heading: &str) -> Vec<Vec<String>> {
    let (_, section) = DOCUMENT
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("no section {heading}"));
    section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// The words that stand in backquotes.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_chart_is_complete() {
    let written: Vec<(String, String)> = table("## Chart of accounts")
        .iter()
        .map(|row| (quoted(&row[0])[0].to_owned(), row[1].clone()))
        .collect();
    let chart: Vec<(String, String)> = Head::ALL
        .iter()
        .map(|head| (head.as_str().to_owned(), format!("{:?}", head.class())))
        .collect();
    assert_eq!(written, chart);
}

/// `` `refund` re_1 of ch_1 by trr_1 `` and the like.
fn with_source(movement: Movement, cell: &str) -> Movement {
    let words: Vec<&str> = cell.split_whitespace().collect();
    let [kind, source, links @ ..] = words.as_slice() else {
        return movement;
    };
    let kind = kind.trim_matches('`');
    movement.linked(kind, source, |found: &mut Links| {
        for link in links.chunks(2) {
            let object = Some(id(link[1]));
            match link[0] {
                "of" if link[1].starts_with("tr_") => found.transfer = object,
                "of" => found.charge = object,
                "from" => found.source_transfer = object,
                "by" => found.source_transfer_reversal = object,
                other => panic!("{other}"),
            }
        }
    })
}

/// Each type of each row, posted on both books; a dash is a type that the book has no
/// rule for.
#[test]
fn every_posting_is_as_written() {
    let rows = table("### Accounts by type");
    for row in &rows {
        let [kinds, category, source, on_platform, on_connected] = row.as_slice() else {
            panic!("{row:?}");
        };
        for kind in quoted(kinds) {
            let category = quoted(category)[0];
            let movement = with_source(movement(kind, category, -4_200), source);
            posts(&platform(), &movement, on_platform);
            posts(&connected(), &movement, on_connected);
        }
    }
    assert!(rows.len() > 40);
}

fn posts(book: &Book, movement: &Movement, cell: &str) {
    let (entry, doubts) = movement.post(book);
    let kind = movement.0.kind.clone();
    let contra = match quoted(cell).first() {
        Some(contra) => account(contra),
        None => {
            assert_eq!(
                doubts,
                [Doubt::UnknownType { kind: kind.clone() }],
                "{book}"
            );
            Account::named(Head::SuspenseType, &kind)
        }
    };
    assert_eq!(entry.on(&contra), 4_200, "{kind} on {book}: {entry:?}");
}

#[test]
fn every_fee_is_as_written() {
    for row in table("### Fees") {
        for kind in quoted(&row[0]) {
            let movement = movement("stripe_fee", "fee", 0).fee(kind, 55);
            let (entry, _) = movement.post(&connected());
            assert_eq!(entry.on(&account(quoted(&row[1])[0])), 55, "{kind}");
        }
    }
}

#[test]
fn every_rule_is_listed() {
    let written: Vec<(String, u32)> = table("## Layer B: what entries amount to")
        .iter()
        .map(|row| (quoted(&row[0])[0].to_owned(), row[1].parse().unwrap()))
        .collect();
    let rules = Rule::ALL.map(|rule| (rule.as_str().to_owned(), rule.version()));
    assert_eq!(written, rules);
}

type Play = fn() -> Scene;

macro_rules! examples {
    ($($heading:literal: [$($scene:ident),* $(,)?];)*) => {
        const EXAMPLES: &[(&str, &[(&str, Play)])] = &[
            $(($heading, &[$((stringify!($scene), scenes::$scene)),*])),*
        ];
    };
}

examples! {
    "### Payments": [direct, destination, destination_of_a_part, separate_transfers,
        unlinked_transfers];
    "### Refunds": [direct_refunded_with_fee, destination_refunded,
        destination_refunded_and_reversed, destination_refunded_with_everything,
        destination_refund_failed, failed_refund_passed_on];
    "### At another rate": [refunded_at_another_rate,
        destination_refunded_at_another_rate, dispute_won_at_another_rate,
        dispute_won_in_part_at_another_rate];
    "### Disputes": [direct_dispute_lost, destination_disputed, destination_dispute_lost,
        destination_dispute_won, destination_dispute_won_in_part, destination_dispute_recovered];
    "### Payouts and top-ups": [payout_created, payout_paid, payout_failed_after_paid,
        payout_converted, topup_succeeded, topup_reversed];
    "### Balances below zero": [direct_refunded, negative_balance, negative_balance_collected];
}

/// Account, then the dollars of each scene's books that are not empty.
fn balances(scenes: &[(&str, Play)]) -> Vec<Vec<String>> {
    let mut head = vec!["Account".to_owned()];
    let mut columns: Vec<BTreeMap<String, i64>> = Vec::new();
    for (name, play) in scenes {
        let Scene {
            platform,
            connected,
        } = play();
        for (book, ledger) in [("P", platform), ("C", connected)] {
            let balances = Ledger::books(&ledger, "usd");
            if !balances.is_empty() {
                head.push(format!("`{name}` {book}"));
                columns.push(balances);
            }
        }
    }
    let mut accounts: Vec<Account> = columns
        .iter()
        .flat_map(BTreeMap::keys)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|name| account(name))
        .collect();
    accounts.sort();
    let dollars = Currency::parse(b"usd").unwrap();
    let rows = accounts.iter().map(|account| {
        let amounts = columns.iter().map(|column| {
            let amount = column.get(&account.to_string());
            amount.map_or(String::new(), |amount| dollars.major(*amount))
        });
        std::iter::once(format!("`{account}`"))
            .chain(amounts)
            .collect()
    });
    std::iter::once(head).chain(rows).collect()
}

/// Fails with the table as it should be.
#[test]
fn every_example_is_worked_out() {
    for (heading, scenes) in EXAMPLES {
        let expected = balances(scenes);
        let mut written = whole_table(heading);
        written.remove(1);
        let shown: Vec<String> = expected
            .iter()
            .map(|row| format!("| {} |", row.join(" | ")))
            .collect();
        assert!(written == expected, "{heading}\n{}", shown.join("\n"));
    }
}
