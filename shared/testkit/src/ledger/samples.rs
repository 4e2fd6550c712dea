//! Small movements for tests of the ledger.

use tributary_domain::change::state::Payout;
use tributary_domain::{BalanceTransaction, FeeDetail, Links, Mode, ObjectId, Owner, Source};
use tributary_ledger::Book;

/// The platform's live book.
pub fn platform() -> Book {
    Book {
        mode: Mode::Live,
        owner: Owner::Platform,
    }
}

/// The live book of the `n`th connected account.
pub fn connected(n: usize) -> Book {
    let owner = Owner::parse(&format!("acct_{n}")).unwrap_or_else(|_| unreachable!());
    Book {
        mode: Mode::Live,
        owner,
    }
}

/// An id.
pub fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap_or_else(|_| unreachable!("{text}"))
}

/// The `n`th payment of an account, booked at `created`: 10.00 less 0.30, in one of
/// two currencies.
pub fn payment(n: usize, created: i64) -> BalanceTransaction {
    let currency = if n.is_multiple_of(5) { "eur" } else { "usd" };
    BalanceTransaction {
        id: id(&format!("txn_{n:05}")),
        kind: "charge".to_owned(),
        reporting_category: "charge".to_owned(),
        balance_type: "payments".to_owned(),
        currency: currency.to_owned(),
        amount: 1_000,
        fee: 30,
        net: 970,
        fee_details: vec![FeeDetail {
            kind: "stripe_fee".to_owned(),
            amount: 30,
            currency: currency.to_owned(),
            application: None,
        }],
        exchange_rate: None,
        created,
        available_on: created,
        status: "available".to_owned(),
        source: Some(Source {
            id: id(&format!("ch_{n:05}")),
            kind: Some("charge".to_owned()),
            links: Links::default(),
        }),
    }
}

/// An automatic payout in dollars that is paid, and of which Stripe can say what it
/// consists of.
pub fn payout(amount: i64, created: i64, arrival_date: i64) -> Payout {
    Payout {
        amount,
        currency: "usd".to_owned(),
        status: "paid".to_owned(),
        created,
        arrival_date,
        automatic: true,
        method: Some("standard".to_owned()),
        kind: None,
        source_type: None,
        destination: None,
        balance_transaction: None,
        failure_balance_transaction: None,
        failure_code: None,
        reconciliation_status: Some("completed".to_owned()),
        original_payout: None,
        reversed_by: None,
        application_fee: None,
        application_fee_amount: None,
        trace: None,
    }
}

/// The refund of the `n`th payment.
pub fn refund(n: usize, created: i64) -> BalanceTransaction {
    let payment = payment(n, created);
    BalanceTransaction {
        id: id(&format!("txn_{n:05}r")),
        kind: "refund".to_owned(),
        reporting_category: "refund".to_owned(),
        amount: -1_000,
        fee: 0,
        net: -1_000,
        fee_details: Vec::new(),
        source: Some(Source {
            id: id(&format!("re_{n:05}")),
            kind: Some("refund".to_owned()),
            links: Links {
                charge: Some(id(&format!("ch_{n:05}"))),
                ..Links::default()
            },
        }),
        ..payment
    }
}

/// What the `n`th payment passed on to an account.
pub fn transfer(n: usize, amount: i64, created: i64) -> BalanceTransaction {
    let payment = payment(n, created);
    BalanceTransaction {
        id: id(&format!("txn_{n:05}t")),
        kind: "transfer".to_owned(),
        reporting_category: "transfer".to_owned(),
        amount: -amount,
        fee: 0,
        net: -amount,
        fee_details: Vec::new(),
        source: Some(Source {
            id: id(&format!("tr_{n:05}")),
            kind: Some("transfer".to_owned()),
            links: Links {
                source_transaction: Some(id(&format!("ch_{n:05}"))),
                destination: Some("acct_1".to_owned()),
                ..Links::default()
            },
        }),
        ..payment
    }
}

/// A movement of a type that nobody has heard of.
pub fn unheard_of(n: usize, created: i64) -> BalanceTransaction {
    BalanceTransaction {
        id: id(&format!("txn_{n:05}u")),
        kind: "quantum_adjustment".to_owned(),
        reporting_category: "quantum_adjustment".to_owned(),
        source: None,
        ..payment(n, created)
    }
}

/// A movement whose own arithmetic does not hold.
pub fn contradictory(n: usize, created: i64) -> BalanceTransaction {
    BalanceTransaction {
        id: id(&format!("txn_{n:05}x")),
        net: 971,
        ..payment(n, created)
    }
}
