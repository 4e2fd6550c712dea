//! What the verbs of the world take.

/// A connected account to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountParams {
    /// Two-letter country; decides the settlement currency and the fee schedule.
    pub country: &'static str,
    /// `controller.fees.payer=application`: Stripe bills its fees to the platform.
    pub platform_pays_fees: bool,
    /// `controller.losses.payments=application`: the account may go negative and the platform
    /// reserves the amount.
    pub platform_covers_losses: bool,
    /// The account's API version is 2020-08-27, so its objects have that version's shape.
    pub legacy: bool,
    /// `settings.payouts.schedule.interval=manual` instead of `daily`.
    pub manual_payouts: bool,
}

impl AccountParams {
    /// An Express account of a country, its losses covered by the platform.
    #[must_use]
    pub fn express(country: &'static str) -> Self {
        Self {
            country,
            platform_pays_fees: false,
            platform_covers_losses: true,
            legacy: false,
            manual_payouts: false,
        }
    }
}

/// A card payment to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeParams {
    /// Presentment amount, minor units.
    pub amount: i64,
    /// Presentment currency, lower case.
    pub currency: String,
    /// Customer of the same owner.
    pub customer: Option<String>,
    /// `application_fee_amount` of a direct charge, presentment minor units.
    pub application_fee_amount: Option<i64>,
    /// Connected account the charge settles as (platform charges only).
    pub on_behalf_of: Option<String>,
    /// `transfer_group` that links separate transfers.
    pub transfer_group: Option<String>,
    /// `metadata.order_id`: the platform's own reference of what was sold.
    pub order_id: Option<String>,
    /// `capture_method=automatic_async`: the charge succeeds without balance transaction and is
    /// settled this many seconds later. `None` settles it at once.
    pub settle_after_s: Option<i64>,
}

impl ChargeParams {
    /// A plain payment, settled at once.
    #[must_use]
    pub fn new(amount: i64, currency: &str) -> Self {
        Self {
            amount,
            currency: currency.to_owned(),
            customer: None,
            application_fee_amount: None,
            on_behalf_of: None,
            transfer_group: None,
            order_id: None,
            settle_after_s: None,
        }
    }
}

/// How a destination charge is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// The whole amount moves; `application_fee_amount` comes back to the platform.
    ApplicationFee(i64),
    /// Only `transfer_data[amount]` moves.
    TransferAmount(i64),
    /// The whole amount moves without a fee.
    Whole,
}

/// A transfer from the platform's balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferParams {
    /// Minor units, in the currency of the platform's balance.
    pub amount: i64,
    /// Lower-case currency.
    pub currency: String,
    /// Connected account that receives it.
    pub destination: String,
    /// Charge that funds it.
    pub source_transaction: Option<String>,
    /// Group of a separate charge and its transfers.
    pub transfer_group: Option<String>,
}

/// A refund to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundParams {
    /// Charge to refund.
    pub charge: String,
    /// Minor units in presentment currency; `None` refunds what is left.
    pub amount: Option<i64>,
    /// `requested_by_customer`, `duplicate`, `fraudulent`.
    pub reason: Option<String>,
    /// Pull the transfer back in proportion.
    pub reverse_transfer: bool,
    /// Give the application fee back in proportion.
    pub refund_application_fee: bool,
}

impl RefundParams {
    /// A refund of everything left, without flags.
    #[must_use]
    pub fn full(charge: &str) -> Self {
        Self {
            charge: charge.to_owned(),
            amount: None,
            reason: None,
            reverse_transfer: false,
            refund_application_fee: false,
        }
    }
}

/// A dispute to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeParams {
    /// Disputed charge.
    pub charge: String,
    /// Minor units in presentment currency; `None` disputes the whole charge.
    pub amount: Option<i64>,
    /// Stripe's `reason`, e.g. `fraudulent`.
    pub reason: &'static str,
    /// An inquiry: no money moves.
    pub inquiry: bool,
}

/// How a dispute ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeOutcome {
    /// All money comes back.
    Won,
    /// The money stays away.
    Lost,
    /// Only this much (minor units, presentment currency) comes back.
    Partial(i64),
}

/// A payout to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutParams {
    /// Minor units.
    pub amount: i64,
    /// Lower-case currency.
    pub currency: String,
    /// `method=instant`: arrives within the minute and costs a fee.
    pub instant: bool,
    /// Currency of the bank account, where it is not the balance's: Stripe converts.
    pub bank_currency: Option<String>,
}

impl PayoutParams {
    /// A standard payout to a bank account of the same currency.
    #[must_use]
    pub fn standard(amount: i64, currency: &str) -> Self {
        Self {
            amount,
            currency: currency.to_owned(),
            instant: false,
            bank_currency: None,
        }
    }

    /// The same to a card, at once.
    #[must_use]
    pub fn instant(amount: i64, currency: &str) -> Self {
        Self {
            instant: true,
            ..Self::standard(amount, currency)
        }
    }
}
