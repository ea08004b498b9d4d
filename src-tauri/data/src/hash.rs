//! One hash for counting values.

use std::hash::Hasher;

/// A 64-bit hash by folded multiplication, as wyhash and foldhash do it; the same on every
/// machine.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    const ODD: [u64; 3] = [0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93, 0xA076_1D64_78BD_642F];
    let fold = |one: u64, other: u64| {
        let product = u128::from(one) * u128::from(other);
        (product as u64) ^ ((product >> 64) as u64)
    };
    let mut state = ODD[0] ^ bytes.len() as u64;
    let (blocks, rest) = bytes.as_chunks::<32>();
    if !blocks.is_empty() {
        // Four products that do not wait for each other.
        let mut lanes = [state, state ^ ODD[1], state ^ ODD[2], !state];
        for block in blocks {
            for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<8>().0) {
                *lane = fold(*lane ^ u64::from_le_bytes(*word), ODD[1]);
            }
        }
        state = lanes.into_iter().fold(0, |all, lane| fold(all ^ lane, ODD[1]));
    }
    let (words, tail) = rest.as_chunks::<8>();
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), ODD[1]);
    }
    let mut last = [0; 8];
    last[..tail.len()].copy_from_slice(tail);
    state = fold(state ^ u64::from_le_bytes(last), ODD[1]);
    fold(state ^ ODD[2], ODD[0])
}

/// A hasher for keys that are hashes already, or carry theirs.
#[derive(Debug, Default, Clone)]
pub(crate) struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
