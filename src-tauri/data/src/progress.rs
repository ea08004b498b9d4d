//! How long work tells its caller how far it is, and learns that it should stop.

/// The caller's wish that the work stop; the work frees what it holds and returns this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Where long work reports its progress. Calls are cheap enough to make many times a second, and
/// come from any worker thread.
pub trait Progress: Sync {
    /// A named step begins; `total` is its length in the step's own unit, where it is known.
    fn step(&self, name: &'static str, total: Option<u64>);
    /// `done` units of the current step are finished (the count so far, not an increment).
    fn at(&self, done: u64);
    /// Asks whether to go on. Work calls this at least twice a second.
    ///
    /// # Errors
    /// [`Cancelled`] once the caller wants the work to stop.
    fn check(&self) -> Result<(), Cancelled>;
}

/// Progress that nobody watches and that never stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn step(&self, _name: &'static str, _total: Option<u64>) {}
    fn at(&self, _done: u64) {}
    fn check(&self) -> Result<(), Cancelled> {
        Ok(())
    }
}

/// Work inside a step of its caller's: it stops when the caller wants, and reports nothing.
pub struct Within<'a>(pub &'a dyn Progress);

impl Progress for Within<'_> {
    fn step(&self, _name: &'static str, _total: Option<u64>) {}
    fn at(&self, _done: u64) {}
    fn check(&self) -> Result<(), Cancelled> {
        self.0.check()
    }
}
