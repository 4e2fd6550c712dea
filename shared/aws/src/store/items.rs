//! The shape of the items.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use tributary_domain::{Fingerprint, ObjectKey, Row};
use tributary_pipeline::ports::{Blobs, SendError, StoreError};
use tributary_pipeline::receipt::{Outcome, Receipt, ReceiptMark};
use tributary_telemetry::Reason;

use super::Item;
use crate::codec::{CodecError, Text, pack, unpack};

pub(crate) const KEY: &str = "pk";
pub(crate) const TOKEN: &str = "token";
pub(crate) const FINGERPRINT: &str = "fp";
pub(crate) const API_VERSION: &str = "api_version";
pub(crate) const OUTCOME: &str = "outcome";
const TEXT: &str = "text";
const TEXT_AT: &str = "text_at";
/// Where texts wait in the bucket that no item can hold.
const BODIES: &str = "bodies";
/// Longest packed text that an item holds, in bytes: DynamoDB's limit of 400 KB,
/// less ample room for names, keys and the other attributes.
const TEXT_BYTES_MAX: usize = 380_000;

/// An item could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ItemError {
    /// An attribute is missing or of another type.
    #[error("the item has no usable attribute {0}")]
    Attribute(&'static str),
    /// Its text cannot be unpacked.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Its text is not what it should be.
    #[error("the item's text is not a row")]
    NotARow,
    /// Its text is in the bucket and could not be read.
    #[error("the item's text could not be read: {0}")]
    Bucket(#[from] SendError),
}

impl Reason for ItemError {}

impl From<ItemError> for StoreError {
    fn from(error: ItemError) -> Self {
        match error {
            ItemError::Bucket(SendError::Transient(text)) => Self::Transient(text),
            other => Self::Invalid(other.to_string()),
        }
    }
}

pub(super) fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn n(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Adds a text to an item, or to the bucket with a pointer in the item.
async fn add_text(
    blobs: &impl Blobs,
    item: &mut Item,
    what: Text,
    text: &str,
) -> Result<(), StoreError> {
    let packed = pack(what, text).map_err(|error| StoreError::Transient(error.to_string()))?;
    if packed.len() <= TEXT_BYTES_MAX {
        item.insert(TEXT.to_owned(), AttributeValue::B(Blob::new(packed)));
        return Ok(());
    }
    let key = format!("{BODIES}/{}", Fingerprint::of_text(text));
    blobs.put(&key, &packed).await.map_err(ItemError::Bucket)?;
    item.insert(TEXT_AT.to_owned(), s(key));
    Ok(())
}

async fn text_of(
    blobs: &impl Blobs,
    packed: Option<&[u8]>,
    at: Option<&str>,
) -> Result<String, ItemError> {
    match (packed, at) {
        (Some(packed), _) => Ok(unpack(packed)?),
        (None, Some(at)) => Ok(unpack(&blobs.get(at).await?)?),
        (None, None) => Err(ItemError::Attribute(TEXT)),
    }
}

/// The item of a row.
pub(super) async fn row_item(
    blobs: &impl Blobs,
    key: &ObjectKey,
    row: &Row,
) -> Result<Item, StoreError> {
    let mut item = HashMap::from([
        (KEY.to_owned(), s(key.to_string())),
        (TOKEN.to_owned(), s(row.token().to_string())),
    ]);
    if let Some(state) = row.resolve() {
        item.insert("at".to_owned(), n(state.winner.at));
        item.insert("source".to_owned(), s(state.winner.source.as_str()));
        if state.deleted {
            item.insert("deleted".to_owned(), AttributeValue::Bool(true));
        }
        if state.ambiguous {
            item.insert("ambiguous".to_owned(), AttributeValue::Bool(true));
        }
    }
    add_text(blobs, &mut item, Text::Row, &row.to_stored()).await?;
    Ok(item)
}

/// The row of an item.
pub(super) async fn row_of(blobs: &impl Blobs, item: &Item) -> Result<Row, ItemError> {
    let text = stored_text(blobs, item).await?;
    Row::from_stored(&text).map_err(|_| ItemError::NotARow)
}

pub(super) async fn stored_text(blobs: &impl Blobs, item: &Item) -> Result<String, ItemError> {
    let packed = item
        .get(TEXT)
        .and_then(|value| value.as_b().ok())
        .map(AsRef::as_ref);
    let at = item
        .get(TEXT_AT)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str);
    text_of(blobs, packed, at).await
}

/// The key and the row of an item as a stream shows it.
///
/// # Errors
/// When the image is not one of a row, or its text cannot be read.
pub async fn row_from_stream(
    blobs: &impl Blobs,
    image: &serde_dynamo::Item,
) -> Result<(ObjectKey, Row), ItemError> {
    use serde_dynamo::AttributeValue as Value;
    let key = match image.get(KEY) {
        Some(Value::S(key)) => ObjectKey::parse(key).map_err(|_| ItemError::Attribute(KEY))?,
        _ => return Err(ItemError::Attribute(KEY)),
    };
    let packed = match image.get(TEXT) {
        Some(Value::B(packed)) => Some(packed.as_slice()),
        _ => None,
    };
    let at = match image.get(TEXT_AT) {
        Some(Value::S(at)) => Some(at.as_str()),
        _ => None,
    };
    let text = text_of(blobs, packed, at).await?;
    let row = Row::from_stored(&text).map_err(|_| ItemError::NotARow)?;
    Ok((key, row))
}

/// The item of a receipt.
pub(super) async fn receipt_item(
    blobs: &impl Blobs,
    receipt: &Receipt,
    received_at: i64,
    expires_at: i64,
) -> Result<Item, StoreError> {
    let facts = &receipt.facts;
    let origin = serde_json::to_value(facts.origin).ok();
    let optional = [
        (API_VERSION, facts.api_version.clone()),
        ("object", receipt.object.as_ref().map(ObjectKey::to_string)),
        (
            "origin",
            origin.and_then(|origin| origin.as_str().map(str::to_owned)),
        ),
    ];
    let mut item = HashMap::from([
        (KEY.to_owned(), s(facts.key.to_string())),
        (FINGERPRINT.to_owned(), s(facts.fingerprint.as_str())),
        ("type".to_owned(), s(&facts.kind)),
        ("created".to_owned(), n(facts.created)),
        (OUTCOME.to_owned(), s(receipt.outcome.as_str())),
        ("received_at".to_owned(), n(received_at)),
        ("expires_at".to_owned(), n(expires_at)),
    ]);
    item.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), s(value?)))),
    );
    add_text(blobs, &mut item, Text::Event, &receipt.raw).await?;
    Ok(item)
}

/// What the event log holds of one event, for a rebuild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its key in the log.
    pub key: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether it is an object that was fetched, not an event.
    pub fetched: bool,
    /// As it came.
    pub raw: String,
}

pub(super) async fn logged_of(blobs: &impl Blobs, item: &Item) -> Result<Logged, ItemError> {
    let text = |name: &'static str| {
        let value = item.get(name).and_then(|value| value.as_s().ok());
        value.map(String::as_str).ok_or(ItemError::Attribute(name))
    };
    Ok(Logged {
        key: text(KEY)?.to_owned(),
        outcome: Outcome::parse(text(OUTCOME)?).ok_or(ItemError::Attribute(OUTCOME))?,
        fetched: text("origin").is_ok_and(|origin| origin == "fetch"),
        raw: stored_text(blobs, item).await?,
    })
}

/// There is no receipt, or one that gives way: it waits in quarantine and is of
/// the same content, or of another API version's rendering.
pub(super) fn absent_or_gives_way(receipt: &Receipt) -> (String, Vec<(&'static str, String)>) {
    let mut values = vec![
        (":held", Outcome::Quarantined.as_str().to_owned()),
        (":fp", receipt.facts.fingerprint.to_string()),
    ];
    let other_rendering = match &receipt.facts.api_version {
        None => "attribute_exists(api_version)",
        Some(version) => {
            values.push((":api_version", version.clone()));
            "attribute_not_exists(api_version) OR api_version <> :api_version"
        }
    };
    let condition = format!(
        "attribute_not_exists(pk) OR (outcome = :held AND (fp = :fp OR {other_rendering}))"
    );
    (condition, values)
}

/// What a later delivery is compared with.
pub(super) fn mark_of(item: &Item) -> Result<ReceiptMark, ItemError> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let fingerprint = text(FINGERPRINT).ok_or(ItemError::Attribute(FINGERPRINT))?;
    Ok(ReceiptMark {
        fingerprint: Fingerprint::from_stored(fingerprint),
        api_version: text(API_VERSION),
        held: text(OUTCOME).as_deref() == Some(Outcome::Quarantined.as_str()),
    })
}
