//! The command line.

use std::{num::ParseIntError, str::FromStr};

use reqwest::Url;
use tributary_simulator::{delivery::ENDPOINTS, poster::Secrets};

pub(crate) const USAGE: &str = "\
Plays a Stripe Connect world and serves its REST API until it is killed.

Usage: stripe-simulator [--seed N] [--accounts N] [--days N] [--recent] [--port N]
                        [--webhook-url BASE --secret ENDPOINT=SECRET...]

  --seed N         decides everything that happens (default 1)
  --accounts N     connected accounts (default 5)
  --days N         simulated days to play (default 30)
  --recent         the days end yesterday, and not in 2025, and at their end the bank
                   sends a payout back that it had paid
  --port N         port on the loopback interface (default 0: a free one)
  --webhook-url BASE
                   posts what happened to BASE/platform, BASE/connect and BASE/thin,
                   as Stripe does: signed, some twice, out of order, late, or lost
                   at first, and again until it is accepted
  --secret ENDPOINT=SECRET
                   signs what is posted to that endpoint; at least one for each of
                   platform, connect and thin, several while a secret is rolled
  --help           prints this

The local stack fetches from http://127.0.0.1:12111: with --port 12111 it finds
this world there.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Serve(Args),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) seed: u64,
    pub(crate) accounts: usize,
    pub(crate) days: u32,
    pub(crate) is_recent: bool,
    pub(crate) port: u16,
    pub(crate) webhooks: Option<Webhooks>,
}

/// Where webhooks go.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Webhooks {
    pub(crate) base_url: String,
    pub(crate) secrets: Secrets,
}

/// Reads the arguments, without the program's name.
///
/// # Errors
/// One sentence on the first that cannot be used.
pub(crate) fn parse(mut given: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut args = Args {
        seed: 1,
        accounts: 5,
        days: 30,
        is_recent: false,
        port: 0,
        webhooks: None,
    };
    let mut base_url = None;
    let mut secrets = Secrets::new();
    while let Some(flag) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{flag} needs a value."));
        match flag.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--seed" => args.seed = number(&flag, &value()?)?,
            "--accounts" => args.accounts = number(&flag, &value()?)?,
            "--days" => args.days = number(&flag, &value()?)?,
            "--recent" => args.is_recent = true,
            "--port" => args.port = number(&flag, &value()?)?,
            "--webhook-url" => base_url = Some(web_address(&value()?)?),
            "--secret" => {
                let (endpoint, secret) = secret(&value()?)?;
                secrets.entry(endpoint).or_default().push(secret);
            }
            _ => return Err(format!("There is no flag {flag}; --help lists them all.")),
        }
    }
    args.webhooks = webhooks(base_url, secrets)?;
    Ok(Command::Serve(args))
}

fn number<N: FromStr<Err = ParseIntError>>(flag: &str, value: &str) -> Result<N, String> {
    value
        .parse()
        .map_err(|error| format!("{flag} {value} is not a usable number: {error}."))
}

fn web_address(value: &str) -> Result<String, String> {
    match Url::parse(value) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) => Ok(value.to_owned()),
        _ => Err(format!(
            "--webhook-url {value} is not an address that starts with http:// or https://."
        )),
    }
}

/// The endpoint and its secret. What is refused is not repeated, as it may hold a secret.
fn secret(value: &str) -> Result<(String, String), String> {
    match value.split_once('=') {
        Some((endpoint, secret)) if ENDPOINTS.contains(&endpoint) && !secret.is_empty() => {
            Ok((endpoint.to_owned(), secret.to_owned()))
        }
        _ => Err(format!(
            "--secret needs ENDPOINT=SECRET, the endpoint being one of {}.",
            ENDPOINTS.join(", ")
        )),
    }
}

fn webhooks(base_url: Option<String>, secrets: Secrets) -> Result<Option<Webhooks>, String> {
    let Some(base_url) = base_url else {
        return if secrets.is_empty() {
            Ok(None)
        } else {
            Err("--secret is of no use without --webhook-url.".to_owned())
        };
    };
    match ENDPOINTS.iter().find(|name| !secrets.contains_key(**name)) {
        Some(missing) => Err(format!(
            "--webhook-url needs --secret {missing}=SECRET too."
        )),
        None => Ok(Some(Webhooks { base_url, secrets })),
    }
}

#[cfg(test)]
mod tests {
    use super::{Args, Command, Secrets, Webhooks, parse};

    fn read(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    fn secrets(pairs: &[(&str, &[&str])]) -> Secrets {
        let owned = pairs.iter().map(|(endpoint, secrets)| {
            let secrets = secrets.iter().map(|secret| (*secret).to_owned());
            ((*endpoint).to_owned(), secrets.collect())
        });
        owned.collect()
    }

    #[test]
    fn everything_can_be_said() {
        let line = "--seed 7 --accounts 2 --days 3 --recent --port 12111 --webhook-url http://[::1]:4566/hooks \
            --secret platform=whsec_p --secret connect=whsec_new= --secret connect=whsec_old \
            --secret thin=whsec_t";
        let webhooks = Webhooks {
            base_url: "http://[::1]:4566/hooks".to_owned(),
            secrets: secrets(&[
                ("platform", &["whsec_p"]),
                ("connect", &["whsec_new=", "whsec_old"]),
                ("thin", &["whsec_t"]),
            ]),
        };
        let args = Args {
            seed: 7,
            accounts: 2,
            days: 3,
            is_recent: true,
            port: 12111,
            webhooks: Some(webhooks),
        };
        assert_eq!(read(line), Ok(Command::Serve(args)));
        assert_eq!(read("--seed 7 --help"), Ok(Command::Help));
    }

    #[test]
    fn nothing_need_be_said() {
        let args = Args {
            seed: 1,
            accounts: 5,
            days: 30,
            is_recent: false,
            port: 0,
            webhooks: None,
        };
        assert_eq!(read(""), Ok(Command::Serve(args)));
    }

    #[test]
    fn what_cannot_be_used_is_named_in_one_sentence() {
        let hook = "--webhook-url http://a --secret platform=p";
        for (line, named) in [
            ("--sed 1", "--sed"),
            ("serve", "serve"),
            ("--seed", "--seed needs a value"),
            ("--seed one", "--seed one"),
            ("--seed -1", "--seed -1"),
            ("--port 70000", "--port 70000"),
            ("--webhook-url ftp://a", "ftp://a"),
            ("--webhook-url a", "--webhook-url a"),
            ("--secret platform=p", "--webhook-url"),
            ("--secret platform", "ENDPOINT=SECRET"),
            ("--secret platform=", "ENDPOINT=SECRET"),
            ("--secret other=p", "platform, connect, thin"),
            (hook, "connect=SECRET"),
            (&format!("{hook} --secret connect=c"), "thin=SECRET"),
        ] {
            let said = read(line).expect_err(line);
            assert!(said.contains(named), "{line}: {said}");
            assert!(said.ends_with('.') && !said.contains('\n'), "{said}");
        }
    }
}
