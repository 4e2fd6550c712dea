//! Webhook endpoints: the two that a platform has, which are sent everything.

use serde_json::{Value, json};

use super::{error::Refusal, page::Page, request::Request, routes::View};

/// Answers `/v1/webhook_endpoints`. An endpoint of connected accounts names the Connect
/// application; its secret is shown to nobody after it was made.
pub(super) fn list(view: &View<'_>, request: &Request) -> Result<Value, Refusal> {
    request
        .params
        .only(&[&Page::PARAMS[..], &["expand"]].concat())?;
    let page = Page::of(&request.params)?;
    let world = view.world;
    let endpoint = |name: &str, application: Option<&str>| {
        let url = view.webhook_url?;
        Some(json!({
            "id": format!("we_{name}"),
            "object": "webhook_endpoint",
            "api_version": world.config().api_version,
            "application": application,
            "created": world.config().start,
            "description": null,
            "enabled_events": ["*"],
            "livemode": world.config().livemode,
            "metadata": {},
            "status": "enabled",
            "url": format!("{url}/{name}"),
        }))
    };
    let endpoints = [
        endpoint("connect", Some(world.application_id())),
        endpoint("platform", None),
    ];
    let endpoints: Vec<Value> = endpoints.into_iter().flatten().collect();
    Ok(page.cut(endpoints.iter(), |_| true)?.list(&request.url()))
}
