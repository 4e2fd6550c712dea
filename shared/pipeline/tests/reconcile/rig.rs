//! A platform with accounts, and a loop that works off every queue until all is quiet.

use tributary_domain::change::State as Shown;
use tributary_domain::{BalanceTransaction, EventId, EventKey, Fingerprint, ObjectKey, Origin};
use tributary_domain::{EventFacts, Mode};
use tributary_ledger::{Book, Day};
use tributary_pipeline::ledger::{self, Missed, PullRequest, Tally, pull};
use tributary_pipeline::message::Kind;
use tributary_pipeline::ports::Store;
use tributary_pipeline::receipt::{Outcome as Fate, Receipt};
use tributary_pipeline::reconcile::{
    AsFindings, Job, Listed, Outcome, Plan, Planned, Rules, WorkError, World, plan, work,
};
use tributary_reconciliation::State;
use tributary_reconciliation::compare::fact::behind;
use tributary_testkit::SimClock;
use tributary_testkit::reconcile::{MemoryStripe, MemoryWorld, TestWatch};

/// When the tests play, unix seconds: 2026-11-22, noon.
pub(crate) const NOON: i64 = 1_795_348_800;
pub(crate) const DAY_S: i64 = 86_400;

pub(crate) struct Rig {
    pub(crate) world: MemoryWorld,
    pub(crate) clock: SimClock,
    pub(crate) rules: Rules,
}

/// Yesterday, of which there is a whole report.
pub(crate) fn yesterday() -> Day {
    Day::of(NOON - DAY_S)
}

/// A second of yesterday.
pub(crate) fn then() -> i64 {
    NOON - DAY_S
}

impl Rig {
    pub(crate) fn with_pages_of(page_max: usize) -> Self {
        Self {
            world: MemoryWorld {
                stripe: MemoryStripe::with_pages_of(page_max),
                ..MemoryWorld::default()
            },
            clock: SimClock::new(NOON),
            rules: Rules::default(),
        }
    }

    pub(crate) fn new() -> Self {
        Self::with_pages_of(100)
    }

    /// Books movements at Stripe and nowhere else.
    pub(crate) fn book(
        &self,
        book: &Book,
        movements: impl IntoIterator<Item = BalanceTransaction>,
    ) {
        self.world.stripe.movements.book(book, movements);
    }

    /// Pulls a book as far as it goes.
    pub(crate) async fn pull(&self, book: &Book, since: Option<i64>) {
        let until = self.clock.now();
        self.serve(&PullRequest {
            book: book.clone(),
            until,
            since,
            stake: 0,
        })
        .await;
    }

    async fn serve(&self, request: &PullRequest) {
        let watch = TestWatch {
            clock: &self.clock,
            has_time: true,
        };
        let ports = ledger::Ports {
            transactions: &self.world.stripe,
            ledger: &self.world.ledger,
            doubts: &AsFindings(&self.world.findings),
            watch: &watch,
            worker: "puller",
        };
        pull(&ports, request, &mut Tally::default()).await.unwrap();
    }

    /// Shows an object in the mirror, as it has been for long, and tells the ledger.
    pub(crate) async fn show(&self, key: &ObjectKey, state: Shown) {
        let book = Book {
            mode: key.mode,
            owner: key.owner.clone(),
        };
        let known = self.world.ledger.kept(&book).facts.remove(&key.id);
        let fact = behind(known.as_ref(), key, &state).unwrap();
        self.world.mirror.show(key, state);
        self.tell(&Missed { book, fact }).await;
    }

    /// Tells the ledger, by a message on its queue.
    pub(crate) async fn tell(&self, missed: &Missed) {
        let watch = TestWatch {
            clock: &self.clock,
            has_time: true,
        };
        let ports = ledger::Ports {
            transactions: &self.world.stripe,
            ledger: &self.world.ledger,
            doubts: &AsFindings(&self.world.findings),
            watch: &watch,
            worker: "poster",
        };
        let message = ("m-1".to_owned(), missed.to_body());
        let worked = ledger::work(&ports, &self.world.outbox, [message]).await;
        assert_eq!((worked.failed, worked.facts), (vec![], 1));
    }

    pub(crate) async fn work(&self, job: &Job) -> Result<Outcome, WorkError> {
        self.work_in(&self.world, "worker", job).await
    }

    pub(crate) async fn work_in<W: World>(
        &self,
        world: &W,
        worker: &str,
        job: &Job,
    ) -> Result<Outcome, WorkError> {
        let watch = TestWatch {
            clock: &self.clock,
            has_time: true,
        };
        work(world, &self.rules, job, worker, &watch).await
    }

    /// Works as a worker whose time is up after a page.
    pub(crate) async fn one_page(&self, job: &Job) -> Result<Outcome, WorkError> {
        let watch = TestWatch {
            clock: &self.clock,
            has_time: false,
        };
        work(&self.world, &self.rules, job, "hurried", &watch).await
    }

    pub(crate) async fn plan(&self, what: &Plan) -> Option<Planned> {
        let watch = TestWatch {
            clock: &self.clock,
            has_time: true,
        };
        plan(&self.world, what, "planner", &watch).await.unwrap()
    }

    /// Stripe's reports of yesterday, and all that comes of them. Says how many calls it
    /// took.
    pub(crate) async fn reports(&self) -> usize {
        let before = self.world.stripe.calls();
        let job = Job::Reports {
            mode: LIVE,
            day: yesterday(),
            days: 1,
        };
        self.work(&job).await.unwrap();
        self.run().await;
        self.world.stripe.calls() - before
    }

    /// Works everything off, with the pulls and events that it causes, as time goes by.
    pub(crate) async fn run(&self) {
        for _ in 0..200 {
            self.deliver().await;
            let jobs = self.world.outbox.take_jobs();
            if jobs.is_empty() {
                return;
            }
            self.clock.advance(
                jobs.iter()
                    .map(|(_, delay)| i64::from(*delay))
                    .max()
                    .unwrap_or(0)
                    + 1,
            );
            for (job, _) in jobs {
                self.work(&job).await.unwrap();
            }
        }
        panic!("it never comes to rest");
    }

    /// Serves the pulls that were asked for, tells the ledger what it missed, and receives the events that were sent on.
    pub(crate) async fn deliver(&self) {
        for request in self.world.outbox.take_pulls() {
            self.serve(&request).await;
        }
        for missed in self.world.outbox.take_missed() {
            self.tell(&missed).await;
        }
        for message in self.world.outbox.queues.events() {
            assert_eq!(message.kind, Kind::Backfill);
            let key = key_of(&message.body);
            self.receive(&key, Origin::Backfill).await;
        }
    }

    /// Records an event as received.
    pub(crate) async fn receive(&self, key: &EventKey, origin: Origin) {
        let receipt = Receipt {
            facts: EventFacts {
                key: key.clone(),
                kind: "charge.updated".to_owned(),
                created: 0,
                api_version: None,
                origin,
                fingerprint: Fingerprint::of_text(key.id.as_str()),
            },
            outcome: Fate::Applied,
            object: None,
            raw: "".into(),
        };
        let _ = self.world.log.write_receipt(&receipt).await;
    }

    /// Code, subject and state of every finding.
    pub(crate) fn found(&self) -> Vec<(&'static str, String, State)> {
        self.world.findings.brief()
    }
}

/// A job for a day, with what Stripe's report says of it.
pub(crate) async fn day_job(rig: &Rig, book: &Book, day: Day) -> Job {
    use tributary_pipeline::reconcile::Reports;
    let runs = rig
        .world
        .stripe
        .start(book.mode, day, day)
        .await
        .unwrap()
        .unwrap();
    let reported = rig.world.stripe.fold(&runs).await.unwrap().unwrap();
    let digests = reported.digests.iter();
    let of_book = digests.filter(|(owner, ..)| *owner == book.owner);
    let report = of_book.map(|(_, _, currency, digest)| (currency.as_str().to_owned(), *digest));
    Job::Day {
        book: book.clone(),
        day,
        report: report.collect(),
        round: 0,
    }
}

/// An event of a book, made at `created`.
pub(crate) fn event(book: &Book, n: usize, created: i64) -> Listed {
    let key = EventKey {
        mode: book.mode,
        owner: book.owner.clone(),
        id: EventId::parse(&format!("evt_{n:04}")).unwrap(),
    };
    Listed {
        body: key.to_string(),
        key,
        kind: "charge.updated".to_owned(),
        created,
        is_of_other_mode: false,
    }
}

fn key_of(body: &str) -> EventKey {
    let (book, id) = body.rsplit_once('#').unwrap();
    let Book { mode, owner } = Book::parse(book).unwrap();
    EventKey {
        mode,
        owner,
        id: EventId::parse(id).unwrap(),
    }
}

/// The mode of every sample.
pub(crate) const LIVE: Mode = Mode::Live;
