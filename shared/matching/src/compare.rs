//! How two sides of a possible match agree, field by field.

use serde::{Deserialize, Serialize};

/// How many fields are compared.
pub(crate) const FIELDS: usize = 5;
/// How many levels a field has at most.
pub(crate) const LEVELS: usize = 5;

/// Seconds of a day.
pub(crate) const DAY_S: i64 = 86_400;

/// References of fewer characters are the same or they are not.
const SIMILAR_CHARACTERS_MIN: usize = 6;

/// The longest reference that typing errors are looked for in.
const SIMILAR_BYTES_MAX: usize = 64;

/// How what they may be known by agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// They share one.
    Same,
    /// One is the other but for a typing error, and belongs to nothing else.
    Similar,
    /// Nothing of the one is like anything of the other.
    Unknown,
    /// They have references of one form, and others.
    Different,
}

/// How the amounts agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// With the amount before fees.
    BeforeFees,
    /// With what the balance moved by.
    AfterFees,
    /// Several on one side sum up to the one on the other.
    Sum,
    /// Not at all.
    Different,
}

/// How far apart they are in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// Less than three hours.
    Hours,
    /// Less than a day; what is known to the day only is not nearer.
    Day,
    /// Less than two days.
    TwoDays,
    /// Less than seven days.
    Week,
    /// More.
    More,
}

/// How two texts agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// They are the same, but for case.
    Same,
    /// One side says nothing.
    Unknown,
    /// They are not.
    Different,
}

/// How two sides agree: what a person is shown, and what an answer teaches about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// What they may be known by.
    pub reference: Reference,
    /// Their amounts.
    pub amount: Amount,
    /// Their times.
    pub apart: Apart,
    /// What they are.
    pub kind: Text,
    /// With whom.
    pub counterparty: Text,
}

impl Comparison {
    /// Each field with its level.
    pub(crate) fn levels(&self) -> impl Iterator<Item = (usize, usize)> {
        let levels = [
            self.reference as usize,
            self.amount as usize,
            self.apart as usize,
            self.kind as usize,
            self.counterparty as usize,
        ];
        levels.into_iter().enumerate()
    }
}

impl Apart {
    pub(crate) fn of(one: i64, other: i64) -> Self {
        match one.abs_diff(other) / 3600 {
            0..3 => Self::Hours,
            3..24 => Self::Day,
            24..48 => Self::TwoDays,
            48..168 => Self::Week,
            _ => Self::More,
        }
    }
}

impl Text {
    pub(crate) fn of(one: &str, other: &str) -> Self {
        if one.is_empty() || other.is_empty() {
            Self::Unknown
        } else if one.eq_ignore_ascii_case(other) {
            Self::Same
        } else {
            Self::Different
        }
    }
}

impl Reference {
    /// Compares what they are known by. `is_spoken_for` says of a reference that both
    /// books have it: then it is no typing error of another.
    pub(crate) fn of(
        own: &[String],
        line: &[String],
        is_spoken_for: impl Fn(&str) -> bool,
    ) -> Self {
        let mut level = Self::Unknown;
        for one in own {
            for other in line {
                if one == other {
                    return Self::Same;
                }
                if !are_of_one_form(one, other) {
                    continue;
                }
                let similar =
                    are_similar(one, other) && !is_spoken_for(one) && !is_spoken_for(other);
                level = match level {
                    Self::Similar => Self::Similar,
                    _ if similar => Self::Similar,
                    _ => Self::Different,
                };
            }
        }
        level
    }
}

/// Whether both begin with the same word: `ch_…` is not compared with `order-…`.
fn are_of_one_form(one: &str, other: &str) -> bool {
    let word = |text: &str| text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (one_word, other_word) = (word(one), word(other));
    let (Some(one), Some(other)) = (one.get(..one_word), other.get(..other_word)) else {
        return false;
    };
    one.eq_ignore_ascii_case(other)
}

/// Whether one becomes the other by one typing error: a character too many, too few,
/// another, or two that changed places; case does not count.
fn are_similar(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    if short.len() < SIMILAR_CHARACTERS_MIN || long.len() > SIMILAR_BYTES_MAX {
        return false;
    }
    let (short, long) = (short.as_bytes(), long.as_bytes());
    let same = |(a, b): &(&u8, &u8)| a.eq_ignore_ascii_case(b);
    let prefix = short.iter().zip(long).take_while(same).count();
    let suffix = short
        .iter()
        .rev()
        .zip(long.iter().rev())
        .take_while(same)
        .count();
    match long.len() - short.len() {
        0 if prefix == short.len() => true,
        0 => match short.len().checked_sub(prefix + suffix) {
            Some(1) => true,
            Some(2) => {
                let swapped = short.get(prefix).zip(long.get(prefix + 1));
                let back = short.get(prefix + 1).zip(long.get(prefix));
                swapped.is_some_and(|pair| same(&pair)) && back.is_some_and(|pair| same(&pair))
            }
            _ => false,
        },
        1 => prefix + suffix >= short.len(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(own: &[&str], line: &[&str]) -> Reference {
        let texts = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        Reference::of(&texts(own), &texts(line), |text| text == "order_1002")
    }

    #[test]
    fn references_agree_by_the_best_of_them() {
        assert_eq!(
            reference(&["a", "ch_1"], &["tr_1", "ch_1"]),
            Reference::Same
        );
        assert_eq!(
            reference(&["order_10010"], &["order_1001"]),
            Reference::Similar
        );
        assert_eq!(
            reference(&["order_1010"], &["order_1001"]),
            Reference::Similar
        );
        assert_eq!(
            reference(&["Order_1001"], &["order_1001"]),
            Reference::Similar
        );
        assert_eq!(
            reference(&["order_1007"], &["order_1001"]),
            Reference::Similar
        );
        assert_eq!(
            reference(&["order_7007"], &["order_1001"]),
            Reference::Different
        );
        assert_eq!(reference(&["o_1"], &["o_2"]), Reference::Different);
        assert_eq!(reference(&["order_1001"], &["ch_1"]), Reference::Unknown);
        assert_eq!(reference(&[], &["ch_1"]), Reference::Unknown);
    }

    #[test]
    fn the_neighbours_order_is_no_typing_error() {
        assert_eq!(
            reference(&["order_1001"], &["order_1002"]),
            Reference::Different
        );
    }

    #[test]
    fn far_apart() {
        let cases = [
            (0, 2, Apart::Hours),
            (0, 3, Apart::Day),
            (0, 24, Apart::TwoDays),
            (0, 48, Apart::Week),
            (0, 24 * 7, Apart::More),
        ];
        for (one, other, apart) in cases {
            assert_eq!(Apart::of(one * 3600, other * 3600), apart, "{one} {other}");
            assert_eq!(Apart::of(other * 3600, one * 3600), apart, "{one} {other}");
        }
    }
}
