//! Evidence in thousandths of a bit, computed with integers alone, so that it is the
//! same on every machine.

/// Thousandths of a bit: 1000 doubles the odds, -1000 halves them.
pub type Millibits = i32;

/// Fractional bits of what is computed with.
const FRACTION: u32 = 16;

/// The logarithm to base 2; that of 0 is taken as that of 1.
pub(crate) fn log2(number: u64) -> Millibits {
    let whole = number.checked_ilog2().unwrap_or_default();
    // The mantissa in [1, 2), 31 bits behind the point.
    let mut mantissa = match whole.checked_sub(31) {
        Some(shift) => number >> shift,
        None => number.max(1) << (31 - whole),
    };
    let mut fraction = 0_u64;
    for _ in 0..FRACTION {
        mantissa = (mantissa * mantissa) >> 31;
        fraction <<= 1;
        if mantissa >= 1 << 32 {
            mantissa >>= 1;
            fraction |= 1;
        }
    }
    let bits = (u64::from(whole) << FRACTION) | fraction;
    i32::try_from((bits * 1000) >> FRACTION).unwrap_or(i32::MAX)
}

/// The logarithm of a quotient.
pub(crate) fn log2_ratio(numerator: u64, denominator: u64) -> Millibits {
    log2(numerator) - log2(denominator)
}

/// 2 to the power of `bits`, in thousandths, at most 2^40: straight between powers of
/// two, which is at most 6 % too much.
pub(crate) fn exp2(bits: Millibits) -> u64 {
    let (whole, part) = (bits.div_euclid(1000), bits.rem_euclid(1000));
    let mantissa = 1000 + u64::from(part.unsigned_abs());
    match u32::try_from(whole) {
        Ok(whole) => mantissa << whole.min(40),
        Err(_) => mantissa >> whole.unsigned_abs().min(40),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_known_numbers() {
        let cases = [
            (0, 0),
            (1, 0),
            (2, 1000),
            (3, 1584),
            (10, 3321),
            (1000, 9965),
        ];
        for (number, expected) in cases {
            assert_eq!(log2(number), expected, "{number}");
        }
        assert_eq!(log2(u64::MAX), 63_999);
        assert_eq!(log2_ratio(1, 1000), -9965);
    }

    #[test]
    fn powers_are_near_the_inverse() {
        for number in [1, 2, 3, 7, 100, 12_345, 1 << 30] {
            let power = exp2(log2(number));
            assert!(
                (number * 990..=number * 1062).contains(&power),
                "{number}: {power}"
            );
        }
        assert_eq!(exp2(-10_000), 0);
    }
}
