//! What publish needs to know, and its way to AWS.

use tributary_aws::{Aws, EventBridgeBus, S3Blobs, Settings, SettingsError, Sleep, SqsQuarantine};

use crate::handler::Publish;

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    event_bus_name: String,
    archive_bucket: String,
    quarantine_queue_url: String,
}

impl Config {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// When any is missing; the error names them all.
    pub fn from_env() -> Result<Self, SettingsError> {
        let mut settings = Settings::from_env();
        let config = Self {
            event_bus_name: settings.text("EVENT_BUS_NAME"),
            archive_bucket: settings.text("ARCHIVE_BUCKET"),
            quarantine_queue_url: settings.text("QUARANTINE_QUEUE_URL"),
        };
        settings.done()?;
        Ok(config)
    }

    /// Connects.
    pub async fn connect(self) -> Publish<EventBridgeBus, Sleep, S3Blobs, SqsQuarantine<S3Blobs>> {
        let aws = Aws::from_env();
        let blobs = S3Blobs::new(&aws, self.archive_bucket);
        Publish {
            bus: EventBridgeBus::new(&aws, self.event_bus_name),
            pause: Sleep,
            quarantine: SqsQuarantine::new(&aws, self.quarantine_queue_url, blobs.clone()),
            blobs,
        }
    }
}
