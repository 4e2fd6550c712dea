//! What differs from run to run, made the same: ids of messages, times, lengths of time,
//! addresses, names that the stack was given.

use tributary_demo::stack::Stack;

/// Units of lengths of time.
const UNITS: [&str; 4] = ["s", "min", "h", "d"];

/// A text with everything masked that no two runs share. Runs of spaces become two, for
/// columns are as wide as what is in them.
pub(crate) fn masked(text: &str, stack: &Stack) -> String {
    let text = text.replace(&stack.endpoint_url, "<endpoint>");
    let lines = text.lines().map(line);
    lines.map(|line| line + "\n").collect()
}

fn line(line: &str) -> String {
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let mut masked: Vec<String> = Vec::new();
    for column in line
        .trim_start()
        .split("  ")
        .filter(|column| !column.is_empty())
    {
        masked.push(words(column.trim()));
    }
    indent + &masked.join("  ")
}

/// Neighbouring lengths (`5 min 3 s`) become one.
fn words(column: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let words: Vec<&str> = column.split(' ').collect();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let unit = words.get(at + 1).map(|unit| unit.trim_end_matches(','));
        if is_number(word) && unit.is_some_and(|unit| UNITS.contains(&unit)) {
            at += 2;
            if out.last().is_none_or(|last| last != "<length>") {
                out.push("<length>".to_owned());
            }
            continue;
        }
        out.push(one(word));
        at += 1;
    }
    // A JSON key tells what its number is.
    if let [key, value] = out.as_mut_slice()
        && key.ends_with("_s\":")
        && is_number(value.trim_end_matches(','))
    {
        *value = value.replace(|c: char| c.is_ascii_digit() || c == '-', "");
        *value = format!("<length>{value}");
    }
    out.join(" ")
}

fn one(word: &str) -> String {
    let core = word.trim_matches(['"', ',', ';', '.', '`', '(', ')']);
    let mask = match core {
        _ if is_uuid(core) => "<id>",
        _ if is_time(core) => "<time>",
        _ if is_day(core) => "<day>",
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
