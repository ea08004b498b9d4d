//! A job at work: where an operation reports, and where it learns to stop or to wait.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mirante_data::progress::{Cancelled, Progress};

use crate::error::{Error, Result};
use crate::lock::held;

/// How far back the rate looks.
const RATE_WINDOW: Duration = Duration::from_secs(5);
/// How often, at most, a watcher hears of progress.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// What the person wants of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Run,
    Pause,
    Cancel,
}

/// Where a job stands within itself.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The step it is in, by code.
    pub step: Option<&'static str>,
    /// Number of that step, from 1.
    pub step_number: u32,
    /// Units done.
    pub done: u64,
    /// Units in all, where known.
    pub total: Option<u64>,
    /// Units a second.
    pub rate: Option<f64>,
    /// Seconds until the step ends.
    pub seconds_left: Option<f64>,
    /// The text so far, of a step that writes one.
    pub text: String,
    /// What was said on the way.
    pub log: Vec<String>,
}

/// Hears of a job's progress.
pub type Watcher = Box<dyn Fn(&Standing) + Send + Sync>;

/// A job, as its operation sees it. Made by the queue, by the command line, or [`Job::quiet`] for
/// an operation that answers at once.
///
/// Cancel safety: a cancelled operation returns [`Error::Cancelled`] from its next
/// [`Job::checkpoint`]; whatever it was writing is a temporary file that its owner removes on drop.
pub struct Job {
    wish: Mutex<Wish>,
    changed: Condvar,
    inner: Mutex<Inner>,
    watcher: Option<Watcher>,
}

struct Inner {
    standing: Standing,
    /// (when, done) over the last seconds.
    trail: Vec<(Instant, u64)>,
    told: Option<Instant>,
}

impl Job {
    /// A job that nobody watches.
    #[must_use]
    pub fn quiet() -> Self {
        Self::new(None)
    }

    /// A job whose progress `watcher` hears of, at most ten times a second.
    #[must_use]
    pub fn watched(watcher: Watcher) -> Self {
        Self::new(Some(watcher))
    }

    fn new(watcher: Option<Watcher>) -> Self {
        Self {
            wish: Mutex::new(Wish::Run),
            changed: Condvar::new(),
            inner: Mutex::new(Inner {
                standing: Standing::default(),
                trail: Vec::new(),
                told: None,
            }),
            watcher,
        }
    }

    /// Asks the job to stop; it does at its next checkpoint, paused or not.
    pub fn cancel(&self) {
        *held(&self.wish) = Wish::Cancel;
        self.changed.notify_all();
    }

    /// Asks the job to wait at its next checkpoint.
    pub fn pause(&self) {
        let mut wish = held(&self.wish);
        if *wish == Wish::Run {
            *wish = Wish::Pause;
        }
    }

    /// Lets a paused job go on.
    pub fn resume(&self) {
        let mut wish = held(&self.wish);
        if *wish == Wish::Pause {
            *wish = Wish::Run;
            self.changed.notify_all();
        }
    }

    /// Whether the job was asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        *held(&self.wish) == Wish::Cancel
    }

    /// Whether the job was asked to wait.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        *held(&self.wish) == Wish::Pause
    }

    /// Goes on, waits while paused, or stops.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn checkpoint(&self) -> Result<()> {
        self.check().map_err(Error::from)
    }

    /// Writes a line into the job's log.
    pub fn say(&self, line: impl Into<String>) {
        let line = line.into();
        tracing::info!("{line}");
        let mut inner = held(&self.inner);
        inner.standing.log.push(line);
        let standing = inner.standing.clone();
        drop(inner);
        self.tell(&standing);
    }

    /// Adds to the text that this step writes; told with the next count.
    pub(crate) fn write(&self, added: &str) {
        held(&self.inner).standing.text.push_str(added);
    }

    /// Where it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        held(&self.inner).standing.clone()
    }

    fn tell(&self, standing: &Standing) {
        if let Some(watcher) = &self.watcher {
            watcher(standing);
        }
    }
}

impl Progress for Job {
    fn step(&self, name: &'static str, total: Option<u64>) {
        let mut inner = held(&self.inner);
        let number = inner.standing.step_number + 1;
        let log = std::mem::take(&mut inner.standing.log);
        inner.standing =
            Standing { step: Some(name), step_number: number, total, log, ..Standing::default() };
        inner.trail = vec![(Instant::now(), 0)];
        inner.told = None;
        let standing = inner.standing.clone();
        drop(inner);
        self.tell(&standing);
    }

    fn at(&self, done: u64) {
        let mut inner = held(&self.inner);
        let now = Instant::now();
        inner.standing.done = inner.standing.done.max(done);
        if inner.told.is_some_and(|told| now - told < TELL_EVERY) {
            return;
        }
        inner.told = Some(now);
        let done = inner.standing.done;
        inner.trail.push((now, done));
        let oldest = inner.trail.partition_point(|(when, _)| now - *when > RATE_WINDOW);
        inner.trail.drain(..oldest);
        if let Some(&(since, from)) = inner.trail.first() {
            let seconds = (now - since).as_secs_f64();
            let rate = (seconds > 0.0).then(|| (done - from) as f64 / seconds);
            inner.standing.rate = rate;
            inner.standing.seconds_left = match (rate, inner.standing.total) {
                (Some(rate), Some(total)) if rate > 0.0 => {
                    Some(total.saturating_sub(done) as f64 / rate)
                }
                _ => None,
            };
        }
        let standing = inner.standing.clone();
        drop(inner);
        self.tell(&standing);
    }

    fn check(&self) -> std::result::Result<(), Cancelled> {
        let mut wish = held(&self.wish);
        while *wish == Wish::Pause {
            wish = self.changed.wait(wish).unwrap_or_else(PoisonError::into_inner);
        }
        if *wish == Wish::Cancel { Err(Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_paused_job_waits_until_it_is_told_to_go_on_or_to_stop() {
        let job = Arc::new(Job::quiet());
        job.pause();
        let waiting = Arc::clone(&job);
        let thread = std::thread::spawn(move || waiting.check());
        std::thread::sleep(Duration::from_millis(30));
        assert!(!thread.is_finished());
        job.resume();
        assert_eq!(thread.join().unwrap(), Ok(()));
        job.pause();
        job.cancel();
        assert_eq!(job.check(), Err(Cancelled));
    }

    #[test]
    fn a_step_starts_its_count_anew_and_keeps_the_log() {
        let job = Job::quiet();
        job.say("lendo");
        job.step("read", Some(10));
        job.at(4);
        job.step("cluster", None);
        let standing = job.standing();
        assert_eq!((standing.step, standing.step_number, standing.done), (Some("cluster"), 2, 0));
        assert_eq!(standing.log, ["lendo"]);
    }

    #[test]
    fn a_text_is_told_as_it_grows_and_goes_with_its_step() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&told);
        let watch = move |standing: &Standing| held(&hears).push(standing.text.clone());
        let job = Job::watched(Box::new(watch));
        job.step("write_text", None);
        job.write("Era ");
        job.at(1);
        job.write("uma vez");
        assert_eq!(job.standing().text, "Era uma vez");
        job.step("write", None);
        assert_eq!(*held(&told), ["", "Era ", ""]);
    }
}
