//! What fetch needs to know, and its way to AWS and Stripe.

use std::time::Duration;

use tokio::sync::OnceCell;
use tributary_aws::{Aws, Budget, S3Blobs, Settings, SettingsError, SqsEvents, secrets};
use tributary_pipeline::ports::SendError;
use tributary_stripe::Secret;
use tributary_stripe::client::StripeClient;

use crate::handler::Fetch;

/// Longest that one object may take, all tries included.
const DEADLINE: Duration = Duration::from_secs(10);

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    events_queue_url: String,
    archive_bucket: String,
    api_key_secret: String,
    api_base: String,
    budget: Budget,
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
            archive_bucket: settings.text("ARCHIVE_BUCKET"),
            api_key_secret: settings.text("STRIPE_API_KEY_SECRET"),
            api_base: settings.text("STRIPE_API_BASE"),
            budget: Budget::read(&mut settings),
        };
        settings.done()?;
        Ok(config)
    }

    /// Connects.
    pub async fn connect(self) -> Fetch<StripeApi, SqsEvents, S3Blobs> {
        let aws = Aws::from_env();
        Fetch {
            queue: SqsEvents::new(&aws, self.events_queue_url),
            blobs: S3Blobs::new(&aws, self.archive_bucket),
            api: StripeApi {
                aws,
                secret_id: self.api_key_secret,
                base: self.api_base,
                budget: self.budget,
                client: OnceCell::new(),
            },
        }
    }
}

/// Stripe's API, its key read when it is first needed: a key that is put into the
/// secret later is found without a new deployment.
#[derive(Debug)]
pub struct StripeApi {
    aws: Aws,
    secret_id: String,
    base: String,
    budget: Budget,
    client: OnceCell<StripeClient>,
}

impl StripeApi {
    /// The client.
    ///
    /// # Errors
    /// When there is no usable key yet.
    pub async fn client(&self) -> Result<&StripeClient, SendError> {
        self.client
            .get_or_try_init(|| async {
                let key = secrets::api_key(&self.aws, &self.secret_id).await?;
                let key = Secret::new(&key).map_err(|e| SendError::Invalid(e.to_string()))?;
                let gate = self.budget.gate(&self.aws);
                StripeClient::new(&self.base, &key, DEADLINE, gate)
                    .map_err(|error| SendError::Invalid(error.to_string()))
            })
            .await
    }
}
