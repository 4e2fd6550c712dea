//! All functions that call Stripe spend one budget.

use crate::document::Template;

/// The functions that call Stripe, and how many instances of them there can be.
fn callers(template: &Template) -> Vec<(String, u64)> {
    let mut callers = Vec::new();
    for (name, function) in template.resources("AWS::Serverless::Function") {
        let properties = &function["Properties"];
        let settings = &properties["Environment"]["Variables"];
        if settings.get("STRIPE_API_BASE").is_none() {
            continue;
        }
        for setting in [
            "STRIPE_REQUESTS_PER_SECOND",
            "STRIPE_WORKERS",
            "CONTROL_TABLE",
        ] {
            assert!(settings.get(setting).is_some(), "{name} has no {setting}");
        }
        let reserved = properties["ReservedConcurrentExecutions"].as_u64();
        let by_events = properties["Events"].as_object().map(|events| {
            let most = |event: &serde_json::Value| {
                let scaling = &event["Properties"]["ScalingConfig"];
                let most = scaling["MaximumConcurrency"].as_u64();
                most.unwrap_or_else(|| panic!("{name}: how many instances can there be?"))
            };
            events.values().map(most).sum()
        });
        let most = reserved.or(by_events);
        let most = most.unwrap_or_else(|| panic!("{name}: how many instances can there be?"));
        callers.push((name.to_owned(), most));
    }
    callers
}

#[test]
fn fault_37_no_second_can_exceed_the_limit_whatever_the_shared_state_says() {
    let template = Template::load();
    let budget = &template.section("Mappings")["Stripe"]["Budget"];
    let workers = budget["Workers"].as_str().unwrap().parse::<u64>().unwrap();
    let callers = callers(&template);
    let instances: u64 = callers.iter().map(|(_, most)| most).sum();
    assert!(instances <= workers, "{callers:?} share {workers} parts");
    let limit = &template.section("Parameters")["StripeRequestsPerSecond"];
    let least = limit["MinValue"].as_u64().unwrap();
    assert!(workers * 100 <= least * 45, "see tributary_pacing::Share");
}
