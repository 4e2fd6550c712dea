//! How often Stripe is asked about accounts that agree, and how that grows with them.
//!
//! The schedule and its jobs run over a Stripe and tables in memory, day by day, through
//! as many days as the longest of its periods has. One account of ten is paid and pays
//! out once a week, the others are quiet; every movement is pulled before the day is
//! compared. What pulling asks for is not counted: it grows with what happens, not with
//! looking.

use serde::{Deserialize, Serialize};
use tributary_domain::change::State;
use tributary_domain::change::state::Payout;
use tributary_domain::{BalanceTransaction, Mode, ObjectId, ObjectKey, ObjectKind, Source};
use tributary_ledger::Book;
use tributary_pipeline::ledger::{self, PullRequest, Tally, pull};
use tributary_pipeline::reconcile::{AsFindings, Plan, Rules, plan, work};
use tributary_testkit::SimClock;
use tributary_testkit::ledger::samples::{self, connected, payment};
use tributary_testkit::reconcile::{MemoryWorld, TestWatch};

use crate::measure::{self, BenchError};

/// Numbers of accounts.
pub(crate) const ACCOUNTS: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
/// Days that are counted: after as many, everything is due again.
const DAYS: i64 = 84;
const DAY_S: i64 = 86_400;
/// Of so many accounts, one is busy.
const BUSY: usize = 10;
/// Calls that the reports of a day take: of each of four the question up to when there
/// is data, the run, a look at the run and the file. In memory, they count as two.
const REPORTS: usize = 16;
const REPORTS_IN_MEMORY: usize = 2;
/// 2026-01-01.
const BEGIN: i64 = 1_767_225_600;

/// What a number of accounts cost.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Calls {
    pub(crate) accounts: usize,
    pub(crate) days: i64,
    /// Calls of Stripe's API by reconciling.
    pub(crate) calls: usize,
    /// Jobs that were worked off.
    pub(crate) jobs: usize,
    /// What was found: nothing, for all agree.
    pub(crate) findings: usize,
}

impl Calls {
    /// For each account and day.
    pub(crate) fn each(&self) -> f64 {
        self.calls as f64 / (self.accounts as f64 * self.days as f64)
    }
}

struct Platform {
    world: MemoryWorld,
    clock: SimClock,
    accounts: usize,
    jobs: usize,
}

/// Plays as many accounts as the text says, and prints what they cost.
pub(crate) fn answer(accounts: &str) -> Result<(), BenchError> {
    let accounts = accounts.parse().map_err(|_| BenchError::Usage)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    measure::answer(runtime.block_on(play(accounts))?)
}

async fn play(accounts: usize) -> Result<Calls, BenchError> {
    let mut platform = Platform {
        world: MemoryWorld::default(),
        clock: SimClock::new(BEGIN),
        accounts,
        jobs: 0,
    };
    for account in 0..accounts {
        if let Some(id) = connected(account).owner.account() {
            platform.world.stripe.connect(id.clone());
        }
    }
    // The first look at everything is not the rule.
    platform.day(0).await?;
    let (before, jobs) = (platform.calls(), platform.jobs);
    for day in 1..=DAYS {
        platform.day(day).await?;
    }
    Ok(Calls {
        accounts,
        days: DAYS,
        calls: platform.calls() - before
            + usize::try_from(DAYS).unwrap_or_default() * (REPORTS - REPORTS_IN_MEMORY),
        jobs: platform.jobs - jobs,
        findings: platform.world.findings.brief().len(),
    })
}

impl Platform {
    /// Calls that are not of pulling.
    fn calls(&self) -> usize {
        self.world.stripe.calls() - self.world.stripe.movements.calls()
    }

    async fn day(&mut self, day: i64) -> Result<(), BenchError> {
        self.clock.advance(BEGIN + day * DAY_S - self.clock.now());
        for account in (0..self.accounts).step_by(BUSY) {
            let weekday = i64::try_from(account / BUSY % 7).unwrap_or_default();
            if day % 7 == weekday {
                self.business(account, day).await?;
            }
        }
        self.clock.advance(DAY_S - 60);
        let daily = Plan::daily(Mode::Live);
        plan(&self.world, &daily, "bench", &self.watch()).await?;
        loop {
            let jobs = self.world.outbox.take_jobs();
            if jobs.is_empty() {
                return Ok(());
            }
            for (job, _) in jobs {
                self.jobs += 1;
                work(&self.world, &Rules::default(), &job, "bench", &self.watch()).await?;
            }
        }
    }

    fn watch(&self) -> TestWatch<'_> {
        TestWatch {
            clock: &self.clock,
            has_time: true,
        }
    }

    /// A payment, the payout of it on the same day, and the pull of both.
    async fn business(&self, account: usize, day: i64) -> Result<(), BenchError> {
        let book = connected(account);
        let at = self.clock.now();
        // Every fifth sample is in another currency.
        let number = (account * 1_000 + usize::try_from(day).unwrap_or_default()) * 5 + 1;
        let payment = payment(number, at);
        let (key, payout, itself) = paid_out(&book, number, &payment)?;
        let (world, movements) = (&self.world, [payment, itself]);
        world.stripe.movements.book(&book, movements.clone());
        world
            .mirror
            .show(&key, State::Payout(Box::new(payout.clone())));
        world.stripe.pay_out(&book, key, payout, movements.to_vec());
        let watch = self.watch();
        let ports = ledger::Ports {
            transactions: &world.stripe,
            ledger: &world.ledger,
            doubts: &AsFindings(&world.findings),
            watch: &watch,
            worker: "bench",
        };
        let request = PullRequest {
            book,
            until: at,
            since: Some(at - DAY_S),
        };
        pull(&ports, &request, &mut Tally::default()).await?;
        Ok(())
    }
}

/// The automatic payout of a payment, and its movement.
fn paid_out(
    book: &Book,
    number: usize,
    payment: &BalanceTransaction,
) -> Result<(ObjectKey, Payout, BalanceTransaction), BenchError> {
    let id = |text: String| ObjectId::parse(&text).map_err(|_| BenchError::Usage);
    let key = ObjectKey {
        mode: book.mode,
        owner: book.owner.clone(),
        kind: ObjectKind::parse("payout").map_err(|_| BenchError::Usage)?,
        id: id(format!("po_{number}"))?,
    };
    let payout = samples::payout(payment.net, payment.created, payment.created);
    let itself = BalanceTransaction {
        id: id(format!("txn_po_{number}"))?,
        kind: "payout".to_owned(),
        reporting_category: "payout".to_owned(),
        amount: -payment.net,
        fee: 0,
        net: -payment.net,
        fee_details: Vec::new(),
        source: Some(Source {
            id: key.id.clone(),
            kind: Some("payout".to_owned()),
            links: Default::default(),
        }),
        ..payment.clone()
    };
    Ok((key, payout, itself))
}
