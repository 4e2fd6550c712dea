//! Spans of pulling books: one for each message, one for each pull, and one for each
//! payout that is posted, in the payout's trace.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::{ObjectKey, ObjectKind, TraceParent};
use tributary_ledger::{Book, Entry};
use tributary_telemetry::note;
use tributary_telemetry::span::{Kind, Place, Span};

use super::ports::{Missed, PullRequest};
use super::work::Message;

impl PullRequest {
    /// The trace of the pull: whoever asks for it links to it, before it is made and
    /// when it is put off.
    pub(super) fn trace(&self) -> TraceParent {
        let Self {
            book, until, since, ..
        } = self;
        let since = since.map_or(String::new(), |since| since.to_string());
        TraceParent::of_work(&format!("pull#{book}#{until}#{since}"))
    }
}

impl Missed {
    fn trace(&self) -> TraceParent {
        let Self { book, fact } = self;
        TraceParent::of_work(&format!("missed#{book}#{}#{}", fact.id, fact.sequence))
    }
}

/// The spans of a batch of messages, by message.
#[derive(Default)]
pub(super) struct Spans(BTreeMap<String, Span>);

impl Spans {
    /// Begins the span of a message.
    pub(super) fn begin(&mut self, message_id: &str, message: &Message) {
        let parent = || match message {
            Message::Event(event) => event.traceparent.clone(),
            Message::Pull(request) => request.trace(),
            Message::Missed(missed) => missed.trace(),
        };
        let mut span = Span::begin("post_ledger", Kind::Consumer, || Place::within(parent()));
        if !span.is_recorded() {
            return;
        }
        note!(span, message_id = message_id);
        match message {
            Message::Event(event) => {
                let of = &event.object;
                note!(
                    span,
                    object = of.id,
                    kind = of.kind,
                    source = event.as_of.event
                );
                if let Some(account) = &event.account {
                    note!(span, account = account);
                }
            }
            Message::Pull(request) => note!(span, book = request.book),
            Message::Missed(it) => note!(span, book = it.book, object = it.fact.id),
        }
        self.0.insert(message_id.to_owned(), span);
    }

    /// Begins the span of a pull, linked with all that asked for it.
    pub(super) fn pull(&mut self, request: &PullRequest, askers: &BTreeSet<String>) -> Span {
        let mut span = Span::begin("pull_book", Kind::Internal, || Place {
            own: request.trace(),
            parent: None,
        });
        note!(span, book = request.book, account = request.book.owner);
        for asker in askers {
            if let Some(asker) = self.0.get_mut(asker) {
                span.link_both(asker);
            }
        }
        span
    }

    /// Ends those of all messages.
    pub(super) fn end(mut self, failed: &BTreeSet<String>) {
        for (message_id, span) in &mut self.0 {
            if failed.contains(message_id) {
                span.fail();
            }
        }
    }
}

/// What was posted of payouts, each in its payout's trace.
pub(super) fn of_entries(book: &Book, request: &PullRequest, entries: &[Entry]) {
    if !Span::are_recorded() {
        return;
    }
    for entry in entries {
        if let Some(payout) = payout_of(book, entry) {
            let of = entry.transaction.as_str();
            let mut span = Span::begin("post_entry", Kind::Internal, || Place {
                own: TraceParent::of_object(&payout, of).at("post", of),
                parent: None,
            });
            note!(
                span,
                object = payout,
                account = book.owner,
                transaction = entry.transaction
            );
            span.link(Some(&request.trace()));
        }
    }
}

fn payout_of(book: &Book, entry: &Entry) -> Option<ObjectKey> {
    let source = entry.source.as_ref()?;
    let kind = source.kind.as_deref().filter(|kind| *kind == "payout")?;
    Some(ObjectKey {
        mode: book.mode,
        owner: book.owner.clone(),
        kind: ObjectKind::parse(kind).ok()?,
        id: source.id.clone(),
    })
}
