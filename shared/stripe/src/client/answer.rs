//! Reading one answer.

use std::time::{Duration, Instant, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{DATE, HeaderMap};
use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::time::timeout;
use tributary_http::{HttpError, Incoming, full};

use super::StripeClient;
use super::error::{Failure, FetchError};

/// Largest answer read, in bytes. Stripe's largest objects are well below 1 MB.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What Stripe answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The object, JSON as Stripe wrote it.
    pub body: String,
    /// The earliest second, unix time by Stripe's clock, at which Stripe can have
    /// read the object.
    pub observed_at: i64,
}

impl std::fmt::Debug for Fetched {
    /// Leaves the body out: it holds personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Fetched({} bytes at {})",
            self.body.len(),
            self.observed_at
        )
    }
}

impl StripeClient {
    /// Sends one request and reads the answer to it, in no more than `time`.
    pub(super) async fn receive(
        &self,
        request: Request<Bytes>,
        time: Duration,
    ) -> Result<Fetched, Failure> {
        let sent_at = Instant::now();
        let answered = timeout(time, async {
            let response = self.send(request).await?;
            let waited = sent_at.elapsed();
            let (status, headers) = (response.status(), response.headers().clone());
            let body = body(response).await?;
            if !status.is_success() {
                return Err(Failure::of_status(status, &headers, &body));
            }
            let observed_at = observed_at(&headers, waited)
                .ok_or_else(|| Failure::passing("the answer has no usable Date"))?;
            Ok(Fetched { body, observed_at })
        });
        answered.await.unwrap_or_else(|_| Err(too_late()))
    }

    /// Sends one request and reads the head of the answer to it, in no more than
    /// `time`; an answer that is no success is read whole, in as much again.
    pub(super) async fn open(
        &self,
        request: Request<Bytes>,
        time: Duration,
    ) -> Result<Response<Incoming>, Failure> {
        let sent = timeout(time, self.send(request)).await;
        let response = sent.unwrap_or_else(|_| Err(too_late()))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            return Ok(response);
        }
        let body = timeout(time, body(response)).await;
        let body = body.unwrap_or_else(|_| Err(too_late()))?;
        Err(Failure::of_status(status, &headers, &body))
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Incoming>, Failure> {
        let sent = self.http.send(request.map(full)).await;
        sent.map_err(|error| {
            Failure::no_answer(match error {
                HttpError::NoConnection(_) => "no connection",
                HttpError::Broken(_) => BROKEN,
                HttpError::Malformed(_) => "the answer is no HTTP",
            })
        })
    }
}

pub(super) const BROKEN: &str = "the connection broke";
pub(super) const TOO_LATE: &str = "no answer in time";

fn too_late() -> Failure {
    Failure::no_answer(TOO_LATE)
}

/// The next part of a body, if there is more of it.
pub(super) async fn part(response: &mut Response<Incoming>) -> Option<Result<Bytes, Failure>> {
    // What is no data are trailers, and nobody asked for them.
    let frame = response.body_mut().frame().await?;
    let frame = frame.map_err(|_| Failure::no_answer(BROKEN));
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}

async fn body(mut response: Response<Incoming>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(part) = part(&mut response).await {
        let part = part?;
        if bytes.len() + part.len() > ANSWER_BYTES_MAX {
            return Err(Failure::final_one(FetchError::Invalid(
                "the answer is too large",
            )));
        }
        bytes.extend_from_slice(&part);
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::final_one(FetchError::Invalid("the answer is not UTF-8")))
}

/// `Date` says when the answer was made, cut to a second, and the object was read
/// between the request and then: no earlier than `Date` less the time waited. It
/// has to be a lower bound. Were it later than the read, a change in between would
/// look older than the observation and be lost; too early a time only costs another
/// fetch. Our own clock plays no part.
fn observed_at(headers: &HeaderMap, waited: Duration) -> Option<i64> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let answered_at = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let waited_s = waited.as_secs() + u64::from(waited.subsec_nanos() > 0);
    i64::try_from(answered_at.checked_sub(waited_s)?).ok()
}

#[cfg(test)]
mod tests {
    use http::header::HeaderValue;

    use super::*;

    fn observed(date: &'static str, waited_ms: u64) -> Option<i64> {
        let headers = HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))]);
        observed_at(&headers, Duration::from_millis(waited_ms))
    }

    #[test]
    fn observation_is_a_lower_bound() {
        let date = "Thu, 26 Sep 2024 17:46:22 GMT";
        assert_eq!(observed(date, 0), Some(1_727_372_782));
        assert_eq!(observed(date, 1), Some(1_727_372_781));
        assert_eq!(observed(date, 1_000), Some(1_727_372_781));
        assert_eq!(observed(date, 1_001), Some(1_727_372_780));
    }

    #[test]
    fn without_a_date_nothing_is_known() {
        assert_eq!(observed("yesterday", 0), None);
        assert_eq!(observed_at(&HeaderMap::new(), Duration::ZERO), None);
    }
}
