//! Putting the versions of one second in order.
//!
//! A version that lists the previous values of what it changed can be rewound; if
//! that gives another version's body, it came right after it. A creation came
//! before everything else. The last version is the one that all others lead to.

use std::borrow::Cow;

use super::{Change, Version};

/// What one or several versions say.
struct State<'a> {
    /// The version of the greatest source among them.
    version: &'a Version,
    /// Its body without nulls: bodies are compared by what they say.
    says: Cow<'a, str>,
}

/// The version that all others lead to, or `None` where they do not say. Versions
/// with the same body are one state: Stripe announces one change under several
/// event ids.
pub(super) fn last(versions: &[Version]) -> Option<&Version> {
    if let [only] = versions {
        return Some(only);
    }
    let mut states: Vec<State<'_>> = Vec::new();
    let mut state_of = vec![0; versions.len()];
    for (version, state) in versions.iter().zip(&mut state_of).rev() {
        let says = version.body.without_nulls();
        *state = position(&states, &says).unwrap_or(states.len());
        if *state == states.len() {
            states.push(State { version, says });
        }
    }
    if states.len() > 1 {
        let edges = edges(versions.iter().zip(state_of), &states);
        let head = head(states.len(), &edges)?;
        return states.get(head).map(|state| state.version);
    }
    states.first().map(|state| state.version)
}

fn position(states: &[State<'_>], says: &str) -> Option<usize> {
    states.iter().position(|state| state.says == says)
}

/// Pairs of states, the second right after the first.
fn edges<'a>(
    versions: impl Iterator<Item = (&'a Version, usize)>,
    states: &[State<'_>],
) -> Vec<(usize, usize)> {
    let mut edges = Vec::new();
    for (version, this) in versions {
        if version.change == Change::Created {
            let others = (0..states.len()).filter(|&other| other != this);
            edges.extend(others.map(|other| (this, other)));
        }
        let Some(previous) = &version.previous else {
            continue;
        };
        let before = version.body.rewind(previous);
        let earlier = position(states, &before.without_nulls());
        if let Some(earlier) = earlier.filter(|&earlier| earlier != this) {
            edges.push((earlier, this));
        }
    }
    edges
}

/// The one state that nothing comes after, if all others lead to it.
fn head(states: usize, edges: &[(usize, usize)]) -> Option<usize> {
    let mut heads = (0..states).filter(|state| !edges.iter().any(|(from, _)| from == state));
    let head = heads.next()?;
    (heads.next().is_none() && all_lead_to(head, states, edges)).then_some(head)
}

/// Whether every state leads to `head`; false for a cycle on the side.
fn all_lead_to(head: usize, states: usize, edges: &[(usize, usize)]) -> bool {
    let mut reached = vec![head];
    let mut next = 0;
    while let Some(&state) = reached.get(next) {
        for &(from, to) in edges {
            if to == state && !reached.contains(&from) {
                reached.push(from);
            }
        }
        next += 1;
    }
    reached.len() == states
}

#[cfg(test)]
mod tests;
