//! Reading documents: each worker counts terms on its own, with its own numbering.

use super::terms::Terms;
use crate::text::{TokenParams, Tokenizer};

/// How often a term was seen, and where first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Occurrences in all documents.
    pub(super) count: u64,
    /// Its first place in the input: the block's index, then the place among the block's words.
    pub(super) first: (u32, u32),
    /// Documents that hold it.
    pub(super) documents: u32,
    /// The last document that held it, counted from 1 over all of this worker's.
    last: u32,
}

impl Seen {
    /// Not seen yet.
    pub(super) const NEVER: Self =
        Self { count: 0, first: (u32::MAX, u32::MAX), documents: 0, last: 0 };

    /// Adds what another worker saw.
    pub(super) fn absorb(&mut self, other: &Self) {
        self.count += other.count;
        self.documents += other.documents;
        self.first = self.first.min(other.first);
    }
}

/// The words of a run of documents, in the worker's own numbering.
#[derive(Debug, Default)]
pub(super) struct CountedBlock {
    /// The block's place in the input.
    pub(super) index: u32,
    /// Per document: each word's number + 1 as a LEB128 varint, then a 0.
    pub(super) words: Vec<u8>,
    /// Documents in the block.
    pub(super) documents: usize,
}

/// Counts the terms of blocks of documents. One per worker thread; workers may take the blocks of
/// an input in any order, and [`super::fit`] puts them in the order of their indices.
#[derive(Debug)]
pub struct TermCounter {
    tokenizer: Tokenizer,
    pub(super) terms: Terms,
    pub(super) seen: Vec<Seen>,
    pub(super) blocks: Vec<CountedBlock>,
    document: u32,
    /// Words of the current block so far.
    place: u32,
    /// Where pairs of words count too: the word before, empty at a document's beginning.
    before: Option<Vec<u8>>,
}

impl TermCounter {
    /// A counter that makes words by `params`.
    #[must_use]
    pub fn new(params: TokenParams) -> Self {
        Self {
            tokenizer: Tokenizer::new(params),
            terms: Terms::default(),
            seen: Vec::new(),
            blocks: Vec::new(),
            document: 1,
            place: 0,
            before: None,
        }
    }

    /// The same, with every two words that follow each other as a term too, joined by a space:
    /// scikit-learn's `ngram_range=(1, 2)`.
    #[must_use]
    pub fn with_pairs(self) -> Self {
        Self { before: Some(Vec::new()), ..self }
    }

    /// Begins the block of documents that stands at `index` among all blocks of the input. No two
    /// blocks share an index.
    pub fn begin_block(&mut self, index: u32) {
        if let Some(last) = self.blocks.last_mut() {
            last.words.shrink_to_fit();
        }
        self.place = 0;
        self.blocks.push(CountedBlock { index, ..CountedBlock::default() });
    }

    fn block(&mut self) -> &mut CountedBlock {
        if self.blocks.is_empty() {
            self.blocks.push(CountedBlock::default());
        }
        let last = self.blocks.len() - 1;
        &mut self.blocks[last]
    }

    /// Adds text to the current document. Several calls are joined as by one space.
    pub fn text(&mut self, utf8: &[u8]) {
        self.block();
        let Self { tokenizer, terms, seen, blocks, document, place, before } = self;
        let Some(block) = blocks.last_mut() else { return };
        let mut count = |word: &[u8]| {
            let number = terms.intern(word);
            let index = number as usize;
            if index == seen.len() {
                seen.push(Seen::NEVER);
            }
            let term = &mut seen[index];
            term.count += 1;
            if term.last != *document {
                term.last = *document;
                term.documents += 1;
                term.first = term.first.min((block.index, *place));
            }
            *place += 1;
            push_varint(&mut block.words, number + 1);
        };
        tokenizer.each_word(utf8, |word| {
            count(word);
            if let Some(before) = before {
                if !before.is_empty() {
                    before.push(b' ');
                    before.extend_from_slice(word);
                    count(before);
                    before.clear();
                }
                before.extend_from_slice(word);
            }
        });
    }

    /// Ends the current document, which may have had no text.
    pub fn end_document(&mut self) {
        self.document += 1;
        if let Some(before) = &mut self.before {
            before.clear();
        }
        let block = self.block();
        block.words.push(0);
        block.documents += 1;
    }
}

#[allow(clippy::cast_possible_truncation, reason = "seven bits at a time")]
fn push_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The varint at the head of `bytes`, which it takes off; nothing at the end.
pub(super) fn take_varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u32::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(value);
        }
        shift += 7;
    }
}
