//! One span for each message, in the trace of what it is about.

use std::collections::BTreeMap;

use tributary_domain::{Arrival, TraceParent};
use tributary_pipeline::apply::{Fate, Incoming};
use tributary_telemetry::note;
use tributary_telemetry::span::{Kind, Place, Span};

/// The step whose span publishing is part of.
const APPLY: &str = "apply";

/// The spans of a batch, by message.
pub(crate) struct Spans {
    batch: Span,
    messages: BTreeMap<String, (Span, Option<TraceParent>)>,
}

impl Spans {
    pub(crate) fn new() -> Self {
        Self {
            batch: Span::of_batch("apply_event batch"),
            messages: BTreeMap::new(),
        }
    }

    /// Begins the span of a message that came with `trace`.
    pub(crate) fn begin(&mut self, incoming: &Incoming, trace: Option<&TraceParent>) {
        if !self.batch.is_recorded() {
            return;
        }
        let seen = incoming.decoded.as_ref().ok().map(trace_of);
        let mut span = Span::begin("apply_event", Kind::Consumer, || place(&seen, trace));
        span.link(trace.filter(|trace| !is_in(&seen, trace)));
        note!(span, message_id = incoming.message_id);
        let mut settled = None;
        if let Ok(arrival) = &incoming.decoded {
            let key = &arrival.facts.key;
            note!(span, event = key, source = key.id, account = key.owner);
            if let Some(object) = arrival.effect.object() {
                note!(span, object = object, kind = object.kind);
            }
            settled = seen.map(|seen| seen.at(APPLY, key.id.as_str()));
        }
        self.messages
            .insert(incoming.message_id.clone(), (span, settled));
    }

    /// Ends the span of a message, of which became what `fate` says.
    pub(crate) fn end(&mut self, message_id: &str, fate: Fate) {
        let Some((mut span, settled)) = self.messages.remove(message_id) else {
            return;
        };
        note!(span, outcome = fate.code());
        match (fate, settled) {
            // Once for each event: what is published of it is part of this span.
            (Fate::Applied, Some(settled)) => span.settle_at(|| settled),
            (Fate::Failed, _) => span.fail(),
            _ => {}
        }
        span.link_both(&mut self.batch);
    }
}

/// The trace of what an event is about.
fn trace_of(arrival: &Arrival) -> TraceParent {
    let event = arrival.facts.key.id.as_str();
    match arrival.effect.object() {
        Some(object) => TraceParent::of_object(object, event),
        None => TraceParent::of_event(event),
    }
}

fn is_in(seen: &Option<TraceParent>, trace: &TraceParent) -> bool {
    seen.as_ref()
        .is_none_or(|seen| seen.trace_id() == trace.trace_id())
}

/// Part of what sent the message, if that is the same trace; the first of its road if
/// nothing of ours sent it.
fn place(seen: &Option<TraceParent>, trace: Option<&TraceParent>) -> Place {
    match (seen, trace) {
        (_, Some(trace)) if is_in(seen, trace) => Place::within(trace.clone()),
        (seen, _) => {
            let nameless = || TraceParent::of_work("unreadable message");
            Place {
                parent: None,
                ..Place::within(seen.clone().unwrap_or_else(nameless))
            }
        }
    }
}
