//! Pages of a list, newest object first, by object id.

use serde_json::{Value, json};

use super::error::Refusal;
use super::params::Params;

const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 100;

/// Which part of a list a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    limit: usize,
    cursor: Cursor,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Cursor {
    Start,
    After(String),
    Before(String),
}

impl Page {
    /// The names of the parameters that choose a page.
    pub(super) const PARAMS: [&'static str; 3] = ["limit", "starting_after", "ending_before"];

    pub(super) fn of(params: &Params) -> Result<Self, Refusal> {
        let limit = match params.integer("limit")? {
            None => LIMIT_DEFAULT,
            Some(limit) => usize::try_from(limit)
                .ok()
                .filter(|limit| (1..=LIMIT_MAX).contains(limit))
                .ok_or_else(|| {
                    Refusal::invalid("limit", format!("limit must be 1 to {LIMIT_MAX}"))
                })?,
        };
        let cursor = match (params.get("starting_after"), params.get("ending_before")) {
            (None, None) => Cursor::Start,
            (Some(id), None) => Cursor::After(id.to_owned()),
            (None, Some(id)) => Cursor::Before(id.to_owned()),
            (Some(_), Some(_)) => {
                let message = "starting_after and ending_before exclude each other";
                return Err(Refusal::invalid("ending_before", message));
            }
        };
        Ok(Self { limit, cursor })
    }

    /// Cuts this page out of `newest_first`, counting only what `wanted` accepts. The cursor
    /// need not itself be wanted: an object may have changed since the last page was read.
    pub(super) fn cut<'a>(
        &self,
        newest_first: impl Iterator<Item = &'a Value>,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Cut<'a>, Refusal> {
        match &self.cursor {
            Cursor::Start => Ok(self.first(newest_first.filter(|object| wanted(object)))),
            Cursor::After(id) => {
                let mut rest = newest_first;
                rest.find(|object| has_id(object, id))
                    .ok_or_else(|| Refusal::bad_cursor("starting_after", id))?;
                Ok(self.first(rest.filter(|object| wanted(object))))
            }
            Cursor::Before(id) => self.last_before(id, newest_first, wanted),
        }
    }

    fn first<'a>(&self, mut objects: impl Iterator<Item = &'a Value>) -> Cut<'a> {
        let data = objects.by_ref().take(self.limit).collect();
        Cut {
            data,
            has_more: objects.next().is_some(),
        }
    }

    fn last_before<'a>(
        &self,
        id: &str,
        newest_first: impl Iterator<Item = &'a Value>,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Cut<'a>, Refusal> {
        let mut newer = Vec::new();
        for object in newest_first {
            if has_id(object, id) {
                let surplus = newer.len().saturating_sub(self.limit);
                return Ok(Cut {
                    data: newer.split_off(surplus),
                    has_more: surplus > 0,
                });
            }
            if wanted(object) {
                newer.push(object);
            }
        }
        Err(Refusal::bad_cursor("ending_before", id))
    }
}

/// One page of objects, newest first.
#[derive(Debug, PartialEq)]
pub(super) struct Cut<'a> {
    pub(super) data: Vec<&'a Value>,
    pub(super) has_more: bool,
}

impl Cut<'_> {
    /// The list object that the API answers.
    pub(super) fn list(&self, url: &str) -> Value {
        json!({ "object": "list", "url": url, "has_more": self.has_more, "data": self.data })
    }
}

fn has_id(object: &Value, id: &str) -> bool {
    object.get("id").and_then(Value::as_str) == Some(id)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::params::Params;
    use super::Page;

    fn cut(form: &str) -> (Vec<i64>, bool) {
        let all: Vec<Value> = (1..=9)
            .rev()
            .map(|n| json!({ "id": format!("x_{n}"), "n": n }))
            .collect();
        let page = Page::of(&Params::parse(form.as_bytes())).unwrap();
        let odd = |object: &Value| object["n"].as_i64().unwrap() % 2 == 1;
        let cut = page.cut(all.iter(), odd).unwrap();
        (
            cut.data
                .iter()
                .map(|object| object["n"].as_i64().unwrap())
                .collect(),
            cut.has_more,
        )
    }

    #[test]
    fn pages_go_both_ways_from_any_cursor() {
        assert_eq!(cut("limit=2"), (vec![9, 7], true));
        assert_eq!(cut("limit=2&starting_after=x_4"), (vec![3, 1], false));
        assert_eq!(cut("limit=2&ending_before=x_4"), (vec![7, 5], true));
        assert_eq!(cut("limit=2&ending_before=x_8"), (vec![9], false));
        assert_eq!(cut("starting_after=x_1"), (vec![], false));
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        for form in [
            "limit=0",
            "limit=101",
            "limit=x",
            "starting_after=a&ending_before=b",
        ] {
            assert!(Page::of(&Params::parse(form.as_bytes())).is_err(), "{form}");
        }
        let page = Page::of(&Params::parse(b"starting_after=nobody")).unwrap();
        assert!(page.cut([].into_iter(), |_| true).is_err());
    }
}
