//! Which request is answered by what.

use std::collections::HashSet;

use http::Method;
use serde_json::Value;

use super::{
    accounts, endpoints, error::Refusal, events, events::EventIndex, expand, objects,
    request::Request, transactions,
};
use crate::World;

/// What reading requests look at.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) world: &'a World,
    pub(super) events: &'a EventIndex,
    /// Events whose webhooks have not arrived.
    pub(super) undelivered: &'a HashSet<String>,
    /// Where webhooks go, if anywhere.
    pub(super) webhook_url: Option<&'a str>,
}

impl View<'_> {
    /// Whether `object` belongs to the mode that this server shows.
    pub(super) fn shows(&self, object: &Value) -> bool {
        let livemode = object.get("livemode").and_then(Value::as_bool);
        livemode.is_none_or(|livemode| livemode == self.world.config().livemode)
    }
}

/// Answers a GET, with everything expanded that it asks for.
pub(super) fn read(view: &View<'_>, request: &Request) -> Result<Value, Refusal> {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    if request.method != Method::GET {
        return Err(Refusal::unknown_route(
            request.method.as_str(),
            &request.url(),
        ));
    }
    let mut body = match path.as_slice() {
        ["v1", "events"] => events::list(view, request),
        ["v1", "events", id] => events::retrieve(view, request, id),
        ["v1", "balance_transactions"] => transactions::list(view, request),
        ["v1", "balance_transactions", id] => {
            objects::retrieve(view, request, "balance_transaction", id)
        }
        ["v1", "balance"] => plain(request, || view.world.balance_json(&request.owner)),
        ["v1", "balance_settings"] => {
            plain(request, || view.world.balance_settings(&request.owner))
        }
        ["v1", "account"] => accounts::own(view, request),
        ["v1", "webhook_endpoints"] => endpoints::list(view, request),
        ["v1", "accounts"] => accounts::list(view, request),
        ["v1", "accounts", id] => accounts::retrieve(view, request, id),
        ["v1", "accounts", id, "external_accounts", rest @ ..] => {
            accounts::external_accounts(view, request, id, rest)
        }
        ["v1", "transfers", id, "reversals", rest @ ..] => {
            objects::children(view, request, &request.owner, &objects::REVERSALS, id, rest)
        }
        ["v1", "application_fees", id, "refunds", rest @ ..] => objects::children(
            view,
            request,
            &request.owner,
            &objects::FEE_REFUNDS,
            id,
            rest,
        ),
        ["v1", collection, rest @ ..] => objects::read(view, request, collection, rest),
        ["v2", "core", "accounts", id] => accounts::retrieve_v2(view, request, id),
        ["v2", "core", "events", id] => events::retrieve_v2(view, request, id),
        _ => Err(Refusal::unknown_route("GET", &request.url())),
    }?;
    for path in request.params.all("expand") {
        expand::expand(view.world, &request.owner, &mut body, path)?;
    }
    Ok(body)
}

/// Answers a request that has no parameters of its own.
fn plain(request: &Request, body: impl FnOnce() -> Value) -> Result<Value, Refusal> {
    request.params.only(&["expand"])?;
    Ok(body())
}
