//! From messages to entries in the book, and a line for each.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use tributary_aws::records::delivered;
use tributary_domain::Mode;
use tributary_matching::import::Check;
use tributary_pipeline::message::Quarantined;
use tributary_pipeline::own_book::{
    Dropped, Files, ImportError, Imported, OwnBook, announce, import, record,
};
use tributary_pipeline::ports::{Quarantine, SendError};
use tributary_pipeline::reconcile::{Job, Jobs};
use tributary_telemetry::Reason;

use crate::notice::{Notice, Recorded};

/// The function, with its ports.
#[derive(Debug)]
pub struct Import<F, B, J, Q> {
    /// Where files are dropped.
    pub files: F,
    /// The book.
    pub book: B,
    /// The queue of reconciliation's jobs.
    pub jobs: J,
    /// Where events go that cannot be used.
    pub quarantine: Q,
    /// How often books are matched that events touch.
    pub windows: Windows,
}

/// Events come one by one, and a book is matched as a whole: those of one window are
/// followed by one job.
#[derive(Debug)]
pub struct Windows {
    length_s: u64,
    /// The jobs that this instance has sent, and for which window.
    sent: Mutex<(u64, BTreeSet<String>)>,
}

impl Windows {
    /// Windows of so many seconds; 900 at most, for no queue delays longer.
    pub fn of_seconds(length_s: u16) -> Self {
        Self {
            length_s: length_s.clamp(1, 900).into(),
            sent: Mutex::default(),
        }
    }

    /// The number of the current window, and how many seconds of it are left.
    fn now(&self) -> (u64, u16) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_secs());
        let left = self.length_s - now % self.length_s;
        (now / self.length_s, u16::try_from(left).unwrap_or(900))
    }

    /// Whether a job has still to be sent in this window.
    fn is_new(&self, window: u64, job: &Job) -> bool {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.0 != window {
            *sent = (window, BTreeSet::new());
        }
        !sent.1.contains(&job.name())
    }

    fn note(&self, window: u64, jobs: &[Job]) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.0 == window {
            sent.1.extend(jobs.iter().map(Job::name));
        }
    }
}

/// Why a message has to come again.
#[derive(Debug, thiserror::Error)]
enum Unfinished {
    #[error("not a message of files or entries")]
    Unreadable,
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Send(#[from] SendError),
}

impl Reason for Unfinished {}

impl<F: Files, B: OwnBook, J: Jobs, Q: Quarantine> Import<F, B, J, Q> {
    /// Takes in what each message tells of, and names those that have to come again.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for message in delivered(event) {
            if let Err(error) = self.serve(&message.body).await {
                tributary_telemetry::warn!(
                    "the import has to come again",
                    error = error,
                    message_id = message.message_id
                );
                response.add_failure(message.message_id);
            }
        }
        response
    }

    async fn serve(&self, body: &str) -> Result<(), Unfinished> {
        match Notice::read(body).ok_or(Unfinished::Unreadable)? {
            Notice::File(file) => self.file(&file).await,
            Notice::Other => Ok(()),
            Notice::Entries(recorded) => self.record(recorded).await,
            Notice::Unusable {
                event,
                code,
                detail,
            } => {
                tributary_telemetry::warn!(
                    "entries that cannot be used",
                    message_id = event,
                    code = code
                );
                let held = Quarantined {
                    code,
                    detail,
                    stage: "import",
                    event: Some(event),
                    endpoint: None,
                    body: body.as_bytes().to_vec(),
                };
                Ok(self.quarantine.hold(&held).await?)
            }
        }
    }

    async fn file(&self, file: &Dropped) -> Result<(), Unfinished> {
        let id = file.import();
        let import_id = id.as_str();
        match import(&self.files, &self.book, file, Check::default()).await? {
            Imported::Whole(summary, touched) => {
                let books = touched.len();
                let jobs = touched.jobs(file.mode, id.as_str());
                announce(&self.jobs, jobs, 0).await?;
                tributary_telemetry::info!(
                    "imported",
                    mode = file.mode,
                    import_id = import_id,
                    bytes = file.bytes,
                    entries = summary.entries,
                    books = books,
                );
            }
            Imported::Refused(report) => tributary_telemetry::warn!(
                "refused",
                mode = file.mode,
                import_id = import_id,
                bytes = file.bytes,
                imports_refused = 1,
                faults = report.faults.len() as u64 + report.more,
            ),
            Imported::Gone => {
                tributary_telemetry::info!("gone", mode = file.mode, import_id = import_id)
            }
        }
        Ok(())
    }

    async fn record(&self, recorded: Recorded) -> Result<(), Unfinished> {
        let Recorded {
            mode,
            event,
            at,
            entries,
        } = recorded;
        let count = entries.len();
        let touched = record(&self.book, mode, entries, &event, at).await?;
        // Only now: a job that runs at the end of this window has to find them.
        let (window, left_s) = self.windows.now();
        let cause = format!("events-{}-{window}", self.windows.length_s);
        let jobs = touched.jobs(mode, &cause);
        let jobs: Vec<_> = jobs
            .filter(|job| self.windows.is_new(window, job))
            .collect();
        announce(&self.jobs, jobs.iter().cloned(), left_s).await?;
        self.windows.note(window, &jobs);
        log(mode, &event, count);
        Ok(())
    }
}

fn log(mode: Mode, event: &str, entries: usize) {
    tributary_telemetry::info!(
        "recorded",
        mode = mode,
        message_id = event,
        entries = entries
    );
}
