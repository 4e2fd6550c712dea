//! The `Stripe-Signature` header.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tributary_stripe::signature::sign;
use tributary_stripe::{Secret, SignatureError, verify};

use crate::two_parts;

/// The verifier's clock, unix seconds.
const NOW: i64 = 1_763_800_000;
const OURS: [&str; 2] = ["whsec_ours", "whsec_ours_rolled"];
const FOREIGN: &str = "whsec_of_somebody_else";
/// Separates the values of a header that came more than once.
const SEPARATOR: char = '\u{1e}';

/// The first line is the header, the rest the body. `{0}` and `{1}` stand for the
/// signature of the body under our secrets, `{x}` under another: no mutation would
/// ever find one.
///
/// # Panics
/// Where `verify` and the rules disagree.
pub fn signature_header(data: &[u8]) -> &'static str {
    let (header, body) = two_parts(data);
    let header = String::from_utf8_lossy(header);
    let values: Vec<String> = header
        .split(SEPARATOR)
        .map(|value| signed(value, body))
        .collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let ours = OURS.map(secret);
    let verdict = verify(&values, body, &ours, NOW);
    assert_eq!(verdict.is_ok(), is_authentic(&values, body), "{verdict:?}");
    match verdict {
        Err(error) => error.code(),
        Ok(()) => {
            holds_only_here(&values, body, &ours);
            "accepted"
        }
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap_or_else(|_| unreachable!())
}

/// What was accepted holds for these bytes, these secrets and this time only.
fn holds_only_here(values: &[&str], body: &[u8], ours: &[Secret]) {
    let mut longer = body.to_vec();
    longer.push(b' ');
    let far_s = 10_000_000_000;
    for (outcome, refusal) in [
        (verify(values, &longer, ours, NOW), SignatureError::Mismatch),
        (
            verify(values, body, &[secret("whsec_unused")], NOW),
            SignatureError::Mismatch,
        ),
        (verify(values, body, &[], NOW), SignatureError::Mismatch),
        (
            verify(values, body, ours, NOW + far_s),
            SignatureError::TooOld,
        ),
        (
            verify(values, body, ours, NOW - far_s),
            SignatureError::TooNew,
        ),
        (
            verify(&[values, values].concat(), body, ours, NOW),
            SignatureError::HeaderRepeated,
        ),
    ] {
        assert_eq!(outcome, Err(refusal));
    }
    let ours_alone = [secret(OURS[0])];
    let own = sign(body, &ours_alone[0], NOW);
    assert_eq!(verify(&[&own], body, &ours_alone, NOW), Ok(()));
}

fn signed(value: &str, body: &[u8]) -> String {
    let timestamp = elements(value)
        .into_iter()
        .flatten()
        .find(|(scheme, _)| *scheme == "t");
    let timestamp = timestamp.map_or("", |(_, timestamp)| timestamp);
    [("{0}", OURS[0]), ("{1}", OURS[1]), ("{x}", FOREIGN)]
        .iter()
        .fold(value.to_owned(), |value, (place, secret)| {
            value.replace(place, &digest(secret, timestamp, body))
        })
}

fn digest(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| unreachable!());
    mac.update(&[timestamp.as_bytes(), b".", body].concat());
    hex::encode(mac.finalize().into_bytes())
}

fn elements(value: &str) -> Option<Vec<(&str, &str)>> {
    let elements = value.split(',');
    elements
        .map(|text| text.trim_matches([' ', '\t']).split_once('='))
        .collect()
}

/// The rules once more, straight from their words.
fn is_authentic(values: &[&str], body: &[u8]) -> bool {
    let [value] = values else { return false };
    let Some(elements) = elements(value).filter(|_| value.len() <= 4096) else {
        return false;
    };
    let all = |wanted: &str| -> Vec<&str> {
        let of_scheme = elements.iter().filter(|(scheme, _)| *scheme == wanted);
        of_scheme.map(|(_, value)| *value).collect()
    };
    let (timestamps, signatures) = (all("t"), all("v1"));
    let [timestamp] = timestamps.as_slice() else {
        return false;
    };
    let is_number = (1..=19).contains(&timestamp.len())
        && timestamp.chars().all(|digit| digit.is_ascii_digit());
    let is_near = timestamp
        .parse::<i128>()
        .is_ok_and(|at| (at - i128::from(NOW)).abs() <= 300);
    let matches = signatures.iter().any(|signature| {
        OURS.iter()
            .any(|secret| digest(secret, timestamp, body).eq_ignore_ascii_case(signature))
    });
    is_number && is_near && matches && signatures.len() <= 16
}
