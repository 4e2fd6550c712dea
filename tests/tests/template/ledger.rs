//! The road from the bus to the ledger.

use std::collections::BTreeSet;

use tributary_domain::change::Topic;

use crate::document::{Template, list, target, text};

/// Those whose objects name transactions; the others book nothing.
const OF_MONEY: [Topic; 9] = [
    Topic::ApplicationFee,
    Topic::ApplicationFeeRefund,
    Topic::Charge,
    Topic::Dispute,
    Topic::Payout,
    Topic::Refund,
    Topic::Topup,
    Topic::Transfer,
    Topic::TransferReversal,
];

#[test]
fn the_ledger_hears_of_money_and_of_nothing_else() {
    let template = Template::load();
    let rule = template.properties("LedgerRule");
    assert_eq!(target(&rule["EventBusName"]), Some("DomainEventBus"));
    let pattern = &rule["EventPattern"];
    let types: BTreeSet<String> = list(&pattern["detail-type"])
        .into_iter()
        .map(text)
        .collect();
    let expected: BTreeSet<String> = OF_MONEY.map(|it| it.detail_type().to_owned()).into();
    assert_eq!(types, expected);
    let sources: Vec<_> = list(&pattern["source"]).into_iter().map(text).collect();
    assert_eq!(sources, ["tributary.live", "tributary.test"]);
}

#[test]
fn fault_31_what_the_rule_cannot_deliver_waits_and_is_noticed() {
    let template = Template::load();
    let rule = template.properties("LedgerRule");
    assert_eq!(rule["Targets"].as_array().map(Vec::len), Some(1));
    let queue = &rule["Targets"][0];
    assert_eq!(target(&queue["Arn"]), Some("LedgerQueue"));
    assert_eq!(queue["InputPath"], "$.detail");
    let letters = target(&queue["DeadLetterConfig"]["Arn"]);
    assert_eq!(letters, Some("LedgerDeadLetters"));
    assert_eq!(queue["RetryPolicy"]["MaximumEventAgeInSeconds"], 86_400);
    assert_eq!(queue["RetryPolicy"]["MaximumRetryAttempts"], 185);
    for policy in ["LedgerQueuePolicy", "LedgerDeadLettersPolicy"] {
        let statements = &template.properties(policy)["PolicyDocument"]["Statement"];
        assert_eq!(statements.as_array().map(Vec::len), Some(2), "{policy}");
        let allowed = &statements[1];
        assert_eq!(allowed["Action"], "sqs:SendMessage", "{policy}");
        let source = &allowed["Condition"]["ArnEquals"]["aws:SourceArn"];
        assert_eq!(target(source), Some("LedgerRule"), "{policy}");
    }
}

/// What no rule understands is posted to suspense; the batch line counts it, and the
/// first one raises an alarm.
#[test]
fn a_concern_of_the_ledger_raises_an_alarm() {
    let alarms = Template::load().alarms();
    let alarm = alarms.properties("LedgerConcernsAlarm");
    assert_eq!(alarm["MetricName"], "concerns");
    assert_eq!(alarm["Threshold"], 0);
}

/// Events are gathered before a book is listed: that is what spares Stripe the calls.
#[test]
fn events_are_gathered_before_a_book_is_listed() {
    let template = Template::load();
    let source = &template.properties("PostLedger")["Events"]["Queue"]["Properties"];
    assert_eq!(source["BatchSize"], 1_000);
    let window = &source["MaximumBatchingWindowInSeconds"];
    assert_eq!(window["Ref"], "LedgerWindowSeconds");
    let window = &template.section("Parameters")["LedgerWindowSeconds"];
    assert!(
        window["MinValue"].as_i64() >= Some(1),
        "Lambda takes 10 at once at most"
    );
}
