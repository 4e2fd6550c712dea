//! A person's answer about a match: it settles this one, and teaches the others.

use std::collections::BTreeSet;

use tributary_ledger::Book;
use tributary_matching::{Answer, MatchKey, Verdict};

use super::{Kept, Matches, Month};
use crate::ports::SendError;
use crate::reconcile::{ControlError, Job, Jobs};

/// Times that an answer is tried again because another was given at the same moment.
const CONFLICTS_MAX: u32 = 5;

/// Why an answer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// No match has the entry: it is unmatched, or of another account.
    #[error("no match of {book} has the entry {own}: look at what waits, and at the account")]
    NoMatch {
        /// The account.
        book: Book,
        /// The entry's id.
        own: String,
    },
    /// The matches cannot be read or written.
    #[error(transparent)]
    Store(#[from] ControlError),
    /// The answer is kept; the books are matched again with the next plan only.
    #[error("the answer is kept, but the job that follows it was not sent: {0}")]
    Job(#[from] SendError),
}

/// An answer that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What it is about.
    pub kept: Kept,
    /// The month that is matched again because of it.
    pub month: Month,
    /// What the same person or another had said before.
    pub before: Option<Verdict>,
}

/// Takes an answer about the match that has an own entry, and asks for the month to be
/// matched again. The same answer may be given again.
///
/// # Errors
/// When there is no such match, or the answer was not kept.
pub async fn answer(
    matches: &impl Matches,
    jobs: &impl Jobs,
    book: &Book,
    own: &str,
    verdict: Verdict,
    now: i64,
) -> Result<Answered, AnswerError> {
    let (month, kept) = find(matches, book, own).await?;
    let key = MatchKey {
        account: book.owner.clone(),
        own: kept.matched.own.clone(),
        lines: kept.matched.lines.clone(),
    };
    let answer = Answer {
        key,
        comparison: kept.matched.comparison,
        verdict,
    };
    let before = teach(matches, book, &answer).await?;
    let job = Job::Match {
        book: book.clone(),
        months: BTreeSet::from([month]),
        cause: format!("answer-{now}"),
    };
    jobs.send(&job, 0).await?;
    Ok(Answered {
        kept,
        month,
        before,
    })
}

/// The match that has an own entry.
async fn find(
    matches: &impl Matches,
    book: &Book,
    own: &str,
) -> Result<(Month, Kept), AnswerError> {
    let months = matches.all(book).await?;
    let mut all = months
        .into_iter()
        .flat_map(|(month, kept)| kept.into_iter().map(move |kept| (month, kept)));
    all.find(|(_, kept)| kept.matched.own.iter().any(|id| id == own))
        .ok_or_else(|| AnswerError::NoMatch {
            book: book.clone(),
            own: own.to_owned(),
        })
}

/// Keeps the answer and what all of them teach with it; gives back the one before.
async fn teach(
    matches: &impl Matches,
    book: &Book,
    answer: &Answer,
) -> Result<Option<Verdict>, AnswerError> {
    for _ in 0..CONFLICTS_MAX {
        let known = matches.answers(book).await?;
        let known = known.into_iter().find(|known| known.key == answer.key);
        let before = known.as_ref().map(|known| known.verdict);
        if known.as_ref() == Some(answer) {
            return Ok(before);
        }
        let (mut lessons, revision) = matches.lessons(book.mode).await?;
        if let Some(known) = &known {
            lessons.unlearn(known);
        }
        lessons.learn(answer);
        let taught = matches
            .teach(book, answer, known.as_ref(), (&lessons, revision))
            .await;
        match taught {
            Err(ControlError::Conflict) => {}
            taught => return Ok(taught.map(|()| before)?),
        }
    }
    Err(ControlError::Conflict.into())
}
