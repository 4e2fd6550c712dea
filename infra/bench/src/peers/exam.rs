//! Whether a peer does the same work: the same answers to the same requests, and the
//! same messages in the queue.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::endpoint::{Arrived, Endpoint, Message};
use super::sample::Sample;
use crate::error::BenchError;
use crate::function::{Function, Program};

/// What the caller of a webhook sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The HTTP status.
    pub status: i64,
    /// The body.
    pub body: String,
    /// The header that says what the body is.
    pub content_type: String,
}

impl Answer {
    /// Reads what a function answered Lambda.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn read(bytes: &[u8]) -> Result<Self, BenchError> {
        let json: Value = serde_json::from_slice(bytes)?;
        let text = |pointer: &str| {
            let value = json.pointer(pointer).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        Ok(Self {
            status: json
                .get("statusCode")
                .and_then(Value::as_i64)
                .unwrap_or_default(),
            body: text("/body"),
            content_type: text("/headers/content-type"),
        })
    }

    /// Whether the event is in the queue.
    pub fn is_queued(&self) -> bool {
        self.status == 200 && self.body == r#"{"result":"queued"}"#
    }
}

/// What one program made of one request of every kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// The answer and the messages, by kind of request.
    by_kind: BTreeMap<&'static str, (Answer, Vec<Message>)>,
    /// Requests to AWS during the start.
    init: BTreeMap<String, u64>,
}

impl Marks {
    /// The kinds of request that were answered as queued, with one message each.
    pub fn queued(&self) -> impl Iterator<Item = &'static str> {
        let is_queued =
            |(answer, messages): &(Answer, Vec<Message>)| messages.len() == 1 && answer.is_queued();
        let kinds = self.by_kind.iter();
        kinds.filter_map(move |(kind, marks)| is_queued(marks).then_some(*kind))
    }

    /// Where it differs from `other`, in words; nowhere if empty.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.init != other.init {
            found.push(format!("init: {:?}, not {:?}", other.init, self.init));
        }
        for (kind, (answer, messages)) in &self.by_kind {
            let Some((other_answer, other_messages)) = other.by_kind.get(kind) else {
                found.push(format!("{kind}: not asked"));
                continue;
            };
            if answer != other_answer {
                found.push(format!("{kind}: {other_answer:?}, not {answer:?}"));
            }
            if messages != other_messages {
                found.push(format!("{kind}: {}", unlike(messages, other_messages)));
            }
        }
        found
    }
}

/// How two lists of messages differ, without their long bodies.
pub fn unlike(ours: &[Message], theirs: &[Message]) -> String {
    if ours.len() != theirs.len() {
        return format!("{} messages, not {}", theirs.len(), ours.len());
    }
    for (one, other) in ours.iter().zip(theirs) {
        if one.body != other.body {
            return "another body".to_owned();
        }
        if one != other {
            let theirs = (&other.group, &other.attributes);
            return format!("{theirs:?}, not {:?}", (&one.group, &one.attributes));
        }
    }
    "no difference".to_owned()
}

/// Starts a program and sends it one request of every kind.
///
/// # Errors
/// When it does not start or does not answer.
pub async fn sit(
    program: &Program,
    sample: &Sample,
    endpoint: &Endpoint,
) -> Result<Marks, BenchError> {
    endpoint.take();
    let (mut function, _) = Function::start(program).await?;
    let Arrived { requests: init, .. } = endpoint.take();
    let mut by_kind = BTreeMap::new();
    for (kind, invocation) in sample.of_every_kind() {
        let answer = Answer::read(&function.invoke(invocation).await?)?;
        by_kind.insert(kind, (answer, endpoint.take().messages));
    }
    function.stop().await?;
    Ok(Marks { by_kind, init })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str, group: &str) -> Message {
        Message {
            queue: "events".to_owned(),
            body: body.to_owned(),
            group: Some(group.to_owned()),
            attributes: BTreeMap::new(),
        }
    }

    fn marks(status: i64, messages: Vec<Message>) -> Marks {
        let answer = Answer {
            status,
            body: String::new(),
            content_type: String::new(),
        };
        Marks {
            by_kind: BTreeMap::from([("charge", (answer, messages))]),
            init: BTreeMap::new(),
        }
    }

    #[test]
    fn whatever_differs_is_found() {
        let ours = marks(200, vec![message("a", "live:acct_1")]);
        assert_eq!(ours.differences(&ours.clone()), Vec::<String>::new());
        for (other, why) in [
            (marks(400, vec![message("a", "live:acct_1")]), "status"),
            (marks(200, vec![message("b", "live:acct_1")]), "body"),
            (marks(200, vec![message("a", "live:acct_2")]), "group"),
            (marks(200, Vec::new()), "no message"),
            (Marks::default(), "not asked"),
        ] {
            assert_eq!(ours.differences(&other).len(), 1, "{why}");
        }
    }

    #[test]
    fn an_answer_is_read_as_the_caller_sees_it() {
        let answer = br#"{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{\"result\":\"queued\"}","cookies":[]}"#;
        assert!(Answer::read(answer).unwrap().is_queued());
        assert!(!Answer::read(br#"{"statusCode":200}"#).unwrap().is_queued());
    }
}
