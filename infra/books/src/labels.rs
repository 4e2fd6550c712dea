//! What was put wrong on purpose, in the words of the findings.

use tributary_domain::{AccountId, Mode};
use tributary_ledger::{Book, Day};
use tributary_reconciliation::Code;
use tributary_simulator::{Flaw, Injected, Mistake, OwnMatch, OwnMistake, Owner};

/// Where something was put wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// What Stripe says or fails to say.
    Stripe,
    /// What the ledger has stored.
    Ledger,
    /// What the platform's own book says.
    Platform,
}

impl Side {
    /// In words, for the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "Stripe's side",
            Self::Ledger => "the ledger",
            Self::Platform => "the platform's own book",
        }
    }
}

/// One thing that was put wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub side: Side,
    /// What, in one word.
    pub what: String,
    /// The codes under which it may be found: which one depends on who looks first.
    pub codes: Vec<Code>,
    /// Whose book shows it.
    pub book: Book,
    /// The ids by which a finding may call it.
    pub subjects: Vec<String>,
    /// Currency of the amount; empty where no money is at stake.
    pub currency: String,
    /// What is at stake, minor units.
    pub amount: i64,
    /// Whether it has to be found. What only makes a match harder may be, and is then no false
    /// finding.
    pub required: bool,
}

/// The book of an owner in the simulated world, which is a live one.
pub fn book(owner: &Owner) -> Option<Book> {
    let owner = match owner.account_id() {
        None => tributary_domain::Owner::Platform,
        Some(id) => tributary_domain::Owner::Account(AccountId::parse(id).ok()?),
    };
    let mode = Mode::Live;
    Some(Book { mode, owner })
}

impl Label {
    /// A flaw of Stripe's side.
    pub fn of_flaw(injected: &Injected) -> Option<Self> {
        let codes = match injected.flaw {
            // The object shows it too, to who looks there first, and a payout that has
            // arrived seems to be stuck.
            Flaw::EventNotGenerated | Flaw::DeliveryLost => vec![
                Code::MissingEvent,
                Code::StatusMismatch,
                Code::StaleMirror,
                Code::PayoutStuck,
            ],
            _ => vec![Code::parse(injected.code())?],
        };
        let mut subjects = injected.subjects.clone();
        if injected.flaw == Flaw::ReportLine {
            let day = Day::of(injected.at);
            subjects.push(format!("day:{day}#{}", injected.currency));
        }
        Some(Self {
            side: Side::Stripe,
            what: format!("{:?}", injected.flaw),
            codes,
            book: book(&injected.owner)?,
            subjects,
            currency: injected.currency.clone(),
            amount: injected.amount,
            required: true,
        })
    }

    /// A mistake of the platform's own book.
    pub fn of_mistake(made: &OwnMistake) -> Option<Self> {
        let codes = match made.mistake {
            Mistake::NeverPaid => vec![Code::UnmatchedPlatformEntry],
            // A wrong amount under the right reference, and two entries for one movement, are
            // for a person to decide.
            Mistake::AmountTypo | Mistake::WrittenTwice => {
                vec![Code::AmbiguousMatch, Code::UnmatchedPlatformEntry]
            }
        };
        let subjects = std::iter::once(&made.entry).chain(&made.twin);
        Some(Self {
            side: Side::Platform,
            what: format!("{:?}", made.mistake),
            codes,
            book: book(&made.account)?,
            subjects: subjects.cloned().collect(),
            currency: made.currency.clone(),
            amount: made.amount,
            required: true,
        })
    }

    /// What the platform has passed on to an account that has left, or earned from it: nobody can
    /// read the other side any more, so a person has to say whether it is right.
    pub fn of_left(account: &str) -> Option<Self> {
        Some(Self {
            side: Side::Stripe,
            what: "AccountLeft".to_owned(),
            codes: vec![Code::OrphanTransfer, Code::AppFeeMismatch],
            book: book(&Owner::Platform)?,
            subjects: vec![book(&Owner::account(account))?.to_string()],
            currency: String::new(),
            amount: 0,
            required: false,
        })
    }

    /// Entries of the platform's own book that are right and hard to match; `None` for plain ones.
    pub fn of_match(hard: &OwnMatch) -> Option<Self> {
        let what = match hard {
            it if it.reference_lost => "ReferenceLost",
            it if it.entries.len() > 1 => "Split",
            it if it.transactions.len() > 1 => "Merged",
            _ => return None,
        };
        Some(Self {
            side: Side::Platform,
            what: what.to_owned(),
            codes: vec![Code::AmbiguousMatch, Code::UnmatchedPlatformEntry],
            book: book(&hard.account)?,
            subjects: hard.entries.clone(),
            currency: String::new(),
            amount: 0,
            required: false,
        })
    }

    /// The right match of an entry, proposed to a person because too little tells it from
    /// others. Only a proposal of the very movement is one.
    pub fn of_proposal(right: &OwnMatch) -> Option<Self> {
        Some(Self {
            side: Side::Platform,
            what: "RightMatchProposed".to_owned(),
            codes: vec![Code::AmbiguousMatch],
            book: book(&right.account)?,
            subjects: right.transactions.clone(),
            currency: String::new(),
            amount: 0,
            required: false,
        })
    }
}
