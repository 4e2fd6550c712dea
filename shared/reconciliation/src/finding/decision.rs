//! What people say of findings: a step more in the history, and never one less.

use super::{Finding, State};

/// Longest name of whoever decides, in characters.
const BY_MAX: usize = 64;
/// Longest reason, in characters.
const WHY_MAX: usize = 200;

/// Who decides, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    by: String,
    why: String,
}

/// A decision that nobody could make sense of later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} has to be of 1 to {max} printable characters")]
pub struct NoDecision {
    what: &'static str,
    max: usize,
}

fn check(what: &'static str, text: &str, max: usize) -> Result<String, NoDecision> {
    let text = text.trim();
    let is_plain = !text.is_empty() && !text.chars().any(char::is_control);
    match is_plain && text.chars().count() <= max {
        true => Ok(text.to_owned()),
        false => Err(NoDecision { what, max }),
    }
}

impl Decision {
    /// A decision of somebody.
    ///
    /// # Errors
    /// When a text is empty, too long, or holds control characters.
    pub fn new(by: &str, why: &str) -> Result<Self, NoDecision> {
        Ok(Self {
            by: check("who decides", by, BY_MAX)?,
            why: check("the reason", why, WHY_MAX)?,
        })
    }
}

impl Finding {
    /// It is right as it is, until the money changes. Answers whether that is new.
    pub fn accept(&mut self, decision: &Decision, now: i64) -> bool {
        self.become_by(State::Accepted, decision, now)
    }

    /// Somebody has seen to it; a comparison that finds it again opens it again. Answers
    /// whether that is new.
    pub fn resolve(&mut self, decision: &Decision, now: i64) -> bool {
        self.become_by(State::Resolved, decision, now)
    }

    /// It was no good decision: the books disagree. Answers whether that is new.
    pub fn reopen(&mut self, decision: &Decision, now: i64) -> bool {
        self.become_by(State::Open, decision, now)
    }

    fn become_by(&mut self, state: State, decision: &Decision, now: i64) -> bool {
        if self.state == state {
            return false;
        }
        let what = match state {
            State::Open => "reopened",
            State::Accepted => "accepted",
            State::Healed | State::Resolved => "resolved",
        };
        self.state = state;
        self.note_why(&format!("{what}:{}", decision.by), now, Some(&decision.why));
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tributary_domain::{Mode, Owner};
    use tributary_ledger::Book;

    use super::*;
    use crate::finding::{Code, Scope};

    fn finding() -> Finding {
        let book = Book {
            mode: Mode::Test,
            owner: Owner::Platform,
        };
        let scope = Scope::new("holdings", "payouts");
        Finding::new(Code::PayoutStuck, &book, "po_1", &scope, 10).at_stake(7, "usd")
    }

    fn anna() -> Decision {
        Decision::new(" anna ", "the bank is on strike").unwrap()
    }

    #[test]
    fn decisions_are_steps_and_can_be_taken_back() {
        let mut one = finding();
        assert!(one.accept(&anna(), 20));
        assert!(!one.accept(&anna(), 21), "it is accepted");
        assert!(one.reopen(&anna(), 30));
        assert!(one.resolve(&anna(), 40));
        let steps: Vec<_> = one.history.iter().map(|it| it.what.as_str()).collect();
        let expected = ["seen", "accepted:anna", "reopened:anna", "resolved:anna"];
        assert_eq!(steps, expected);
        let why = one.history.last().unwrap().why.as_deref();
        assert_eq!(why, Some("the bank is on strike"));
        one.see_again(finding());
        assert_eq!(one.state, State::Open, "resolved and found again");
    }

    #[test]
    fn nobody_decides_without_a_name_and_a_reason() {
        for (by, why) in [("", "why"), ("anna", " "), ("a\u{1b}[2J", "why")] {
            assert!(Decision::new(by, why).is_err(), "{by:?} {why:?}");
        }
        let long = "x".repeat(201);
        assert!(Decision::new("anna", &long).is_err());
        assert!(Decision::new("anna", &long[1..]).is_ok());
    }
}
