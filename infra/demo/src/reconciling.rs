//! Putting things wrong, reconciling, and holding what was found against it.

use std::error::Error;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tributary_aws::DynamoLedger;
use tributary_books::{Label, Verdict};
use tributary_domain::Mode;
use tributary_ledger::Entry;
use tributary_pipeline::reconcile::Control;
use tributary_reconciliation::compare::fact::LEDGER;
use tributary_reconciliation::{Code, Finding, State};
use tributary_simulator::World;
use tributary_simulator::server::{ApiConfig, Outage, OutageAnswer};

use crate::damage::{Damage, damage};
use crate::drain;
use crate::own;
use crate::stage::Stage;
use crate::summary::books::{Books, Coverage};
use crate::tie_out::{Journal, journal, tie_out};

/// Longest wait for reconciliation.
const RECONCILE_MAX: Duration = Duration::from_secs(240);
/// Longest wait for the last entry.
const POSTED_MAX: Duration = Duration::from_secs(30);
/// Asks for everything at once. In each minute, one plan is made.
const EVERYTHING: &str = r#"{"plan":"everything"}"#;
const PLANNED_EVERY_S: u64 = 60;
/// How far behind audits of events may be, seconds: an hour by design, and the demo.
const BEHIND_S_MAX: i64 = 2 * 3_600;

/// Stripe's API refuses everything for a while: first it is too much, then it is down.
pub fn outage() -> ApiConfig {
    let second = Duration::from_secs;
    ApiConfig {
        outages: vec![
            Outage {
                from: second(0),
                until: second(2),
                answer: OutageAnswer::TooManyRequests,
            },
            Outage {
                from: second(4),
                until: second(7),
                answer: OutageAnswer::Unavailable,
            },
        ],
        ..unsteady()
    }
}

/// Stripe's API now and then fails, and now and then an object is in use.
pub fn unsteady() -> ApiConfig {
    ApiConfig {
        error_5xx_per_mille: 10,
        lock_timeout_per_mille: 10,
        ..ApiConfig::default()
    }
}

/// Compares the ledger with Stripe's movements, puts so many things wrong in each way,
/// reconciles so many times, and judges.
///
/// # Errors
/// When the stack does not answer, or does not come to rest.
pub async fn reconcile(
    stage: &Stage,
    wrong: usize,
    times: usize,
    say: impl Fn(&str, bool) + Sync,
) -> Result<Books, Box<dyn Error>> {
    let began = i64::try_from(unix_seconds()?)?;
    let ledger = stage.stack.ledger(&stage.aws)?;
    say("Comparing every entry with Stripe's movements…", true);
    let (entries, posted) = until_posted(stage, &ledger).await?;
    say("Importing the platform's own book…", true);
    let seed = stage.world().config().seed;
    let own = own::drop_book(stage, seed, wrong).await?;
    say("Damaging the ledger…", true);
    let damaged = damage(stage, &entries, wrong).await?;
    let mut planned_in = 0;
    for nth in 0..times {
        if nth > 0 {
            until_after(planned_in).await?;
        }
        planned_in = unix_seconds()? / PLANNED_EVERY_S;
        run(stage, &say).await?;
    }
    say("Tying out the books…", true);
    let (entries, states) = (ledger.all_entries().await?, ledger.all_states().await?);
    let mut findings = stage.stack.findings(&stage.aws)?.all().await?;
    let mut books = Books {
        coverage: coverage(stage).await?,
        ..Books::default()
    };
    books.posted(&posted);
    let world = stage.world();
    let Damage {
        labels: in_ledger,
        too_much,
    } = damaged;
    let damaged = in_ledger.iter().flat_map(|label| label.subjects.clone());
    let own = own::labels(&own, &damaged.collect());
    let put_wrong = labels(&world, in_ledger, own);
    books.tied_out(&tie_out(&world, &entries, &states, &too_much));
    findings.retain(|finding| {
        let is_meant = put_wrong.iter().any(|label| label.explains(finding));
        is_meant || !was_under_way(&world, finding, began)
    });
    books.judged(&Verdict::of(&put_wrong, &findings));
    books.asked(&stage.stripe.requests());
    Ok(books)
}

/// The entries, and how they compare, as soon as each movement has one: what is on its way
/// from mirror to ledger is in no queue.
async fn until_posted(
    stage: &Stage,
    ledger: &DynamoLedger,
) -> Result<(Vec<Entry>, Journal), Box<dyn Error>> {
    let started = Instant::now();
    loop {
        let entries = ledger.all_entries().await?;
        let posted = journal(&stage.world(), &entries);
        if posted.is_exact() || started.elapsed() > POSTED_MAX {
            return Ok((entries, posted));
        }
        stage.until_empty(drain::BOOKS, POSTED_MAX, |_| ()).await?;
    }
}

/// Plans everything and waits until it is done.
async fn run(stage: &Stage, say: &(impl Fn(&str, bool) + Sync)) -> Result<(), Box<dyn Error>> {
    say("Reconciling…", true);
    let url = stage.stack.output("ReconcileQueueUrl")?;
    stage.queues.send(url, None, EVERYTHING).await?;
    let waiting = |waiting: &drain::Waiting| say(&format!("Reconciling: {waiting} to go"), false);
    let drained = stage.until_empty(drain::BOOKS, RECONCILE_MAX, waiting);
    Ok(drained.await?)
}

/// Waits until another plan can be made than in a minute (a number of minutes since 1970).
async fn until_after(minute: u64) -> Result<(), Box<dyn Error>> {
    let next = (minute + 1) * PLANNED_EVERY_S;
    let left = next.saturating_sub(unix_seconds()?);
    tokio::time::sleep(Duration::from_secs(left)).await;
    Ok(())
}

fn unix_seconds() -> Result<u64, Box<dyn Error>> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// Whether a difference was one of time, and is over. A notice that Stripe failed to make
/// events has the days around it looked at, and two weeks of deliveries take minutes here:
/// an event may be looked for before it has come. And what the mirror has just heard is on
/// its way to the ledger.
fn was_under_way(world: &World, finding: &Finding, until: i64) -> bool {
    let is_settled = matches!(finding.state, State::Healed | State::Resolved);
    let is_early = match finding.code {
        Code::MissingEvent => finding.first_seen < until && !world.is_lost(&finding.subject),
        Code::StatusMismatch | Code::StaleMirror => finding.evidence.contains_key(LEDGER),
        _ => false,
    };
    is_settled && is_early
}

/// Everything that was put wrong.
fn labels(world: &World, in_ledger: Vec<Label>, own: Vec<Label>) -> Vec<Label> {
    let flaws = world.injected().iter().filter_map(Label::of_flaw);
    let left = world
        .accounts()
        .iter()
        .filter(|id| world.is_deauthorized(id));
    let left = left.filter_map(|id| Label::of_left(id));
    flaws.chain(left).chain(in_ledger).chain(own).collect()
}

/// How many books were looked at, of those that can be.
async fn coverage(stage: &Stage) -> Result<Coverage, Box<dyn Error>> {
    let control = stage.stack.control(&stage.aws)?;
    let oldest = i64::try_from(unix_seconds()?)? - BEHIND_S_MAX;
    let mode = Mode::of(stage.world().config().livemode);
    let (mut covered, mut after) = (Coverage::default(), None::<String>);
    loop {
        let page = control.roster(mode, after.as_deref()).await?;
        for (book, coverage) in &page.books {
            let account = book.owner.account();
            if account.is_some_and(|id| stage.world().is_deauthorized(id.as_str())) {
                continue;
            }
            covered.books += 1;
            covered.events += usize::from(coverage.events_to.is_some_and(|to| to >= oldest));
            covered.holdings += usize::from(coverage.holdings_at.is_some_and(|at| at >= oldest));
        }
        after = page.next;
        if after.is_none() {
            return Ok(covered);
        }
    }
}
