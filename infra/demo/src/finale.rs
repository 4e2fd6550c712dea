//! The last scene: one payout that the bank sent back, told as `tributary trace` tells it,
//! and how to go on.

use std::error::Error;

use clap::Parser;
use tributary_cli::context::Context;
use tributary_cli::options::Cli;
use tributary_cli::render::Report;
use tributary_simulator::{Owner, World};

use crate::stage::Stage;

/// What somebody can do next. Words in capitals are what the command before shows.
pub const NEXT: &str = r#"Go on with a stack of your own, and a small week in it:

  make up && eval "$(make -s env)"
  tributary status
  tributary reconcile run everything       # compare with the simulated Stripe now
  tributary reconcile findings             # what disagrees, most money first
  tributary view payouts                   # stuck, or sent back after they were paid
  tributary trace PAYOUT --account ACCT    # what happened to one of them
  make down
"#;

/// A trace that was asked for, as it was asked for.
#[derive(Debug)]
pub struct Told {
    /// The command line.
    pub command: String,
    /// What it answers.
    pub report: Report,
}

/// The payout that failed after it was paid and of which most is known.
pub fn sent_back(world: &World) -> Option<(Owner, String)> {
    let was_paid = |id: &str| {
        let mut events = world.events().iter();
        events.any(|event| event.kind == "payout.paid" && event.object.id == id)
    };
    let failed = world.objects().filter(|(it, json)| {
        it.kind == "payout" && json.get("status").is_some_and(|status| status == "failed")
    });
    let failed = failed.filter(|(it, _)| was_paid(&it.id));
    let movements =
        |owner: &Owner, id: &str| world.payout_transactions(owner, id).map(|it| it.len());
    let (it, _) = failed.max_by_key(|(it, _)| (movements(&it.owner, &it.id), it.id.clone()))?;
    Some((it.owner.clone(), it.id.clone()))
}

/// Traces it with the command line's own code. `None` if no payout came back.
///
/// # Errors
/// When the stack does not answer, or knows nothing of the payout.
pub async fn trace(stage: &Stage) -> Result<Option<Told>, Box<dyn Error>> {
    let Some((owner, payout)) = sent_back(&stage.world()) else {
        return Ok(None);
    };
    let account = owner.account_id().unwrap_or("platform");
    let command = format!("tributary trace {payout} --account {account}");
    let (url, region) = (&stage.stack.endpoint_url, &stage.stack.region);
    let here = [
        "--stack",
        "tributary",
        "--endpoint-url",
        url,
        "--region",
        region,
    ];
    let cli = Cli::try_parse_from(command.split(' ').chain(here))?;
    let report = cli.command.run(&Context::new(cli.global)).await?;
    Ok(Some(Told { command, report }))
}
