//! One span for each event that is published.

use tributary_domain::change::DomainEvent;
use tributary_telemetry::note;
use tributary_telemetry::span::{Kind, Place, Span};

/// The step of a trace in which an event of Stripe's is applied.
const APPLY: &str = "apply";

/// The spans of a batch, by the position of the step.
pub(super) struct Spans {
    batch: Span,
    events: Vec<(usize, Span)>,
}

impl Spans {
    pub(super) fn new() -> Self {
        Self {
            batch: Span::of_batch("publish_changes batch"),
            events: Vec::new(),
        }
    }

    /// Begins the span that consumers of the event will be part of. It is itself part
    /// of applying the event of Stripe's that made the change.
    pub(super) fn begin(&mut self, position: usize, event: &DomainEvent) {
        if !self.batch.is_recorded() {
            return;
        }
        let source = event.as_of.event.as_str();
        let mut span = Span::begin("publish_changes", Kind::Consumer, || Place {
            own: event.traceparent.clone(),
            parent: Some(event.traceparent.at(APPLY, source)),
        });
        note!(
            span,
            object = event.object.id,
            kind = event.object.kind,
            source = event.as_of.event,
            record = event.id.as_str(),
        );
        if let Some(account) = &event.account {
            note!(span, account = account);
        }
        span.link_both(&mut self.batch);
        self.events.push((position, span));
    }

    /// Ends them all.
    pub(super) fn end(mut self, failed: &[usize]) {
        for (position, span) in &mut self.events {
            if failed.contains(position) {
                span.fail();
            }
        }
    }
}
