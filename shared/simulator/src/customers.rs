//! Customers: the objects that can be deleted.

use serde_json::Value;

use crate::{
    error::ApiError,
    fields::merge_patch,
    refs::Owner,
    shapes,
    world::{Answer, World},
};

impl World {
    /// Creates a customer with a made-up person's data.
    ///
    /// # Errors
    /// 403 when the platform may not act on the account.
    pub fn create_customer(&mut self, owner: &Owner) -> Answer {
        let owner = self.authorise(owner)?;
        self.begin_request();
        let id = self.ids.next("cus");
        let person = self.ids.pick(shapes::PEOPLE);
        let customer = shapes::customer(&id, person, self.now, self.config.livemode);
        self.keep(&owner, "customer", customer);
        self.emit(&owner, &id, "customer.created");
        self.end_request();
        Ok(id)
    }

    /// Merges `changes` (a JSON merge patch) into the customer.
    ///
    /// # Errors
    /// 404 when there is no such customer; 403 when the account is out of reach.
    pub fn update_customer(
        &mut self,
        owner: &Owner,
        id: &str,
        changes: &Value,
    ) -> Result<(), ApiError> {
        let owner = self.authorise(owner)?;
        self.expect(&owner, "customer", id)?;
        self.begin_request();
        self.change(&owner, id, "customer.updated", |customer| {
            merge_patch(customer, changes)
        });
        self.end_request();
        Ok(())
    }

    /// Deletes the customer; the event carries it as it last was.
    ///
    /// # Errors
    /// 404 when there is no such customer; 403 when the account is out of reach.
    pub fn delete_customer(&mut self, owner: &Owner, id: &str) -> Result<(), ApiError> {
        let owner = self.authorise(owner)?;
        self.expect(&owner, "customer", id)?;
        self.begin_request();
        self.emit(&owner, id, "customer.deleted");
        self.store.remove(&owner, id);
        self.end_request();
        Ok(())
    }
}
