//! `account`: what is known of one account.

use clap::{Args, Subcommand};
use tributary_aws::DynamoLedger;
use tributary_aws::reconcile::DynamoFindings;
use tributary_domain::change::State;
use tributary_domain::{Mode, ObjectId, ObjectKey, ObjectKind, Owner};
use tributary_ledger::Book;
use tributary_pipeline::ledger::BookState;
use tributary_pipeline::ports::Store;
use tributary_pipeline::reconcile::{Control, Coverage, Findings};

use crate::accounts::{control, modes, owner};
use crate::context::Context;
use crate::failure::Failure;
use crate::render::{Cell, Report, Table};

/// One account.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Show what is known of an account: its state, its balances in the ledger, how far it is
    /// covered, its open findings.
    Show(Show),
}

/// Which account.
#[derive(Debug, Args)]
pub struct Show {
    /// An id that begins with acct_, or `platform`.
    #[arg(value_parser = owner)]
    account: Owner,
}

/// What was found of a book.
struct Known {
    book: Book,
    state: BookState,
    coverage: Coverage,
    account: Option<State>,
}

impl Account {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let Self::Show(Show { account }) = self;
        for mode in modes(context).await? {
            if let Some(known) = known(context, mode, &account).await? {
                return report(context, known).await;
            }
        }
        Err(Failure::unknown(
            format!("nothing is known of `{}`", account.as_str()),
            "No event of it came, and reconciliation has not listed it yet.",
        ))
    }
}

async fn known(context: &Context, mode: Mode, owner: &Owner) -> Result<Option<Known>, Failure> {
    let book = Book {
        mode,
        owner: owner.clone(),
    };
    let ledger = context.output("LedgerTableName").await?.to_owned();
    let state = DynamoLedger::new(context.aws().await?, ledger)
        .view(&book)
        .await?
        .state;
    let coverage = control(context).await?.coverage(&book).await?;
    let account = account_state(context, &book).await?;
    let is_known = state.seq > 0 || coverage.seq > 0 || account.is_some();
    Ok(is_known.then_some(Known {
        book,
        state,
        coverage,
        account,
    }))
}

/// The mirror's row of the account itself.
async fn account_state(context: &Context, book: &Book) -> Result<Option<State>, Failure> {
    let Some(account) = book.owner.account() else {
        return Ok(None);
    };
    let (Ok(kind), Ok(id)) = (
        ObjectKind::parse("account"),
        ObjectId::parse(account.as_str()),
    ) else {
        return Ok(None);
    };
    let key = ObjectKey {
        mode: book.mode,
        owner: book.owner.clone(),
        kind,
        id,
    };
    let known = context
        .store()
        .await?
        .load(&[], std::slice::from_ref(&key))
        .await?;
    let body = known
        .rows
        .get(&key)
        .and_then(|row| Some(row.resolve()?.winner.body.clone()));
    let state = body.map(|body| tributary_stripe::normalize::state(&key.kind, &body));
    Ok(state.and_then(|state| state.ok().flatten()))
}

async fn report(context: &Context, known: Known) -> Result<Report, Failure> {
    let Known {
        book,
        state,
        coverage,
        account,
    } = known;
    let time = |at: Option<i64>| at.map_or(Cell::Nothing, Cell::Time);
    let account = match &account {
        Some(State::Account(account)) => Some(account),
        _ => None,
    };
    let due = account.map(|account| account.requirements.currently_due.len());
    let report = Report::new()
        .record("account")
        .field("account", book.owner.as_str())
        .field("mode", book.mode.as_str())
        .field(
            "country",
            account.and_then(|account| account.country.as_deref()),
        )
        .field(
            "charges_enabled",
            account.map(|account| account.charges_enabled),
        )
        .field(
            "payouts_enabled",
            account.map(|account| account.payouts_enabled),
        )
        .field("requirements_due", due)
        .field(
            "ledger_answered_to",
            time((state.answered > 0).then_some(state.answered)),
        )
        .field("ledger_newest", time(state.newest))
        .field("events_audited_to", time(coverage.events_to))
        .field("balance_compared_at", time(coverage.holdings_at))
        .field("payouts_explained_to", time(coverage.payouts_to))
        .done();
    let mut balances = Table::new(&["currency", "ledger_account", "amount"]);
    for (currency, accounts) in &state.balances {
        for (account, amount) in accounts {
            balances.row([
                currency.as_str().into(),
                account.to_string().into(),
                i64::try_from(*amount).map_or_else(|_| amount.to_string().into(), Cell::Number),
            ]);
        }
    }
    let table = context.output("FindingsTableName").await?.to_owned();
    let findings = DynamoFindings::new(context.aws().await?, table);
    let mut open = Table::new(&["code", "subject", "at_stake", "currency", "first_seen"]);
    for (finding, _) in findings.open(&book).await? {
        open.row([
            finding.code.as_str().into(),
            finding.subject.as_str().into(),
            finding.stake.amount.into(),
            finding.stake.currency.as_str().into(),
            Cell::Time(finding.first_seen),
        ]);
    }
    Ok(report
        .table("balances", balances)
        .table("open_findings", open))
}
