//! Connected accounts: onboarding, changes, settings, and leaving the platform.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    fees::Market,
    fields::merge_patch,
    params::AccountParams,
    refs::{ObjectRef, Owner},
    shapes,
    timers::Transition,
    world::World,
};

/// API version of accounts that never upgraded; their objects have its shape.
pub(crate) const LEGACY_API_VERSION: &str = "2020-08-27";

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;

/// What the world knows of an account beyond its Stripe object.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    pub(crate) market: Market,
    pub(crate) platform_pays_fees: bool,
    pub(crate) platform_covers_losses: bool,
    pub(crate) legacy: bool,
    /// Days until payments are available; 0 means the next full hour.
    pub(crate) delay_days: i64,
    /// Payout schedule: `manual` or `daily`.
    pub(crate) interval: String,
    /// The external account that payouts go to, `ba_…`.
    pub(crate) bank: String,
    pub(crate) deauthorized: bool,
}

impl World {
    /// The platform and `config.accounts` accounts of all kinds the world knows.
    pub(crate) fn found_accounts(&mut self) {
        const COUNTRIES: [&str; 8] = ["US", "US", "DE", "US", "GB", "US", "CA", "JP"];
        let platform = Profile {
            market: Market::of_country("US"),
            platform_pays_fees: false,
            platform_covers_losses: false,
            legacy: false,
            delay_days: 0,
            interval: "manual".to_owned(),
            bank: self.ids.next("ba"),
            deauthorized: false,
        };
        self.profiles.insert(Owner::Platform, platform);
        for (position, country) in (0..self.config.accounts).zip(COUNTRIES.iter().cycle()) {
            self.create_account(&AccountParams {
                country,
                platform_pays_fees: position % 4 == 1,
                platform_covers_losses: position % 5 != 4,
                legacy: position % 16 == 3,
                manual_payouts: position % 10 == 7,
            });
        }
    }

    /// Onboards a connected account; answers its id.
    pub fn create_account(&mut self, params: &AccountParams) -> String {
        self.begin_request();
        let id = self.ids.next("acct");
        let owner = Owner::account(&id);
        let bank = self.ids.next("ba");
        let market = Market::of_country(params.country);
        let position = self.ids.pick(shapes::PEOPLE);
        let profile = Profile {
            market,
            platform_pays_fees: params.platform_pays_fees,
            platform_covers_losses: params.platform_covers_losses,
            legacy: params.legacy,
            delay_days: if self.accounts.len().is_multiple_of(2) {
                0
            } else {
                2
            },
            interval: if params.manual_payouts {
                "manual"
            } else {
                "daily"
            }
            .to_owned(),
            bank: bank.clone(),
            deauthorized: false,
        };
        let bank_account = shapes::bank_account(&bank, &id, market, position);
        let account = shapes::account(&id, &profile, position, self.now, &bank_account);
        self.profiles.insert(owner.clone(), profile);
        self.accounts.push(id.clone());
        self.keep(&owner, "bank_account", bank_account);
        self.keep(&owner, "account", account);
        self.emit(&owner, &bank, "account.external_account.created");
        self.change(&owner, &id, "account.updated", |account| {
            merge_patch(account, &shapes::onboarded());
        });
        let hour = i64::try_from(self.ids.pick(18)).unwrap_or_default();
        self.timers
            .add(self.now + (3 + hour) * HOUR_S, Transition::Sweep { owner });
        self.end_request();
        id
    }

    /// Merges `changes` (a JSON merge patch) into the account. Accounts of the v2 API also report
    /// the change by a thin event in the platform's scope.
    ///
    /// # Errors
    /// 403 when the platform has no such account (any more).
    pub fn update_account(&mut self, account: &str, changes: &Value) -> Result<(), ApiError> {
        let owner = self.authorise(&Owner::account(account))?;
        self.begin_request();
        self.change(&owner, account, "account.updated", |json| {
            merge_patch(json, changes)
        });
        if !self.is_legacy(&owner) {
            self.emit_thin_account(account);
        }
        self.end_request();
        Ok(())
    }

    /// The account disconnects the platform. What happens on it afterwards is out of sight, so the
    /// world leaves it as it is.
    ///
    /// # Errors
    /// 403 when the platform has no such account (any more).
    pub fn deauthorize_account(&mut self, account: &str) -> Result<(), ApiError> {
        let owner = self.authorise(&Owner::account(account))?;
        self.settle_everything_of(&owner);
        let application = json!({
            "id": self.application_id, "object": "application", "name": "Tributary Market",
        });
        let id = self.application_id.clone();
        self.keep(&owner, "application", application);
        self.emit(&owner, &id, "account.application.deauthorized");
        if let Some(profile) = self.profiles.get_mut(&owner) {
            profile.deauthorized = true;
        }
        Ok(())
    }

    /// Sets `payments.payouts.schedule.interval` (`manual`, `daily`, …).
    ///
    /// # Errors
    /// 403 when the platform has no such account (any more); 400 on an unknown interval.
    pub fn update_payout_schedule(
        &mut self,
        owner: &Owner,
        interval: &str,
    ) -> Result<(), ApiError> {
        const PARAM: &str = "payments[payouts][schedule][interval]";
        let owner = self.authorise(owner)?;
        if !["manual", "daily", "weekly", "monthly"].contains(&interval) {
            let message = format!("Invalid payments[payouts][schedule][interval]: {interval}");
            return Err(ApiError::invalid(
                "parameter_invalid",
                Some(PARAM),
                &message,
            ));
        }
        let Some(profile) = self
            .profiles
            .get_mut(&owner)
            .filter(|it| it.interval != interval)
        else {
            return Ok(());
        };
        let old = std::mem::replace(&mut profile.interval, interval.to_owned());
        self.begin_request();
        let object = ObjectRef {
            owner: owner.clone(),
            livemode: self.config.livemode,
            kind: "balance_settings".to_owned(),
            id: String::new(),
        };
        let previous = json!({ "payments": { "payouts": { "schedule": { "interval": old } } } });
        let settings = self.balance_settings(&owner);
        self.emit_snapshot(object, "balance_settings.updated", settings, Some(previous));
        if let Some(account) = owner.account_id() {
            let changes =
                json!({ "settings": { "payouts": { "schedule": { "interval": interval } } } });
            self.change(&owner, account, "account.updated", |json| {
                merge_patch(json, &changes)
            });
        }
        self.end_request();
        Ok(())
    }

    /// The `balance_settings` object of GET /v1/balance_settings.
    #[must_use]
    pub fn balance_settings(&self, owner: &Owner) -> Value {
        self.profiles
            .get(owner)
            .map_or(Value::Null, shapes::balance_settings)
    }

    /// The whole v2 account object: what GET `/v2/core/accounts/{id}` answers if the request
    /// includes everything.
    #[must_use]
    pub fn account_v2(&self, account: &str) -> Option<Value> {
        let owner = Owner::account(account);
        let json = self.store.get(&owner, account)?;
        Some(shapes::account_v2(json, self.config.livemode))
    }

    /// The platform has lost access to this account.
    #[must_use]
    pub fn is_deauthorized(&self, account: &str) -> bool {
        self.profiles
            .get(&Owner::account(account))
            .is_some_and(|profile| profile.deauthorized)
    }

    /// The owner, if the platform may act on it.
    pub(crate) fn authorise(&self, owner: &Owner) -> Result<Owner, ApiError> {
        match self.profiles.get(owner) {
            Some(profile) if !profile.deauthorized => Ok(owner.clone()),
            _ => Err(ApiError::no_access(owner.account_id().unwrap_or_default())),
        }
    }

    pub(crate) fn is_legacy(&self, owner: &Owner) -> bool {
        self.profiles
            .get(owner)
            .is_some_and(|profile| profile.legacy)
    }

    pub(crate) fn market(&self, owner: &Owner) -> Market {
        self.profiles
            .get(owner)
            .map_or(Market::of_country("US"), |profile| profile.market)
    }

    /// When a payment made now becomes available to the owner.
    pub(crate) fn available_on(&self, owner: &Owner) -> i64 {
        match self
            .profiles
            .get(owner)
            .map_or(0, |profile| profile.delay_days)
        {
            0 => (self.now / HOUR_S + 1) * HOUR_S,
            days => (self.now / DAY_S + days) * DAY_S,
        }
    }
}
