//! Which objects of a list a request wants.

use serde_json::Value;

use super::{error::Refusal, params::Params};

/// Conditions that all have to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Filter {
    equal: Vec<(&'static str, String)>,
    ranges: Vec<(&'static str, Range)>,
}

impl Filter {
    /// Conditions on the members `equal` and the integers `ranges`, by parameters of their names.
    pub(super) fn of(
        params: &Params,
        equal: &[&'static str],
        ranges: &[&'static str],
    ) -> Result<Self, Refusal> {
        let given = |name: &&'static str| params.get(name).map(|value| (*name, value.to_owned()));
        Ok(Self {
            equal: equal.iter().filter_map(given).collect(),
            ranges: ranges
                .iter()
                .map(|name| Ok((*name, Range::of(params, name)?)))
                .collect::<Result<_, Refusal>>()?,
        })
    }

    pub(super) fn accepts(&self, object: &Value) -> bool {
        self.equal
            .iter()
            .all(|(name, wanted)| is(object.get(name), wanted))
            && self.ranges.iter().all(|(name, range)| {
                range.is_open()
                    || object
                        .get(name)
                        .and_then(Value::as_i64)
                        .is_some_and(|n| range.has(n))
            })
    }
}

fn is(member: Option<&Value>, wanted: &str) -> bool {
    match member {
        Some(Value::String(text)) => text == wanted,
        Some(Value::Number(number)) => number.to_string() == wanted,
        Some(Value::Bool(flag)) => flag.to_string() == wanted,
        _ => false,
    }
}

/// `name=5`, or any of `name[gt]`, `name[gte]`, `name[lt]`, `name[lte]`. Both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    first: i64,
    last: i64,
}

impl Range {
    pub(super) fn of(params: &Params, name: &str) -> Result<Self, Refusal> {
        let bound = |suffix: &str| params.integer(&format!("{name}{suffix}"));
        let mut range = Self {
            first: i64::MIN,
            last: i64::MAX,
        };
        if let Some(exact) = bound("")? {
            range = Self {
                first: exact,
                last: exact,
            };
        }
        if let Some(after) = bound("[gt]")? {
            range.first = range.first.max(after.saturating_add(1));
        }
        if let Some(first) = bound("[gte]")? {
            range.first = range.first.max(first);
        }
        if let Some(before) = bound("[lt]")? {
            range.last = range.last.min(before.saturating_sub(1));
        }
        if let Some(last) = bound("[lte]")? {
            range.last = range.last.min(last);
        }
        Ok(range)
    }

    /// Everything from `first` to `last`.
    pub(super) fn between(first: i64, last: i64) -> Self {
        Self { first, last }
    }

    pub(super) fn has(&self, number: i64) -> bool {
        (self.first..=self.last).contains(&number)
    }

    fn is_open(&self) -> bool {
        *self
            == Self {
                first: i64::MIN,
                last: i64::MAX,
            }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Filter, Params};

    fn accepts(form: &str) -> bool {
        let object = json!({ "created": 10, "customer": "cus_1", "amount": 7, "on": null });
        let params = Params::parse(form.as_bytes());
        Filter::of(&params, &["customer", "on"], &["created"])
            .unwrap()
            .accepts(&object)
    }

    #[test]
    fn all_conditions_have_to_hold() {
        assert!(accepts(""));
        assert!(accepts("created=10"));
        assert!(accepts("created[gte]=10&created[lte]=10&customer=cus_1"));
        assert!(accepts("created[gt]=9&created[lt]=11"));
        assert!(!accepts("created[gt]=10"));
        assert!(!accepts("created[lt]=10"));
        assert!(!accepts("created[gte]=10&customer=cus_2"));
        assert!(!accepts("on=x"));
    }
}
