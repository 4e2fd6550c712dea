//! How pages are packed: compression, and runs of small numbers.

/// Longest page, unpacked: writers make them of a megabyte.
pub(super) const PAGE_BYTES_MAX: usize = 32 << 20;

/// Unpacks a page of which it is known how long it is. `Err` names what cannot be read.
pub(super) fn unpack(codec: i64, packed: &[u8], length: usize) -> Result<Vec<u8>, &'static str> {
    const DAMAGED: &str = "a page is damaged";
    if length > PAGE_BYTES_MAX {
        return Err("a page is longer than 32 MB");
    }
    let page = match codec {
        0 => packed.to_vec(),
        1 => snappy(packed, length).ok_or(DAMAGED)?,
        6 => zstd::bulk::decompress(packed, length).map_err(|_| DAMAGED)?,
        _ => return Err("its compression is neither snappy nor zstd nor none"),
    };
    if page.len() == length {
        Ok(page)
    } else {
        Err(DAMAGED)
    }
}

/// Snappy's raw format: a length, then literals and copies of what went before.
fn snappy(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut rest = packed;
    let mut byte = || {
        let (first, after) = rest.split_first()?;
        rest = after;
        Some(*first)
    };
    let mut said = 0_usize;
    for shift in (0..32).step_by(7) {
        let next = byte()?;
        said |= usize::from(next & 0x7f) << shift;
        if next & 0x80 == 0 {
            break;
        }
    }
    if said != length {
        return None;
    }
    let mut page = Vec::with_capacity(length);
    while let Some((tag, after)) = rest.split_first() {
        rest = after;
        let mut number = |bytes: usize| {
            let (taken, after) = rest.split_at_checked(bytes)?;
            rest = after;
            let number = taken.iter().rev();
            Some(number.fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)))
        };
        let upper = usize::from(tag >> 2);
        let (count, back) = match tag & 3 {
            0 => {
                let count = match upper {
                    60..=63 => number(upper - 59)?,
                    few => few,
                };
                let count = count.checked_add(1)?;
                let (literal, after) = rest.split_at_checked(count)?;
                rest = after;
                page.extend_from_slice(literal);
                (0, 0)
            }
            1 => (4 + (upper & 7), (upper >> 3) << 8 | number(1)?),
            2 => (1 + upper, number(2)?),
            _ => (1 + upper, number(4)?),
        };
        if page.len().checked_add(count)? > length {
            return None;
        }
        let from = page.len().checked_sub(back)?;
        if count > 0 && back == 0 {
            return None;
        }
        for at in from..from + count {
            // What is copied may be what this copy has just written.
            page.push(*page.get(at)?);
        }
    }
    Some(page)
}

/// Numbers of a fixed width, in runs of one and in packed groups of eight.
#[derive(Debug)]
pub(super) struct Runs {
    bytes: Vec<u8>,
    at: usize,
    width: u32,
    /// The number that is repeated, and how often still.
    repeated: (u32, usize),
    /// How many packed numbers are left, and the bit at which the next one begins.
    packed: (usize, usize),
}

impl Runs {
    /// Numbers of so many bits; `None` if no number has as many.
    pub(super) fn new(bytes: &[u8], width: u32) -> Option<Self> {
        (width <= 32).then(|| Self {
            bytes: bytes.to_vec(),
            at: 0,
            width,
            repeated: (0, 0),
            packed: (0, 0),
        })
    }

    pub(super) fn next(&mut self) -> Option<u32> {
        if self.width == 0 {
            return Some(0);
        }
        loop {
            if self.repeated.1 > 0 {
                self.repeated.1 -= 1;
                return Some(self.repeated.0);
            }
            if self.packed.0 > 0 {
                return self.next_packed();
            }
            self.next_run()?;
        }
    }

    fn next_packed(&mut self) -> Option<u32> {
        self.packed.0 -= 1;
        let begin = self.packed.1;
        let width = usize::try_from(self.width).ok()?;
        self.packed.1 += width;
        let mut number = 0_u32;
        for bit in 0..width {
            let at = begin + bit;
            let byte = *self.bytes.get(at / 8)?;
            let is_set = byte >> (at % 8) & 1;
            number |= u32::from(is_set) << bit;
        }
        Some(number)
    }

    fn next_run(&mut self) -> Option<()> {
        let mut header = 0_usize;
        for shift in (0..32).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            header |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let width = usize::try_from(self.width).ok()?;
        if header & 1 == 1 {
            let groups = header >> 1;
            self.packed = (groups.checked_mul(8)?, self.at.checked_mul(8)?);
            self.at = self.at.checked_add(groups.checked_mul(width)?)?;
        } else {
            let bytes = width.div_ceil(8);
            let written = self.bytes.get(self.at..self.at.checked_add(bytes)?)?;
            let number = written.iter().rev();
            let number = number.fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
            self.at += bytes;
            self.repeated = (number, header >> 1);
        }
        Some(())
    }
}
