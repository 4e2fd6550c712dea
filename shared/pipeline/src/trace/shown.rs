//! One line of what an object shows: how it stands and what it is worth.

use serde::Serialize;
use tributary_domain::change::State;

/// How an object stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Stripe's status, or ours where Stripe has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Currency of the amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
}

fn of(status: &str, amount: i64, currency: &str) -> Shown {
    Shown {
        status: Some(status.to_owned()),
        amount: Some(amount),
        currency: Some(currency.to_owned()),
        failure_code: None,
    }
}

/// How something stands that comes back by parts.
fn by_parts(whole: bool, back: i64) -> &'static str {
    match (whole, back) {
        (true, _) => "taken back",
        (false, 0) => "made",
        (false, _) => "taken back in part",
    }
}

impl Shown {
    /// Of an object.
    pub fn of(state: &State) -> Self {
        match state {
            State::Charge(it) => Self {
                failure_code: it.failure_code.clone(),
                ..of(
                    charge(it.refunded, it.amount_refunded, it.disputed, &it.status),
                    it.amount,
                    &it.currency,
                )
            },
            State::Refund(it) => Self {
                failure_code: it.failure_reason.clone(),
                ..of(
                    it.status.as_deref().unwrap_or("made"),
                    it.amount,
                    &it.currency,
                )
            },
            State::Dispute(it) => of(&it.status, it.amount, &it.currency),
            State::Payout(it) => Self {
                failure_code: it.failure_code.clone(),
                ..of(&it.status, it.amount, &it.currency)
            },
            State::Topup(it) => Self {
                failure_code: it.failure_code.clone(),
                ..of(&it.status, it.amount, &it.currency)
            },
            State::Transfer(it) => {
                let status = by_parts(it.reversed, it.amount_reversed);
                of(status, it.amount, &it.currency)
            }
            State::ApplicationFee(it) => {
                let status = by_parts(it.refunded, it.amount_refunded);
                of(status, it.amount, &it.currency)
            }
            State::TransferReversal(it) => of("made", it.amount, &it.currency),
            State::ApplicationFeeRefund(it) => of("made", it.amount, &it.currency),
            State::Account(it) => Self {
                status: Some(account(it.charges_enabled, it.payouts_enabled).to_owned()),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

fn charge(refunded: bool, back: i64, disputed: bool, status: &str) -> &str {
    match (refunded, back, disputed) {
        (_, _, true) => "disputed",
        (true, ..) => "refunded",
        (false, 1.., _) => "refunded in part",
        _ => status,
    }
}

fn account(charges: bool, payouts: bool) -> &'static str {
    match (charges, payouts) {
        (true, true) => "enabled",
        (true, false) => "payouts disabled",
        (false, true) => "charges disabled",
        (false, false) => "disabled",
    }
}
