//! Putting the versions of one second in order.
//!
//! A version that lists the previous values of what it changed can be rewound; if
//! that gives another version's body, it came right after it. A creation came
//! before everything else. The last version is the one that all others lead to.

use super::{Change, Version};

/// The version that all others lead to, or `None` where they do not say. Versions
/// with the same body are one state: Stripe announces one change under several
/// event ids.
pub(super) fn last(versions: &[Version]) -> Option<&Version> {
    let mut states: Vec<&Version> = Vec::new();
    for version in versions.iter().rev() {
        if !states
            .iter()
            .any(|state| state.body.says_the_same_as(&version.body))
        {
            states.push(version);
        }
    }
    let [first, others @ ..] = states.as_slice() else {
        return None;
    };
    if others.is_empty() {
        return Some(first);
    }
    let edges = edges(versions, &states);
    let mut heads =
        (0..states.len()).filter(|&state| !edges.iter().any(|(from, _)| *from == state));
    let head = heads.next()?;
    if heads.next().is_some() || !all_lead_to(head, states.len(), &edges) {
        return None;
    }
    states.get(head).copied()
}

/// Pairs of states, the second right after the first.
fn edges(versions: &[Version], states: &[&Version]) -> Vec<(usize, usize)> {
    let state_of = |version: &Version| {
        states
            .iter()
            .position(|state| state.body.says_the_same_as(&version.body))
    };
    let mut edges = Vec::new();
    for version in versions {
        let Some(this) = state_of(version) else {
            continue;
        };
        if version.change == Change::Created {
            edges.extend(
                (0..states.len())
                    .filter(|&other| other != this)
                    .map(|other| (this, other)),
            );
        }
        let Some(previous) = &version.previous else {
            continue;
        };
        let before = version.body.rewind(previous);
        let earlier = states
            .iter()
            .position(|state| state.body.says_the_same_as(&before));
        if let Some(earlier) = earlier
            && earlier != this
        {
            edges.push((earlier, this));
        }
    }
    edges
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
