//! Who goes with whom, so that all scores together are the most.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// One possible pair and what it is worth, more than 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) worth: i64,
}

/// Picks edges, given in the order of rows, so that each row and each column is in one
/// at most, and their worth is the most there is. Among picks of equal worth the choice
/// depends on the edges only. Returns places in `edges`.
///
/// Shortest augmenting paths (Jonker and Volgenant) over the edges there are: a row
/// that gets no column pays what a worthless edge would.
pub(super) fn assign(edges: &[Edge]) -> Vec<usize> {
    let mut assignment = Assignment::of(edges);
    for row in 0..assignment.rows.len() {
        assignment.augment(row);
    }
    let mut picked: Vec<_> = assignment.of_row.into_iter().flatten().collect();
    picked.sort_unstable();
    picked
}

struct Assignment<'e> {
    edges: &'e [Edge],
    /// Each row's edges.
    rows: Vec<std::ops::Range<usize>>,
    /// The row of each edge, and the column, both numbered from 0.
    ends: Vec<(usize, usize)>,
    of_row: Vec<Option<usize>>,
    of_column: Vec<Option<usize>>,
    /// What a column costs by being wanted elsewhere; never more than 0.
    prices: Vec<i64>,
    /// More than any edge is worth.
    most: i64,
}

/// How a row can be served.
#[derive(Clone, Copy)]
enum End {
    /// By a column that nobody has, reached by this edge.
    Column(usize),
    /// By this row, which is on the way, going without.
    Without(usize),
}

impl<'e> Assignment<'e> {
    fn of(edges: &'e [Edge]) -> Self {
        let mut columns: BTreeMap<u32, usize> = edges.iter().map(|edge| (edge.column, 0)).collect();
        for (number, column) in columns.values_mut().enumerate() {
            *column = number;
        }
        let (mut rows, mut ends, mut begin) = (Vec::new(), Vec::new(), 0);
        for of_row in edges.chunk_by(|one, other| one.row == other.row) {
            let column = |edge: &Edge| columns.get(&edge.column).copied().unwrap_or_default();
            ends.extend(of_row.iter().map(|edge| (rows.len(), column(edge))));
            rows.push(begin..begin + of_row.len());
            begin += of_row.len();
        }
        Self {
            edges,
            of_row: vec![None; rows.len()],
            of_column: vec![None; columns.len()],
            prices: vec![0; columns.len()],
            most: edges
                .iter()
                .map(|edge| edge.worth)
                .max()
                .unwrap_or_default(),
            rows,
            ends,
        }
    }

    fn cost(&self, edge: usize) -> i64 {
        self.edges
            .get(edge)
            .map_or(self.most, |edge| self.most - edge.worth)
    }

    fn column(&self, edge: usize) -> usize {
        self.ends.get(edge).map_or(usize::MAX, |ends| ends.1)
    }

    fn price(&self, column: usize) -> i64 {
        self.prices.get(column).copied().unwrap_or_default()
    }

    /// What a row pays now, by which all its edges are measured.
    fn paid(&self, row: usize) -> i64 {
        let edge = self.of_row.get(row).copied().flatten();
        edge.map_or(0, |edge| self.cost(edge) - self.price(self.column(edge)))
    }

    /// Serves one more row by the shortest path through what others would have to
    /// change.
    fn augment(&mut self, start: usize) {
        // Columns by the length of the way to them, and the edge that leads there.
        let mut reached: BTreeMap<usize, (i64, usize)> = BTreeMap::new();
        let mut done: BTreeMap<usize, i64> = BTreeMap::new();
        let mut heap = BinaryHeap::new();
        let (mut row, mut length) = (start, 0);
        // The shortest way found to an end.
        let (mut shortest, mut end) = (i64::MAX, End::Without(start));
        loop {
            let base = length - self.paid(row);
            if base + self.most < shortest {
                (shortest, end) = (base + self.most, End::Without(row));
            }
            for edge in self.rows.get(row).cloned().unwrap_or_default() {
                let column = self.column(edge);
                let way = base + self.cost(edge) - self.price(column);
                let is_shorter = reached.get(&column).is_none_or(|(known, _)| way < *known);
                if is_shorter && way < shortest && !done.contains_key(&column) {
                    reached.insert(column, (way, edge));
                    heap.push(Reverse((way, column)));
                }
            }
            let Some((way, column)) = self.nearest(&mut heap, &done) else {
                break;
            };
            if way >= shortest {
                break;
            }
            done.insert(column, way);
            match self.of_column.get(column).copied().flatten() {
                Some(edge) => {
                    (row, length) = (self.ends.get(edge).map_or(start, |ends| ends.0), way);
                }
                None => {
                    let edge = reached.get(&column).map_or(0, |(_, edge)| *edge);
                    (shortest, end) = (way, End::Column(edge));
                    break;
                }
            }
        }
        for (column, way) in done {
            if let Some(price) = self.prices.get_mut(column) {
                *price += way - shortest;
            }
        }
        self.turn(start, end, &reached);
    }

    /// The nearest column that is not done.
    fn nearest(
        &self,
        heap: &mut BinaryHeap<Reverse<(i64, usize)>>,
        done: &BTreeMap<usize, i64>,
    ) -> Option<(i64, usize)> {
        while let Some(Reverse((way, column))) = heap.pop() {
            if !done.contains_key(&column) {
                return Some((way, column));
            }
        }
        None
    }

    /// Gives each row on the way back the column that was reached through it.
    fn turn(&mut self, start: usize, end: End, reached: &BTreeMap<usize, (i64, usize)>) {
        let mut given = match end {
            End::Column(edge) => Some(edge),
            End::Without(row) => {
                let edge = self.of_row.get_mut(row).and_then(Option::take);
                // Its column goes to the row through which it was reached.
                edge.and_then(|edge| reached.get(&self.column(edge)))
                    .map(|(_, edge)| *edge)
            }
        };
        while let Some(edge) = given {
            let Some((row, column)) = self.ends.get(edge).copied() else {
                return;
            };
            if let Some(of_column) = self.of_column.get_mut(column) {
                *of_column = Some(edge);
            }
            let before = self
                .of_row
                .get_mut(row)
                .and_then(|of_row| of_row.replace(edge));
            if row == start {
                return;
            }
            given = before
                .and_then(|edge| reached.get(&self.column(edge)))
                .map(|(_, edge)| *edge);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edges(worths: &[(u32, u32, i64)]) -> Vec<Edge> {
        let mut edges: Vec<_> = worths
            .iter()
            .map(|(row, column, worth)| Edge {
                row: *row,
                column: *column,
                worth: *worth,
            })
            .collect();
        edges.sort_unstable_by_key(|edge| (edge.row, edge.column));
        edges.dedup_by_key(|edge| (edge.row, edge.column));
        edges
    }

    /// The most that any choice of the edges from `at` on is worth.
    fn best(edges: &[Edge], at: usize, rows: u32, columns: u32) -> i64 {
        let Some(edge) = edges.get(at) else { return 0 };
        let without = best(edges, at + 1, rows, columns);
        let (row, column) = (1 << edge.row, 1 << edge.column);
        if rows & row != 0 || columns & column != 0 {
            return without;
        }
        without.max(edge.worth + best(edges, at + 1, rows | row, columns | column))
    }

    proptest! {
        #[test]
        fn no_other_choice_is_worth_more(
            worths in prop::collection::vec((0_u32..6, 0_u32..6, 1_i64..20), 0..16),
        ) {
            let edges = edges(&worths);
            let picked: Vec<_> = assign(&edges).into_iter().map(|at| edges[at]).collect();
            let (mut rows, mut columns) = (0_u32, 0_u32);
            for edge in &picked {
                prop_assert_eq!(rows & (1 << edge.row), 0);
                prop_assert_eq!(columns & (1 << edge.column), 0);
                rows |= 1 << edge.row;
                columns |= 1 << edge.column;
            }
            let worth: i64 = picked.iter().map(|edge| edge.worth).sum();
            prop_assert_eq!(worth, best(&edges, 0, 0, 0));
        }
    }
}
