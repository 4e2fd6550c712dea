//! What may be in the queue: jobs, the schedule's call to plan, and the bus's word
//! that Stripe failed to make events.

use serde::Deserialize;
use tributary_domain::change::DomainEvent;
use tributary_domain::{Mode, Owner};
use tributary_ledger::Book;
use tributary_pipeline::reconcile::Job;

/// How far before such a notice events may be missing, seconds: as long as Stripe
/// tries to deliver one.
const BEFORE_S: i64 = 3 * 86_400;
/// How long after it Stripe may still make them up, seconds.
const AFTER_S: i64 = 3_600;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A job.
    Job(Box<Job>),
    /// Find out what is due; all of it if asked to.
    Plan {
        /// Whatever was looked at when.
        everything: bool,
    },
}

#[derive(Deserialize)]
struct Call {
    plan: String,
}

impl Notice {
    /// Reads a message; `None` if it is none of these.
    pub fn read(body: &str) -> Option<Self> {
        if let Ok(job) = serde_json::from_str::<Job>(body) {
            return Some(Self::Job(Box::new(job)));
        }
        if let Ok(call) = serde_json::from_str::<Call>(body) {
            let everything = call.plan == "everything";
            return (everything || call.plan == "due").then_some(Self::Plan { everything });
        }
        let notice: DomainEvent = serde_json::from_str(body).ok()?;
        Some(Self::Job(Box::new(window_of(&notice))))
    }
}

/// The window that a notice of missing events is about.
fn window_of(notice: &DomainEvent) -> Job {
    let owner = notice
        .account
        .clone()
        .map_or(Owner::Platform, Owner::Account);
    let mode = Mode::of(notice.livemode);
    Job::Events {
        book: Book { mode, owner },
        from: notice.as_of.created.saturating_sub(BEFORE_S),
        to: notice.as_of.created.saturating_add(AFTER_S),
        round: 0,
    }
}
