//! What import_entries needs to know, and its way to AWS.

use tributary_aws::reconcile::SqsJobs;
use tributary_aws::{Aws, DynamoOwnBook, S3Blobs, S3Files, Settings, SettingsError, SqsQuarantine};

use crate::handler::{Import, Windows};

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    import_bucket: String,
    own_book_table: String,
    reconcile_queue_url: String,
    quarantine_queue_url: String,
    archive_bucket: String,
    match_window_s: u16,
}

impl Config {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// When any is missing; the error names them all.
    pub fn from_env() -> Result<Self, SettingsError> {
        let mut settings = Settings::from_env();
        let window = settings.number("MATCH_WINDOW_SECONDS", 1..=900);
        let config = Self {
            import_bucket: settings.text("IMPORT_BUCKET"),
            own_book_table: settings.text("OWN_BOOK_TABLE"),
            reconcile_queue_url: settings.text("RECONCILE_QUEUE_URL"),
            quarantine_queue_url: settings.text("QUARANTINE_QUEUE_URL"),
            archive_bucket: settings.text("ARCHIVE_BUCKET"),
            match_window_s: u16::try_from(window).unwrap_or(900),
        };
        settings.done()?;
        Ok(config)
    }

    /// Connects.
    pub async fn connect(self) -> Import<S3Files, DynamoOwnBook, SqsJobs, SqsQuarantine<S3Blobs>> {
        let aws = Aws::from_env();
        let blobs = S3Blobs::new(&aws, self.archive_bucket);
        Import {
            files: S3Files::new(&aws, self.import_bucket),
            book: DynamoOwnBook::new(&aws, self.own_book_table),
            jobs: SqsJobs::new(&aws, self.reconcile_queue_url),
            quarantine: SqsQuarantine::new(&aws, self.quarantine_queue_url, blobs),
            windows: Windows::of_seconds(self.match_window_s),
        }
    }
}
