//! Acceptance of `Stripe-Signature`, row by row.
//!
//! `case_…` are the cases of the official libraries' suites, `row_…` the rows of
//! the table of bad input that concern the signature.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use tributary_stripe::signature::{HEADER_BYTES_MAX, SIGNATURES_MAX, TOLERANCE_S, sign, verify};
use tributary_stripe::{EmptySecret, Secret, SignatureError};

const NOW: i64 = 1_492_774_577;
const BODY: &[u8] = br#"{"id":"evt_test_webhook","object":"event"}"#;
const SECRET: &str = "whsec_test_secret";
const ROLLED: &str = "whsec_test_secret_rolled_key";
/// `v1` of [`BODY`] at [`NOW`] under [`SECRET`].
const V1: &str = "88a022085c6bdb887b02cb26ff76dd681234d9675c0f22844059f55552a8883a";
/// `v1` of [`BODY`] at [`NOW`] under [`ROLLED`].
const V1_ROLLED: &str = "9e010fbc4cc8f6c5dc44a6824569d0ab0d471b5fd81ab229d222117f0a69c435";

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn check(header: &str) -> Result<(), SignatureError> {
    verify(&[header], BODY, &[secret(SECRET)], NOW)
}

fn check_at(header: &str, now: i64) -> Result<(), SignatureError> {
    verify(&[header], BODY, &[secret(SECRET)], now)
}

fn good() -> String {
    format!("t={NOW},v1={V1}")
}

fn code(result: Result<(), SignatureError>) -> &'static str {
    result.unwrap_err().code()
}

#[test]
fn vector_secret_and_rolled_secret() {
    assert_eq!(sign(BODY, &secret(SECRET), NOW), format!("t={NOW},v1={V1}"));
    assert_eq!(
        sign(BODY, &secret(ROLLED), NOW),
        format!("t={NOW},v1={V1_ROLLED}")
    );
}

#[test]
fn vector_invalid_utf_8() {
    let body = b"{\"id\":\"evt_x\",\"object\":\"event\",\"note\":\"\xff\xfe\"}";
    let header = "t=1700000000,\
                  v1=3bb0bd167b767cda7b193cab9532c84b8cac802b651115eb492ae014fe71f217";
    assert_eq!(
        verify(&[header], body, &[secret(SECRET)], 1_700_000_000),
        Ok(())
    );
}

#[test]
fn vector_empty_body() {
    let header = "t=1700000000,\
                  v1=316b9ab98c15bfa039d243f3196acee619cf29749a91a634e6a8154e2f7b6727";
    assert_eq!(
        verify(&[header], b"", &[secret(SECRET)], 1_700_000_000),
        Ok(())
    );
}

#[test]
fn case_valid_and_fresh() {
    assert_eq!(check(&good()), Ok(()));
}

#[test]
fn case_header_missing_or_empty() {
    assert_eq!(
        code(verify(&[] as &[&str], BODY, &[secret(SECRET)], NOW)),
        "header_missing"
    );
    assert_eq!(code(check("")), "header_missing");
}

#[test]
fn case_header_repeated() {
    let header = good();
    let result = verify(&[&header, &header], BODY, &[secret(SECRET)], NOW);
    assert_eq!(code(result), "header_repeated");
}

#[test]
fn case_garbage_header() {
    assert_eq!(code(check("bad_header")), "header_malformed");
}

#[test]
fn case_element_without_equals() {
    assert_eq!(code(check("v1,t=1")), "header_malformed");
    assert_eq!(code(check(&format!("{},", good()))), "header_malformed");
}

#[test]
fn case_timestamp_empty_or_not_a_number() {
    assert_eq!(code(check(&format!("t=,v1={V1}"))), "header_malformed");
    assert_eq!(code(check(&format!("t=now,v1={V1}"))), "header_malformed");
}

#[test]
fn case_no_timestamp() {
    assert_eq!(code(check(&format!("v1={V1}"))), "header_malformed");
}

#[test]
fn case_only_v0() {
    assert_eq!(code(check(&format!("t={NOW},v0={V1}"))), "no_v1");
}

#[test]
fn case_wrong_signature() {
    let wrong = "0".repeat(64);
    let result = check(&format!("t={NOW},v1={wrong}"));
    assert_eq!(result, Err(SignatureError::Mismatch));
    assert!(result.unwrap_err().is_mismatch());
}

#[test]
fn case_one_good_and_one_unreadable() {
    for bad in ["bad_signature", "potato", "", "88a0"] {
        assert_eq!(
            check(&format!("t={NOW},v1={bad},v1={V1}")),
            Ok(()),
            "{bad} first"
        );
        assert_eq!(
            check(&format!("t={NOW},v1={V1},v1={bad}")),
            Ok(()),
            "{bad} last"
        );
    }
}

#[test]
fn case_rolled_secret_both_orders_either_secret() {
    for header in [
        format!("t={NOW},v1={V1},v1={V1_ROLLED}"),
        format!("t={NOW},v1={V1_ROLLED},v1={V1}"),
    ] {
        for configured in [
            vec![SECRET],
            vec![ROLLED],
            vec![SECRET, ROLLED],
            vec!["x", ROLLED],
        ] {
            let secrets: Vec<_> = configured.iter().map(|text| secret(text)).collect();
            assert_eq!(
                verify(&[&header], BODY, &secrets, NOW),
                Ok(()),
                "{configured:?}"
            );
        }
    }
}

#[test]
fn case_unknown_elements_are_ignored() {
    assert_eq!(check(&format!("v2=abc,{},x=y=z,=,v0=6ffb", good())), Ok(()));
}

#[test]
fn case_age_within_and_beyond_the_tolerance() {
    assert_eq!(check_at(&good(), NOW + 299), Ok(()));
    assert_eq!(check_at(&good(), NOW + TOLERANCE_S), Ok(()));
    assert_eq!(
        check_at(&good(), NOW + TOLERANCE_S + 1),
        Err(SignatureError::TooOld)
    );
}

#[test]
fn case_future_timestamp_within_and_beyond_the_tolerance() {
    assert_eq!(check_at(&good(), NOW - TOLERANCE_S), Ok(()));
    assert_eq!(
        check_at(&good(), NOW - TOLERANCE_S - 1),
        Err(SignatureError::TooNew)
    );
}

#[test]
fn case_white_space_after_a_comma() {
    assert_eq!(check(&format!(" t={NOW}, v1={V1} ,\tv0=x")), Ok(()));
}

#[test]
fn case_upper_case_hex() {
    assert_eq!(check(&format!("t={NOW},v1={}", V1.to_uppercase())), Ok(()));
}

#[test]
fn case_body_with_a_mark_or_a_newline_added() {
    for changed in [[b"\xef\xbb\xbf", BODY].concat(), [BODY, b"\n"].concat()] {
        let result = verify(&[&good()], &changed, &[secret(SECRET)], NOW);
        assert_eq!(result, Err(SignatureError::Mismatch));
    }
}

#[test]
fn case_secret_missing_empty_or_white_space() {
    for text in ["", " ", "\t\r\n"] {
        assert_eq!(Secret::new(text).unwrap_err(), EmptySecret);
    }
    assert_eq!(
        verify(&[&good()], BODY, &[], NOW),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn case_secret_with_surrounding_white_space() {
    let secrets = [secret(&format!(" {SECRET}\n"))];
    assert_eq!(verify(&[&good()], BODY, &secrets, NOW), Ok(()));
}

#[test]
fn a_secret_is_not_shown() {
    assert!(!format!("{:?}", secret(SECRET)).contains("test_secret"));
}

#[test]
fn row_04_no_header() {
    assert_eq!(
        code(verify(&[] as &[&str], BODY, &[secret(SECRET)], NOW)),
        "header_missing"
    );
}

#[test]
fn row_05_empty_header_or_no_t_or_no_v1() {
    assert_eq!(code(check("")), "header_missing");
    assert_eq!(code(check(&format!("v1={V1}"))), "header_malformed");
    assert_eq!(code(check(&format!("t={NOW}"))), "no_v1");
}

#[test]
fn row_06_timestamp_negative_not_digits_or_overflowing() {
    let too_long = "1".repeat(20);
    for t in [
        "-1",
        "+1",
        "1.5",
        "0x10",
        "１",
        " 1",
        "1 2",
        &too_long,
        "18446744073709551616",
    ] {
        assert_eq!(
            code(check(&format!("t={t},v1={V1}"))),
            "header_malformed",
            "{t}"
        );
    }
    let far = i64::MAX.to_string();
    let header = sign(BODY, &secret(SECRET), i64::MAX);
    assert!(header.contains(&far));
    assert_eq!(check(&header), Err(SignatureError::TooNew));
    assert_eq!(check_at(&header, i64::MIN), Err(SignatureError::TooNew));
}

#[test]
fn row_07_two_timestamps_or_a_folded_header() {
    assert_eq!(code(check(&format!("t=1,{}", good()))), "header_malformed");
    assert_eq!(code(check(&format!("{},t=1", good()))), "header_malformed");
    assert_eq!(
        code(check(&format!("{},{}", good(), good()))),
        "header_malformed"
    );
}

#[test]
fn row_08_signature_odd_not_hex_or_short() {
    let not_hex = "zz".repeat(32);
    let long = format!("{V1}00");
    for v1 in ["", "abc", &V1[..63], &V1[..62], &not_hex, &long] {
        assert_eq!(
            code(check(&format!("t={NOW},v1={v1}"))),
            "v1_unreadable",
            "{v1}"
        );
    }
}

#[test]
fn row_09_many_v1_one_matches() {
    let wrong = format!("v1={},", "0".repeat(64));
    let most = format!("t={NOW},{}v1={V1}", wrong.repeat(SIGNATURES_MAX - 1));
    assert_eq!(check(&most), Ok(()));
    let too_many = format!("t={NOW},{}v1={V1}", wrong.repeat(SIGNATURES_MAX));
    assert_eq!(code(check(&too_many)), "too_many_v1");
}

#[test]
fn row_09_header_of_four_kilobytes() {
    let padding = |length: usize| format!("{},x={}", good(), "y".repeat(length));
    let rest = HEADER_BYTES_MAX - padding(0).len();
    assert_eq!(check(&padding(rest)), Ok(()));
    assert_eq!(code(check(&padding(rest + 1))), "header_too_long");
}

#[test]
fn row_10_only_v0_even_if_it_matches() {
    assert_eq!(code(check(&format!("t={NOW},v0={V1}"))), "no_v1");
    assert_eq!(code(check(&format!("t={NOW},v10={V1},V1={V1}"))), "no_v1");
}

#[test]
fn row_11_secret_of_another_endpoint() {
    let result = verify(&[&good()], BODY, &[secret("whsec_other")], NOW);
    assert!(result.unwrap_err().is_mismatch());
}

#[test]
fn row_11_prefix_is_part_of_the_key() {
    let result = verify(&[&good()], BODY, &[secret("test_secret")], NOW);
    assert_eq!(result, Err(SignatureError::Mismatch));
}

#[test]
fn row_12_replay_after_the_tolerance() {
    let result = check_at(&good(), NOW + 301);
    assert_eq!(code(result), "too_old");
    assert!(!result.unwrap_err().is_mismatch());
}

#[test]
fn row_12_signature_is_checked_before_age() {
    let header = format!("t={NOW},v1={}", "0".repeat(64));
    assert_eq!(check_at(&header, NOW + 301), Err(SignatureError::Mismatch));
}

#[test]
fn row_13_signed_in_the_future() {
    assert_eq!(code(check_at(&good(), NOW - 301)), "too_new");
}

#[test]
fn row_14_exact_replay_within_the_tolerance() {
    assert_eq!(check_at(&good(), NOW), Ok(()));
    assert_eq!(check_at(&good(), NOW + 10), Ok(()));
}

#[test]
fn row_15_body_changed_by_one_byte() {
    for index in 0..BODY.len() {
        let mut body = BODY.to_vec();
        body[index] ^= 1;
        let result = verify(&[&good()], &body, &[secret(SECRET)], NOW);
        assert_eq!(result, Err(SignatureError::Mismatch), "byte {index}");
    }
}

#[test]
fn row_15_body_serialized_anew() {
    let value: serde_json::Value = serde_json::from_slice(BODY).unwrap();
    let pretty = serde_json::to_vec_pretty(&value).unwrap();
    let result = verify(&[&good()], &pretty, &[secret(SECRET)], NOW);
    assert_eq!(result, Err(SignatureError::Mismatch));
}

proptest! {
    #[test]
    fn any_header_and_body_are_answered(
        headers in prop::collection::vec("[tv01=, a-f0-9]{0,80}|.{0,80}", 0..3),
        body in prop::collection::vec(any::<u8>(), 0..80),
        now in any::<i64>(),
    ) {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        prop_assert!(verify(&headers, &body, &[secret(SECRET)], now).is_err());
    }

    #[test]
    fn what_is_signed_is_verified(
        body in prop::collection::vec(any::<u8>(), 0..200),
        text in "[!-~]{1,100}",
        at in 0..=i64::MAX,
        other in "[!-~]{1,100}",
    ) {
        let header = sign(&body, &secret(&text), at);
        prop_assert_eq!(verify(&[&header], &body, &[secret(&text)], at), Ok(()));
        prop_assume!(other != text);
        let result = verify(&[&header], &body, &[secret(&other)], at);
        prop_assert_eq!(result, Err(SignatureError::Mismatch));
    }
}
