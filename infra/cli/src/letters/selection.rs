//! Which messages are meant.

use clap::Args;
use tributary_aws::operate::Letter;
use tributary_domain::Owner;

use super::Told;
use crate::accounts::owner;
use crate::failure::Failure;

/// Which messages: all conditions have to hold.
#[derive(Debug, Clone, Default, Args)]
pub struct Selection {
    /// The message with this id; may be repeated.
    #[arg(long = "id", value_name = "ID")]
    ids: Vec<String>,
    /// Those with this reason code.
    #[arg(long)]
    code: Option<String>,
    /// Those about this account, or `platform`.
    #[arg(long, value_name = "ACCT", value_parser = owner)]
    account: Option<Owner>,
    /// All that are there.
    #[arg(long, conflicts_with_all = ["ids", "code", "account"])]
    all: bool,
    /// No more than this many.
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
}

impl Selection {
    /// Makes sure that something was said.
    ///
    /// # Errors
    /// When nothing was: no message is meant by accident.
    pub fn check(&self) -> Result<(), Failure> {
        let is_said =
            self.all || !self.ids.is_empty() || self.code.is_some() || self.account.is_some();
        match is_said {
            true => Ok(()),
            false => Err(Failure::usage(
                "which messages is not said",
                "Give --id, --code or --account, or --all.",
            )),
        }
    }

    /// The ids that were named.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// No more than this many of `there`.
    pub fn most(&self, there: u64) -> u64 {
        self.limit.map_or(there, |limit| limit.min(there))
    }

    /// Whether a message is meant.
    pub fn takes(&self, letter: &Letter, told: &Told) -> bool {
        let by_id = self.ids.is_empty() || self.ids.contains(&letter.id);
        let by_code = self.code.as_ref().is_none_or(|code| *code == told.code);
        let by_account = self.account.as_ref().is_none_or(|account| {
            let parts = told.about.as_deref().unwrap_or_default().split(['#', ' ']);
            let mut parts = parts.chain(letter.group.as_deref().unwrap_or_default().split(':'));
            parts.any(|part| part == account.as_str())
        });
        by_id && by_code && by_account
    }
}
