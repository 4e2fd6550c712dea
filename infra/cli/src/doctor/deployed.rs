//! What CloudFormation has made, beside the template.

use tributary_aws::operate::Stack;

use super::{Finding, Template, or_good};

const DEPLOY: &str = "deploy this version: make deploy";

/// Whether the last deployment is over, and went well.
pub fn is_settled(stack: &Stack) -> Finding {
    let is_good = stack.status.ends_with("_COMPLETE") && !stack.status.contains("ROLLBACK");
    match is_good {
        true => Finding::good("stack", stack.name.as_str(), stack.status.as_str()),
        false => Finding::bad(
            "stack",
            stack.name.as_str(),
            stack.status.as_str(),
            "wait for the deployment, or see its events: aws cloudformation describe-stack-events",
        ),
    }
}

/// Resources that are missing, of another type, or that the template no longer has.
pub fn resources(stack: &Stack, template: &Template) -> Vec<Finding> {
    let expected = template.resources();
    let mut findings = Vec::new();
    for (name, kind) in &expected {
        match stack.resources.get(name) {
            None => findings.push(Finding::bad(
                "resources",
                name.as_str(),
                format!("this version has the {kind}, the stack has not"),
                DEPLOY,
            )),
            Some(there) if there.kind != *kind => findings.push(Finding::bad(
                "resources",
                name.as_str(),
                format!("it is of type {}, not {kind}", there.kind),
                DEPLOY,
            )),
            Some(there) if there.status.ends_with("FAILED") => findings.push(Finding::bad(
                "resources",
                name.as_str(),
                format!("the last deployment left it {}", there.status),
                DEPLOY,
            )),
            Some(_) => {}
        }
    }
    or_good(
        findings,
        "resources",
        format!("{} of this version are there", expected.len()),
    )
}

/// Outputs that are missing.
pub fn outputs(stack: &Stack, template: &Template) -> Vec<Finding> {
    let expected = template.outputs();
    let missing = expected
        .iter()
        .filter(|name| !stack.outputs.contains_key(*name));
    let missing = missing.map(|name| {
        Finding::bad(
            "outputs",
            name.as_str(),
            "the stack does not say it",
            DEPLOY,
        )
    });
    or_good(
        missing.collect(),
        "outputs",
        format!("{} are there", expected.len()),
    )
}
