//! `fetch`: objects read from Stripe anew, and a look at what the mirror then has.

use std::time::{Duration, Instant};

use clap::Args;
use tributary_aws::SqsFetches;
use tributary_domain::{FetchRequest, Mode, ObjectId, ObjectKey, ObjectKind, Owner, Row};
use tributary_pipeline::ports::{FetchQueue, Store};
use tributary_stripe::resource;

use crate::accounts::{mode_of_stack, owner};
use crate::context::{Context, now};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::kinds::kind_of;
use crate::options::Change;
use crate::render::{Cell, Report, Table};

/// Between two looks at the mirror.
const LOOK: Duration = Duration::from_millis(500);
/// Rows that are read at once.
const ROWS: usize = 100;
/// What the name of a row's source begins with when a fetch has shown it.
const FETCHED: &str = "fetch_";

/// What to read.
#[derive(Debug, Args)]
pub struct Fetch {
    /// Stripe's ids of the objects: ch_…, po_…, cus_….
    #[arg(required = true, num_args = 1..=1000, value_parser = id)]
    id: Vec<ObjectId>,
    /// Whose they are: acct_… or `platform`.
    #[arg(long, value_parser = owner)]
    account: Owner,
    /// What they are, where their ids do not tell: `balance_settings`, `treasury.transaction`.
    #[arg(long, value_parser = kind)]
    kind: Option<ObjectKind>,
    /// Longest time to wait until the mirror has them, seconds; 0 waits for nothing.
    #[arg(long, default_value_t = 60)]
    wait_s: u64,
    #[command(flatten)]
    change: Change,
}

fn id(text: &str) -> Result<ObjectId, String> {
    ObjectId::parse(text).map_err(|error| error.to_string())
}

fn kind(text: &str) -> Result<ObjectKind, String> {
    ObjectKind::parse(text).map_err(|error| error.to_string())
}

/// One object: how its row was decided before, and how it is now.
struct Asked {
    request: FetchRequest,
    before: Option<String>,
    row: Option<Row>,
}

impl Asked {
    fn source(&self) -> Option<String> {
        source(self.row.as_ref())
    }

    /// Whether another fetch has decided the row than before, if one had. The same answer
    /// in the same second of Stripe's is the same fetch.
    fn is_fetched(&self) -> bool {
        let source = self.source();
        source != self.before && source.is_some_and(|source| source.starts_with(FETCHED))
    }
}

fn source(row: Option<&Row>) -> Option<String> {
    let seen = row.and_then(Row::resolve)?;
    Some(seen.winner.source.as_str().to_owned())
}

impl Fetch {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        // Before anybody is asked: a slip needs no stack.
        self.requests(Mode::Live)?;
        let requests = self.requests(mode_of_stack(context).await?)?;
        let rows = rows(context, &requests).await?;
        let asked = requests.into_iter().zip(rows);
        let asked = asked.map(|(request, row)| Asked {
            before: source(row.as_ref()),
            request,
            row,
        });
        let mut asked: Vec<Asked> = asked.collect();
        if !self.change.dry_run {
            send(context, &asked).await?;
            self.wait(context, &mut asked).await?;
        }
        Ok(self.report(&asked))
    }

    /// What is sent for each id; a kind without a path would never be fetched.
    fn requests(&self, mode: Mode) -> Result<Vec<FetchRequest>, Failure> {
        let at = now();
        let requests = self.id.iter().map(|id| {
            let kind = self.kind.clone().or_else(|| kind_of(id));
            let kind = kind.ok_or_else(|| {
                Failure::usage(
                    format!("`{id}` does not tell what it is"),
                    "Name it with --kind, as its `object` says: --kind balance_settings.",
                )
            })?;
            let object = ObjectKey {
                mode,
                owner: self.account.clone(),
                kind,
                id: id.clone(),
            };
            let request = FetchRequest {
                cause: format!("by_hand_{at}_{id}"),
                object,
                url: None,
                fetches: 0,
            };
            match resource::request_path(&request) {
                Some(_) => Ok(request),
                None => Err(no_path(&request.object)),
            }
        });
        requests.collect()
    }

    /// Waits until a fetch has decided each row, or time is up.
    async fn wait(&self, context: &Context, asked: &mut [Asked]) -> Result<(), Failure> {
        let until = Instant::now() + Duration::from_secs(self.wait_s);
        let bar = context.progress("fetched", asked.len() as u64);
        while Instant::now() < until {
            let left = asked.iter_mut().filter(|one| !one.is_fetched());
            let mut left: Vec<&mut Asked> = left.collect();
            if left.is_empty() {
                break;
            }
            tokio::time::sleep(LOOK).await;
            let requests: Vec<FetchRequest> = left.iter().map(|one| one.request.clone()).collect();
            let rows = rows(context, &requests).await?;
            for (one, row) in left.iter_mut().zip(rows) {
                one.row = row;
            }
            let fetched = asked.iter().filter(|one| one.is_fetched()).count();
            bar.set_position(fetched as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn report(&self, asked: &[Asked]) -> Report {
        let mut table = Table::new(&[
            "object",
            "is_fetched",
            "decided_by",
            "at",
            "is_ambiguous",
            "is_deleted",
        ]);
        for one in asked {
            let row = one.row.as_ref().and_then(Row::resolve);
            table.row([
                one.request.object.to_string().into(),
                one.is_fetched().into(),
                one.source().into(),
                row.as_ref()
                    .map_or(Cell::Nothing, |row| Cell::Time(row.winner.at)),
                row.as_ref().map(|row| row.ambiguous).into(),
                row.as_ref().map(|row| row.deleted).into(),
            ]);
        }
        let report = Report::new()
            .record("fetch")
            .field("dry_run", self.change.dry_run)
            .field("asked", asked.len())
            .field(
                "fetched",
                asked.iter().filter(|one| one.is_fetched()).count(),
            )
            .done()
            .table("objects", table);
        let is_waited_for = !self.change.dry_run && self.wait_s > 0;
        match is_waited_for && !asked.iter().all(Asked::is_fetched) {
            false => report,
            true => report.ending(Exit::Problems).hint(
                "What is not fetched waits in the queue, or Stripe does not show it: tributary status, tributary dlq peek fetch, and `unfetchable` in the log of fetch_object.",
            ),
        }
    }
}

fn no_path(object: &ObjectKey) -> Failure {
    Failure::usage(
        format!(
            "no path of Stripe's API is known for a `{}` of {}",
            object.kind,
            object.owner.as_str()
        ),
        "Is --kind what its `object` says, and --account whose it is? Kinds without a path of their own are shown by their next event only.",
    )
}

async fn send(context: &Context, asked: &[Asked]) -> Result<(), Failure> {
    let url = context.output("FetchQueueUrl").await?.to_owned();
    let queue = SqsFetches::new(context.aws().await?, url);
    for one in asked {
        queue.request(&one.request, 0).await?;
    }
    Ok(())
}

/// The mirror's rows of what is asked for, in the same order.
async fn rows(context: &Context, requests: &[FetchRequest]) -> Result<Vec<Option<Row>>, Failure> {
    let store = context.store().await?;
    let keys: Vec<ObjectKey> = requests.iter().map(|one| one.object.clone()).collect();
    let mut rows = Vec::with_capacity(keys.len());
    for keys in keys.chunks(ROWS) {
        let mut known = store.load(&[], keys).await?;
        rows.extend(keys.iter().map(|key| known.rows.remove(key)));
    }
    Ok(rows)
}
