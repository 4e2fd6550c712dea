//! Signing secrets and API keys in Secrets Manager.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use serde::Deserialize;
use tributary_pipeline::ports::{SecretSource, SendError};
use zeroize::{Zeroize, Zeroizing};

use crate::Aws;
use crate::reaction::send_error;

/// The stored form of an endpoint's signing secrets.
#[derive(Deserialize)]
struct SigningSecrets {
    signing_secrets: Vec<String>,
}

impl Drop for SigningSecrets {
    fn drop(&mut self) {
        self.signing_secrets.zeroize();
    }
}

/// The stored form of an API key.
#[derive(Deserialize)]
struct ApiKey {
    api_key: String,
}

impl Drop for ApiKey {
    fn drop(&mut self) {
        self.api_key.zeroize();
    }
}

/// Secrets by reference: the environment names them, only memory holds them.
#[derive(Debug, Clone)]
pub struct SecretsManager<P> {
    client: Client,
    secret_ids: BTreeMap<String, String>,
    parse: P,
}

impl<P> SecretsManager<P> {
    /// `secret_ids` maps an endpoint's name to its secret's ARN or name; `parse`
    /// makes a usable secret of a text, or says why it cannot.
    pub fn new(aws: &Aws, secret_ids: BTreeMap<String, String>, parse: P) -> Self {
        Self {
            client: Client::new(&aws.config),
            secret_ids,
            parse,
        }
    }

    /// The names of the endpoints.
    pub fn endpoints(&self) -> impl Iterator<Item = &str> {
        self.secret_ids.keys().map(String::as_str)
    }
}

impl<P, S> SecretSource for SecretsManager<P>
where
    P: Fn(&str) -> Result<S, String> + Sync,
    S: Clone + Send + Sync,
{
    type Secret = S;

    async fn fetch(&self, endpoint: &str) -> Result<Vec<S>, SendError> {
        let id = self.secret_ids.get(endpoint);
        let id = id.ok_or_else(|| SendError::Invalid(format!("no secret for {endpoint}")))?;
        let text = read(&self.client, id).await?;
        let stored: SigningSecrets = serde_json::from_str(&text).map_err(|_| {
            SendError::Invalid(format!(
                "the secret of endpoint {endpoint} is no JSON object with signing_secrets, a list of texts"
            ))
        })?;
        if stored.signing_secrets.is_empty() {
            return Err(SendError::Invalid(format!(
                "endpoint {endpoint} has no signing secret yet"
            )));
        }
        stored
            .signing_secrets
            .iter()
            .map(|secret| (self.parse)(secret).map_err(SendError::Invalid))
            .collect()
    }
}

/// Reads an API key. The copies that this crate makes are overwritten after use; the
/// SDK's own, the bytes of the answer, are not within reach.
///
/// # Errors
/// When Secrets Manager does not answer, or the secret holds no key yet.
pub async fn api_key(aws: &Aws, secret_id: &str) -> Result<Zeroizing<String>, SendError> {
    let text = read(&Client::new(&aws.config), secret_id).await?;
    let stored: ApiKey = serde_json::from_str(&text).map_err(|_| {
        SendError::Invalid(
            "the secret of the Stripe API key is no JSON object with api_key, a text".to_owned(),
        )
    })?;
    if stored.api_key.trim().is_empty() {
        return Err(SendError::Invalid(
            "the secret of the Stripe API key is still empty".to_owned(),
        ));
    }
    Ok(Zeroizing::new(stored.api_key.trim().to_owned()))
}

/// Replaces an endpoint's signing secrets: both the new and the old one while a
/// secret is being rolled.
///
/// # Errors
/// When Secrets Manager refuses.
pub async fn put_signing_secrets(
    aws: &Aws,
    secret_id: &str,
    secrets: &[&str],
) -> Result<(), SendError> {
    let text = serde_json::json!({ "signing_secrets": secrets }).to_string();
    let client = Client::new(&aws.config);
    let call = client
        .put_secret_value()
        .secret_id(secret_id)
        .secret_string(text);
    Box::pin(call.send())
        .await
        .map_err(|error| send_error("PutSecretValue", &error))?;
    Ok(())
}

/// The signing secrets of one stage of a stored secret: `AWSCURRENT`, or `AWSPREVIOUS`.
/// `None` if it has no such stage, as before the first change.
///
/// # Errors
/// When Secrets Manager refuses, or the text is of another form.
pub async fn signing_secrets(
    aws: &Aws,
    secret_id: &str,
    stage: &str,
) -> Result<Option<Vec<Zeroizing<String>>>, SendError> {
    let client = Client::new(&aws.config);
    let call = client.get_secret_value().secret_id(secret_id);
    let answer = match Box::pin(call.version_stage(stage).send()).await {
        Ok(answer) => answer,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(send_error("GetSecretValue", &error)),
    };
    let text = answer.secret_string.map(Zeroizing::new).unwrap_or_default();
    let mut stored: SigningSecrets = serde_json::from_str(&text).map_err(|_| {
        SendError::Invalid("it is not {\"signing_secrets\":[\"whsec_…\"]}".to_owned())
    })?;
    let secrets = std::mem::take(&mut stored.signing_secrets);
    Ok(Some(secrets.into_iter().map(Zeroizing::new).collect()))
}

async fn read(client: &Client, id: &str) -> Result<Zeroizing<String>, SendError> {
    let answer = Box::pin(client.get_secret_value().secret_id(id).send()).await;
    let answer = answer.map_err(|error| send_error("GetSecretValue", &error))?;
    answer
        .secret_string
        .map(Zeroizing::new)
        .ok_or_else(|| SendError::Invalid("the secret is not a text".to_owned()))
}
