//! The functions as they run: what they are told, and what feeds them. Somebody may have
//! changed either by hand, and not changed it back.

use futures_util::future::try_join_all;
use tributary_aws::operate::{Feed, FunctionNow, feeds, function};

use super::template::Function;
use super::{Finding, Template, or_good};
use crate::context::Context;
use crate::failure::Failure;

/// Looks at every function of the template that the stack has.
///
/// # Errors
/// When Lambda does not answer.
pub async fn functions(context: &Context, template: &Template) -> Result<Vec<Finding>, Failure> {
    let (aws, stack) = (context.aws().await?, context.stack().await?);
    let expected = template.functions();
    let there = expected.iter().filter_map(|expected| {
        let resource = stack.resources.get(&expected.name)?;
        Some((expected, resource.physical_id.as_str()))
    });
    let looked_at = there.map(|(expected, name)| async move {
        let (now, feeds) = tokio::try_join!(function(aws, name), feeds(aws, name))?;
        Ok::<_, Failure>((expected, now, feeds))
    });
    let (mut settings, mut fed) = (Vec::new(), Vec::new());
    for (expected, now, feeds) in try_join_all(looked_at).await? {
        settings.extend(of_settings(expected, &now));
        fed.extend(of_feeds(expected, &feeds));
    }
    let count = expected.len();
    let mut findings = or_good(
        settings,
        "functions",
        format!("{count} have all their settings"),
    );
    findings.extend(or_good(fed, "feeds", "every queue and stream is read"));
    Ok(findings)
}

fn of_settings(expected: &Function, now: &FunctionNow) -> Vec<Finding> {
    let missing = expected.variables.iter();
    let missing = missing.filter(|name| now.environment.get(*name).is_none_or(String::is_empty));
    let mut findings: Vec<Finding> = missing
        .map(|variable| {
            Finding::bad(
                "functions",
                expected.name.as_str(),
                format!("its environment lacks {variable}; it will not start"),
                "deploy this version: make deploy",
            )
        })
        .collect();
    if now.reserved == Some(0) {
        findings.push(Finding::bad(
            "functions",
            expected.name.as_str(),
            "its reserved concurrency is 0: it is switched off",
            "aws lambda delete-function-concurrency --function-name …, or deploy",
        ));
    }
    findings
}

fn of_feeds(expected: &Function, feeds: &[Feed]) -> Vec<Finding> {
    let name = expected.name.as_str();
    let mut findings = Vec::new();
    if feeds.len() != expected.feeds {
        findings.push(Finding::bad(
            "feeds",
            name,
            format!(
                "{} queues or streams feed it, not {}",
                feeds.len(),
                expected.feeds
            ),
            "deploy this version: make deploy",
        ));
    }
    for feed in feeds {
        if feed.state != "Enabled" {
            findings.push(Finding::bad(
                "feeds",
                name,
                format!("its event source mapping is {}", feed.state),
                "aws lambda update-event-source-mapping --uuid … --enabled",
            ));
        }
        if !feed.reports_failures {
            findings.push(Finding::bad(
                "feeds",
                name,
                "it does not report failures message by message: one poisons its batch",
                "deploy this version: make deploy",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::*;

    fn expected() -> Function {
        Function {
            name: "ApplyEvent".to_owned(),
            variables: ["MIRROR_TABLE".to_owned()].into(),
            feeds: 1,
        }
    }

    #[test]
    fn a_missing_setting_and_a_switch_are_named() {
        let now = FunctionNow {
            environment: [("MIRROR_TABLE".to_owned(), String::new())].into(),
            timeout_s: 30,
            deployed_at: String::new(),
            reserved: Some(0),
        };
        let found = of_settings(&expected(), &now);
        assert_eq!(found.len(), 2);
        assert!(found[0].what.contains("MIRROR_TABLE"));
    }

    #[test]
    fn feeds_that_do_not_flow_are_named() {
        let feed = |state: &str, reports_failures| Feed {
            source_arn: String::new(),
            state: state.to_owned(),
            last_result: String::new(),
            reports_failures,
        };
        assert!(of_feeds(&expected(), &[feed("Enabled", true)]).is_empty());
        assert_eq!(of_feeds(&expected(), &[]).len(), 1);
        assert_eq!(of_feeds(&expected(), &[feed("Disabled", false)]).len(), 2);
    }
}
