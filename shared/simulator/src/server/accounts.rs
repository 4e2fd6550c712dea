//! Accounts, as the v1 and the v2 API show them.

use serde_json::Value;

use super::{
    error::Refusal,
    filter::Filter,
    include, objects,
    page::Page,
    request::{Request, accessible},
    routes::View,
};
use crate::Owner;

/// Answers `/v1/account`: the account that the request acts on.
pub(super) fn own(view: &View<'_>, request: &Request) -> Result<Value, Refusal> {
    let id = request
        .owner
        .account_id()
        .unwrap_or_else(|| view.world.platform_id());
    retrieve(view, request, id)
}

/// Answers `/v1/accounts/{id}`. Without access to the account it is 403, never 404.
pub(super) fn retrieve(view: &View<'_>, request: &Request, id: &str) -> Result<Value, Refusal> {
    request.params.only(&["expand"])?;
    accessible(view.world, id)?;
    find(view, id)
        .cloned()
        .ok_or_else(|| Refusal::missing("account", id, "account"))
}

/// Answers `/v1/accounts`: the connected accounts that have not withdrawn access.
pub(super) fn list(view: &View<'_>, request: &Request) -> Result<Value, Refusal> {
    request
        .params
        .only(&[&Page::PARAMS[..], &["created", "expand"]].concat())?;
    let page = Page::of(&request.params)?;
    let filter = Filter::of(&request.params, &[], &["created"])?;
    let connected = view.world.accounts().iter().rev();
    let accounts = connected
        .filter(|id| !view.world.is_deauthorized(id))
        .filter_map(|id| find(view, id));
    Ok(page
        .cut(accounts, |account| filter.accepts(account))?
        .list(&request.url()))
}

/// Answers `/v1/accounts/{id}/external_accounts` and what is below it.
pub(super) fn external_accounts(
    view: &View<'_>,
    request: &Request,
    id: &str,
    rest: &[&str],
) -> Result<Value, Refusal> {
    let owner = accessible(view.world, id)?;
    objects::children(view, request, &owner, &objects::BANK_ACCOUNTS, id, rest)
}

/// Answers `/v2/core/accounts/{id}`.
pub(super) fn retrieve_v2(view: &View<'_>, request: &Request, id: &str) -> Result<Value, Refusal> {
    request.params.only(&["include"])?;
    let included = include::asked(&request.params)?;
    accessible(view.world, id)?;
    let whole = view.world.account_v2(id);
    let whole = whole.ok_or_else(|| Refusal::missing("v2.core.account", id, "id"))?;
    Ok(include::reduced(whole, &included))
}

fn find<'a>(view: &View<'a>, id: &str) -> Option<&'a Value> {
    let world = view.world;
    world
        .object(&Owner::account(id), id)
        .or_else(|| world.object(&Owner::Platform, id))
}
