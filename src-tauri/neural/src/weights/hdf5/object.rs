//! Objects, which are groups or arrays: a header of messages says what they are.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::Result;
use crate::weights::source::{Cursor, Source};

use super::{CONTINUED, File};

/// A message: where it lies.
pub(super) struct Message {
    pub(super) kind: u16,
    /// Its content is elsewhere, shared by several objects.
    pub(super) is_shared: bool,
    offset: u64,
    size: u64,
}

impl Message {
    pub(super) fn cursor(&self, source: &Arc<Source>) -> Cursor {
        Cursor::new(source.clone(), self.offset, self.offset + self.size)
    }
}

pub(super) struct Object {
    pub(super) messages: Vec<Message>,
}

impl Object {
    pub(super) fn message(&self, kind: u16) -> Option<&Message> {
        self.messages.iter().find(|message| message.kind == kind)
    }

    pub(super) fn read(file: &mut File, offset: u64) -> Result<Self> {
        let mut cursor = file.at(offset);
        let form = if cursor.array()? == *b"OHDR" {
            Form::new(&mut cursor)?
        } else {
            // Version 1 has no signature.
            cursor = file.at(offset);
            if cursor.u8()? != 1 {
                return Err(file.source.broken("an object in it is of no known version"));
            }
            cursor.skip(7)?;
            Form::First
        };
        let size = match form {
            Form::First => {
                let size = cursor.u32()?;
                cursor.skip(4)?;
                size.into()
            }
            Form::Second { size, .. } => size,
        };
        let mut blocks = VecDeque::from([(cursor.position(), size)]);
        let mut messages = Vec::new();
        while let Some((offset, size)) = blocks.pop_front() {
            if !file.source.holds(offset, size) {
                return Err(file.source.broken("it is cut off"));
            }
            let mut cursor = Cursor::new(file.source.clone(), offset, offset + size);
            while cursor.left() >= form.head() {
                file.spend()?;
                let message = form.message(&mut cursor)?;
                if message.kind == CONTINUED {
                    let mut at = message.cursor(file.source);
                    blocks.push_back(form.block(at.u64()?, at.u64()?));
                } else {
                    messages.push(message);
                }
            }
        }
        Ok(Self { messages })
    }
}

/// The two forms of headers.
enum Form {
    First,
    Second { size: u64, is_ordered: bool },
}

impl Form {
    /// Of the second form, behind its signature.
    fn new(cursor: &mut Cursor) -> Result<Self> {
        if cursor.u8()? != 2 {
            return Err(cursor.broken("an object in it is of no known version"));
        }
        let flags = cursor.u8()?;
        // Four times, and how many attributes there may be.
        cursor.skip(if flags & 0x20 == 0 { 0 } else { 16 })?;
        cursor.skip(if flags & 0x10 == 0 { 0 } else { 4 })?;
        Ok(Self::Second { size: length(cursor, flags)?, is_ordered: flags & 4 != 0 })
    }

    /// Bytes before a message.
    fn head(&self) -> u64 {
        match self {
            Self::First => 8,
            Self::Second { is_ordered: false, .. } => 4,
            Self::Second { is_ordered: true, .. } => 6,
        }
    }

    fn message(&self, cursor: &mut Cursor) -> Result<Message> {
        let kind = match self {
            Self::First => cursor.u16()?,
            Self::Second { .. } => cursor.u8()?.into(),
        };
        let (size, flags) = (u64::from(cursor.u16()?), cursor.u8()?);
        cursor.skip(match self {
            Self::First => 3,
            Self::Second { is_ordered: false, .. } => 0,
            Self::Second { is_ordered: true, .. } => 2,
        })?;
        let offset = cursor.position();
        cursor.skip(size)?;
        Ok(Message { kind, is_shared: flags & 2 != 0, offset, size })
    }

    /// The messages of a block that goes on elsewhere; the second form has a signature and a checksum
    /// around them.
    fn block(&self, offset: u64, size: u64) -> (u64, u64) {
        match self {
            Self::First => (offset, size),
            Self::Second { .. } => (offset.saturating_add(4), size.saturating_sub(8)),
        }
    }
}

/// A length of 1, 2, 4 or 8 bytes, as the lowest bits of `flags` say.
pub(super) fn length(cursor: &mut Cursor, flags: u8) -> Result<u64> {
    Ok(match flags & 3 {
        0 => cursor.u8()?.into(),
        1 => cursor.u16()?.into(),
        2 => cursor.u32()?.into(),
        _ => cursor.u64()?,
    })
}
