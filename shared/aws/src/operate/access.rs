//! The way to AWS for a person: profile, Region and endpoint as the AWS CLI takes them.

use std::time::Duration;

use aws_config::Region;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{Credentials, ProvideCredentials};

use super::{CallError, Reason};
use crate::Aws;
use crate::clients::defaults;

/// Longest that one try may take: people are farther from AWS than functions are.
const TRY_MAX: Duration = Duration::from_secs(10);
/// Longest that a call may take with all its tries.
const CALL_MAX: Duration = Duration::from_secs(30);
/// What an emulator on this machine is given.
const LOCAL_REGION: &str = "us-east-1";

/// What somebody said of the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// A profile of `~/.aws/config`.
    pub profile: Option<String>,
    /// A Region, instead of the environment's or the profile's.
    pub region: Option<String>,
    /// Another address of AWS. An emulator on this machine needs no credentials, and is
    /// given none of anybody's.
    pub endpoint_url: Option<String>,
}

impl Access {
    /// Reads the rest from where every AWS tool does, and makes sure that there are
    /// credentials.
    ///
    /// # Errors
    /// When there are none, or no Region.
    pub async fn connect(&self) -> Result<Aws, CallError> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(TRY_MAX)
            .operation_timeout(CALL_MAX)
            .build();
        let mut loader = defaults().timeout_config(timeouts);
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let is_local = self.endpoint_url.as_deref().is_some_and(is_loopback);
        if is_local {
            loader =
                loader.credentials_provider(Credentials::new("test", "test", None, None, "local"));
        }
        let mut config = loader.load().await;
        if config.region().is_none() {
            if !is_local {
                return Err(CallError::new("no Region is configured", Reason::NoRegion));
            }
            config = config
                .to_builder()
                .region(Region::from_static(LOCAL_REGION))
                .build();
        }
        let there = match config.credentials_provider() {
            Some(provider) => provider.provide_credentials().await.is_ok(),
            None => false,
        };
        match there {
            true => Ok(Aws { config }),
            false => Err(CallError::new(
                "there are no AWS credentials",
                Reason::NoCredentials,
            )),
        }
    }
}

/// Whether an address is an emulator's on this machine.
pub fn is_loopback(url: &str) -> bool {
    let host = url.strip_prefix("http://").unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    matches!(host, "127.0.0.1" | "localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_needs_no_credentials() {
        for url in [
            "http://127.0.0.1:4566",
            "http://localhost:4566/",
            "http://127.0.0.1",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://sqs.us-east-1.amazonaws.com",
            "http://127.0.0.1.example.com",
            "http://example.com/127.0.0.1",
            "https://127.0.0.1:4566",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
