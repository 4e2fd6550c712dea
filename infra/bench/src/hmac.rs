//! The least that an event can cost: the HMAC-SHA256 that proves who sent it.

use std::hint::black_box;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::event::SECRET;
use crate::proc::Cpu;

/// CPU time to spend.
const CPU_MIN: Duration = Duration::from_secs(1);
/// HMACs between two looks at the clock.
const ROUND: u32 = 1_000;
/// Rounds at most, however quick the machine.
const ROUNDS_MAX: u32 = 10_000;

/// CPU time of one HMAC of what Stripe signs for `body`, by the clock that ingest is
/// measured with: user and system time of this process, which does nothing else
/// meanwhile.
pub fn cpu(body: &[u8]) -> Duration {
    let start = Cpu::of_this_process();
    let mut rounds = 0;
    let mut spent = Duration::ZERO;
    while spent < CPU_MIN && rounds < ROUNDS_MAX {
        for _ in 0..ROUND {
            black_box(digest(black_box(body)));
        }
        rounds += 1;
        spent = Cpu::of_this_process().saturating_sub(start);
    }
    spent / (rounds * ROUND)
}

fn digest(body: &[u8]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).ok()?;
    mac.update(b"1763800000.");
    mac.update(body);
    Some(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tributary_stripe::{Secret, signature};

    #[test]
    fn it_is_the_digest_that_stripe_sends() {
        let body = br#"{"id":"evt_1"}"#;
        let header = signature::sign(body, &Secret::new(SECRET).unwrap(), 1_763_800_000);
        let hex: String = digest(body)
            .unwrap()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert!(header.ends_with(&hex), "{header}");
    }
}
