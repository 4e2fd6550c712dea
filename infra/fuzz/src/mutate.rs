//! Mutations that keep enough of an input's structure to get past the first check.

use rand::seq::{IndexedRandom, IteratorRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Most bytes of a mutant: past what any reader counts, still quick to read.
const BYTES_MAX: usize = 16 * 1024;

/// Values that JSON allows where the readers want others.
const VALUES: [&str; 16] = [
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "\"\"",
    "\"x\"",
    "-1",
    "1.0",
    "1e3",
    "-0",
    "9223372036854775808",
    "2.5",
    "\"\\ud800\"",
    "\"acct_1\"",
    "\".\"",
];
/// Members of a JSON object that some reader looks for.
const MEMBERS: [&str; 11] = [
    "\"livemode\":true,",
    "\"livemode\":false,",
    "\"deleted\":true,",
    "\"account\":\"acct_1\",",
    "\"context\":\"org_1/acct_2\",",
    "\"context\":\"org_1\",",
    "\"object\":\"v2.core.event\",",
    "\"id\":\"evt_1\",",
    "\"previous_attributes\":{\"amount\":1},",
    "\"$serde_json::private::Number\":\"1\",",
    "\"\\u0024serde_json::private::RawValue\":\"1\",",
];
/// Texts that mean something to one of the readers.
const TEXTS: [&str; 24] = [
    "\\ud800",
    "\\u0000",
    "\u{fffe}",
    "\u{1b}[31m",
    "#",
    "..",
    ".",
    "../",
    "acct_",
    "evt_",
    "\u{7f}",
    "é",
    "t=1763800000,",
    "t=1763799700,",
    ",v1={0}",
    ",v1={1}",
    ",v1={x}",
    ",v0={0}",
    "\u{1e}",
    "{h}",
    "{n}",
    "claims/",
    "_",
    "/",
];
/// Numbers at which something ends.
const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "00",
    "127",
    "128",
    "255",
    "256",
    "1763799699",
    "1763800300",
    "1763800301",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "00000000001763800000",
];
const OPENING: [&str; 4] = ["[", "{\"a\":", " ", "\""];

/// Makes one mutant of a corpus: the same for the same seed.
pub fn mutant(corpus: &[Vec<u8>], seed: u64) -> Vec<u8> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut data = corpus.choose(&mut rng).cloned().unwrap_or_default();
    for _ in 0..*[1, 1, 1, 2, 3].choose(&mut rng).unwrap_or(&1) {
        mutate(&mut data, corpus, &mut rng);
        data.truncate(BYTES_MAX);
    }
    data
}

fn mutate(data: &mut Vec<u8>, corpus: &[Vec<u8>], rng: &mut ChaCha8Rng) {
    match rng.random_range(0..11) {
        0 => flip(data, rng),
        1 => drop(data.splice(piece(data, rng), [])),
        2 => {
            let copy = data.get(piece(data, rng)).unwrap_or_default().to_vec();
            insert(data, place(data, rng), &copy);
        }
        3 => splice(data, corpus, rng),
        4 => insert(data, place(data, rng), text(rng)),
        5 => number(data, rng),
        6 => repeat_member(data, rng),
        7 => replace_value(data, rng),
        8 => into_string(data, rng),
        9 => add_member(data, rng),
        _ => nest(data, rng),
    }
}

fn text(rng: &mut ChaCha8Rng) -> &'static [u8] {
    TEXTS.choose(rng).map_or(b"", |text| text.as_bytes())
}

fn place(data: &[u8], rng: &mut ChaCha8Rng) -> usize {
    rng.random_range(0..=data.len())
}

/// A short range of the data.
fn piece(data: &[u8], rng: &mut ChaCha8Rng) -> std::ops::Range<usize> {
    let start = place(data, rng);
    start..data.len().min(start + rng.random_range(1..=32))
}

fn insert(data: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    data.splice(at..at, bytes.iter().copied());
}

fn flip(data: &mut [u8], rng: &mut ChaCha8Rng) {
    if let Some(byte) = data.iter_mut().choose(rng) {
        *byte ^= 1 << rng.random_range(0..8);
    }
}

/// The beginning of one input and the end of another.
fn splice(data: &mut Vec<u8>, corpus: &[Vec<u8>], rng: &mut ChaCha8Rng) {
    data.truncate(place(data, rng));
    if let Some(other) = corpus.choose(rng) {
        data.extend(other.iter().skip(place(other, rng)));
    }
}

/// Where a byte for which `is` holds follows one for which it does not.
fn begins(data: &[u8], is: impl Fn(u8) -> bool, rng: &mut ChaCha8Rng) -> Option<usize> {
    let before = std::iter::once(b' ').chain(data.iter().copied());
    let starts = before.zip(data).enumerate();
    let starts = starts.filter(|(_, (before, byte))| is(**byte) && !is(*before));
    starts.map(|(at, _)| at).choose(rng)
}

fn number(data: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let Some(start) = begins(data, |byte| byte.is_ascii_digit(), rng) else {
        return;
    };
    let digits = data
        .iter()
        .skip(start)
        .take_while(|byte| byte.is_ascii_digit());
    let end = start + digits.count();
    let number = NUMBERS.choose(rng).copied().unwrap_or_default();
    data.splice(start..end, number.bytes());
}

/// After a colon, where JSON has a value; the value's end if it is a scalar.
fn value(data: &[u8], rng: &mut ChaCha8Rng) -> Option<std::ops::Range<usize>> {
    let start = begins(data, |byte| byte == b':', rng)? + 1;
    let rest = data.iter().skip(start);
    let length = rest
        .take_while(|byte| !matches!(byte, b',' | b'}' | b']'))
        .count();
    Some(start..start + length)
}

fn replace_value(data: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    if let Some(value) = value(data, rng) {
        let other = VALUES.choose(rng).copied().unwrap_or_default();
        data.splice(value, other.bytes());
    }
}

fn add_member(data: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    if let Some(brace) = begins(data, |byte| byte == b'{', rng) {
        let member = MEMBERS.choose(rng).copied().unwrap_or_default();
        insert(data, brace + 1, member.as_bytes());
    }
}

/// Writes a member of a JSON object twice.
fn repeat_member(data: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let Some(value) = value(data, rng) else {
        return;
    };
    let quotes = data.iter().enumerate().take(value.start).rev();
    let mut quotes = quotes.filter(|(_, byte)| **byte == b'"').map(|(at, _)| at);
    let (Some(_), Some(start)) = (quotes.next(), quotes.next()) else {
        return;
    };
    let mut member = data.get(start..value.end).unwrap_or_default().to_vec();
    member.push(b',');
    insert(data, start, &member);
}

/// Puts a word, or very many of a letter, inside a string.
fn into_string(data: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let Some(quote) = begins(data, |byte| byte == b'"', rng) else {
        return;
    };
    if rng.random_bool(0.2) {
        insert(data, quote + 1, &[b'x'; 300]);
    } else {
        insert(data, quote + 1, text(rng));
    }
}

/// Puts a value under many levels.
fn nest(data: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let Some(value) = value(data, rng) else {
        return;
    };
    let levels = *[1, 2, 120, 125, 130].choose(rng).unwrap_or(&1);
    let opening = OPENING.choose(rng).copied().unwrap_or_default();
    let closing = match opening {
        "[" => "]",
        "{\"a\":" => "}",
        other => other,
    };
    insert(data, value.end, closing.repeat(levels).as_bytes());
    insert(data, value.start, opening.repeat(levels).as_bytes());
}
