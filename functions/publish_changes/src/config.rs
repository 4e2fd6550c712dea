//! What publish needs to know, and its way to AWS.

use tributary_aws::{Aws, EventBridgeBus, S3Blobs, Settings, SettingsError, Sleep};

use crate::handler::Publish;

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    event_bus_name: String,
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
            event_bus_name: settings.text("EVENT_BUS_NAME"),
            archive_bucket: settings.text("ARCHIVE_BUCKET"),
        };
        settings.done()?;
        Ok(config)
    }

    /// Connects.
    pub async fn connect(self) -> Publish<EventBridgeBus, Sleep, S3Blobs> {
        let aws = Aws::from_env().await;
        Publish {
            bus: EventBridgeBus::new(&aws, self.event_bus_name),
            pause: Sleep,
            blobs: S3Blobs::new(&aws, self.archive_bucket),
        }
    }
}
