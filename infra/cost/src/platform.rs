//! What is logged about functions: Lambda's own lines, and the API's access log.

use crate::template::{Format, Logging};

/// What CloudWatch Logs adds to each event.
pub const EVENT_OVERHEAD: u64 = 26;

const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
const TIME: &str = "2026-11-23T01:02:03.456Z";

/// Bytes that Lambda writes about one successful invocation.
///
/// At level INFO these are its start and its report; the level WARN leaves failures
/// only. Text cannot be filtered and has three lines.
pub fn invocation_bytes(logging: Logging, billed_ms: u64, memory_mb: u64) -> u64 {
    let used_mb = 38;
    let lines = match (logging.format, logging.successes) {
        (Format::Json, false) => Vec::new(),
        (Format::Json, true) => vec![
            format!(
                r#"{{"time":"{TIME}","type":"platform.start","record":{{"requestId":"{REQUEST_ID}","version":"$LATEST"}}}}"#
            ),
            format!(
                r#"{{"time":"{TIME}","type":"platform.report","record":{{"requestId":"{REQUEST_ID}","metrics":{{"durationMs":{billed_ms}.123,"billedDurationMs":{billed_ms},"memorySizeMB":{memory_mb},"maxMemoryUsedMB":{used_mb}}},"status":"success"}}}}"#
            ),
        ],
        (Format::Text, _) => vec![
            format!("START RequestId: {REQUEST_ID} Version: $LATEST"),
            format!("END RequestId: {REQUEST_ID}"),
            format!(
                "REPORT RequestId: {REQUEST_ID}\tDuration: {billed_ms}.12 ms\tBilled Duration: {billed_ms} ms\tMemory Size: {memory_mb} MB\tMax Memory Used: {used_mb} MB\t"
            ),
        ],
    };
    lines
        .iter()
        .map(|line| line.len() as u64 + EVENT_OVERHEAD)
        .sum()
}

/// Bytes of one line of the API's access log, its variables filled in as they are for
/// an ordinary webhook.
pub fn access_log_bytes(format: &str, status: u16) -> u64 {
    let values = [
        ("$context.requestId", "UeJ2ehsPoAMEP5g=".to_owned()),
        ("$context.requestTimeEpoch", "1763683200000".to_owned()),
        (
            "$context.routeKey",
            "ANY /webhooks/stripe/{endpoint}".to_owned(),
        ),
        ("$context.status", status.to_string()),
        ("$context.responseLength", "19".to_owned()),
        ("$context.responseLatency", "21".to_owned()),
        ("$context.identity.sourceIp", "198.51.100.101".to_owned()),
        ("$context.integrationErrorMessage", "-".to_owned()),
    ];
    let line = values
        .iter()
        .fold(format.trim().to_owned(), |line, (name, value)| {
            line.replace(name, value)
        });
    line.len() as u64 + EVENT_OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successes_are_silent_at_warn() {
        let logging = |format, successes| Logging { format, successes };
        assert_eq!(invocation_bytes(logging(Format::Json, false), 8, 256), 0);
        let json = invocation_bytes(logging(Format::Json, true), 8, 256);
        let text = invocation_bytes(logging(Format::Text, true), 8, 256);
        assert!((400..450).contains(&json), "{json}");
        assert!((310..350).contains(&text), "{text}");
    }

    #[test]
    fn an_access_line_is_as_long_as_its_values() {
        let line = r#"{"status":"$context.status","at":"$context.requestTimeEpoch"}"#;
        let filled = r#"{"status":"200","at":"1763683200000"}"#;
        assert_eq!(access_log_bytes(line, 200), filled.len() as u64 + 26);
    }
}
