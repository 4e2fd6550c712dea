//! Early fraud warnings of the card networks.

use serde_json::json;

use crate::{
    error::ApiError,
    fields::Fields,
    refs::Owner,
    world::{Answer, World},
};

impl World {
    /// The issuer reports the payment as fraud; no money moves. Answers the `issfr_…` id.
    ///
    /// # Errors
    /// 404 when there is no such charge; 400 when it was not paid; 403 when the account is out of
    /// reach.
    pub fn warn_of_fraud(&mut self, owner: &Owner, charge: &str) -> Answer {
        let owner = self.authorise(owner)?;
        let json = self.expect(&owner, "charge", charge)?;
        if json.text("status") != "succeeded" {
            let message = "The charge was not paid.";
            return Err(ApiError::invalid(
                "charge_not_paid",
                Some("charge"),
                message,
            ));
        }
        let actionable = !json.flag("refunded") && !json.flag("disputed");
        let id = self.ids.next("issfr");
        let warning = json!({
            "id": id, "object": "radar.early_fraud_warning", "actionable": actionable,
            "charge": charge, "created": self.now, "fraud_type": "unauthorized_use_of_card",
            "livemode": true, "payment_intent": null,
        });
        self.keep(&owner, "radar.early_fraud_warning", warning);
        self.emit(&owner, &id, "radar.early_fraud_warning.created");
        Ok(id)
    }
}
