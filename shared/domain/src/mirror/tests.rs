use proptest::prelude::*;

use super::*;

fn version(at: i64, source: &str, change: Change, body: &str, previous: Option<&str>) -> Version {
    Version {
        at,
        source: EventId::parse(&format!("evt_{source}")).unwrap(),
        change,
        body: Document::parse(body).unwrap(),
        previous: previous.map(|text| Document::parse(text).unwrap()),
    }
}

fn joined(versions: impl IntoIterator<Item = Version>) -> Row {
    let mut row = Row::default();
    for version in versions {
        row.join(version);
    }
    row
}

/// All orders of some items.
fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let starting_with = |first: usize| {
        let mut rest = items.to_vec();
        let item = rest.remove(first);
        permutations(&rest)
            .into_iter()
            .map(move |tail| [vec![item.clone()], tail].concat())
    };
    (0..items.len()).flat_map(starting_with).collect()
}

#[test]
fn the_newest_second_wins() {
    let row = joined([
        version(2, "b", Change::Changed, r#"{"status":"paid"}"#, None),
        version(1, "z", Change::Created, r#"{"status":"open"}"#, None),
    ]);
    let state = row.resolve().unwrap();
    assert_eq!(state.winner.source.as_str(), "evt_b");
    assert!(!state.ambiguous && !state.deleted);
}

#[test]
fn previous_attributes_order_one_second_against_the_ids() {
    let row = joined([
        version(1, "c", Change::Created, r#"{"n":1,"m":{"a":1}}"#, None),
        version(
            1,
            "b",
            Change::Changed,
            r#"{"n":2,"m":{"a":1}}"#,
            Some(r#"{"n":1}"#),
        ),
        version(
            1,
            "a",
            Change::Changed,
            r#"{"n":2,"m":{"a":1,"b":2}}"#,
            Some(r#"{"m":{"b":null}}"#),
        ),
    ]);
    let state = row.resolve().unwrap();
    assert_eq!(state.winner.source.as_str(), "evt_a");
    assert!(!state.ambiguous);
}

#[test]
fn versions_that_nothing_orders_are_ambiguous_with_a_stable_winner() {
    let a = version(1, "a", Change::Changed, r#"{"n":1}"#, None);
    let b = version(1, "b", Change::Changed, r#"{"n":2}"#, None);
    for order in [[a.clone(), b.clone()], [b, a]] {
        let row = joined(order);
        let state = row.resolve().unwrap();
        assert_eq!(
            (state.winner.source.as_str(), state.ambiguous),
            ("evt_b", true)
        );
    }
}

#[test]
fn a_cycle_within_one_second_is_ambiguous() {
    let row = joined([
        version(1, "a", Change::Changed, r#"{"n":1}"#, Some(r#"{"n":2}"#)),
        version(1, "b", Change::Changed, r#"{"n":2}"#, Some(r#"{"n":1}"#)),
    ]);
    assert!(row.resolve().unwrap().ambiguous);
}

#[test]
fn one_change_under_two_event_ids_is_one_state() {
    let row = joined([
        version(1, "a", Change::Changed, r#"{"n":1}"#, None),
        version(1, "b", Change::Changed, r#"{"n":1}"#, None),
    ]);
    assert!(!row.resolve().unwrap().ambiguous);
}

#[test]
fn two_renderings_under_one_id_end_alike_in_both_orders() {
    for change in [Change::Changed, Change::Deleted] {
        let old = version(1, "a", change, r#"{"n":1}"#, None);
        let new = version(1, "a", change, r#"{"n":2}"#, None);
        let forwards = joined([old.clone(), new.clone()]);
        assert_eq!(forwards, joined([new.clone(), old]));
        // Which of them it is must not change from one release to the next.
        assert_eq!(*forwards.resolve().unwrap().winner, new);
    }
}

#[test]
fn a_deletion_beats_the_updates_of_its_second_and_late_ones() {
    let deletion = version(2, "d", Change::Deleted, r#"{"n":1}"#, None);
    let same = version(2, "e", Change::Changed, r#"{"n":2}"#, None);
    let later = version(3, "f", Change::Changed, r#"{"n":3}"#, None);
    for order in permutations(&[deletion, same, later]) {
        assert!(joined(order).resolve().unwrap().deleted);
    }
}

#[test]
fn an_id_used_again_after_a_deletion_lives() {
    let deletion = version(2, "d", Change::Deleted, r#"{"n":1}"#, None);
    let again = version(3, "e", Change::Created, r#"{"n":9}"#, None);
    for order in [[deletion.clone(), again.clone()], [again, deletion]] {
        let row = joined(order);
        assert!(!row.resolve().unwrap().deleted);
    }
}

#[test]
fn a_row_is_decided_by_its_newest_second_its_deletion_or_a_sign_of_life() {
    let changed = |at, source| version(at, source, Change::Changed, "{}", None);
    let [a, b, c] = [changed(1, "a"), changed(2, "b"), changed(2, "c")];
    let mut row = joined([a.clone(), b.clone(), c.clone()]);
    assert!(!row.decided_by(&a), "overtaken");
    assert!(row.decided_by(&b) && row.decided_by(&c));
    let deletion = version(3, "d", Change::Deleted, "{}", None);
    row.join(deletion.clone());
    assert!(row.decided_by(&deletion));
    assert!(!row.decided_by(&b), "outlived");
    let [again, later] = [
        version(4, "e", Change::Created, "{}", None),
        changed(5, "f"),
    ];
    row.join(later.clone());
    row.join(again.clone());
    assert!(row.decided_by(&again) && row.decided_by(&later));
    assert!(!row.decided_by(&deletion), "taken back");
    let older = version(3, "c", Change::Observed, "{}", None);
    assert!(!row.decided_by(&older), "no newest sign of life");
    assert!(!row.decided_by(&changed(4, "g")), "no sign of life");
}

/// More versions of one second than are kept, each another state.
fn too_many() -> Vec<Version> {
    let numbers = 0..VERSIONS_MAX + 3;
    let version = |n| {
        let body = format!(r#"{{"n":{n}}}"#);
        version(1, &format!("{n:02}"), Change::Changed, &body, None)
    };
    numbers.map(version).collect()
}

#[test]
fn sixteen_versions_of_one_second_are_kept_and_one_more_overflows() {
    for count in [1, VERSIONS_MAX, VERSIONS_MAX + 1, VERSIONS_MAX + 9] {
        let of = |n: usize| {
            let body = format!(r#"{{"n":{n}}}"#);
            version(1, &format!("{n:02}"), Change::Changed, &body, None)
        };
        let row = joined((0..count).map(of));
        assert_eq!(row.versions.len(), count.min(VERSIONS_MAX));
        assert_eq!(row.overflowed, count > VERSIONS_MAX, "{count}");
    }
}

#[test]
fn the_stored_form_reads_back() {
    let row = joined([
        version(
            1,
            "a",
            Change::Created,
            r#"{"n":1.50,"big":123456789012345678901234567890}"#,
            None,
        ),
        version(
            1,
            "b",
            Change::Changed,
            r#"{"n":1.50}"#,
            Some(r#"{"x":null}"#),
        ),
    ]);
    assert_eq!(Row::from_json(&row.to_json()).unwrap(), row);
    assert!(row.to_json().contains("1.50"), "numbers keep their text");
}

#[test]
fn a_row_remembers_the_events_that_changed_it() {
    let of = |n: usize| {
        let at = i64::try_from(n).unwrap();
        version(at, &format!("{n:02}"), Change::Changed, "{}", None)
    };
    let mut row = joined((1..=HEARD_MAX).map(of));
    let names = |row: &Row| {
        let heard = row.heard().map(|(_, event)| event.to_string());
        heard.collect::<Vec<_>>()
    };
    assert_eq!(names(&row).len(), HEARD_MAX);
    row.join(of(HEARD_MAX + 1));
    assert_eq!(
        names(&row).first().unwrap(),
        "evt_02",
        "the oldest gives way"
    );
    assert!(
        !row.join(of(3)),
        "overtaken: it changes nothing, nor is it named"
    );
    let before = (row.clone(), row.token(), names(&row));
    let late = EventId::parse("evt_late").unwrap();
    assert!(row.hear(5, late.clone()), "unless somebody asks for it");
    assert!(!row.hear(5, late), "once");
    assert!(!row.hear(0, EventId::parse("evt_old").unwrap()), "too old");
    assert_ne!(names(&row), before.2);
    assert_eq!(
        (&row, row.token()),
        (&before.0, before.1),
        "it is no part of the state"
    );
}

#[test]
fn the_history_is_stored_beside_the_state() {
    let versions = [
        version(1, "a", Change::Created, r#"{"text":"a\nb"}"#, None),
        version(2, "b", Change::Changed, r#"{"n":1}"#, None),
    ];
    for n in 0..=2 {
        let row = joined(versions[..n].iter().cloned());
        let read = Row::from_stored(&row.to_stored()).unwrap();
        assert_eq!((&read, &read.heard), (&row, &row.heard));
    }
    let old = r#"{"versions":[],"alive_at":3}"#;
    assert_eq!(Row::from_stored(old).unwrap().to_stored(), old);
    assert!(Row::from_stored("{\"versions\":[]}\n[1]").is_err());
}

/// A small, adversarial world: few seconds, few values, every kind of change.
fn versions() -> impl Strategy<Value = Vec<Version>> {
    let one = (
        0..3_i64,
        0..4_u8,
        prop_oneof![
            2 => Just(Change::Changed),
            1 => Just(Change::Created),
            1 => Just(Change::Deleted),
            1 => Just(Change::Observed),
        ],
        proptest::option::of(0..4_u8),
    );
    proptest::collection::vec(one, 1..7).prop_map(|facts| {
        facts
            .into_iter()
            .enumerate()
            .map(|(id, (at, n, change, before))| {
                let previous = before.map(|n| format!(r#"{{"n":{n}}}"#));
                version(
                    at,
                    &id.to_string(),
                    change,
                    &format!(r#"{{"n":{n}}}"#),
                    previous.as_deref(),
                )
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn every_order_of_up_to_six_versions_ends_in_the_same_bytes(versions in versions()) {
        let expected = joined(versions.clone()).to_json();
        for order in permutations(&versions) {
            prop_assert_eq!(&joined(order).to_json(), &expected);
        }
    }

    /// What is not a change is not written, and what is must be.
    #[test]
    fn joining_tells_whether_it_changed_the_row(versions in versions()) {
        let mut row = Row::default();
        for version in versions {
            let before = row.clone();
            let changed = row.join(version);
            prop_assert_eq!(changed, row != before);
            prop_assert_eq!(changed, row.token() != before.token());
        }
    }

    /// The greatest ids are kept, and that there were more is never forgotten.
    #[test]
    fn more_versions_of_one_second_than_are_kept_end_alike_in_both_orders(versions in Just(too_many()).prop_shuffle()) {
        let expected = joined(too_many());
        let mut row = Row::default();
        for version in versions {
            let before = row.clone();
            prop_assert_eq!(row.join(version), row != before);
        }
        prop_assert_eq!(row.to_json(), expected.to_json());
        prop_assert!(row.resolve().unwrap().ambiguous);
        for version in too_many() {
            prop_assert!(row.decided_by(&version), "one too many decides as well");
        }
    }

    #[test]
    fn duplicates_change_nothing(versions in versions(), extra in proptest::collection::vec(0..6_usize, 0..12)) {
        let expected = joined(versions.clone()).to_json();
        let again: Vec<_> = extra.iter().filter_map(|&n| versions.get(n).cloned()).collect();
        let mut row = joined(again.iter().cloned().chain(versions.iter().cloned()).chain(again.iter().cloned()));
        prop_assert_eq!(row.to_json(), expected);
        for version in versions {
            prop_assert!(!row.join(version), "a version already joined reported a change");
        }
    }
}
