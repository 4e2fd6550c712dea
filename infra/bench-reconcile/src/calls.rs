//! How often Stripe is asked about accounts that agree, and how that grows with them.
//!
//! The schedule and its jobs run over a Stripe and tables in memory, day by day, through
//! as many days as all of its periods fit into. One account of ten is paid and pays
//! out once a week, with an event of it, the others are quiet; every movement is pulled
//! before the day is compared. What pulling asks for is not counted: it grows with what
//! happens, not with looking.

use serde::{Deserialize, Serialize};
use tributary_domain::change::State;
use tributary_domain::change::state::Payout;
use tributary_domain::{
    BalanceTransaction, EventFacts, EventId, EventKey, Fingerprint, Mode, ObjectId, ObjectKey,
    ObjectKind, Origin, Source,
};
use tributary_ledger::Book;
use tributary_pipeline::ledger::{self, PullRequest, Tally, pull};
use tributary_pipeline::ports::Store;
use tributary_pipeline::receipt::{Outcome, Receipt};
use tributary_pipeline::reconcile::{AsFindings, Listed, Plan, Rules, WorkError, plan, work};
use tributary_testkit::SimClock;
use tributary_testkit::ledger::samples::{self, connected, payment};
use tributary_testkit::reconcile::{MemoryWorld, TestWatch};

use crate::measure::{self, BenchError};

/// Numbers of accounts.
pub(crate) const ACCOUNTS: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
/// Days that are counted: a multiple of how often anything is due.
const DAYS: i64 = 252;
const DAY_S: i64 = 86_400;
/// Of so many accounts, one is busy.
const BUSY: usize = 10;
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
        calls: platform.calls() - before,
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
        // A full hour: plans are of hours, and what is due then is due in that plan.
        self.clock.advance(DAY_S - 3_600);
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
        self.event(&book, number, at).await?;
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
            stake: 0,
        };
        pull(&ports, &request, &mut Tally::default()).await?;
        Ok(())
    }
}

impl Platform {
    /// An event of the payment, listed and received.
    async fn event(&self, book: &Book, number: usize, created: i64) -> Result<(), BenchError> {
        let id = EventId::parse(&format!("evt_{number}")).map_err(|_| BenchError::Usage)?;
        let key = EventKey {
            mode: book.mode,
            owner: book.owner.clone(),
            id,
        };
        let kind = "charge.succeeded".to_owned();
        let receipt = Receipt {
            facts: EventFacts {
                key: key.clone(),
                kind: kind.clone(),
                created,
                api_version: None,
                origin: Origin::Webhook,
                fingerprint: Fingerprint::of_text(key.id.as_str()),
            },
            outcome: Outcome::Applied,
            object: None,
            raw: "".into(),
        };
        let written = self.world.log.write_receipt(&receipt).await;
        written.map_err(WorkError::from)?;
        let listed = Listed {
            key,
            kind,
            created,
            is_of_other_mode: false,
            body: String::new(),
        };
        self.world.stripe.make(book, listed);
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
