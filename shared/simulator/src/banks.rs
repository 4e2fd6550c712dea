//! The bank accounts payouts go to.

use serde_json::Value;

use crate::{fields::Fields, refs::Owner, shapes, timers::Transition, world::World};

const CORRECTED_AFTER_S: i64 = 4 * 3_600;

impl World {
    /// Disables the bank account that refused a payout, until its owner corrects it.
    pub(crate) fn disable_bank(&mut self, owner: &Owner) {
        self.set_bank_status(owner, "errored");
        let at = self.now + CORRECTED_AFTER_S;
        self.timers.add(
            at,
            Transition::CorrectBank {
                owner: owner.clone(),
            },
        );
    }

    pub(crate) fn correct_bank(&mut self, owner: &Owner) {
        self.set_bank_status(owner, "new");
    }

    /// Whether payouts to the owner's bank account are possible.
    pub(crate) fn bank_works(&self, owner: &Owner) -> bool {
        let status = self
            .store
            .get(owner, &self.bank(owner))
            .map(|bank| bank.text("status"));
        status != Some("errored")
    }

    pub(crate) fn bank(&self, owner: &Owner) -> String {
        self.profiles
            .get(owner)
            .map(|profile| profile.bank.clone())
            .unwrap_or_default()
    }

    /// The account shows its banks, so both objects change.
    fn set_bank_status(&mut self, owner: &Owner, status: &str) {
        let Some(account) = owner.account_id() else {
            return;
        };
        let bank = self.bank(owner);
        self.change(owner, &bank, "account.external_account.updated", |json| {
            json.set("status", status);
        });
        let shown: Vec<Value> = self.store.get(owner, &bank).cloned().into_iter().collect();
        let url = format!("/v1/accounts/{account}/external_accounts");
        self.change(owner, account, "account.updated", |json| {
            json.set("external_accounts", shapes::list(&url, &shown));
        });
    }
}
