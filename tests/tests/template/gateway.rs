//! The door in front of `ingest_webhook`: what never reaches the function.

use crate::document::{Parameters, Template, target};

/// Seconds after which Stripe gives up on an answer.
const STRIPE_WAITS_S: i64 = 30;

/// An HTTP API itself refuses requests whose line and headers exceed 10,240 bytes in
/// all, and bodies over 10 MB. What gets through is metered, and no way leads around
/// the gateway.
#[test]
fn row_36_a_flood_of_headers_ends_at_the_gateway() {
    let template = Template::load();
    let apis = template.resources("AWS::ApiGatewayV2::Api");
    assert_eq!(apis.len(), 1);
    assert_eq!(apis[0].1["Properties"]["ProtocolType"], "HTTP");
    let parameters = template.parameters(&Parameters::new());
    let limits = &template.properties("WebhookStage")["DefaultRouteSettings"];
    for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
        assert!(template.number(&limits[limit], &parameters) > 0, "{limit}");
    }
    for (name, resource) in template.section("Resources") {
        assert_ne!(resource["Type"], "AWS::Lambda::Url", "{name}");
        let url = &resource["Properties"]["FunctionUrlConfig"];
        assert!(url.is_null(), "{name} can be called without the gateway");
        if resource["Type"] == "AWS::Lambda::Permission" {
            assert_eq!(
                resource["Properties"]["Principal"],
                "apigateway.amazonaws.com"
            );
        }
    }
}

/// A request that is slow to arrive is the gateway's to wait for; one that is slow to
/// answer ends before Stripe stops listening.
#[test]
fn row_36_a_slow_request_ends_before_stripe_gives_up() {
    let template = Template::load();
    let integration = template.properties("WebhookIntegration");
    assert_eq!(
        integration["IntegrationUri"]["Fn::GetAtt"],
        "IngestWebhook.Arn"
    );
    let function = target(&integration["IntegrationUri"]).unwrap();
    let timeout_s = template.properties(function)["Timeout"].as_i64().unwrap();
    let gateway_ms = integration["TimeoutInMillis"].as_i64().unwrap();
    assert!(timeout_s * 1000 < gateway_ms, "the function decides");
    assert!(gateway_ms < STRIPE_WAITS_S * 1000);
}
