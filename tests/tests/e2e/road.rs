//! A deployed stack, a simulated Stripe behind it, and eyes on both.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tributary_aws::operate::{Peeked, Queues, tap};
use tributary_aws::{Aws, DynamoStore, S3Blobs};
use tributary_demo::day::{self, Script};
use tributary_demo::drain;
use tributary_demo::post::{Answer, Sender};
use tributary_demo::stack::Stack;
use tributary_domain::{ObjectKey, Row};
use tributary_pipeline::ports::Store;
use tributary_simulator::World;
use tributary_simulator::server::{ApiConfig, ApiServer};

use crate::proxy::Proxy;

/// Longest that anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(crate) struct Road {
    pub(crate) stack: Stack,
    pub(crate) aws: Aws,
    pub(crate) sender: Sender,
    pub(crate) queues: Queues,
    pub(crate) store: DynamoStore<S3Blobs>,
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) bus_queue: String,
    pub(crate) proxy: Proxy,
    stripe: Arc<Mutex<Option<ApiServer>>>,
}

impl Road {
    /// A stack of this name.
    pub(crate) async fn open(name: &str) -> Self {
        Self::open_with(name, &[]).await
    }

    /// The same, with parameters of the template (`NAME=VALUE`).
    pub(crate) async fn open_with(name: &str, parameters: &[&str]) -> Self {
        let script = Script {
            seed: 7,
            accounts: 12,
            events: 300,
        };
        let world = Arc::new(Mutex::new(day::play(script)));
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let stripe = ApiServer::start(Arc::clone(&world), ApiConfig::default(), address).unwrap();
        let proxy = Proxy::start().await;
        let stack = Stack::up_behind(&proxy.url, name, &stripe.url(), parameters).unwrap();
        proxy.lead_to(&stack.endpoint_url);
        let aws = stack.aws().await;
        Self {
            sender: Sender::new(&stack).unwrap(),
            queues: Queues::new(&aws),
            store: stack.store(&aws).unwrap(),
            bus_queue: tap(&aws, stack.output("EventBusName").unwrap(), "e2e")
                .await
                .unwrap(),
            stripe: Arc::new(Mutex::new(Some(stripe))),
            aws,
            stack,
            world,
            proxy,
        }
    }

    pub(crate) fn close(&self) {
        self.stack.down().unwrap();
        if let Some(stripe) = self.stripe.lock().unwrap().take() {
            stripe.stop();
        }
    }

    /// Posts an event, correctly signed.
    pub(crate) async fn post(&self, endpoint: &str, event: &Value) -> Answer {
        let body = serde_json::to_vec_pretty(event).unwrap();
        let signature = self.sender.sign(endpoint, &body);
        self.sender
            .post_with(endpoint, body, Some(&signature))
            .await
    }

    /// The row of an object, as soon as it fulfils a condition.
    pub(crate) async fn row_when(&self, key: &str, condition: impl Fn(&Row) -> bool) -> Row {
        let key = ObjectKey::parse(key).unwrap();
        eventually(&key.to_string(), || async {
            let loaded = self
                .store
                .load(&[], std::slice::from_ref(&key))
                .await
                .unwrap();
            loaded.rows.get(&key).filter(|row| condition(row)).cloned()
        })
        .await
    }

    /// The content of an object, as soon as it is mirrored without doubt.
    pub(crate) async fn content(&self, key: &str) -> Value {
        let row = self
            .row_when(key, |row| row.resolve().is_some_and(|s| !s.ambiguous))
            .await;
        row.resolve().unwrap().winner.body.value()
    }

    /// Waits until all that was sent has been dealt with.
    pub(crate) async fn until_quiet(&self) {
        let drained =
            drain::until_empty(&self.stack, &self.queues, drain::MIRROR, PATIENCE, |_| ());
        drained.await.unwrap();
    }

    /// A message of a queue that fulfils a condition, as soon as there is one.
    pub(crate) async fn message_when(
        &self,
        url: &str,
        condition: impl Fn(&Peeked) -> bool,
    ) -> Peeked {
        eventually(url, || async {
            self.queues
                .peek(url)
                .await
                .unwrap()
                .into_iter()
                .find(|message| condition(message))
        })
        .await
    }
}

/// Looks again and again until there is something.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    look: impl Fn() -> F,
) -> T {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("{what} did not come about within {PATIENCE:?}");
}

/// An event about a customer of the platform.
pub(crate) fn event(id: &str, created: i64, object: &str, name: &str) -> Value {
    json!({
        "id": format!("evt_{id}"), "object": "event", "api_version": "2026-10-28.endive",
        "created": created, "livemode": true, "pending_webhooks": 1, "type": "customer.updated",
        "request": {"id": null, "idempotency_key": null},
        "data": {"object": {
            "id": format!("cus_{object}"), "object": "customer", "livemode": true, "name": name,
        }},
    })
}
