//! What the demo puts wrong in the ledger and the mirror, behind the back of every
//! function.

use std::collections::{BTreeMap, BTreeSet};

use tributary_aws::operate::Items;
use tributary_books::{Label, Side};
use tributary_domain::ObjectId;
use tributary_ledger::views::{Month, by_month};
use tributary_ledger::{Book, Day, Entry, Head, Posted};
use tributary_pipeline::ledger::count::{Loaded, count};
use tributary_pipeline::ledger::{BookState, Ledger, LedgerError};
use tributary_pipeline::ports::StoreError;
use tributary_reconciliation::Code;
use tributary_simulator::{Flaw, World};

use crate::stage::Stage;
use crate::stale::{Behind, put_back};
use crate::tie_out::{Sums, books};

/// By how much an amount is changed, minor units.
const CHANGED_BY: i64 = 7;
/// A fee that Stripe books late, minor units.
const LATE_FEE: i64 = 11;
/// How far back a late fee is booked, seconds: before everything that a pull looks at again.
const LATE_BY_S: i64 = 5 * 86_400;

/// What was put wrong in the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Damage {
    /// What has to be found, and what may be found beside it.
    pub labels: Vec<Label>,
    /// What the entries hold too much, and will: nobody but a person can tell.
    pub too_much: Sums,
}

/// Why the ledger could not be damaged.
#[derive(Debug, thiserror::Error)]
pub enum DamageError {
    /// The ledger did not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// There is no output of that name.
    #[error(transparent)]
    Stack(#[from] crate::stack::StackError),
    /// An id that is none.
    #[error(transparent)]
    Id(#[from] tributary_domain::IdError),
    /// The mirror did not.
    #[error(transparent)]
    Mirror(#[from] StoreError),
    /// The mirror lacks what every event told of.
    #[error("a payout is not in the mirror")]
    NotMirrored,
    /// Too little has happened in this world.
    #[error("the world has too few payments to damage {0} entries: more EVENTS")]
    TooFew(usize),
}

/// Damages so many entries in each way, and lets Stripe book as many fees late.
///
/// # Errors
/// When the ledger does not answer, or has too little to damage.
pub async fn damage(stage: &Stage, entries: &[Entry], times: usize) -> Result<Damage, DamageError> {
    let mut damage = Damage::default();
    let (mut victims, mut alone) = {
        let world = stage.world();
        let alone = alone(&world, entries).into_iter();
        (victims(&world, entries).into_iter(), alone)
    };
    let ledger = stage.stack.ledger(&stage.aws)?;
    let items = Items::new(&stage.aws, stage.stack.output("LedgerTableName")?);
    let mut lost_in = BTreeSet::new();
    for nth in 0..times {
        let few = || DamageError::TooFew(4 * times);
        let lost = alone.next().ok_or_else(few)?;
        items.forget(lost).await?;
        lost_in.insert(lost.book.clone());
        damage.label("LostEntry", Code::MissingLedgerEntry, lost, lost.net);

        let twice = victims.next().ok_or_else(few)?;
        let second = Entry {
            source: None,
            ..twice.clone()
        };
        add(&ledger, &second).await?;
        damage.label("DuplicateEntry", Code::DuplicateEntry, twice, twice.net);
        damage.shows_in_balance(twice);

        let model = victims.next().ok_or_else(few)?;
        let orphan = orphan(model, nth)?;
        add(&ledger, &orphan).await?;
        damage.label("OrphanEntry", Code::OrphanEntry, &orphan, orphan.net);
        damage.shows_in_balance(&orphan);
        damage.stays(&orphan, orphan.net);

        let changed = victims.next().ok_or_else(few)?;
        items.overwrite(&changed_by(changed, CHANGED_BY)).await?;
        damage.label("ChangedAmount", Code::AmountMismatch, changed, CHANGED_BY);
        damage.stays(changed, CHANGED_BY);
    }
    let store = stage.stack.store(&stage.aws)?;
    for behind in [Behind::Status, Behind::Otherwise].repeat(times) {
        let payout = alone.next().ok_or(DamageError::TooFew(4 * times))?;
        damage.labels.push(put_back(&store, payout, behind).await?);
    }
    damage.book_late(stage, times, &lost_in);
    Ok(damage)
}

/// Payouts of accounts that nothing is wrong with: no other book refers to them, and
/// nobody has a reason to list them again before their day is looked at.
fn alone<'e>(world: &World, entries: &'e [Entry]) -> Vec<&'e Entry> {
    let mut troubled: BTreeSet<String> = BTreeSet::new();
    for it in world.injected() {
        troubled.extend(it.owner.account_id().map(str::to_owned));
        let objects = it
            .subjects
            .iter()
            .filter_map(|id| world.object(&it.owner, id));
        let texts = objects.flat_map(|json| json.as_object().into_iter().flatten());
        let named = texts.filter_map(|(_, value)| value.as_str());
        troubled.extend(
            named
                .filter(|it| it.starts_with("acct_"))
                .map(str::to_owned),
        );
    }
    let is_alone = |entry: &&Entry| {
        entry.kind == "payout"
            && !entry.book.is_platform()
            && !troubled.contains(entry.book.owner.as_str())
    };
    let mut payouts: Vec<&Entry> = entries.iter().filter(is_alone).collect();
    payouts.sort_by_key(|entry| (entry.created, &entry.transaction));
    payouts
}

/// Payments that nothing else is wrong with, each of another day: entries that no other
/// book refers to, so that what is done to one shows nowhere else.
fn victims<'e>(world: &World, entries: &'e [Entry]) -> Vec<&'e Entry> {
    let wrong: BTreeSet<&str> = world
        .injected()
        .iter()
        .flat_map(|it| it.subjects.iter().map(String::as_str))
        .collect();
    // A report that lacks a line is told only of days that nothing else explains.
    let unreported: BTreeSet<Day> = world
        .injected()
        .iter()
        .filter(|it| it.flaw == Flaw::ReportLine)
        .map(|it| Day::of(it.at))
        .collect();
    let is_plain = |entry: &&Entry| {
        let source = entry.source.as_ref().map(|source| source.id.as_str());
        entry.book.is_platform()
            && entry.kind == "charge"
            && entry.exchange_rate.is_none()
            && !unreported.contains(&entry.day())
            && !wrong.contains(entry.transaction.as_str())
            && source.is_some_and(|source| !wrong.contains(source))
    };
    let mut plain: Vec<&Entry> = entries.iter().filter(is_plain).collect();
    plain.sort_by_key(|entry| (entry.created, &entry.transaction));
    let mut by_day = BTreeMap::new();
    for entry in plain {
        by_day
            .entry(entry.day())
            .or_insert_with(Vec::new)
            .push(entry);
    }
    // One of each day, then another of each.
    let most = by_day.values().map(Vec::len).max().unwrap_or_default();
    let turns = (0..most).flat_map(|nth| by_day.values().filter_map(move |day| day.get(nth)));
    turns.copied().collect()
}

/// Counts and posts an entry as a pull would.
async fn add(ledger: &impl Ledger, entry: &Entry) -> Result<(), LedgerError> {
    let state = ledger.state(&entry.book).await?;
    // A pull of its own: its page is filed beside all others.
    let state = BookState {
        pulls: state.pulls.saturating_add(1),
        ..state
    };
    let day = entry.day();
    let days = match state.days.contains_key(&day) {
        true => BTreeMap::new(),
        false => ledger.totals(&entry.book, &[day]).await?,
    };
    let months = ledger.months(&entry.book, &[Month::of(day)]).await?;
    let added = by_month([entry], &ledger.expected().await?);
    let posted = Posted {
        entry: entry.clone(),
        doubts: Vec::new(),
    };
    let loaded = Loaded { days, months };
    let commit = count(
        &state,
        "demo",
        loaded,
        std::slice::from_ref(&posted),
        &added,
    );
    ledger.commit(&entry.book, &commit).await?;
    ledger.post(&entry.book, std::slice::from_ref(entry)).await
}

/// The same payment once more, under ids that Stripe never gave.
fn orphan(model: &Entry, nth: usize) -> Result<Entry, tributary_domain::IdError> {
    let mut orphan = model.clone();
    orphan.transaction = ObjectId::parse(&format!("txn_orphan{nth:04}"))?;
    if let Some(source) = &mut orphan.source {
        source.id = ObjectId::parse(&format!("ch_orphan{nth:04}"))?;
    }
    Ok(orphan)
}

/// The entry with another amount; its lines still sum to zero.
fn changed_by(entry: &Entry, by: i64) -> Entry {
    let mut changed = entry.clone();
    changed.amount += by;
    changed.net += by;
    let mut other = Some(by);
    for line in &mut changed.lines {
        if line.account.head() == Head::StripeBalance {
            line.amount += by;
        } else {
            line.amount -= other.take().unwrap_or_default();
        }
    }
    changed
}

impl Damage {
    fn label(&mut self, what: &str, code: Code, entry: &Entry, amount: i64) {
        self.labels.push(Label {
            side: Side::Ledger,
            what: what.to_owned(),
            codes: vec![code],
            book: entry.book.clone(),
            subjects: vec![entry.transaction.to_string()],
            currency: entry.currency.clone(),
            amount,
            required: true,
        });
    }

    /// The running balance differs too: that may be found, and is the same thing.
    fn shows_in_balance(&mut self, entry: &Entry) {
        self.differs(&entry.book, &entry.currency);
    }

    fn differs(&mut self, book: &Book, currency: &str) {
        self.labels.push(Label {
            side: Side::Ledger,
            what: "Balance".to_owned(),
            codes: vec![
                Code::BalanceMismatchPlatform,
                Code::BalanceMismatchConnected,
            ],
            book: book.clone(),
            subjects: vec![currency.to_owned()],
            currency: currency.to_owned(),
            amount: 0,
            required: false,
        });
    }

    fn stays(&mut self, entry: &Entry, too_much: i64) {
        let key = (entry.book.clone(), entry.currency.clone());
        *self.too_much.entry(key).or_default() += i128::from(too_much);
    }

    /// Fees that Stripe books under an older day, of which no event tells.
    fn book_late(&mut self, stage: &Stage, times: usize, but: &BTreeSet<Book>) {
        let mut world = stage.world();
        let at = world.now() - LATE_BY_S;
        let busy: Vec<_> = books(&world)
            .into_iter()
            .filter(|(owner, book)| {
                let is_wrong = world.injected().iter().any(|it| it.owner == *owner);
                let is_idle = world.balance_transactions(owner).is_empty();
                !(book.is_platform() || is_idle || is_wrong || but.contains(book))
            })
            .take(times)
            .collect();
        for (owner, book) in busy {
            let Ok(id) = world.book_late(&owner, LATE_FEE, at) else {
                continue;
            };
            let json = world.object(&owner, &id);
            let currency = json
                .and_then(|json| json.get("currency")?.as_str())
                .unwrap_or_default()
                .to_owned();
            // Whoever looks first finds it: the day's lines, or the balance.
            self.labels.push(Label {
                side: Side::Stripe,
                what: "BookedLate".to_owned(),
                codes: vec![Code::MissingLedgerEntry, Code::BalanceMismatchConnected],
                book,
                subjects: vec![id, currency.clone()],
                currency,
                amount: LATE_FEE,
                required: true,
            });
        }
    }
}
