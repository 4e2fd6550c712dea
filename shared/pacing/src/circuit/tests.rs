use proptest::prelude::*;

use super::*;

const A: ProbeId = ProbeId(1);
const B: ProbeId = ProbeId(2);

/// When [`open`] has cooled down.
const OPENED_MS: i64 = 2_800;
const DUE_MS: i64 = OPENED_MS + COOL_DOWN_MS;

/// A circuit after so many failures, each followed by so many answers, over two
/// seconds that end at 3 s.
fn after(failures: u32, answers_between: u32) -> Circuit {
    (1..=failures).fold(Circuit::default(), |circuit, n| {
        let now_ms = 1_000 + i64::from(2_000 * n / failures);
        let circuit = circuit.failed(500, now_ms).unwrap_or(circuit);
        (0..answers_between).fold(circuit, |circuit, _| {
            circuit.answered(now_ms).unwrap_or(circuit)
        })
    })
}

fn open() -> Circuit {
    after(10, 0)
}

#[test]
fn failures_open_it() {
    assert_eq!(after(COUNT_MIN - 1, 0).ask(3_000), Verdict::Pass);
    let Verdict::Refuse { until_ms } = open().ask(3_000) else {
        panic!("open")
    };
    assert_eq!(open().ask(until_ms - 1), Verdict::Refuse { until_ms });
    assert_eq!(open().ask(until_ms), Verdict::ProbeDue);
}

#[test]
fn failures_among_more_answers_do_not() {
    for answers_between in [2, 3, 4, 10] {
        assert_eq!(after(100, answers_between).ask(3_000), Verdict::Pass);
    }
    assert!(
        matches!(after(100, 1), Circuit::Open { .. }),
        "every other call failed"
    );
}

/// Whoever was answered has not heard yet that anybody counts.
#[test]
fn failures_of_the_first_moment_do_not() {
    let circuit = (0..100).fold(Circuit::default(), |circuit, n| {
        circuit.failed(500, 1_000 + n).unwrap()
    });
    assert_eq!(circuit.ask(1_100), Verdict::Pass);
}

#[test]
fn failures_far_apart_do_not() {
    let circuit = (0..100_i64).fold(Circuit::default(), |circuit, n| {
        let now_ms = n * WINDOW_MS / i64::from(COUNT_MIN - 1);
        circuit.failed(now_ms, now_ms).unwrap()
    });
    assert_eq!(circuit.ask(0), Verdict::Pass);
}

#[test]
fn answers_are_told_only_while_failures_are_counted() {
    assert_eq!(Circuit::default().answered(1_000), None);
    let suspect = Circuit::default().failed(500, 1_000).unwrap();
    let calm = (0..COUNT_MIN).fold(suspect.clone(), |circuit, _| {
        circuit.answered(1_100).unwrap()
    });
    assert_eq!(calm.answered(1_200), None, "it was a chance");
    let late = suspect.answered(1_000 + WINDOW_MS).unwrap();
    assert_eq!(late.answered(1_000 + WINDOW_MS), None, "it was long ago");
    assert_eq!(open().answered(1_000), None);
}

#[test]
fn one_probe_is_lent_and_no_second_until_its_lease_ends() {
    assert_eq!(open().lend(A, 1_000), None, "too early");
    assert_eq!(Circuit::default().lend(A, 1_000), None, "closed");
    let due_ms = DUE_MS;
    let half_open = open().lend(A, due_ms).unwrap();
    assert!(half_open.is_lent_to(A) && !half_open.is_lent_to(B));
    let until_ms = due_ms + LEASE_MS;
    assert_eq!(half_open.ask(due_ms), Verdict::Refuse { until_ms });
    assert_eq!(half_open.lend(B, until_ms - 1), None);
    let taken_over = half_open.lend(B, until_ms).unwrap();
    assert!(taken_over.is_lent_to(B));
    assert_eq!(
        taken_over.probed(A, true, until_ms),
        None,
        "A came too late"
    );
}

#[test]
fn an_answer_closes_it_and_a_failure_opens_it_for_longer() {
    let mut circuit = open();
    let mut now_ms = OPENED_MS;
    for pause_ms in [5_000, 10_000, 20_000, 40_000, 60_000, 60_000] {
        let until_ms = now_ms + pause_ms;
        assert_eq!(circuit.ask(now_ms), Verdict::Refuse { until_ms });
        let half_open = circuit.lend(A, until_ms).unwrap();
        now_ms = until_ms + 70;
        circuit = half_open.probed(A, false, now_ms).unwrap();
        let closed = half_open.probed(A, true, now_ms).unwrap();
        assert_eq!(closed.ask(now_ms), Verdict::Pass);
    }
}

#[test]
fn what_was_sent_before_it_closed_is_no_news() {
    let closed = open().lend(A, DUE_MS).unwrap().probed(A, true, DUE_MS);
    let closed = closed.unwrap();
    assert_eq!(closed.failed(900, DUE_MS + 4_000), None);
    assert!(closed.failed(DUE_MS, DUE_MS + 4_000).is_some());
    assert_eq!(open().failed(900, 3_000), None, "it is open already");
}

#[test]
fn its_stored_form_reads_back() {
    let half_open = open().lend(A, DUE_MS).unwrap();
    for circuit in [Circuit::default(), open(), half_open] {
        let text = serde_json::to_string(&circuit).unwrap();
        assert_eq!(serde_json::from_str::<Circuit>(&text).unwrap(), circuit);
    }
}

/// What instances may do to a circuit, in any order and with any clock that runs on.
#[derive(Debug, Clone)]
enum Step {
    Fail,
    Answer,
    Lend(u64),
    Probed(u64, bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Fail),
        1 => Just(Step::Answer),
        1 => (0..4_u64).prop_map(Step::Lend),
        1 => (0..4_u64, any::<bool>()).prop_map(|(probe, answered)| Step::Probed(probe, answered)),
    ]
}

proptest! {
    /// The one way out of being open leads through a probe that was lent, and none
    /// is lent while another's lease runs.
    #[test]
    fn only_the_probe_that_was_lent_closes_it(
        steps in prop::collection::vec((0..20_000_i64, step()), 1..200),
    ) {
        let (mut circuit, mut now_ms) = (Circuit::default(), 0);
        let mut lent: Option<(u64, i64)> = None;
        for (elapsed_ms, step) in steps {
            now_ms += elapsed_ms;
            let was_closed = circuit.ask(now_ms) == Verdict::Pass;
            let (next, by) = match step {
                Step::Fail => (circuit.failed(now_ms, now_ms), None),
                Step::Answer => (circuit.answered(now_ms), None),
                Step::Lend(probe) => (circuit.lend(ProbeId(probe), now_ms), Some(probe)),
                Step::Probed(probe, answered) => {
                    let next = circuit.probed(ProbeId(probe), answered, now_ms);
                    if next.is_some() {
                        prop_assert_eq!(lent.map(|(holder, _)| holder), Some(probe));
                        lent = None;
                    }
                    (next, None)
                }
            };
            if let (Some(probe), Some(_)) = (by, &next) {
                prop_assert!(lent.is_none_or(|(_, until_ms)| now_ms >= until_ms));
                lent = Some((probe, now_ms + LEASE_MS));
            }
            let is_closed = next.as_ref().is_some_and(|next| next.ask(now_ms) == Verdict::Pass);
            if !was_closed && is_closed {
                prop_assert!(matches!(step, Step::Probed(_, true)));
            }
            circuit = next.unwrap_or(circuit);
        }
    }
}
