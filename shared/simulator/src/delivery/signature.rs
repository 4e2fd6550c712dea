//! The `Stripe-Signature` header.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The `Stripe-Signature` header value for `body`, sent at `timestamp` (unix seconds).
///
/// There is one `v1` element per secret, in the order given: while a secret is being rolled,
/// Stripe signs with the old and the new one. The key is the whole secret as it is written,
/// its `whsec_` prefix included.
#[must_use]
pub fn sign(secrets: &[&str], timestamp: i64, body: &[u8]) -> String {
    let mut header = format!("t={timestamp}");
    for secret in secrets {
        // HMAC takes keys of any length, so every secret yields a signature.
        if let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
            header.push_str(",v1=");
            header.push_str(&signature(mac, timestamp, body));
        }
    }
    header
}

fn signature(mut mac: Hmac<Sha256>, timestamp: i64, body: &[u8]) -> String {
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::sign;

    const SECRET: &str = "whsec_test_secret";
    const ROLLED: &str = "whsec_test_secret_rolled_key";
    const EVENT: &[u8] = br#"{"id":"evt_test_webhook","object":"event"}"#;
    const EVENT_MAC: &str = "88a022085c6bdb887b02cb26ff76dd681234d9675c0f22844059f55552a8883a";
    const ROLLED_MAC: &str = "9e010fbc4cc8f6c5dc44a6824569d0ab0d471b5fd81ab229d222117f0a69c435";

    #[test]
    fn the_key_is_the_whole_secret() {
        assert_eq!(
            sign(&[SECRET], 1_492_774_577, EVENT),
            format!("t=1492774577,v1={EVENT_MAC}")
        );
        assert_eq!(
            sign(&[ROLLED], 1_492_774_577, EVENT),
            format!("t=1492774577,v1={ROLLED_MAC}")
        );
    }

    #[test]
    fn every_secret_signs_in_the_order_given() {
        assert_eq!(
            sign(&[ROLLED, SECRET], 1_492_774_577, EVENT),
            format!("t=1492774577,v1={ROLLED_MAC},v1={EVENT_MAC}")
        );
        assert_eq!(sign(&[], 7, EVENT), "t=7");
    }

    #[test]
    fn bytes_are_signed_as_they_are() {
        let invalid_utf8 = b"{\"id\":\"evt_x\",\"object\":\"event\",\"note\":\"\xff\xfe\"}";
        assert_eq!(
            sign(&[SECRET], 1_700_000_000, invalid_utf8),
            "t=1700000000,v1=3bb0bd167b767cda7b193cab9532c84b8cac802b651115eb492ae014fe71f217"
        );
        assert_eq!(
            sign(&[SECRET], 1_700_000_000, b""),
            "t=1700000000,v1=316b9ab98c15bfa039d243f3196acee619cf29749a91a634e6a8154e2f7b6727"
        );
    }
}
