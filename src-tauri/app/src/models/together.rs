//! Requests that come while a model is at work wait, and then go through it together: the products of
//! many texts cost less than those of each. One thread does it for all who ask a model the same way, so
//! that what the work needs of memory is needed once, not by everyone who asks.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::lock::held;
use crate::queue::panic_text;

/// Texts of a request from which on it goes alone.
pub(crate) const FEW: usize = 64;
/// Without requests for so long the thread ends, and with it its hold on the model.
const IDLE: Duration = Duration::from_secs(5);
/// Most items that go together.
const MOST: usize = 256;

/// What makes results of items; it must make the same of an item in any company.
pub(crate) type Work<I, O> = Arc<dyn Fn(Vec<I>) -> Result<Vec<O>> + Send + Sync>;

/// A request that waits.
struct Waiting<I, O> {
    items: Vec<I>,
    work: Work<I, O>,
    answer: Sender<Result<Vec<O>>>,
}

/// Those who wait for one model.
pub(crate) struct Together<I, O>(Mutex<Option<Sender<Waiting<I, O>>>>);

impl<I, O> Default for Together<I, O> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<I: Clone + Send + 'static, O: Send + 'static> Together<I, O> {
    /// A result for every item.
    ///
    /// # Errors
    /// What `work` fails with for these items.
    pub(crate) fn ask(&self, items: Vec<I>, work: Work<I, O>) -> Result<Vec<O>> {
        loop {
            let (answer, answered) = channel();
            let waiting = Waiting { items: items.clone(), work: Arc::clone(&work), answer };
            let mut sender = held(&self.0);
            let refused = match sender.as_ref() {
                Some(sender) => sender.send(waiting).err().map(|refused| refused.0),
                None => Some(waiting),
            };
            if let Some(waiting) = refused {
                let (new, requests) = channel();
                let _ = new.send(waiting);
                std::thread::Builder::new()
                    .name("model".to_owned())
                    .spawn(move || serve(&requests))
                    .map_err(|error| Error::Internal { reason: error.to_string() })?;
                *sender = Some(new);
            }
            drop(sender);
            // No answer: the thread had just ended when the request came.
            if let Ok(answer) = answered.recv() {
                return answer;
            }
        }
    }
}

/// Answers requests until none comes any more.
fn serve<I: Clone, O>(requests: &Receiver<Waiting<I, O>>) {
    loop {
        let first = match requests.recv_timeout(IDLE) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        };
        let mut all = vec![first];
        let mut count = all[0].items.len();
        while count < MOST
            && let Ok(next) = requests.try_recv()
        {
            count += next.items.len();
            all.push(next);
        }
        let joined = all.iter().flat_map(|one| one.items.iter().cloned()).collect();
        match done(&all[0].work, joined) {
            Ok(results) => {
                let mut results = results.into_iter();
                for one in all {
                    // Who does not wait any more needs no answer.
                    let _ = one.answer.send(Ok(results.by_ref().take(one.items.len()).collect()));
                }
            }
            Err(error) if all.len() == 1 => {
                let _ = all[0].answer.send(Err(error));
            }
            // One that cannot be done must not fail the others.
            Err(_) => {
                for one in all {
                    let _ = one.answer.send(done(&one.work, one.items));
                }
            }
        }
    }
}

/// What comes of the work. A panic is an answer too: who asked would else ask for ever.
fn done<I, O>(work: &Work<I, O>, items: Vec<I>) -> Result<Vec<O>> {
    catch_unwind(AssertUnwindSafe(|| work(items)))
        .unwrap_or_else(|panic| Err(Error::Internal { reason: panic_text(&*panic) }))
}

/// Those who wait, by what they wait for.
#[derive(Default)]
pub(crate) struct Queues(Mutex<HashMap<String, Arc<dyn Any + Send + Sync>>>);

impl Queues {
    /// Those who wait for `what`: a model, and how it is asked.
    pub(crate) fn of<I, O>(&self, what: &str) -> Arc<Together<I, O>>
    where
        I: Clone + Send + 'static,
        O: Send + 'static,
    {
        let mut queues = held(&self.0);
        let known = queues.get(what).cloned().and_then(|queue| queue.downcast().ok());
        known.unwrap_or_else(|| {
            let queue = Arc::new(Together::default());
            queues.insert(what.to_owned(), queue.clone());
            queue
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn those_who_wait_go_together_and_each_gets_its_own() {
        let queue = Arc::new(Together::<u32, u32>::default());
        let passes = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..20)
            .map(|at| {
                let (queue, passes) = (Arc::clone(&queue), Arc::clone(&passes));
                std::thread::spawn(move || {
                    let work: Work<u32, u32> = Arc::new(move |items| {
                        passes.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(Duration::from_millis(20));
                        Ok(items.into_iter().map(|item| item * 2).collect())
                    });
                    let results = queue.ask(vec![at, at + 100], work);
                    assert_eq!(results.unwrap(), [at * 2, at * 2 + 200]);
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(passes.load(Ordering::Relaxed) < 20, "nobody waited for another");
    }

    #[test]
    fn one_that_cannot_be_done_fails_alone() {
        let queue = Arc::new(Together::<u32, u32>::default());
        let threads: Vec<_> = (0..8)
            .map(|at| {
                let queue = Arc::clone(&queue);
                std::thread::spawn(move || {
                    let work: Work<u32, u32> = Arc::new(|items| {
                        std::thread::sleep(Duration::from_millis(10));
                        if items.contains(&3) { Err(Error::NoText) } else { Ok(items) }
                    });
                    let results = queue.ask(vec![at], work);
                    assert_eq!(results.is_err(), at == 3, "{at}");
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }

    #[test]
    fn a_panic_is_an_answer() {
        let work: Work<u32, u32> = Arc::new(|_| panic!("broken"));
        let failed = Together::default().ask(vec![1], work).unwrap_err();
        assert!(failed.to_string().contains("broken"), "{failed}");
    }
}
