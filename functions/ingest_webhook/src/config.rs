//! What ingest needs to know, and its way to AWS.

use std::collections::BTreeMap;

use tributary_aws::{
    Aws, S3Blobs, SecretsManager, Settings, SettingsError, SqsEvents, SqsQuarantine, telemetry,
};
use tributary_pipeline::secrets::SecretCache;
use tributary_stripe::Secret;

use crate::handler::Ingest;

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    events_queue_url: String,
    quarantine_queue_url: String,
    archive_bucket: String,
    /// The secret of each endpoint, by the endpoint's name in the path.
    endpoints: BTreeMap<String, String>,
}

/// Makes a signing secret of a text.
pub type ParseSecret = fn(&str) -> Result<Secret, String>;

fn parse_secret(text: &str) -> Result<Secret, String> {
    Secret::new(text).map_err(|error| error.to_string())
}

impl Config {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// When any is missing; the error names them all.
    pub fn from_env() -> Result<Self, SettingsError> {
        let mut settings = Settings::from_env();
        let config = Self {
            events_queue_url: settings.text("EVENTS_QUEUE_URL"),
            quarantine_queue_url: settings.text("QUARANTINE_QUEUE_URL"),
            archive_bucket: settings.text("ARCHIVE_BUCKET"),
            endpoints: settings.pairs("STRIPE_ENDPOINTS"),
        };
        settings.done()?;
        Ok(config)
    }

    /// Connects, fetches every endpoint's secrets and warms the queue's
    /// connection: during INIT, where the CPU is not throttled.
    pub async fn connect(
        self,
    ) -> Ingest<SqsEvents, SqsQuarantine<S3Blobs>, S3Blobs, SecretsManager<ParseSecret>> {
        let aws = Aws::from_env();
        let blobs = S3Blobs::new(&aws, self.archive_bucket);
        let queue = SqsEvents::new(&aws, self.events_queue_url);
        let quarantine = SqsQuarantine::new(&aws, self.quarantine_queue_url, blobs.clone());
        let names = self.endpoints.keys().cloned().collect();
        let source = SecretsManager::new(&aws, self.endpoints, parse_secret as ParseSecret);
        let ingest = Ingest {
            queue,
            quarantine,
            blobs,
            secrets: SecretCache::new(source),
            endpoints: names,
        };
        tokio::join!(
            ingest.queue.warm(),
            ingest.learn_secrets(telemetry::unix_now())
        );
        ingest
    }
}
