//! Tables made beside those in use.

use clap::Args;

use crate::context::Context;
use crate::failure::Failure;
use crate::options::Change;

/// Where they are.
#[derive(Debug, Args)]
pub struct Shadow {
    /// What the names of the shadow's tables begin with.
    #[arg(long, default_value = "tributary-replay")]
    shadow: String,
}

/// Where they are, and whether to change anything.
#[derive(Debug, Args)]
pub struct Shadowed {
    #[command(flatten)]
    pub(super) shadow: Shadow,
    #[command(flatten)]
    pub(super) change: Change,
}

impl Shadow {
    /// The name of the table of that kind.
    pub(super) fn table(&self, kind: &str) -> String {
        format!("{}-{kind}", self.shadow)
    }

    /// A command line about this shadow.
    pub(super) fn command(&self, command: &str) -> String {
        format!("tributary {command} --shadow {}", self.shadow)
    }

    /// The name of the table of that kind, which a command has made.
    ///
    /// # Errors
    /// When it has not.
    pub(super) async fn made(
        &self,
        context: &Context,
        kind: &str,
        rebuild: &str,
    ) -> Result<String, Failure> {
        let table = self.table(kind);
        match context.has_table(&table).await? {
            true => Ok(table),
            false => Err(Failure::unknown(
                format!("there is no table `{table}`"),
                format!("Make it first: {}", self.command(rebuild)),
            )),
        }
    }
}
