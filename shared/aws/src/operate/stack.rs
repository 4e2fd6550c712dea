//! A deployed stack, as CloudFormation knows it.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;

use super::CallError;
use crate::Aws;

/// A stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Its status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// The values of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Its resources by logical id; those of a nested stack as `<its id>/<theirs>`.
    pub resources: BTreeMap<String, Resource>,
}

/// One resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its type, such as `AWS::SQS::Queue`.
    pub kind: String,
    /// What its service calls it: a queue's URL, a table's or a function's name.
    pub physical_id: String,
    /// Its status, such as `CREATE_COMPLETE`.
    pub status: String,
}

impl Stack {
    /// Looks a stack up. `None` if there is none of that name.
    ///
    /// # Errors
    /// When CloudFormation does not answer, or does not let us look.
    pub async fn find(aws: &Aws, name: &str) -> Result<Option<Self>, CallError> {
        let client = Client::new(&aws.config);
        let described = Box::pin(client.describe_stacks().stack_name(name).send()).await;
        let answer = match described {
            Ok(answer) => answer,
            // The code that CloudFormation has for a stack that is not there.
            Err(error) if error.code() == Some("ValidationError") => return Ok(None),
            Err(error) => return Err(CallError::of("DescribeStacks", &error)),
        };
        let Some(stack) = answer.stacks.unwrap_or_default().into_iter().next() else {
            return Ok(None);
        };
        let parameters = stack.parameters.unwrap_or_default().into_iter();
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        Ok(Some(Self {
            name: stack.stack_name.unwrap_or_default(),
            status: stack
                .stack_status
                .map_or_else(String::new, |status| status.as_str().to_owned()),
            parameters: parameters
                .filter_map(|p| Some((p.parameter_key?, p.parameter_value?)))
                .collect(),
            outputs: outputs
                .filter_map(|o| Some((o.output_key?, o.output_value?)))
                .collect(),
            resources: resources(&client, name).await?,
        }))
    }
}

/// Stacks that are looked into: this one and those nested in it.
const STACKS_MAX: usize = 16;

async fn resources(client: &Client, name: &str) -> Result<BTreeMap<String, Resource>, CallError> {
    let mut resources = BTreeMap::new();
    let mut stacks = vec![(String::new(), name.to_owned())];
    let mut looked = 0;
    while let Some((prefix, stack)) = stacks.pop()
        && looked < STACKS_MAX
    {
        looked += 1;
        for (logical, resource) in resources_of(client, &stack).await? {
            let logical = format!("{prefix}{logical}");
            if resource.kind == "AWS::CloudFormation::Stack" {
                stacks.push((format!("{logical}/"), resource.physical_id.clone()));
            }
            resources.insert(logical, resource);
        }
    }
    Ok(resources)
}

async fn resources_of(client: &Client, stack: &str) -> Result<Vec<(String, Resource)>, CallError> {
    let mut resources = Vec::new();
    let mut next = None;
    loop {
        let call = client
            .list_stack_resources()
            .stack_name(stack)
            .set_next_token(next);
        let page = Box::pin(call.send()).await;
        let page = page.map_err(|error| CallError::of("ListStackResources", &error))?;
        for summary in page.stack_resource_summaries.unwrap_or_default() {
            let status = summary.resource_status;
            let resource = Resource {
                kind: summary.resource_type.unwrap_or_default(),
                physical_id: summary.physical_resource_id.unwrap_or_default(),
                status: status.map_or_else(String::new, |status| status.as_str().to_owned()),
            };
            resources.extend(
                summary
                    .logical_resource_id
                    .map(|logical| (logical, resource)),
            );
        }
        next = page.next_token;
        if next.is_none() {
            return Ok(resources);
        }
    }
}
