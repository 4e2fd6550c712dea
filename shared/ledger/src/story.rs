//! Everything that is known of one object: what derived entries are made from.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::ObjectId;

use crate::{
    Account, Balances, Book, Entry, Overflow,
    fact::{Fact, Says},
    origin::Origin,
};

/// The entries and facts of one object and of those that belong to it, on one book.
///
/// Stories have the object that they are about at their root: a charge with its
/// refunds, disputes, transfers and their reversals; a dispute; a payout; a top-up;
/// a transfer that passes on no payment. A story is a set: it does not matter in
/// which order it was told, nor how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    book: Book,
    root: ObjectId,
    entries: BTreeMap<ObjectId, Entry>,
    facts: BTreeMap<ObjectId, Fact>,
}

impl Story {
    /// A story in which nothing has happened yet.
    pub fn new(book: Book, root: ObjectId) -> Self {
        Self {
            book,
            root,
            entries: BTreeMap::new(),
            facts: BTreeMap::new(),
        }
    }

    /// Whose book.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// The object it is about.
    pub fn root(&self) -> &ObjectId {
        &self.root
    }

    /// Adds an entry. Those of other books are not part of the story.
    pub fn add_entry(&mut self, entry: Entry) {
        if entry.book == self.book {
            self.entries
                .entry(entry.transaction.clone())
                .or_insert(entry);
        }
    }

    /// Adds a fact of this book's object.
    pub fn add_fact(&mut self, fact: Fact) {
        let joined = match self.facts.remove(&fact.id) {
            Some(known) => known.join(fact),
            None => fact,
        };
        self.facts.insert(joined.id.clone(), joined);
    }

    /// Its entries, by transaction.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Entries that one object moved, by transaction.
    pub fn moved_by<'a>(&'a self, object: &'a ObjectId) -> impl Iterator<Item = &'a Entry> {
        self.entries()
            .filter(move |entry| entry.source.as_ref().is_some_and(|it| it.id == *object))
    }

    /// What the latest fact says of an object.
    pub fn says(&self, object: &ObjectId) -> Option<&Says> {
        self.facts.get(object).map(|fact| &fact.says)
    }

    /// The objects that belong to another one of the story, by any entry or fact.
    pub fn belonging_to(&self, object: &ObjectId) -> BTreeSet<&ObjectId> {
        let by_entry = self.entries().filter_map(|entry| {
            let source = entry.source.as_ref()?;
            (entry.belongs_to()? == object).then_some(&source.id)
        });
        let by_fact = self
            .facts
            .values()
            .filter_map(|fact| (fact.belongs_to()? == object).then_some(&fact.id));
        let made_by_charge = match self.says(object) {
            Some(Says::Charge(charge)) => charge.transfer.as_ref(),
            _ => None,
        };
        by_entry.chain(by_fact).chain(made_by_charge).collect()
    }

    /// The balance of an account in one currency, by the journal entries alone.
    ///
    /// # Errors
    /// When a sum does not fit.
    pub fn balance(&self, account: &Account, currency: &str) -> Result<i64, Overflow> {
        let mut balances = Balances::default();
        for entry in self.entries().filter(|entry| entry.currency == currency) {
            balances.add(account.clone(), entry.on(account))?;
        }
        Ok(balances.of(account))
    }
}

impl Entry {
    /// The object whose story this entry belongs to, if that is not its source's
    /// own: the charge of a refund, of a dispute and of a transfer, the transfer of
    /// a reversal. The chain ends at the root: a reversal belongs to a transfer,
    /// and that to the charge that it passes on.
    pub fn belongs_to(&self) -> Option<&ObjectId> {
        let source = self.source.as_ref()?;
        let links = &source.links;
        match Origin::of(source) {
            Origin::Refund | Origin::Dispute => links.charge.as_ref(),
            Origin::Transfer => links.source_transaction.as_ref(),
            Origin::TransferReversal => links.transfer.as_ref(),
            Origin::Charge | Origin::FeeRefund | Origin::Other => None,
        }
    }
}

/// More links than any chain of objects has.
const CHAIN_MAX: usize = 8;

/// Cuts a whole book into its stories, by root. A dispute has a story of its own,
/// and is part of its charge's.
pub fn stories(
    book: &Book,
    entries: impl IntoIterator<Item = Entry>,
    facts: impl IntoIterator<Item = Fact>,
) -> BTreeMap<ObjectId, Story> {
    let (entries, facts): (Vec<Entry>, Vec<Fact>) =
        (entries.into_iter().collect(), facts.into_iter().collect());
    let chains = Chains::of(&entries, &facts);
    let mut stories = BTreeMap::new();
    let mut story = |root: ObjectId, tell: &dyn Fn(&mut Story)| {
        let story = stories.entry(root.clone());
        tell(story.or_insert_with(|| Story::new(book.clone(), root)));
    };
    for entry in &entries {
        let Some(source) = &entry.source else {
            continue;
        };
        for root in chains.roots(&source.id) {
            story(root, &|story| story.add_entry(entry.clone()));
        }
    }
    for fact in &facts {
        for root in chains.roots(&fact.id) {
            story(root, &|story| story.add_fact(fact.clone()));
        }
    }
    stories
}

/// Which object belongs to which.
#[derive(Default)]
struct Chains {
    parents: BTreeMap<ObjectId, ObjectId>,
    disputes: BTreeSet<ObjectId>,
}

impl Chains {
    fn of(entries: &[Entry], facts: &[Fact]) -> Self {
        let mut chains = Self::default();
        for fact in facts {
            let id = fact.id.clone();
            match &fact.says {
                Says::Charge(charge) => {
                    let made = charge.transfer.clone().map(|transfer| (transfer, id));
                    chains.parents.extend(made);
                }
                Says::Dispute(_) => {
                    chains.disputes.insert(id.clone());
                    chains.link(id, fact.belongs_to());
                }
                _ => chains.link(id, fact.belongs_to()),
            }
        }
        for entry in entries {
            if let Some(source) = &entry.source {
                chains.link(source.id.clone(), entry.belongs_to());
                if Origin::of(source) == Origin::Dispute {
                    chains.disputes.insert(source.id.clone());
                }
            }
        }
        chains
    }

    fn link(&mut self, object: ObjectId, parent: Option<&ObjectId>) {
        let linked = parent.map(|parent| (object, parent.clone()));
        self.parents.extend(linked);
    }

    /// The stories that an object is part of.
    fn roots(&self, object: &ObjectId) -> BTreeSet<ObjectId> {
        let chain = std::iter::successors(Some(object), |it| self.parents.get(*it));
        let top = chain.take(CHAIN_MAX).last().unwrap_or(object);
        let own = self.disputes.contains(object).then(|| object.clone());
        own.into_iter().chain([top.clone()]).collect()
    }
}
