use super::*;

fn database() -> Database {
    Database::with_tables(&["things"]).unwrap()
}

fn ask(database: &mut Database, operation: &str, request: &Value) -> (u16, Value, Tally) {
    let mut tally = Tally::default();
    let (status, text) = database.answer(&mut tally, operation, request.to_string().as_bytes());
    (status, serde_json::from_str(&text).unwrap(), tally)
}

fn put(text_bytes: usize) -> Value {
    json!({
        "TableName": "things",
        "Item": { "pk": { "S": "k" }, "text": { "S": "x".repeat(text_bytes) } },
    })
}

fn units(tally: &Tally) -> (u64, u64) {
    (
        tally.counts.get(Stage::Writes, Unit::WriteUnit),
        tally.counts.get(Stage::Reads, Unit::ReadHalfUnit),
    )
}

#[test]
fn writes_are_counted_by_the_larger_item_and_streamed_once() {
    let mut database = database();
    let (_, _, large) = ask(&mut database, "PutItem", &put(3_000));
    let (_, _, small) = ask(&mut database, "PutItem", &put(10));
    let (_, _, same) = ask(&mut database, "PutItem", &put(10));
    assert_eq!(
        [units(&large), units(&small), units(&same)],
        [(3, 0), (3, 0), (1, 0)]
    );
    assert_eq!(small.writes[0].bytes, 2 + 1 + 4 + 10);
    let changes = database.changes("things", 9);
    assert_eq!(changes.len(), 2, "an unchanged item is no change");
    assert!(changes[0].old.is_none() && changes[1].old == changes[0].new);
    assert_eq!(database.stored_bytes(), 17 + 100);
}

#[test]
fn a_failed_condition_is_counted_and_answers_with_the_item() {
    let mut database = database();
    ask(&mut database, "PutItem", &put(3_000));
    let mut request = put(10);
    request["ConditionExpression"] = json!("attribute_not_exists(pk)");
    request["ReturnValuesOnConditionCheckFailure"] = json!("ALL_OLD");
    let (status, answer, tally) = ask(&mut database, "PutItem", &request);
    assert_eq!((status, units(&tally)), (400, (3, 0)));
    let code = answer["__type"].as_str().unwrap();
    assert!(code.ends_with("ConditionalCheckFailedException"), "{code}");
    assert_eq!(answer["Item"]["pk"]["S"], "k");
    assert!(tally.writes.is_empty());
}

#[test]
fn a_transaction_costs_twice() {
    let mut database = database();
    let request = json!({ "TransactItems": [{ "Put": put(10) }] });
    let (status, _, tally) = ask(&mut database, "TransactWriteItems", &request);
    assert_eq!((status, units(&tally)), (200, (2, 0)));
}

#[test]
fn an_update_and_a_deletion_are_writes() {
    let mut database = database();
    ask(&mut database, "PutItem", &put(1_500));
    let request = json!({
        "TableName": "things",
        "Key": { "pk": { "S": "k" } },
        "UpdateExpression": "SET #n = :n",
        "ExpressionAttributeNames": { "#n": "n" },
        "ExpressionAttributeValues": { ":n": { "N": "1" } },
    });
    let (status, _, update) = ask(&mut database, "UpdateItem", &request);
    assert_eq!((status, units(&update)), (200, (2, 0)));
    let request = json!({ "TableName": "things", "Key": { "pk": { "S": "k" } } });
    let (_, _, deletion) = ask(&mut database, "DeleteItem", &request);
    let (_, _, nothing) = ask(&mut database, "DeleteItem", &request);
    assert_eq!([units(&deletion), units(&nothing)], [(2, 0), (1, 0)]);
    assert_eq!(database.stored_bytes(), 0);
}

#[test]
fn a_batch_read_counts_each_item_by_itself() {
    let mut database = database();
    ask(&mut database, "PutItem", &put(5_000));
    let keys = json!([{ "pk": { "S": "k" } }, { "pk": { "S": "missing" } }]);
    let request = json!({ "RequestItems": { "things": { "Keys": keys } } });
    let (_, answer, tally) = ask(&mut database, "BatchGetItem", &request);
    assert_eq!(units(&tally), (0, 2 + 1));
    assert_eq!(answer["Responses"]["things"].as_array().unwrap().len(), 1);
    let request =
        json!({ "TableName": "things", "Key": { "pk": { "S": "k" } }, "ConsistentRead": true });
    let (_, _, tally) = ask(&mut database, "GetItem", &request);
    assert_eq!(units(&tally), (0, 4));
}
