//! The SDK's configuration, shared by all clients of a function.

mod environment;

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_runtime_api::shared::IntoShared;
use tributary_http::HttpClient;

use crate::connector::Connector;

/// Longest that a connection may take to stand.
pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(1);
/// Tries per call, the first included.
const TRIES: u32 = 3;
/// Longest that one try may take.
const TRY_MAX: Duration = Duration::from_secs(2);
/// Longest that a call may take with all its tries: ingest has to answer Stripe
/// within the ten seconds that its function lives.
const CALL_MAX: Duration = Duration::from_secs(7);

/// The client that Stripe's API is read with too: each part of it is linked once.
fn http_client() -> SharedHttpClient {
    Connector(HttpClient::new(CONNECT_MAX)).into_shared()
}

/// How long calls may take.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(TRY_MAX)
        .operation_timeout(CALL_MAX)
        .build()
}

/// How often calls are tried.
fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(TRIES)
        .with_initial_backoff(Duration::from_millis(100))
}

/// How every call is made, wherever it goes.
pub(crate) fn defaults() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .timeout_config(timeouts())
        .retry_config(retries())
}

/// The way to AWS.
#[derive(Debug, Clone)]
pub struct Aws {
    pub(crate) config: SdkConfig,
}

impl Aws {
    /// Reads region, credentials and endpoints where Lambda puts them, in the
    /// environment, and looks nowhere else. The SDK's own loader would bring with it
    /// profiles, sign-on and metadata services, which no function has.
    pub fn from_env() -> Self {
        let region = environment::first(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
        let credentials = EnvironmentVariableCredentialsProvider::new();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http_client())
            .timeout_config(timeouts())
            .retry_config(retries())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .service_config(environment::Services)
            .region(region.map(Region::new));
        config.set_endpoint_url(environment::first(&["AWS_ENDPOINT_URL"]));
        Self {
            config: config.build(),
        }
    }

    /// Something that speaks like AWS at another address: the local stack, or a
    /// database in a test. It takes any credentials.
    pub async fn at(endpoint_url: &str, region: &str) -> Self {
        let credentials = Credentials::new("test", "test", None, None, "local");
        let config = defaults()
            .endpoint_url(endpoint_url)
            .region(Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .load()
            .await;
        Self { config }
    }

    /// The Region, empty if none is known.
    pub fn region(&self) -> &str {
        self.config.region().map_or("", |region| region.as_ref())
    }

    /// What a client of any AWS service is made from.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }
}

/// A configuration made elsewhere: one with an HTTP client of its own, say.
impl From<SdkConfig> for Aws {
    fn from(config: SdkConfig) -> Self {
        Self { config }
    }
}
