//! SQS: standard queues, with groups or without, and FIFO queues.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::http::{Answer, parse, refused};
use crate::count::{Stage, Tally, Unit};
use crate::meter::chunks::{chunks, message_bytes};

/// Receives before a message is a dead letter, as template.yaml has it.
const RECEIVES_MAX: u32 = 5;

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The queue's handle.
    pub id: String,
    /// The body.
    pub body: String,
    /// The attributes, as they were sent.
    pub attributes: Map<String, Value>,
    /// Whether it belongs to a group.
    pub grouped: bool,
    /// How often it was received.
    pub receives: u32,
}

impl Message {
    fn bytes(&self) -> u64 {
        message_bytes(&self.body, &self.attributes)
    }
}

#[derive(Debug)]
pub(super) struct Queues {
    draw: ChaCha8Rng,
    waiting: BTreeMap<String, VecDeque<Message>>,
    /// Deduplication ids of the last five minutes.
    seen: BTreeSet<(String, String)>,
    dead: Vec<Message>,
    sent: u64,
}

impl Default for Queues {
    fn default() -> Self {
        Self {
            draw: ChaCha8Rng::seed_from_u64(0),
            waiting: BTreeMap::new(),
            seen: BTreeSet::new(),
            dead: Vec::new(),
            sent: 0,
        }
    }
}

impl Queues {
    pub(super) fn answer(&mut self, tally: &mut Tally, operation: &str, body: &[u8]) -> Answer {
        let request = match parse(body) {
            Ok(request) => request,
            Err(answer) => return answer,
        };
        let url = request
            .get("QueueUrl")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let queue = url.rsplit('/').next().unwrap_or_default().to_owned();
        match operation {
            "SendMessage" => self.send(tally, &queue, &request),
            "GetQueueAttributes" => {
                charge(tally, &queue, 0, false);
                let arn = format!("arn:aws:sqs:us-east-1:123456789012:{queue}");
                (
                    200,
                    json!({ "Attributes": { "QueueArn": arn } }).to_string(),
                )
            }
            _ => refused("com.amazonaws.sqs#UnsupportedOperation"),
        }
    }

    fn send(&mut self, tally: &mut Tally, queue: &str, request: &Value) -> Answer {
        let text = |field: &str| request.get(field).and_then(Value::as_str);
        self.sent += 1;
        let message = Message {
            id: format!("{:08}-0000-4000-8000-000000000000", self.sent),
            body: text("MessageBody").unwrap_or_default().to_owned(),
            attributes: request
                .get("MessageAttributes")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
            grouped: text("MessageGroupId").is_some(),
            receives: 0,
        };
        charge(tally, queue, message.bytes(), message.grouped);
        let answer = json!({ "MessageId": message.id });
        let seen = text("MessageDeduplicationId").filter(|_| is_fifo(queue));
        let fresh = seen.is_none_or(|id| self.seen.insert((queue.to_owned(), id.to_owned())));
        if fresh {
            self.waiting
                .entry(queue.to_owned())
                .or_default()
                .push_back(message);
        }
        (200, answer.to_string())
    }

    pub(super) fn receive(&mut self, tally: &mut Tally, queue: &str, most: usize) -> Vec<Message> {
        let waiting = self.waiting.entry(queue.to_owned()).or_default();
        if !is_fifo(queue) {
            // A standard queue hands out any of its messages.
            for place in 0..most.min(waiting.len()) {
                let other = self.draw.random_range(place..waiting.len());
                waiting.swap(place, other);
            }
        }
        let mut received: Vec<Message> = waiting.drain(..most.min(waiting.len())).collect();
        for message in &mut received {
            message.receives += 1;
        }
        if !received.is_empty() {
            let bytes = received.iter().map(Message::bytes).sum();
            let grouped = received.iter().any(|message| message.grouped);
            note(tally, "ReceiveMessage");
            charge(tally, queue, bytes, grouped);
        }
        received
    }

    pub(super) fn delete(&mut self, tally: &mut Tally, queue: &str, messages: &[Message]) {
        if !messages.is_empty() {
            note(tally, "DeleteMessageBatch");
            charge(
                tally,
                queue,
                0,
                messages.iter().any(|message| message.grouped),
            );
        }
    }

    pub(super) fn give_back(&mut self, queue: &str, messages: Vec<Message>) {
        for message in messages {
            if message.receives >= RECEIVES_MAX {
                self.dead.push(message);
            } else {
                self.waiting
                    .entry(queue.to_owned())
                    .or_default()
                    .push_back(message);
            }
        }
    }

    pub(super) fn depth(&self, queue: &str) -> usize {
        self.waiting.get(queue).map_or(0, VecDeque::len)
    }

    pub(super) fn dead_letters(&self) -> usize {
        self.dead.len()
    }

    pub(super) fn relabel(&mut self, queue: &str, attribute: &str, value: &str) {
        let value = json!({ "DataType": "String", "StringValue": value });
        for message in self.waiting.entry(queue.to_owned()).or_default() {
            message
                .attributes
                .insert(attribute.to_owned(), value.clone());
        }
    }

    pub(super) fn forget_deduplication(&mut self) {
        self.seen.clear();
    }
}

fn is_fifo(queue: &str) -> bool {
    queue.ends_with(".fifo")
}

/// What Lambda's poller asks for comes over no wire here.
fn note(tally: &mut Tally, operation: &str) {
    tally
        .requests
        .entry(operation.to_owned())
        .or_default()
        .count += 1;
}

fn charge(tally: &mut Tally, queue: &str, bytes: u64, grouped: bool) {
    let stage = if queue.contains("fetch") {
        Stage::Fetch
    } else {
        Stage::Queue
    };
    let requests = chunks(bytes);
    if is_fifo(queue) {
        tally.counts.add(stage, Unit::SqsFifoRequest, requests);
        return;
    }
    tally.counts.add(stage, Unit::SqsRequest, requests);
    if grouped {
        tally.counts.add(stage, Unit::SqsFairSurcharge, requests);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(queues: &mut Queues, tally: &mut Tally, queue: &str, extra: &Value) {
        let mut request =
            json!({ "QueueUrl": format!("https://sqs/1/{queue}"), "MessageBody": "{}" });
        for (name, value) in extra.as_object().unwrap() {
            request[name] = value.clone();
        }
        let (status, _) = queues.answer(tally, "SendMessage", request.to_string().as_bytes());
        assert_eq!(status, 200);
    }

    #[test]
    fn a_batch_of_ten_costs_two_requests_beside_the_sends() {
        let (mut queues, mut tally) = (Queues::default(), Tally::default());
        for _ in 0..10 {
            send(
                &mut queues,
                &mut tally,
                "events",
                &json!({ "MessageGroupId": "a" }),
            );
        }
        let batch = queues.receive(&mut tally, "events", 10);
        queues.delete(&mut tally, "events", &batch);
        assert_eq!(batch.len(), 10);
        assert_eq!(tally.counts.get(Stage::Queue, Unit::SqsRequest), 12);
        assert_eq!(tally.counts.get(Stage::Queue, Unit::SqsFairSurcharge), 12);
    }

    #[test]
    fn large_messages_are_charged_by_the_chunk_on_the_way_in_and_out() {
        let (mut queues, mut tally) = (Queues::default(), Tally::default());
        let body = "x".repeat(100_000);
        send(
            &mut queues,
            &mut tally,
            "events",
            &json!({ "MessageBody": body }),
        );
        let batch = queues.receive(&mut tally, "events", 10);
        queues.delete(&mut tally, "events", &batch);
        assert_eq!(tally.counts.get(Stage::Queue, Unit::SqsRequest), 2 + 2 + 1);
        assert_eq!(tally.counts.total(Unit::SqsFairSurcharge), 0);
    }

    #[test]
    fn the_fifth_receive_is_the_last() {
        let (mut queues, mut tally) = (Queues::default(), Tally::default());
        send(&mut queues, &mut tally, "events", &json!({}));
        let mut receives = 0;
        while queues.depth("events") > 0 {
            let batch = queues.receive(&mut tally, "events", 10);
            receives += batch.len();
            queues.give_back("events", batch);
        }
        assert_eq!((receives, queues.dead_letters()), (5, 1));
        assert_eq!(tally.counts.total(Unit::SqsRequest), 1 + 5);
    }

    #[test]
    fn a_fifo_queue_takes_a_message_once_in_five_minutes() {
        let (mut queues, mut tally) = (Queues::default(), Tally::default());
        let once = json!({ "MessageGroupId": "a", "MessageDeduplicationId": "evt_1" });
        send(&mut queues, &mut tally, "events.fifo", &once);
        send(&mut queues, &mut tally, "events.fifo", &once);
        assert_eq!(queues.depth("events.fifo"), 1);
        queues.forget_deduplication();
        send(&mut queues, &mut tally, "events.fifo", &once);
        assert_eq!(queues.depth("events.fifo"), 2);
        assert_eq!(tally.counts.get(Stage::Queue, Unit::SqsFifoRequest), 3);
        assert_eq!(tally.counts.total(Unit::SqsRequest), 0);
    }
}
