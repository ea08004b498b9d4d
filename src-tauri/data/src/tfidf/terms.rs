//! Interned terms: each distinct word once, numbered in the order of first sight.

/// Distinct terms with numbers from 0. An open-addressing table over one arena of bytes, because a
/// table of owned strings costs several times the memory and a pointer chase per word.
#[derive(Debug, Default)]
pub(super) struct Terms {
    arena: Vec<u8>,
    /// Where each term ends in the arena.
    ends: Vec<usize>,
    /// Upper half of the hash, and number + 1 (0: free); its length is a power of two.
    slots: Vec<(u32, u32)>,
}

/// A multiplicative hash over eight-byte words. Terms come from files, not from an adversary who
/// picks them one by one, so speed is worth more than a keyed hash.
fn hash(term: &[u8]) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = term.len() as u64;
    let mut words = term.chunks_exact(8);
    for word in &mut words {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(word);
        state = (state.rotate_left(5) ^ u64::from_le_bytes(bytes)).wrapping_mul(K);
    }
    let rest = words.remainder();
    let mut tail = 0u64;
    for &byte in rest {
        tail = tail << 8 | u64::from(byte);
    }
    state = (state.rotate_left(5) ^ tail).wrapping_mul(K);
    state ^ state >> 29
}

impl Terms {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, number: usize) -> &[u8] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.arena[start..self.ends[number]]
    }

    /// The number of `term`, interning it if it is new.
    pub(super) fn intern(&mut self, term: &[u8]) -> u32 {
        if self.ends.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = hash(term);
        match self.probe(hash, term) {
            Ok(number) => number,
            Err(slot) => {
                #[allow(clippy::cast_possible_truncation, reason = "2^32 terms do not fit memory")]
                let number = self.ends.len() as u32;
                self.arena.extend_from_slice(term);
                self.ends.push(self.arena.len());
                self.slots[slot] = (tag(hash), number + 1);
                number
            }
        }
    }

    /// The term's number, or the free slot where it belongs.
    #[allow(clippy::cast_possible_truncation, reason = "masked to the table's length")]
    fn probe(&self, hash: u64, term: &[u8]) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            match self.slots[slot] {
                (_, 0) => return Err(slot),
                (found, number) if found == tag(hash) && self.get(number as usize - 1) == term => {
                    return Ok(number - 1);
                }
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "masked to the table's length")]
    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(1024);
        self.slots = vec![(0, 0); length];
        for number in 0..self.ends.len() {
            let hash = hash(self.get(number));
            let mut slot = hash as usize & (length - 1);
            while self.slots[slot].1 != 0 {
                slot = (slot + 1) & (length - 1);
            }
            self.slots[slot] = (tag(hash), number as u32 + 1);
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the upper half")]
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dense_and_survive_growth() {
        let mut terms = Terms::default();
        for n in 0..5_000_u32 {
            assert_eq!(terms.intern(format!("palavra{n}").as_bytes()), n);
        }
        for n in (0..5_000_u32).rev() {
            assert_eq!(terms.intern(format!("palavra{n}").as_bytes()), n);
            assert_eq!(terms.get(n as usize), format!("palavra{n}").as_bytes());
        }
        assert_eq!(terms.len(), 5_000);
    }
}
