use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::json::NESTING_MAX;

/// All fields, or `None` where anything is not as it should be.
fn all(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut fields = Fields::of(text)?;
    let mut all = Vec::new();
    while let Some(field) = fields.next()? {
        all.push(field);
    }
    Some(all)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~é\"\\\\\n\\[\\]{}]{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[a-c{}\\[\\]]{0,2}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Not one is given up: all that a slower reader sees is seen here.
    #[test]
    fn every_field_of_an_object_is_seen(values in proptest::collection::vec(value(), 0..6)) {
        let names = values.iter().enumerate().map(|(n, value)| (format!("n{n}"), value.clone()));
        let object: Map<_, _> = names.collect();
        let object = Value::Object(object);
        for text in [object.to_string(), format!(" {object:#}\r\n\t ")] {
            let seen = all(&text).ok_or_else(|| TestCaseError::fail(text.clone()))?;
            let seen = seen.iter().map(|(name, value)| {
                Ok(((*name).to_owned(), serde_json::from_str(value)?))
            });
            let seen: Map<String, Value> = seen.collect::<Result<_, serde_json::Error>>().unwrap();
            prop_assert_eq!(Value::Object(seen), object.clone(), "{}", text);
        }
    }
}

#[test]
fn values_are_handed_out_as_they_are_written() {
    let text =
        "{ \"a\" : \"\\\"}\\\\\" ,\n\"b\\\"\":[{\"]\":\"[\"},[ ]],\t\"c\":-1.5E+7,\"d\":null\r}";
    let expected = [
        ("a", r#""\"}\\""#),
        (r#"b\""#, r#"[{"]":"["},[ ]]"#),
        ("c", "-1.5E+7"),
        ("d", "null"),
    ];
    assert_eq!(all(text).unwrap(), expected);
    assert_eq!(all("{}"), Some(Vec::new()));
    assert_eq!(all("\n{ } "), Some(Vec::new()));
}

#[test]
fn what_is_not_as_it_should_be_is_given_up() {
    for text in [
        "",
        " ",
        "[]",
        "\"a\"",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}x",
        "{\"a\":}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{,\"a\":1}",
        "{a:1}",
        "{1:1}",
        "{\"a\":\"",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\\",
        "{\"a\":[1}",
        "{\"a\":[\"",
        "{\"a\":[[1]}",
        "{\"a\":#}",
        "{} {}",
        "{\"a\":1} x",
    ] {
        assert_eq!(all(text), None, "{text}");
    }
}

/// As deep as the thorough look goes, and not a level deeper.
#[test]
fn a_value_may_nest_as_deep_as_any_reader_goes() {
    let nested = |open: &str, close: &str, levels: usize| {
        let value = format!("{}{}", open.repeat(levels), close.repeat(levels));
        format!("{{\"a\":{value}}}")
    };
    for (open, close) in [("[", "]"), ("{", "}"), ("[{\"b\":[", "]}]")] {
        let levels = (NESTING_MAX - 1) / open.bytes().filter(|b| matches!(b, b'[' | b'{')).count();
        assert!(all(&nested(open, close, levels)).is_some(), "{open}");
        assert_eq!(all(&nested(open, close, levels + 1)), None, "{open}");
    }
}

#[test]
fn ends_are_found() {
    assert_eq!(after_string(b"a\"b", 0), Some(2));
    assert_eq!(after_string(b"a\\\"b\\\\\"c", 0), Some(7));
    assert_eq!(after_string(b"a\\", 0), None);
    assert_eq!(after_scalar(b"[-1.5e+7,", 1), Some(8));
    assert_eq!(after_scalar(b"[,", 1), None);
}
