//! Two mirrors, row by row.

use std::collections::BTreeMap;
use std::fmt;

use tributary_aws::DynamoStore;
use tributary_domain::{EventKey, ObjectKey, Row};
use tributary_pipeline::ports::{Blobs, Store, StoreError};

use super::ReplayError;

/// Rows that are asked for at once.
const ROWS: usize = 100;
/// Differences that are shown by name.
const SHOWN: usize = 20;

/// How one row differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Another state than the log gives. Neither may be newer: see [`Self::MovedOn`].
    Other {
        /// The row in use.
        live: Box<Row>,
        /// The row that the log gives.
        rebuilt: Box<Row>,
    },
    /// In use, but nothing in the log makes it: its events are older than the log.
    OnlyLive,
    /// The log makes it, and it is not in use.
    OnlyRebuilt(Box<Row>),
    /// The row in use has an event that came after the rebuild.
    MovedOn,
}

impl Difference {
    /// In one word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Other { .. } => "differs",
            Self::OnlyLive => "only in use",
            Self::OnlyRebuilt(_) => "missing",
            Self::MovedOn => "newer than the rebuild",
        }
    }

    /// Whether the log proves the row in use wrong.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Other { .. } | Self::OnlyRebuilt(_))
    }
}

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Rows that are equal, byte by byte.
    pub equal: u64,
    /// The others.
    pub rows: BTreeMap<ObjectKey, Difference>,
}

impl Differences {
    /// Rows in use that the log proves wrong.
    pub fn faults(&self) -> usize {
        let faults = self.rows.values().filter(|row| row.is_fault());
        faults.count()
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows equal", self.equal)?;
        let mut counts = BTreeMap::<_, usize>::new();
        for row in self.rows.values() {
            *counts.entry(row.name()).or_default() += 1;
        }
        for (name, count) in counts {
            write!(f, ", {count} {name}")?;
        }
        for (key, row) in self.rows.iter().take(SHOWN) {
            write!(f, "\n  {key}: {}", row.name())?;
        }
        match self.rows.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

/// Compares every row of both mirrors.
///
/// # Errors
/// When a table cannot be read.
pub async fn compare<B: Blobs>(
    live: &DynamoStore<B>,
    rebuilt: &DynamoStore<B>,
) -> Result<Differences, ReplayError> {
    let mut differences = Differences::default();
    let mut from = None;
    loop {
        let page = live.row_page(from).await?;
        for rows in page.items.chunks(ROWS) {
            compare_rows(rows, rebuilt, &mut differences).await?;
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    loop {
        let page = rebuilt.row_page(from).await?;
        for rows in page.items.chunks(ROWS) {
            find_missing(rows, live, &mut differences).await?;
        }
        from = page.next;
        if from.is_none() {
            return Ok(differences);
        }
    }
}

async fn compare_rows<B: Blobs>(
    rows: &[(ObjectKey, Row)],
    rebuilt: &DynamoStore<B>,
    differences: &mut Differences,
) -> Result<(), StoreError> {
    let others = look_up(rows, rebuilt).await?;
    for (key, live) in rows {
        let difference = match others.get(key) {
            Some(other) if other == live => {
                differences.equal += 1;
                continue;
            }
            _ if !is_known(key, live, rebuilt).await? => match others.contains_key(key) {
                true => Difference::MovedOn,
                false => Difference::OnlyLive,
            },
            Some(other) => Difference::Other {
                live: Box::new(live.clone()),
                rebuilt: Box::new(other.clone()),
            },
            None => Difference::OnlyLive,
        };
        differences.rows.insert(key.clone(), difference);
    }
    Ok(())
}

async fn find_missing<B: Blobs>(
    rows: &[(ObjectKey, Row)],
    live: &DynamoStore<B>,
    differences: &mut Differences,
) -> Result<(), StoreError> {
    let there = look_up(rows, live).await?;
    for (key, row) in rows.iter().filter(|(key, _)| !there.contains_key(key)) {
        let missing = Difference::OnlyRebuilt(Box::new(row.clone()));
        differences.rows.insert(key.clone(), missing);
    }
    Ok(())
}

async fn look_up<B: Blobs>(
    rows: &[(ObjectKey, Row)],
    store: &DynamoStore<B>,
) -> Result<BTreeMap<ObjectKey, Row>, StoreError> {
    let keys: Vec<ObjectKey> = rows.iter().map(|(key, _)| key.clone()).collect();
    Ok(store.load(&[], &keys).await?.rows)
}

/// Whether the rebuild had the event that decided a row.
async fn is_known<B: Blobs>(
    key: &ObjectKey,
    row: &Row,
    rebuilt: &DynamoStore<B>,
) -> Result<bool, StoreError> {
    let Some(state) = row.resolve() else {
        return Ok(true);
    };
    let event = EventKey {
        mode: key.mode,
        owner: key.owner.clone(),
        id: state.winner.source.clone(),
    };
    let loaded = rebuilt.load(std::slice::from_ref(&event), &[]).await?;
    Ok(loaded.receipts.contains_key(&event))
}

/// Puts the rows that the log gives in the place of those that it proves wrong, each
/// only if it is still the row that was compared. Returns how many it put.
///
/// # Errors
/// When a row cannot be written, or was written meanwhile.
pub async fn take_over<B: Blobs>(
    live: &DynamoStore<B>,
    differences: &Differences,
) -> Result<u64, ReplayError> {
    let mut put = 0;
    for (key, difference) in &differences.rows {
        match difference {
            Difference::Other {
                live: seen,
                rebuilt,
            } => {
                live.write_row(key, rebuilt, Some(&seen.token())).await?;
            }
            Difference::OnlyRebuilt(row) => live.write_row(key, row, None).await?,
            Difference::OnlyLive | Difference::MovedOn => continue,
        }
        put += 1;
    }
    Ok(put)
}
