use http::header::{HeaderName, HeaderValue};

use super::*;

fn failure(status: u16, headers: &[(&'static str, &'static str)], code: &str) -> Failure {
    let headers = headers.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    });
    let body = serde_json::json!({"error": {"code": code, "type": "api_error"}});
    let status = StatusCode::from_u16(status).unwrap();
    Failure::of_status(status, &headers.collect(), &body.to_string())
}

/// The error, whether it is tried again, and what other callers hear of it.
#[test]
fn an_answer_is_classified_by_what_to_do_about_it() {
    let transient = |what: &str| FetchError::Transient(what.to_owned());
    let refused = |status, code: &str| FetchError::Refused {
        status,
        code: code.to_owned(),
    };
    let cases = [
        (400, "x", refused(400, "x"), false, Outcome::Answered),
        (401, "x", refused(401, "x"), false, Outcome::Answered),
        (
            404,
            "not_found",
            FetchError::Missing,
            false,
            Outcome::Answered,
        ),
        (
            404,
            "resource_missing",
            FetchError::Missing,
            false,
            Outcome::Answered,
        ),
        (404, "x", refused(404, "x"), false, Outcome::Answered),
        (
            403,
            "resource_missing",
            refused(403, "resource_missing"),
            false,
            Outcome::Answered,
        ),
        (408, "x", transient("status 408"), true, Outcome::Answered),
        (409, "x", transient("status 409"), true, Outcome::Answered),
        (424, "x", transient("status 424"), true, Outcome::Answered),
        (
            429,
            "lock_timeout",
            transient("the object is in use"),
            true,
            Outcome::Answered,
        ),
        (500, "x", transient("status 500"), true, Outcome::Failed),
        (503, "x", transient("status 503"), true, Outcome::Failed),
    ];
    for (status, code, error, worth_another_try, outcome) in cases {
        let failure = failure(status, &[], code);
        assert_eq!(failure.error, error, "{status} {code}");
        assert_eq!(
            failure.worth_another_try, worth_another_try,
            "{status} {code}"
        );
        assert_eq!(failure.outcome, outcome, "{status} {code}");
    }
}

#[test]
fn a_429_throttles_everybody_unless_it_is_about_one_object() {
    let asked = Some(Duration::from_secs(7));
    for (headers, retry_after) in [
        (&[][..], None),
        (&[("retry-after", "7")], asked),
        (&[("retry-after", "soon")], None),
        (
            &[
                ("retry-after", "7"),
                ("stripe-rate-limited-reason", "global-rate"),
            ],
            asked,
        ),
    ] {
        let failure = failure(429, headers, "rate_limit");
        assert_eq!(failure.error, FetchError::Throttled { retry_after });
        assert_eq!(failure.error.retry_after(), retry_after);
        assert_eq!(failure.outcome, Outcome::Throttled { retry_after });
        assert!(failure.worth_another_try);
    }
    let one = [("stripe-rate-limited-reason", "resource-specific")];
    let failure = failure(429, &one, "rate_limit");
    assert_eq!(
        (failure.error.retry_after(), failure.outcome),
        (None, Outcome::Answered)
    );
    assert!(matches!(failure.error, FetchError::Transient(_)));
}

#[test]
fn advice_counts_for_more_than_the_status() {
    for (status, advice, worth_another_try) in [
        (400, "true", true),
        (400, "false", false),
        (500, "false", false),
        (500, "true", true),
        (500, "perhaps", true),
        (400, "perhaps", false),
    ] {
        let failure = failure(status, &[("stripe-should-retry", advice)], "x");
        assert_eq!(
            failure.worth_another_try, worth_another_try,
            "{status} {advice}"
        );
    }
}

#[test]
fn who_was_not_asked_hears_when_to_ask() {
    let retry_after = Duration::from_secs(3);
    let deferred = FetchError::Deferred(Deferred::BudgetSpent { retry_after });
    assert_eq!(deferred.retry_after(), Some(retry_after));
    assert_eq!(FetchError::Missing.retry_after(), None);
}

/// Anything but a word may be a value, and has no place in an error.
#[test]
fn codes_are_words() {
    let longest = "a".repeat(CODE_BYTES_MAX);
    for code in ["card_declined", "e2e", "_", &longest] {
        assert_eq!(
            error_code(&format!(r#"{{"error":{{"code":"{code}"}}}}"#)),
            code
        );
    }
    let longer = "a".repeat(CODE_BYTES_MAX + 1);
    for code in ["Card", "who@example.com", "a b", "a-b", "é", &longer] {
        assert_eq!(
            error_code(&format!(r#"{{"error":{{"code":"{code}"}}}}"#)),
            "",
            "{code}"
        );
    }
    assert_eq!(error_code(r#"{"error":{"type":"api_error"}}"#), "api_error");
    assert_eq!(error_code(r#"{"error":{"code":"a","type":"b"}}"#), "a");
    assert_eq!(error_code("<html>"), "");
}

/// Silence counts against the endpoints, for all callers; an answer never does.
#[test]
fn only_silence_tells_others_of_a_failure() {
    for (failure, outcome, worth_another_try) in [
        (Failure::no_answer("x"), Outcome::Failed, true),
        (Failure::passing("x"), Outcome::Answered, true),
        (
            Failure::final_one(FetchError::Missing),
            Outcome::Answered,
            false,
        ),
    ] {
        assert_eq!(failure.outcome, outcome);
        assert_eq!(failure.worth_another_try, worth_another_try);
    }
}
