//! The functions of the pipeline, as Lambda runs them: the real handlers, with the
//! simulated ports, and what the platform around them does.

use std::sync::Arc;

use apply_event::handler::Apply;
use ingest_webhook::answer::Answer;
use ingest_webhook::handler::Ingest;
use ingest_webhook::request::Request;
use tributary_domain::{FetchRequest, TraceParent};
use tributary_pipeline::accept::CLAIMS;
use tributary_pipeline::apply::{Fate, Fates};
use tributary_pipeline::carriage::{Carried, carry};
use tributary_pipeline::message::{Delivered, Kind, Message, group};
use tributary_pipeline::ports::{EventQueue, SendError};
use tributary_pipeline::publish::publish;
use tributary_pipeline::secrets::SecretCache;
use tributary_stripe::{fetched_message, normalize, resource};
use tributary_testkit::queue::{Handle, Received};

use crate::chance::Fault;
use crate::mail::{ENDPOINTS, Mail};
use crate::ports::{NEXT_KIND, Port};
use crate::world::{Letter, Observation, World};

/// An environment of ingest.
pub(crate) type Environment = Ingest<Port, Port, Port, Port>;

/// What a function came to.
pub(crate) enum Done {
    /// A webhook was answered; `None` if the answer was lost.
    Answered(Mail, Option<Answer>),
    /// A batch or a fetch or some steps were worked off.
    Worked,
}

/// A new environment: it knows no secrets yet.
pub(crate) fn environment(port: &Port) -> Arc<Environment> {
    Arc::new(Ingest {
        queue: port.clone(),
        quarantine: port.clone(),
        blobs: port.clone(),
        secrets: SecretCache::new(port.clone()),
        endpoints: ENDPOINTS.map(str::to_owned).to_vec(),
    })
}

/// Answers a webhook; in a new environment, after INIT.
pub(crate) async fn ingest(
    world: Arc<World>,
    environment: Arc<Environment>,
    is_new: bool,
    mail: Mail,
    request: Request,
) -> Done {
    if is_new {
        environment.learn_secrets(world.clock.host_now()).await;
    }
    let answer = environment.handle(request, world.clock.host_now()).await;
    world.turns.wait("answer").await;
    let is_lost = world.chance.fault(world.fault_rate()) != Fault::None;
    Done::Answered(mail, (!is_lost).then_some(answer))
}

/// Applies a batch and deletes what does not have to come again.
pub(crate) async fn apply(port: Port, batch: Vec<Received<Arc<Letter>>>) -> Done {
    let apply = Apply {
        store: port.clone(),
        fetches: port.clone(),
        quarantine: port.clone(),
        blobs: port.clone(),
    };
    let handles: Vec<Handle> = batch.iter().map(|received| received.handle).collect();
    let messages: Vec<Delivered> = batch
        .into_iter()
        .enumerate()
        .map(|(place, received)| delivered(&port, place, &received.payload))
        .collect();
    let world = &port.world;
    let fates = apply.apply(messages, world.clock.host_now()).await;
    world.turns.wait("events.delete").await;
    acknowledge(world, &handles, &fates);
    Done::Worked
}

fn delivered(port: &Port, place: usize, letter: &Letter) -> Delivered {
    Delivered {
        message_id: place.to_string(),
        kind: match letter.kind {
            None => Some(Kind::EventBridge),
            Some(NEXT_KIND) if port.is_next => Some(Kind::Event),
            Some(kind) => Kind::parse(kind),
        },
        body: letter.body.clone(),
        trace: None,
    }
}

/// Lambda deletes what was not named as failed.
fn acknowledge(world: &World, handles: &[Handle], fates: &Fates) {
    let now = world.clock.now();
    let mut shared = world.lock();
    if fates.len() != handles.len() {
        let (told, sent) = (fates.len(), handles.len());
        shared
            .broken
            .get_or_insert_with(|| format!("{told} fates for {sent} messages"));
    }
    for (message_id, fate) in fates {
        let place: Option<usize> = message_id.parse().ok();
        let Some(&handle) = place.and_then(|place| handles.get(place)) else {
            continue;
        };
        match fate {
            Fate::Failed => continue,
            Fate::Duplicate | Fate::OtherRendering => shared.counts.duplicates += 1,
            Fate::Applied | Fate::OtherBody | Fate::Quarantined => {}
        }
        // A replica that missed the deletion shows the message again.
        if world.chance.per_mille(shared.weather.twice) {
            shared.events.show(handle, now);
        } else {
            shared.events.delete(handle);
        }
    }
}

/// Serves one fetch, as `fetch_object` does, from what is true at Stripe.
pub(crate) async fn fetch(port: Port, received: Received<Arc<FetchRequest>>) -> Done {
    let served = serve(&port, &received.payload).await;
    let world = &port.world;
    world.turns.wait("fetches.delete").await;
    if served.is_ok() {
        world.lock().fetches.delete(received.handle);
    }
    Done::Worked
}

async fn serve(port: &Port, request: &FetchRequest) -> Result<(), SendError> {
    if resource::request_path(request).is_none() {
        return Ok(());
    }
    let world = &port.world;
    world.turns.wait("stripe.get").await;
    let observed_at = world.clock.now();
    world.turns.wait("stripe.get").await;
    if world.chance.fault(world.fault_rate()) != Fault::None {
        return Err(SendError::Transient("injected".to_owned()));
    }
    let found = look(world, request, observed_at);
    world.trace.detail(|| {
        let is = found.as_ref().map_or("nothing", |found| &found.body);
        format!("{} because of {} is {is}", request.object, request.cause)
    });
    let Some(observation) = found else {
        return Ok(());
    };
    let carried = carry(port, CLAIMS, observation.message.as_bytes()).await?;
    let (kind, body) = match carried {
        Carried::Inline(text) => (Kind::Fetched, text),
        Carried::Claim(pointer) => (Kind::FetchedClaim, pointer),
    };
    {
        let mut shared = world.lock();
        shared.counts.fetches += 1;
        shared.observations.push(Observation {
            message: body.clone(),
            ..observation
        });
    }
    let message = Message {
        kind,
        body,
        group: group(request.object.mode, &request.object.owner),
        endpoint: None,
        trace: TraceParent::of_event(&request.cause),
    };
    port.send(&message).await
}

/// What Stripe's API shows now; `None` for what is gone without a trace.
fn look(world: &World, request: &FetchRequest, at: i64) -> Option<Observation> {
    let number = world.history.thing(&request.object.to_string())?;
    let thing = world.history.things.get(number)?;
    let state = world.lock().truth.get(number).copied().flatten();
    let (wire, body) = match state {
        Some(state) => (
            thing.shape.wire(&thing.fixed, state),
            thing.shape.canonical(&thing.fixed, state),
        ),
        None if thing.shape.kind == "customer" => {
            let id = &thing.fixed.id;
            let body = format!(r#"{{"deleted":true,"id":"{id}","object":"customer"}}"#);
            (body.clone(), body)
        }
        None => return None,
    };
    Some(Observation {
        thing: number,
        at,
        body,
        is_deleted: state.is_none(),
        message: fetched_message(request, at, &wire),
    })
}

/// Publishes steps of one shard, the first of them at `start`.
pub(crate) async fn announce(
    port: Port,
    shard: usize,
    start: usize,
    steps: Vec<tributary_domain::change::RowChange>,
) -> Done {
    let report = publish(&port, &port, &steps, normalize::state).await;
    port.world.turns.wait("stream.checkpoint").await;
    // Lambda goes on with the first record that was named, and all after it.
    let done = report.failed.first().copied().unwrap_or(steps.len());
    port.world.lock().feed.finish(shard, start + done);
    Done::Worked
}
