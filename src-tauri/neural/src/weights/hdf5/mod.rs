//! Reading HDF5 as far as h5py writes it for weights
//! (<https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>): groups by symbol table or
//! with compact links, arrays of numbers that lie in one piece.

mod array;
mod object;

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::Result;

use super::Named;
use super::source::{Cursor, Source};
use object::{Message, Object};

/// Objects, nodes and messages of a file. Cycles and nodes that are shared a thousandfold end here.
const MOST_PARTS: u32 = 1 << 20;

/// Groups in groups, and nodes in nodes.
const DEEPEST: usize = 32;

/// Where there is nothing.
const NOWHERE: u64 = u64::MAX;

/// Kinds of messages.
const DATASPACE: u16 = 0x01;
const LINK_INFO: u16 = 0x02;
const DATATYPE: u16 = 0x03;
const LINK: u16 = 0x06;
const LAYOUT: u16 = 0x08;
const FILTERS: u16 = 0x0b;
const CONTINUED: u16 = 0x10;
const SYMBOL_TABLE: u16 = 0x11;

/// The arrays of a file by their paths, `group/group/name`.
pub(super) fn arrays(source: &Arc<Source>) -> Result<Named> {
    let root = root(source)?;
    let mut file = File { source, left: MOST_PARTS, groups: HashSet::new(), arrays: Vec::new() };
    file.visit(root, &mut Vec::new())?;
    Ok(file.arrays)
}

/// The place of the outermost group, from the superblock.
fn root(source: &Arc<Source>) -> Result<u64> {
    let mut cursor = Cursor::new(source.clone(), 0, source.length().min(256));
    if cursor.array()? != *b"\x89HDF\r\n\x1a\n" {
        return Err(source.broken("it is no HDF5 file"));
    }
    let version = cursor.u8()?;
    if version < 2 {
        cursor.skip(4)?;
    } else if version > 3 {
        return Err(source.broken(format!("its superblock is of version {version}")));
    }
    if cursor.array()? != [8, 8] {
        return Err(source.broken("its addresses are not of 64 bits"));
    }
    cursor.skip(match version {
        0 => 9,
        1 => 13,
        _ => 1,
    })?;
    let base = cursor.u64()?;
    cursor.skip(8)?;
    let end = cursor.u64()?;
    if base != 0 {
        return Err(source.broken("it does not begin at its beginning"));
    }
    if end > source.length() {
        return Err(source.broken("it is cut off"));
    }
    if version < 2 {
        // The driver's block, and the name of a group that has none.
        cursor.skip(16)?;
    }
    cursor.u64()
}

struct File<'a> {
    source: &'a Arc<Source>,
    left: u32,
    groups: HashSet<u64>,
    arrays: Named,
}

impl File<'_> {
    fn spend(&mut self) -> Result<()> {
        self.left = self.left.checked_sub(1).ok_or_else(|| self.source.broken("it has no end"))?;
        Ok(())
    }

    /// From `offset` to the end of the file.
    fn at(&self, offset: u64) -> Cursor {
        Cursor::new(self.source.clone(), offset, self.source.length())
    }

    /// Goes through the object at `offset`, whose names and those of its groups are `path`.
    fn visit(&mut self, offset: u64, path: &mut Vec<String>) -> Result<()> {
        self.spend()?;
        let object = Object::read(self, offset)?;
        if object.message(LAYOUT).is_some() {
            let name = path.join("/");
            let array = array::array(self.source, &object, &name)?;
            self.arrays.push((name, array));
            return Ok(());
        }
        if path.len() == DEEPEST || !self.groups.insert(offset) {
            return Err(self.source.broken(format!("{} has no end", path.join("/"))));
        }
        let mut links = Vec::new();
        for message in &object.messages {
            match message.kind {
                SYMBOL_TABLE => self.table(message, &mut links)?,
                LINK => links.extend(self.link(message)?),
                LINK_INFO => self.no_dense_links(message)?,
                _ => {}
            }
        }
        for (name, offset) in links {
            path.push(name);
            self.visit(offset, path)?;
            path.pop();
        }
        Ok(())
    }

    /// The links of a group that has them in a B-tree.
    fn table(&mut self, message: &Message, links: &mut Vec<(String, u64)>) -> Result<()> {
        let mut cursor = message.cursor(self.source);
        let (tree, heap) = (cursor.u64()?, cursor.u64()?);
        let mut cursor = self.at(heap);
        if cursor.array()? != *b"HEAP" {
            return Err(self.source.broken("its heap of names is none"));
        }
        cursor.skip(4)?;
        let size = cursor.u64()?;
        cursor.skip(8)?;
        let names = self.source.bytes(cursor.u64()?, size)?;
        self.node(tree, &names, links, None)
    }

    fn node(
        &mut self,
        offset: u64,
        names: &[u8],
        links: &mut Vec<(String, u64)>,
        above: Option<u8>,
    ) -> Result<()> {
        self.spend()?;
        let mut cursor = self.at(offset);
        match &cursor.array()? {
            b"TREE" => {
                let (kind, level, count) = (cursor.u8()?, cursor.u8()?, cursor.u16()?);
                let is_below = above.map_or(usize::from(level) < DEEPEST, |above| level < above);
                if kind != 0 || !is_below {
                    return Err(self.source.broken("its tree of names is none"));
                }
                // Neighbours; then a key before every node.
                cursor.skip(16)?;
                for _ in 0..count {
                    cursor.skip(8)?;
                    let below = cursor.u64()?;
                    self.node(below, names, links, Some(level))?;
                }
            }
            b"SNOD" => {
                cursor.skip(2)?;
                for _ in 0..cursor.u16()? {
                    self.spend()?;
                    let (name, offset, kind) = (cursor.u64()?, cursor.u64()?, cursor.u32()?);
                    cursor.skip(20)?;
                    let name = usize::try_from(name).ok().and_then(|name| names.get(name..));
                    let name = name.and_then(|name| name.split(|&byte| byte == 0).next());
                    let name = name.ok_or_else(|| self.source.broken("a name in it is missing"))?;
                    // Symbolic links repeat what is there.
                    if kind != 2 {
                        links.push((String::from_utf8_lossy(name).into_owned(), offset));
                    }
                }
            }
            _ => return Err(self.source.broken("its tree of names is none")),
        }
        Ok(())
    }

    /// A link that is a message of its group; nothing for one that is symbolic.
    fn link(&self, message: &Message) -> Result<Option<(String, u64)>> {
        let mut cursor = message.cursor(self.source);
        if cursor.u8()? != 1 {
            return Err(self.source.broken("a link in it is of a version that is not known"));
        }
        let flags = cursor.u8()?;
        let is_hard = flags & 8 == 0 || cursor.u8()? == 0;
        cursor.skip(if flags & 4 == 0 { 0 } else { 8 })?;
        cursor.skip(if flags & 16 == 0 { 0 } else { 1 })?;
        let length = object::length(&mut cursor, flags)?;
        let name = cursor.bytes(length)?;
        let name = String::from_utf8_lossy(&name).into_owned();
        Ok(if is_hard { Some((name, cursor.u64()?)) } else { None })
    }

    fn no_dense_links(&self, message: &Message) -> Result<()> {
        let mut cursor = message.cursor(self.source);
        cursor.skip(1)?;
        let counted = cursor.u8()? & 1 == 1;
        cursor.skip(if counted { 8 } else { 0 })?;
        if cursor.u64()? != NOWHERE {
            return Err(self.source.broken("a group in it has its links in a fractal heap"));
        }
        Ok(())
    }
}
