//! What the demo puts wrong in the mirror, behind the back of every function: payouts
//! that are there as they were before, as if nobody had heard how they ended.

use serde_json::{Value, json};
use tributary_aws::DynamoStore;
use tributary_books::{Label, Side};
use tributary_domain::{Document, ObjectKey, ObjectKind, Row};
use tributary_ledger::Entry;
use tributary_pipeline::ports::{Blobs, Store};
use tributary_reconciliation::Code;

use crate::damage::DamageError;

/// By how much an arrival is put off, seconds.
const LATER_BY_S: i64 = 86_400;

/// How a row is behind.
#[derive(Debug, Clone, Copy)]
pub enum Behind {
    /// In another status.
    Status,
    /// In the same status, and otherwise not as it is.
    Otherwise,
}

impl Behind {
    fn code(self) -> Code {
        match self {
            Self::Status => Code::StatusMismatch,
            Self::Otherwise => Code::StaleMirror,
        }
    }

    fn change(self, payout: &mut Value) {
        match self {
            Self::Status => payout["status"] = json!("in_transit"),
            Self::Otherwise => {
                let arrival = payout["arrival_date"].as_i64().unwrap_or_default();
                payout["arrival_date"] = json!(arrival + LATER_BY_S);
            }
        }
    }
}

/// Shows the payout of an entry as it was a second before.
///
/// # Errors
/// When the mirror does not answer, or does not have the payout.
pub async fn put_back<B: Blobs>(
    store: &DynamoStore<B>,
    entry: &Entry,
    behind: Behind,
) -> Result<Label, DamageError> {
    let source = entry.source.as_ref().ok_or(DamageError::NotMirrored)?;
    let key = ObjectKey {
        mode: entry.book.mode,
        owner: entry.book.owner.clone(),
        kind: ObjectKind::parse("payout")?,
        id: source.id.clone(),
    };
    let loaded = store.load(&[], std::slice::from_ref(&key)).await?;
    let row = loaded.rows.get(&key).ok_or(DamageError::NotMirrored)?;
    let state = row.resolve().ok_or(DamageError::NotMirrored)?;
    let mut version = state.winner.clone();
    let mut payout = version.body.value();
    behind.change(&mut payout);
    version.body = Document::from_value(&payout).map_err(|_| DamageError::NotMirrored)?;
    version.previous = None;
    version.at -= 1;
    let mut older = Row::default();
    older.join(version);
    store.write_row(&key, &older, Some(&row.token())).await?;
    Ok(Label {
        side: Side::Ledger,
        what: format!("Mirror{behind:?}"),
        // One that seems to be on its way has not arrived when it should have.
        codes: vec![behind.code(), Code::PayoutStuck],
        book: entry.book.clone(),
        subjects: vec![source.id.to_string()],
        currency: entry.currency.clone(),
        amount: entry.net.saturating_abs(),
        required: true,
    })
}
