//! Two books of one platform of which it is known what belongs together: by seed, with
//! the errors that books kept apart have.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tributary_domain::{AccountId, Currency, Owner};
use tributary_matching::{LedgerLine, OwnEntry};

const DAY_S: i64 = 86_400;

/// 2026-11-01, unix seconds.
const BEGIN: i64 = 1_793_491_200;

/// What a third of all orders cost, minor units.
const PRICES: [i64; 6] = [999, 1_999, 2_500, 4_900, 9_900, 19_900];

/// How many orders, and of a thousand, how many have which error. One order may have
/// several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Orders.
    pub orders: usize,
    /// Connected accounts that they belong to.
    pub accounts: usize,
    /// Days over which they spread.
    pub days: i64,
    /// The order's number has a typing error, and there is no other reference.
    pub typo: u32,
    /// There is no reference at all.
    pub nameless: u32,
    /// The two books are up to five days apart.
    pub late: u32,
    /// The own book has what is left after fees.
    pub netted: u32,
    /// One own entry, two or three lines.
    pub split: u32,
    /// Two or three own entries, one line.
    pub merged: u32,
    /// A second order alike: of the same amount and day, with the next number.
    pub twin: u32,
    /// Only one of the books has it.
    pub alone: u32,
    /// The own amount is wrong by some minor units.
    pub wrong: u32,
}

impl Shape {
    /// Books of so many orders with some of everything.
    pub fn of(orders: usize) -> Self {
        Self {
            orders,
            accounts: orders.div_ceil(150),
            days: 14,
            typo: 60,
            nameless: 60,
            late: 100,
            netted: 80,
            split: 30,
            merged: 30,
            twin: 60,
            alone: 20,
            wrong: 10,
        }
    }
}

/// Two books and what belongs together.
#[derive(Debug, Clone, Default)]
pub struct Labelled {
    /// The own book, in no order.
    pub own: Vec<OwnEntry>,
    /// The ledger, in no order.
    pub lines: Vec<LedgerLine>,
    /// Ids of own entries and of ledger lines that are one and agree on the amount.
    pub truth: Vec<(Vec<String>, Vec<String>)>,
}

impl Labelled {
    /// The books of a seed.
    pub fn of(seed: u64, shape: &Shape) -> Self {
        let mut maker = Maker {
            rng: ChaCha8Rng::seed_from_u64(seed),
            shape,
            books: Self::default(),
            number: 100_000,
        };
        for _ in 0..shape.orders {
            maker.order();
        }
        let Maker {
            mut rng, mut books, ..
        } = maker;
        books.own.shuffle(&mut rng);
        books.lines.shuffle(&mut rng);
        books
    }
}

struct Maker<'s> {
    rng: ChaCha8Rng,
    shape: &'s Shape,
    books: Labelled,
    /// The last order's number.
    number: u64,
}

impl Maker<'_> {
    fn chance(&mut self, per_mille: u32) -> bool {
        self.rng.random_range(0..1000) < per_mille
    }

    fn order(&mut self) {
        let account = format!(
            "acct_{:05}",
            self.rng.random_range(0..self.shape.accounts.max(1))
        );
        let amount = if self.chance(330) {
            PRICES
                .get(self.rng.random_range(0..PRICES.len()))
                .copied()
                .unwrap_or(999)
        } else {
            self.rng.random_range(500..60_000)
        };
        let time = BEGIN + self.rng.random_range(0..self.shape.days.max(1) * DAY_S);
        self.one(&account, amount, time);
        if self.chance(self.shape.twin) {
            let later = self.rng.random_range(0..7200);
            self.one(&account, amount, time + later);
        }
    }

    /// One order in both books.
    fn one(&mut self, account: &str, amount: i64, time: i64) {
        self.number += 1;
        let order = format!("order_{}", self.number);
        let buyer = format!("buyer_{}", self.rng.random_range(0..100_000));
        let (own_parts, line_parts) = match self.rng.random_range(0..1000_u32) {
            roll if roll < self.shape.split => (1, self.rng.random_range(2..=3)),
            roll if roll < self.shape.split + self.shape.merged => {
                (self.rng.random_range(2..=3), 1)
            }
            _ => (1, 1),
        };
        let line_amounts = self.parts(amount, line_parts);
        let lines = self.lines(account, &order, &buyer, &line_amounts, time);
        let is_netted = line_parts == 1 && self.chance(self.shape.netted);
        let booked: i64 = if is_netted {
            lines.iter().map(|line| line.net).sum()
        } else {
            amount
        };
        let charge = lines
            .first()
            .and_then(|line| line.references.first().cloned());
        let own_amounts = self.parts(booked, own_parts);
        let mut own = self.own(account, &order, &buyer, &own_amounts, time);
        self.blur(&mut own, charge);
        let is_wrong = self.chance(self.shape.wrong);
        if let (true, Some(entry)) = (is_wrong, own.first_mut()) {
            entry.amount += self.rng.random_range(1..90);
        }
        let is_alone = self.chance(self.shape.alone);
        let ids = (
            own.iter().map(|e| e.id.clone()).collect(),
            lines.iter().map(|l| l.id.clone()).collect(),
        );
        match (is_alone, self.rng.random_bool(0.5)) {
            (true, true) => self.books.own.extend(own),
            (true, false) => self.books.lines.extend(lines),
            (false, _) => {
                self.books.own.extend(own);
                self.books.lines.extend(lines);
                if !is_wrong {
                    self.books.truth.push(ids);
                }
            }
        }
    }

    /// An amount in so many parts.
    fn parts(&mut self, amount: i64, parts: usize) -> Vec<i64> {
        let mut rest = amount;
        let mut amounts = Vec::new();
        for left in (1..parts).rev() {
            let most = (rest - i64::try_from(left).unwrap_or(1) * 50).max(51);
            let part = self.rng.random_range(50..most);
            amounts.push(part);
            rest -= part;
        }
        amounts.push(rest);
        amounts
    }

    fn lines(
        &mut self,
        account: &str,
        order: &str,
        buyer: &str,
        amounts: &[i64],
        time: i64,
    ) -> Vec<LedgerLine> {
        let knows_buyer = self.chance(300);
        let knows_order = self.chance(850);
        let late = if self.chance(self.shape.late) {
            self.rng.random_range(1..=5) * DAY_S
        } else {
            0
        };
        let mut lines = Vec::new();
        for amount in amounts {
            let (charge, id) = (self.id("ch"), self.id("txn"));
            let fee = amount * 29 / 1000 + 30;
            let mut references = vec![charge, self.id("pi")];
            if knows_order {
                references.push(order.to_owned());
            }
            lines.push(LedgerLine {
                id,
                account: owner(account),
                kind: "charge".to_owned(),
                occurred_at: time + late + self.rng.random_range(0..3600),
                currency: usd(),
                amount: *amount,
                net: amount - fee,
                references,
                counterparty: if knows_buyer {
                    buyer.to_owned()
                } else {
                    String::new()
                },
            });
        }
        lines
    }

    fn own(
        &mut self,
        account: &str,
        order: &str,
        buyer: &str,
        amounts: &[i64],
        time: i64,
    ) -> Vec<OwnEntry> {
        let knows_buyer = self.chance(600);
        amounts
            .iter()
            .map(|amount| OwnEntry {
                id: self.id("own"),
                account: owner(account),
                kind: "order".to_owned(),
                occurred_at: time - self.rng.random_range(0..7200),
                currency: usd(),
                amount: *amount,
                references: vec![order.to_owned()],
                counterparty: if knows_buyer {
                    buyer.to_owned()
                } else {
                    String::new()
                },
            })
            .collect()
    }

    /// What happens to references.
    fn blur(&mut self, own: &mut [OwnEntry], charge: Option<String>) {
        let roll = self.rng.random_range(0..1000_u32);
        let knows_charge = self.chance(400);
        for entry in own {
            if roll < self.shape.nameless {
                entry.references.clear();
            } else if roll < self.shape.nameless + self.shape.typo {
                let text = entry.references.first().map(|order| self.mistyped(order));
                entry.references = text.into_iter().collect();
            } else if knows_charge {
                entry.references.extend(charge.clone());
                entry.references.sort_unstable();
            }
        }
    }

    /// A digit too many, too few, another, or two that changed places.
    fn mistyped(&mut self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        let at = self
            .rng
            .random_range(letters.len().saturating_sub(5)..letters.len() - 1);
        let digit = char::from(b'0' + self.rng.random_range(0..10_u8));
        match self.rng.random_range(0..4) {
            0 => letters.insert(at, digit),
            1 => {
                letters.remove(at);
            }
            2 => letters.swap(at, at + 1),
            _ => {
                if let Some(letter) = letters.get_mut(at) {
                    *letter = digit;
                }
            }
        }
        letters.into_iter().collect()
    }

    fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}_{:016x}", self.rng.random::<u64>())
    }
}

fn owner(account: &str) -> Owner {
    AccountId::parse(account).map_or(Owner::Platform, Owner::Account)
}

fn usd() -> Currency {
    Currency::try_from("usd".to_owned()).unwrap_or_else(|_| unreachable!("usd is a currency"))
}
