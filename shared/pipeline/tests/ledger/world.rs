//! A list, a ledger, workers, and what has to be true of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use tributary_ledger::revise::effective;
use tributary_ledger::views::{Expected, by_month};
use tributary_ledger::{Book, Digest, Entry, derive, post, stories};
use tributary_pipeline::ledger::state::summed;
use tributary_pipeline::ledger::{
    Ports, PullError, PullRequest, Pulled, Tally, Totals, Watch, Worked, pull, work,
};
use tributary_testkit::SimClock;
use tributary_testkit::ledger::samples::platform;
use tributary_testkit::ledger::{
    Life, MemoryDoubts, MemoryLedger, MemoryList, MemoryPulls, Mortal,
};

/// When the tests play, unix seconds: 2026-11-22, noon.
pub(crate) const NOON: i64 = 1_795_348_800;

pub(crate) struct World {
    pub(crate) list: MemoryList,
    pub(crate) ledger: MemoryLedger,
    pub(crate) doubts: MemoryDoubts,
    pub(crate) pulls: MemoryPulls,
    pub(crate) clock: SimClock,
}

/// A worker's watch that has time for so many pages.
struct Pages<'a> {
    clock: &'a SimClock,
    left: AtomicUsize,
}

impl Watch for Pages<'_> {
    fn now(&self) -> i64 {
        self.clock.now()
    }

    fn has_time(&self) -> bool {
        let left = |left: usize| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
            .is_ok()
    }
}

/// One worker.
pub(crate) struct Worker<'a> {
    pub(crate) name: &'a str,
    pub(crate) life: &'a Life,
    pub(crate) pages_max: usize,
}

impl<'a> Worker<'a> {
    pub(crate) fn of(name: &'a str, life: &'a Life) -> Self {
        Self {
            name,
            life,
            pages_max: usize::MAX,
        }
    }
}

impl World {
    pub(crate) fn with_pages_of(page_max: usize) -> Self {
        let ledger = MemoryLedger::default();
        ledger.expect(expected());
        Self {
            list: MemoryList::with_pages_of(page_max),
            ledger,
            doubts: MemoryDoubts::default(),
            pulls: MemoryPulls::default(),
            clock: SimClock::new(NOON),
        }
    }

    /// A pull of the platform's book until now.
    pub(crate) fn request(&self) -> PullRequest {
        PullRequest {
            book: platform(),
            until: self.clock.now(),
            since: None,
            stake: 0,
        }
    }

    pub(crate) async fn pull_by(
        &self,
        worker: Worker<'_>,
        request: &PullRequest,
    ) -> (Result<Pulled, PullError>, Tally) {
        let Worker { name, life, .. } = worker;
        let watch = Pages {
            clock: &self.clock,
            left: AtomicUsize::new(worker.pages_max),
        };
        let ports = Ports {
            transactions: &Mortal {
                port: &self.list,
                life,
            },
            ledger: &Mortal {
                port: &self.ledger,
                life,
            },
            doubts: &Mortal {
                port: &self.doubts,
                life,
            },
            watch: &watch,
            worker: name,
        };
        let mut tally = Tally::default();
        let pulled = pull(&ports, request, &mut tally).await;
        (pulled, tally)
    }

    /// A pull by a worker that nothing happens to.
    pub(crate) async fn pull(&self, request: &PullRequest) -> (Pulled, Tally) {
        let name = format!("worker {}", self.ledger.cost().calls);
        let life = Life::eternal();
        let (pulled, tally) = self.pull_by(Worker::of(&name, &life), request).await;
        (pulled.unwrap(), tally)
    }

    /// Lets a worker do what a batch of messages asks for, and gives back those that
    /// have to come again: all of them if it died.
    pub(crate) async fn work_by(&self, life: &Life, bodies: &[String]) -> Vec<String> {
        let name = format!("worker {}", self.ledger.cost().calls);
        let worker = Worker::of(&name, life);
        let worked = self.work_as(worker, bodies).await;
        let mut again: Vec<String> = match life.is_over() {
            true => bodies.to_vec(),
            false => worked
                .failed
                .iter()
                .map(|n| bodies[n.parse::<usize>().unwrap()].clone())
                .collect(),
        };
        let asked = self.pulls.take().into_iter();
        again.extend(asked.map(|(request, _)| request.to_body()));
        again
    }

    /// Lets a worker that nothing happens to do what a batch asks for.
    pub(crate) async fn work(&self, bodies: &[String]) -> Worked {
        let life = Life::eternal();
        self.work_as(Worker::of("worker", &life), bodies).await
    }

    pub(crate) async fn work_as(&self, worker: Worker<'_>, bodies: &[String]) -> Worked {
        let life = worker.life;
        let watch = Pages {
            clock: &self.clock,
            left: AtomicUsize::new(worker.pages_max),
        };
        let ports = Ports {
            transactions: &Mortal {
                port: &self.list,
                life,
            },
            ledger: &Mortal {
                port: &self.ledger,
                life,
            },
            doubts: &Mortal {
                port: &self.doubts,
                life,
            },
            watch: &watch,
            worker: worker.name,
        };
        let queue = Mortal {
            port: &self.pulls,
            life,
        };
        let messages = bodies
            .iter()
            .enumerate()
            .map(|(n, body)| (n.to_string(), body.clone()));
        work(&ports, &queue, messages).await
    }

    /// Lets time pass until then.
    pub(crate) fn clock_to(&self, now: i64) {
        self.clock.advance(now - self.clock.now());
    }

    /// Lets every lease run out, and everything be answered no more.
    pub(crate) fn let_leases_run_out(&self) {
        self.clock.advance(1_000);
    }

    /// The entries that the list calls for.
    fn wanted(&self, book: &Book) -> BTreeMap<String, Entry> {
        let all = self.list.all(book);
        let entries = all.iter().filter_map(|t| post(book, t).ok());
        entries
            .map(|posted| (posted.entry.transaction.to_string(), posted.entry))
            .collect()
    }

    /// What is derived is what the book as a whole says: told story by story by the
    /// ledger's own cut.
    fn assert_explained(&self, book: &Book, context: &str) {
        let kept = self.ledger.kept(book);
        let entries = kept.all_entries().cloned();
        let mut wanted = BTreeMap::new();
        for (root, story) in stories(book, entries, kept.facts.values().cloned()) {
            for (rule, want) in derive(&story).unwrap().entries {
                wanted.insert((root.clone(), rule), (want.currency, want.lines));
            }
        }
        let posted = effective(kept.all_derived());
        let mut derived: BTreeMap<_, _> = BTreeMap::new();
        for it in posted {
            let said = (it.currency.clone(), it.lines.clone());
            let twice = derived.insert((it.root.clone(), it.rule), said);
            assert_eq!(twice, None, "{} {:?}, {context}", it.root, it.rule);
        }
        assert_eq!(derived, wanted, "derived, {context}");
    }

    /// Each movement has its entry, and was counted once: digests, balances and
    /// files are what a fold over the list says.
    pub(crate) fn assert_exact(&self, book: &Book, context: &str) {
        let (wanted, kept) = (self.wanted(book), self.ledger.kept(book));
        let posted: BTreeMap<_, _> = kept
            .all_entries()
            .map(|entry| (entry.transaction.to_string(), entry.clone()))
            .collect();
        let ids = |entries: &BTreeMap<String, Entry>| entries.keys().cloned().collect::<Vec<_>>();
        assert_eq!(ids(&posted), ids(&wanted), "entries, {context}");
        assert_eq!(posted, wanted, "entries, {context}");
        assert_eq!(kept.totals(), totals(wanted.values()), "digests, {context}");
        assert_eq!(
            kept.months,
            by_month(wanted.values(), &expected()),
            "views, {context}"
        );
        for (currency, accounts) in &kept.state.balances {
            for (account, balance) in accounts {
                let lines = wanted.values().filter(|it| it.currency == *currency);
                let lines = lines.flat_map(|entry| &entry.lines);
                let lines = lines.filter(|line| summed(&line.account) == *account);
                let sum: i128 = lines.map(|line| i128::from(line.amount)).sum();
                assert_eq!(*balance, sum, "{account} {currency}, {context}");
            }
            assert_eq!(accounts.values().sum::<i128>(), 0, "{currency}, {context}");
        }
        let mut filed: Vec<_> = kept.filed.values().flatten().collect();
        filed.sort_unstable();
        let before = filed.len();
        filed.dedup();
        assert_eq!(
            (before, filed.len()),
            (wanted.len(), wanted.len()),
            "files, {context}"
        );
        self.assert_explained(book, context);
        assert_eq!(
            (&kept.state.pull, &kept.state.lease),
            (&None, &None),
            "{context}"
        );
    }
}

/// What the platform expects: of the samples, and of what the simulator converts.
pub(crate) fn expected() -> Expected {
    let text = r#"{"fees": [{"taker": "stripe", "currency": "usd", "rate_ppm": 29000, "fixed": 30}],
                   "rates": {"eur/usd": "1.1", "usd/eur": "0.9"}}"#;
    Expected::parse(text).unwrap()
}

fn totals<'a>(entries: impl Iterator<Item = &'a Entry>) -> BTreeMap<tributary_ledger::Day, Totals> {
    let mut totals: BTreeMap<_, Totals> = BTreeMap::new();
    for entry in entries {
        let day = totals.entry(entry.day()).or_default();
        let digest = day.entry(entry.currency.clone()).or_default();
        digest.merge(&Digest::of(entry.transaction.as_str(), entry.net));
    }
    totals
}
