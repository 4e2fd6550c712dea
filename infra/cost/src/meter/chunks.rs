//! Payloads that are counted in pieces: queues, buses, APIs.

use serde_json::{Map, Value};

/// The piece that SQS and EventBridge count in.
const CHUNK: u64 = 64 * 1024;
/// The piece that HTTP APIs count in.
const API_CHUNK: u64 = 512 * 1024;
/// What EventBridge reckons for an entry's time.
const ENTRY_TIME: u64 = 14;

/// Started pieces of 64 KB; nothing is a piece too.
pub fn chunks(bytes: u64) -> u64 {
    bytes.div_ceil(CHUNK).max(1)
}

/// Started pieces of 512 KB; nothing is a piece too.
pub fn api_chunks(bytes: u64) -> u64 {
    bytes.div_ceil(API_CHUNK).max(1)
}

/// A message's size: its body, and name, type and value of each attribute.
pub fn message_bytes(body: &str, attributes: &Map<String, Value>) -> u64 {
    let attribute = |(name, value): (&String, &Value)| {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
        let binary = base64_bytes(text("BinaryValue"));
        (name.len() + text("DataType").len() + text("StringValue").len()) as u64 + binary
    };
    body.len() as u64 + attributes.iter().map(attribute).sum::<u64>()
}

/// An entry's size as EventBridge reckons it: time, source, type, detail, resources.
pub fn entry_bytes(entry: &Value) -> u64 {
    let text = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default();
    let texts = ["Source", "DetailType", "Detail"].map(|field| text(field).len() as u64);
    let resources = entry.get("Resources").and_then(Value::as_array);
    let resources = resources.into_iter().flatten().filter_map(Value::as_str);
    let time = entry.get("Time").map_or(0, |_| ENTRY_TIME);
    texts.iter().sum::<u64>() + resources.map(|one| one.len() as u64).sum::<u64>() + time
}

/// How many bytes a base64 text stands for.
pub(crate) fn base64_bytes(text: &str) -> u64 {
    let digits = text.trim_end_matches('=').len() as u64;
    digits * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// "Every 64 KB chunk of a payload is billed as 1 request (a 256 KB payload: 4)."
    #[test]
    fn sqs_counts_64_kb_chunks() {
        assert_eq!(chunks(0), 1);
        assert_eq!(chunks(65_536), 1);
        assert_eq!(chunks(65_537), 2);
        assert_eq!(chunks(256 * 1024), 4);
    }

    #[test]
    fn an_http_api_counts_512_kb_chunks() {
        assert_eq!(api_chunks(4_000), 1);
        assert_eq!(api_chunks(512 * 1024 + 1), 2);
    }

    #[test]
    fn attributes_are_part_of_a_message() {
        let attributes = json!({
            "kind": { "DataType": "String", "StringValue": "event" },
            "raw": { "DataType": "Binary", "BinaryValue": "AAECAw==" },
        });
        let bytes = message_bytes("körper", attributes.as_object().unwrap());
        assert_eq!(bytes, 7 + (4 + 6 + 5) + (3 + 6 + 4));
    }

    /// The user guide's rule: 14 bytes for a time, and the UTF-8 bytes of the texts.
    #[test]
    fn an_entry_is_its_texts_and_its_time() {
        let mut entry = json!({ "Source": "tributary", "DetailType": "x", "Detail": "{}" });
        assert_eq!(entry_bytes(&entry), 9 + 1 + 2);
        entry["Time"] = json!(1_763_683_200);
        entry["Resources"] = json!(["arn"]);
        assert_eq!(entry_bytes(&entry), 9 + 1 + 2 + 14 + 3);
    }
}
