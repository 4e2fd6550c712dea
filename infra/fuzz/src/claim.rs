//! The claim check: the pointer to a body in the bucket.

use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use tributary_domain::Fingerprint;
use tributary_pipeline::carriage::{Carried, carry, redeem};
use tributary_pipeline::message::fits_a_queue;
use tributary_pipeline::ports::{Blobs, SendError};

use crate::two_parts;

const PREFIX: &str = "claims";

/// A bucket that gives the same body for every key, as if an attacker had filled it.
struct Bucket<'a> {
    body: &'a [u8],
    keys: Mutex<Vec<String>>,
}

impl<'a> Bucket<'a> {
    fn holding(body: &'a [u8]) -> Self {
        Self {
            body,
            keys: Mutex::default(),
        }
    }

    fn keys(&self) -> Vec<String> {
        self.keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn note(&self, key: &str) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.push(key.to_owned());
    }
}

impl Blobs for Bucket<'_> {
    async fn put(&self, key: &str, _body: &[u8]) -> Result<(), SendError> {
        self.note(key);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, SendError> {
        self.note(key);
        Ok(self.body.to_vec())
    }
}

/// The first line is the pointer, the rest what the bucket holds. `{h}` in the
/// pointer stands for the hash of that, `{n}` for its length.
///
/// # Panics
/// Where a pointer leads outside its prefix or to another body.
pub fn claim(data: &[u8]) -> &'static str {
    comes_back(data);
    let (pointer, body) = two_parts(data);
    let hash = Fingerprint::of([body]);
    let pointer = String::from_utf8_lossy(pointer)
        .replace("{h}", hash.as_str())
        .replace("{n}", &body.len().to_string());
    let bucket = Bucket::holding(body);
    let redeemed = now(redeem(&bucket, PREFIX, &pointer));
    for key in bucket.keys() {
        assert!(is_below_prefix(&key), "read outside of the prefix: {key:?}");
    }
    let other = [body, b"!".as_slice()].concat();
    let wrong = now(redeem(&Bucket::holding(&other), PREFIX, &pointer));
    assert!(
        matches!(wrong, Err(SendError::Invalid(_))),
        "another body was taken"
    );
    match redeemed {
        Ok(got) => {
            assert_eq!(got, body);
            assert!(pointer.contains(hash.as_str()));
            "redeemed"
        }
        Err(SendError::Transient(error)) => unreachable!("{error}"),
        Err(SendError::Invalid(_)) if bucket.keys().is_empty() => "refused unread",
        Err(SendError::Invalid(_)) => "refused as another body",
    }
}

/// What is carried is redeemed whole, under its own prefix only.
fn comes_back(body: &[u8]) {
    let bucket = Bucket::holding(body);
    let Ok(carried) = now(carry(&bucket, PREFIX, body)) else {
        unreachable!("the bucket takes everything")
    };
    let pointer = match carried {
        Carried::Inline(text) => {
            assert_eq!(text.as_bytes(), body);
            assert!(fits_a_queue(&text) && bucket.keys().is_empty());
            return;
        }
        Carried::Claim(pointer) => pointer,
    };
    assert!(fits_a_queue(&pointer));
    assert!(bucket.keys().iter().all(|key| is_below_prefix(key)));
    let redeemed = now(redeem(&bucket, PREFIX, &pointer));
    assert!(redeemed.is_ok_and(|redeemed| redeemed == body));
    let elsewhere = Bucket::holding(body);
    assert!(now(redeem(&elsewhere, "bodies", &pointer)).is_err());
    assert!(elsewhere.keys().is_empty());
}

fn is_below_prefix(key: &str) -> bool {
    key.split_once('/').is_some_and(|(prefix, name)| {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        prefix == PREFIX && name.len() == 32 && name.bytes().all(hex)
    })
}

/// The ports here never wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    future
        .now_or_never()
        .unwrap_or_else(|| unreachable!("a port waits"))
}
