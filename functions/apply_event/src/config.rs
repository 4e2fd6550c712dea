//! What apply needs to know, and its way to AWS.

use tributary_aws::store::Tables;
use tributary_aws::{
    Aws, DynamoStore, S3Blobs, Settings, SettingsError, SqsFetches, SqsQuarantine,
};

use crate::handler::Apply;

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    tables: Tables,
    fetch_queue_url: String,
    quarantine_queue_url: String,
    archive_bucket: String,
}

impl Config {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// When any is missing; the error names them all.
    pub fn from_env() -> Result<Self, SettingsError> {
        let mut settings = Settings::from_env();
        let config = Self {
            tables: Tables {
                mirror: settings.text("MIRROR_TABLE"),
                events: settings.text("EVENTS_TABLE"),
                retention_days: settings.number("EVENT_RETENTION_DAYS", 35..=3653),
            },
            fetch_queue_url: settings.text("FETCH_QUEUE_URL"),
            quarantine_queue_url: settings.text("QUARANTINE_QUEUE_URL"),
            archive_bucket: settings.text("ARCHIVE_BUCKET"),
        };
        settings.done()?;
        Ok(config)
    }

    /// Connects.
    pub async fn connect(
        self,
    ) -> Apply<DynamoStore<S3Blobs>, SqsFetches, SqsQuarantine<S3Blobs>, S3Blobs> {
        let aws = Aws::from_env();
        let blobs = S3Blobs::new(&aws, self.archive_bucket);
        Apply {
            store: DynamoStore::new(&aws, self.tables, blobs.clone()),
            fetches: SqsFetches::new(&aws, self.fetch_queue_url),
            quarantine: SqsQuarantine::new(&aws, self.quarantine_queue_url, blobs.clone()),
            blobs,
        }
    }
}
