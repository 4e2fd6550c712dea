use proptest::prelude::*;

use super::*;

/// What a kind of id must accept and refuse: a way to make an id of `n` bytes, and
/// texts of another form.
struct Form {
    parse: fn(&str) -> Result<String, IdError>,
    of_length: fn(usize) -> String,
    accepted: &'static [&'static str],
    malformed: &'static [&'static str],
}

const FORMS: [Form; 4] = [
    Form {
        parse: |text| EventId::parse(text).map(|id| id.to_string()),
        of_length: |n| format!("evt_{:0<1$}", "", n.saturating_sub(4)),
        accepted: &["evt_1", "evt_1Nv0FG_aZ9"],
        malformed: &[
            "evt_", "evt", "acct_1", " evt_1", "evt_1 ", "evt_a#b", "evt_é", "evt_1\n",
        ],
    },
    Form {
        parse: |text| AccountId::parse(text).map(|id| id.to_string()),
        of_length: |n| format!("acct_{:0<1$}", "", n.saturating_sub(5)),
        accepted: &["acct_1", "acct_1Nv0FG_aZ9"],
        malformed: &["acct_", "acct", "evt_1", "acct_a#b", "acct_a-b", "platform"],
    },
    Form {
        parse: |text| ObjectKind::parse(text).map(|id| id.to_string()),
        of_length: |n| "k".repeat(n),
        accepted: &[
            "charge",
            "billing.meter",
            "v2.core.account",
            "fee_refund",
            ".",
        ],
        malformed: &["Charge", "a#b", "a b", "a-b", "é", "a\0"],
    },
    Form {
        parse: |text| ObjectId::parse(text).map(|id| id.to_string()),
        of_length: |n| "#".repeat(n),
        accepted: &["ch_1", "25% off – été", "a#b", " "],
        malformed: &["a\nb", "\0", "a\u{7f}", "\u{85}"],
    },
];

#[test]
fn ids_have_their_alphabet() {
    for form in FORMS {
        for text in form.accepted {
            assert_eq!((form.parse)(text).as_deref(), Ok(*text));
        }
        for text in form.malformed {
            let refused = matches!((form.parse)(text), Err(IdError::Malformed { .. }));
            assert!(refused, "{text:?}");
        }
    }
}

#[test]
fn ids_have_between_one_and_255_bytes() {
    for form in FORMS {
        assert!(matches!((form.parse)(""), Err(IdError::Empty { .. })));
        let longest = (form.of_length)(255);
        assert_eq!((form.parse)(&longest), Ok(longest));
        let longer = (form.of_length)(256);
        assert!(matches!(
            (form.parse)(&longer),
            Err(IdError::TooLong { .. })
        ));
    }
}

#[test]
fn a_mode_is_the_flag_it_was_made_of() {
    for livemode in [true, false] {
        assert_eq!(Mode::of(livemode).livemode(), livemode);
    }
}

fn owner() -> impl Strategy<Value = String> {
    prop_oneof![Just("platform".to_owned()), "acct_[A-Za-z0-9_]{1,9}"]
}

proptest! {
    /// Keys are stored and read by people: their text is part of the contract.
    #[test]
    fn object_keys_say_what_they_hold_and_read_back(
        mode in "live|test", owner in owner(), kind in "[a-z0-9._]{1,9}", id in "[ -~#é]{1,20}",
    ) {
        let text = format!("{mode}#{owner}#{kind}#{id}");
        let key = ObjectKey::parse(&text).unwrap();
        prop_assert_eq!(key.to_string(), text);
        prop_assert_eq!(key.mode.as_str(), mode);
        prop_assert_eq!(key.owner.as_str(), &owner);
        prop_assert_eq!(key.owner.account().map(AccountId::as_str), owner.strip_prefix("acct_").map(|_| &*owner));
        prop_assert_eq!(key.kind.as_str(), kind);
        prop_assert_eq!(key.id.as_str(), id);
    }

    #[test]
    fn event_keys_say_what_they_hold(livemode: bool, owner in owner(), id in "evt_[A-Za-z0-9_]{1,20}") {
        let key = EventKey {
            mode: Mode::of(livemode),
            owner: Owner::parse(&owner).unwrap(),
            id: EventId::parse(&id).unwrap(),
        };
        let mode = if livemode { "live" } else { "test" };
        prop_assert_eq!(key.to_string(), format!("{mode}#{owner}#{id}"));
    }
}

#[test]
fn what_is_no_object_key_is_refused() {
    for text in [
        "",
        "live",
        "live#platform",
        "live#platform#charge",
        "live#platform#charge#",
        "live#platform##ch_1",
        "live##charge#ch_1",
        "live#acct_#charge#ch_1",
        "Live#platform#charge#ch_1",
        "#platform#charge#ch_1",
    ] {
        assert!(ObjectKey::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_made_up_event_id_is_none_of_stripes() {
    let id = EventId::synthetic("fetch", &crate::Fingerprint::of_text("seen"));
    assert!(id.as_str().starts_with("fetch_"));
    assert!(EventId::parse(id.as_str()).is_err());
    let other = EventId::synthetic("fetch", &crate::Fingerprint::of_text("seen later"));
    assert_ne!(id, other);
}
