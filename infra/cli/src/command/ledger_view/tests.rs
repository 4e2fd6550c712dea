#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::render::Format;

fn view(fee: i64, settled: i64) -> MonthView {
    let view = serde_json::json!({
        "fees": [[
            {"taker": "stripe", "method": "card", "country": "", "currency": "usd"},
            {"count": 1, "gross": 10_000, "fee": fee, "covered": 1, "compared": fee,
             "expected": 320},
        ]],
        "conversions": [[
            {"from": "eur", "to": "usd", "way": "in"},
            {"count": 1, "presented": 10_000, "settled": settled, "stated": settled,
             "compared": settled, "reference": 10_950},
        ]],
    });
    serde_json::from_value(view).unwrap()
}

fn books() -> Books {
    let book = |text| Book::parse(text).unwrap();
    Books::from([
        (book("live#acct_1"), view(330, 10_842)),
        (book("live#acct_2"), view(420, 10_950)),
    ])
}

fn csv(table: crate::render::Table) -> Vec<String> {
    let text = Report::new().table("sums", table).render(Format::Csv, None);
    text.lines().map(str::to_owned).collect()
}

#[test]
fn accounts_are_summed_or_told_apart() {
    let all = csv(sums::fees(&books(), false));
    assert_eq!(
        all[1..],
        ["stripe,card,,usd,2,20000,750,37500,2,750,640,110"]
    );
    let apart = csv(sums::fees(&books(), true));
    // The one that is further off comes first.
    let expected = [
        "acct_2,stripe,card,,usd,1,10000,420,42000,1,420,320,100",
        "acct_1,stripe,card,,usd,1,10000,330,33000,1,330,320,10",
    ];
    assert_eq!(apart[1..], expected);
}

#[test]
fn conversions_show_what_the_rate_cost() {
    let all = csv(sums::fx(&books(), false));
    assert!(
        all[0].ends_with("compared,at_expected_rate,difference"),
        "{all:?}"
    );
    let expected = ["eur,usd,in,2,20000,21792,1.089600,0,21792,21900,-108"];
    assert_eq!(all[1..], expected);
}
