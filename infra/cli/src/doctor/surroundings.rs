//! Secrets, clocks, and what whoever asks may do.

use tributary_aws::operate::{self, Reason};
use tributary_aws::secrets::{api_key, signing_secrets};
use tributary_domain::Mode;
use tributary_pipeline::ports::SendError;

use super::{Finding, or_good};
use crate::accounts::mode_of_stack;
use crate::context::Context;
use crate::door::Door;
use crate::failure::Failure;

/// How far a clock may be off, seconds. Signatures are refused from 300 on.
const CLOCK_OFF_MAX_S: i64 = 60;

/// Signing secrets that are empty, an API key that is empty or of the other mode.
///
/// # Errors
/// When there is no stack.
pub async fn secrets(context: &Context) -> Result<Vec<Finding>, Failure> {
    let aws = context.aws().await?;
    let mut findings = Vec::new();
    let mut stored = 0_usize;
    for (output, id) in &context.stack().await?.outputs {
        if !output.ends_with("SigningSecretId") {
            continue;
        }
        match signing_secrets(aws, id, "AWSCURRENT").await {
            Ok(Some(secrets)) if !secrets.is_empty() => stored += 1,
            Ok(_) => findings.push(Finding::bad(
                "secrets",
                output.as_str(),
                "no signing secret is stored: the endpoint answers 503",
                "store it: README, step 3",
            )),
            Err(error) => findings.push(unreadable(output, &error)),
        }
    }
    let id = context.output("StripeApiKeySecretId").await?;
    match api_key(aws, id).await {
        Ok(key) => {
            let mode = mode_of_stack(context).await?;
            let is_live = key.contains("_live_");
            // The local stack's key is live, as its simulated Stripe is.
            if context.local_endpoint().is_none() && is_live != (mode == Mode::Live) {
                findings.push(Finding::bad(
                    "secrets",
                    "StripeApiKeySecretId",
                    format!("the API key is not of the stack's mode, {}", mode.as_str()),
                    "store the key of this mode: README, step 4",
                ));
            }
        }
        Err(error) => findings.push(unreadable("StripeApiKeySecretId", &error)),
    }
    let what = format!("{stored} signing secrets and the API key are stored");
    Ok(or_good(findings, "secrets", what))
}

fn unreadable(output: &str, error: &SendError) -> Finding {
    Finding::bad(
        "secrets",
        output,
        error.to_string(),
        "store it in the form of README, steps 3 and 4, or have secretsmanager:GetSecretValue allowed",
    )
}

/// Whether this machine's clock and the door's agree: who signs by the one is judged by
/// the other.
///
/// # Errors
/// When there is no stack.
pub async fn clock(context: &Context) -> Result<Finding, Failure> {
    let door = Door::of(context).await?;
    Ok(match door.clock_ahead_s().await {
        Ok(Some(ahead)) if ahead.abs() <= CLOCK_OFF_MAX_S => {
            Finding::good("clock", "", format!("{ahead} s ahead of AWS"))
        }
        Ok(Some(ahead)) => Finding::bad(
            "clock",
            "",
            format!("this machine's clock is {ahead} s ahead of AWS"),
            "set it by NTP; times that this command shows and reads are off by as much",
        ),
        Ok(None) => Finding::unknown("clock", "", "the door does not say the time", "none"),
        Err(failure) => Finding::bad(
            "clock",
            door.url("platform"),
            failure.to_string(),
            "the door is shut: RUNBOOK, WebhookErrorsAlarm",
        ),
    })
}

/// Reads that the other commands need and that whoever asks may not do.
///
/// # Errors
/// When there is no stack.
pub async fn permissions(context: &Context) -> Result<Vec<Finding>, Failure> {
    let aws = context.aws().await?;
    let queues = context.queues().await?;
    let mut findings = Vec::new();
    let mut denied = |what: &'static str| {
        findings.push(Finding::bad(
            "permissions",
            what,
            "these credentials may not do it",
            "have it allowed, or choose another --profile",
        ));
    };
    if let Err(error) = operate::alarms(aws, &["none".to_owned()]).await
        && error.reason == Reason::Denied
    {
        denied("cloudwatch:DescribeAlarms");
    }
    if let Err(error) = operate::oldest_ages(aws, &["none".to_owned()]).await
        && error.reason == Reason::Denied
    {
        denied("cloudwatch:GetMetricData");
    }
    for resource in context.stack().await?.resources.values() {
        if resource.kind == "AWS::SQS::Queue"
            && let Err(error) = queues.look_at(&resource.physical_id).await
            && is_denied(&error.to_string())
        {
            denied("sqs:GetQueueAttributes");
            break;
        }
    }
    let store = context.store().await?;
    if let Err(error) = store.logged("none").await
        && is_denied(&error.to_string())
    {
        denied("dynamodb:GetItem of the event log");
    }
    Ok(or_good(
        findings,
        "permissions",
        "what the commands read may be read",
    ))
}

fn is_denied(error: &str) -> bool {
    error.contains("AccessDenied")
}
