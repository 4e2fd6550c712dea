//! How derived entries change: what no longer holds is reversed, what holds now is
//! posted. Nothing is ever overwritten.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tributary_domain::ObjectId;

use crate::{
    Balances, Book, Line, Overflow,
    derive::{Rule, Want, Wanted},
};

/// One posted derived entry (Layer B). Keyed by book, root, rule, version and
/// revision; immutable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// Whose book.
    pub book: Book,
    /// The object that the story is about.
    pub root: ObjectId,
    /// Why it was derived.
    pub rule: Rule,
    /// By which version of the rule.
    pub version: u32,
    /// Counts everything that was posted for this root and rule, from 1.
    pub revision: u32,
    /// The revision that this one takes back, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<u32>,
    /// When what it says happened, unix seconds.
    pub at: i64,
    /// Currency of the lines.
    pub currency: String,
    /// Sum to zero; one for each account, in the order of the chart.
    pub lines: Vec<Line>,
}

impl Derived {
    fn says(&self, want: &Want) -> bool {
        self.version == self.rule.version()
            && self.currency == want.currency
            && self.lines == want.lines
    }
}

/// What has to be posted so that what is wanted is in effect: reversals first, then
/// entries. Nothing when it already is. The caller stores them under their keys,
/// each only if the key is free; if one is not, somebody else has revised: load
/// again and revise again.
///
/// # Errors
/// When an amount cannot be negated.
pub fn revise(already: &[Derived], wanted: &Wanted) -> Result<Vec<Derived>, Overflow> {
    let mut revised = Vec::new();
    for rule in Rule::ALL {
        let posted: Vec<&Derived> = already.iter().filter(|it| it.rule == rule).collect();
        revise_rule(rule, &posted, wanted, &mut revised)?;
    }
    Ok(revised)
}

fn revise_rule(
    rule: Rule,
    posted: &[&Derived],
    wanted: &Wanted,
    revised: &mut Vec<Derived>,
) -> Result<(), Overflow> {
    let want = wanted.entries.get(&rule);
    let effective = effective(posted.iter().copied());
    if let ([only], Some(want)) = (effective.as_slice(), want)
        && only.says(want)
    {
        return Ok(());
    }
    let mut revision = posted.iter().map(|it| it.revision).max().unwrap_or(0);
    let mut next = || {
        revision = revision.saturating_add(1);
        revision
    };
    let at = want.map_or(wanted.at, |want| want.at);
    for entry in effective {
        revised.push(Derived {
            version: rule.version(),
            revision: next(),
            reverses: Some(entry.revision),
            at,
            lines: negated(&entry.lines)?,
            ..entry.clone()
        });
    }
    if let Some(Want {
        currency, lines, ..
    }) = want
    {
        revised.push(Derived {
            book: wanted.book.clone(),
            root: wanted.root.clone(),
            rule,
            version: rule.version(),
            revision: next(),
            reverses: None,
            at,
            currency: currency.clone(),
            lines: lines.clone(),
        });
    }
    Ok(())
}

fn negated(lines: &[Line]) -> Result<Vec<Line>, Overflow> {
    let negate = |line: &Line| {
        Ok(Line {
            account: line.account.clone(),
            amount: line.amount.checked_neg().ok_or(Overflow)?,
        })
    };
    lines.iter().map(negate).collect()
}

/// The entries that nothing has reversed, in the order in which they were given.
pub fn effective<'a>(posted: impl Iterator<Item = &'a Derived> + Clone) -> Vec<&'a Derived> {
    let reversed: BTreeSet<(&Book, &ObjectId, Rule, u32)> = posted
        .clone()
        .filter_map(|it| Some((&it.book, &it.root, it.rule, it.reverses?)))
        .collect();
    posted
        .filter(|it| it.reverses.is_none())
        .filter(|it| !reversed.contains(&(&it.book, &it.root, it.rule, it.revision)))
        .collect()
}

/// What derived entries amount to, by currency. Reversed ones amount to nothing.
///
/// # Errors
/// When a sum does not fit.
pub fn balances<'a>(
    posted: impl Iterator<Item = &'a Derived>,
) -> Result<BTreeMap<String, Balances>, Overflow> {
    let mut balances: BTreeMap<String, Balances> = BTreeMap::new();
    for entry in posted {
        let currency = balances.entry(entry.currency.clone()).or_default();
        currency.add_lines(&entry.lines)?;
    }
    Ok(balances)
}
