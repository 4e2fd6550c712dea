use tributary_domain::{Links, Mode, ObjectId, Owner, Source};

use super::*;

fn movement(kind: &str, category: &str, amount: i64, source: &str) -> BalanceTransaction {
    BalanceTransaction {
        id: ObjectId::parse("txn_1").unwrap(),
        kind: kind.to_owned(),
        reporting_category: category.to_owned(),
        balance_type: "payments".to_owned(),
        currency: "usd".to_owned(),
        amount,
        fee: 0,
        net: amount,
        fee_details: Vec::new(),
        exchange_rate: None,
        created: 1_795_305_600,
        available_on: 1_795_305_600,
        status: "available".to_owned(),
        source: Some(Source {
            id: ObjectId::parse(source).unwrap(),
            kind: None,
            links: Links::default(),
        }),
    }
}

fn platform() -> Book {
    Book {
        mode: Mode::Live,
        owner: Owner::Platform,
    }
}

#[test]
fn an_entry_has_one_form() {
    let posted = post(&platform(), &movement("charge", "charge", 10_000, "ch_1")).unwrap();
    let text = serde_json::to_string(&posted.entry).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"book":"live#platform","transaction":"txn_1","created":1795305600,"#,
            r#""available_on":1795305600,"currency":"usd","amount":10000,"fee":0,"net":10000,"#,
            r#""type":"charge","reporting_category":"charge","#,
            r#""source":{"id":"ch_1","kind":null,"links":{}},"#,
            r#""lines":[["stripe_balance:payments",10000],["customer_funds:ch_1",-10000]]}"#
        )
    );
    assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), posted.entry);
}
