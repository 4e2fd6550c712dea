//! A small HTTP/1.1 client: one connection per request.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// One answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Ids of a list's objects.
    pub(crate) fn ids(&self) -> Vec<&str> {
        let data = self.body["data"].as_array().expect("a list");
        data.iter()
            .map(|object| object["id"].as_str().expect("an id"))
            .collect()
    }

    pub(crate) fn error(&self, member: &str) -> &str {
        self.body["error"][member].as_str().unwrap_or_default()
    }
}

/// Speaks to one server, with the same headers each time.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    address: String,
    headers: Vec<(String, String)>,
}

impl Client {
    /// A client with a key that the server accepts.
    pub(crate) fn new(url: &str) -> Self {
        Self::anonymous(url).with("Authorization", "Bearer sk_live_platform")
    }

    pub(crate) fn anonymous(url: &str) -> Self {
        let address = url.strip_prefix("http://").expect("a URL").to_owned();
        Self {
            address,
            headers: Vec::new(),
        }
    }

    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    pub(crate) fn on(&self, account: &str) -> Self {
        self.with("Stripe-Account", account)
    }

    pub(crate) fn keyed(&self, key: &str) -> Self {
        self.with("Idempotency-Key", key)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", None).expect("an answer")
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> Answer {
        self.send("POST", path, form, None).expect("an answer")
    }

    /// Sends a request and gives up after `patience`.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        form: &str,
        patience: Option<Duration>,
    ) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(patience)?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: simulator\r\n");
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let length = form.len();
        head.push_str(&format!(
            "{kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        ));
        stream.write_all(head.as_bytes())?;
        stream.write_all(form.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(parse(&answer))
    }
}

fn parse(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().expect("a status line");
    let headers = lines.map(|line| line.split_once(": ").expect("a header"));
    let headers: BTreeMap<String, String> = headers
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let json = headers.get("content-type").map(String::as_str) == Some("application/json");
    Answer {
        status: status
            .split(' ')
            .nth(1)
            .expect("a status")
            .parse()
            .expect("a number"),
        headers,
        body: if json {
            serde_json::from_str(body).expect("JSON")
        } else {
            Value::String(body.to_owned())
        },
    }
}
