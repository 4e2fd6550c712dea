use proptest::prelude::*;

use super::*;
use crate::{Document, EventId};

fn version(source: &str, change: Change, n: u8, before: Option<u8>) -> Version {
    let body = |n: u8| Document::parse(&format!(r#"{{"n":{n}}}"#)).unwrap();
    Version {
        at: 1,
        source: EventId::parse(&format!("evt_{source}")).unwrap(),
        change,
        body: body(n),
        previous: before.map(body),
    }
}

#[test]
fn a_creation_came_before_everything_else() {
    let changed = version("a", Change::Changed, 2, None);
    let created = version("b", Change::Created, 1, None);
    let both = [changed.clone(), created];
    assert_eq!(last(&both), Some(&changed));
    let third = version("c", Change::Changed, 3, None);
    let [changed, created] = both;
    assert_eq!(
        last(&[changed, created, third]),
        None,
        "of two changes nothing is known"
    );
}

#[test]
fn one_state_under_several_names_is_shown_by_the_greatest() {
    let [a, b] = ["a", "b"].map(|source| version(source, Change::Changed, 1, None));
    assert_eq!(last(&[a.clone(), b.clone()]), Some(&b));
    let later = version("0", Change::Changed, 2, Some(1));
    assert_eq!(last(&[later.clone(), a.clone(), b.clone()]), Some(&later));
    // What it was before is what it is: that orders nothing.
    let idle = version("c", Change::Changed, 1, Some(1));
    assert_eq!(last(&[a, b, idle.clone()]), Some(&idle));
    assert_eq!(last(&[]), None);
}

#[test]
fn a_cycle_on_the_side_leads_nowhere() {
    assert_eq!(head(2, &[(0, 1)]), Some(1));
    assert_eq!(head(4, &[(0, 1), (2, 3), (3, 2)]), None);
    assert_eq!(head(4, &[(0, 1), (2, 3), (3, 2), (3, 1)]), Some(1));
}

proptest! {
    /// The head is what every other state leads to and what leads nowhere itself.
    #[test]
    fn the_head_is_where_all_roads_end(
        states in 1..6_usize,
        roads in proptest::collection::vec((0..6_usize, 0..6_usize), 0..9),
    ) {
        let edges: Vec<_> = roads.into_iter().filter(|(from, to)| from.max(to) < &states && from != to).collect();
        let mut leads = vec![vec![false; states]; states];
        for &(from, to) in &edges {
            leads[from][to] = true;
        }
        for by in 0..states {
            for from in 0..states {
                for to in 0..states {
                    leads[from][to] |= leads[from][by] && leads[by][to];
                }
            }
        }
        let is_end = |state: &usize| {
            let ends = !edges.iter().any(|(from, _)| from == state);
            ends && (0..states).all(|other| other == *state || leads[other][*state])
        };
        prop_assert_eq!(head(states, &edges), (0..states).find(is_end));
    }
}
