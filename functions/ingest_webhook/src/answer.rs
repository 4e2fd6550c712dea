//! What Stripe is told. Whatever is not 2xx it sends again for three days, so only
//! what another delivery could mend is refused.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings::Body;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use tributary_stripe::SignatureError;

/// An answer. None repeats anything of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 200: durable in the events queue.
    Queued,
    /// 200: authentic but unusable, durable in the quarantine.
    Quarantined,
    /// 400: the signature does not hold; the code says why.
    NotTrusted(&'static str),
    /// 400: there is no body to verify.
    Malformed(&'static str),
    /// 404: no such endpoint.
    NotFound,
    /// 405: only POST.
    MethodNotAllowed,
    /// 415: compressed bodies are not taken.
    UnsupportedMediaType,
    /// 503: our side is down; Stripe sends it again.
    Unavailable,
}

impl Answer {
    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::Queued | Self::Quarantined => 200,
            Self::NotTrusted(_) | Self::Malformed(_) => 400,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::UnsupportedMediaType => 415,
            Self::Unavailable => 503,
        }
    }

    /// Whether no secret fits the signature: forged, or a secret that was not stored.
    pub fn is_mismatch(self) -> bool {
        self == Self::NotTrusted(SignatureError::Mismatch.code())
    }

    /// A stable name, for the body, the logs and the metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Quarantined => "quarantined",
            Self::NotTrusted(code) | Self::Malformed(code) => code,
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Unavailable => "unavailable",
        }
    }

    /// The response for the HTTP API.
    pub fn into_response(self) -> ApiGatewayV2httpResponse {
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status());
        response
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self == Self::MethodNotAllowed {
            response
                .headers
                .insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response.body = Some(Body::Text(format!(r#"{{"result":"{}"}}"#, self.code())));
        response
    }
}
