//! Which of a few amounts sum up to one.

/// Most amounts that are looked through.
pub(super) const POOL_MAX: usize = 16;
/// Most parts of a sum.
pub(super) const PARTS_MAX: usize = 4;
/// Sums that are told apart; with more of them, none means anything.
const SOLUTIONS_MAX: usize = 8;

/// All ways in which two to four amounts of `pool` sum up to `wanted`, as places in it,
/// up to [`SOLUTIONS_MAX`]; and how many sums there are at all.
pub(super) fn subsets(pool: &[i64], wanted: i64) -> (Vec<Vec<usize>>, u64) {
    let mut search = Search {
        pool,
        wanted: wanted.into(),
        solutions: Vec::new(),
        compared: 0,
    };
    search.extend(&mut Vec::with_capacity(PARTS_MAX), 0, 0);
    (search.solutions, search.compared)
}

struct Search<'p> {
    pool: &'p [i64],
    wanted: i128,
    solutions: Vec<Vec<usize>>,
    compared: u64,
}

impl Search<'_> {
    /// Adds each amount from `from` on to the parts.
    fn extend(&mut self, parts: &mut Vec<usize>, from: usize, sum: i128) {
        for (place, amount) in self.pool.iter().enumerate().take(POOL_MAX).skip(from) {
            let sum = sum + i128::from(*amount);
            parts.push(place);
            if parts.len() >= 2 {
                self.compared += 1;
                if sum == self.wanted && self.solutions.len() < SOLUTIONS_MAX {
                    self.solutions.push(parts.clone());
                }
            }
            // All amounts are of one sign: more of them lead further.
            if parts.len() < PARTS_MAX && sum.abs() < self.wanted.abs() {
                self.extend(parts, place + 1, sum);
            }
            parts.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_found() {
        let (solutions, _) = subsets(&[7000, 2000, 5000, 4000], 9000);
        assert_eq!(solutions, [vec![0, 1], vec![2, 3]]);
        assert_eq!(subsets(&[-1, -2, -3, -4], -10).0, [vec![0, 1, 2, 3]]);
        assert_eq!(subsets(&[1, 1, 1, 1, 1], 5).0, Vec::<Vec<usize>>::new());
        assert_eq!(subsets(&[9000], 9000).0, Vec::<Vec<usize>>::new());
        assert_eq!(
            subsets(&[i64::MAX, i64::MAX], i64::MAX).0,
            Vec::<Vec<usize>>::new()
        );
    }

    #[test]
    fn a_pool_is_bounded() {
        let (solutions, compared) = subsets(&[1; 100], 4);
        assert_eq!(solutions.len(), SOLUTIONS_MAX);
        assert_eq!(compared, 120 + 560 + 1820);
    }
}
