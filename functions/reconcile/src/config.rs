//! What reconcile needs to know, and its way to AWS and Stripe.

use tokio::sync::OnceCell;
use tributary_aws::reconcile::{DynamoControl, DynamoFindings, SqsJobs};
use tributary_aws::store::Tables;
use tributary_aws::{
    Aws, Budget, DynamoLedger, DynamoMatches, DynamoOwnBook, DynamoStore, S3Blobs, Settings,
    SettingsError, SqsEvents, SqsFetches, SqsPulls, SqsQuarantine,
};
use tributary_domain::{ObjectKey, Row};
use tributary_pipeline::ports::{SendError, Store};
use tributary_pipeline::reconcile::{Mirror, Rules, Seen, World};
use tributary_stripe::normalize;

use crate::handler::Reconcile;
use crate::outbox::Outbox;
use crate::stripe::Stripe;

/// Longest that an entry without a match is kept from a person, seconds: 31 days.
const GRACE_S_MAX: i64 = 31 * 86_400;

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    ledger_table: String,
    mirror_table: String,
    events_table: String,
    control_table: String,
    findings_table: String,
    reconcile_queue_url: String,
    ledger_queue_url: String,
    events_queue_url: String,
    fetch_queue_url: String,
    quarantine_queue_url: String,
    archive_bucket: String,
    api_key_secret: String,
    api_base: String,
    own_book_table: String,
    matches_table: String,
    confirm_s: u16,
    grace_s: i64,
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
            mirror_table: settings.text("MIRROR_TABLE"),
            events_table: settings.text("EVENTS_TABLE"),
            control_table: settings.text("CONTROL_TABLE"),
            findings_table: settings.text("FINDINGS_TABLE"),
            reconcile_queue_url: settings.text("RECONCILE_QUEUE_URL"),
            ledger_queue_url: settings.text("LEDGER_QUEUE_URL"),
            events_queue_url: settings.text("EVENTS_QUEUE_URL"),
            fetch_queue_url: settings.text("FETCH_QUEUE_URL"),
            quarantine_queue_url: settings.text("QUARANTINE_QUEUE_URL"),
            archive_bucket: settings.text("ARCHIVE_BUCKET"),
            api_key_secret: settings.text("STRIPE_API_KEY_SECRET"),
            api_base: settings.text("STRIPE_API_BASE"),
            own_book_table: settings.text("OWN_BOOK_TABLE"),
            matches_table: settings.text("MATCHES_TABLE"),
            grace_s: settings.number("UNMATCHED_GRACE_SECONDS", 0..=GRACE_S_MAX),
            confirm_s: u16::try_from(settings.number("CONFIRM_SECONDS", 1..=900)).unwrap_or(900),
            budget: Budget::read(&mut settings),
        };
        settings.done()?;
        Ok(config)
    }

    /// Connects.
    pub async fn connect(self) -> Reconcile<Ground> {
        let aws = Aws::from_env();
        let blobs = S3Blobs::new(&aws, self.archive_bucket);
        let tables = Tables {
            mirror: self.mirror_table,
            events: self.events_table,
            // Nothing is written there.
            retention_days: 0,
        };
        let world = Ground {
            ledger: DynamoLedger::new(&aws, self.ledger_table),
            control: DynamoControl::new(&aws, self.control_table, self.findings_table.clone()),
            findings: DynamoFindings::new(&aws, self.findings_table),
            outbox: Outbox {
                jobs: SqsJobs::new(&aws, self.reconcile_queue_url),
                pulls: SqsPulls::new(&aws, self.ledger_queue_url),
                events: SqsEvents::new(&aws, self.events_queue_url),
                fetches: SqsFetches::new(&aws, self.fetch_queue_url),
                quarantine: SqsQuarantine::new(&aws, self.quarantine_queue_url, blobs.clone()),
            },
            mirror: MirrorView(DynamoStore::new(&aws, tables, blobs.clone())),
            blobs,
            own_book: DynamoOwnBook::new(&aws, self.own_book_table),
            matches: DynamoMatches::new(&aws, self.matches_table),
            stripe: Stripe {
                aws,
                secret_id: self.api_key_secret,
                base: self.api_base,
                budget: self.budget,
                client: OnceCell::new(),
            },
        };
        let rules = Rules {
            confirm_s: self.confirm_s,
            report_poll_s: self.confirm_s.min(300),
            unmatched_grace_s: self.grace_s,
            ..Rules::default()
        };
        Reconcile { world, rules }
    }
}

/// The mirror as reconciling reads it: in the domain's terms.
#[derive(Debug)]
pub struct MirrorView(DynamoStore<S3Blobs>);

impl Mirror for MirrorView {
    async fn seen(&self, object: &ObjectKey) -> Result<Option<Seen>, SendError> {
        let loaded = self.0.load(&[], std::slice::from_ref(object)).await;
        let loaded = loaded.map_err(|error| SendError::Transient(error.to_string()))?;
        let seen = loaded.rows.get(object).and_then(Row::resolve);
        let Some(seen) = seen.filter(|seen| !seen.deleted) else {
            return Ok(None);
        };
        let state = normalize::state(&object.kind, &seen.winner.body)
            .map_err(|error| SendError::Invalid(error.field.to_owned()))?;
        let at = seen.winner.at;
        Ok(state.map(|state| Seen { state, at }))
    }
}

/// Everything on AWS.
#[derive(Debug)]
pub struct Ground {
    stripe: Stripe,
    ledger: DynamoLedger,
    mirror: MirrorView,
    control: DynamoControl,
    findings: DynamoFindings,
    outbox: Outbox,
    blobs: S3Blobs,
    own_book: DynamoOwnBook,
    matches: DynamoMatches,
}

impl World for Ground {
    type Stripe = Stripe;
    type Ledger = DynamoLedger;
    type Log = DynamoStore<S3Blobs>;
    type Mirror = MirrorView;
    type Control = DynamoControl;
    type Findings = DynamoFindings;
    type Outbox = Outbox;
    type Blobs = S3Blobs;
    type OwnBook = DynamoOwnBook;
    type Matches = DynamoMatches;

    fn stripe(&self) -> &Stripe {
        &self.stripe
    }
    fn ledger(&self) -> &DynamoLedger {
        &self.ledger
    }
    fn log(&self) -> &DynamoStore<S3Blobs> {
        &self.mirror.0
    }
    fn mirror(&self) -> &MirrorView {
        &self.mirror
    }
    fn control(&self) -> &DynamoControl {
        &self.control
    }
    fn findings(&self) -> &DynamoFindings {
        &self.findings
    }
    fn outbox(&self) -> &Outbox {
        &self.outbox
    }
    fn blobs(&self) -> &S3Blobs {
        &self.blobs
    }
    fn own_book(&self) -> &DynamoOwnBook {
        &self.own_book
    }
    fn matches(&self) -> &DynamoMatches {
        &self.matches
    }
}
