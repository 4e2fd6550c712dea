//! The fields that there are. docs/LOGGING.md has the same list, with what each means;
//! a test compares the two.

use tracing::field::{DisplayValue, display};

use crate::form::Form;
use crate::value::{Key, Number, Reason, Written};

/// A field: what it is called and what its values look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// The form of its values.
    pub form: Form,
}

/// A field by name.
pub fn find(name: &str) -> Option<Field> {
    FIELDS.iter().copied().find(|field| field.name == name)
}

macro_rules! field_value {
    ($name:ident Number) => {
        #[doc = concat!("Makes a value of the field `", stringify!($name), "`.")]
        pub fn $name(value: &impl Number) -> i64 {
            value.number()
        }
    };
    ($name:ident Flag) => {
        #[doc = concat!("Makes a value of the field `", stringify!($name), "`.")]
        pub fn $name(value: &bool) -> bool {
            *value
        }
    };
    ($name:ident Code) => {
        #[doc = concat!("Makes a value of the field `", stringify!($name), "`.")]
        pub fn $name(value: &&'static str) -> &'static str {
            value
        }
    };
    ($name:ident Key) => {
        #[doc = concat!("Makes a value of the field `", stringify!($name), "`.")]
        pub fn $name<K: Key>(value: &K) -> DisplayValue<Written<'_, K>> {
            display(Written(value))
        }
    };
    ($name:ident Handle) => {
        #[doc = concat!("Makes a value of the field `", stringify!($name), "`.")]
        pub fn $name(value: &(impl AsRef<str> + ?Sized)) -> &str {
            value.as_ref()
        }
    };
    ($name:ident Reason) => {
        #[doc = concat!("Makes a value of the field `", stringify!($name), "`.")]
        pub fn $name<R: Reason>(value: &R) -> DisplayValue<&R> {
            display(value)
        }
    };
}

macro_rules! vocabulary {
    ($($name:ident: $form:ident,)*) => {
        /// Every field, by name.
        pub const FIELDS: &[Field] = &[
            $(Field { name: stringify!($name), form: Form::$form },)*
        ];
        $(field_value!($name $form);)*
    };
}

vocabulary! {
    // What failed, and why.
    code: Code,
    error: Reason,
    field: Handle,
    outcome: Code,
    result: Code,
    status: Number,
    attempt: Number,
    // What it is about.
    account: Key,
    book: Key,
    endpoint: Handle,
    event: Key,
    job: Handle,
    kind: Key,
    message_id: Handle,
    object: Key,
    record: Handle,
    source: Key,
    transaction: Key,
    // What a batch of apply_event came to.
    applied: Number,
    duplicate: Number,
    failed: Number,
    missing_events: Number,
    claimed: Number,
    newer_version: Number,
    odd_time: Number,
    signature_mismatch: Number,
    unfetchable: Number,
    other_body: Number,
    other_rendering: Number,
    quarantined: Number,
    unknown: Number,
    keys: Number,
    // What a batch of publish_changes came to.
    published: Number,
    records: Number,
    silent: Number,
    truncated: Number,
    unreadable: Number,
    // What a batch of post_ledger came to.
    answered: Number,
    concerns: Number,
    deferred: Number,
    derived: Number,
    facts: Number,
    listed: Number,
    messages: Number,
    pages: Number,
    posted: Number,
    pulled: Number,
    unlisted: Number,
    // What reconcile planned and found.
    books: Number,
    findings_open: Number,
    found: Number,
    gone: Number,
    healing: Number,
    jobs: Number,
    labelled: Number,
    left: Number,
    lines: Number,
    planned: Flag,
    report_days: Number,
    residuals: Number,
    uncovered_s: Number,
    // What import_entries took in, and what was matched.
    mode: Key,
    import_id: Handle,
    bytes: Number,
    entries: Number,
    imports_refused: Number,
    faults: Number,
    made: Number,
    waiting: Number,
    own: Number,
    unmatched: Number,
    compared: Number,
    // What calls of Stripe came to.
    breaker_opened: Number,
    family: Handle,
    // What a line says of itself, and of what is not ours.
    dropped: Number,
    spans: Number,
    library: Handle,
    file: Handle,
    line: Number,
}
