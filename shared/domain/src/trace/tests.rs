use proptest::prelude::*;

use super::*;

const KNOWN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

proptest! {
    #[test]
    fn an_event_has_one_trace_and_no_two_events_share_one(a in "evt_[a-z]{1,8}", b in "evt_[a-z]{1,8}") {
        let trace = TraceParent::of_event(&a);
        prop_assert_eq!(TraceParent::parse(trace.as_str()), Some(trace.clone()));
        prop_assert_eq!(trace.to_string(), trace.as_str());
        prop_assert_eq!(trace == TraceParent::of_event(&b), a == b);
    }

    /// Whatever is not a version-00 header in lower-case hex is refused: a text that
    /// differs from a good one in one place, unless a digit became another.
    #[test]
    fn one_wrong_character_makes_no_trace(place in 0..KNOWN.len(), wrong in "[ -~]") {
        let mut text = KNOWN.to_owned();
        text.replace_range(place..=place, &wrong);
        let digit = wrong.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let in_number = place > 2 && KNOWN.as_bytes()[place] != b'-';
        let good = text == KNOWN || (digit && in_number);
        prop_assert_eq!(TraceParent::parse(&text).is_some(), good, "{}", text);
    }
}

#[test]
fn parts_have_their_lengths_and_their_number() {
    assert_eq!(TraceParent::parse(KNOWN).unwrap().as_str(), KNOWN);
    for text in [
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e47366-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ] {
        assert_eq!(TraceParent::parse(text), None, "{text}");
    }
}

fn payout(owner: &str, id: &str) -> ObjectKey {
    ObjectKey::parse(&format!("live#{owner}#payout#{id}")).unwrap()
}

#[test]
fn whatever_touches_a_payout_is_in_its_trace_and_nothing_else_is() {
    let of = |object: &ObjectKey, event| TraceParent::of_object(object, event);
    let (paid, failed) = (
        of(&payout("acct_1", "po_1"), "evt_paid"),
        of(&payout("acct_1", "po_1"), "evt_failed"),
    );
    assert_eq!(paid.trace_id(), failed.trace_id());
    assert_ne!(paid.span_id(), failed.span_id());
    for other in [
        payout("acct_1", "po_2"),
        payout("acct_2", "po_1"),
        payout("platform", "po_1"),
    ] {
        assert_ne!(of(&other, "evt_paid").trace_id(), paid.trace_id());
    }
    let test = ObjectKey::parse("test#acct_1#payout#po_1").unwrap();
    assert_ne!(of(&test, "evt_paid").trace_id(), paid.trace_id());
    let charge = ObjectKey::parse("live#acct_1#charge#ch_1").unwrap();
    assert_eq!(of(&charge, "evt_paid"), TraceParent::of_event("evt_paid"));
    assert_ne!(
        TraceParent::of_work("evt_paid").trace_id(),
        TraceParent::of_event("evt_paid").trace_id()
    );
}

#[test]
fn a_step_is_another_span_of_the_same_trace_whoever_makes_it() {
    let event = TraceParent::of_event("evt_1");
    let step = event.at("apply", "evt_1");
    assert_eq!(TraceParent::parse(step.as_str()), Some(step.clone()));
    assert_eq!(step.trace_id(), event.trace_id());
    assert_eq!(step, event.at("apply", "evt_1"));
    assert_eq!(step, event.at("publish", "evt_1").at("apply", "evt_1"));
    for other in [
        event.clone(),
        event.at("publish", "evt_1"),
        event.at("apply", "evt_2"),
    ] {
        assert_ne!(other.span_id(), step.span_id());
    }
}
