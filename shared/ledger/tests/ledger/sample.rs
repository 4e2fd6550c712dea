//! Movements, facts and books to try things on.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::change::Sequence;
use tributary_domain::{BalanceTransaction, FeeDetail, Links, Mode, ObjectId, Owner, Source};
use tributary_ledger::{
    Account, Balances, Book, Derived, Doubt, Entry, Fact, Says, derive, fact, post, revise, stories,
};

pub(crate) const NOON: i64 = 1_795_348_800;

pub(crate) fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

pub(crate) fn platform() -> Book {
    Book::parse("live#platform").unwrap()
}

pub(crate) fn connected() -> Book {
    Book {
        mode: Mode::Live,
        owner: Owner::parse("acct_1").unwrap(),
    }
}

pub(crate) fn account(text: &str) -> Account {
    Account::parse(text).unwrap()
}

/// A balance transaction under construction.
#[derive(Debug, Clone)]
pub(crate) struct Movement(pub(crate) BalanceTransaction);

pub(crate) fn movement(kind: &str, category: &str, amount: i64) -> Movement {
    Movement(BalanceTransaction {
        id: id("txn_1"),
        kind: kind.to_owned(),
        reporting_category: category.to_owned(),
        balance_type: "payments".to_owned(),
        currency: "usd".to_owned(),
        amount,
        fee: 0,
        net: amount,
        fee_details: Vec::new(),
        exchange_rate: None,
        created: NOON,
        available_on: NOON,
        status: "available".to_owned(),
        source: None,
    })
}

impl Movement {
    pub(crate) fn named(mut self, transaction: &str) -> Self {
        self.0.id = id(transaction);
        self
    }

    /// The source, as it looks when it was read with the list.
    pub(crate) fn from(self, kind: &str, source: &str) -> Self {
        self.linked(kind, source, |_| ())
    }

    pub(crate) fn linked(
        mut self,
        kind: &str,
        source: &str,
        link: impl FnOnce(&mut Links),
    ) -> Self {
        let mut links = Links::default();
        link(&mut links);
        self.0.source = Some(Source {
            id: id(source),
            kind: Some(kind.to_owned()),
            links,
        });
        self
    }

    /// The source, of which only the id is known.
    pub(crate) fn unread(mut self, source: &str) -> Self {
        self.0.source = Some(Source {
            id: id(source),
            kind: None,
            links: Links::default(),
        });
        self
    }

    pub(crate) fn fee(mut self, kind: &str, amount: i64) -> Self {
        self.0.fee += amount;
        self.0.net -= amount;
        self.0.fee_details.push(FeeDetail {
            kind: kind.to_owned(),
            amount,
            currency: self.0.currency.clone(),
            application: None,
        });
        self
    }

    pub(crate) fn currency(mut self, currency: &str) -> Self {
        currency.clone_into(&mut self.0.currency);
        self
    }

    /// What the payer saw, and the rate to the balance's currency.
    pub(crate) fn converted(mut self, presentment: i64, currency: &str, rate: &str) -> Self {
        let links = &mut self.0.source.as_mut().unwrap().links;
        links.presentment_amount = Some(presentment);
        links.presentment_currency = Some(currency.to_owned());
        self.0.exchange_rate = Some(rate.to_owned());
        self
    }

    pub(crate) fn post(&self, book: &Book) -> (Entry, Vec<Doubt>) {
        let posted = post(book, &self.0).unwrap();
        let again = post(book, &posted.entry.movement()).unwrap();
        assert_eq!(again, posted, "an entry holds what it was posted from");
        (posted.entry, posted.doubts)
    }
}

/// One book and everything that was told of it. What is derived is revised after
/// every step, as a pull does.
pub(crate) struct Ledger {
    book: Book,
    entries: Vec<Entry>,
    facts: Vec<Fact>,
    pub(crate) derived: Vec<Derived>,
}

impl Ledger {
    pub(crate) fn new(book: Book) -> Self {
        Self {
            book,
            entries: Vec::new(),
            facts: Vec::new(),
            derived: Vec::new(),
        }
    }

    pub(crate) fn platform() -> Self {
        Self::new(platform())
    }

    pub(crate) fn connected() -> Self {
        Self::new(connected())
    }

    /// Posts a movement, one second after the one before.
    pub(crate) fn post(&mut self, mut movement: Movement) -> &mut Self {
        movement.0.created += i64::try_from(self.entries.len()).unwrap();
        let transaction = format!("txn_{}", self.entries.len() + 1);
        let (entry, doubts) = movement.named(&transaction).post(&self.book);
        assert_eq!(doubts, [], "{entry:?}");
        self.add(entry)
    }

    pub(crate) fn add(&mut self, entry: Entry) -> &mut Self {
        self.entries.push(entry);
        self.settle()
    }

    pub(crate) fn tell(&mut self, object: &str, says: Says) -> &mut Self {
        let sequence = Sequence::new(&(self.facts.len() + 1).to_string());
        self.learn(Fact {
            id: id(object),
            sequence,
            says,
        })
    }

    pub(crate) fn learn(&mut self, fact: Fact) -> &mut Self {
        self.facts.push(fact);
        self.settle()
    }

    fn settle(&mut self) -> &mut Self {
        let stories = stories(&self.book, self.entries.clone(), self.facts.clone());
        for (root, story) in stories {
            let posted: Vec<Derived> = self
                .derived
                .iter()
                .filter(|it| it.root == root)
                .cloned()
                .collect();
            let revised = revise(&posted, &derive(&story).unwrap()).unwrap();
            for entry in &revised {
                let sum: i64 = entry.lines.iter().map(|line| line.amount).sum();
                assert_eq!(sum, 0, "{entry:?}");
            }
            self.derived.extend(revised);
        }
        self
    }

    /// What is left on each account, by currency: both layers.
    pub(crate) fn balances(&self) -> BTreeMap<String, Balances> {
        let mut balances = tributary_ledger::revise::balances(self.derived.iter()).unwrap();
        for entry in &self.entries {
            let currency = balances.entry(entry.currency.clone()).or_default();
            currency.add_lines(&entry.lines).unwrap();
        }
        balances
    }

    /// The same in one currency as texts, without what is empty.
    pub(crate) fn books(&self, currency: &str) -> BTreeMap<String, i64> {
        let balances = self.balances().remove(currency).unwrap_or_default();
        balances
            .iter()
            .map(|(account, balance)| (account.to_string(), balance))
            .collect()
    }

    /// What Stripe holds, US cents.
    pub(crate) fn net(&self) -> i64 {
        let balances = self.balances().remove("usd").unwrap_or_default();
        balances.of(&account("stripe_balance:payments"))
    }

    pub(crate) fn rules(&self) -> BTreeSet<&'static str> {
        let effective = tributary_ledger::revise::effective(self.derived.iter());
        effective.iter().map(|it| it.rule.as_str()).collect()
    }
}

/// Account texts and amounts, to compare books with.
pub(crate) fn expected(lines: &[(&str, i64)]) -> BTreeMap<String, i64> {
    lines
        .iter()
        .map(|(account, amount)| ((*account).to_owned(), *amount))
        .collect()
}

pub(crate) fn dispute(status: &str) -> Says {
    Says::Dispute(fact::DisputeFact {
        status: status.to_owned(),
        charge: Some(id("ch_1")),
    })
}

pub(crate) fn payout(status: &str) -> fact::PayoutFact {
    fact::PayoutFact {
        status: status.to_owned(),
        was_paid: status == "paid",
        amount: 5_000,
        currency: "usd".to_owned(),
        created: NOON,
        arrival_date: NOON + 2 * 86_400,
        automatic: true,
        method: Some("standard".to_owned()),
        destination: Some(id("ba_1")),
        failure_code: None,
        reconciliation_status: None,
    }
}
