//! How large the items are, and what writing one costs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::count::ItemWrite;

/// The items of one kind in one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Sizes {
    /// The table.
    pub(super) table: String,
    /// The kind: an event's type or an object's kind; `all` for the table.
    pub(super) kind: String,
    /// Writes.
    pub(super) writes: usize,
    /// The middle item's bytes.
    pub(super) bytes_median: u64,
    /// The middle item's write units.
    pub(super) units_median: u64,
    /// Write units that nine of ten items do not exceed.
    pub(super) units_p90: u64,
    /// All write units.
    pub(super) units: u64,
}

/// The sizes of each table, and of its kinds by what they cost together.
pub(super) fn sizes(writes: &[ItemWrite]) -> Vec<Sizes> {
    let mut groups: BTreeMap<(&str, &str), Vec<&ItemWrite>> = BTreeMap::new();
    for write in writes {
        for kind in ["all", &write.kind] {
            groups.entry((&write.table, kind)).or_default().push(write);
        }
    }
    let mut sizes: Vec<Sizes> = groups
        .into_iter()
        .map(|((table, kind), writes)| of(table, kind, &writes))
        .collect();
    sizes.sort_by(|a, b| (&a.table, b.units).cmp(&(&b.table, a.units)));
    sizes
}

fn of(table: &str, kind: &str, writes: &[&ItemWrite]) -> Sizes {
    let mut bytes: Vec<u64> = writes.iter().map(|write| write.bytes).collect();
    let mut units: Vec<u64> = writes.iter().map(|write| write.units).collect();
    bytes.sort_unstable();
    units.sort_unstable();
    Sizes {
        table: table.to_owned(),
        kind: kind.to_owned(),
        writes: writes.len(),
        bytes_median: rank(&bytes, 50),
        units_median: rank(&units, 50),
        units_p90: rank(&units, 90),
        units: units.iter().sum(),
    }
}

/// The value that so many of a hundred do not exceed.
fn rank(sorted: &[u64], percent: usize) -> u64 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(kind: &str, bytes: u64) -> ItemWrite {
        ItemWrite {
            table: "events".to_owned(),
            kind: kind.to_owned(),
            bytes,
            units: bytes.div_ceil(1024),
        }
    }

    #[test]
    fn the_table_comes_first_and_then_its_dearest_kind() {
        let writes = [
            write("a", 100),
            write("b", 3_000),
            write("a", 200),
            write("a", 1_100),
        ];
        let sizes = sizes(&writes);
        let kinds: Vec<_> = sizes
            .iter()
            .map(|one| (one.kind.as_str(), one.units))
            .collect();
        assert_eq!(kinds, [("all", 7), ("a", 4), ("b", 3)]);
        assert_eq!((sizes[0].bytes_median, sizes[0].units_p90), (200, 3));
    }

    #[test]
    fn ranks_are_values_that_there_are() {
        let values: Vec<u64> = (1..=10).collect();
        assert_eq!(
            [rank(&values, 50), rank(&values, 90), rank(&[], 50)],
            [5, 9, 0]
        );
    }
}
