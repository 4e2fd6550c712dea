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
