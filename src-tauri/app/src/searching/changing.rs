//! Rows of an index that change, in the copy of its words that is to take its place.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::words::{Entry, Words};
use crate::error::Result;

/// What is to change in the rows of an index, collected before it is done.
pub(super) struct Changes<'a> {
    words: &'a Words,
    /// The slot that the next new text gets.
    next: u64,
    /// The place that the next new row gets, where the table does not say.
    last: u64,
    hash: RandomState,
}

/// How many rows changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) removed: u64,
}

/// Slots of texts that are not yet found again, by the texts' hashes.
pub(super) type Known = HashMap<u64, Vec<u64>>;

impl<'a> Changes<'a> {
    /// Begins to collect changes of an index that has used `slots` slots.
    pub(super) fn begin(words: &'a Words, slots: u64) -> Result<Self> {
        words.run(&[
            "create temp table next (slot integer primary key, row integer not null, id text not null, \
             text text, fields text not null)",
            "create temp table gone (slot integer primary key)",
        ])?;
        let last = words.count("select coalesce(max(row) + 1, 0) from rows")?;
        Ok(Self { words, next: slots, last, hash: RandomState::new() })
    }

    /// The slots of all texts, for [`Self::table_rows`]. A text that comes twice has two.
    pub(super) fn known(&self) -> Result<Known> {
        let mut known = Known::new();
        let mut from = 0;
        loop {
            let page = self.words.page(from, super::ROWS)?;
            let Some((_, last)) = page.last() else { break };
            from = last.row + 1;
            for (slot, entry) in page {
                known.entry(self.hash.hash_one(&entry.text)).or_default().push(slot);
            }
        }
        // Of several the first is taken first.
        known.values_mut().for_each(|slots| slots.reverse());
        Ok(known)
    }

    /// Rows of the table as it is now. A text that the index has keeps its slot, and so its vector,
    /// wherever its row went. Returned are those that are new.
    pub(super) fn table_rows(&mut self, known: &mut Known, rows: Vec<Entry>) -> Result<Vec<Entry>> {
        let (mut kept, mut new) = (Vec::new(), Vec::new());
        for row in rows {
            match known.get_mut(&self.hash.hash_one(&row.text)).and_then(Vec::pop) {
                Some(slot) => kept.push((slot, row)),
                None => new.push(row),
            }
        }
        self.words.collect(kept.iter().map(|(slot, row)| (*slot, row, false)))?;
        self.take_in(&new)?;
        Ok(new)
    }

    /// Rows that are put in by their ids, instead of those that have them. Returned are those whose text is
    /// new, and those that bring a vector.
    pub(super) fn put(
        &mut self,
        rows: Vec<Entry>,
        brings: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<Entry>> {
        let mut new = Vec::new();
        for mut row in rows {
            match self.words.by_id(&row.id)? {
                Some((slot, before)) if before.text == row.text && !brings(&row) => {
                    row.row = before.row;
                    self.words.collect([(slot, &row, false)].into_iter())?;
                }
                Some((slot, before)) => {
                    row.row = before.row;
                    self.words.gone(slot)?;
                    new.push(row);
                }
                None => {
                    row.row = self.last;
                    self.last += 1;
                    new.push(row);
                }
            }
        }
        self.take_in(&new)?;
        Ok(new)
    }

    fn take_in(&mut self, new: &[Entry]) -> Result<()> {
        let from = self.next;
        self.next += new.len() as u64;
        self.words.collect(new.iter().zip(from..).map(|(row, slot)| (slot, row, true)))
    }

    /// Takes a row out by its id. Says whether there was one.
    pub(super) fn delete(&mut self, id: &str) -> Result<bool> {
        let found = self.words.by_id(id)?;
        found.iter().try_for_each(|(slot, _)| self.words.gone(*slot))?;
        Ok(found.is_some())
    }

    /// Takes out all rows that are not among those collected.
    pub(super) fn only_these(&mut self) -> Result<()> {
        self.words.run(&[
            "insert or ignore into gone select slot from rows where slot not in (select slot from next)",
        ])
    }

    /// Slots that are used when all is done.
    pub(super) fn slots(&self) -> u64 {
        self.next
    }

    /// Does it all.
    pub(super) fn apply(self) -> Result<Changed> {
        let changed = self.words.count(
            "select count(*) from next where text is not null and id in \
             (select id from rows where slot in (select slot from gone))",
        )?;
        let new = self.words.count("select count(*) from next where text is not null")?;
        let gone = self.words.count("select count(*) from gone")?;
        self.words.run(&[
            "insert into words (words, rowid, text) \
             select 'delete', slot, text from rows where slot in (select slot from gone)",
            "delete from rows where slot in (select slot from gone)",
            "update rows set row = next.row, id = next.id, fields = next.fields from next \
             where next.slot = rows.slot",
            "insert into rows select slot, row, id, text, fields from next where text is not null",
            "insert into words (rowid, text) select slot, text from next where text is not null",
            "drop table next",
            "drop table gone",
        ])?;
        Ok(Changed {
            added: new.saturating_sub(changed),
            changed,
            removed: gone.saturating_sub(changed),
        })
    }
}
