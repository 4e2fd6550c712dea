//! What an engine holds in the end, compared with the truth.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::stream::{Class, Name, Truth};

/// Whether an engine knows whose an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// It keeps no account.
    Unknown,
    /// It keeps this one; `None` is the platform.
    Known(Option<String>),
}

/// One object as it is held.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Stripe's `object`.
    pub kind: String,
    /// Stripe's id.
    pub id: String,
    /// Whose it is, as far as is known.
    pub account: Account,
    /// Its fields; some engines keep only those that they have columns for. `None` if
    /// it is held as deleted.
    pub fields: Option<Map<String, Value>>,
}

/// How an object differs from the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// It is not there.
    Missing,
    /// It says something else: an older version, or another account's object.
    OtherContent,
    /// It was deleted and is still there.
    StillThere,
    /// It is held as deleted and was not.
    Deleted,
}

/// The objects of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Objects.
    pub objects: usize,
    /// Those that are held as they are.
    pub right: usize,
    /// The others, by how they differ.
    pub different: BTreeMap<Difference, usize>,
    /// Objects held, right or not, under the account that they belong to.
    pub right_account: usize,
}

/// How what is held compares with the truth, by class.
pub fn compare(truth: &BTreeMap<Name, Truth>, rows: &[Row]) -> BTreeMap<Class, Tally> {
    let mut by_id: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_id.entry((&row.kind, &row.id)).or_default().push(row);
    }
    let mut tallies: BTreeMap<Class, Tally> = BTreeMap::new();
    for (name, truth) in truth {
        let rows = by_id.get(&(name.kind.as_str(), name.id.as_str()));
        let rows = rows.map_or(&[][..], Vec::as_slice);
        let of_account = Account::Known(name.account.clone());
        let own = rows.iter().find(|row| row.account == of_account);
        // Who keeps no account, or every object under one, has one row for the id.
        let row = own.or_else(|| rows.first().filter(|_| rows.len() == 1));
        let tally = tallies.entry(truth.class).or_default();
        tally.objects += 1;
        tally.right_account += usize::from(own.is_some());
        match difference(truth, row.copied()) {
            None => tally.right += 1,
            Some(difference) => *tally.different.entry(difference).or_default() += 1,
        }
    }
    tallies
}

fn difference(truth: &Truth, row: Option<&Row>) -> Option<Difference> {
    let held = row.map(|row| row.fields.as_ref());
    match (&truth.state, held) {
        // A row that is gone and a tombstone are both right.
        (None, None | Some(None)) => None,
        (None, Some(Some(_))) => Some(Difference::StillThere),
        (Some(_), None) => Some(Difference::Missing),
        (Some(_), Some(None)) => Some(Difference::Deleted),
        (Some(state), Some(Some(fields))) => {
            let says = |(field, value): (&String, &Value)| state.get(field) == Some(value);
            // Fields that the object does not have are columns of older API versions.
            let mut of_object = fields
                .iter()
                .filter(|(field, _)| state.get(field).is_some());
            (!of_object.all(says)).then_some(Difference::OtherContent)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn name(account: &str) -> Name {
        Name {
            account: Some(account.to_owned()),
            kind: "customer".to_owned(),
            id: "cus_1".to_owned(),
        }
    }

    fn truth(account: &str, state: Option<Value>) -> BTreeMap<Name, Truth> {
        let class = Class::Plain;
        BTreeMap::from([(name(account), Truth { state, class })])
    }

    fn row(account: Account, fields: Option<Value>) -> Row {
        Row {
            kind: "customer".to_owned(),
            id: "cus_1".to_owned(),
            account,
            fields: fields.and_then(|fields| fields.as_object().cloned()),
        }
    }

    fn known(account: &str) -> Account {
        Account::Known(Some(account.to_owned()))
    }

    fn one(truth: &BTreeMap<Name, Truth>, rows: &[Row]) -> Tally {
        compare(truth, rows).remove(&Class::Plain).unwrap()
    }

    #[test]
    fn each_difference_has_its_name() {
        let alive = truth("a", Some(json!({ "id": "cus_1", "name": "Ada" })));
        let gone = truth("a", None);
        let ada = row(known("a"), Some(json!({ "id": "cus_1", "name": "Ada" })));
        let eve = row(known("a"), Some(json!({ "id": "cus_1", "name": "Eve" })));
        let deleted = row(known("a"), None);
        for (truth, rows, expected) in [
            (&alive, vec![ada.clone()], None),
            (&alive, vec![eve], Some(Difference::OtherContent)),
            (&alive, vec![], Some(Difference::Missing)),
            (&alive, vec![deleted.clone()], Some(Difference::Deleted)),
            (&gone, vec![ada], Some(Difference::StillThere)),
            (&gone, vec![deleted], None),
            (&gone, vec![], None),
        ] {
            let tally = one(truth, &rows);
            assert_eq!(tally.right, usize::from(expected.is_none()), "{rows:?}");
            assert_eq!(tally.different.keys().next().copied(), expected);
        }
    }

    #[test]
    fn only_columns_that_there_are_count() {
        let alive = truth(
            "a",
            Some(json!({ "id": "cus_1", "name": "Ada", "phone": "1" })),
        );
        let columns = json!({ "id": "cus_1", "name": "Ada", "invoice": null });
        assert_eq!(one(&alive, &[row(known("a"), Some(columns))]).right, 1);
    }

    #[test]
    fn one_row_for_two_namesakes_is_wrong_for_one_of_them() {
        let mut both = truth("a", Some(json!({ "name": "Ada" })));
        both.extend(truth("b", Some(json!({ "name": "Bob" }))));
        let bob = |account| row(account, Some(json!({ "name": "Bob" })));
        let tally = one(&both, &[bob(Account::Unknown)]);
        assert_eq!((tally.objects, tally.right, tally.right_account), (2, 1, 0));
        let apart = [
            row(known("a"), Some(json!({ "name": "Ada" }))),
            bob(known("b")),
        ];
        let tally = one(&both, &apart);
        assert_eq!((tally.right, tally.right_account), (2, 2));
    }
}
