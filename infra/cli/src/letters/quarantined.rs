//! The quarantine: authentic messages that could not be used.

use tributary_aws::operate::Letter;

use super::Told;

/// Codes of messages that no version can use as they are.
const UNRELEASABLE: [&str; 4] = [
    "same_id_other_body",
    "unreadable_row",
    "unresolved_tie",
    "bad_source",
];

/// Whether a later version may be able to use a message with this code.
pub fn is_releasable(code: &str) -> bool {
    !UNRELEASABLE.contains(&code)
}

/// Tells a quarantined message.
pub fn tell_quarantined(letter: &Letter) -> Told {
    let attribute = |name: &str| letter.attributes.get(name).cloned();
    let code = attribute("code").unwrap_or_else(|| "unknown".to_owned());
    let (what, remedy) = meaning(&code);
    let reason = match attribute("detail").filter(|detail| !detail.is_empty()) {
        Some(detail) => format!("{what}: {detail}"),
        None => what.to_owned(),
    };
    Told {
        about: attribute("event"),
        code,
        reason,
        remedy,
    }
}

/// What a code says, and what to do (RUNBOOK, Quarantine).
fn meaning(code: &str) -> (&'static str, &'static str) {
    match code {
        "same_id_other_body" => (
            "another body came under a known event id",
            "RUNBOOK, SecondBody: a signing secret may have leaked",
        ),
        "unresolved_tie" => (
            "two versions of one second, and nothing orders them",
            "wait for the object's next event, or fetch it",
        ),
        "bad_amount" | "bad_currency" | "missing_field" | "bad_object" | "mode_mix" => (
            "a field is not as Stripe documents it",
            "it was fetched instead where Stripe can show it; else teach shared/stripe, then release",
        ),
        "bad_context" => (
            "an organization's event that names none of its accounts",
            "receive the accounts' own events; drop it",
        ),
        "unreadable_row" => (
            "a row of the mirror cannot be read, and was not announced",
            "its next change will be; or fetch it; then drop it",
        ),
        "not_sendable" => (
            "SQS refuses the message",
            "release it once that is understood",
        ),
        "bad_source" => (
            "it did not come from the partner rule",
            "look at the queue's policy; drop it",
        ),
        "wrong_object" => (
            "Stripe showed another object than was asked for",
            "ask Stripe",
        ),
        "not_json" | "not_utf8" | "too_deep" | "duplicate_key" | "not_an_event" | "bad_id"
        | "bad_account" => (
            "no event of Stripe's looks so",
            "a test of yours: drop it; otherwise ask Stripe",
        ),
        _ => (
            "it cannot be used",
            "teach shared/stripe the shape, deploy, then release; or drop it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_to_do() {
        for code in [
            "same_id_other_body",
            "bad_amount",
            "not_json",
            "of_a_later_version",
        ] {
            let (what, remedy) = meaning(code);
            assert!(!what.is_empty() && !remedy.is_empty(), "{code}");
        }
        assert!(is_releasable("bad_amount") && !is_releasable("same_id_other_body"));
    }
}
