//! Currencies, and decimals of major units as minor units, exactly.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A currency's code in lower-case letters: three of ISO 4217, up to eight of others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 8]);

/// Why a text is no exact amount of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// It is not `123`, `-123` or `123.45`.
    #[error("not a plain decimal")]
    NotPlain,
    /// It has more decimals than the currency.
    #[error("finer than the currency's smallest unit")]
    TooFine,
    /// It does not fit into 64 bits.
    #[error("too large")]
    TooLarge,
}

/// A text that is no currency's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a currency's code of three to eight letters")]
pub struct NotACurrency;

/// What Stripe's accounts are paid in, by their place in the alphabet. Sorted.
const KNOWN: &[&str] = &[
    "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt",
    "bgn", "bhd", "bif", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad", "cdf",
    "chf", "clp", "cny", "cop", "crc", "cve", "czk", "djf", "dkk", "dop", "dzd", "egp", "etb",
    "eur", "fjd", "fkp", "gbp", "gel", "ghs", "gip", "gmd", "gnf", "gtq", "gyd", "hkd", "hnl",
    "htg", "huf", "idr", "ils", "inr", "isk", "jmd", "jod", "jpy", "kes", "kgs", "khr", "kmf",
    "krw", "kwd", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mga", "mkd",
    "mmk", "mnt", "mop", "mru", "mur", "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio",
    "nok", "npr", "nzd", "omr", "pab", "pen", "pgk", "php", "pkr", "pln", "pyg", "qar", "ron",
    "rsd", "rub", "rwf", "sar", "sbd", "scr", "sek", "sgd", "shp", "sle", "sos", "srd", "std",
    "szl", "thb", "tjs", "tnd", "top", "try", "ttd", "twd", "tzs", "uah", "ugx", "usd", "uyu",
    "uzs", "ves", "vnd", "vuv", "wst", "xaf", "xcd", "xcg", "xof", "xpf", "yer", "zar", "zmw",
];

impl Currency {
    /// Reads a code in either case; `None` if it is none.
    pub fn parse(code: &[u8]) -> Option<Self> {
        if !(3..=8).contains(&code.len()) || !code.iter().all(u8::is_ascii_alphabetic) {
            return None;
        }
        let mut letters = [0; 8];
        for (letter, byte) in letters.iter_mut().zip(code) {
            *letter = byte.to_ascii_lowercase();
        }
        Some(Self(letters))
    }

    /// The lower-case code.
    pub fn as_str(&self) -> &str {
        let letters = self.0.split(|letter| *letter == 0).next();
        // Only ASCII gets in.
        letters
            .and_then(|code| str::from_utf8(code).ok())
            .unwrap_or_default()
    }

    /// Whether it is one of the currencies that Stripe settles in, as far as this
    /// version knows. Stripe adds some: only people's files are checked against it.
    pub fn is_known(&self) -> bool {
        KNOWN.binary_search(&self.as_str()).is_ok()
    }

    /// How many decimals of the major unit the API's minor unit stands for.
    ///
    /// This is what Stripe's API counts in, not ISO 4217: krónur and shillings of
    /// Uganda have no smaller unit, and yet are counted in hundredths.
    #[inline]
    pub fn decimals(&self) -> u32 {
        match &self.iso() {
            b"bif" | b"clp" | b"djf" | b"gnf" | b"jpy" | b"kmf" | b"krw" | b"mga" | b"pyg"
            | b"rwf" | b"vnd" | b"vuv" | b"xaf" | b"xof" | b"xpf" => 0,
            b"bhd" | b"jod" | b"kwd" | b"omr" | b"tnd" => 3,
            _ => 2,
        }
    }

    /// How many decimals people write: fewer than [`Self::decimals`] where the API
    /// counts in units that nobody pays with.
    pub fn exponent(&self) -> u32 {
        match self.smallest() {
            100 => self.decimals().saturating_sub(2),
            _ => self.decimals(),
        }
    }

    /// How many minor units the smallest amount has that people pay: 1 but for krónur
    /// and shillings of Uganda.
    pub fn smallest(&self) -> i64 {
        match &self.iso() {
            b"isk" | b"ugx" => 100,
            _ => 1,
        }
    }

    /// What a payout's amount is a multiple of, minor units: what is below stays in
    /// the balance.
    pub fn payout_multiple(&self) -> i64 {
        match &self.iso() {
            b"huf" | b"twd" | b"isk" | b"ugx" => 100,
            b"bhd" | b"jod" | b"kwd" | b"omr" | b"tnd" => 10,
            _ => 1,
        }
    }

    /// Writes minor units as a decimal of major units, with as many decimals as
    /// people write, or as it takes to lose nothing. [`Self::minor`] reads it back.
    pub fn major(&self, amount: i64) -> String {
        let unit = 10_u64.pow(self.decimals());
        let (whole, part) = (amount.unsigned_abs() / unit, amount.unsigned_abs() % unit);
        let sign = if amount < 0 { "-" } else { "" };
        let width = if part == 0 {
            self.exponent()
        } else {
            self.decimals()
        };
        match width {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{part:0width$}", width = width as usize),
        }
    }

    /// The code if it has three letters, and otherwise one that nothing has.
    #[inline]
    fn iso(self) -> [u8; 3] {
        match self.0 {
            [a, b, c, 0, ..] => [a, b, c],
            _ => [0; 3],
        }
    }

    /// Reads a decimal of major units as minor units.
    ///
    /// # Errors
    /// When it is no plain decimal, is finer than a minor unit, or does not fit.
    #[inline]
    pub fn minor(&self, decimal: &[u8]) -> Result<i64, AmountError> {
        match self.short(decimal) {
            Some(minor) => Ok(minor),
            None => self.any(decimal),
        }
    }

    /// Reads what nearly every amount is: up to eighteen digits, with all the decimals
    /// that the currency has. `None` for everything else.
    ///
    /// Inlined, it is compiled for speed where a million lines are read.
    #[inline]
    fn short(&self, decimal: &[u8]) -> Option<i64> {
        let digits = decimal.strip_prefix(b"-").unwrap_or(decimal);
        let (whole, fraction) = match self.decimals() as usize {
            0 => (digits, &[][..]),
            decimals => {
                let point = digits.len().checked_sub(decimals + 1)?;
                let (whole, rest) = digits.split_at_checked(point)?;
                (whole, rest.strip_prefix(b".")?)
            }
        };
        if whole.is_empty() || digits.len() > 18 {
            return None;
        }
        let (mut sum, mut is_number) = (0_i64, true);
        for part in [whole, fraction] {
            for byte in part {
                let digit = byte.wrapping_sub(b'0');
                is_number &= digit < 10;
                // Eighteen digits fit, so nothing wraps.
                sum = sum.wrapping_mul(10).wrapping_add(i64::from(digit));
            }
        }
        let is_negative = digits.len() < decimal.len();
        is_number.then_some(if is_negative { -sum } else { sum })
    }

    fn any(&self, decimal: &[u8]) -> Result<i64, AmountError> {
        let (negative, digits) = match decimal.split_first() {
            Some((b'-', rest)) => (true, rest),
            _ => (false, decimal),
        };
        let decimals = self.decimals();
        // Downwards, because the least number has no positive twin.
        let (mut sum, mut whole, mut fraction) = (Some(0_i64), 0_u32, None);
        for byte in digits {
            match (byte, fraction) {
                (b'.', None) => fraction = Some(0),
                (b'0'..=b'9', Some(seen)) if seen >= decimals => {
                    if *byte != b'0' {
                        // Told from what is no number at all when the rest is read.
                        return match digits.iter().all(|b| b.is_ascii_digit() || *b == b'.') {
                            true => Err(AmountError::TooFine),
                            false => Err(AmountError::NotPlain),
                        };
                    }
                    fraction = Some(seen + 1);
                }
                (b'0'..=b'9', _) => {
                    let digit = i64::from(byte - b'0');
                    sum = sum.and_then(|sum| sum.checked_mul(10)?.checked_sub(digit));
                    match &mut fraction {
                        Some(seen) => *seen += 1,
                        None => whole += 1,
                    }
                }
                _ => return Err(AmountError::NotPlain),
            }
        }
        if whole == 0 || fraction == Some(0) {
            return Err(AmountError::NotPlain);
        }
        for _ in fraction.unwrap_or(0)..decimals {
            sum = sum.and_then(|sum| sum.checked_mul(10));
        }
        sum.and_then(|sum| {
            if negative {
                Some(sum)
            } else {
                sum.checked_neg()
            }
        })
        .ok_or(AmountError::TooLarge)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Currency {
    type Error = NotACurrency;

    fn try_from(code: String) -> Result<Self, NotACurrency> {
        Self::parse(code.as_bytes()).ok_or(NotACurrency)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests;
