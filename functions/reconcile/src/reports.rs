//! Stripe's reports, folded as they come: a report is larger than memory.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc::{Receiver, channel};
use tributary_domain::{Mode, ObjectId};
use tributary_ledger::Day;
use tributary_pipeline::ledger::ListError;
use tributary_pipeline::reconcile::{Reported, Reports, Runs};
use tributary_reconciliation::report::{ReportError, fold, fold_payouts};
use tributary_stripe::client::{FetchError, Report, ReportStatus, StripeClient};

use crate::stripe::{Stripe, list_error};

/// A report that a day takes.
struct Kind {
    name: &'static str,
    /// The columns that it has besides [`COLUMNS`].
    more: &'static [&'static str],
    is_of_payouts: bool,
}

/// The platform's activity, that of all connected accounts, and what the payouts of
/// either paid out.
const KINDS: [Kind; 4] = [
    Kind {
        name: "balance_change_from_activity.itemized.3",
        more: &[],
        is_of_payouts: false,
    },
    Kind {
        name: "connected_account_balance_change_from_activity.itemized.3",
        more: &[ACCOUNT],
        is_of_payouts: false,
    },
    Kind {
        name: "payout_reconciliation.itemized.5",
        more: &[PAYOUT],
        is_of_payouts: true,
    },
    Kind {
        name: "connected_account_payout_reconciliation.itemized.5",
        more: &[ACCOUNT, PAYOUT],
        is_of_payouts: true,
    },
];
/// What is read of all.
const COLUMNS: [&str; 7] = [
    "balance_transaction_id",
    "created_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
];
/// The column that only reports of connected accounts have.
const ACCOUNT: &str = "connected_account";
/// The column that says which payout paid a movement out.
const PAYOUT: &str = "automatic_payout_id";
/// Parts of a file that may wait to be read.
const WAITING_MAX: usize = 8;

impl Reports for Stripe {
    async fn start(&self, mode: Mode, first: Day, last: Day) -> Result<Option<Runs>, ListError> {
        start(self.client(mode).await?, first, last).await
    }

    async fn fold(&self, runs: &Runs) -> Result<Option<Reported>, ListError> {
        fold_runs(&self.opened().await?.0, runs).await
    }
}

/// Asks for the reports of some days: a call that says whether there are any yet, and one
/// for each.
///
/// # Errors
/// When Stripe does not answer, or refuses.
pub async fn start(
    client: &StripeClient,
    first: Day,
    last: Day,
) -> Result<Option<Runs>, ListError> {
    let until = client.report_data_until().await.map_err(list_error)?;
    let is_there = |kind: &Kind| until.get(kind.name).is_some_and(|end| *end >= last.end());
    if !KINDS.iter().all(is_there) {
        return Ok(None);
    }
    let mut runs = Vec::new();
    for kind in KINDS {
        let columns = COLUMNS.iter().chain(kind.more);
        let report = Report {
            kind: kind.name.to_owned(),
            interval_start: first.start(),
            interval_end: last.end(),
            columns: columns.map(|name| (*name).to_owned()).collect(),
            attempt: 0,
        };
        let run = client.request_report(&report).await.map_err(list_error)?;
        runs.push(run.id.to_string());
    }
    Ok(Some(Runs(runs)))
}

/// Reads reports that were asked for: a call that says how far they are, and one for each.
///
/// # Errors
/// When Stripe does not answer, or a report cannot be read.
pub async fn fold_runs(client: &StripeClient, runs: &Runs) -> Result<Option<Reported>, ListError> {
    let newest = client.report_runs().await.map_err(list_error)?.items;
    let mut files = Vec::new();
    for run in &runs.0 {
        let id = ObjectId::parse(run).map_err(|_| invalid("no id of a report run"))?;
        let status = match newest.iter().find(|run| run.id == id) {
            Some(run) => run.status.clone(),
            // Others have asked for a hundred since.
            None => client.report_run(&id).await.map_err(list_error)?.status,
        };
        match status {
            ReportStatus::Succeeded { file, .. } => files.push(file),
            ReportStatus::Failed => return Err(invalid("Stripe could not write the report")),
            ReportStatus::Pending | ReportStatus::Other(_) => return Ok(None),
        }
    }
    let mut reported = Reported::default();
    // The runs were begun in this order; a version that knew two had the first two.
    for (kind, file) in KINDS.iter().zip(files) {
        let parts = client.file(&file).await.map_err(list_error)?;
        reported = folded(kind, Box::pin(parts), reported).await?;
    }
    Ok(Some(reported))
}

fn invalid(what: &str) -> ListError {
    ListError::Invalid(what.to_owned())
}

/// Folds a file while it comes: the CSV reader waits for parts on a thread of its own.
async fn folded(
    kind: &Kind,
    mut parts: impl Stream<Item = Result<Bytes, FetchError>> + Unpin,
    mut reported: Reported,
) -> Result<Reported, ListError> {
    let (sender, receiver) = channel(WAITING_MAX);
    let is_of_payouts = kind.is_of_payouts;
    let folding = tokio::task::spawn_blocking(move || {
        let mut report = Incoming {
            parts: receiver,
            part: Bytes::new(),
        };
        let lines = match is_of_payouts {
            true => fold_payouts(&mut report, &mut reported.paid_out),
            false => fold(&mut report, &mut reported.digests),
        };
        lines.map(|lines| (reported, lines))
    });
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| io::ErrorKind::ConnectionReset.into());
        let is_last = part.is_err();
        // The reader is gone when it has refused a line: its error is the one to tell.
        if sender.send(part).await.is_err() || is_last {
            break;
        }
    }
    drop(sender);
    match folding.await {
        Ok(Ok((reported, lines))) => {
            tributary_telemetry::info!("report", lines = lines);
            Ok(reported)
        }
        Ok(Err(ReportError::Broken(_))) => {
            Err(ListError::Transient("the report broke off".to_owned()))
        }
        Ok(Err(error)) => Err(ListError::Invalid(error.to_string())),
        Err(_) => Err(ListError::Transient("the report was not read".to_owned())),
    }
}

/// A file on its way, for a reader that waits.
struct Incoming {
    parts: Receiver<io::Result<Bytes>>,
    part: Bytes,
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.part.is_empty() {
            match self.parts.blocking_recv() {
                Some(part) => self.part = part?,
                None => return Ok(0),
            }
        }
        let count = self.part.len().min(buffer.len());
        if let Some(room) = buffer.get_mut(..count) {
            self.part.copy_to_slice(room);
        }
        Ok(count)
    }
}
