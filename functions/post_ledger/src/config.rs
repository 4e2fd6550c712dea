//! What the ledger's function needs to know, and its way to AWS and Stripe.

use tributary_aws::reconcile::DynamoFindings;
use tributary_aws::{Aws, Budget, DynamoLedger, Settings, SettingsError, SqsPulls};
use tributary_pipeline::reconcile::AsFindings;

use crate::handler::PostLedger;
use crate::list::StripeList;

/// The function on AWS.
type Posting = PostLedger<StripeList, DynamoLedger, AsFindings<DynamoFindings>, SqsPulls>;

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    ledger_table: String,
    ledger_queue_url: String,
    findings_table: String,
    api_key_secret: String,
    api_base: String,
    budget: Budget,
}

impl Config {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// When any is missing; the error names them all.
    pub fn from_env() -> Result<Self, SettingsError> {
        let mut settings = Settings::from_env();
        let config = Self {
            ledger_table: settings.text("LEDGER_TABLE"),
            ledger_queue_url: settings.text("LEDGER_QUEUE_URL"),
            findings_table: settings.text("FINDINGS_TABLE"),
            api_key_secret: settings.text("STRIPE_API_KEY_SECRET"),
            api_base: settings.text("STRIPE_API_BASE"),
            budget: Budget::read(&mut settings),
        };
        settings.done()?;
        Ok(config)
    }

    /// Connects.
    pub async fn connect(self) -> Posting {
        let aws = Aws::from_env();
        PostLedger {
            ledger: DynamoLedger::new(&aws, self.ledger_table),
            queue: SqsPulls::new(&aws, self.ledger_queue_url),
            doubts: AsFindings(DynamoFindings::new(&aws, self.findings_table)),
            list: StripeList::new(aws, self.api_key_secret, self.api_base, self.budget),
        }
    }
}
