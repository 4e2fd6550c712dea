//! What the mirror has to hold: a fold over the set of what was seen of an object.
//!
//! Nothing here is shared with the code under test: no row, no join, no JSON
//! library. Each fact of a row is computed from the whole set at once.

use std::fmt::Write;

use tributary_domain::Change;

use crate::history::Seen;

/// Most versions of one second that a row keeps.
const VERSIONS_MAX: usize = 16;

/// The stored form of the row of an object of which this was seen; `None` if that
/// is nothing.
pub(crate) fn row(seen: &[&Seen]) -> Option<String> {
    if seen.is_empty() {
        return None;
    }
    let is = |change: Change| move |seen: &&&Seen| seen.change == change;
    let alive_at = seen
        .iter()
        .filter(|seen| matches!(seen.change, Change::Created | Change::Observed))
        .map(|seen| seen.at)
        .max();
    let deletion = seen
        .iter()
        .filter(is(Change::Deleted))
        .max_by_key(|seen| rank(seen));
    // Who is known to have lived after the deletion lives.
    let deletion = deletion.filter(|deletion| alive_at.is_none_or(|at| at <= deletion.at));
    let gone_at = deletion.map_or(i64::MIN, |deletion| deletion.at);

    let mut versions: Vec<&Seen> = seen
        .iter()
        .filter(|seen| seen.change != Change::Deleted && seen.at > gone_at)
        .copied()
        .collect();
    let newest = versions.iter().map(|seen| seen.at).max();
    versions.retain(|seen| Some(seen.at) == newest);
    // Of one source in one second the greater stands.
    versions.sort_by_key(|seen| rank(seen));
    versions.sort_by(|a, b| a.source.cmp(&b.source));
    versions.reverse();
    versions.dedup_by(|one, kept| one.source == kept.source);
    let overflowed = versions.len() > VERSIONS_MAX;
    versions.truncate(VERSIONS_MAX);
    versions.reverse();

    let mut out = String::from("{\"versions\":[");
    for (place, seen) in versions.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        version(&mut out, seen);
    }
    out.push(']');
    if overflowed {
        out.push_str(",\"overflowed\":true");
    }
    if let Some(deletion) = deletion {
        out.push_str(",\"deletion\":");
        version(&mut out, deletion);
    } else if let Some(at) = alive_at {
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"alive_at\":{at}");
    }
    out.push('}');
    Some(out)
}

fn rank(seen: &Seen) -> (i64, &str, u8, &str, Option<&str>) {
    let change = match seen.change {
        Change::Created => 0,
        Change::Changed => 1,
        Change::Deleted => 2,
        Change::Observed => 3,
    };
    (
        seen.at,
        &seen.source,
        change,
        &seen.body,
        seen.previous.as_deref(),
    )
}

fn version(out: &mut String, seen: &Seen) {
    let change = match seen.change {
        Change::Created => "created",
        Change::Changed => "changed",
        Change::Deleted => "deleted",
        Change::Observed => "observed",
    };
    let _ = write!(
        out,
        "{{\"at\":{},\"source\":\"{}\",\"change\":\"{change}\",\"body\":{}",
        seen.at, seen.source, seen.body
    );
    if let Some(previous) = &seen.previous {
        let _ = write!(out, ",\"previous\":{previous}");
    }
    out.push('}');
}
