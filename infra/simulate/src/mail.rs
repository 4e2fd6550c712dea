//! What Stripe posts, and what others post in its name.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use ingest_webhook::request::Request;
use tributary_stripe::Secret;
use tributary_stripe::signature::sign;

use crate::chance::Chance;
use crate::history::History;
use crate::tape::CANARY;

/// The endpoints: one for the platform's own events, one for those of accounts.
pub(crate) const ENDPOINTS: [&str; 2] = ["platform", "connect"];

/// What a webhook carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A rendering of a notice.
    Notice { notice: usize, rendering: usize },
    /// Signed by Stripe, and of no use: one of [`MALFORMED`].
    Malformed(usize),
    /// Not from Stripe, or not now: one of so many tricks.
    Forged { trick: usize, notice: usize },
}

/// A webhook on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mail {
    pub(crate) content: Content,
    /// When it is sent next, unix seconds.
    pub(crate) due: i64,
    pub(crate) attempts: u32,
}

/// Bodies that are signed and cannot be used, each for another reason.
pub(crate) const MALFORMED: [&[u8]; 7] = [
    b"not json: canary",
    b"{\"id\":\"evt_bad1\",\"object\":\"event\",\"livemode\":true",
    b"{\"object\":\"event\",\"type\":\"charge.updated\",\"created\":1,\"livemode\":true,\"who\":\"canary\"}",
    b"{\"id\":\"evt_bad3\",\"id\":\"evt_bad4\",\"object\":\"event\",\"type\":\"a.b\",\"created\":1,\"livemode\":true}",
    b"{\"id\":\"evt_#5\",\"object\":\"event\",\"type\":\"charge.updated\",\"created\":1,\"livemode\":true}",
    b"{\"id\":\"evt_bad6\",\"object\":\"event\",\"type\":\"charge.updated\",\"created\":1,\"livemode\":true,\"account\":\"canary\"}",
    b"{\"id\":\"evt_bad7\",\"note\":\"\xff\xfe canary\"}",
];

/// How many tricks there are.
pub(crate) const TRICKS: usize = 6;

/// The signing secrets that Stripe uses now, by endpoint, newest first.
#[derive(Debug, Default)]
pub(crate) struct Keys(BTreeMap<&'static str, Rolling>);

#[derive(Debug)]
struct Rolling {
    texts: Vec<String>,
    secrets: Vec<Secret>,
    issued: u32,
}

impl Keys {
    /// One secret for each endpoint.
    pub(crate) fn new() -> Self {
        let mut keys = Self::default();
        for endpoint in ENDPOINTS {
            keys.roll(endpoint);
        }
        keys
    }

    /// Adds a secret; the one before stays active.
    pub(crate) fn roll(&mut self, endpoint: &'static str) {
        let rolling = self.0.entry(endpoint).or_insert(Rolling {
            texts: Vec::new(),
            secrets: Vec::new(),
            issued: 0,
        });
        rolling.issued += 1;
        let text = format!("whsec_{CANARY}_{endpoint}_{}", rolling.issued);
        rolling.secrets.splice(..0, Secret::new(&text));
        rolling.texts.insert(0, text);
        rolling.secrets.truncate(2);
        rolling.texts.truncate(2);
    }

    /// Ends the time of the older secret.
    pub(crate) fn expire(&mut self, endpoint: &'static str) {
        if let Some(rolling) = self.0.get_mut(endpoint) {
            rolling.secrets.truncate(1);
            rolling.texts.truncate(1);
        }
    }

    /// The secrets as an operator copies them into Secrets Manager.
    pub(crate) fn texts(&self, endpoint: &'static str) -> Vec<String> {
        let rolling = self.0.get(endpoint);
        rolling
            .map(|rolling| rolling.texts.clone())
            .unwrap_or_default()
    }

    /// The header of a body: one signature for each active secret.
    fn header(&self, endpoint: &'static str, body: &[u8], at: i64) -> String {
        let secrets = self.0.get(endpoint).map(|rolling| &rolling.secrets);
        let mut header = String::new();
        for secret in secrets.into_iter().flatten() {
            let signed = sign(body, secret, at);
            if header.is_empty() {
                header = signed;
            } else if let Some((_, signature)) = signed.split_once(',') {
                header.push(',');
                header.push_str(signature);
            }
        }
        header
    }
}

/// The request in which a mail arrives at `now`, unix seconds, or none if there is
/// nothing in it.
pub(crate) fn request(
    mail: &Mail,
    history: &History,
    keys: &Keys,
    chance: &Chance,
    now: i64,
) -> Option<Request> {
    match mail.content {
        Content::Notice { notice, rendering } => {
            let notice = history.notices.get(notice)?;
            let rendering = notice.renderings.get(rendering)?;
            let endpoint = endpoint(notice.owner);
            let mut body = rendering.body.clone();
            if let Some(at) = rendering.pending_at {
                let digit = ["1", "2", "3"].get(chance.below(3))?;
                body.replace_range(at..=at, digit);
            }
            let header = keys.header(endpoint, body.as_bytes(), now);
            Some(match chance.below(10) {
                0 => post_encoded(endpoint, body.as_bytes(), &header),
                _ => post(endpoint, body, &header),
            })
        }
        Content::Malformed(number) => {
            let body = *MALFORMED.get(number)?;
            let header = keys.header("connect", body, now);
            Some(post_encoded("connect", body, &header))
        }
        Content::Forged { trick, notice } => {
            let notice = history.notices.get(notice)?;
            forged(
                trick,
                notice.owner,
                &notice.renderings.first()?.body,
                keys,
                now,
            )
        }
    }
}

fn endpoint(owner: usize) -> &'static str {
    if owner == 0 { "platform" } else { "connect" }
}

/// What nobody but Stripe could have signed, or not with this, or not now.
fn forged(trick: usize, owner: usize, genuine: &str, keys: &Keys, now: i64) -> Option<Request> {
    let endpoint = endpoint(owner);
    let invented = genuine.replace("evt_", "evt_forged");
    let signed_for = |body: &str, at| keys.header(endpoint, body.as_bytes(), at);
    let guess = Secret::new("whsec_guessed").ok()?;
    Some(match trick {
        0 => post(
            endpoint,
            invented.clone(),
            &sign(invented.as_bytes(), &guess, now),
        ),
        1 => post(endpoint, invented, &signed_for(genuine, now)),
        2 => post(
            endpoint,
            genuine.to_owned(),
            &signed_for(genuine, now - 9000),
        ),
        3 => post(
            endpoint,
            invented.clone(),
            &signed_for(&invented, now).replace("v1=", "v0="),
        ),
        4 => {
            let mut request = post(endpoint, invented.clone(), &signed_for(&invented, now));
            request.method = Method::PUT;
            request
        }
        _ => {
            let mut request = post(endpoint, invented.clone(), &signed_for(&invented, now));
            request.signatures.clear();
            request
        }
    })
}

fn post(endpoint: &str, body: String, header: &str) -> Request {
    Request {
        method: Method::POST,
        endpoint: Some(endpoint.to_owned()),
        signatures: vec![header.to_owned()],
        body: Some(body),
        ..Request::default()
    }
}

fn post_encoded(endpoint: &str, body: &[u8], header: &str) -> Request {
    let mut request = post(endpoint, STANDARD.encode(body), header);
    request.is_base64_encoded = true;
    request
}
