use proptest::prelude::*;

use super::*;

const A: ProbeId = ProbeId(1);
const B: ProbeId = ProbeId(2);

fn after_failures(count: u32, answered_between: u32) -> Circuit {
    (0..count).fold(Circuit::default(), |circuit, _| {
        circuit
            .failed(500, answered_between, 1_000)
            .unwrap_or(circuit)
    })
}

fn open() -> Circuit {
    after_failures(FAILURES_MIN, 0)
}

#[test]
fn failures_open_it() {
    assert_eq!(
        after_failures(FAILURES_MIN - 1, 0).ask(1_000),
        Verdict::Pass
    );
    let until_ms = 1_000 + COOL_DOWN_MS;
    assert_eq!(open().ask(1_000), Verdict::Refuse { until_ms });
    assert_eq!(open().ask(until_ms - 1), Verdict::Refuse { until_ms });
    assert_eq!(open().ask(until_ms), Verdict::ProbeDue);
}

#[test]
fn failures_among_more_answers_do_not() {
    assert_eq!(after_failures(100, 2).ask(1_000), Verdict::Pass);
    let Circuit::Open { .. } = after_failures(100, 1) else {
        panic!("half of all calls failed")
    };
}

#[test]
fn failures_far_apart_do_not() {
    let circuit = (0..100_i64).fold(Circuit::default(), |circuit, n| {
        let now_ms = n * WINDOW_MS / i64::from(FAILURES_MIN - 1);
        circuit.failed(now_ms, 0, now_ms).unwrap()
    });
    assert_eq!(circuit.ask(0), Verdict::Pass);
}

#[test]
fn one_probe_is_lent_and_no_second_until_its_lease_ends() {
    assert_eq!(open().lend(A, 1_000), None, "too early");
    assert_eq!(Circuit::default().lend(A, 1_000), None, "closed");
    let due_ms = 1_000 + COOL_DOWN_MS;
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
    let mut now_ms = 1_000;
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
    let due_ms = 1_000 + COOL_DOWN_MS;
    let closed = open().lend(A, due_ms).unwrap().probed(A, true, due_ms);
    let closed = closed.unwrap();
    assert_eq!(closed.failed(900, 0, due_ms + 4_000), None);
    assert!(closed.failed(due_ms, 0, due_ms + 4_000).is_some());
    assert_eq!(open().failed(900, 0, 2_000), None, "it is open already");
}

#[test]
fn its_stored_form_reads_back() {
    let half_open = open().lend(A, 10_000).unwrap();
    for circuit in [Circuit::default(), open(), half_open] {
        let text = serde_json::to_string(&circuit).unwrap();
        assert_eq!(serde_json::from_str::<Circuit>(&text).unwrap(), circuit);
    }
}

/// What instances may do to a circuit, in any order and with any clock that runs on.
#[derive(Debug, Clone)]
enum Step {
    Fail { answered: u32 },
    Lend(u64),
    Probed(u64, bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_u32).prop_map(|answered| Step::Fail { answered }),
        (0..4_u64).prop_map(Step::Lend),
        (0..4_u64, any::<bool>()).prop_map(|(probe, answered)| Step::Probed(probe, answered)),
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
                Step::Fail { answered } => (circuit.failed(now_ms, answered, now_ms), None),
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
