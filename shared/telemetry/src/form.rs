//! The forms that a value may have.

/// Longest key: mode, owner, kind and id, each no longer than Stripe makes ids.
const KEY_BYTES_MAX: usize = 800;
/// Longest name that a queue, a stream or the runtime gives.
const HANDLE_BYTES_MAX: usize = 200;
/// Longest code.
const CODE_BYTES_MAX: usize = 64;
/// Longest text of an error.
const REASON_BYTES_MAX: usize = 300;
/// Digits in a row that an error may hold: unix milliseconds have thirteen, numbers
/// of cards and bank accounts begin below that, and an error needs neither.
const DIGITS_MAX: usize = 7;

/// What a field's values look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A whole number: a count, a size, a status, a time.
    Number,
    /// True or false.
    Flag,
    /// One of a few words that stand in the code: `unfetchable`.
    Code,
    /// An id that the domain has validated, or a key of such: `live#acct_1#evt_1`.
    Key,
    /// What AWS or the configuration calls something: a message id, an endpoint.
    Handle,
    /// What an error of ours says: words, the code of a service, never a value.
    Reason,
}

impl Form {
    /// Its name in docs/LOGGING.md.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Code => "code",
            Self::Key => "key",
            Self::Handle => "handle",
            Self::Reason => "reason",
        }
    }

    /// Whether a text has this form. No text is a number or a flag.
    pub fn admits(self, text: &str) -> bool {
        let all = |allowed: fn(u8) -> bool| text.bytes().all(allowed);
        match self {
            Self::Number | Self::Flag => false,
            Self::Code => text.len() <= CODE_BYTES_MAX && all(is_word),
            Self::Key => text.len() <= KEY_BYTES_MAX && all(is_key) && has_a_letter(text),
            Self::Handle => text.len() <= HANDLE_BYTES_MAX && all(is_handle) && has_a_letter(text),
            Self::Reason => {
                text.len() <= REASON_BYTES_MAX && all(is_prose) && !has_a_long_number(text)
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'#' | b'.' | b'-' | b'~')
}

fn is_handle(byte: u8) -> bool {
    is_key(byte) || matches!(byte, b':' | b'[' | b']')
}

/// Nothing is called by a number alone, but people's accounts are.
fn has_a_letter(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Without `@` there is no address, and without quotes nothing that serde quotes.
fn is_prose(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" _-.,:;()/#='".contains(&byte)
}

fn has_a_long_number(text: &str) -> bool {
    let mut run = 0;
    text.bytes().any(|byte| {
        // Groups of four, as on a card, are one number.
        run = match byte {
            b'0'..=b'9' => run + 1,
            b' ' | b'-' => run,
            _ => 0,
        };
        run > DIGITS_MAX
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Form; 6] = [
        Form::Number,
        Form::Flag,
        Form::Code,
        Form::Key,
        Form::Handle,
        Form::Reason,
    ];

    #[test]
    fn what_is_personal_has_no_form() {
        for text in [
            "jane@example.com",
            "Jane Doe <jane@example.com>",
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "5 Rue de l'Église",
            r#"{"id":"evt_1"}"#,
            "a\nb",
            "invalid type: string \"Jane\", expected u64",
        ] {
            for form in ALL {
                assert!(!form.admits(text), "{form:?} admits {text}");
            }
        }
        assert!(!Form::Reason.admits("no 4242424242424242 here"));
    }

    #[test]
    fn what_is_ours_has_its_form() {
        assert!(Form::Code.admits("same_id_other_body"));
        assert!(Form::Key.admits("live#acct_1Nv0#v2.core.account#acct_1Nv0"));
        assert!(Form::Handle.admits("day#live#platform#2026-11-27#0"));
        assert!(Form::Reason.admits("the store is unavailable: PutItem: timed out"));
    }

    proptest! {
        #[test]
        fn no_form_admits_what_breaks_a_line(text in ".*[\\x00-\\x1f\"\\\\@].*") {
            for form in ALL {
                prop_assert!(!form.admits(&text), "{form:?}");
            }
        }
    }
}
