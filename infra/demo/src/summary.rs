//! What the demo found, for people and for machines.

pub mod books;

use std::fmt;
use std::ops::RangeInclusive;

use serde::Serialize;
use tributary_aws::operate::Depth;

use crate::audit::Audit;
use crate::day::Answers;
use books::Books;

/// The figures of one run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// The seed that plays the same day again.
    pub seed: u64,
    /// Connected accounts.
    pub accounts: usize,
    /// Distinct events that Stripe created.
    pub events: usize,
    /// Webhooks posted.
    pub sent: usize,
    /// Answered 200 and queued.
    pub accepted: usize,
    /// Of those, deliveries of an event that had been delivered before.
    pub duplicates: usize,
    /// Events whose first delivery was lost and that came later.
    pub resent: usize,
    /// Events that no delivery ever brought: reconciliation has fetched them.
    pub lost: usize,
    /// Answered 400: nobody we trust signed them.
    pub rejected: usize,
    /// Authentic but unusable, kept for a person.
    pub quarantined: u64,
    /// Poison that ended in a dead-letter queue.
    pub dead_lettered: u64,
    /// Objects compared with Stripe's truth.
    pub objects_compared: usize,
    /// Of those, objects that are gone.
    pub objects_deleted: usize,
    /// Objects that differ.
    pub objects_different: usize,
    /// Rows still waiting for a fetch.
    pub objects_ambiguous: usize,
    /// Authentic events that left no trace.
    pub events_missing: usize,
    /// Of all seconds, those until everything was mirrored and posted.
    pub road_seconds: u64,
    /// Ledger and reconciliation.
    #[serde(flatten)]
    pub books: Books,
    /// Seconds from the first webhook to the last comparison.
    pub seconds: u64,
    /// What was not as it should be, in words.
    pub failures: Vec<String>,
}

impl Summary {
    /// Takes what was answered.
    pub fn answers(&mut self, answers: &Answers) {
        for ((intent, status, result), &count) in answers {
            self.sent += count;
            match (*intent, *status, result.as_str()) {
                ("forged", 400, _) => self.rejected += count,
                ("malformed", 200, "quarantined" | "queued") => {}
                ("duplicate", 200, "queued") => {
                    self.accepted += count;
                    self.duplicates += count;
                }
                ("genuine" | "resent", 200, "queued") => self.accepted += count,
                _ => self.failures.push(format!(
                    "{count} {intent} webhooks were answered {status} {result}"
                )),
            }
            if *intent == "resent" {
                self.resent += count;
            }
        }
    }

    /// Takes what the comparison found.
    pub fn audit(&mut self, audit: &Audit) {
        self.objects_compared = audit.compared;
        self.objects_deleted = audit.deleted;
        self.objects_different = audit.different.len();
        self.objects_ambiguous = audit.ambiguous;
        self.events_missing = audit.missing.len();
        let differing = audit.different.iter().take(5);
        self.failures
            .extend(differing.map(|(key, how)| format!("{key}: {how}")));
        self.failures.extend(
            audit
                .missing
                .iter()
                .take(5)
                .map(|key| format!("{key}: no receipt")),
        );
    }

    /// Takes what waits for a person, and holds it against what should: `held` in the
    /// quarantine, `poison` among the dead letters.
    pub fn waiting(
        &mut self,
        quarantine: Depth,
        held: &RangeInclusive<u64>,
        dead: Depth,
        poison: u64,
    ) {
        self.quarantined = quarantine.visible + quarantine.in_flight;
        self.dead_lettered = dead.visible + dead.in_flight;
        if !held.contains(&self.quarantined) {
            self.failures.push(format!(
                "{} messages in quarantine instead of {} to {}",
                self.quarantined,
                held.start(),
                held.end()
            ));
        }
        if self.dead_lettered != poison {
            self.failures.push(format!(
                "{} dead letters instead of {poison}",
                self.dead_lettered
            ));
        }
    }

    /// Whether everything was as it should be.
    pub fn is_good(&self) -> bool {
        self.failures.is_empty()
            && self.objects_different == 0
            && self.events_missing == 0
            && self.books.is_good()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            events,
            sent,
            accepted,
            duplicates,
            resent,
            rejected,
            ..
        } = self;
        writeln!(f, "  What Stripe did")?;
        writeln!(f, "  {events:>8}  events on {} accounts", self.accounts)?;
        writeln!(
            f,
            "  {sent:>8}  webhooks, out of order; {resent} only after the first was lost"
        )?;
        writeln!(
            f,
            "  {:>8}  events whose deliveries were all lost",
            self.lost
        )?;
        writeln!(f)?;
        writeln!(f, "  What became of the webhooks")?;
        writeln!(
            f,
            "  {accepted:>8}  accepted, {duplicates} of them duplicates that changed nothing"
        )?;
        writeln!(f, "  {rejected:>8}  rejected: forged signatures")?;
        writeln!(
            f,
            "  {:>8}  in quarantine: signed by Stripe, but unusable",
            self.quarantined
        )?;
        writeln!(
            f,
            "  {:>8}  in the dead-letter queue: the poison",
            self.dead_lettered
        )?;
        writeln!(f)?;
        writeln!(f, "  The mirror against Stripe's truth")?;
        let Self {
            objects_compared,
            objects_deleted,
            objects_different,
            ..
        } = self;
        writeln!(
            f,
            "  {objects_compared:>8}  objects compared, {objects_deleted} of them deleted"
        )?;
        writeln!(f, "  {objects_different:>8}  different")?;
        writeln!(f, "  {:>8}  events missing", self.events_missing)?;
        writeln!(f)?;
        writeln!(f, "{}", self.books)?;
        for failure in self.failures.iter().chain(&self.books.failures) {
            writeln!(f, "  ✗ {failure}")?;
        }
        let verdict = if self.is_good() {
            "✓ Every object is as Stripe has it, and every cent is explained."
        } else {
            "✗ Not as it should be."
        };
        writeln!(f, "  {verdict} {} s, seed {}.", self.seconds, self.seed)
    }
}
