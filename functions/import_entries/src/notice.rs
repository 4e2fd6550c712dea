//! What may be in the queue: S3's word that a file was dropped, and the platform's events
//! that carry entries.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tributary_domain::Mode;
use tributary_domain::time::unix_seconds;
use tributary_matching::OwnEntry;
use tributary_matching::import::{Columns, Fault, Problem, Row};
use tributary_pipeline::own_book::{Dropped, mode_of};

/// What an event is called that carries entries.
pub const RECORDED: &str = "own_entry.recorded";
/// Most entries of one event: more than its 256 KB hold.
const ENTRIES_MAX: usize = 5_000;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A file to import.
    File(Dropped),
    /// An object that is no import: the report about one.
    Other,
    /// Entries.
    Entries(Recorded),
    /// An event that cannot be used, and why: a code and the field.
    Unusable {
        /// The event's id.
        event: String,
        /// What is wrong, in one word.
        code: &'static str,
        /// Where, and what makes it right; never what is there.
        detail: String,
    },
}

/// Entries that came as an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Live or test.
    pub mode: Mode,
    /// The event's id.
    pub event: String,
    /// When it was sent, unix seconds.
    pub at: i64,
    /// The entries.
    pub entries: Vec<OwnEntry>,
}

#[derive(Deserialize)]
struct Envelope {
    id: String,
    source: String,
    #[serde(rename = "detail-type")]
    kind: String,
    time: String,
    detail: Value,
}

#[derive(Deserialize)]
struct Created {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    key: String,
    size: u64,
    etag: String,
    #[serde(default)]
    sequencer: String,
}

impl Notice {
    /// Reads a message; `None` if it is none of these.
    pub fn read(body: &str) -> Option<Self> {
        let envelope: Envelope = serde_json::from_str(body).ok()?;
        let at = unix_seconds(&envelope.time)?;
        match (envelope.source.as_str(), envelope.kind.as_str()) {
            ("aws.s3", "Object Created") => {
                let created: Created = serde_json::from_value(envelope.detail).ok()?;
                let Object {
                    key,
                    size,
                    etag,
                    sequencer,
                } = created.object;
                Some(mode_of(&key).map_or(Self::Other, |mode| {
                    Self::File(Dropped {
                        mode,
                        key,
                        etag,
                        bytes: size,
                        at,
                        sequencer,
                    })
                }))
            }
            ("platform.live", RECORDED) => Some(recorded(Mode::Live, &envelope, at)),
            ("platform.test", RECORDED) => Some(recorded(Mode::Test, &envelope, at)),
            _ => None,
        }
    }
}

fn recorded(mode: Mode, envelope: &Envelope, at: i64) -> Notice {
    let unusable = |code, detail: String| Notice::Unusable {
        event: envelope.id.clone(),
        code,
        detail,
    };
    let entries = envelope.detail.get("entries").and_then(Value::as_array);
    let Some(entries) = entries.filter(|entries| !entries.is_empty()) else {
        return unusable("no_entries", "entries: write a list of them".to_owned());
    };
    if entries.len() > ENTRIES_MAX {
        return unusable(
            "too_many_entries",
            format!("entries: {ENTRIES_MAX} at most"),
        );
    }
    let mut read = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let entry = match entry_of(entry) {
            Ok(entry) => entry,
            Err(fault) => {
                let Fault { field, problem } = fault;
                let remedy = problem.remedy();
                return unusable(
                    "bad_entry",
                    format!("entries[{place}].{field}: {problem}; {remedy}"),
                );
            }
        };
        let key = (entry.account.clone(), entry.id.clone());
        if read.insert(key, entry).is_some() {
            return unusable(
                "repeated_entry",
                format!("entries[{place}].id: it is there twice"),
            );
        }
    }
    Notice::Entries(Recorded {
        mode,
        event: envelope.id.clone(),
        at,
        entries: read.into_values().collect(),
    })
}

/// Reads an entry by the names and rules of a file's columns: texts, and whole numbers.
fn entry_of(entry: &Value) -> Result<OwnEntry, Fault> {
    let fault = |field: &str, problem| Fault {
        field: field.to_owned(),
        problem,
    };
    let Some(members) = entry.as_object() else {
        return Err(fault("", Problem::Type));
    };
    let mut texts = Vec::with_capacity(members.len());
    let mut names = Vec::with_capacity(members.len());
    for (name, value) in members {
        texts.push(match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            Value::Number(number) if number.is_i64() => number.to_string(),
            Value::Number(_) if name.starts_with("amount") => {
                return Err(fault(name, Problem::AmountFloat));
            }
            _ => return Err(fault(name, Problem::Type)),
        });
        names.push(name.as_str());
    }
    let first = |faults: Vec<Fault>| {
        let none = fault("", Problem::Type);
        faults.into_iter().next().unwrap_or(none)
    };
    let columns = Columns::of(names).map_err(first)?;
    columns.entry(&Texts(texts)).map_err(first)
}

struct Texts(Vec<String>);

impl Row for Texts {
    fn field(&self, place: usize) -> &str {
        self.0.get(place).map_or("", String::as_str)
    }
}
