//! The thread that writes a model's texts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use mirante_neural::generate::{Batch, Gave, Generator};

use super::{Asked, LOOK, Wanted};
use crate::error::{Error, Result};
use crate::queue::panic_text;

/// Without requests for so long the thread ends, and with it its hold on the model.
const IDLE: Duration = Duration::from_secs(5);
/// Tokens that a text may be ahead of who listens: one whose job is paused then takes no part.
const AHEAD: usize = 8;

/// Writes until nobody asks any more.
pub(super) fn serve(generator: &Generator, requests: &Receiver<Asked>) {
    let mut table = Table::new(generator);
    loop {
        if table.is_empty() {
            let Ok(first) = requests.recv_timeout(IDLE) else { return };
            table.waiting.push_back(first);
        }
        table.waiting.extend(requests.try_iter());
        table.let_go();
        table.take_in();
        if let Err(reason) = table.step() {
            table.fail(&reason);
        }
    }
}

/// The texts at work and those that wait for room.
struct Table<'a> {
    generator: &'a Generator,
    batch: Batch<'a>,
    writers: BTreeMap<usize, Writer>,
    waiting: VecDeque<Asked>,
    next: usize,
}

/// A text at work.
struct Writer {
    asked: Asked,
    bytes: u64,
    told: usize,
}

impl Asked {
    fn is_wanted(&self) -> bool {
        self.heard.strong_count() > 0
    }
}

impl Writer {
    /// Whether who listens keeps up.
    fn is_heard(&self) -> bool {
        let heard = self.asked.heard.upgrade().map_or(0, |heard| heard.load(Ordering::Relaxed));
        self.told < heard + AHEAD
    }
}

impl<'a> Table<'a> {
    fn new(generator: &'a Generator) -> Self {
        Self {
            generator,
            batch: generator.batch(),
            writers: BTreeMap::new(),
            waiting: VecDeque::new(),
            next: 0,
        }
    }

    fn is_empty(&self) -> bool {
        self.writers.is_empty() && self.waiting.is_empty()
    }

    /// Lets go of texts that nobody wants any more.
    fn let_go(&mut self) {
        self.waiting.retain(Asked::is_wanted);
        let batch = &mut self.batch;
        self.writers.retain(|&key, writer| {
            let stays = writer.asked.is_wanted();
            if !stays {
                batch.leave(key);
            }
            stays
        });
    }

    /// Begins texts, the first that came first, as far as there is room.
    fn take_in(&mut self) {
        while let Some(asked) = self.waiting.pop_front() {
            let Wanted { prompt, writing, room } = &asked.wanted;
            let longest = (prompt.len() + writing.most).min(self.generator.longest());
            let bytes = self.generator.bytes_of(longest);
            let used: u64 = self.writers.values().map(|writer| writer.bytes).sum();
            if !self.writers.is_empty() && used + bytes > *room {
                self.waiting.push_front(asked);
                return;
            }
            self.next += 1;
            match self.batch.join(self.next, prompt, *writing) {
                Ok(()) => {
                    self.writers.insert(self.next, Writer { asked, bytes, told: 0 });
                }
                // Who does not listen any more needs no answer, here and below.
                Err(error) => _ = asked.parts.send(Err(error.into())),
            }
        }
    }

    /// The next token of every text whose listener keeps up, or a moment's rest.
    fn step(&mut self) -> std::result::Result<(), String> {
        let heard = self.writers.iter().filter(|(_, writer)| writer.is_heard());
        let heard: BTreeSet<usize> = heard.map(|(&key, _)| key).collect();
        if heard.is_empty() {
            std::thread::sleep(LOOK);
            return Ok(());
        }
        let (batch, writers) = (&mut self.batch, &mut self.writers);
        let told = |key, gave: Gave| {
            let ends = matches!(gave, Gave::Ended(..) | Gave::Failed(_));
            if let Some(writer) = writers.get_mut(&key) {
                writer.told += 1;
                let _ = writer.asked.parts.send(Ok(gave));
            }
            if ends {
                writers.remove(&key);
            }
        };
        let stepped =
            catch_unwind(AssertUnwindSafe(|| batch.step(|key| heard.contains(&key), told)));
        // A panic is an answer too: who asked would else ask for ever.
        stepped
            .map_err(|panic| panic_text(&*panic))
            .and_then(|stepped| stepped.map_err(|error| error.to_string()))
    }

    /// Tells all at work that nothing comes of it.
    fn fail(&mut self, reason: &str) {
        self.batch = self.generator.batch();
        for (_, writer) in std::mem::take(&mut self.writers) {
            let failed: Result<Gave> = Err(Error::Internal { reason: reason.to_owned() });
            let _ = writer.asked.parts.send(failed);
        }
    }
}
