//! Whether everything flows: queues, who empties them, alarms.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use tributary_aws::operate::{self, feeds};

use crate::context::{Context, now};
use crate::failure::Failure;
use crate::render::{Cell, Table};
use crate::stack_queues::{self, Role, StackQueue};

/// Dead letters of which the age of the oldest is taken where CloudWatch has none.
const SAMPLE: usize = 10;

/// A table, and how many of its rows ask for somebody.
pub(super) struct Found {
    pub(super) table: Table,
    pub(super) troubles: usize,
}

/// Every queue: what waits, and for how long.
pub(super) async fn queues(context: &Context) -> Result<Found, Failure> {
    let sqs = context.queues().await?;
    let all = stack_queues::all(context.stack().await?, &sqs).await?;
    let names: Vec<String> = all
        .iter()
        .map(|queue| queue.sqs_name().to_owned())
        .collect();
    let ages = operate::oldest_ages(context.aws().await?, &names).await?;
    let mut table = Table::new(&["queue", "role", "waiting", "in_flight", "oldest_s"]);
    let mut troubles = 0;
    for queue in &all {
        let oldest = oldest(context, queue, &ages).await?;
        table.row([
            queue.name.as_str().into(),
            queue.role.as_str().into(),
            queue.waiting().into(),
            queue.now.depth.in_flight.into(),
            oldest.map_or(Cell::Nothing, Cell::Seconds),
        ]);
        troubles += usize::from(queue.role != Role::Work && queue.waiting() > 0);
    }
    Ok(Found { table, troubles })
}

/// What nobody consumes may be looked at without harm. A look at a working queue would
/// count as a delivery, so there CloudWatch alone can tell.
async fn oldest(
    context: &Context,
    queue: &StackQueue,
    ages: &BTreeMap<String, i64>,
) -> Result<Option<i64>, Failure> {
    if let Some(age) = ages.get(queue.sqs_name()) {
        return Ok(Some(*age));
    }
    if queue.role == Role::Work || queue.now.depth.visible == 0 {
        return Ok(None);
    }
    let sample = context.queues().await?.show(&queue.url, SAMPLE).await?;
    let oldest = sample.iter().map(|letter| letter.sent_at).min();
    Ok(oldest.map(|sent_at| now().saturating_sub(sent_at)))
}

/// The alarms that sound.
pub(super) async fn alarms(context: &Context) -> Result<Found, Failure> {
    let resources = context.stack().await?.resources.iter();
    let mut names = BTreeMap::new();
    for (logical, resource) in resources {
        if matches!(
            resource.kind.as_str(),
            "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm"
        ) {
            // Without the nested stack's name: it is all alarms.
            let own = logical.rsplit('/').next().unwrap_or(logical);
            names.insert(resource.physical_id.clone(), own);
        }
    }
    let wanted: Vec<String> = names.keys().cloned().collect();
    let mut all = operate::alarms(context.aws().await?, &wanted).await?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let mut table = Table::new(&["alarm", "since", "description"]);
    let mut troubles = 0;
    // Every alarm begins without data, and says nothing then.
    for alarm in all.iter().filter(|alarm| alarm.state == "ALARM") {
        troubles += 1;
        let name = names.get(&alarm.name).copied();
        table.row([
            name.unwrap_or(&alarm.name).into(),
            alarm.since.map_or(Cell::Nothing, Cell::Time),
            alarm.description.as_str().into(),
        ]);
    }
    Ok(Found { table, troubles })
}

/// What feeds a function and does not run as it should: all of them would fill the
/// screen.
pub(super) async fn consumers(context: &Context) -> Result<Found, Failure> {
    let aws = context.aws().await?;
    let functions = context.stack().await?.resources.iter();
    let functions = functions.filter(|(_, resource)| resource.kind == "AWS::Lambda::Function");
    let fed = functions.map(|(logical, resource)| async move {
        Ok::<_, Failure>((logical, feeds(aws, &resource.physical_id).await?))
    });
    let mut table = Table::new(&["function", "source", "state", "last_result"]);
    let mut troubles = 0;
    for (logical, feeds) in try_join_all(fed).await? {
        for feed in feeds.iter().filter(|feed| feed.state != "Enabled") {
            troubles += 1;
            table.row([
                logical.as_str().into(),
                source(&feed.source_arn).into(),
                feed.state.as_str().into(),
                feed.last_result.as_str().into(),
            ]);
        }
    }
    Ok(Found { table, troubles })
}

/// The last part of an ARN; of a stream's, the table.
fn source(arn: &str) -> &str {
    let last = arn.rsplit(':').next().unwrap_or(arn);
    match arn.split_once(":table/") {
        Some((_, table)) => table.split('/').next().unwrap_or(table),
        None => last,
    }
}
