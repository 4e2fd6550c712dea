//! The fields of one line, each looked at before it is written.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};

use crate::form::Form;
use crate::metrics::{Metric, told};
use crate::vocabulary::find;

/// The text that says what happened. It stands in the code.
const MESSAGE: &str = "message";
/// Longest such text.
const MESSAGE_BYTES_MAX: usize = 120;

/// Appends fields to a line.
pub(super) struct Fields<'a> {
    line: &'a mut String,
    dropped: u64,
    metrics: Vec<&'static Metric>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(line: &'a mut String) -> Self {
        Self {
            line,
            dropped: 0,
            metrics: Vec::new(),
        }
    }

    /// Says how much was left out, in the line too, and which fields are metrics.
    pub(super) fn end(mut self) -> (u64, Vec<&'static Metric>) {
        let dropped = self.dropped;
        if dropped > 0 {
            self.number("dropped", i64::try_from(dropped).unwrap_or(i64::MAX));
        }
        (dropped, self.metrics)
    }

    pub(super) fn number(&mut self, name: &str, value: i64) {
        match find(name) {
            Some(field) if field.form == Form::Number => {
                self.write(name, format_args!("{value}"));
                self.metrics.extend(told(name, value));
            }
            _ => self.dropped += 1,
        }
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        let is_allowed = match find(name) {
            Some(field) => field.form.admits(value),
            None => name == MESSAGE && value.len() <= MESSAGE_BYTES_MAX && is_plain(value),
        };
        match is_allowed {
            true => self.write(name, format_args!("\"{value}\"")),
            false => self.dropped += 1,
        }
    }

    /// Nothing that passes a form has to be escaped.
    fn write(&mut self, name: &str, value: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = write!(self.line, ",\"{name}\":{value}");
    }
}

/// ASCII without control characters, quotes and what begins an escape.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\'))
}

impl Visit for Fields<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field.name(), i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        match find(field.name()) {
            Some(known) if known.form == Form::Flag => {
                self.write(field.name(), format_args!("{value}"));
            }
            _ => self.dropped += 1,
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // A message that comes this way was put together at run time.
        let form = find(field.name()).map(|field| field.form);
        if matches!(form, Some(Form::Key | Form::Reason)) {
            self.text(field.name(), &format!("{value:?}"));
        } else {
            self.dropped += 1;
        }
    }
}
