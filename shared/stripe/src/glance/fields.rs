//! The top level of a JSON object, its values skipped rather than read.

use memchr::memchr2;

use super::nested::after_nested;

/// The fields of an object, one after the other. It answers `None` as soon as
/// anything is not as it should be; that a value which was skipped is JSON is not
/// looked at.
pub(super) struct Fields<'a> {
    text: &'a str,
    at: usize,
    is_first: bool,
}

impl<'a> Fields<'a> {
    /// The fields of a text that begins as an object does.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let mut fields = Self {
            text,
            at: 0,
            is_first: true,
        };
        fields.take(b'{')?;
        Some(fields)
    }

    /// The next name and the text of its value, or `Some(None)` at the end.
    pub(super) fn next(&mut self) -> Option<Option<(&'a str, &'a str)>> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.peek()? == b'}' {
            return self
                .text
                .get(self.at + 1..)?
                .trim_ascii()
                .is_empty()
                .then_some(None);
        }
        if !is_first {
            self.take(b',')?;
        }
        let name = self.value()?.strip_prefix('"')?.strip_suffix('"')?;
        self.take(b':')?;
        Some(Some((name, self.value()?)))
    }

    /// The byte that comes after white space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| self.at += 1)
    }

    fn value(&mut self) -> Option<&'a str> {
        let first = self.peek()?;
        let (bytes, start) = (self.text.as_bytes(), self.at);
        self.at = match first {
            b'"' => after_string(bytes, start + 1)?,
            b'{' | b'[' => after_nested(bytes, start)?,
            _ => after_scalar(bytes, start)?,
        };
        self.text.get(start..self.at)
    }
}

/// Where a string ends whose contents begin at `at`.
fn after_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found + 1);
        }
        at = found + 2;
    }
}

/// Where a number, `true`, `false` or `null` ends.
fn after_scalar(bytes: &[u8], at: usize) -> Option<usize> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    let length = bytes
        .get(at..)?
        .iter()
        .take_while(|byte| is_part(byte))
        .count();
    (length > 0).then_some(at + length)
}

#[cfg(test)]
mod tests;
