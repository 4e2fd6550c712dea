//! `trace`: from one id to everything that happened to it.

mod shown;

use clap::Args;
use tributary_aws::reconcile::{DynamoControl, DynamoFindings};
use tributary_aws::{DynamoLedger, DynamoMatches, S3Blobs};
use tributary_domain::Owner;
use tributary_pipeline::trace::{self, Found, Place, TraceError, locate};

use crate::accounts::{mode_of_stack, owner};
use crate::context::{Context, now};
use crate::failure::Failure;
use crate::render::{Report, Table};
use crate::trace::TableGround;

/// What is to be told.
#[derive(Debug, Args)]
pub struct Trace {
    /// A payout, charge, refund, dispute, transfer, application fee, movement or event,
    /// or the id of an entry of the platform's own book.
    id: String,
    /// Whose it is: acct_… or `platform`. Without it, the platform's book is looked at
    /// first, then those of all known accounts.
    #[arg(long, value_parser = owner)]
    account: Option<Owner>,
}

impl Trace {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let mode = mode_of_stack(context).await?;
        let ground = ground(context).await?;
        let progress = context.progress("reading the tables", 0);
        let found = locate(&ground, mode, self.account.as_ref(), &self.id).await?;
        let place = match found {
            Found::Object(place) => place,
            Found::Several(places) => return Ok(several(&places)),
            Found::Objectless(event) => {
                return Err(Failure::unknown(
                    format!("the event {} is about no object that is kept", event.id),
                    format!("Look at it with: tributary event show {}", event.id),
                ));
            }
            Found::Nothing => return Err(self.unknown()),
        };
        let told = trace::trace(&ground, &place, now()).await?;
        progress.finish_and_clear();
        Ok(shown::report(&told))
    }

    fn unknown(&self) -> Failure {
        let remedy = match self.account {
            Some(_) => "Is it another account's, or of the other mode?",
            None => {
                "Name its account with --account acct_…: a movement and an own entry are looked \
                 for on one book only."
            }
        };
        Failure::unknown(format!("nothing is known of `{}`", self.id), remedy)
    }
}

async fn ground(context: &Context) -> Result<TableGround<S3Blobs>, Failure> {
    let aws = context.aws().await?;
    let table = |name| context.output(name);
    let findings = table("FindingsTableName").await?.to_owned();
    let control = table("ControlTableName").await?.to_owned();
    Ok(TableGround {
        ledger: DynamoLedger::new(aws, table("LedgerTableName").await?.to_owned()),
        store: context.store().await?,
        findings: DynamoFindings::new(aws, findings.clone()),
        control: DynamoControl::new(aws, control, findings),
        matches: DynamoMatches::new(aws, table("MatchesTableName").await?.to_owned()),
    })
}

fn several(places: &[Place]) -> Report {
    let mut table = Table::new(&["book", "object"]);
    for place in places {
        let (book, id) = (place.book.to_string(), place.id.to_string());
        table.row([book.into(), id.into()]);
    }
    Report::new()
        .table("objects", table)
        .hint("Several objects match this entry: trace one of them.")
}

impl From<TraceError> for Failure {
    fn from(error: TraceError) -> Self {
        Self::failed(error.to_string())
    }
}
