use tributary_domain::{Mode, Owner};

use super::*;

fn finding(now: i64) -> Finding {
    let book = Book {
        mode: Mode::Test,
        owner: Owner::Platform,
    };
    Finding::new(
        Code::BalanceMismatchPlatform,
        &book,
        "usd",
        &Scope::new("balance", "usd"),
        now,
    )
    .with("ours", 5)
    .at_stake(-7, "usd")
}

fn steps(finding: &Finding) -> Vec<&str> {
    finding
        .history
        .iter()
        .map(|step| step.what.as_str())
        .collect()
}

#[test]
fn found_again_it_is_one_finding_with_the_newest_evidence() {
    let mut first = finding(10);
    first.see_again(finding(20).with("ours", 6));
    assert_eq!((first.first_seen, first.last_seen), (10, 20));
    assert_eq!(first.evidence["ours"], "6");
    assert_eq!(
        first.stake,
        Stake {
            amount: 7,
            currency: "usd".to_owned()
        }
    );
    assert_eq!((first.state, steps(&first)), (State::Open, vec!["seen"]));
}

#[test]
fn what_is_gone_was_healed_if_something_was_done_about_it() {
    let mut alone = finding(10);
    alone.gone(30);
    assert_eq!(alone.state, State::Resolved);
    let mut healed = finding(10);
    healed.note("heal:refetch", 20);
    healed.gone(30);
    assert_eq!(
        (healed.state, steps(&healed)),
        (State::Healed, vec!["seen", "heal:refetch", "gone"])
    );
}

#[test]
fn it_waits_for_a_person_while_it_is_open_and_nothing_goes_on() {
    let mut one = finding(10);
    assert!(one.waits_for_a_person());
    one.note("heal:pull_3_days", 20);
    assert!(!one.waits_for_a_person(), "the heal has to be confirmed");
    one.note("left:did_not_help", 30);
    assert!(one.waits_for_a_person());
    let mut accepted = one.clone();
    accepted.accept(&Decision::new("finance", "it is so").unwrap(), 40);
    assert!(!accepted.waits_for_a_person());
    one.gone(40);
    assert!(!one.waits_for_a_person());
    let mut told = finding(10);
    told.code = Code::PayoutUnattributable;
    assert!(!told.waits_for_a_person(), "nothing is wrong");
}

#[test]
fn what_comes_back_is_open_again_and_may_be_healed_again() {
    let mut finding_ = finding(10);
    finding_.note("heal:refetch", 20);
    finding_.note("heal:refetch", 25);
    finding_.gone(30);
    finding_.see_again(finding(40));
    assert_eq!((finding_.state, finding_.heals()), (State::Open, 0));
}

#[test]
fn what_is_accepted_stays_so_until_the_money_changes() {
    let mut accepted = finding(10);
    accepted.accept(&Decision::new("anna", "it is so").unwrap(), 20);
    accepted.see_again(finding(30));
    accepted.gone(31);
    assert_eq!(accepted.state, State::Accepted);
    accepted.see_again(finding(40).at_stake(8, "usd"));
    assert_eq!(accepted.state, State::Open);
}

#[test]
fn a_history_stays_short_and_keeps_its_beginning() {
    let mut long = finding(0);
    for at in 1..100 {
        long.note(&format!("left:{at}"), at);
        long.note(&format!("left:{at}"), at);
    }
    assert_eq!(long.history.len(), STEPS_MAX);
    let at: Vec<_> = long.history.iter().map(|step| step.at).collect();
    let newest = (61..100).collect::<Vec<_>>();
    assert_eq!((at[0], &at[1..], long.left_out), (0, &newest[..], 60));
    let stored = serde_json::to_string(&long).unwrap();
    assert_eq!(serde_json::from_str::<Finding>(&stored).unwrap(), long);
    let short = serde_json::to_value(finding(0)).unwrap();
    assert_eq!(short.get("left_out"), None, "as it was always stored");
}

/// However often it flaps after that, and however many people decide.
#[test]
fn what_people_decide_is_never_left_out() {
    let mut flaps = finding(0);
    let mut decided = Vec::new();
    for at in 0..500 {
        if at % 5 == 0 {
            let why = format!("reason {at}");
            let decision = Decision::new("anna", &why).unwrap();
            assert!(flaps.resolve(&decision, at));
            decided.push((at, why));
        }
        flaps.gone(at);
        flaps.see_again(finding(at));
    }
    let kept = flaps.history.iter().filter(|step| step.is_decision());
    let kept: Vec<_> = kept
        .map(|step| (step.at, step.why.clone().unwrap()))
        .collect();
    assert_eq!(kept, decided);
    assert_eq!(flaps.history.len(), STEPS_MAX + decided.len());
    assert!(flaps.history.is_sorted_by_key(|step| step.at));
    assert_eq!(flaps.history[0].what, "seen");
}

#[test]
fn every_code_reads_back() {
    for code in Code::ALL {
        assert_eq!(Code::parse(code.as_str()), Some(*code));
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
    assert_eq!(Code::parse("missing_event"), None);
}

#[test]
fn a_label_holds_until_the_money_changes() {
    let mut labelled = finding(10);
    labelled.note("heal:label_fee", 20);
    labelled.gone(20);
    labelled.see_again(finding(30));
    assert_eq!(labelled.state, State::Healed);
    labelled.see_again(finding(40).at_stake(8, "usd"));
    assert_eq!(labelled.state, State::Open);
}
