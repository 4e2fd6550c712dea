use tributary_domain::Fingerprint;

use super::*;

const KINDS: [Text; 2] = [Text::Event, Text::Row];

#[test]
fn texts_come_back() {
    for what in KINDS {
        for text in ["", "{}", &"Zürich ".repeat(10_000)] {
            assert_eq!(unpack(&pack(what, text).unwrap()).unwrap(), *text);
        }
    }
}

#[test]
fn texts_packed_without_a_dictionary_are_read() {
    let text = r#"{"id":"evt_1","object":"event"}"#;
    let mut packed = vec![ZSTD];
    packed.extend(zstd::bulk::compress(text.as_bytes(), 3).unwrap());
    assert_eq!(unpack(&packed).unwrap(), text);
}

#[test]
fn damage_is_an_error() {
    for what in KINDS {
        let mut packed = pack(what, "some text that is long enough").unwrap();
        packed.truncate(packed.len() - 4);
        assert!(matches!(unpack(&packed), Err(CodecError::Damaged)));
    }
    let unknown = unpack(&[9, 1, 2]);
    assert!(matches!(unknown, Err(CodecError::UnknownCodec(9))));
    assert!(matches!(unpack(&[]), Err(CodecError::Damaged)));
}

/// What was packed with a dictionary can be read with no other. To store texts
/// better, add a dictionary under a new codec.
#[test]
fn dictionaries_never_change() {
    let kept = [EVENT_1, ROW_1].map(|dictionary| Fingerprint::of([dictionary]).to_string());
    assert_eq!(
        kept,
        [
            "6995729b2665c279e4ab54ec32b8f403",
            "895172aa1b00eb6a4adc79e9f5285dac"
        ]
    );
}

/// Of a text that the dictionary knows, little more is stored than its ids.
#[test]
fn what_events_have_in_common_is_not_stored() {
    let event = r#"{
  "id": "evt_1Q9yKlLkdIwHu7ixZ8fYJcRm",
  "object": "event",
  "account": "acct_1PmKeVLkdIwHu7ix",
  "api_version": "2026-10-28.endive",
  "created": 1763800000,
  "data": {
    "object": {
      "id": "re_3Q9yKlLkdIwHu7ix0aBcDeFg",
      "object": "refund",
      "amount": 1250,
      "balance_transaction": "txn_3Q9yKlLkdIwHu7ix0hIjKlMn",
      "charge": "ch_3Q9yKlLkdIwHu7ix0oPqRsTu",
      "created": 1763799999,
      "currency": "eur",
      "metadata": {},
      "payment_intent": null,
      "reason": "requested_by_customer",
      "status": "succeeded"
    }
  },
  "livemode": true,
  "pending_webhooks": 1,
  "request": {
    "id": "req_8sJkQmPzYw3Lxc",
    "idempotency_key": null
  },
  "type": "refund.created"
}"#;
    let without = zstd::bulk::compress(event.as_bytes(), LEVEL).unwrap().len();
    let with = pack(Text::Event, event).unwrap().len();
    assert!(with * 2 < without, "{with} of {without} bytes");
}
