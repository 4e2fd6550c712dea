//! The three CRCs by which S3 and its SDK check bodies, with the interface of the crate
//! [crc-fast](https://crates.io/crates/crc-fast) that the SDK uses.
//!
//! That crate knows a hundred more, in versions for each kind of processor, and gives
//! every function 0.7 MB of them to carry; `[patch.crates-io]` puts this one in its
//! place. Four bytes are taken at a time, by tables that the compiler makes: slower than
//! with vector instructions, and far quicker than any body arrives.

/// A CRC, by its name in the catalogue of parametrised CRC algorithms
/// (<https://reveng.sourceforge.io/crc-catalogue>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrcAlgorithm {
    /// CRC-32/ISO-HDLC, which S3 calls CRC32.
    Crc32IsoHdlc,
    /// CRC-32/ISCSI, which S3 calls CRC32C.
    Crc32Iscsi,
    /// CRC-64/NVME, which S3 calls CRC64NVME.
    Crc64Nvme,
}

/// For each of four places, what each byte there adds.
type Tables = [[u64; 256]; 4];

/// All three reflect their input and output, begin with all bits set, and flip them
/// all in the end.
struct Parameters {
    tables: Tables,
    /// Which bits a sum has.
    mask: u64,
}

static ISO_HDLC: Parameters = parameters(0xEDB8_8320, u32::MAX as u64);
static ISCSI: Parameters = parameters(0x82F6_3B78, u32::MAX as u64);
static NVME: Parameters = parameters(0x9A6C_9329_AC4B_C9B5, u64::MAX);

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn parameters(reflected_polynomial: u64, mask: u64) -> Parameters {
    let mut tables = [[0; 256]; 4];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut place) = (byte as u64, 0);
        while place < 4 {
            let mut bit = 0;
            while bit < 8 {
                sum = sum >> 1
                    ^ if sum & 1 == 1 {
                        reflected_polynomial
                    } else {
                        0
                    };
                bit += 1;
            }
            tables[place][byte] = sum;
            place += 1;
        }
        byte += 1;
    }
    Parameters { tables, mask }
}

/// A CRC of what comes piece by piece.
#[derive(Clone)]
pub struct Digest {
    parameters: &'static Parameters,
    sum: u64,
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digest(..)")
    }
}

impl Digest {
    /// The CRC of nothing yet.
    pub fn new(algorithm: CrcAlgorithm) -> Self {
        let parameters = match algorithm {
            CrcAlgorithm::Crc32IsoHdlc => &ISO_HDLC,
            CrcAlgorithm::Crc32Iscsi => &ISCSI,
            CrcAlgorithm::Crc64Nvme => &NVME,
        };
        Self {
            parameters,
            sum: parameters.mask,
        }
    }

    /// Takes a piece.
    pub fn update(&mut self, piece: &[u8]) {
        let [t0, t1, t2, t3] = &self.parameters.tables;
        let at = |table: &[u64; 256], byte: u8| table.get(usize::from(byte)).copied().unwrap_or(0);
        let (words, rest) = piece.as_chunks();
        for word in words {
            let [a, b, c, d, ..] = (self.sum ^ u64::from(u32::from_le_bytes(*word))).to_le_bytes();
            self.sum = at(t3, a) ^ at(t2, b) ^ at(t1, c) ^ at(t0, d) ^ self.sum >> 32;
        }
        for byte in rest {
            let [low, ..] = self.sum.to_le_bytes();
            self.sum = at(t0, low ^ byte) ^ self.sum >> 8;
        }
    }

    /// The CRC of all pieces.
    pub fn finalize(&self) -> u64 {
        self.sum ^ self.parameters.mask
    }
}

/// The CRC of bytes.
pub fn checksum(algorithm: CrcAlgorithm, bytes: &[u8]) -> u64 {
    let mut digest = Digest::new(algorithm);
    digest.update(bytes);
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [CrcAlgorithm; 3] = [
        CrcAlgorithm::Crc32IsoHdlc,
        CrcAlgorithm::Crc32Iscsi,
        CrcAlgorithm::Crc64Nvme,
    ];

    /// The catalogue's check values.
    #[test]
    fn they_are_those_of_the_catalogue() {
        let sums = ALL.map(|algorithm| checksum(algorithm, b"123456789"));
        assert_eq!(sums, [0xCBF4_3926, 0xE306_9283, 0xAE8B_1486_0A79_9888]);
        assert_eq!(ALL.map(|algorithm| checksum(algorithm, b"")), [0; 3]);
    }

    /// From the definition, bit by bit.
    fn model(polynomial: u64, mask: u64, bytes: &[u8]) -> u64 {
        let bits = bytes
            .iter()
            .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
        let sum = bits.fold(mask, |sum, bit| {
            let out = sum & 1 ^ u64::from(bit);
            sum >> 1 ^ if out == 1 { polynomial } else { 0 }
        });
        sum ^ mask
    }

    proptest! {
        #[test]
        fn pieces_of_any_length_give_the_sum_of_the_definition(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
        ) {
            let all = pieces.concat();
            let expected = [
                model(0xEDB8_8320, u64::from(u32::MAX), &all),
                model(0x82F6_3B78, u64::from(u32::MAX), &all),
                model(0x9A6C_9329_AC4B_C9B5, u64::MAX, &all),
            ];
            let sums = ALL.map(|algorithm| {
                let mut digest = Digest::new(algorithm);
                pieces.iter().for_each(|piece| digest.update(piece));
                digest.finalize()
            });
            prop_assert_eq!(sums, expected);
        }
    }
}
