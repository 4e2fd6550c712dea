//! What holds data outlives the stack, is encrypted, and can be restored.

use crate::document::{Template, list};

#[test]
fn every_table_can_be_restored_and_is_encrypted() {
    let template = Template::load();
    for (name, table) in template.resources("AWS::DynamoDB::Table") {
        let properties = &table["Properties"];
        assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST", "{name}");
        let recovery = &properties["PointInTimeRecoverySpecification"];
        assert_eq!(recovery["PointInTimeRecoveryEnabled"], true, "{name}");
        assert_eq!(properties["SSESpecification"]["SSEEnabled"], true, "{name}");
        let keys = list(&properties["KeySchema"]);
        let keys: Vec<_> = keys.iter().map(|key| &key["AttributeName"]).collect();
        let expected: &[&str] = match name {
            "LedgerTable" | "FindingsTable" | "OwnBookTable" | "MatchesTable" => &["pk", "sk"],
            _ => &["pk"],
        };
        assert_eq!(keys, expected, "{name}");
    }
}

#[test]
fn only_the_event_log_forgets_and_only_the_mirror_streams() {
    let template = Template::load();
    let mirror = template.properties("MirrorTable");
    assert!(mirror.get("TimeToLiveSpecification").is_none());
    assert_eq!(
        mirror["StreamSpecification"]["StreamViewType"],
        "NEW_AND_OLD_IMAGES"
    );
    let events = template.properties("EventsTable");
    assert_eq!(
        events["TimeToLiveSpecification"]["AttributeName"],
        "expires_at"
    );
    assert!(events.get("StreamSpecification").is_none());
    for name in ["LedgerTable", "FindingsTable", "OwnBookTable"] {
        let table = template.properties(name);
        assert!(table.get("TimeToLiveSpecification").is_none(), "{name}");
        assert!(table.get("StreamSpecification").is_none(), "{name}");
    }
}

#[test]
fn deleting_the_stack_keeps_the_data() {
    let template = Template::load();
    let tables = template.resources("AWS::DynamoDB::Table");
    for (name, resource) in tables
        .into_iter()
        .chain(template.resources("AWS::S3::Bucket"))
    {
        assert_eq!(resource["DeletionPolicy"], "Retain", "{name}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
    }
}

#[test]
fn every_bucket_is_private_versioned_and_tls_only() {
    let template = Template::load();
    for (name, _) in template.resources("AWS::S3::Bucket") {
        assert_bucket_is_closed(&template, name);
    }
}

fn assert_bucket_is_closed(template: &Template, name: &str) {
    let bucket = template.properties(name);
    let block = bucket["PublicAccessBlockConfiguration"]
        .as_object()
        .unwrap();
    assert_eq!(block.len(), 4);
    assert!(block.values().all(|value| *value == true));
    assert!(bucket["BucketEncryption"].is_object());
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    let rule = &bucket["LifecycleConfiguration"]["Rules"][0];
    assert!(rule["NoncurrentVersionExpiration"]["NoncurrentDays"].as_i64() >= Some(35));

    let policy = template.properties(&format!("{name}Policy"));
    let statements = list(&policy["PolicyDocument"]["Statement"]);
    assert_eq!(statements.len(), 1, "{name} lets somebody in");
    let statement = statements[0];
    assert_eq!(statement["Effect"], "Deny");
    assert_eq!(statement["Condition"]["Bool"]["aws:SecureTransport"], false);
    assert_eq!(statement["Resource"].as_array().map(Vec::len), Some(2));
}

#[test]
fn secrets_start_empty_and_are_known_by_reference_only() {
    let template = Template::load();
    for (name, secret) in template.resources("AWS::SecretsManager::Secret") {
        let first = secret["Properties"]["SecretString"].as_str().unwrap();
        assert!(
            matches!(first, r#"{"signing_secrets":[]}"# | r#"{"api_key":""}"#),
            "{name} holds something"
        );
        assert!(
            secret["Properties"].get("Name").is_none(),
            "{name}: a name blocks replacement"
        );
    }
}
