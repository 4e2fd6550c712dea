use proptest::prelude::*;

use super::*;

/// The same, a byte at a time.
fn plainly(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut depth, mut is_string, mut is_escaped) = (1, false, false);
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        let was_escaped = std::mem::replace(&mut is_escaped, false);
        match byte {
            b'\\' => is_escaped = !was_escaped,
            // Where no string is, a backslash is no JSON, and any end will do.
            b'"' => is_string ^= !was_escaped,
            _ if is_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > NESTING_MAX {
                    return None;
                }
            }
            b'}' | b']' => {
                depth -= 1;
                if depth == 1 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Quotes, backslashes and brackets wherever they fall on the edges of blocks,
    /// and the letters that differ from brackets in one bit.
    #[test]
    fn it_ends_where_a_reader_of_bytes_says(
        rest in "([a-zé;;<>@_ \n]{0,70}|[\\[\\]{}\"\\\\]{0,9}|\\\\{60,70}){0,9}",
        before in "[a\"{]{0,5}",
    ) {
        let text = format!("{before}[{rest}");
        prop_assert_eq!(
            after_nested(text.as_bytes(), before.len()),
            plainly(text.as_bytes(), before.len())
        );
    }
}

#[test]
fn ends_are_found() {
    assert_eq!(after_nested(b"x[[]{}]]", 1), Some(7));
    assert_eq!(after_nested(b"{\"}\":\"\\\"}\"}]", 0), Some(11));
    assert_eq!(after_nested(b"[", 0), None);
    for fill in 0..200 {
        let text = format!("[\"{}\\\"]\"]]", "]".repeat(fill));
        assert_eq!(after_nested(text.as_bytes(), 0), Some(text.len() - 1));
        assert_eq!(after_nested(&text.as_bytes()[..text.len() - 2], 0), None);
    }
}

/// Only these open and close: no other byte is taken for one of them.
#[test]
fn brackets_are_brackets() {
    for byte in (0..=u8::MAX).filter(|byte| !b"\"\\".contains(byte)) {
        let expected = match byte {
            b'[' | b'{' => None,
            b']' | b'}' => Some(2),
            _ => Some(3),
        };
        assert_eq!(after_nested(&[b'[', byte, b']'], 0), expected, "{byte}");
    }
}
