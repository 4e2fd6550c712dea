//! Rows 42 and 43: items that are damaged, or of another version.

use std::path::Path;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tributary_aws::codec::{Text, pack};
use tributary_domain::{EventKey, ObjectKey};
use tributary_pipeline::apply::{Fate, Ports, apply};
use tributary_pipeline::ports::{Loaded, Store};
use tributary_testkit::MemoryQueues;
use tributary_testkit::samples::{Sample, event_key, object_key};

use crate::database::{Database, Item};

/// An item in DynamoDB's JSON.
fn item(json: &Value) -> Item {
    let attribute = |value: &Value| {
        let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
        match (kind.as_str(), value) {
            ("S", Value::String(text)) => AttributeValue::S(text.clone()),
            ("N", Value::String(text)) => AttributeValue::N(text.clone()),
            ("B", Value::String(text)) => {
                AttributeValue::B(Blob::new(STANDARD.decode(text).unwrap()))
            }
            ("BOOL", Value::Bool(truth)) => AttributeValue::Bool(*truth),
            other => panic!("{other:?}"),
        }
    };
    let attributes = json.as_object().unwrap().iter();
    attributes
        .map(|(name, value)| (name.clone(), attribute(value)))
        .collect()
}

/// Items as they were once written, and what they said.
fn golden(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

async fn load(database: &Database) -> Loaded {
    let objects: Vec<ObjectKey> = (0..9).map(object_key).collect();
    let events: Vec<EventKey> = (0..9).map(event_key).collect();
    database.store.load(&events, &objects).await.unwrap()
}

async fn deliver(database: &Database, sample: &Sample) -> Fate {
    let queues = MemoryQueues::default();
    let ports = Ports {
        store: &database.store,
        fetches: &queues,
        quarantine: &queues,
    };
    apply(&ports, vec![sample.incoming("m")]).await[0].1
}

/// Items that an earlier version wrote are read as what they said, and their rows can
/// be written on.
#[tokio::test]
async fn fault_42_items_of_earlier_versions_are_read_and_written_on() {
    let database = Database::open().await;
    let (rows, receipts) = (golden("rows.json"), golden("receipts.json"));
    for row in &rows {
        database.put_row(item(&row["item"])).await;
    }
    for receipt in &receipts {
        database.put_receipt(item(&receipt["item"])).await;
    }
    let loaded = load(&database).await;
    assert!(loaded.damaged_rows.is_empty() && loaded.damaged_receipts.is_empty());
    assert_eq!(
        (loaded.rows.len(), loaded.receipts.len()),
        (rows.len(), receipts.len())
    );
    for row in rows {
        let key = ObjectKey::parse(row["item"]["pk"]["S"].as_str().unwrap()).unwrap();
        let read: Value = serde_json::from_str(&loaded.rows[&key].to_json()).unwrap();
        assert_eq!(read, row["says"]);
    }
    for (key, mark) in &loaded.receipts {
        let pk = key.to_string();
        let stored = receipts
            .iter()
            .find(|receipt| receipt["item"]["pk"]["S"] == pk.as_str());
        assert_eq!(json!(mark.held), stored.unwrap()["says"]["held"]);
    }
    for object in 1..=3 {
        let next = Sample {
            event: 100 + object,
            object,
            at: 99,
            ..Sample::default()
        };
        assert_eq!(deliver(&database, &next).await, Fate::Applied);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// A stored row is damaged in any way: it is a typed error that costs only the
    /// messages about it, never a panic, and the item stays for a person to see.
    #[test]
    fn fault_42_a_damaged_item_is_an_error_and_stays_as_it_is(
        junk in proptest::collection::vec(any::<u8>(), 0..80), cut in 0..400_usize, how in 0..5_u8,
    ) {
        let mut row = golden("rows.json")[0]["item"].clone();
        let packed = STANDARD.decode(row["text"]["B"].as_str().unwrap()).unwrap();
        let text = match how {
            0 => junk,
            1 => packed[..cut % packed.len()].to_vec(),
            2 => pack(Text::Row, &String::from_utf8_lossy(&junk)).unwrap(),
            3 => pack(Text::Row, r#"{"versions":"none"}"#).unwrap(),
            _ => [&[200], &packed[1..]].concat(),
        };
        row["text"] = json!({"B": STANDARD.encode(text)});
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let database = Database::open().await;
            database.put_row(item(&row)).await;
            let about_it = Sample { object: 1, event: 50, ..Sample::default() };
            let other = Sample { object: 5, event: 51, ..Sample::default() };
            assert_eq!(deliver(&database, &about_it).await, Fate::Failed);
            assert_eq!(deliver(&database, &other).await, Fate::Applied);
            assert!(database.rows().await.contains(&item(&row)), "it was changed");
        });
    }
}

/// A deployment is rolled back, and the newer version left attributes that this one
/// does not know: items are read, duplicates recognised, rows written on.
#[tokio::test]
async fn fault_43_unknown_attributes_of_a_later_version_do_no_harm() {
    let database = Database::open().await;
    let mut row = golden("rows.json")[0]["item"].clone();
    row["shard_of_next_year"] = json!({"N": "7"});
    database.put_row(item(&row)).await;
    let mut receipt = golden("receipts.json")[0]["item"].clone();
    receipt["outcome"] = json!({"S": "an_outcome_of_next_year"});
    receipt["reason"] = json!({"S": "x"});
    database.put_receipt(item(&receipt)).await;
    let loaded = load(&database).await;
    assert_eq!((loaded.rows.len(), loaded.receipts.len()), (1, 1));
    let next = Sample {
        event: 100,
        at: 99,
        ..Sample::default()
    };
    assert_eq!(deliver(&database, &next).await, Fate::Applied);
    assert_eq!(
        database.store.all_rows().await.unwrap()[&object_key(1)]
            .resolve()
            .unwrap()
            .winner
            .at,
        99
    );
}

/// A deployment is rolled back, and the newer version's row says something inside
/// that this one cannot keep: it is read, and never overwritten; the message waits
/// among the dead letters for the newer version.
#[tokio::test]
async fn fault_43_a_row_that_says_more_than_this_version_knows_is_not_overwritten() {
    let database = Database::open().await;
    let golden = &golden("rows.json")[0];
    let mut says = golden["says"].clone();
    says["refunds_of_next_year"] = json!([1, 2]);
    let mut row = golden["item"].clone();
    let text = says.to_string();
    row["text"] = json!({"B": STANDARD.encode(pack(Text::Row, &text).unwrap())});
    row["token"] = json!({"S": tributary_domain::Fingerprint::of_text(&text).as_str()});
    database.put_row(item(&row)).await;
    assert_eq!(load(&database).await.rows.len(), 1);
    let next = Sample {
        event: 100,
        at: 99,
        ..Sample::default()
    };
    assert_eq!(deliver(&database, &next).await, Fate::Failed);
    assert_eq!(database.rows().await, [item(&row)]);
}
