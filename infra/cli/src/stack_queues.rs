//! The queues of a stack, whichever this version has: each by its name in the template,
//! with what it is for.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use tributary_aws::operate::{QueueNow, Queues, Stack};

use crate::failure::Failure;

/// The quarantine's name in the template.
pub const QUARANTINE: &str = "QuarantineQueue";
/// How the names of dead-letter queues end in the template.
const DEAD_LETTERS: &str = "DeadLetters";

/// What a queue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A function empties it.
    Work,
    /// A person empties it: what failed too often, or never arrived.
    DeadLetters,
    /// A person empties it: authentic, but unusable.
    Quarantine,
}

impl Role {
    /// In one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::DeadLetters => "dead_letters",
            Self::Quarantine => "quarantine",
        }
    }

    fn of(logical: &str) -> Self {
        match logical {
            QUARANTINE => Self::Quarantine,
            other if other.ends_with(DEAD_LETTERS) => Self::DeadLetters,
            _ => Self::Work,
        }
    }
}

/// One queue.
#[derive(Debug, Clone)]
pub struct StackQueue {
    /// Its name in the template.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its URL.
    pub url: String,
    /// What it says of itself.
    pub now: QueueNow,
}

impl StackQueue {
    /// Its name in SQS, by which CloudWatch knows it.
    pub fn sqs_name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }

    /// Messages that wait, whether somebody looks at them just now or not.
    pub fn waiting(&self) -> u64 {
        let depth = self.now.depth;
        depth.visible.saturating_add(depth.delayed)
    }
}

/// All queues of a stack, by name.
///
/// # Errors
/// When SQS does not answer.
pub async fn all(stack: &Stack, queues: &Queues) -> Result<Vec<StackQueue>, Failure> {
    let of_stack = stack.resources.iter();
    let of_stack = of_stack.filter(|(_, resource)| resource.kind == "AWS::SQS::Queue");
    let looked_at = of_stack.map(|(name, resource)| async move {
        Ok::<_, Failure>(StackQueue {
            name: name.clone(),
            role: Role::of(name),
            url: resource.physical_id.clone(),
            now: queues.look_at(&resource.physical_id).await?,
        })
    });
    try_join_all(looked_at).await
}

/// The queue whose dead letters each dead-letter queue has, by the latter's name.
pub fn origins(all: &[StackQueue]) -> BTreeMap<&str, &StackQueue> {
    let mut origins = BTreeMap::new();
    for origin in all {
        let Some(arn) = &origin.now.dead_letters_arn else {
            continue;
        };
        for letters in all.iter().filter(|queue| &queue.now.arn == arn) {
            origins.insert(letters.name.as_str(), origin);
        }
    }
    origins
}
