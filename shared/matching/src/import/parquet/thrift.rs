//! Thrift's compact protocol, as far as Parquet's headers are written in it.

use std::collections::BTreeMap;

/// Deepest nesting that is read: Parquet's own is six.
const DEPTH_MAX: usize = 16;

/// A value of a header.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'b> {
    Bool(bool),
    Int(i64),
    Bytes(&'b [u8]),
    List(Vec<Value<'b>>),
    Struct(Fields<'b>),
    /// What nothing here reads.
    Other,
}

/// The fields of a struct, by their numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields<'b>(BTreeMap<i16, Value<'b>>);

impl<'b> Fields<'b> {
    pub(super) fn int(&self, field: i16) -> Option<i64> {
        match self.0.get(&field)? {
            Value::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// A number that counts or measures something.
    pub(super) fn size(&self, field: i16) -> Option<usize> {
        usize::try_from(self.int(field)?).ok()
    }

    pub(super) fn bool(&self, field: i16) -> Option<bool> {
        match self.0.get(&field)? {
            Value::Bool(bool) => Some(*bool),
            _ => None,
        }
    }

    pub(super) fn bytes(&self, field: i16) -> Option<&'b [u8]> {
        match self.0.get(&field)? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn list(&self, field: i16) -> Option<&[Value<'b>]> {
        match self.0.get(&field)? {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    pub(super) fn fields(&self, field: i16) -> Option<&Fields<'b>> {
        self.0.get(&field)?.fields()
    }
}

impl<'b> Value<'b> {
    pub(super) fn fields(&self) -> Option<&Fields<'b>> {
        match self {
            Self::Struct(fields) => Some(fields),
            _ => None,
        }
    }
}

/// Reads a struct from the beginning of some bytes, and says how many it takes. `None` if
/// they are none.
pub(super) fn read(bytes: &[u8]) -> Option<(Fields<'_>, usize)> {
    let mut reader = Reader { rest: bytes };
    let fields = reader.fields(0)?;
    Some((fields, bytes.len() - reader.rest.len()))
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        let half = i64::try_from(value >> 1).ok()?;
        Some(if value & 1 == 0 { half } else { !half })
    }

    fn fields(&mut self, depth: usize) -> Option<Fields<'b>> {
        if depth > DEPTH_MAX {
            return None;
        }
        let (mut fields, mut last) = (BTreeMap::new(), 0_i16);
        loop {
            let header = self.byte()?;
            let kind = header & 0x0f;
            if kind == 0 {
                return Some(Fields(fields));
            }
            last = match header >> 4 {
                0 => i16::try_from(self.zigzag()?).ok()?,
                step => last.checked_add(i16::from(step))?,
            };
            let value = match kind {
                1 => Value::Bool(true),
                2 => Value::Bool(false),
                kind => self.value(kind, depth)?,
            };
            fields.insert(last, value);
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Option<Value<'b>> {
        Some(match kind {
            1 | 2 => Value::Bool(self.byte()? == 1),
            3 => Value::Int(i64::from(i8::from_le_bytes([self.byte()?]))),
            4..=6 => Value::Int(self.zigzag()?),
            7 => {
                self.take(8)?;
                Value::Other
            }
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            9 | 10 => self.list(depth)?,
            12 => Value::Struct(self.fields(depth + 1)?),
            _ => return None,
        })
    }

    fn list(&mut self, depth: usize) -> Option<Value<'b>> {
        let header = self.byte()?;
        let count = match header >> 4 {
            15 => usize::try_from(self.varint()?).ok()?,
            few => usize::from(few),
        };
        // Each element takes a byte at least: a count that lies ends here.
        if count > self.rest.len() || depth > DEPTH_MAX {
            return None;
        }
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(self.value(header & 0x0f, depth + 1)?);
        }
        Some(Value::List(list))
    }
}
