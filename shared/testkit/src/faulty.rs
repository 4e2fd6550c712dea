//! Ports that fail by seed: before the effect, or after it, the answer lost.

use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tributary_domain::{EventKey, FetchRequest, Fingerprint, ObjectKey, Row};
use tributary_pacing::{ControlStore, StoreDown, Stored, WriteError};
use tributary_pipeline::message::{Message, Quarantined};
use tributary_pipeline::ports::{
    Blobs, EventQueue, FetchQueue, Loaded, Quarantine, SendError, Store, StoreError,
};
use tributary_pipeline::receipt::Receipt;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Before,
    After,
}

/// A port whose calls fail now and then.
#[derive(Debug)]
pub struct Faulty<'a, P> {
    port: &'a P,
    per_mille: u32,
    rng: Mutex<ChaCha8Rng>,
}

impl<'a, P> Faulty<'a, P> {
    /// Of a thousand calls, `per_mille` fail; half of them after their effect.
    pub fn new(port: &'a P, seed: u64, per_mille: u32) -> Self {
        Self {
            port,
            per_mille,
            rng: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
        }
    }

    /// Of a thousand calls, how many fail.
    pub fn per_mille(&self) -> u32 {
        self.per_mille
    }

    fn fault(&self) -> Fault {
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        if rng.random_range(0..1000) >= self.per_mille {
            return Fault::None;
        }
        if rng.random_bool(0.5) {
            Fault::Before
        } else {
            Fault::After
        }
    }
}

fn store_down() -> StoreError {
    StoreError::Transient("injected".to_owned())
}

fn send_down() -> SendError {
    SendError::Transient("injected".to_owned())
}

fn control_down() -> StoreDown {
    StoreDown("injected".to_owned())
}

/// Runs a call with one fault drawn for it.
macro_rules! with_fault {
    ($self:ident, $down:expr, $call:expr) => {
        match $self.fault() {
            Fault::Before => Err($down),
            Fault::None => $call.await,
            Fault::After => {
                let _ = $call.await;
                Err($down)
            }
        }
    };
}

impl<P: Store> Store for Faulty<'_, P> {
    async fn load(&self, events: &[EventKey], objects: &[ObjectKey]) -> Result<Loaded, StoreError> {
        with_fault!(self, store_down(), self.port.load(events, objects))
    }

    async fn write_row(
        &self,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> Result<(), StoreError> {
        with_fault!(self, store_down(), self.port.write_row(key, row, expected))
    }

    async fn write_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        with_fault!(self, store_down(), self.port.write_receipt(receipt))
    }
}

impl<P: ControlStore> ControlStore for Faulty<'_, P> {
    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Stored>, StoreDown>> {
        async move { with_fault!(self, control_down(), self.port.load(key)) }.boxed()
    }

    fn replace<'a>(
        &'a self,
        key: &'a str,
        text: &'a str,
        seen: Option<u64>,
    ) -> BoxFuture<'a, Result<(), WriteError>> {
        async move {
            let down = WriteError::Down(control_down());
            with_fault!(self, down, self.port.replace(key, text, seen))
        }
        .boxed()
    }
}

impl<P: EventQueue> EventQueue for Faulty<'_, P> {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        with_fault!(self, send_down(), self.port.send(message))
    }
}

impl<P: FetchQueue> FetchQueue for Faulty<'_, P> {
    async fn request(&self, request: &FetchRequest, delay_s: u16) -> Result<(), SendError> {
        with_fault!(self, send_down(), self.port.request(request, delay_s))
    }
}

impl<P: Quarantine> Quarantine for Faulty<'_, P> {
    async fn hold(&self, held: &Quarantined) -> Result<(), SendError> {
        with_fault!(self, send_down(), self.port.hold(held))
    }
}

impl<P: Blobs> Blobs for Faulty<'_, P> {
    async fn put(&self, key: &str, body: &[u8]) -> Result<(), SendError> {
        with_fault!(self, send_down(), self.port.put(key, body))
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, SendError> {
        with_fault!(self, send_down(), self.port.get(key))
    }
}
