//! Where a JSON object or list ends, found 64 bytes at a time: an event's object is
//! most of its body, and nothing in it is of use yet.

use wide::u8x64;

use crate::json::NESTING_MAX;

/// Bytes looked at together: one bit of a `u64` each, the first byte's lowest.
const BLOCK: usize = 64;

/// Where the object or list ends that begins at `start`, one level being around it.
/// `None` if it does not end, or nests deeper than any reader goes.
pub(super) fn after_nested(bytes: &[u8], start: usize) -> Option<usize> {
    let (blocks, rest) = bytes.get(start..)?.as_chunks::<BLOCK>();
    let mut last = [b' '; BLOCK];
    for (place, byte) in last.iter_mut().zip(rest) {
        *place = *byte;
    }
    let (mut strings, mut depth) = (Strings::default(), 1);
    for (nth, block) in blocks.iter().chain([&last]).enumerate() {
        if let Some(end) = Marks::of(block, &mut strings).end(&mut depth)? {
            return Some(start + nth * BLOCK + end);
        }
    }
    None
}

/// The brackets of a block that are not within strings.
struct Marks {
    opening: u64,
    closing: u64,
}

impl Marks {
    fn of(block: &[u8; BLOCK], strings: &mut Strings) -> Self {
        let block = u8x64::new(*block);
        let is = |block: u8x64, byte: u8| block.simd_eq(u8x64::splat(byte)).to_bitmask();
        let outside = !strings.within(is(block, b'"'), is(block, b'\\'));
        // In ASCII, brackets and braces differ in this bit alone, and nothing else
        // becomes either by it.
        let braces = block | u8x64::splat(b'{' ^ b'[');
        Self {
            opening: is(braces, b'{') & outside,
            closing: is(braces, b'}') & outside,
        }
    }

    /// How many bytes the value takes of this block, should it end here; `None` if it
    /// nests too deep.
    fn end(&self, depth: &mut usize) -> Option<Option<usize>> {
        let mut left = self.opening | self.closing;
        while left != 0 {
            let at = left.trailing_zeros();
            left &= left - 1;
            if self.opening >> at & 1 == 1 {
                *depth += 1;
                if *depth > NESTING_MAX {
                    return None;
                }
            } else {
                *depth -= 1;
                if *depth == 1 {
                    return Some(usize::try_from(at + 1).ok());
                }
            }
        }
        Some(None)
    }
}

/// What of the blocks before counts for the next one.
#[derive(Default)]
struct Strings {
    /// All bits, if a string goes on.
    open: u64,
    /// The lowest bit, if the first byte is escaped.
    escaped: u64,
}

impl Strings {
    /// Which bytes are within strings: from the quote that opens one to the last
    /// before the quote that closes it.
    fn within(&mut self, quotes: u64, backslashes: u64) -> u64 {
        let mut within = quotes & !self.escapes(backslashes);
        // Each bit becomes the parity of those up to it.
        for distance in [1, 2, 4, 8, 16, 32] {
            within ^= within << distance;
        }
        within ^= self.open;
        self.open = 0_u64.wrapping_sub(within >> (BLOCK - 1));
        within
    }

    /// Which bytes a backslash stands before that is not escaped itself.
    fn escapes(&mut self, backslashes: u64) -> u64 {
        let mut escaped = std::mem::take(&mut self.escaped);
        let mut left = backslashes & !escaped;
        while left != 0 {
            let backslash = left & left.wrapping_neg();
            let next = backslash << 1;
            if next == 0 {
                self.escaped = 1;
            }
            escaped |= next;
            left &= !(backslash | next);
        }
        escaped
    }
}

#[cfg(test)]
mod tests;
