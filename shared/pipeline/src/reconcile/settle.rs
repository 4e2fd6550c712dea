//! What was found becomes findings, and what can be mended is.

use std::collections::BTreeMap;

use tributary_domain::{BalanceTransaction, Mode, ObjectId};
use tributary_ledger::{Book, Day, Fact};
use tributary_reconciliation::finding::{Finding, State};
use tributary_reconciliation::heal::{Heal, Spent, Why, heal};

use super::healing::{Healing, Pulls};
use super::ports::{Control, ControlError, Findings, Listed, Stored};
use super::work::{Rules, WorkError, World};

/// Times that a finding is read again because another worker wrote it.
const CONFLICTS_MAX: u32 = 4;

/// What healing may need of what was just read.
#[derive(Debug, Default)]
pub struct Means<'m> {
    /// Listed events, by id.
    pub events: BTreeMap<&'m str, &'m Listed>,
    /// Listed movements, by id.
    pub movements: BTreeMap<&'m ObjectId, &'m BalanceTransaction>,
    /// What the mirror shows, and the ledger does not know, by object.
    pub facts: BTreeMap<ObjectId, Fact>,
}

/// What became of what was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// How many findings there were.
    pub found: usize,
    /// For how many something was done that another look can confirm.
    pub healing: usize,
    /// How many were explained by a label.
    pub labelled: usize,
    /// How many were left for a person, or for another run.
    pub left: usize,
    /// How many that had been open are gone.
    pub gone: usize,
}

impl Settled {
    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.found += other.found;
        self.healing += other.healing;
        self.labelled += other.labelled;
        self.left += other.left;
        self.gone += other.gone;
    }
}

/// On whose account heals are counted, and when it is.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The run: a mode and a day.
    pub of: (Mode, Day),
    /// Unix seconds.
    pub now: i64,
}

/// Records what was found of a book, and heals what can be. What is done is done
/// before it is recorded, and can be done twice.
///
/// # Errors
/// When a port fails; everything can be repeated then.
pub async fn settle<W: World>(
    world: &W,
    rules: &Rules,
    run: Run,
    book: &Book,
    found: Vec<Finding>,
    means: &Means<'_>,
) -> Result<Settled, WorkError> {
    let mut settled = Settled::default();
    if found.is_empty() {
        return Ok(settled);
    }
    let mut pulls = Pulls::default();
    let (mut spent, mut decided) = (Spent::default(), Vec::new());
    for (stored, revision) in merged(world, book, found).await? {
        let mut decision = heal(&stored, &rules.policy, &mut spent);
        if !matches!(decision, Heal::Leave(_)) && !may_spend(world, rules, run, book).await? {
            decision = Heal::Leave(Why::RunCapReached);
        }
        let healing = Healing {
            world,
            rules,
            now: run.now,
            means,
        };
        let done = healing.perform(&stored, decision, &mut pulls).await?;
        decided.push((stored, revision, done));
    }
    pulls.request(world).await?;
    for (stored, revision, done) in decided {
        settled.found += 1;
        match done {
            Heal::Leave(_) => settled.left += 1,
            _ if done.is_label() => settled.labelled += 1,
            _ => settled.healing += 1,
        }
        let change = |finding: &mut Finding| record(finding, &done, run.now);
        save(world.findings(), stored, revision, change).await?;
    }
    Ok(settled)
}

/// Closes the open findings of a book that `is_gone` says the comparison did not find
/// any more.
///
/// # Errors
/// When a port fails.
pub async fn close<W: World>(
    world: &W,
    book: &Book,
    now: i64,
    is_gone: impl Fn(&Finding) -> bool,
) -> Result<usize, WorkError> {
    let mut gone = 0;
    for (finding, revision) in world.findings().open(book).await? {
        if is_gone(&finding) {
            let change = |finding: &mut Finding| finding.gone(now);
            save(world.findings(), finding, revision, change).await?;
            gone += 1;
        }
    }
    Ok(gone)
}

fn record(finding: &mut Finding, done: &Heal, now: i64) {
    match done {
        Heal::Leave(Why::Settled) => {}
        _ => finding.note(&done.as_text(), now),
    }
    if done.is_label() && finding.state == State::Open {
        finding.gone(now);
    }
}

/// The findings as they will be stored, each with the revision it follows.
async fn merged<W: World>(
    world: &W,
    book: &Book,
    found: Vec<Finding>,
) -> Result<Vec<Stored>, WorkError> {
    let keys: Vec<String> = found.iter().map(Finding::key).collect();
    let mut known = world.findings().load(book, &keys).await?;
    let merged = found
        .into_iter()
        .map(|finding| match known.remove(&finding.key()) {
            Some((mut stored, revision)) => {
                stored.see_again(finding);
                (stored, revision)
            }
            None => (finding, 0),
        });
    Ok(merged.collect())
}

/// Changes and saves a finding, on what another worker may have made of it.
pub(super) async fn save<F: Findings>(
    findings: &F,
    mut finding: Finding,
    mut revision: u64,
    change: impl Fn(&mut Finding),
) -> Result<(), ControlError> {
    let key = finding.key();
    for _ in 0..CONFLICTS_MAX {
        let mut changed = finding.clone();
        change(&mut changed);
        match findings.save(&changed, revision).await {
            Err(ControlError::Conflict) => {
                let mut stored = findings
                    .load(&finding.book, std::slice::from_ref(&key))
                    .await?;
                if let Some((mut other, theirs)) = stored.remove(&key) {
                    other.see_again(finding);
                    (finding, revision) = (other, theirs);
                }
            }
            saved => return saved,
        }
    }
    Err(ControlError::Conflict)
}

/// Keeps a finding, joined with what is known of it. What is to be done about it, a
/// comparison decides.
///
/// # Errors
/// When the findings cannot be read or written, or others are always first.
pub async fn keep<F: Findings>(findings: &F, found: Finding) -> Result<(), ControlError> {
    let key = found.key();
    let mut known = findings
        .load(&found.book, std::slice::from_ref(&key))
        .await?;
    let (finding, revision) = match known.remove(&key) {
        Some((mut stored, revision)) => {
            stored.see_again(found);
            (stored, revision)
        }
        None => (found, 0),
    };
    save(findings, finding, revision, |_| ()).await
}

/// Counts one heal of the run, across all workers.
async fn may_spend<W: World>(
    world: &W,
    rules: &Rules,
    run: Run,
    book: &Book,
) -> Result<bool, WorkError> {
    let (mode, day) = run.of;
    let caps = rules.policy.caps;
    let account = format!("heals#{book}#{day}");
    let all = format!("heals#{}#{day}", mode.as_str());
    Ok(world.control().spend(&account, caps.account).await?
        && world.control().spend(&all, caps.run).await?)
}
