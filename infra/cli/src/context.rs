//! What commands work with: found when first needed, so that what needs no AWS asks none.

use std::io::IsTerminal;
use std::time::{SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::OnceCell;
use tributary_aws::operate::{Access, Queues, Stack, is_loopback, is_table};
use tributary_aws::store::Tables;
use tributary_aws::{Aws, DynamoStore, S3Blobs};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::options::Global;
use crate::render::Report;

/// Days that rows written by a tool are kept: as short as the stack ever keeps them.
pub const RETENTION_DAYS: i64 = 35;

/// One command's surroundings.
#[derive(Debug)]
pub struct Context {
    global: Global,
    aws: OnceCell<Aws>,
    stack: OnceCell<Stack>,
}

impl Context {
    /// A context that has asked nobody anything yet.
    pub fn new(global: Global) -> Self {
        Self {
            global,
            aws: OnceCell::new(),
            stack: OnceCell::new(),
        }
    }

    /// The way to AWS, with credentials that are known to be there.
    ///
    /// # Errors
    /// When there are no credentials or no Region.
    pub async fn aws(&self) -> Result<&Aws, Failure> {
        let access = Access {
            profile: self.global.profile.clone(),
            region: self.global.region.clone(),
            endpoint_url: self.global.endpoint_url.clone(),
        };
        let connect = || async move { Ok(access.connect().await?) };
        self.aws.get_or_try_init(connect).await
    }

    /// The emulator's address, if the stack is on one: then all services are there.
    pub fn local_endpoint(&self) -> Option<&str> {
        let url = self.global.endpoint_url.as_deref()?;
        is_loopback(url).then(|| url.trim_end_matches('/'))
    }

    /// The stack: its resources, outputs and parameters.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be read.
    pub async fn stack(&self) -> Result<&Stack, Failure> {
        let find = || async move {
            let aws = self.aws().await?;
            let found = Stack::find(aws, &self.global.stack).await?;
            found.ok_or_else(|| {
                Failure::new(
                    Exit::NoStack,
                    format!(
                        "there is no stack `{}` in {}",
                        self.global.stack,
                        aws.region()
                    ),
                    "Name it with --stack, or choose another --region or --profile.",
                )
            })
        };
        self.stack.get_or_try_init(find).await
    }

    /// One of the stack's outputs.
    ///
    /// # Errors
    /// When the stack lacks it, because it is of another version.
    pub async fn output(&self, key: &str) -> Result<&str, Failure> {
        let stack = self.stack().await?;
        let value = stack.outputs.get(key).map(String::as_str);
        value.ok_or_else(|| of_another_version(stack, "output", key))
    }

    /// The physical id of one of the stack's resources: a queue's is its URL, a table's
    /// or a function's its name.
    ///
    /// # Errors
    /// When the stack lacks it, because it is of another version.
    pub async fn physical(&self, logical: &str) -> Result<&str, Failure> {
        let stack = self.stack().await?;
        let found = stack.resources.get(logical);
        let found = found.map(|resource| resource.physical_id.as_str());
        found.ok_or_else(|| of_another_version(stack, "resource", logical))
    }

    /// The queues.
    ///
    /// # Errors
    /// As [`Self::aws`].
    pub async fn queues(&self) -> Result<Queues, Failure> {
        Ok(Queues::new(self.aws().await?))
    }

    /// The bucket.
    ///
    /// # Errors
    /// As [`Self::output`].
    pub async fn blobs(&self) -> Result<S3Blobs, Failure> {
        let bucket = self.output("ArchiveBucketName").await?;
        Ok(S3Blobs::new(self.aws().await?, bucket.to_owned()))
    }

    /// Mirror and event log.
    ///
    /// # Errors
    /// As [`Self::output`].
    pub async fn store(&self) -> Result<DynamoStore<S3Blobs>, Failure> {
        let mirror = self.output("MirrorTableName").await?;
        let events = self.output("EventsTableName").await?;
        self.store_of(mirror, events).await
    }

    /// Tables of the same form, such as a shadow's.
    ///
    /// # Errors
    /// As [`Self::output`].
    pub async fn store_of(
        &self,
        mirror: &str,
        events: &str,
    ) -> Result<DynamoStore<S3Blobs>, Failure> {
        let tables = Tables {
            mirror: mirror.to_owned(),
            events: events.to_owned(),
            retention_days: RETENTION_DAYS,
        };
        Ok(DynamoStore::new(
            self.aws().await?,
            tables,
            self.blobs().await?,
        ))
    }

    /// Whether there is a table of that name.
    ///
    /// # Errors
    /// When DynamoDB does not say.
    pub async fn has_table(&self, name: &str) -> Result<bool, Failure> {
        Ok(is_table(self.aws().await?, name).await?)
    }

    /// Writes a report to standard output.
    pub fn print(&self, report: &Report) {
        crate::render::print(report, self.global.format);
    }

    /// A bar for something that takes a while: on a terminal only, on standard error.
    /// `total` of 0 is a length that nobody knows.
    pub fn progress(&self, what: &'static str, total: u64) -> ProgressBar {
        let target = match std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let (length, template) = match total {
            0 => (None, "{spinner} {msg} {pos} ({elapsed})"),
            total => (Some(total), "{msg} [{bar:32}] {pos}/{len} ({eta})"),
        };
        let bar = ProgressBar::with_draw_target(length, target).with_message(what);
        match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }
}

fn of_another_version(stack: &Stack, what: &str, name: &str) -> Failure {
    Failure::new(
        Exit::NoStack,
        format!("the stack `{}` has no {what} `{name}`", stack.name),
        "It is no stack of Tributary or of another version than this command: deploy this version.",
    )
}

/// Unix seconds by this machine's clock.
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}
