//! One value.

use serde_json::Value;
use tributary_ledger::Day;

/// One value of a row or a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Not known, or not there.
    Nothing,
    /// A text.
    Text(String),
    /// A whole number; money in minor units.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A moment, unix seconds.
    Time(i64),
    /// A length of time, seconds.
    Seconds(i64),
    /// Something with a form of its own.
    Json(Value),
}

impl Cell {
    /// As a person reads it. Control characters are written out: what comes from
    /// outside must not speak to the terminal.
    pub(super) fn human(&self) -> String {
        match self {
            Self::Nothing => "-".to_owned(),
            Self::Text(text) => printable(text),
            Self::Number(number) => number.to_string(),
            Self::Flag(true) => "yes".to_owned(),
            Self::Flag(false) => "no".to_owned(),
            Self::Time(at) => rfc3339(*at),
            Self::Seconds(seconds) => length(*seconds),
            Self::Json(value) => match serde_json::to_string_pretty(value) {
                Ok(text) => printable(&text),
                Err(_) => printable(&value.to_string()),
            },
        }
    }

    pub(super) fn json(&self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) | Self::Seconds(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Time(at) => rfc3339(*at).into(),
            Self::Json(value) => value.clone(),
        }
    }

    /// As a sheet takes it: empty when there is nothing. Texts only can be mistaken for
    /// formulas.
    pub(super) fn plain(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) | Self::Seconds(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Time(at) => rfc3339(*at),
            Self::Json(value) => value.to_string(),
        }
    }
}

fn printable(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => written.push('\n'),
            // Those that turn the direction of writing hide what is there, too.
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
                written.extend(character.escape_unicode());
            }
            other if other.is_control() => written.extend(other.escape_default()),
            other => written.push(other),
        }
    }
    written
}

/// `2026-11-27T08:00:00Z`.
pub(crate) fn rfc3339(unix_s: i64) -> String {
    let day = Day::of(unix_s);
    let of_day = unix_s.saturating_sub(day.start());
    let (hours, minutes, seconds) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{day}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

/// The two greatest units: `3 d 4 h`, `5 min 3 s`.
fn length(seconds: i64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds.max(0);
    let mut parts = Vec::new();
    for (size, unit) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        }
        if parts.len() == 2 || (!parts.is_empty() && count == 0) {
            break;
        }
    }
    match parts.is_empty() {
        true => "0 s".to_owned(),
        false => parts.join(" "),
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}
