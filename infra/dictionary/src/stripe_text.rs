//! Events as Stripe writes them.

use serde_json::{Map, Value};

/// What Stripe puts in front; the other names follow in alphabetical order.
const FIRST: [&str; 4] = ["id", "object", "account", "api_version"];

/// The text of a webhook's body: two spaces for a level, `id` and `object` first.
pub(crate) fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text
}

fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let fields = in_order(fields);
            list(text, ['{', '}'], depth, fields, |text, (name, value)| {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push_str(": ");
                write(text, value, depth + 1);
            });
        }
        Value::Array(items) if !items.is_empty() => {
            list(text, ['[', ']'], depth, items, |text, item| {
                write(text, item, depth + 1);
            });
        }
        other => text.push_str(&other.to_string()),
    }
}

fn in_order(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let first = |name: &str| FIRST.iter().position(|known| *known == name);
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(name, _)| first(name).unwrap_or(FIRST.len()));
    fields
}

fn list<T>(
    text: &mut String,
    [open, close]: [char; 2],
    depth: usize,
    items: impl IntoIterator<Item = T>,
    mut write_one: impl FnMut(&mut String, T),
) {
    let indent = |depth: usize| format!("\n{}", "  ".repeat(depth));
    text.push(open);
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        text.push_str(&indent(depth + 1));
        write_one(text, item);
    }
    text.push_str(&indent(depth));
    text.push(close);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_json_with_the_id_in_front() {
        let event = json!({ "data": { "object": { "amount": 1, "id": "ch_1", "list": [{}, [1]] } },
            "account": "acct_1", "id": "evt_1" });
        let text = pretty(&event);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), event);
        assert!(
            text.starts_with("{\n  \"id\": \"evt_1\",\n  \"account\": \"acct_1\",\n  \"data\"")
        );
    }
}
