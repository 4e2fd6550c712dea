//! Stripe's own word that it failed to make events.
//!
//! Source: <https://docs.stripe.com/api/v2/core/events/event-types>, `impact`
//! of `v2.core.health.event_generation_failure`.

use serde::Deserialize;
use tributary_domain::time::unix_seconds;
use tributary_domain::{AccountId, EventId, Mode, ObjectId, ObjectKey, Owner};

use super::{FetchError, StripeClient};
use crate::event_types::kind_shown_by;
use crate::resource;

/// What an event would have been about that Stripe could not make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedEvent {
    /// Live or test.
    pub mode: Mode,
    /// Whose event.
    pub owner: Owner,
    /// Its object, if the notice names it and there is a way to read it.
    pub object: Option<ObjectKey>,
    /// Since when events failed, unix seconds.
    pub since: Option<i64>,
}

#[derive(Deserialize)]
struct Notice {
    livemode: bool,
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    impact: Impact,
    started_at: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Impact {
    account: Option<String>,
    event_type: Option<String>,
    livemode: Option<bool>,
    related_object_id: Option<String>,
}

impl FailedEvent {
    fn read(text: &str, owner: &Owner) -> Result<Self, FetchError> {
        let invalid = FetchError::Invalid;
        let notice: Notice =
            serde_json::from_str(text).map_err(|_| invalid("the answer is no notice"))?;
        let Data { impact, started_at } = notice.data;
        let owner = match impact.account.as_deref() {
            Some(account) => AccountId::parse(account)
                .map(Owner::Account)
                .map_err(|_| invalid("the notice's account is none"))?,
            None => owner.clone(),
        };
        let mode = Mode::of(impact.livemode.unwrap_or(notice.livemode));
        let kind = impact.event_type.as_deref().and_then(kind_shown_by);
        let id = impact.related_object_id.as_deref();
        let id = id.and_then(|id| ObjectId::parse(id).ok());
        let object = kind.zip(id).map(|(kind, id)| ObjectKey {
            mode,
            owner: owner.clone(),
            kind,
            id,
        });
        Ok(Self {
            mode,
            owner,
            object: object.filter(|object| resource::path(object).is_some()),
            since: started_at.as_deref().and_then(unix_seconds),
        })
    }
}

impl StripeClient {
    /// Reads what a notice of missing events is about: the thin event leaves it out.
    ///
    /// # Errors
    /// Those of [`StripeClient::get`]; `Invalid` when the answer is no such notice.
    pub async fn failed_event(
        &self,
        owner: &Owner,
        notice: &EventId,
    ) -> Result<FailedEvent, FetchError> {
        let path = format!("/v2/core/events/{notice}");
        FailedEvent::read(&self.get(&path, owner).await?.body, owner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(data: &Value) -> Result<FailedEvent, FetchError> {
        let notice =
            json!({"id": "evt_9", "object": "v2.core.event", "livemode": true, "data": data});
        FailedEvent::read(&notice.to_string(), &Owner::Platform)
    }

    #[test]
    fn a_notice_names_whose_event_is_missing_and_what_it_was_about() {
        let told = read(&json!({
            "impact": {
                "account": "acct_1", "event_type": "charge.dispute.closed", "livemode": false,
                "related_object_id": "du_1",
            },
            "started_at": "2026-11-22T10:00:00.000Z",
        }));
        let told = told.unwrap();
        let object = told.object.map(|object| object.to_string());
        assert_eq!(object.as_deref(), Some("test#acct_1#dispute#du_1"));
        assert_eq!(told.since, Some(1_795_341_600));
    }

    #[test]
    fn what_it_leaves_out_is_not_known() {
        let unknown = FailedEvent {
            mode: Mode::Live,
            owner: Owner::Platform,
            object: None,
            since: None,
        };
        for data in [
            json!({}),
            json!({"impact": {"event_type": "charge.succeeded"}}),
            json!({"impact": {"event_type": "gadget.made", "related_object_id": "gad_1"}}),
            json!({"impact": {"event_type": "charge.succeeded", "related_object_id": ""}}),
        ] {
            assert_eq!(read(&data).unwrap(), unknown, "{data}");
        }
        assert!(read(&json!({"impact": {"account": "a/b"}})).is_err());
        assert!(FailedEvent::read("[]", &Owner::Platform).is_err());
    }
}
