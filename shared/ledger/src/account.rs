//! The chart of accounts.

use std::fmt;

use serde::{Deserialize, Serialize};
use tributary_domain::ObjectId;

/// What a balance on an account means to its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Owned: debits increase it.
    Asset,
    /// Owed: credits increase it.
    Liability,
    /// Earned: credits increase it.
    Revenue,
    /// Earnings given back: debits increase it.
    ContraRevenue,
    /// Spent or lost: debits increase it.
    Expense,
    /// Empty once the story is told: whatever stays there has to be explained.
    Clearing,
    /// Not understood: a person looks at every balance.
    Suspense,
}

macro_rules! chart {
    ($($(#[$doc:meta])* $head:ident = $name:literal, $class:ident;)*) => {
        /// The accounts' names. Most are kept per object, see [`Account`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Head {
            $($(#[$doc])* $head,)*
        }

        impl Head {
            /// The whole chart, in the order in which lines are written.
            pub const ALL: &[Self] = &[$(Self::$head),*];

            /// The name, `expense:stripe_fees`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$head => $name),* }
            }

            /// What a balance on it means.
            pub fn class(self) -> Class {
                match self { $(Self::$head => Class::$class),* }
            }
        }
    };
}

chart! {
    /// What Stripe holds for the owner, by balance type: `payments`, `issuing`, …
    StripeBalance = "stripe_balance", Asset;
    /// What a bank holds, by bank account.
    Bank = "bank", Asset;
    /// Kept on the platform's balance for connected accounts below zero.
    ConnectReserved = "connect_reserved", Asset;
    /// Kept by Stripe against risk.
    RiskReserved = "risk_reserved_by_stripe", Asset;
    /// Kept for a payment network.
    NetworkReserve = "network_reserve", Asset;
    /// Kept because payouts leave a minimum.
    MinimumBalanceHold = "minimum_balance_hold", Asset;
    /// Receivables of Brazilian cards.
    BrazilReceivables = "brazil_receivables", Asset;
    /// Tax that was withheld from payments, to be credited by the tax office.
    WithheldTax = "withheld_tax", Asset;
    /// What payers paid to the platform and it has not passed on or earned, by charge.
    CustomerFunds = "customer_funds", Liability;
    /// What payers sent that belongs to no payment yet.
    UnreconciledFunds = "liability:unreconciled_customer_funds", Liability;
    /// Tax held for the tax office.
    TaxWithheld = "liability:tax_withheld", Liability;
    /// What payers paid to a connected account directly, by charge.
    Sales = "sales", Revenue;
    /// What a connected account received from the platform, by the payment it is there.
    TransfersIn = "transfers_in", Revenue;
    /// The platform's shares of its accounts' payments and payouts.
    ApplicationFees = "revenue:application_fees", Revenue;
    /// What the platform kept of payments after passing on the rest.
    PlatformMargin = "revenue:platform_margin", Revenue;
    /// What the platform paid for a connected account that stayed below zero.
    LossCover = "platform_loss_cover", Revenue;
    /// Shares given back.
    ApplicationFeeRefunds = "contra_revenue:application_fee_refunds", ContraRevenue;
    /// Stripe's fees.
    StripeFees = "expense:stripe_fees", Expense;
    /// The platform's fees, on a connected account's book.
    PlatformFees = "expense:platform_fees", Expense;
    /// Fees of networks and payment methods that Stripe passes through.
    PaymentMethodFees = "expense:payment_method_fees", Expense;
    /// Fees for conversion that are not inside the rate.
    FxFees = "expense:fx_fees", Expense;
    /// Tax on fees.
    TaxOnFees = "expense:tax_on_fees", Expense;
    /// What connected accounts owe for good, by account.
    ConnectedAccountLosses = "expense:connected_account_losses", Expense;
    /// Payments for Stripe's products from the balance.
    StripeBalancePayments = "expense:stripe_balance_payments", Expense;
    /// Climate contributions and orders.
    Climate = "expense:climate", Expense;
    /// Disputed money that did not come back.
    DisputeLosses = "expense:dispute_losses", Expense;
    /// Money passed on to a connected account and not called back when the payer was refunded.
    TransferLosses = "expense:transfer_losses", Expense;
    /// What rates moved between a payment and its return; a credit is a gain.
    FxGainLoss = "fx_gain_loss", Expense;
    /// A part of a fee that its details do not explain.
    FeeUnclassified = "fee:unclassified", Suspense;
    /// A fee of a type without an account, by type.
    FeeType = "fee:type", Suspense;
    /// What the platform passed on to connected accounts, by transfer.
    TransfersOut = "transfers_out", Clearing;
    /// Disputed money, by dispute.
    DisputeClearing = "dispute_clearing", Clearing;
    /// On its way to a bank, by payout.
    PayoutInTransit = "payout_in_transit", Clearing;
    /// On its way from a bank, by top-up.
    TopupInTransit = "topup_in_transit", Clearing;
    /// Between two currencies of one payout, by payout.
    FxClearing = "fx_clearing", Clearing;
    /// Between two balance types, by hold or release.
    ReserveTransit = "reserve_transit", Clearing;
    /// Advanced from pending to available.
    InstantAdvance = "instant_advance_transit", Clearing;
    /// On its way from a bank account that Stripe debits.
    InboundTransit = "inbound_transit", Clearing;
    /// Spent with issued cards.
    IssuingTransit = "issuing_transit", Clearing;
    /// An adjustment that its category does not explain.
    SuspenseAdjustment = "suspense:adjustment", Suspense;
    /// A movement whose object or the object behind that is not known, by source.
    SuspenseUnlinked = "suspense:unlinked", Suspense;
    /// A movement of a type without a rule on this book, by type.
    SuspenseType = "suspense:type", Suspense;
}

/// One account: a name of the chart and, for most, what it is kept for. Written
/// `customer_funds:ch_1`, `stripe_balance:payments`, `expense:stripe_fees`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Account {
    head: Head,
    of: Option<String>,
}

/// The text names no account of the chart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an account of the chart")]
pub struct NotAnAccount;

impl Account {
    /// The account of that name.
    pub fn plain(head: Head) -> Self {
        Self { head, of: None }
    }

    /// The account kept for one object.
    pub fn of(head: Head, object: &ObjectId) -> Self {
        Self::named(head, object.as_str())
    }

    /// The account kept for one name, such as a type; the plain one if it is empty.
    pub fn named(head: Head, name: &str) -> Self {
        Self {
            head,
            of: (!name.is_empty()).then(|| name.to_owned()),
        }
    }

    /// Its place in the chart.
    pub fn head(&self) -> Head {
        self.head
    }

    /// What it is kept for.
    pub fn kept_for(&self) -> Option<&str> {
        self.of.as_deref()
    }

    /// Reads what `Display` wrote.
    ///
    /// # Errors
    /// When the chart has no such name.
    pub fn parse(text: &str) -> Result<Self, NotAnAccount> {
        for head in Head::ALL {
            match text.strip_prefix(head.as_str()) {
                Some("") => return Ok(Self::plain(*head)),
                Some(rest) => {
                    if let Some(name) = rest.strip_prefix(':').filter(|name| !name.is_empty()) {
                        return Ok(Self::named(*head, name));
                    }
                }
                None => {}
            }
        }
        Err(NotAnAccount)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.head.as_str())?;
        match &self.of {
            Some(of) => write!(f, ":{of}"),
            None => Ok(()),
        }
    }
}

impl TryFrom<String> for Account {
    type Error = NotAnAccount;

    fn try_from(text: String) -> Result<Self, NotAnAccount> {
        Self::parse(&text)
    }
}

impl From<Account> for String {
    fn from(account: Account) -> Self {
        account.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_reads_back() {
        for head in Head::ALL {
            for account in [
                Account::plain(*head),
                Account::named(*head, "x_1"),
                Account::named(*head, "a:b#c"),
            ] {
                assert_eq!(Account::parse(&account.to_string()), Ok(account));
            }
        }
    }

    /// Else a name could be read as another account's object.
    #[test]
    fn no_name_continues_another() {
        for head in Head::ALL {
            for other in Head::ALL.iter().filter(|other| *other != head) {
                let prefix = format!("{}:", head.as_str());
                assert!(!other.as_str().starts_with(&prefix), "{other:?} {head:?}");
                assert_ne!(head.as_str(), other.as_str());
            }
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "sales:", "salesman", "expense", "expense:", "SALES"] {
            assert_eq!(Account::parse(text), Err(NotAnAccount), "{text}");
        }
    }
}
