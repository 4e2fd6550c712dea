//! `secrets`: which of them the running functions accept.

use clap::Subcommand;
use sha2::{Digest, Sha256};
use tributary_aws::secrets::signing_secrets;
use tributary_stripe::{Secret, SignatureError};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::door::Door;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Report, Table};

/// How the outputs end that name the endpoints' secrets.
const OUTPUT: &str = "SigningSecretId";
/// Characters of a hash by which people tell two secrets apart.
const SHOWN: usize = 8;

/// Signing secrets.
#[derive(Debug, Subcommand)]
pub enum Secrets {
    /// Ask the door whether it accepts every stored signing secret, both while one is being rolled,
    /// with probes that it refuses for their age. Exit status 2 if it does not.
    RotateCheck,
}

impl Secrets {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let Self::RotateCheck = self;
        let stack = context.stack().await?;
        let door = Door::of(context).await?;
        let mut table = Table::new(&[
            "endpoint",
            "stage",
            "secret_sha256",
            "answer",
            "is_accepted",
            "is_right",
        ]);
        let mut wrong = 0_usize;
        for (output, id) in &stack.outputs {
            let Some(endpoint) = output.strip_suffix(OUTPUT) else {
                continue;
            };
            let endpoint = endpoint.to_ascii_lowercase();
            for (stage, secret) in stored(context, id).await? {
                let (hash, answer) = match &secret {
                    Some((hash, secret)) => {
                        (Some(hash.clone()), door.probe(&endpoint, secret).await?)
                    }
                    None => (None, "no secret is stored".to_owned()),
                };
                let is_accepted = answer == SignatureError::TooOld.code();
                // What was dropped should be refused, five minutes later at the latest.
                let is_right = is_accepted == (stage == Stage::Current);
                wrong += usize::from(!is_right);
                table.row([
                    endpoint.as_str().into(),
                    stage.as_str().into(),
                    hash.into(),
                    answer.into(),
                    is_accepted.into(),
                    is_right.into(),
                ]);
            }
        }
        let report = Report::new().table("signing_secrets", table);
        Ok(match wrong {
            0 => report,
            _ => report.ending(Exit::Problems).hint(
                "A current secret that is refused: wait thirty seconds and ask again; `no secret is \
                 stored`: README, step 3. A dropped one that is accepted: running functions forget it \
                 within five minutes.",
            ),
        })
    }
}

/// Whether a secret is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It is stored.
    Current,
    /// It was stored before, and is no longer.
    Dropped,
}

impl Stage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Dropped => "dropped",
        }
    }
}

/// The beginning of a secret's hash, and the secret.
type Named = (String, Secret);

/// The secrets that are stored, or nothing once; and those that were until the last change.
async fn stored(context: &Context, id: &str) -> Result<Vec<(Stage, Option<Named>)>, Failure> {
    let aws = context.aws().await?;
    let current = signing_secrets(aws, id, "AWSCURRENT")
        .await?
        .unwrap_or_default();
    let before = signing_secrets(aws, id, "AWSPREVIOUS")
        .await?
        .unwrap_or_default();
    let named =
        |text: &Zeroizing<String>| Secret::new(text).ok().map(|secret| (hash(text), secret));
    let mut all: Vec<(Stage, Option<Named>)> = current
        .iter()
        .map(|text| (Stage::Current, named(text)))
        .collect();
    if all.is_empty() {
        all.push((Stage::Current, None));
    }
    let dropped = before.iter().filter(|text| !current.contains(text));
    all.extend(dropped.filter_map(|text| Some((Stage::Dropped, Some(named(text)?)))));
    Ok(all)
}

fn hash(secret: &str) -> String {
    let mut hash = hex::encode(Sha256::digest(secret.trim()));
    hash.truncate(SHOWN);
    hash
}
