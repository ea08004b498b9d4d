//! What clustering says of how far it is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests may; the lint spares test functions only"
)]

use std::sync::Mutex;

use mirante_data::cluster::{KMeansParams, NInit, kmeans, suggest_k};
use mirante_data::progress::{Cancelled, Progress, Unwatched};
use mirante_data::text::TokenParams;
use mirante_data::tfidf::{SparseRows, TermCounter, TfidfParams, fit};

/// Rows of a few words each, drawn so that k-means takes a while to settle.
fn rows() -> SparseRows {
    let mut counter = TermCounter::new(TokenParams::default());
    let mut state = 7_u32;
    for _ in 0..3_000 {
        let mut text = String::new();
        for _ in 0..8 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text += &format!("palavra{} ", (state >> 16) % 60);
        }
        counter.text(text.as_bytes());
        counter.end_document();
    }
    fit(vec![counter], &TfidfParams::default(), &Unwatched).unwrap().1
}

/// Keeps what it is told.
#[derive(Default)]
struct Told {
    steps: Mutex<Vec<(&'static str, Option<u64>)>>,
    at: Mutex<Vec<u64>>,
}

impl Progress for Told {
    fn step(&self, name: &'static str, total: Option<u64>) {
        self.steps.lock().unwrap().push((name, total));
    }
    fn at(&self, done: u64) {
        self.at.lock().unwrap().push(done);
    }
    fn check(&self) -> Result<(), Cancelled> {
        Ok(())
    }
}

impl Told {
    /// The one step there was, its length, and all that was told of it.
    fn whole(self) -> (&'static str, u64, Vec<u64>) {
        let steps = self.steps.into_inner().unwrap();
        assert_eq!(steps.len(), 1, "{steps:?}");
        (steps[0].0, steps[0].1.unwrap(), self.at.into_inner().unwrap())
    }
}

#[test]
fn a_single_run_is_told_iteration_by_iteration() {
    let params = KMeansParams { clusters: 8, n_init: NInit::Auto, ..KMeansParams::default() };
    let told = Told::default();
    let found = kmeans(&rows(), &params, &told).unwrap();
    let (name, total, at) = told.whole();
    assert_eq!(name, "cluster");
    assert!(found.iterations > 5, "{}", found.iterations);
    assert_eq!(at.len(), found.iterations, "one for each iteration, the last for the end");
    assert!(at.is_sorted(), "{at:?}");
    assert_eq!(at.last(), Some(&total));
    // Half of the iterations are told as about half of the way, not as their share of 300.
    let middle = at[at.len() / 2] as f64 / total as f64;
    assert!((0.2..0.9).contains(&middle), "{middle} of {at:?}");
}

#[test]
fn several_runs_are_told_as_one_way() {
    let params = KMeansParams { clusters: 5, n_init: NInit::Count(4), ..KMeansParams::default() };
    for threads in [1, 2] {
        let told = Told::default();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| kmeans(&rows(), &params, &told)).unwrap();
        let (_, total, at) = told.whole();
        assert!(at.is_sorted() && at.last() == Some(&total), "{at:?}");
        // Runs over few rows go side by side, as many as there are threads.
        for run in (threads as u64..=4).step_by(threads) {
            assert!(at.contains(&(total / 4 * run)), "the end of run {run}: {at:?}");
        }
        assert!(at.len() > 4 * 4, "{at:?}");
    }
}

#[test]
fn trying_several_numbers_is_one_step() {
    let told = Told::default();
    suggest_k(&rows(), 2..=5, &KMeansParams::default(), 200, &told).unwrap();
    let (name, total, at) = told.whole();
    assert_eq!(name, "suggest");
    assert!(at.is_sorted() && at.last() == Some(&total), "{at:?}");
    assert!(at.len() > 4 * 3, "{at:?}");
}
