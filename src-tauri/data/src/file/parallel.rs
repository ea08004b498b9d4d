//! Blocks through several workers, results in the file's order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Block, Blocks, FileError};
use crate::progress::Progress;

/// Runs `work` over every block on `threads` threads, each with its own state from `start`, and
/// hands the results to `merge` in the order of the blocks. Returns the states.
///
/// The workers cut the blocks themselves, one at a time, so that as many blocks are in memory as
/// there are workers. What `merge` sees does not depend on `threads`; which blocks share a state
/// does. `progress` is told the bytes read and asked before each block.
///
/// # Errors
/// The first error of reading, of `work`, or [`FileError::Cancelled`].
pub fn each_block<S: Send, R: Send>(
    blocks: Blocks,
    threads: usize,
    progress: &dyn Progress,
    start: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &Block) -> Result<R, FileError> + Sync,
    merge: impl FnMut(R) -> Result<(), FileError> + Send,
) -> Result<Vec<S>, FileError> {
    let blocks = Mutex::new(blocks);
    let ordered = Mutex::new(Ordered { next: 0, waiting: BTreeMap::new(), merge });
    let stop = AtomicBool::new(false);
    let one = || -> Result<S, FileError> {
        let mut state = start();
        let mut done: Option<Block> = None;
        while !stop.load(Ordering::Relaxed) {
            progress.check()?;
            let mut cutting = lock(&blocks);
            if let Some(block) = done.take() {
                cutting.recycle(block);
            }
            let Some(block) = cutting.next_block()? else { break };
            drop(cutting);
            let result = work(&mut state, &block)?;
            progress.at(block.read);
            lock(&ordered).put(block.index, result)?;
            done = Some(block);
        }
        Ok(state)
    };
    let guarded = || {
        let state = one();
        if state.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        state
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(guarded)).collect();
        let mut states = vec![guarded()];
        for other in others {
            match other.join() {
                Ok(state) => states.push(state),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        states.into_iter().collect()
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Ordered<R, M> {
    next: usize,
    waiting: BTreeMap<usize, R>,
    merge: M,
}

impl<R, M: FnMut(R) -> Result<(), FileError>> Ordered<R, M> {
    fn put(&mut self, index: usize, result: R) -> Result<(), FileError> {
        self.waiting.insert(index, result);
        while let Some(result) = self.waiting.remove(&self.next) {
            (self.merge)(result)?;
            self.next += 1;
        }
        Ok(())
    }
}
