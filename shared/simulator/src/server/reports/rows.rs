//! The rows of a report, from the books of the world.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    columns,
    kinds::{About, Asked, Kind},
};
use crate::{Fields, Owner, World};

/// One balance transaction with all that a row can say of it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) transaction: &'a Value,
    /// The connected account it is on.
    pub(super) account: Option<&'a str>,
    /// The object that moved the money.
    pub(super) source: Option<&'a Value>,
    /// The charge that the source is or belongs to.
    pub(super) charge: Option<&'a Value>,
    /// The automatic payout that settled it.
    pub(super) payout: Option<&'a Value>,
    /// Of a payout: when it failed or was canceled.
    pub(super) returned_at: Option<i64>,
}

impl<'a> Line<'a> {
    fn of(
        world: &'a World,
        owner: &'a Owner,
        transaction: &'a Value,
        payout: Option<&str>,
    ) -> Self {
        let find = |id: &str| world.object(owner, id);
        let source = transaction.text_opt("source").and_then(find);
        let charge = source.and_then(|source| match source.text("object") {
            "charge" => Some(source),
            _ => source.text_opt("charge").and_then(find),
        });
        let failure = source.and_then(|source| source.text_opt("failure_balance_transaction"));
        Self {
            transaction,
            account: owner.account_id(),
            source,
            charge,
            payout: payout.and_then(find),
            returned_at: failure.and_then(find).map(|back| back.int("created")),
        }
    }

    /// The source, if it is of this kind.
    pub(super) fn source_of(&self, kind: &str) -> Option<&'a Value> {
        self.source.filter(|source| source.text("object") == kind)
    }

    /// What the customer saw of it.
    pub(super) fn facing(&self) -> Option<&'a Value> {
        ["charge", "refund", "dispute"]
            .into_iter()
            .find_map(|kind| self.source_of(kind))
    }

    fn is_payout(&self) -> bool {
        ["payout", "payout_reversal"].contains(&self.transaction.text("reporting_category"))
    }

    /// The payout that paid it out, once Stripe is done with it.
    fn reconciled(&self) -> Option<&'a Value> {
        self.payout
            .filter(|payout| payout.text("reconciliation_status") == "completed")
    }

    /// When a payout counts: an automatic one when it arrives, any other when it is made.
    pub(super) fn effective_at(&self) -> i64 {
        let automatic = self.transaction.text("reporting_category") == "payout"
            && self.source.is_some_and(|payout| payout.flag("automatic"));
        match self.source {
            Some(payout) if automatic => payout.int("arrival_date"),
            _ => self.transaction.int("created"),
        }
    }
}

/// The report as CSV, accounts in their order and each oldest first.
pub(super) fn render(world: &World, kind: Kind, asked: &Asked) -> String {
    let mut csv = String::new();
    push(&mut csv, asked.columns.iter().map(String::as_str));
    for owner in owners(world, kind, asked) {
        let settled_by = settled_by(world, &owner);
        let listed: Vec<&Value> = world.listed_transactions(&owner).collect();
        for transaction in listed.into_iter().rev() {
            let payout = settled_by.get(transaction.text("id")).copied();
            let line = Line::of(world, &owner, transaction, payout);
            if belongs(world, &line, kind, asked) {
                let cells: Vec<String> = asked
                    .columns
                    .iter()
                    .map(|column| columns::cell(&line, column))
                    .collect();
                push(&mut csv, cells.iter().map(String::as_str));
            }
        }
    }
    csv
}

/// Whose books the report is about: connected accounts only as long as they let the platform in.
fn owners(world: &World, kind: Kind, asked: &Asked) -> Vec<Owner> {
    if !kind.connected {
        return vec![Owner::Platform];
    }
    let one = asked.connected_account.as_deref();
    world
        .accounts()
        .iter()
        .filter(|id| one.is_none_or(|one| one == *id) && !world.is_deauthorized(id))
        .map(|id| Owner::account(id))
        .collect()
}

fn belongs(world: &World, line: &Line<'_>, kind: Kind, asked: &Asked) -> bool {
    let at = match kind.about {
        About::Activity => Some(line.transaction.int("created")),
        About::Payouts => Some(line.effective_at()),
        About::PaidOut => line.reconciled().map(|payout| payout.int("arrival_date")),
    };
    let is = |wanted: &Option<String>, member: &str| {
        wanted
            .as_ref()
            .is_none_or(|wanted| wanted == line.transaction.text(member))
    };
    let unreported = &world.flaws.unreported;
    line.is_payout() == (kind.about == About::Payouts)
        && !unreported.contains(line.transaction.text("id"))
        && at.is_some_and(|at| (asked.start..asked.end).contains(&at))
        && is(&asked.currency, "currency")
        && is(&asked.reporting_category, "reporting_category")
}

/// The automatic payout of each transaction that has one.
fn settled_by<'a>(world: &'a World, owner: &Owner) -> BTreeMap<&'a str, &'a str> {
    let payouts = world.store.ids(owner, "payout");
    let mut settled = BTreeMap::new();
    for payout in payouts {
        let Some((payout, transactions)) = world.settled_by.get_key_value(payout) else {
            continue;
        };
        for transaction in transactions {
            settled.insert(transaction.as_str(), payout.as_str());
        }
    }
    settled
}

fn push<'c>(csv: &mut String, cells: impl Iterator<Item = &'c str>) {
    for (position, cell) in cells.enumerate() {
        if position > 0 {
            csv.push(',');
        }
        if cell.contains([',', '"', '\n']) {
            csv.push('"');
            csv.push_str(&cell.replace('"', "\"\""));
            csv.push('"');
        } else {
            csv.push_str(cell);
        }
    }
    csv.push('\n');
}
