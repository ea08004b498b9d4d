//! The fields of a protobuf message: <https://protobuf.dev/programming-guides/encoding/>.

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    /// Text, bytes, or a message.
    Bytes(&'a [u8]),
    Fixed32(u32),
}

/// Fields with their numbers, as they come; nothing after what is broken.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    left: &'a [u8],
    /// What there was at first.
    size: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { left: message, size: message.len() }
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], String> {
        let at = self.size - self.left.len();
        let cut = || format!("{count} bytes are wanted at {at} of {}", self.size);
        let count = usize::try_from(count).map_err(|_| cut())?;
        let (taken, left) = self.left.split_at_checked(count).ok_or_else(cut)?;
        self.left = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number has no end".to_owned())
    }

    fn field(&mut self) -> Result<(u64, Value<'a>), String> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let count = self.varint()?;
                Value::Bytes(self.take(count)?)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            kind => return Err(format!("a field is of type {kind}")),
        };
        Ok((tag >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.left = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_every_type_are_read() {
        let bytes = [
            0x08, 0x96, 0x01, // 1: varint 150
            0x12, 0x02, b'o', b'i', // 2: bytes
            0x1d, 0x00, 0x00, 0x80, 0x3f, // 3: fixed32
            0x21, 1, 0, 0, 0, 0, 0, 0, 0, // 4: fixed64
        ];
        let fields: Result<Vec<_>, _> = Fields::new(&bytes).collect();
        let wanted = [
            (1, Value::Varint(150)),
            (2, Value::Bytes(b"oi")),
            (3, Value::Fixed32(1_f32.to_bits())),
            (4, Value::Fixed64(1)),
        ];
        assert_eq!(fields.unwrap(), wanted);
        // At these places a field ends.
        for cut in 0..bytes.len() {
            let fields: Result<Vec<_>, _> = Fields::new(&bytes[..cut]).collect();
            assert_eq!(fields.is_ok(), [0, 3, 7, 12].contains(&cut), "{cut}");
        }
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        let of = |bytes: &[u8]| Fields::new(bytes).collect::<Result<Vec<_>, _>>().unwrap_err();
        assert_eq!(of(&[0x08; 1]), "1 bytes are wanted at 1 of 1");
        assert_eq!(of(&[0xff; 12]), "a number has no end");
        assert_eq!(of(&[0x0b]), "a field is of type 3");
        let huge = [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(of(&huge), format!("{} bytes are wanted at 11 of 11", u64::MAX));
    }
}
