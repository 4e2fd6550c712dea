//! Counting the new movements of a page. Pure: a state in, a commit out.
//!
//! What a page adds to the month's views is part of the same commit: counted with the
//! digests, once, whoever crashes.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::ObjectId;
use tributary_ledger::views::{Month, MonthView};
use tributary_ledger::{Day, Posted};

use super::ports::{Commit, Filed};
use super::state::{BookState, OPEN_DAYS, Totals};

/// Most days that one commit files movements under. Each can take three items of a
/// transaction: its file, a day that is closed for it, and the view of its month.
/// With the state's, and as many days as the state lets go, DynamoDB's hundred is the
/// limit.
pub const DAYS_MAX: usize = 30;

/// Movements of one page that are counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The new ones.
    pub new: Vec<Posted>,
    /// The last one that was listed, new or not.
    pub cursor: Option<ObjectId>,
}

/// Cuts a page so that no part files under more than [`DAYS_MAX`] days. The last
/// part leads to the next page.
pub fn parts(listed: Vec<(ObjectId, Option<Posted>)>, next_page: Option<ObjectId>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut part = Part::default();
    let mut days = BTreeSet::new();
    for (id, new) in listed {
        if let Some(posted) = new {
            let day = posted.entry.day();
            if days.len() >= DAYS_MAX && !days.contains(&day) {
                parts.push(std::mem::take(&mut part));
                days.clear();
            }
            days.insert(day);
            part.new.push(posted);
        }
        part.cursor = Some(id);
    }
    part.cursor = next_page.or(part.cursor);
    parts.push(part);
    parts
}

/// The days of a part whose totals are not in the state.
pub fn days_to_load(state: &BookState, new: &[Posted]) -> Vec<Day> {
    let days: BTreeSet<Day> = new.iter().map(|posted| posted.entry.day()).collect();
    let closed = days.into_iter().filter(|day| !state.days.contains_key(day));
    closed.collect()
}

/// What is added to, as it was before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The totals of closed days.
    pub days: BTreeMap<Day, Totals>,
    /// The views of the months in `added`.
    pub months: BTreeMap<Month, MonthView>,
}

/// Counts movements: the totals of their days and the views of their months, with
/// what was `loaded` of them, the balances, and where they are filed. `added` is what
/// the movements add to their months.
pub fn count(
    before: &BookState,
    worker: &str,
    loaded: Loaded,
    new: &[Posted],
    added: &BTreeMap<Month, MonthView>,
) -> Commit {
    let mut state = before.next(worker);
    let Loaded {
        mut days,
        mut months,
    } = loaded;
    for (month, view) in added {
        months.entry(month.clone()).or_default().merge(view);
    }
    months.retain(|month, _| added.contains_key(month));
    days.append(&mut state.days);
    let mut filed: BTreeMap<Day, Vec<Filed>> = BTreeMap::new();
    for Posted { entry, .. } in new {
        let totals = days.entry(entry.day()).or_default();
        let digest = totals.entry(entry.currency.clone()).or_default();
        digest.add(entry.transaction.as_str(), entry.net);
        state.add_lines(entry);
        let page = filed.entry(entry.day()).or_default();
        page.push(Filed::from(entry));
    }
    // The oldest give way. A day that has given way is older than all that stay, so
    // its total is in one place only.
    let mut closed = BTreeMap::new();
    while days.len() > OPEN_DAYS {
        closed.extend(days.pop_first());
    }
    state.days = days;
    Commit {
        state,
        filed,
        closed,
        months,
        is_correction: false,
    }
}
