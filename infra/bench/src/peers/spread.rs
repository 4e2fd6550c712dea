//! What many measurements say: their middle, and how far they lie apart.

use serde::Serialize;

/// A median between the least and the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// Half are below, half above.
    pub median: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// Of measurements in any order; `None` of none.
    pub fn of(mut measured: Vec<f64>) -> Option<Self> {
        measured.sort_by(f64::total_cmp);
        Some(Self {
            min: *measured.first()?,
            median: quantile(&measured, 0.5)?,
            max: *measured.last()?,
        })
    }
}

/// The least of `sorted` that a share `q` of all does not exceed (nearest rank): a
/// value that was measured, never one in between.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is between 0 and the length"
    )]
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_one_of_the_measurements() {
        let spread = Spread::of(vec![9.0, 1.0, 4.0]).unwrap();
        assert_eq!((spread.min, spread.median, spread.max), (1.0, 4.0, 9.0));
        assert_eq!(Spread::of(vec![2.0, 1.0]).unwrap().median, 1.0);
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn a_quantile_is_the_nearest_rank() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        for (q, expected) in [(0.0, 1.0), (0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            assert_eq!(quantile(&hundred, q), Some(expected), "{q}");
        }
        assert_eq!(quantile(&[7.0], 0.99), Some(7.0));
    }
}
