//! Texts as they are stored: compressed, with a byte in front that says how.
//!
//! A write costs by the KB, and a text is stored for each event and each row. What
//! Stripe's texts have in common is in two dictionaries (`make dictionaries`), so
//! that only what is particular to one is stored with it: a fifth to a third of what
//! it would be without.

use std::io::{self, Read};
use std::sync::{LazyLock, Mutex, PoisonError};

use zstd::bulk::Compressor;
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::stream::read::Decoder;
use zstd::zstd_safe::CParameter;

/// Zstandard without a dictionary.
const ZSTD: u8 = 1;
/// Zstandard with the first dictionary of events.
const ZSTD_EVENT_1: u8 = 2;
/// Zstandard with the first dictionary of rows.
const ZSTD_ROW_1: u8 = 3;

/// Takes under 0.1 ms for an event; higher levels save under 3 % of its size.
const LEVEL: i32 = 9;
/// Longest text that is ever unpacked, in bytes: a guard against damaged items.
const TEXT_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Dictionaries are part of the stored format: never change one, add another.
static EVENT_1: &[u8] = include_bytes!("codec/event.1.zdict");
static ROW_1: &[u8] = include_bytes!("codec/row.1.zdict");

type Packer = Mutex<Compressor<'static>>;
static EVENT_DICTIONARY: LazyLock<EncoderDictionary<'_>> =
    LazyLock::new(|| EncoderDictionary::copy(EVENT_1, LEVEL));
static ROW_DICTIONARY: LazyLock<EncoderDictionary<'_>> =
    LazyLock::new(|| EncoderDictionary::copy(ROW_1, LEVEL));
static EVENT_PACKER: LazyLock<io::Result<Packer>> = LazyLock::new(|| packer(&EVENT_DICTIONARY));
static ROW_PACKER: LazyLock<io::Result<Packer>> = LazyLock::new(|| packer(&ROW_DICTIONARY));
static LEDGER_PACKER: LazyLock<io::Result<Packer>> =
    LazyLock::new(|| Ok(Mutex::new(Compressor::new(LEVEL)?)));
static EVENT_READER: LazyLock<DecoderDictionary<'_>> =
    LazyLock::new(|| DecoderDictionary::copy(EVENT_1));
static ROW_READER: LazyLock<DecoderDictionary<'_>> =
    LazyLock::new(|| DecoderDictionary::copy(ROW_1));

/// What a text is, which decides the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// The body of an event.
    Event,
    /// A row of the mirror.
    Row,
    /// What the ledger keeps: ids and amounts, which no dictionary knows.
    Ledger,
}

/// A stored text could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Written by a later version, or not by us.
    #[error("stored with the unknown codec {0}")]
    UnknownCodec(u8),
    /// Damaged.
    #[error("the stored text is damaged")]
    Damaged,
}

fn packer(dictionary: &'static EncoderDictionary<'static>) -> io::Result<Packer> {
    let mut packer = Compressor::with_prepared_dictionary(dictionary)?;
    // The byte in front names the dictionary.
    packer.set_parameter(CParameter::DictIdFlag(false))?;
    Ok(Mutex::new(packer))
}

/// Packs a text.
///
/// # Errors
/// When memory for the compressor is lacking.
pub fn pack(what: Text, text: &str) -> io::Result<Vec<u8>> {
    let (codec, packer) = match what {
        Text::Event => (ZSTD_EVENT_1, &*EVENT_PACKER),
        Text::Row => (ZSTD_ROW_1, &*ROW_PACKER),
        Text::Ledger => (ZSTD, &*LEDGER_PACKER),
    };
    let packer = packer.as_ref().map_err(|error| error.kind())?;
    let mut packer = packer.lock().unwrap_or_else(PoisonError::into_inner);
    let mut packed = vec![codec];
    packed.extend(packer.compress(text.as_bytes())?);
    Ok(packed)
}

/// Unpacks a text, whatever it is.
///
/// # Errors
/// When it was packed by something else or is damaged.
pub fn unpack(packed: &[u8]) -> Result<String, CodecError> {
    let Some((codec, rest)) = packed.split_first() else {
        return Err(CodecError::Damaged);
    };
    let decoder = match *codec {
        ZSTD => Decoder::with_buffer(rest),
        ZSTD_EVENT_1 => Decoder::with_prepared_dictionary(rest, &EVENT_READER),
        ZSTD_ROW_1 => Decoder::with_prepared_dictionary(rest, &ROW_READER),
        unknown => return Err(CodecError::UnknownCodec(unknown)),
    };
    let mut text = String::new();
    decoder
        .and_then(|decoder| decoder.take(TEXT_BYTES_MAX).read_to_string(&mut text))
        .map_err(|_| CodecError::Damaged)?;
    Ok(text)
}

#[cfg(test)]
mod tests;
