//! What somebody should know of events that are applied like all others.

use tributary_pipeline::apply::Incoming;
use tributary_stripe::{is_known_type, is_newer_version, tells_of_missing_events};

/// No event is older: Stripe's first day, 2010-01-01, unix seconds.
const FIRST_DAY: i64 = 1_262_304_000;
/// How far ahead of this clock an event may be: as far as a signature.
const AHEAD_S_MAX: i64 = 300;

/// Counts of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Notable {
    /// Of a type that this version has never heard of: time to read Stripe's
    /// changelog.
    pub(crate) unknown: usize,
    /// They say that Stripe failed to make other events.
    pub(crate) missing_events: usize,
    /// Their bodies were too long for a queue, or held what no queue carries.
    pub(crate) claimed: usize,
    /// Rendered in an API version later than the one that this code was written for.
    pub(crate) newer_version: usize,
    /// Made in the future, or before there was Stripe.
    pub(crate) odd_time: usize,
}

impl Notable {
    /// What is notable of a batch at `now` (unix seconds), but for `claimed`.
    pub(crate) fn of(batch: &[Incoming], now: i64) -> Self {
        let mut notable = Self::default();
        let decoded = batch.iter().filter_map(|one| one.decoded.as_ref().ok());
        for facts in decoded.map(|arrival| &arrival.facts) {
            let count = usize::from;
            let version = facts.api_version.as_deref().unwrap_or_default();
            notable.unknown += count(!is_known_type(&facts.kind));
            notable.missing_events += count(tells_of_missing_events(&facts.kind));
            notable.newer_version += count(is_newer_version(version));
            let times = FIRST_DAY..=now.saturating_add(AHEAD_S_MAX);
            notable.odd_time += count(!times.contains(&facts.created));
        }
        notable
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tributary_domain::Origin;
    use tributary_stripe::decode;

    use super::*;

    const NOW: i64 = 1_795_348_800;

    fn incoming(kind: &str, version: &str, created: i64) -> Incoming {
        let event = json!({
            "id": "evt_1", "object": "event", "type": kind, "api_version": version,
            "created": created, "livemode": true,
            "data": {"object": {"id": "cus_1", "object": "customer", "livemode": true}},
        });
        Incoming {
            message_id: "m".to_owned(),
            body: Vec::new(),
            decoded: decode(&event.to_string(), Origin::Webhook),
        }
    }

    #[test]
    fn what_is_ordinary_is_not_notable() {
        let versions = ["2020-08-27", "2026-10-28.endive", ""];
        let batch = versions.map(|version| incoming("customer.updated", version, NOW + 300));
        assert_eq!(Notable::of(&batch, NOW), Notable::default());
    }

    #[test]
    fn what_is_new_or_of_another_time_is_counted() {
        let batch = [
            incoming("gadget.updated", "2026-10-28.endive", NOW),
            incoming("customer.updated", "2027-01-01.fennel", NOW),
            incoming("customer.updated", "2020-08-27", 0),
            incoming("customer.updated", "2020-08-27", NOW + 301),
        ];
        let expected = Notable {
            unknown: 1,
            newer_version: 1,
            odd_time: 2,
            ..Notable::default()
        };
        assert_eq!(Notable::of(&batch, NOW), expected);
    }
}
