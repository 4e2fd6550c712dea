//! Every knob is explained, bounded, and used within its bounds.

use crate::document::{Template, list, parameter_file, text};

/// Days after which no event can come again: Stripe resends for 30, and a
/// message may wait in our own queues.
const REDELIVERY_DAYS_MAX: i64 = 35;

#[test]
fn every_parameter_is_described_and_constrained() {
    for (name, parameter) in Template::load().section("Parameters") {
        assert!(
            text(&parameter["Description"]).len() > 20,
            "{name} is not described"
        );
        let bounded = parameter["MinValue"].is_number() && parameter["MaxValue"].is_number();
        let constrained = parameter["AllowedValues"].is_array()
            || parameter["AllowedPattern"].is_string()
            || bounded;
        assert!(constrained, "{name} accepts anything");
    }
}

#[test]
fn parameter_files_stay_within_the_constraints() {
    let template = Template::load();
    for file in ["local.yaml", "live.example.yaml"] {
        for (name, value) in parameter_file(file) {
            let parameter = template
                .section("Parameters")
                .get(&name)
                .unwrap_or_else(|| panic!("{file} sets {name}, which does not exist"));
            if parameter["AllowedValues"].is_array() {
                let allowed: Vec<_> = list(&parameter["AllowedValues"])
                    .into_iter()
                    .map(text)
                    .collect();
                assert!(allowed.contains(&value), "{file}: {name} = {value}");
            }
            if let (Some(min), Some(max)) = (
                parameter["MinValue"].as_i64(),
                parameter["MaxValue"].as_i64(),
            ) {
                let number: i64 = value.parse().unwrap();
                assert!((min..=max).contains(&number), "{file}: {name} = {value}");
            }
        }
    }
}

#[test]
fn the_event_log_outlives_every_redelivery() {
    let template = Template::load();
    let days = &template.section("Parameters")["EventRetentionDays"];
    assert!(days["MinValue"].as_i64() >= Some(REDELIVERY_DAYS_MAX));
    let environment = &template.properties("ApplyEvent")["Environment"]["Variables"];
    assert_eq!(
        environment["EVENT_RETENTION_DAYS"]["Ref"],
        "EventRetentionDays"
    );
}

#[test]
fn a_live_stack_must_be_watched() {
    let template = Template::load();
    let rule = &template.section("Rules")["LiveStackIsWatched"];
    assert_eq!(rule["RuleCondition"]["Fn::Equals"][1], "live");
    let refused = &rule["Assertions"][0]["Assert"]["Fn::Not"][0]["Fn::Equals"];
    assert_eq!(refused[0]["Ref"], "AlarmTopicArn");
    assert_eq!(refused[1], "");
    assert!(parameter_file("live.example.yaml").contains_key("AlarmTopicArn"));
}

#[test]
fn a_live_stack_must_talk_to_stripe_itself() {
    let template = Template::load();
    let rule = &template.section("Rules")["LiveStackTalksToStripe"];
    assert_eq!(rule["RuleCondition"]["Fn::Equals"][1], "live");
    let needed = &rule["Assertions"][0]["Assert"]["Fn::Equals"];
    assert_eq!(needed[0]["Ref"], "StripeApiBase");
    assert_eq!(needed[1], "https://api.stripe.com");
}
