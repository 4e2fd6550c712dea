//! Spans go where the deployer says, and nothing is paid if nobody says so.

use std::collections::BTreeSet;

use crate::document::{Template, list, target};

#[test]
fn every_function_knows_where_spans_go_and_may_read_whose_they_are() {
    let template = Template::load();
    let mut roles = BTreeSet::new();
    for (name, function) in template.resources("AWS::Serverless::Function") {
        let function = &function["Properties"];
        let variables = &function["Environment"]["Variables"];
        let of = |variable: &str| target(&variables[variable]);
        assert_eq!(of("OTLP_ENDPOINT"), Some("OtlpEndpoint"), "{name}");
        // The headers are named here, and read from the secret.
        assert_eq!(
            of("OTLP_HEADERS_SECRET"),
            Some("OtlpHeadersSecretArn"),
            "{name}"
        );
        roles.insert(target(&function["Role"]).unwrap().to_owned());
    }
    let policy = template.properties("OtlpHeadersPolicy");
    let named: BTreeSet<_> = list(&policy["Roles"])
        .into_iter()
        .map(|role| target(role).unwrap().to_owned())
        .collect();
    assert_eq!(named, roles);
    let statements = list(&policy["PolicyDocument"]["Statement"]);
    let [statement] = statements.as_slice() else {
        panic!("{statements:?}")
    };
    assert_eq!(statement["Action"], "secretsmanager:GetSecretValue");
    assert_eq!(target(&statement["Resource"]), Some("OtlpHeadersSecretArn"));
}

#[test]
fn without_a_collector_nothing_is_made_for_one() {
    let template = Template::load();
    for parameter in ["OtlpEndpoint", "OtlpHeadersSecretArn"] {
        assert_eq!(template.section("Parameters")[parameter]["Default"], "");
    }
    let policies = template.resources("AWS::IAM::Policy");
    let policy = policies
        .iter()
        .find(|(name, _)| *name == "OtlpHeadersPolicy");
    assert_eq!(policy.unwrap().1["Condition"], "HasOtlpHeaders");
}
