//! What a POST can ask for. Reading a request and doing the work are apart, because an
//! idempotency key holds only from the moment the work begins.

use serde_json::Value;

use super::{
    error::Refusal,
    params::Params,
    request::{Request, accessible},
};
use crate::{ApiError, Fields, Owner, PayoutParams, RefundParams, TransferParams, World};

/// A request that is complete and well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    CreatePayout {
        owner: Owner,
        params: PayoutParams,
    },
    CancelPayout {
        owner: Owner,
        id: String,
    },
    ReversePayout {
        owner: Owner,
        id: String,
    },
    Refund {
        owner: Owner,
        params: RefundParams,
    },
    Transfer(TransferParams),
    ReverseTransfer {
        id: String,
        amount: Option<i64>,
    },
    RefundApplicationFee {
        id: String,
        amount: Option<i64>,
    },
    SetPayoutInterval {
        owner: Owner,
        interval: String,
        settings: Settings,
    },
}

/// The two objects that carry the payout schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settings {
    Account,
    Balance,
}

/// Parameters that every POST takes and the world does not model.
const IGNORED: [&str; 2] = ["metadata", "description"];

impl Write {
    /// What `request` asks for.
    pub(super) fn parse(request: &Request, world: &World) -> Result<Self, Refusal> {
        let params = &request.params;
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        let owner = request.owner.clone();
        match path.as_slice() {
            ["v1", "payouts"] => Ok(Self::CreatePayout {
                owner,
                params: payout(params)?,
            }),
            ["v1", "payouts", id, "cancel"] => {
                only(params, &[])?;
                Ok(Self::CancelPayout {
                    owner,
                    id: (*id).to_owned(),
                })
            }
            ["v1", "payouts", id, "reverse"] => {
                only(params, &[])?;
                Ok(Self::ReversePayout {
                    owner,
                    id: (*id).to_owned(),
                })
            }
            ["v1", "refunds"] => {
                let params = refund(params, world, &owner)?;
                Ok(Self::Refund { owner, params })
            }
            ["v1", "transfers"] => Ok(Self::Transfer(transfer(params)?)),
            ["v1", "transfers", id, "reversals"] => Ok(Self::ReverseTransfer {
                id: (*id).to_owned(),
                amount: part(params)?,
            }),
            ["v1", "application_fees", id, "refunds"] => Ok(Self::RefundApplicationFee {
                id: (*id).to_owned(),
                amount: part(params)?,
            }),
            ["v1", "balance_settings"] => {
                let interval = interval(params, "payments")?;
                Ok(Self::SetPayoutInterval {
                    owner,
                    interval,
                    settings: Settings::Balance,
                })
            }
            ["v1", "accounts", id] => {
                let (owner, interval) = (accessible(world, id)?, interval(params, "settings")?);
                Ok(Self::SetPayoutInterval {
                    owner,
                    interval,
                    settings: Settings::Account,
                })
            }
            _ => Err(Refusal::unknown_route("POST", &request.url())),
        }
    }

    /// Does it; the answer is the object that was made or changed.
    pub(super) fn execute(&self, world: &mut World) -> Result<Value, Refusal> {
        let (owner, id) = match self {
            Self::CreatePayout { owner, params } => (owner, world.create_payout(owner, params)?),
            Self::CancelPayout { owner, id } => {
                world.cancel_payout(owner, id)?;
                (owner, id.clone())
            }
            Self::ReversePayout { owner, id } => (owner, world.reverse_payout(owner, id)?),
            Self::Refund { owner, params } => (owner, world.refund(owner, params)?),
            Self::Transfer(params) => (&Owner::Platform, world.create_transfer(params)?),
            Self::ReverseTransfer { id, amount } => {
                (&Owner::Platform, world.reverse_transfer(id, *amount)?)
            }
            Self::RefundApplicationFee { id, amount } => {
                (&Owner::Platform, world.refund_application_fee(id, *amount)?)
            }
            Self::SetPayoutInterval {
                owner,
                interval,
                settings,
            } => {
                world.update_payout_schedule(owner, interval)?;
                match (settings, owner) {
                    (Settings::Account, Owner::Account(id)) => (owner, id.clone()),
                    _ => return Ok(world.balance_settings(owner)),
                }
            }
        };
        let missing = || ApiError::missing("object", &id).into();
        world.object(owner, &id).cloned().ok_or_else(missing)
    }
}

fn only(params: &Params, known: &[&str]) -> Result<(), Refusal> {
    params.only(&[known, &IGNORED].concat())
}

fn positive(params: &Params, name: &str) -> Result<Option<i64>, Refusal> {
    match params.integer(name)? {
        Some(amount) if amount <= 0 => Err(Refusal::invalid(
            name,
            format!("{name} must be greater than zero"),
        )),
        amount => Ok(amount),
    }
}

fn amount(params: &Params) -> Result<i64, Refusal> {
    positive(params, "amount")?.ok_or_else(|| Refusal::missing_parameter("amount"))
}

/// The amount of something partial; without it, all that is left.
fn part(params: &Params) -> Result<Option<i64>, Refusal> {
    only(params, &["amount"])?;
    positive(params, "amount")
}

fn payout(params: &Params) -> Result<PayoutParams, Refusal> {
    only(params, &["amount", "currency", "method"])?;
    let instant = match params.get("method") {
        None | Some("standard") => false,
        Some("instant") => true,
        Some(other) => {
            return Err(Refusal::invalid(
                "method",
                format!("Invalid method: {other}"),
            ));
        }
    };
    let currency = params.required("currency")?;
    Ok(PayoutParams {
        instant,
        ..PayoutParams::standard(amount(params)?, currency)
    })
}

fn refund(params: &Params, world: &World, owner: &Owner) -> Result<RefundParams, Refusal> {
    const FLAGS: [&str; 2] = ["reverse_transfer", "refund_application_fee"];
    only(
        params,
        &[
            &["charge", "payment_intent", "amount", "reason"][..],
            &FLAGS,
        ]
        .concat(),
    )?;
    let charge = match (params.get("charge"), params.get("payment_intent")) {
        (Some(charge), _) => charge.to_owned(),
        (None, Some(intent)) => charge_of(world, owner, intent)?,
        (None, None) => return Err(Refusal::missing_parameter("charge")),
    };
    let [reverse_transfer, refund_application_fee] = FLAGS.map(|name| params.boolean(name));
    Ok(RefundParams {
        charge,
        amount: positive(params, "amount")?,
        reason: params.get("reason").map(str::to_owned),
        reverse_transfer: reverse_transfer?.unwrap_or_default(),
        refund_application_fee: refund_application_fee?.unwrap_or_default(),
    })
}

fn charge_of(world: &World, owner: &Owner, intent: &str) -> Result<String, Refusal> {
    let mut charges = world
        .store
        .ids(owner, "charge")
        .filter_map(|id| world.object(owner, id));
    charges
        .find(|charge| charge.text("payment_intent") == intent)
        .map(|charge| charge.text("id").to_owned())
        .ok_or_else(|| Refusal::missing("payment_intent", intent, "payment_intent"))
}

fn transfer(params: &Params) -> Result<TransferParams, Refusal> {
    let optional = ["source_transaction", "transfer_group"];
    only(
        params,
        &[&["amount", "currency", "destination"][..], &optional].concat(),
    )?;
    let [source_transaction, transfer_group] =
        optional.map(|name| params.get(name).map(str::to_owned));
    Ok(TransferParams {
        amount: amount(params)?,
        currency: params.required("currency")?.to_owned(),
        destination: params.required("destination")?.to_owned(),
        source_transaction,
        transfer_group,
    })
}

/// The new interval of the payout schedule below `root`.
fn interval(params: &Params, root: &str) -> Result<String, Refusal> {
    only(params, &[root])?;
    let name = format!("{root}[payouts][schedule][interval]");
    match params.required(&name)? {
        interval @ ("manual" | "daily" | "weekly" | "monthly") => Ok(interval.to_owned()),
        other => Err(Refusal::invalid(
            &name,
            format!("Invalid interval: {other}"),
        )),
    }
}
