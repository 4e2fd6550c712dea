use proptest::prelude::*;
use serde_json::json;

use super::*;

fn document(text: &str) -> Document {
    Document::parse(text).unwrap()
}

/// Any JSON value of a few levels.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~é\"\\\\\n]{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c\"]{0,2}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn the_canonical_text_is_sorted_and_bare() {
    let text =
        r#" { "b" : [ 1 , 2.50 , { } , [ ] , null ] , "a" : { "z" : "é\"" , "y" : true } } "#;
    let expected = r#"{"a":{"y":true,"z":"é\""},"b":[1,2.50,{},[],null]}"#;
    assert_eq!(document(text).as_str(), expected);
}

proptest! {
    #[test]
    fn the_canonical_text_says_the_same_and_is_canonical(value in value()) {
        let value = json!({ "value": value });
        let first = Document::from_value(&value).unwrap();
        prop_assert_eq!(first.value(), value.clone());
        prop_assert_eq!(first.value().to_string(), first.as_str());
        prop_assert_eq!(&document(&format!("{value:#}")), &first);
        prop_assert_eq!(document(first.as_str()), first);
    }

    /// Stripe lists what changed: the attributes that were other, and `null` for
    /// those that were not there.
    #[test]
    fn rewinding_undoes_a_change(before in value(), after in value()) {
        let (before, after) = (json!({ "a": before, "b": 1 }), json!({ "a": after, "b": 1 }));
        let previous = json!({ "a": previous(&before["a"], &after["a"]) });
        let [before, after, previous] = [before, after, previous].map(|v| Document::from_value(&v).unwrap());
        prop_assert!(after.rewind(&previous).says_the_same_as(&before));
    }
}

/// What Stripe would say that `after` was before.
fn previous(before: &Value, after: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return before.clone();
    };
    let keys = old.keys().chain(new.keys());
    let changed = keys
        .filter(|key| old.get(*key) != new.get(*key))
        .map(|key| {
            let null = Value::Null;
            let (old, new) = (old.get(key).unwrap_or(&null), new.get(key).unwrap_or(&null));
            (key.clone(), previous(old, new))
        });
    changed.collect::<Map<_, _>>().into()
}

/// An attribute that is `null` may as well be absent, wherever its object is; an item of
/// a list may not.
#[test]
fn nulls_say_nothing_but_as_items() {
    let bare = document(r#"{"a":[{"c":1},[{"d":{}}]]}"#);
    let with_nulls = document(r#"{"a":[{"b":null,"c":1},[{"d":{"e":null}}]],"f":null}"#);
    assert!(with_nulls.says_the_same_as(&bare) && bare.says_the_same_as(&with_nulls));
    assert_ne!(with_nulls, bare);
    let item = document(r#"{"a":[null]}"#);
    assert!(!item.says_the_same_as(&document(r#"{"a":[]}"#)));
}

#[test]
fn only_objects_are_documents() {
    for text in ["[]", "1", "null", r#""a""#] {
        assert_eq!(
            Document::parse(text),
            Err(DocumentError::NotAnObject),
            "{text}"
        );
    }
    for text in ["", "{", "{}{}", "{a:1}"] {
        let refused = matches!(Document::parse(text), Err(DocumentError::NotJson(_)));
        assert!(refused, "{text}");
    }
}

#[test]
fn a_debug_text_shows_no_content() {
    let shown = format!("{:?}", document(r#"{"email":"canary@example.com"}"#));
    assert!(
        !shown.contains("canary") && !shown.contains("email"),
        "{shown}"
    );
}
