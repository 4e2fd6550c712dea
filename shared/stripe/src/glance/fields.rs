//! The top level of a JSON object, its values skipped rather than read.

use memchr::memchr2;

use crate::json::NESTING_MAX;

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

/// Which bytes shape a value, where they are not within a string: asked byte by byte,
/// so that it is a table.
static IS_STRUCTURE: [bool; 256] = table(b"\"{}[]");

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}

fn is_structure(byte: u8) -> bool {
    IS_STRUCTURE.get(usize::from(byte)) == Some(&true)
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

/// Where the object or list ends that begins at `at`.
fn after_nested(bytes: &[u8], mut at: usize) -> Option<usize> {
    // One level is around it.
    let mut depth = 1;
    loop {
        let rest = bytes.get(at..)?;
        at += rest.iter().position(|byte| is_structure(*byte))?;
        match bytes.get(at)? {
            b'"' => {
                at = after_string(bytes, at + 1)?;
                continue;
            }
            b'{' | b'[' if depth == NESTING_MAX => return None,
            b'{' | b'[' => depth += 1,
            _ if depth == 2 => return Some(at + 1),
            _ => depth -= 1,
        }
        at += 1;
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
