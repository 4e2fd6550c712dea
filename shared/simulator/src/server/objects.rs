//! Lists of stored objects, and single ones.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{error::Refusal, filter::Filter, page::Page, request::Request, routes::View};
use crate::{Fields, Owner};

/// A list the API offers: the kind of object in it, and what it can be filtered by.
#[derive(Debug)]
struct Collection {
    kind: &'static str,
    equal: &'static [&'static str],
    ranges: &'static [&'static str],
}

const fn collection(kind: &'static str, equal: &'static [&'static str]) -> Collection {
    Collection {
        kind,
        equal,
        ranges: &["created"],
    }
}

fn collection_named(name: &str) -> Option<Collection> {
    Some(match name {
        "application_fees" => collection("application_fee", &["charge"]),
        "charges" => collection("charge", &["customer", "payment_intent", "transfer_group"]),
        "customers" => collection("customer", &["email"]),
        "disputes" => collection("dispute", &["charge", "payment_intent"]),
        "payment_intents" => collection("payment_intent", &["customer"]),
        "payouts" => Collection {
            ranges: &["created", "arrival_date"],
            ..collection("payout", &["status", "destination"])
        },
        "refunds" => collection("refund", &["charge", "payment_intent"]),
        "topups" => Collection {
            ranges: &["created", "amount"],
            ..collection("topup", &["status"])
        },
        "transfers" => collection("transfer", &["destination", "transfer_group"]),
        _ => return None,
    })
}

/// A list that belongs to one object.
#[derive(Debug)]
pub(super) struct Children {
    parent: &'static str,
    /// The children's member that names the parent.
    member: &'static str,
    kind: &'static str,
}

/// `/v1/transfers/{id}/reversals`
pub(super) const REVERSALS: Children = Children {
    parent: "transfer",
    member: "transfer",
    kind: "transfer_reversal",
};

/// `/v1/application_fees/{id}/refunds`
pub(super) const FEE_REFUNDS: Children = Children {
    parent: "application_fee",
    member: "fee",
    kind: "fee_refund",
};

/// `/v1/accounts/{id}/external_accounts`
pub(super) const BANK_ACCOUNTS: Children = Children {
    parent: "account",
    member: "account",
    kind: "bank_account",
};

/// Answers `/v1/{name}` and `/v1/{name}/{id}`.
pub(super) fn read(
    view: &View<'_>,
    request: &Request,
    name: &str,
    rest: &[&str],
) -> Result<Value, Refusal> {
    match (collection_named(name), rest) {
        (Some(collection), []) => list(view, request, &collection),
        (Some(collection), [id]) => retrieve(view, request, collection.kind, id),
        _ => Err(Refusal::unknown_route("GET", &request.url())),
    }
}

/// Answers a request for one object of `kind`. Deleted customers answer that they are.
pub(super) fn retrieve(
    view: &View<'_>,
    request: &Request,
    kind: &str,
    id: &str,
) -> Result<Value, Refusal> {
    request.params.only(&["expand"])?;
    if kind == "customer" && view.world.is_deleted(&request.owner, id) {
        return Ok(json!({ "id": id, "object": kind, "deleted": true }));
    }
    find(view, &request.owner, kind, id).cloned()
}

/// Answers a request for the children of `owner`'s object `parent`, or for one of them.
pub(super) fn children(
    view: &View<'_>,
    request: &Request,
    owner: &Owner,
    children: &Children,
    parent: &str,
    rest: &[&str],
) -> Result<Value, Refusal> {
    find(view, owner, children.parent, parent)?;
    let is_child = |object: &Value| object.text(children.member) == parent;
    match rest {
        [] => {
            request
                .params
                .only(&[&Page::PARAMS[..], &["expand"]].concat())?;
            let objects = newest_first(view, owner, children.kind);
            let siblings = objects.into_iter().filter(|object| is_child(object));
            Ok(Page::of(&request.params)?
                .cut(siblings, |_| true)?
                .list(&request.url()))
        }
        [id] => {
            request.params.only(&["expand"])?;
            let child = find(view, owner, children.kind, id)?;
            let missing = || Refusal::missing(children.kind, id, "id");
            is_child(child).then(|| child.clone()).ok_or_else(missing)
        }
        _ => Err(Refusal::unknown_route("GET", &request.url())),
    }
}

fn list(view: &View<'_>, request: &Request, collection: &Collection) -> Result<Value, Refusal> {
    let Collection {
        kind,
        equal,
        ranges,
    } = collection;
    request
        .params
        .only(&[&Page::PARAMS[..], &["expand"], equal, ranges].concat())?;
    let page = Page::of(&request.params)?;
    let filter = Filter::of(&request.params, equal, ranges)?;
    let objects = newest_first(view, &request.owner, kind);
    Ok(page
        .cut(objects.into_iter(), |object| filter.accepts(object))?
        .list(&request.url()))
}

fn find<'a>(view: &View<'a>, owner: &Owner, kind: &str, id: &str) -> Result<&'a Value, Refusal> {
    view.world
        .object(owner, id)
        .filter(|object| object.text("object") == kind && view.shows(object))
        .ok_or_else(|| Refusal::missing(kind, id, "id"))
}

/// All objects of `kind`; of those of one second, the order is arbitrary but always the same.
fn newest_first<'a>(view: &View<'a>, owner: &Owner, kind: &str) -> Vec<&'a Value> {
    let world = view.world;
    let mut objects: Vec<(i64, &str, &Value)> = world
        .store
        .ids(owner, kind)
        .filter_map(|id| world.object(owner, id))
        .filter(|object| view.shows(object))
        .map(|object| (object.int("created"), object.text("id"), object))
        .collect();
    objects.sort_unstable_by_key(|(created, id, _)| Reverse((*created, *id)));
    objects.into_iter().map(|(_, _, object)| object).collect()
}
