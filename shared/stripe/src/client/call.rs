//! One call: through the gate, as often as it is worth it, until it is answered.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderValue, Method, Request, Uri};
use tributary_domain::Owner;
use tributary_pacing::Outcome;

use super::error::Failure;
use super::{FetchError, StripeClient, backoff};

/// Most tries of one call.
const TRIES_MAX: u32 = 3;

/// Longest name of a family.
const FAMILY_BYTES_MAX: usize = 64;

/// A request, and what the gate needs to know of it.
pub(super) struct Call<'a> {
    pub(super) request: Request<Bytes>,
    owner: &'a Owner,
    family: String,
}

impl StripeClient {
    /// A call to `path` of the API at `base_url`, as `owner` sees it.
    pub(super) fn call<'a>(
        &self,
        method: Method,
        base_url: &str,
        path: &str,
        owner: &'a Owner,
    ) -> Result<Call<'a>, FetchError> {
        let account_header = match path {
            // The host must not be for the path to choose, as in `@elsewhere/`.
            _ if path.starts_with("/v1/") => HeaderName::from_static("stripe-account"),
            _ if path.starts_with("/v2/") => HeaderName::from_static("stripe-context"),
            _ => return Err(FetchError::Invalid("not a path of the API")),
        };
        let uri = Uri::try_from(format!("{base_url}{path}")).ok();
        let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
        let uri = uri
            .filter(is_web)
            .ok_or(FetchError::Invalid("the URL is malformed"))?;
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        if let Some(account) = owner.account() {
            let account = HeaderValue::from_str(account.as_str());
            let account = account.map_err(|_| FetchError::Invalid("not an account"))?;
            request.headers_mut().insert(account_header, account);
        }
        Ok(Call {
            request,
            owner,
            family: family(path),
        })
    }

    /// Makes a call until `receive` has what it wants, or it is not worth it any more.
    pub(super) async fn until_answered<T, F>(
        &self,
        call: &Call<'_>,
        receive: impl Fn(Request<Bytes>, Duration) -> F,
    ) -> Result<T, FetchError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        if let Some(refusal) = self.parking.refusal(call.owner, &call.family) {
            return Err(refusal);
        }
        let started = Instant::now();
        let left = || self.deadline.saturating_sub(started.elapsed());
        let mut tries = 0;
        loop {
            let permit = self.gate.enter(&call.family, self.risk, left()).await?;
            // Each try has its share, so that one that hangs leaves time for another.
            let share = left() / (TRIES_MAX - tries);
            let share = permit.time_max().map_or(share, |most| most.min(share));
            let failure = match receive(call.request.clone(), share).await {
                Ok(answer) => {
                    permit.settle(Outcome::Answered).await;
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            permit.settle(failure.outcome).await;
            tries += 1;
            if tries == TRIES_MAX || !failure.worth_another_try {
                self.parking.learn(call.owner, &call.family, &failure.error);
                return Err(failure.error);
            }
            let pause = backoff::pause(tries, failure.error.retry_after());
            if pause >= left() {
                return Err(failure.error);
            }
            tokio::time::sleep(pause).await;
        }
    }
}

/// Lists that no object is read from.
const LISTS: [&str; 2] = ["/v1/events", "/v1/other"];

/// Every family of endpoints that can have a circuit, for those who look at them.
pub fn families() -> BTreeSet<String> {
    let paths = crate::resource::roots().chain(LISTS);
    paths.map(family).collect()
}

/// The endpoints that fail together: those of one resource.
fn family(path: &str) -> String {
    let mut segments = path.split(['/', '?']).skip(1);
    let (version, resource) = (segments.next(), segments.next());
    let mut family = match (version, resource) {
        (Some("v1"), Some(resource)) => resource.to_owned(),
        (Some(version), Some(resource)) => format!("{version}_{resource}"),
        _ => String::new(),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if family.is_empty() || family.len() > FAMILY_BYTES_MAX || !family.chars().all(is_plain) {
        family = "other".to_owned();
    }
    family
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tributary_pacing::{Gate, Share};
    use tributary_testkit::MemoryControl;

    use super::*;
    use crate::Secret;

    /// One that hangs must not cost the others their time, nor the last one any of it.
    #[tokio::test(start_paused = true)]
    async fn each_try_has_its_share_of_what_is_left() {
        let gate = Gate::new(
            Share::of(1_000_000, 1, 0),
            Arc::new(MemoryControl::default()),
        );
        let key = Secret::new("rk_test_1").unwrap();
        let deadline = Duration::from_secs(600);
        let client = StripeClient::new("http://127.0.0.1:1", &key, deadline, Arc::new(gate));
        let client = client.unwrap();
        let call = client.call(
            Method::GET,
            "http://127.0.0.1:1",
            "/v1/balance",
            &Owner::Platform,
        );
        let shares = Mutex::new(Vec::new());
        let result: Result<(), _> = client
            .until_answered(&call.unwrap(), |_, share| {
                shares.lock().unwrap().push(share.as_secs());
                async { Err(Failure::passing("not now")) }
            })
            .await;
        assert_eq!(result, Err(FetchError::Transient("not now".to_owned())));
        let shares = shares.into_inner().unwrap();
        let expected = [200, 300, 600];
        assert_eq!(shares.len(), expected.len());
        // The clock goes on while it is tried.
        for (share, expected) in shares.iter().zip(expected) {
            assert!((expected - 10..=expected).contains(share), "{shares:?}");
        }
    }

    #[test]
    fn families_are_known() {
        let families = families();
        for name in [
            "charges",
            "events",
            "balance",
            "reporting",
            "v2_core",
            "other",
        ] {
            assert!(families.contains(name), "{name}");
        }
    }

    #[test]
    fn a_family_is_a_resource() {
        let families = [
            ("/v1/charges/ch_1", "charges"),
            ("/v1/balance_transactions?limit=100", "balance_transactions"),
            ("/v1/balance", "balance"),
            ("/v1/reporting/report_runs/frr_1", "reporting"),
            ("/v2/core/accounts/acct_1", "v2_core"),
            ("/v1/", "other"),
            ("/v1/%2e%2e/charges", "other"),
        ];
        for (path, expected) in families {
            assert_eq!(family(path), expected, "{path}");
        }
        let longest = "x".repeat(64);
        assert_eq!(family(&format!("/v1/{longest}")), longest);
        assert_eq!(family(&format!("/v1/{longest}x")), "other");
        assert_eq!(family(""), "other");
    }
}
