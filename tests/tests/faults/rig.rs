//! Ports whose calls go wrong on cue.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tributary_domain::{EventKey, FetchRequest, Fingerprint, ObjectKey, Row};
use tributary_pipeline::message::{Message, Quarantined};
use tributary_pipeline::ports::{
    Blobs, EventQueue, FetchQueue, Loaded, Quarantine, SendError, Store, StoreError,
};
use tributary_pipeline::receipt::Receipt;

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Nothing, after that time.
    Slow(Duration),
    /// It fails, and nothing happened.
    Refused,
    /// It happened, and the answer is lost.
    Lost,
    /// The caller dies before it happens: no answer ever comes.
    DiesBefore,
    /// The caller dies after it happened.
    DiesAfter,
    /// The caller meets a bug.
    Panics,
}

/// One call, by operation and subject, such as `write_row live#platform#charge#ch_1`.
pub(crate) type Rule<'a> = &'a (dyn Fn(&str) -> Fault + Sync);

/// Nothing goes wrong.
pub(crate) fn sound(_: &str) -> Fault {
    Fault::None
}

/// A port behind a rule.
pub(crate) struct Rigged<'a, P> {
    port: &'a P,
    rule: Rule<'a>,
}

impl<'a, P> Rigged<'a, P> {
    pub(crate) fn new(port: &'a P, rule: Rule<'a>) -> Self {
        Self { port, rule }
    }
}

/// Runs one call as the rule has it.
macro_rules! rigged {
    ($self:ident, $name:expr, $down:expr, $call:expr) => {{
        match ($self.rule)(AsRef::<str>::as_ref(&$name)) {
            Fault::None => $call.await,
            Fault::Slow(time) => {
                tokio::time::sleep(time).await;
                $call.await
            }
            Fault::Refused => Err($down),
            Fault::Lost => {
                let _ = $call.await;
                Err($down)
            }
            Fault::DiesBefore => std::future::pending().await,
            Fault::DiesAfter => {
                let _ = $call.await;
                std::future::pending().await
            }
            Fault::Panics => panic!("a bug at {}", $name),
        }
    }};
}

fn store_down() -> StoreError {
    StoreError::Transient("injected".to_owned())
}

fn send_down() -> SendError {
    SendError::Transient("injected".to_owned())
}

impl<P: Store> Store for Rigged<'_, P> {
    async fn load(&self, events: &[EventKey], objects: &[ObjectKey]) -> Result<Loaded, StoreError> {
        rigged!(self, "load", store_down(), self.port.load(events, objects))
    }

    async fn write_row(
        &self,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> Result<(), StoreError> {
        let name = format!("write_row {key}");
        rigged!(
            self,
            name,
            store_down(),
            self.port.write_row(key, row, expected)
        )
    }

    async fn write_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        let name = format!("write_receipt {}", receipt.facts.key);
        rigged!(self, name, store_down(), self.port.write_receipt(receipt))
    }
}

impl<P: EventQueue> EventQueue for Rigged<'_, P> {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        let name = format!("send {}", message.group);
        rigged!(self, name, send_down(), self.port.send(message))
    }
}

impl<P: FetchQueue> FetchQueue for Rigged<'_, P> {
    async fn request(&self, request: &FetchRequest, delay_s: u16) -> Result<(), SendError> {
        let name = format!("request {}", request.object);
        rigged!(self, name, send_down(), self.port.request(request, delay_s))
    }
}

impl<P: Quarantine> Quarantine for Rigged<'_, P> {
    async fn hold(&self, held: &Quarantined) -> Result<(), SendError> {
        let name = format!("hold {}", held.code);
        rigged!(self, name, send_down(), self.port.hold(held))
    }
}

impl<P: Blobs> Blobs for Rigged<'_, P> {
    async fn put(&self, key: &str, body: &[u8]) -> Result<(), SendError> {
        rigged!(
            self,
            format!("put {key}"),
            send_down(),
            self.port.put(key, body)
        )
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, SendError> {
        rigged!(self, format!("get {key}"), send_down(), self.port.get(key))
    }
}

/// When, within a call, a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// The call does not happen.
    Before,
    /// It happens, and nobody hears of it.
    After,
}

/// Kills a process at one of its calls: it and all later ones get no answer, and
/// whoever waits for [`Death::came`] drops what ran.
pub(crate) struct Death {
    at: usize,
    when: When,
    calls: AtomicUsize,
    died: Notify,
}

impl Death {
    /// At the call with that number, from zero.
    pub(crate) fn at(at: usize, when: When) -> Self {
        Self {
            at,
            when,
            calls: AtomicUsize::new(0),
            died: Notify::new(),
        }
    }

    /// What becomes of the next call.
    pub(crate) fn fault(&self) -> Fault {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        if call < self.at {
            return Fault::None;
        }
        self.died.notify_one();
        match self.when {
            When::After if call == self.at => Fault::DiesAfter,
            _ => Fault::DiesBefore,
        }
    }

    /// Runs a process until it is done, or dead: then there is nothing.
    pub(crate) async fn or<T>(&self, process: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = process => Some(done),
            () = self.died.notified() => None,
        }
    }
}
