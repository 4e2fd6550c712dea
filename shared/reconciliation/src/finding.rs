//! A finding: two books that disagree, told so that a person can act on it.

mod code;
mod decision;

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};
use tributary_ledger::Book;

pub use code::Code;
pub use decision::{Decision, NoDecision};

/// Most steps of a finding's history that nobody has decided on. Beyond, the oldest make
/// room, but for the first, which tells how it began. What people decide always stays.
const STEPS_MAX: usize = 40;

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The books disagree.
    Open,
    /// They agree again, after something was done about it.
    Healed,
    /// They disagree, and a person has said that it is right so.
    Accepted,
    /// They agree again by themselves, or because a person saw to it.
    Resolved,
}

impl State {
    /// The stored form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Healed => "healed",
            Self::Accepted => "accepted",
            Self::Resolved => "resolved",
        }
    }
}

/// One step of a finding's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Unix seconds.
    pub at: i64,
    /// What happened: `seen`, `seen_again`, `gone`, `heal:<what>`, `left:<why>`,
    /// `accepted:<by whom>`, `resolved:<by whom>`, `reopened:<by whom>`.
    pub what: String,
    /// Why, if a person has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Step {
    /// Whether a person took it: people say why, comparisons and heals do not.
    pub fn is_decision(&self) -> bool {
        self.why.is_some()
    }
}

/// Money that a finding is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stake {
    /// Minor units, never negative.
    pub amount: u64,
    /// Currency of the amount; empty if no money is known to be at stake.
    pub currency: String,
}

impl Stake {
    /// The size of an amount of either sign.
    pub fn of(amount: i128, currency: &str) -> Self {
        Self {
            amount: u64::try_from(amount.unsigned_abs()).unwrap_or(u64::MAX),
            currency: currency.to_owned(),
        }
    }
}

/// What a finding's comparison covered. Whoever compares the same again and finds
/// nothing may close it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(String);

impl Scope {
    /// A scope by the comparison's name and what of the book it covered, such as a day.
    pub fn new(comparison: &str, part: impl Display) -> Self {
        Self(format!("{comparison}:{part}"))
    }

    /// The stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Two books that disagree about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub code: Code,
    /// Whose book.
    pub book: Book,
    /// The id of what it is about: a movement, a payout, an event, or a currency.
    pub subject: String,
    /// The comparison that found it.
    pub scope: Scope,
    /// Ids, amounts, counts and times; never a payload.
    pub evidence: BTreeMap<String, String>,
    /// What may be lost.
    pub stake: Stake,
    /// Unix seconds.
    pub first_seen: i64,
    /// Unix seconds.
    pub last_seen: i64,
    /// Where it stands.
    pub state: State,
    /// How it came there, oldest first.
    pub history: Vec<Step>,
    /// Steps that made room for newer ones: they followed the first.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u32,
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

impl Finding {
    /// A finding seen for the first time at `now`, unix seconds.
    pub fn new(code: Code, book: &Book, subject: impl Display, scope: &Scope, now: i64) -> Self {
        Self {
            code,
            book: book.clone(),
            subject: subject.to_string(),
            scope: scope.clone(),
            evidence: BTreeMap::new(),
            stake: Stake::default(),
            first_seen: now,
            last_seen: now,
            state: State::Open,
            history: vec![Step {
                at: now,
                what: "seen".to_owned(),
                why: None,
            }],
            left_out: 0,
        }
    }

    /// Adds evidence.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.evidence.insert(name.to_owned(), value.to_string());
        self
    }

    /// Says what is at stake.
    #[must_use]
    pub fn at_stake(mut self, amount: impl Into<i128>, currency: &str) -> Self {
        self.stake = Stake::of(amount.into(), currency);
        self
    }

    /// Its identity within its book: found twice, it is one finding.
    pub fn key(&self) -> String {
        format!("{}#{}", self.code.as_str(), self.subject)
    }

    /// Takes what a later comparison found of the same thing.
    pub fn see_again(&mut self, found: Self) {
        // A label explains the money that it was put on, and no other.
        let is_labelled = self.is_labelled() && found.stake == self.stake;
        let reopened = matches!(self.state, State::Healed | State::Resolved) && !is_labelled;
        self.last_seen = self.last_seen.max(found.last_seen);
        self.evidence = found.evidence;
        self.scope = found.scope;
        // Accepted was what was at stake then.
        let grown = found.stake != self.stake && self.state == State::Accepted;
        self.stake = found.stake;
        if reopened || grown {
            self.state = State::Open;
            self.note("seen_again", found.last_seen);
        }
    }

    /// The same comparison did not find it any more.
    pub fn gone(&mut self, now: i64) {
        if self.state != State::Open {
            return;
        }
        self.state = if self.heals() > 0 {
            State::Healed
        } else {
            State::Resolved
        };
        self.note("gone", now);
    }

    /// Whether it was explained by a label: the books go on differing, and that is right.
    fn is_labelled(&self) -> bool {
        let mut steps = self.history.iter().rev();
        self.state == State::Healed && steps.any(|step| step.what.starts_with("heal:label"))
    }

    /// Whether nothing goes on about it until a person acts: it is open, something is
    /// wrong, and no heal waits to be confirmed.
    pub fn waits_for_a_person(&self) -> bool {
        let last = self.history.last();
        let is_healing = last.is_some_and(|step| step.what.starts_with("heal:"));
        self.state == State::Open && !self.code.is_information() && !is_healing
    }

    /// How often something was done about it since it was last seen to begin.
    pub fn heals(&self) -> usize {
        let began = |step: &Step| step.what == "seen" || step.what == "seen_again";
        let since = self.history.iter().rev().take_while(|step| !began(step));
        since.filter(|step| step.what.starts_with("heal:")).count()
    }

    /// Writes a step into the history. A step like the last one is no news.
    pub fn note(&mut self, what: &str, now: i64) {
        self.note_why(what, now, None);
    }

    fn note_why(&mut self, what: &str, now: i64, why: Option<&str>) {
        if self
            .history
            .last()
            .is_some_and(|last| last.what == what && !what.starts_with("heal:"))
        {
            return;
        }
        self.history.push(Step {
            at: now,
            what: what.to_owned(),
            why: why.map(str::to_owned),
        });
        self.make_room();
    }

    fn make_room(&mut self) {
        let automatic = |step: &Step| !step.is_decision();
        while self.history.iter().filter(|step| automatic(step)).count() > STEPS_MAX {
            // The first is how it began.
            let oldest = self.history.iter().skip(1).position(automatic);
            let Some(oldest) = oldest else {
                return;
            };
            self.history.remove(oldest + 1);
            self.left_out = self.left_out.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests;
