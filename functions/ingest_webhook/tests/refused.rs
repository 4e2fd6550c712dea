//! What the queue will never take.

mod world;

use ingest_webhook::answer::Answer;
use ingest_webhook::handler::Ingest;
use serde_json::json;
use tributary_pipeline::message::Message;
use tributary_pipeline::ports::{EventQueue, SendError};
use tributary_pipeline::secrets::SecretCache;
use tributary_testkit::Faulty;
use world::{NOW, SECRET, World, event, post, sign};

/// A queue that refuses every message for good.
struct Refusing;

impl EventQueue for Refusing {
    async fn send(&self, _: &Message) -> Result<(), SendError> {
        Err(SendError::Invalid("InvalidMessageContents".to_owned()))
    }
}

#[tokio::test]
async fn what_the_queue_refuses_for_good_is_held_as_it_came() {
    let mut long: serde_json::Value = serde_json::from_str(&event()).unwrap();
    long["data"]["object"]["description"] = json!("x".repeat(1_200_000));
    for body in [event(), long.to_string()] {
        let world = World::new();
        let ingest = Ingest {
            queue: Refusing,
            quarantine: Faulty::new(&world.queues, 1, 0),
            blobs: Faulty::new(&world.blobs, 2, 0),
            secrets: SecretCache::new(&world.secrets),
            endpoints: vec!["connect".to_owned()],
        };
        let signature = sign(&[SECRET], NOW, body.as_bytes());
        let request = post("connect", body.as_bytes(), &[&signature]);
        assert_eq!(ingest.handle(request, NOW).await, Answer::Quarantined);
        let [held] = &world.queues.quarantine()[..] else {
            panic!("not held, or more than once");
        };
        assert_eq!((held.code, held.stage), ("not_sendable", "ingest"));
        assert!(held.body == body.as_bytes(), "held otherwise than it came");
    }
}
