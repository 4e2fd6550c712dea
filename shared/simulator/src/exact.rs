//! Exact integer division.

/// `numerator / denominator` rounded to the nearest integer, halves away from zero; saturates at
/// the bounds of `i64`, and a denominator of zero gives zero.
pub(crate) fn round_half_up(numerator: i128, denominator: i128) -> i64 {
    let (numerator, denominator) = if denominator < 0 {
        (-numerator, -denominator)
    } else {
        (numerator, denominator)
    };
    let half = if numerator < 0 {
        -(denominator / 2)
    } else {
        denominator / 2
    };
    let rounded = (numerator + half)
        .checked_div(denominator)
        .unwrap_or_default();
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}
