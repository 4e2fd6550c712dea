//! The functions of a stack as they are deployed, and what feeds them.

use std::collections::BTreeMap;

use aws_sdk_lambda::Client;

use super::CallError;
use crate::Aws;

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionNow {
    /// Its environment. No value is a secret: secrets are named, not held.
    pub environment: BTreeMap<String, String>,
    /// Seconds that it may run.
    pub timeout_s: i64,
    /// When it was deployed, as Lambda writes it.
    pub deployed_at: String,
    /// Reserved concurrency; 0 is switched off.
    pub reserved: Option<i64>,
}

/// What feeds a function from a queue or a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The queue's or stream's ARN.
    pub source_arn: String,
    /// `Enabled`, `Disabled` or in between.
    pub state: String,
    /// What the last poll came to, where Lambda says so.
    pub last_result: String,
    /// Whether failures are reported message by message.
    pub reports_failures: bool,
}

/// A function by name; `None` if there is none.
///
/// # Errors
/// When Lambda does not answer.
pub async fn function(aws: &Aws, name: &str) -> Result<FunctionNow, CallError> {
    let client = Client::new(&aws.config);
    let call = client.get_function_configuration().function_name(name);
    let answer = Box::pin(call.send()).await;
    let answer = answer.map_err(|error| CallError::of("GetFunctionConfiguration", &error))?;
    let reserved = client.get_function_concurrency().function_name(name);
    let reserved = Box::pin(reserved.send()).await;
    let reserved = reserved.map_err(|error| CallError::of("GetFunctionConcurrency", &error))?;
    let environment = answer
        .environment
        .and_then(|environment| environment.variables);
    Ok(FunctionNow {
        environment: environment.unwrap_or_default().into_iter().collect(),
        timeout_s: answer.timeout.unwrap_or(0).into(),
        deployed_at: answer.last_modified.unwrap_or_default(),
        reserved: reserved.reserved_concurrent_executions.map(i64::from),
    })
}

/// What feeds a function.
///
/// # Errors
/// When Lambda does not answer.
pub async fn feeds(aws: &Aws, name: &str) -> Result<Vec<Feed>, CallError> {
    let client = Client::new(&aws.config);
    let call = client.list_event_source_mappings().function_name(name);
    let answer = Box::pin(call.send()).await;
    let answer = answer.map_err(|error| CallError::of("ListEventSourceMappings", &error))?;
    let mappings = answer.event_source_mappings.unwrap_or_default().into_iter();
    Ok(mappings
        .map(|mapping| Feed {
            source_arn: mapping.event_source_arn.unwrap_or_default(),
            state: mapping.state.unwrap_or_default(),
            last_result: mapping.last_processing_result.unwrap_or_default(),
            reports_failures: mapping
                .function_response_types
                .is_some_and(|types| !types.is_empty()),
        })
        .collect())
}
