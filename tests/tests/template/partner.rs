//! The optional road through Stripe's partner event source.

use crate::document::{Template, target};

#[test]
fn the_partner_road_exists_only_when_it_is_asked_for() {
    let template = Template::load();
    let conditional: Vec<_> = template
        .section("Resources")
        .iter()
        .filter(|(name, _)| name.starts_with("Partner"))
        .collect();
    assert_eq!(
        conditional.len(),
        4,
        "bus, rule, dead letters, their policy"
    );
    for (name, resource) in conditional {
        assert_eq!(resource["Condition"], "HasPartnerEventSource", "{name}");
    }
    let alarms = template.alarms();
    let alarm = &alarms.section("Resources")["PartnerDeadLettersAlarm"];
    assert_eq!(alarm["Condition"], "HasPartnerEventSource");
    assert_eq!(
        template.section("Parameters")["StripePartnerEventSource"]["Default"],
        ""
    );
}

#[test]
fn the_partner_rule_retries_as_long_as_it_can_and_then_keeps_the_event() {
    let template = Template::load();
    let rule = template.properties("PartnerRule");
    assert_eq!(target(&rule["EventBusName"]), Some("PartnerEventBus"));
    let queue = &rule["Targets"][0];
    assert_eq!(target(&queue["Arn"]), Some("EventsQueue"));
    assert_eq!(
        target(&queue["DeadLetterConfig"]["Arn"]),
        Some("PartnerDeadLetters")
    );
    assert_eq!(queue["RetryPolicy"]["MaximumEventAgeInSeconds"], 86_400);
    assert_eq!(queue["RetryPolicy"]["MaximumRetryAttempts"], 185);
}

#[test]
fn only_the_partner_rule_may_send_to_the_queues_from_outside() {
    let template = Template::load();
    let events = template.properties("EventsQueuePolicy");
    let guarded = &events["PolicyDocument"]["Statement"][1]["Fn::If"];
    assert_eq!(guarded[0], "HasPartnerEventSource");
    let dead_letters = template.properties("PartnerDeadLettersPolicy");
    for statement in [&guarded[1], &dead_letters["PolicyDocument"]["Statement"][1]] {
        assert_eq!(statement["Effect"], "Allow");
        assert_eq!(statement["Action"], "sqs:SendMessage");
        assert_eq!(statement["Principal"]["Service"], "events.amazonaws.com");
        let source = &statement["Condition"]["ArnEquals"]["aws:SourceArn"];
        assert_eq!(target(source), Some("PartnerRule"));
    }
}
