//! Top-ups of the platform's balance.

use crate::{
    error::ApiError,
    fields::Fields,
    ledger::Posting,
    refs::Owner,
    shapes,
    world::{Answer, World},
};

impl World {
    /// Adds money to the platform's balance from its bank account, at once.
    ///
    /// # Errors
    /// 400 on a bad amount.
    pub fn create_topup(&mut self, amount: i64, currency: &str) -> Answer {
        if amount <= 0 {
            let message = "This value must be greater than or equal to 1.";
            return Err(ApiError::invalid(
                "parameter_invalid_integer",
                Some("amount"),
                message,
            ));
        }
        self.begin_request();
        let owner = Owner::Platform;
        let id = self.ids.next("tu");
        self.keep(
            &owner,
            "topup",
            shapes::topup(&id, amount, currency, self.now),
        );
        self.emit(&owner, &id, "topup.created");
        let transaction = self.post(
            &owner,
            Posting::new("topup", "topup", amount, currency, &id),
        );
        self.store.edit(&owner, &id, |topup| {
            topup.set("status", "succeeded");
            topup.set("balance_transaction", transaction);
        });
        self.emit(&owner, &id, "topup.succeeded");
        self.end_request();
        Ok(id)
    }
}
