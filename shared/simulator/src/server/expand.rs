//! `expand[]`: ids replaced by the objects that they name.

use serde_json::{Value, json};

use super::error::Refusal;
use crate::{Owner, World};

/// Stripe's limit for the members in one expansion.
const DEPTH_MAX: usize = 4;

/// Replaces what `path` (`data.source`) leads to in `body`. Members that are absent or null stay
/// so: the sources of one list are of many kinds.
pub(super) fn expand(
    world: &World,
    owner: &Owner,
    body: &mut Value,
    path: &str,
) -> Result<(), Refusal> {
    let members: Vec<&str> = path.split('.').collect();
    if members.len() > DEPTH_MAX {
        let message = format!("An expansion has at most {DEPTH_MAX} members: {path}");
        return Err(Refusal::invalid("expand", message));
    }
    if follow(world, owner, body, &members) {
        Ok(())
    } else {
        Err(Refusal::invalid(
            "expand",
            format!("This property cannot be expanded: {path}"),
        ))
    }
}

/// Whether everything at the end of `path` is, or could be made, an object.
fn follow(world: &World, owner: &Owner, value: &mut Value, path: &[&str]) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements
            .iter_mut()
            .all(|element| follow(world, owner, element, path)),
        Value::String(id) => match named(world, owner, id) {
            Some(object) => {
                *value = object;
                follow(world, owner, value, path)
            }
            None => false,
        },
        Value::Object(members) => match path {
            [] => true,
            [member, rest @ ..] => members
                .get_mut(*member)
                .is_none_or(|inner| follow(world, owner, inner, rest)),
        },
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The object of this id, on the account itself or else on the platform: a connected account's
/// payment names the platform's transfer.
fn named(world: &World, owner: &Owner, id: &str) -> Option<Value> {
    let known = [owner, &Owner::Platform, &Owner::account(id)]
        .into_iter()
        .find_map(|owner| world.object(owner, id))
        .cloned();
    let gone = || json!({ "id": id, "object": "customer", "deleted": true });
    known.or_else(|| world.is_deleted(owner, id).then(gone))
}
