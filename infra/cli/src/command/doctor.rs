//! `doctor`: the deployed stack beside what this version expects.

use clap::Args;

use crate::context::Context;
use crate::doctor::{
    Finding, Health, Template, clock, functions, is_settled, outputs, permissions, resources,
    secrets, stripe,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Report, Table};

/// How the stack is.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Leave Stripe out: one read of its API.
    #[arg(long)]
    without_stripe: bool,
}

impl Doctor {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let stack = context.stack().await?;
        let template = Template::of_this_version(&stack.parameters).map_err(Failure::failed)?;
        let mut findings = vec![is_settled(stack)];
        findings.extend(resources(stack, &template));
        findings.extend(outputs(stack, &template));
        findings.extend(functions(context, &template).await?);
        findings.extend(secrets(context).await?);
        findings.push(clock(context).await?);
        findings.extend(permissions(context).await?);
        if !self.without_stripe {
            findings.extend(stripe(context).await?);
        }
        Ok(report(&findings))
    }
}

fn report(findings: &[Finding]) -> Report {
    let mut table = Table::new(&["check", "state", "subject", "what", "remedy"]);
    for finding in findings {
        table.row([
            finding.check.into(),
            finding.health.as_str().into(),
            finding.subject.as_str().into(),
            finding.what.as_str().into(),
            finding.remedy.into(),
        ]);
    }
    let is_ill = findings.iter().any(|finding| finding.health == Health::Bad);
    let exit = if is_ill { Exit::Problems } else { Exit::Done };
    Report::new().table("checks", table).ending(exit)
}
