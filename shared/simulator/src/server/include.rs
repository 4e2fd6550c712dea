//! The `include` parameter of the v2 API: which costly members of an object an answer shows.

use serde_json::Value;

use super::{error::Refusal, params::Params};
use crate::Fields;

/// Members of an account that are null unless they are included.
const OPTIONAL: [&str; 4] = ["configuration", "defaults", "identity", "requirements"];

/// What a request may include.
const KNOWN: [&str; 8] = [
    "configuration",
    "configuration.customer",
    "configuration.merchant",
    "configuration.recipient",
    "defaults",
    "future_requirements",
    "identity",
    "requirements",
];

/// What the request includes: `include[0]=identity`, `include[]=identity` or `include=identity`.
pub(super) fn asked(params: &Params) -> Result<Vec<&str>, Refusal> {
    let asked: Vec<&str> = params.all("include").chain(params.get("include")).collect();
    match asked.iter().find(|name| !KNOWN.contains(name)) {
        Some(name) => Err(Refusal::invalid(
            "include",
            format!("Unknown value: {name}"),
        )),
        None => Ok(asked),
    }
}

/// `account` without what was not asked for. A part of `configuration` includes that part only.
pub(super) fn reduced(mut account: Value, asked: &[&str]) -> Value {
    for member in OPTIONAL {
        if asked.contains(&member) {
            continue;
        }
        let parts: Vec<&str> = asked
            .iter()
            .filter_map(|name| name.strip_prefix(member)?.strip_prefix('.'))
            .collect();
        match account.get_mut(member).and_then(Value::as_object_mut) {
            Some(members) if !parts.is_empty() => {
                let others = members
                    .iter_mut()
                    .filter(|(name, _)| !parts.contains(&name.as_str()));
                others.for_each(|(_, value)| *value = Value::Null);
            }
            _ => account.set(member, Value::Null),
        }
    }
    account
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Params, asked, reduced};

    #[test]
    fn every_spelling_of_a_list_is_read() {
        for query in [
            "include[0]=identity",
            "include[]=identity",
            "include=identity",
        ] {
            let params = Params::parse(query.as_bytes());
            assert_eq!(asked(&params), Ok(vec!["identity"]), "{query}");
        }
        assert!(asked(&Params::parse(b"include[0]=secrets")).is_err());
    }

    #[test]
    fn a_part_of_the_configuration_includes_that_part() {
        let whole = json!({ "id": "acct_1", "identity": {}, "configuration": {
            "merchant": { "mcc": "5734" }, "recipient": {},
        } });
        let some = reduced(whole.clone(), &["configuration.merchant"]);
        assert_eq!(
            some["configuration"],
            json!({ "merchant": { "mcc": "5734" }, "recipient": null })
        );
        assert_eq!(some["identity"], json!(null));
        let all = reduced(whole.clone(), &["configuration"]);
        assert_eq!(all["configuration"], whole["configuration"]);
        assert_eq!(reduced(whole, &[])["configuration"], json!(null));
    }
}
