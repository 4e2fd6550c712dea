//! What differs from run to run, made the same: ids of messages, times, lengths of time,
//! addresses, names that the stack was given, and how large this version's template is.

use tributary_demo::stack::Stack;

/// Units of lengths of time.
const UNITS: [&str; 4] = ["s", "min", "h", "d"];
/// How often the ledger has thought better of something depends on the order in which
/// it heard of it, and so does the fingerprint of all that it keeps.
const BY_ORDER: [&str; 4] = ["derived", "in use", "in_use", "rebuilt"];
/// After the number of things that a template has: `133 of this version`, `35 are there`.
const COUNTED: [&str; 3] = ["of", "are", "have"];
/// What is played was over by then: its times are the same in every run.
const PLAYED_UNTIL: &str = "2026-02";
/// Around a word, in a sentence, in JSON and in CSV.
const MARKS: [char; 8] = ['"', ',', ';', '.', '`', '(', ')', '\''];

/// A text with everything masked that no two runs share. Runs of spaces become two, for
/// columns are as wide as what is in them.
pub(crate) fn masked(text: &str, stack: &Stack) -> String {
    let text = text.replace(&stack.endpoint_url, "<endpoint>");
    let lines = text.lines().map(line);
    lines.map(|line| line + "\n").collect()
}

fn line(line: &str) -> String {
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let columns = line.trim_start().split("  ");
    let columns = columns.filter(|column| !column.is_empty());
    let mut masked: Vec<String> = columns.map(|column| words(column.trim())).collect();
    if let [name, value] = masked.as_mut_slice()
        && BY_ORDER.contains(&name.as_str())
    {
        "<by order>".clone_into(value);
    }
    if let [_, newest, oldest, book, _] = masked.as_mut_slice()
        && [newest, oldest].iter().all(|age| *age == "<length>")
    {
        "<book>".clone_into(book);
    }
    indent + &masked.join("  ")
}

/// Neighbouring lengths (`5 min 3 s`) become one.
fn words(column: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let words: Vec<&str> = column.split(' ').collect();
    if let Some(masked) = of_a_key(&words) {
        return masked;
    }
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let core = word.trim_matches(MARKS);
        let next = words.get(at + 1).map(|next| next.trim_matches(MARKS));
        let next = next.filter(|_| is_number(core)).unwrap_or_default();
        if UNITS.contains(&next) {
            let length = word.replace(core, "<length>");
            if out.last().is_none_or(|last| *last != length) {
                out.push(length);
            }
            at += 2;
        } else if COUNTED.contains(&next) {
            out.push(word.replace(core, "<count>"));
            at += 1;
        } else {
            out.push(one(word));
            at += 1;
        }
    }
    out.join(" ")
}

/// A JSON key tells what its value is.
fn of_a_key(words: &[&str]) -> Option<String> {
    let [key, value] = words else {
        return None;
    };
    let comma = if value.ends_with(',') { "," } else { "" };
    let name = key.strip_suffix(':')?.trim_matches('"');
    if name.ends_with("_s") && is_number(value.trim_end_matches(',')) {
        return Some(format!("{key} <length>{comma}"));
    }
    // Books that were compared in the same second are behind by moments.
    if name == "oldest_book" && *value != "null," {
        return Some(format!("{key} \"<book>\"{comma}"));
    }
    let by_order = format!("{key} \"<by order>\"{comma}");
    BY_ORDER.contains(&name).then_some(by_order)
}

fn one(word: &str) -> String {
    // A row of CSV is one word.
    if word.matches(',').count() > 1 {
        let cells = word.split(',').map(one);
        return cells.collect::<Vec<_>>().join(",");
    }
    let core = word.trim_matches(MARKS);
    let mask = match core {
        _ if is_uuid(core) => "<id>",
        _ if is_hash(core) => "<hash>",
        _ if is_fetch(core) => "fetch_<hash>",
        _ if is_time(core) && core > PLAYED_UNTIL => "<time>",
        _ if is_day(core) && core > PLAYED_UNTIL => "<day>",
        _ if is_physical(core) => "<physical>",
        _ => return word.to_owned(),
    };
    word.replace(core, mask)
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches('-');
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(b, like)| match like {
            b'0' => b.is_ascii_digit(),
            b'x' => b.is_ascii_hexdigit(),
            other => b == other,
        })
}

fn is_uuid(text: &str) -> bool {
    is_shaped(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}

/// The beginning of a secret's hash.
fn is_hash(text: &str) -> bool {
    is_shaped(text, "xxxxxxxx")
}

/// The receipt of a fetch: a hash of what was seen, and when.
fn is_fetch(text: &str) -> bool {
    let seen = text.strip_prefix("fetch_");
    seen.is_some_and(|seen| !seen.is_empty() && seen.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_time(text: &str) -> bool {
    is_shaped(text, "0000-00-00T00:00:00Z")
}

fn is_day(text: &str) -> bool {
    is_shaped(text, "0000-00-00")
}

/// What CloudFormation calls a resource: `tributary-EventsQueue-1A2B3C…`.
fn is_physical(text: &str) -> bool {
    text.starts_with("tributary-") && text.rsplit('-').next().is_some_and(|end| end.len() >= 8)
}
