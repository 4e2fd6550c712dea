//! A timeline as a report.

use tributary_domain::TraceParent;
use tributary_ledger::Line;
use tributary_pipeline::own_book::Standing;
use tributary_pipeline::reconcile::Sum;
use tributary_pipeline::trace::id::kind_of;
use tributary_pipeline::trace::{Note, OwnMatch, Paid, Place, Remedy, Shown, Step, Timeline, What};
use tributary_reconciliation::Stake;

use crate::exit::Exit;
use crate::render::{Cell, Report, Table};

/// Writes everything out; what is missing makes the command end as with problems.
pub(super) fn report(told: &Timeline) -> Report {
    let exit = match told.missing.is_empty() {
        true => Exit::Done,
        false => Exit::Problems,
    };
    let missing = notes(&told.missing).saying_when_empty("nothing is missing");
    let next = notes(&told.next).saying_when_empty("nothing is expected next");
    let report = Report::new()
        .record("trace")
        .field("object", told.asked.id.as_str())
        .field("book", told.asked.book.to_string())
        .field("trace_id", trace_id(&told.asked))
        .field("objects", told.objects.len())
        .field("steps", told.steps.len())
        .field("missing", told.missing.len())
        .field("is_cut", told.is_cut)
        .done()
        .table("steps", steps(told))
        .table("missing", missing)
        .table("next", next)
        .ending(exit);
    hints(told).into_iter().fold(report, Report::hint)
}

/// The trace in which every step that touches a payout is seen, wherever spans are sent.
/// Other objects are seen in the traces of their events.
fn trace_id(asked: &Place) -> Option<String> {
    let is_payout = kind_of(&asked.id).is_some_and(|kind| kind.as_str() == "payout");
    let Place { book, id } = asked;
    let trace = TraceParent::of_payout(book.mode, &book.owner, id, id.as_str());
    is_payout.then(|| trace.trace_id().to_owned())
}

/// A row for each step. What a column is about depends on the step: docs/CLI.md.
fn steps(told: &Timeline) -> Table {
    let columns = [
        "at", "clock", "book", "object", "step", "id", "says", "amount", "currency",
    ];
    let once = ["clock", "book", "object", "currency"];
    let mut table = Table::new(&columns).saying_once(&once);
    for step in &told.steps {
        let Row {
            name,
            id,
            says,
            money,
        } = row(&step.what);
        let (amount, currency) = match money {
            Some((amount, currency)) => (Cell::Number(amount), Cell::from(currency)),
            None => (Cell::Nothing, Cell::Nothing),
        };
        table.row([
            Cell::Time(step.at),
            clock(step).into(),
            step.book.to_string().into(),
            step.object.as_str().into(),
            name.into(),
            id.into(),
            says.into(),
            amount,
            currency,
        ]);
    }
    table
}

fn clock(step: &Step) -> &'static str {
    match step.clock {
        tributary_pipeline::trace::Clock::Stripe => "stripe",
        tributary_pipeline::trace::Clock::Ours => "ours",
    }
}

/// What a step is called, what it is about, what it says, and the money in it.
struct Row {
    name: &'static str,
    id: String,
    says: String,
    money: Option<(i64, String)>,
}

fn bare(name: &'static str, id: &dyn std::fmt::Display, says: String) -> Row {
    Row {
        name,
        id: id.to_string(),
        says,
        money: None,
    }
}

fn row(what: &What) -> Row {
    match what {
        What::Event {
            event,
            kind,
            received_at: _,
            origin,
            outcome,
            shows,
        } => {
            let says = format!("{kind}{}, by {origin}, {outcome}", standing(shows));
            bare("event", event, says).of(shows)
        }
        What::Forgotten { event } => bare("event", event, "not in the log".to_owned()),
        What::Mirror {
            event,
            shows,
            deleted,
            ambiguous,
        } => {
            let mut says = format!("the mirror{}", standing(shows));
            says.extend(deleted.then_some(", deleted"));
            says.extend(ambiguous.then_some(", a guess among versions of one second"));
            bare("mirror", event, says).of(shows)
        }
        What::Entry {
            transaction,
            kind,
            net,
            currency,
            lines,
            ..
        } => Row {
            money: Some((*net, currency.clone())),
            ..bare("entry", transaction, format!("{kind}: {}", posted(lines)))
        },
        What::Derived {
            rule,
            revision,
            reverses,
            currency,
            lines,
        } => {
            let name = format!("{}#{revision}", rule.as_str());
            derived(name, *reverses, currency, lines)
        }
        What::PaidOut(paid) => paid_out(paid),
        What::PaidBy(by) => {
            let says = format!("{} paid {} out", by.payout, by.transaction);
            bare("paid_by", &by.payout, says)
        }
        What::Matched(it) => matched(it),
        What::Finding {
            code,
            subject,
            happened,
            state,
            stake,
        } => {
            let says = format!("{code} of {subject}: {happened}; now {}", state.as_str());
            let id = format!("{code}#{subject}");
            bare("finding", &id, says).staking(stake)
        }
        What::Other { by, says, .. } => bare("other", by, says.clone()),
    }
}

fn paid_out(paid: &Paid) -> Row {
    let says = match paid.without_entry {
        0 if !paid.paid.is_listed => sums(&paid.paid.sums),
        0 => format!("{}, each with its entry", sums(&paid.paid.sums)),
        lost => format!("{}, {lost} without an entry", sums(&paid.paid.sums)),
    };
    bare("paid_out", &paid.paid.payout, says)
}

fn matched(it: &OwnMatch) -> Row {
    let says = match it.standing {
        Standing::Made => format!("matched by {}", it.reason),
        Standing::Waiting => format!("may match, by {}", it.reason),
    };
    Row {
        money: Some((it.amount, it.currency.clone())),
        ..bare("matched", &it.own.join(" "), says)
    }
}

/// What was derived from entries, or took that back.
fn derived(name: String, reverses: Option<u32>, currency: &str, lines: &[Line]) -> Row {
    let says = match reverses {
        Some(reverses) => format!("{name} takes back {reverses}: {}", posted(lines)),
        None => format!("{name}: {}", posted(lines)),
    };
    let step = match reverses {
        Some(_) => "reversal",
        None => "derived",
    };
    let moved = lines.iter().map(|line| line.amount).max();
    Row {
        money: moved.map(|moved| (moved, currency.to_owned())),
        ..bare(step, &name, says)
    }
}

impl Row {
    fn staking(self, stake: &Stake) -> Self {
        let amount = i64::try_from(stake.amount).unwrap_or(i64::MAX);
        let money = (!stake.currency.is_empty()).then(|| (amount, stake.currency.clone()));
        Self { money, ..self }
    }

    fn of(self, shows: &Shown) -> Self {
        let money = shows.amount.zip(shows.currency.clone());
        Self { money, ..self }
    }
}

fn standing(shows: &Shown) -> String {
    match (&shows.status, &shows.failure_code) {
        (Some(status), Some(code)) => format!(": {status} ({code})"),
        (Some(status), None) => format!(": {status}"),
        (None, _) => String::new(),
    }
}

fn posted(lines: &[Line]) -> String {
    let lines = lines
        .iter()
        .map(|line| format!("{} {:+}", line.account, line.amount));
    lines.collect::<Vec<_>>().join(", ")
}

fn sums(sums: &[Sum]) -> String {
    let sums = sums.iter().map(|sum| {
        format!(
            "{} {} {:+} {}",
            sum.count, sum.category, sum.net, sum.currency
        )
    });
    sums.collect::<Vec<_>>().join(", ")
}

fn notes(notes: &[Note]) -> Table {
    let columns = ["code", "book", "object", "at", "says", "how"];
    let mut table = Table::new(&columns).saying_once(&["book", "object", "at"]);
    for note in notes {
        let at = note.at.map_or(Cell::Nothing, Cell::Time);
        let how = note.remedy.map(|remedy| how(remedy, &note.place));
        table.row([
            note.code.into(),
            note.place.book.to_string().into(),
            note.place.id.as_str().into(),
            at,
            note.says.as_str().into(),
            how.into(),
        ]);
    }
    table
}

/// The command to go on with, or what to do where none can.
fn how(remedy: Remedy, place: &Place) -> String {
    let account = place.book.owner.as_str();
    match remedy {
        Remedy::ReconcileEvents => format!("tributary reconcile run events --account {account}"),
        Remedy::ReconcileHoldings => {
            format!("tributary reconcile run holdings --account {account}")
        }
        Remedy::LedgerDeadLetters => "tributary dlq list".to_owned(),
        Remedy::EventsDeadLetters => "tributary dlq list".to_owned(),
        Remedy::AnswerMatch => format!("tributary match list {account}"),
        Remedy::AskAccount => format!("ask {account}"),
        Remedy::AskStripe => "ask Stripe".to_owned(),
    }
}

/// The other sides of the story, each a trace of its own.
fn hints(told: &Timeline) -> Vec<String> {
    let mut hints = Vec::new();
    for by in told.steps.iter().filter_map(|step| match &step.what {
        What::PaidBy(by) => Some(by),
        _ => None,
    }) {
        let account = told.asked.book.owner.as_str();
        let command = format!("tributary trace {} --account {account}", by.payout);
        hints.push(format!("The payout that took it along: {command}"));
    }
    if told.is_cut {
        hints.push("There is more than is told here: trace one of the objects.".to_owned());
    }
    hints
}
