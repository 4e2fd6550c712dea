//! What a column's values are, and how they read as texts.

use super::thrift::Fields;

/// How values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Physical {
    Int32,
    Int64,
    /// A day and the nanoseconds of it: how older writers store timestamps.
    Int96,
    Bytes,
    Fixed(usize),
}

/// What they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Logical {
    Text,
    Whole,
    /// Unscaled, with so many decimals.
    Decimal(u32),
    /// Days since 1970.
    Date,
    /// Since 1970; how many make a second.
    Timestamp(i64),
}

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) physical: Physical,
    logical: Logical,
}

/// A type that no column may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    Float,
    Other,
}

impl Kind {
    /// The type of an element of the schema.
    pub(super) fn of(element: &Fields<'_>) -> Result<Self, Unfit> {
        let physical = match element.int(1) {
            Some(1) => Physical::Int32,
            Some(2) => Physical::Int64,
            Some(3) => Physical::Int96,
            Some(4 | 5) => return Err(Unfit::Float),
            Some(6) => Physical::Bytes,
            Some(7) => Physical::Fixed(element.size(2).ok_or(Unfit::Other)?),
            _ => return Err(Unfit::Other),
        };
        let logical = logical(element, physical).ok_or(Unfit::Other)?;
        Ok(Self { physical, logical })
    }

    /// A value's text.
    pub(super) fn text(&self, bytes: &[u8]) -> Option<String> {
        if self.physical == Physical::Int96 {
            let (nanos, day) = bytes.split_first_chunk::<8>()?;
            let seconds = i64::from_le_bytes(*nanos).div_euclid(1_000_000_000);
            let day = i64::from(i32::from_le_bytes(*day.first_chunk::<4>()?));
            // Days are Julian: 1970 began on the 2,440,588th.
            let days = day.checked_sub(2_440_588)?.checked_mul(86_400)?;
            return Some(days.checked_add(seconds)?.to_string());
        }
        match self.logical {
            // What is no UTF-8 would be another text: the row is refused by its control
            // characters.
            Logical::Text => {
                Some(std::str::from_utf8(bytes).map_or_else(|_| "\u{0}".to_owned(), str::to_owned))
            }
            Logical::Whole => Some(self.whole(bytes)?.to_string()),
            Logical::Decimal(scale) => Some(decimal(self.whole(bytes)?, scale)),
            Logical::Date => Some((self.whole(bytes)?.checked_mul(86_400)?).to_string()),
            Logical::Timestamp(units) => {
                Some(self.whole(bytes)?.div_euclid(units.into()).to_string())
            }
        }
    }

    fn whole(&self, bytes: &[u8]) -> Option<i128> {
        match self.physical {
            Physical::Int32 => Some(i32::from_le_bytes(*bytes.first_chunk::<4>()?).into()),
            Physical::Int64 => Some(i64::from_le_bytes(*bytes.first_chunk::<8>()?).into()),
            // Decimals: the most significant byte first, in two's complement.
            Physical::Bytes | Physical::Fixed(_) => {
                let (first, _) = bytes.split_first()?;
                let sign = if first & 0x80 == 0 { 0 } else { -1 };
                let fits = bytes.len() <= 16;
                fits.then(|| bytes.iter().fold(sign, |sum, b| sum << 8 | i128::from(*b)))
            }
            Physical::Int96 => None,
        }
    }
}

fn logical(element: &Fields<'_>, physical: Physical) -> Option<Logical> {
    let (converted, annotation) = (element.int(6), element.fields(10));
    let annotated = |field| annotation.and_then(|of| of.fields(field));
    let decimal = annotated(5)
        .map(|decimal| decimal.int(1).unwrap_or(0))
        .or_else(|| (converted == Some(5)).then(|| element.int(7).unwrap_or(0)));
    if let Some(scale) = decimal {
        let scale = u32::try_from(scale).ok().filter(|scale| *scale <= 38)?;
        return Some(Logical::Decimal(scale));
    }
    if let Some(timestamp) = annotated(8) {
        let unit = timestamp.fields(2)?;
        let units = [(1, 1_000), (2, 1_000_000), (3, 1_000_000_000)];
        let units = units
            .iter()
            .find(|(field, _)| unit.fields(*field).is_some())?;
        return Some(Logical::Timestamp(units.1));
    }
    match (physical, converted) {
        (Physical::Int96, _) => Some(Logical::Whole),
        (Physical::Int32, Some(6)) => Some(Logical::Date),
        (Physical::Int32, _) if annotated(6).is_some() => Some(Logical::Date),
        (Physical::Int64, Some(9)) => Some(Logical::Timestamp(1_000)),
        (Physical::Int64, Some(10)) => Some(Logical::Timestamp(1_000_000)),
        // Signed and unsigned numbers up to 32 bits, and signed ones of 64.
        (Physical::Int32 | Physical::Int64, None | Some(15..=18)) => Some(Logical::Whole),
        (Physical::Bytes, None | Some(0 | 4)) => Some(Logical::Text),
        _ => None,
    }
}

fn decimal(unscaled: i128, scale: u32) -> String {
    let Some(unit) = 10_i128.checked_pow(scale).filter(|_| scale > 0) else {
        return unscaled.to_string();
    };
    let sign = if unscaled < 0 { "-" } else { "" };
    let (whole, part) = (unscaled.unsigned_abs(), unit.unsigned_abs());
    let width = usize::try_from(scale).unwrap_or_default();
    // Trailing zeros say nothing: a decimal of more places than its currency has is read
    // if it needs no more.
    let places = format!("{:0width$}", whole % part);
    let places = places.trim_end_matches('0');
    match places {
        "" => format!("{sign}{}", whole / part),
        places => format!("{sign}{}.{places}", whole / part),
    }
}
