//! One request, read and authenticated.

use http::{HeaderMap, Method, header::AUTHORIZATION, request::Parts};

use super::{error::Refusal, params::Params};
use crate::{ApiError, Owner, World};

/// Stripe's limit for an idempotency key, in characters.
const KEY_LEN_MAX: usize = 255;

/// What a caller asks, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: Method,
    /// The path's segments: `["v1", "charges", "ch_1"]`.
    pub(super) path: Vec<String>,
    /// Query and form parameters together.
    pub(super) params: Params,
    /// The account the request acts on.
    pub(super) owner: Owner,
    pub(super) idempotency_key: Option<String>,
    /// Where the request was sent, for addresses in answers.
    pub(super) host: String,
}

impl Request {
    /// Reads a request, and checks its key (`api_key`, or any if `None`) and its account.
    pub(super) fn read(
        parts: &Parts,
        body: &[u8],
        world: &World,
        api_key: Option<&str>,
    ) -> Result<Self, Refusal> {
        authenticate(&parts.headers, api_key)?;
        let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        Ok(Self {
            method: parts.method.clone(),
            path: segments(parts.uri.path()).map(str::to_owned).collect(),
            params: query.join(Params::parse(body)),
            owner: owner(&parts.headers, world)?,
            idempotency_key: idempotency_key(&parts.headers)?,
            host: text(&parts.headers, "host").unwrap_or_default().to_owned(),
        })
    }

    /// The path as it was asked for.
    pub(super) fn url(&self) -> String {
        format!("/{}", self.path.join("/"))
    }
}

/// Method and path with ids replaced, as requests are counted: `GET /v1/charges/:id`.
pub(super) fn endpoint(method: &Method, path: &str) -> String {
    let ids: &[usize] = if path.starts_with("/v2/") {
        &[3]
    } else {
        &[2, 4]
    };
    let mut endpoint = format!("{method} ");
    for (position, segment) in segments(path).enumerate() {
        endpoint.push('/');
        endpoint.push_str(if ids.contains(&position) {
            ":id"
        } else {
            segment
        });
    }
    endpoint
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn authenticate(headers: &HeaderMap, api_key: Option<&str>) -> Result<(), Refusal> {
    let key = text(headers, AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    let accepted = key.is_some_and(|key| match api_key {
        Some(expected) => key == expected,
        None => key.starts_with("sk_") || key.starts_with("rk_"),
    });
    if accepted {
        Ok(())
    } else {
        Err(Refusal::unauthorized())
    }
}

/// The account named by `Stripe-Account`, or by the last part of `Stripe-Context`.
fn owner(headers: &HeaderMap, world: &World) -> Result<Owner, Refusal> {
    let account = match (
        text(headers, "stripe-account"),
        text(headers, "stripe-context"),
    ) {
        (Some(_), Some(_)) => {
            let message = "Stripe-Account and Stripe-Context exclude each other.";
            return Err(ApiError::invalid("account_invalid", None, message).into());
        }
        (Some(account), None) => account,
        (None, Some(context)) => context.rsplit('/').next().unwrap_or(context),
        (None, None) => return Ok(Owner::Platform),
    };
    accessible(world, account)
}

/// The owner that `account` names, if the platform has access to it.
pub(super) fn accessible(world: &World, account: &str) -> Result<Owner, Refusal> {
    if account == world.platform_id() {
        return Ok(Owner::Platform);
    }
    let known = world.accounts().iter().any(|id| id == account);
    if known && !world.is_deauthorized(account) {
        Ok(Owner::account(account))
    } else {
        Err(ApiError::no_access(account).into())
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    match text(headers, "idempotency-key") {
        Some(key) if key.is_empty() || key.len() > KEY_LEN_MAX => {
            let message = format!("Idempotency-Key must have 1 to {KEY_LEN_MAX} characters.");
            Err(ApiError::invalid("idempotency_key_invalid", None, &message).into())
        }
        key => Ok(key.map(str::to_owned)),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::endpoint;

    #[test]
    fn endpoints_name_no_ids() {
        let named = |path| endpoint(&Method::GET, path);
        assert_eq!(named("/v1/charges"), "GET /v1/charges");
        assert_eq!(named("/v1/charges/ch_1"), "GET /v1/charges/:id");
        assert_eq!(
            named("/v1/transfers/tr_1/reversals"),
            "GET /v1/transfers/:id/reversals"
        );
        assert_eq!(
            named("/v2/core/accounts/acct_1"),
            "GET /v2/core/accounts/:id"
        );
    }
}
