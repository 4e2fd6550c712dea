//! Texts as they are stored: compressed, with a byte in front that says how.

use std::io;

/// Zstandard without a dictionary.
const ZSTD: u8 = 1;
/// Level 3 takes 20 µs for an event; higher ones save under 3 % of its size.
const LEVEL: i32 = 3;
/// Longest text that is ever unpacked, in bytes: a guard against damaged items.
const TEXT_BYTES_MAX: usize = 32 * 1024 * 1024;

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

/// Packs a text.
///
/// # Errors
/// When memory for the compressor is lacking.
pub fn pack(text: &str) -> io::Result<Vec<u8>> {
    let mut packed = vec![ZSTD];
    packed.extend(zstd::bulk::compress(text.as_bytes(), LEVEL)?);
    Ok(packed)
}

/// Unpacks a text.
///
/// # Errors
/// When it was packed by something else or is damaged.
pub fn unpack(packed: &[u8]) -> Result<String, CodecError> {
    match packed {
        [ZSTD, rest @ ..] => {
            let mut reader = zstd::stream::read::Decoder::new(rest)
                .map_err(|_| CodecError::Damaged)
                .map(|decoder| io::Read::take(decoder, TEXT_BYTES_MAX as u64))?;
            let mut text = String::new();
            io::Read::read_to_string(&mut reader, &mut text).map_err(|_| CodecError::Damaged)?;
            Ok(text)
        }
        [codec, ..] => Err(CodecError::UnknownCodec(*codec)),
        [] => Err(CodecError::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        for text in ["", "{}", &"Zürich ".repeat(10_000)] {
            assert_eq!(unpack(&pack(text).unwrap()).unwrap(), *text);
        }
    }

    #[test]
    fn damage_is_an_error() {
        let mut packed = pack("some text that is long enough").unwrap();
        packed.truncate(packed.len() - 4);
        assert!(matches!(unpack(&packed), Err(CodecError::Damaged)));
        assert!(matches!(
            unpack(&[9, 1, 2]),
            Err(CodecError::UnknownCodec(9))
        ));
        assert!(matches!(unpack(&[]), Err(CodecError::Damaged)));
    }
}
