//! DynamoDB: the size of an item, and the units that a request consumes.
//!
//! Rules and examples are those of the developer guide ("DynamoDB item sizes and
//! formats", "Capacity unit consumption").

use serde_json::{Map, Value};

use super::chunks::base64_bytes;

/// An item as it is on the wire: attribute names, and values with their types.
pub type Item = Map<String, Value>;

const WRITE_UNIT: u64 = 1024;
const READ_UNIT: u64 = 4 * 1024;
/// What a list or a map costs beside its contents.
const CONTAINER: u64 = 3;
/// What each element of a list or a map costs beside itself.
const ELEMENT: u64 = 1;

/// The size of an item: the names of its attributes and their values, in bytes.
pub fn item_bytes(item: &Item) -> u64 {
    let attribute = |(name, value): (&String, &Value)| name.len() as u64 + value_bytes(value);
    item.iter().map(attribute).sum()
}

fn value_bytes(value: &Value) -> u64 {
    let Some((kind, value)) = value.as_object().and_then(|typed| typed.iter().next()) else {
        return 0;
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let elements = || value.as_array().into_iter().flatten();
    match kind.as_str() {
        "S" => text(value).len() as u64,
        "N" => number_bytes(&text(value)),
        "B" => base64_bytes(&text(value)),
        "SS" => elements().map(|one| text(one).len() as u64).sum(),
        "NS" => elements().map(|one| number_bytes(&text(one))).sum(),
        "BS" => elements().map(|one| base64_bytes(&text(one))).sum(),
        "L" => {
            CONTAINER
                + elements()
                    .map(|one| ELEMENT + value_bytes(one))
                    .sum::<u64>()
        }
        "M" => {
            let entries = value.as_object().into_iter().flatten();
            let entry =
                |(name, value): (&String, &Value)| ELEMENT + name.len() as u64 + value_bytes(value);
            CONTAINER + entries.map(entry).sum::<u64>()
        }
        // BOOL and NULL.
        _ => 1,
    }
}

/// One byte, one for every two significant digits, and one for a sign. Zeroes at
/// either end are not significant.
fn number_bytes(text: &str) -> u64 {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_matches('0').len() as u64;
    let sign = u64::from(text.starts_with('-'));
    1 + digits.div_ceil(2) + sign
}

/// Units of a write that happened: by the larger of the item before and after.
pub fn write_units(before: Option<&Item>, after: Option<&Item>) -> u64 {
    let size = |item: Option<&Item>| item.map_or(0, item_bytes);
    size(before).max(size(after)).div_ceil(WRITE_UNIT).max(1)
}

/// Units of a write whose condition did not hold: by the larger of the item that is
/// there and the one that was not put.
pub fn failed_write_units(existing: Option<&Item>, refused: Option<&Item>) -> u64 {
    write_units(existing, refused)
}

/// Units of a write in a transaction: it is prepared and committed.
pub fn transacted(units: u64) -> u64 {
    units * 2
}

/// Half units of reading one item, or of finding none.
pub fn read_half_units(item: Option<&Item>, consistent: bool) -> u64 {
    read_half_units_of(item.map_or(0, item_bytes), consistent)
}

/// Half units of reading so many bytes at once, as a query does.
pub fn read_half_units_of(bytes: u64, consistent: bool) -> u64 {
    let units = bytes.div_ceil(READ_UNIT).max(1);
    if consistent { units * 2 } else { units }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(value: Value) -> Item {
        value.as_object().unwrap().clone()
    }

    /// An item of exactly so many bytes.
    fn sized(bytes: usize) -> Item {
        item(json!({ "pk": { "S": "x".repeat(bytes - 2) } }))
    }

    /// The guide's example: "shirt-color" (11 bytes) with the value "R" (1 byte) is 12
    /// bytes; "shirt-size" with "M", 11.
    #[test]
    fn an_attribute_is_its_name_and_its_value() {
        assert_eq!(
            item_bytes(&item(json!({ "shirt-color": { "S": "R" } }))),
            12
        );
        let both = json!({ "shirt-color": { "S": "R" }, "shirt-size": { "S": "M" } });
        assert_eq!(item_bytes(&item(both)), 23);
        assert_eq!(item_bytes(&item(json!({ "é": { "S": "ü" } }))), 4);
    }

    /// "1 byte per two significant digits, plus 1 byte", zeroes at the ends trimmed.
    #[test]
    fn a_number_is_half_as_long_as_its_digits() {
        let sizes = [
            ("0", 1),
            ("7", 2),
            ("27", 2),
            ("1763683200", 5),
            ("1000", 2),
        ];
        for (number, bytes) in sizes {
            assert_eq!(number_bytes(number), bytes, "{number}");
        }
        assert_eq!(number_bytes("-27"), 3);
        assert_eq!(number_bytes("0.0027"), 2);
        assert_eq!(number_bytes("1.5e10"), 2);
        assert_eq!(number_bytes(&"9".repeat(38)), 20);
    }

    #[test]
    fn other_types_are_as_the_guide_says() {
        let size = |value: Value| value_bytes(&value);
        assert_eq!(size(json!({ "B": "AAECAwQ=" })), 5);
        assert_eq!(size(json!({ "BOOL": true })), 1);
        assert_eq!(size(json!({ "NULL": true })), 1);
        assert_eq!(size(json!({ "SS": ["ab", "c"] })), 3);
        assert_eq!(size(json!({ "NS": ["12", "3"] })), 4);
        assert_eq!(size(json!({ "BS": ["AAE=", "AA=="] })), 3);
        // 3 bytes for the container, 1 for each element.
        assert_eq!(size(json!({ "L": [] })), 3);
        assert_eq!(
            size(json!({ "L": [{ "S": "ab" }, { "BOOL": true }] })),
            3 + 3 + 2
        );
        assert_eq!(size(json!({ "M": { "a": { "S": "b" } } })), 3 + 1 + 1 + 1);
    }

    /// "If your item size is 2 KB, you require 2 write request units"; a write of half
    /// a KB is one.
    #[test]
    fn a_write_is_charged_by_the_started_kb() {
        let units = |bytes| write_units(None, Some(&sized(bytes)));
        assert_eq!(units(512), 1);
        assert_eq!(units(1024), 1);
        assert_eq!(units(1025), 2);
        assert_eq!(units(2048), 2);
    }

    /// "UpdateItem consumes by the larger of the item before and after the update";
    /// deleting what is not there is one unit.
    #[test]
    fn the_larger_of_two_images_counts() {
        let (small, large) = (sized(500), sized(3_500));
        assert_eq!(write_units(Some(&large), Some(&small)), 4);
        assert_eq!(write_units(Some(&small), Some(&large)), 4);
        assert_eq!(write_units(Some(&large), None), 4);
        assert_eq!(write_units(None, None), 1);
    }

    /// The guide's example: the existing item has 300 KB, the one that is refused 310
    /// KB: 310 units.
    #[test]
    fn a_failed_condition_is_charged() {
        let (existing, refused) = (sized(300 * 1024), sized(310 * 1024));
        assert_eq!(failed_write_units(Some(&existing), Some(&refused)), 310);
        assert_eq!(failed_write_units(None, None), 1);
    }

    /// The guide's example: three writes of 500 bytes in a transaction are six units.
    #[test]
    fn a_transaction_is_charged_twice() {
        let item = sized(500);
        let units = (0..3).map(|_| transacted(write_units(None, Some(&item))));
        assert_eq!(units.sum::<u64>(), 6);
    }

    /// The guide's examples: 8 KB are one unit eventually consistent, two strongly; and
    /// BatchGetItem rounds each item up by itself: 1.5 KB and 6.5 KB read as 12 KB.
    #[test]
    fn a_read_is_charged_by_the_started_4_kb() {
        let eight = sized(8 * 1024);
        assert_eq!(read_half_units(Some(&eight), false), 2);
        assert_eq!(read_half_units(Some(&eight), true), 4);
        let batch = [sized(1_536), sized(6_656)];
        let units = batch.iter().map(|item| read_half_units(Some(item), true));
        assert_eq!(units.sum::<u64>(), 2 * 3);
    }

    /// Finding nothing is half a unit eventually consistent, one strongly.
    #[test]
    fn nothing_found_is_charged_too() {
        assert_eq!(read_half_units(None, false), 1);
        assert_eq!(read_half_units(None, true), 2);
    }
}
