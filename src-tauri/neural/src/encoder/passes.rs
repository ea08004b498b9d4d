//! Many texts through an encoder, several at a time on every thread.

use std::cell::RefCell;
use std::cmp::Reverse;

use rayon::prelude::*;

use super::{Encoder, Room, Sequences};
use crate::error::{Error, Result};

/// Tokens of one pass on one thread of the processor: enough for the products, few enough for the cache.
pub(super) const TOKENS: usize = 224;

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// How fast, and whether at all.
#[derive(Clone, Copy)]
pub struct Pace<'a> {
    /// The most texts that go through the model together on one thread.
    pub batch: usize,
    /// Asked before every pass, from any thread: whether to go on.
    pub go_on: &'a (dyn Fn() -> bool + Sync),
}

/// Takes every sequence through the encoder, on all threads of the pool it is called in; `ids_of` gives
/// its tokens and their kinds, `each` makes of a pass's rows one result for every sequence in it. On the
/// processor a sequence's rows have the same bits in any company.
///
/// # Errors
/// [`Error::Stopped`], and those of [`Encoder::forward`] and of `each`.
pub(crate) fn run<'s, T: Send>(
    encoder: &Encoder,
    count: usize,
    ids_of: impl Fn(usize) -> (&'s [u32], &'s [u32]) + Sync,
    pace: Pace,
    each: impl Fn(&mut Room, &Sequences) -> Result<Vec<T>> + Sync,
) -> Result<Vec<T>> {
    let length = |at: usize| ids_of(at).0.len();
    let mut order: Vec<usize> = (0..count).collect();
    // The longest first: what is left for the end is short.
    order.sort_by_key(|&at| Reverse(length(at)));
    let passes = passes(&order, length, pace.batch.max(1), encoder.pass_tokens());
    let parts = passes
        .par_iter()
        .map(|pass| {
            if !(pace.go_on)() {
                return Err(Error::Stopped);
            }
            let mut sequences = Sequences::default();
            for &at in *pass {
                let (ids, types) = ids_of(at);
                sequences.push(ids, types);
            }
            ROOM.with_borrow_mut(|room| {
                encoder.forward(&sequences, room)?;
                each(room, &sequences)
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let mut results: Vec<Option<T>> = (0..count).map(|_| None).collect();
    for (at, result) in passes.iter().copied().flatten().zip(parts.into_iter().flatten()) {
        results[*at] = Some(result);
    }
    Ok(results.into_iter().flatten().collect())
}

/// Sequences that go through the model together.
fn passes(
    order: &[usize],
    length: impl Fn(usize) -> usize,
    batch: usize,
    tokens: usize,
) -> Vec<&[usize]> {
    let mut passes = Vec::new();
    let mut rest = order;
    while !rest.is_empty() {
        let mut sum = 0;
        let fits = rest.iter().take(batch).take_while(|&&at| {
            sum += length(at);
            sum <= tokens
        });
        let (pass, more) = rest.split_at(fits.count().max(1));
        passes.push(pass);
        rest = more;
    }
    passes
}
