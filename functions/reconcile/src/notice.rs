//! What may be in the queue: jobs, the schedule's call to plan, and the bus's word
//! that Stripe failed to make events, or that a payout came back.

use std::collections::BTreeMap;

use serde::Deserialize;
use tributary_domain::change::{DomainEvent, Topic};
use tributary_domain::{Mode, Owner};
use tributary_ledger::{Book, Day};
use tributary_pipeline::reconcile::Job;

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
        Some(Self::Job(Box::new(job_of(&notice))))
    }
}

/// The lines of a payout that came back, or what a notice of missing events is about.
fn job_of(notice: &DomainEvent) -> Job {
    let owner = notice
        .account
        .clone()
        .map_or(Owner::Platform, Owner::Account);
    let mode = Mode::of(notice.livemode);
    let book = Book { mode, owner };
    if notice.topic == Topic::Payout {
        return Job::Payouts {
            book,
            day: Day::of(notice.as_of.created),
            paid_out: BTreeMap::from([(notice.object.id.clone(), vec![])]),
            round: 0,
        };
    }
    Job::Missing {
        book,
        notice: notice.as_of.event.clone(),
        at: notice.as_of.created,
        round: 0,
    }
}
