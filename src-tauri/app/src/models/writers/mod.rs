//! Texts that a model is asked for at the same time are written together, by one thread: its weights are
//! read once a step for all of them. A text joins between two steps and leaves when it ends or when nobody
//! listens any more; it is what it would be alone.

mod thread;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use mirante_neural::generate::{Gave, Generator, Text, Writing};

use crate::error::{Error, Result};
use crate::lock::held;

/// Between two looks at whether one who waits still wants to, and whether one who is behind still is.
const LOOK: Duration = Duration::from_millis(50);

/// A text that is asked for.
#[derive(Clone)]
pub(crate) struct Wanted {
    /// The tokens that it follows on.
    pub(crate) prompt: Vec<u32>,
    /// How it is written.
    pub(crate) writing: Writing,
    /// Bytes that all texts written at the time may keep together; one text alone may have more.
    pub(crate) room: u64,
}

/// What is told of a text on the way: what was added to it, or nothing while it waits. Whether to go on is
/// the answer.
pub(crate) type Listener<'a> = dyn FnMut(Option<&str>) -> bool + 'a;

/// The threads that write, by model.
#[derive(Default)]
pub(crate) struct Writers(Mutex<HashMap<String, Sender<Asked>>>);

/// A request, as its thread has it.
struct Asked {
    wanted: Wanted,
    parts: Sender<Result<Gave>>,
    /// Parts that were heard; gone with who listens.
    heard: Weak<AtomicUsize>,
}

impl Writers {
    /// Writes a text by the model that `what` names, together with those that others want of it.
    ///
    /// # Errors
    /// [`Error::Cancelled`] once `listener` says no, [`Error::Model`] for a prompt that does not fit.
    pub(crate) fn write(
        &self,
        what: &str,
        generator: &Arc<Generator>,
        wanted: Wanted,
        listener: &mut Listener,
    ) -> Result<Text> {
        loop {
            let (parts, given) = channel();
            let heard = Arc::new(AtomicUsize::new(0));
            let asked = Asked { wanted: wanted.clone(), parts, heard: Arc::downgrade(&heard) };
            self.ask(what, generator, asked)?;
            // Nothing at all: the thread had just ended when the request came.
            if let Some(written) = listen(&given, &heard, listener) {
                return written;
            }
        }
    }

    /// Hands a request to the model's thread, begun where there is none.
    fn ask(&self, what: &str, generator: &Arc<Generator>, asked: Asked) -> Result<()> {
        let mut threads = held(&self.0);
        let refused = match threads.get(what) {
            Some(thread) => thread.send(asked).err().map(|refused| refused.0),
            None => Some(asked),
        };
        let Some(asked) = refused else { return Ok(()) };
        let (thread, requests) = channel();
        let _ = thread.send(asked);
        let generator = Arc::clone(generator);
        std::thread::Builder::new()
            .name("writing".to_owned())
            .spawn(move || thread::serve(&generator, &requests))
            .map_err(|error| Error::Internal { reason: error.to_string() })?;
        threads.insert(what.to_owned(), thread);
        Ok(())
    }
}

/// Hears a text to its end; none where its thread is gone.
fn listen(
    given: &Receiver<Result<Gave>>,
    heard: &AtomicUsize,
    listener: &mut Listener,
) -> Option<Result<Text>> {
    loop {
        let gave = match given.recv_timeout(LOOK) {
            Ok(Ok(gave)) => Some(gave),
            Ok(Err(error)) => return Some(Err(error)),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return None,
        };
        let goes_on = match &gave {
            Some(Gave::Added(added) | Gave::Ended(added, _)) => listener(Some(added)),
            _ => listener(None),
        };
        if !goes_on {
            return Some(Err(Error::Cancelled));
        }
        match gave {
            Some(Gave::Ended(_, text)) => return Some(Ok(text)),
            Some(Gave::Failed(error)) => return Some(Err(error.into())),
            Some(Gave::Read | Gave::Added(_)) => _ = heard.fetch_add(1, Ordering::Relaxed),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Barrier;
    use std::sync::atomic::AtomicBool;

    use mirante_neural::generate::Sampling;

    use super::*;

    fn generator() -> Arc<Generator> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/goldens/transformers/decoders/llama-tied");
        Arc::new(Generator::open(folder).expect("a model"))
    }

    fn wanted(seed: u64, most: usize) -> Wanted {
        let sampling = Sampling { temperature: 1.5, seed, ..Sampling::greedy() };
        let prompt = vec![5 + seed as u32; 4 + seed as usize];
        Wanted { prompt, writing: Writing { most, sampling }, room: u64::MAX }
    }

    fn alone(generator: &Generator, wanted: &Wanted) -> Text {
        let prompts = std::slice::from_ref(&wanted.prompt);
        let texts = generator.write(prompts, wanted.writing, 1, &mut |_, _| true);
        texts.expect("a text").remove(0)
    }

    /// A seed whose text does not end by itself.
    fn long(generator: &Generator, most: usize) -> u64 {
        (0..50)
            .find(|&seed| alone(generator, &wanted(seed, most)).written == most)
            .expect("a long text")
    }

    #[test]
    fn those_who_ask_at_once_get_what_they_would_get_alone() {
        let (writers, generator) = (Writers::default(), generator());
        let begin = Barrier::new(8);
        std::thread::scope(|scope| {
            for seed in 0..8 {
                let (writers, generator, begin) = (&writers, &generator, &begin);
                scope.spawn(move || {
                    let wanted = wanted(seed, 30 + seed as usize);
                    let mut told = String::new();
                    let mut listener = |added: Option<&str>| {
                        told.extend(added);
                        true
                    };
                    begin.wait();
                    let text = writers.write("m", generator, wanted.clone(), &mut listener);
                    let text = text.unwrap();
                    assert_eq!(text, alone(generator, &wanted));
                    assert_eq!(text.text, told);
                });
            }
        });
    }

    #[test]
    fn one_who_does_not_listen_holds_up_nobody_and_leaves_when_told() {
        let (writers, generator) = (Writers::default(), generator());
        let most = 100;
        let first = long(&generator, most);
        let is_other_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (begun, has_begun) = channel();
            let other = &is_other_done;
            let (writers, generator) = (&writers, &generator);
            let stopped = scope.spawn(move || {
                let mut listener = |added: Option<&str>| {
                    if added.is_some() {
                        begun.send(()).expect("who waits for it");
                        // Paused for as long as the other writes.
                        while !other.load(Ordering::Relaxed) {
                            std::thread::yield_now();
                        }
                        return false;
                    }
                    true
                };
                writers.write("m", generator, wanted(first, most), &mut listener)
            });
            has_begun.recv().unwrap();
            let second = wanted(first + 1, most);
            let text = writers.write("m", generator, second.clone(), &mut |_| true).unwrap();
            is_other_done.store(true, Ordering::Relaxed);
            assert_eq!(text, alone(generator, &second));
            assert!(matches!(stopped.join().unwrap(), Err(Error::Cancelled)));
        });
    }

    #[test]
    fn what_there_is_no_room_for_waits_and_can_be_given_up_while_it_waits() {
        let (writers, generator) = (Writers::default(), generator());
        let most = 100;
        let first = long(&generator, most);
        std::thread::scope(|scope| {
            let (begun, has_begun) = channel();
            let (go_on, may_go_on) = channel::<()>();
            let (writers, generator) = (&writers, &generator);
            let ended = scope.spawn(move || {
                let mut is_first = true;
                let mut listener = |added: Option<&str>| {
                    if added.is_some() && std::mem::take(&mut is_first) {
                        begun.send(()).expect("who waits for it");
                        may_go_on.recv().expect("word");
                    }
                    true
                };
                writers.write("m", generator, wanted(first, most), &mut listener)
            });
            has_begun.recv().unwrap();
            let narrow = Wanted { room: 1, ..wanted(1, 3) };
            let mut looks = 0;
            let mut waits = |added: Option<&str>| {
                assert!(added.is_none(), "there was no room");
                looks += 1;
                looks < 3
            };
            let given_up = writers.write("m", generator, narrow.clone(), &mut waits);
            assert!(matches!(given_up, Err(Error::Cancelled)));
            go_on.send(()).unwrap();
            // Its turn comes when the first has ended.
            let text = writers.write("m", generator, narrow.clone(), &mut |_| true).unwrap();
            assert_eq!(text, alone(generator, &narrow));
            assert_eq!(ended.join().unwrap().unwrap().written, most);
        });
    }

    #[test]
    fn a_prompt_that_does_not_fit_fails_alone() {
        let (writers, generator) = (Writers::default(), generator());
        let too_long = Wanted { prompt: vec![5; 1000], ..wanted(1, 3) };
        let failed = writers.write("m", &generator, too_long, &mut |_| true).unwrap_err();
        assert_eq!(failed.code(), "model_refused");
        writers.write("m", &generator, wanted(1, 3), &mut |_| true).unwrap();
    }
}
