//! Sharing work among threads so that results do not depend on who does what.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};

/// As many workers as the current pool has threads.
pub(super) fn workers<W>(make: impl Fn() -> W) -> Vec<W> {
    (0..rayon::current_num_threads()).map(|_| make()).collect()
}

/// Hands each item to one of the workers, as they come free. What a worker gathers must not depend
/// on which items it got: sums of integers, or results written in the item's own place.
pub(super) fn share<T: Send, W: Send>(
    items: impl Iterator<Item = T> + Send,
    workers: &mut [W],
    progress: &dyn Progress,
    work: impl Fn(&mut W, T) + Sync,
) -> Result<(), Cancelled> {
    let items = Mutex::new(items);
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    workers.par_iter_mut().with_max_len(1).try_for_each(|worker| {
        while let Some(item) = next() {
            progress.check()?;
            work(worker, item);
        }
        Ok(())
    })
}

/// Cuts `values`, one per row, at the same places as `lengths`.
pub(super) fn cut<T>(
    mut values: &mut [T],
    lengths: impl Iterator<Item = usize>,
) -> impl Iterator<Item = &mut [T]> {
    lengths.map(move |length| {
        let (head, tail) = std::mem::take(&mut values).split_at_mut(length);
        values = tail;
        head
    })
}
