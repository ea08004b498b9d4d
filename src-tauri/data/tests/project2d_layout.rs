//! The layout as its callers see it: the same for one seed, groups apart, equal rows together,
//! stoppable, and calm about small or wrong inputs.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mirante_data::progress::{Cancelled, Progress, Unwatched};
use mirante_data::project2d::{
    Dense, LayoutParams, ProjectError, layout, memory_estimate, trustworthiness, view_bounds,
};

/// Numbers in [0, 1) from a linear congruential sequence.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 40) as f32 / (1_u32 << 24) as f32
    }
}

/// `rows` rows in `groups` round groups, one after the other in turn.
fn groups(rows: usize, dims: usize, groups: usize) -> Dense {
    let mut numbers = Numbers(11);
    let centres: Vec<f32> = (0..groups * dims).map(|_| numbers.next() * 4.0).collect();
    let mut values = Vec::with_capacity(rows * dims);
    for row in 0..rows {
        for dim in 0..dims {
            let noise = numbers.next() + numbers.next() - 1.0;
            values.push(centres[row % groups * dims + dim] + noise);
        }
    }
    Dense { rows, dims, values }
}

fn quick(epochs: u32) -> LayoutParams {
    LayoutParams { epochs, ..LayoutParams::default() }
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn the_same_points_with_one_two_and_four_threads() {
    // Below and above the size up to which all pairs are compared.
    for rows in [1_500, 6_000] {
        let rows = groups(rows, 20, 7);
        let one = with_threads(1, || layout(&rows, &quick(40), &Unwatched).unwrap());
        for threads in [2, 4] {
            let more = with_threads(threads, || layout(&rows, &quick(40), &Unwatched).unwrap());
            assert!(one == more, "{threads} threads, {} rows", rows.rows);
        }
        let other = LayoutParams { seed: 7, ..quick(40) };
        assert!(one != layout(&rows, &other, &Unwatched).unwrap(), "the seed changes nothing");
    }
}

#[test]
fn the_same_points_with_any_threads_when_most_rows_are_placed() {
    let rows = groups(40_500, 8, 20);
    let of = |threads| with_threads(threads, || layout(&rows, &quick(10), &Unwatched).unwrap());
    let one = of(1);
    assert!(one == of(2));
    assert!(one == of(4));
    let trust = trustworthiness(&rows, &one, 15, Some(200), 1).unwrap();
    assert!(trust > 0.9, "{trust}");
}

#[test]
fn groups_lie_apart() {
    let rows = groups(3_000, 50, 6);
    let points = layout(&rows, &LayoutParams::default(), &Unwatched).unwrap();
    let mut own = 0;
    for (row, point) in points.iter().enumerate() {
        let nearest = (0..points.len())
            .filter(|&other| other != row)
            .min_by(|&a, &b| distance(*point, points[a]).total_cmp(&distance(*point, points[b])))
            .unwrap();
        own += usize::from(nearest % 6 == row % 6);
    }
    assert!(own >= 2_990, "{own} of 3000 lie next to their own");
    // Six groups in 50 dimensions are almost all there is to keep.
    let trust = trustworthiness(&rows, &points, 15, None, 0).unwrap();
    assert!(trust > 0.9, "{trust}");
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[test]
fn equal_rows_share_a_spot_and_do_not_fly_off() {
    let mut rows = groups(2_000, 20, 5);
    // 300 rows all alike, one of the groups' own, and 100 empty ones.
    let alike = rows.row(4).to_vec();
    for _ in 0..300 {
        rows.values.extend_from_slice(&alike);
    }
    rows.values.extend(std::iter::repeat_n(0.0, 100 * 20));
    rows.rows = 2_400;
    let points = layout(&rows, &LayoutParams::default(), &Unwatched).unwrap();
    assert!(points[2_000..2_300].iter().all(|&point| point == points[4]));
    assert!(points[2_300..].iter().all(|&point| point == points[2_300]));
    let view = view_bounds(&points);
    for point in [points[4], points[2_300]] {
        for axis in 0..2 {
            assert!((view.min[axis]..view.max[axis]).contains(&point[axis]), "{point:?} {view:?}");
        }
    }
}

#[test]
fn few_rows_have_a_map_too() {
    for rows in 0..40 {
        let rows = groups(rows, 3, 2);
        let points = layout(&rows, &LayoutParams::default(), &Unwatched).unwrap();
        assert_eq!(points.len(), rows.rows);
        assert!(points.iter().flatten().all(|value| value.is_finite() && value.abs() < 1e4));
        for (at, point) in points.iter().enumerate() {
            assert!(!points[..at].contains(point), "two of {} rows on one spot", rows.rows);
        }
    }
    let alike = Dense { rows: 9, dims: 2, values: vec![1.5; 18] };
    assert_eq!(layout(&alike, &quick(10), &Unwatched).unwrap(), vec![[0.0; 2]; 9]);
    let widthless = Dense { rows: 3, dims: 0, values: Vec::new() };
    assert_eq!(layout(&widthless, &quick(10), &Unwatched).unwrap(), vec![[0.0; 2]; 3]);
    // More neighbours asked for than there are rows, none, and no epochs.
    let rows = groups(10, 3, 2);
    for (neighbours, epochs) in [(50, 5), (0, 5), (3, 0)] {
        let params = LayoutParams { neighbours, epochs, ..LayoutParams::default() };
        assert_eq!(layout(&rows, &params, &Unwatched).unwrap().len(), 10);
    }
}

#[test]
fn extreme_values_stay_finite() {
    let values = (0..600).map(|at| if at % 3 == 0 { 3e37 } else { at as f32 * 1e-30 }).collect();
    let rows = Dense { rows: 200, dims: 3, values };
    let points = layout(&rows, &quick(50), &Unwatched).unwrap();
    assert!(points.iter().flatten().all(|value| value.is_finite()));
}

#[test]
fn errors_say_where_and_how_much() {
    let mut rows = groups(30, 4, 2);
    rows.values[4 * 17 + 2] = f32::NAN;
    let error = layout(&rows, &quick(10), &Unwatched).unwrap_err();
    assert!(matches!(error, ProjectError::NotFinite { row: 17, column: 2, .. }), "{error}");

    rows.values.pop();
    let error = layout(&rows, &quick(10), &Unwatched).unwrap_err();
    assert!(matches!(error, ProjectError::Shape { rows: 30, dims: 4, values: 119 }), "{error}");

    let rows = groups(1_000, 50, 2);
    let needed = memory_estimate(1_000, 50);
    let params = LayoutParams { memory_limit: Some(needed - 1), ..quick(10) };
    let error = layout(&rows, &params, &Unwatched).unwrap_err();
    assert!(matches!(error, ProjectError::Memory { limit, .. } if limit + 1 == needed), "{error}");
    let params = LayoutParams { memory_limit: Some(needed), ..quick(10) };
    assert!(layout(&rows, &params, &Unwatched).is_ok());
}

/// Asks to stop a while after a step begins, and measures how long the work then goes on.
struct StopIn {
    step: &'static str,
    after: Duration,
    begun: std::sync::Mutex<Option<Instant>>,
    asked: std::sync::Mutex<Option<Instant>>,
}

impl Progress for StopIn {
    fn step(&self, name: &'static str, _total: Option<u64>) {
        if name == self.step {
            *self.begun.lock().unwrap() = Some(Instant::now());
        }
    }
    fn at(&self, _done: u64) {}
    fn check(&self) -> Result<(), Cancelled> {
        let begun = *self.begun.lock().unwrap();
        if begun.is_some_and(|begun| begun.elapsed() >= self.after) {
            self.asked.lock().unwrap().get_or_insert_with(Instant::now);
            return Err(Cancelled);
        }
        Ok(())
    }
}

#[test]
fn a_stop_takes_effect_within_half_a_second() {
    let rows = groups(20_000, 50, 30);
    for (step, after) in [("neighbours", 0), ("neighbours", 300), ("layout", 0), ("layout", 400)] {
        let after = Duration::from_millis(after);
        let stop = StopIn { step, after, begun: None.into(), asked: None.into() };
        // The answer comes soon after the wish: measured from the moment the wish could be seen.
        let result = layout(&rows, &LayoutParams::default(), &stop);
        let late = stop.begun.lock().unwrap().unwrap().elapsed() - after;
        assert!(matches!(result, Err(ProjectError::Cancelled(Cancelled))), "{step}: not stopped");
        assert!(late < Duration::from_millis(500), "{step} after {after:?}: {late:?} late");
    }
}

/// Checks that progress never exceeds its step's total and that steps come in order.
#[derive(Default)]
struct Watched {
    total: AtomicU64,
    most: AtomicU64,
    beyond: AtomicBool,
    steps: std::sync::Mutex<Vec<(&'static str, u64)>>,
}

impl Progress for Watched {
    fn step(&self, name: &'static str, total: Option<u64>) {
        self.total.store(total.unwrap(), Ordering::SeqCst);
        self.most.store(0, Ordering::SeqCst);
        self.steps.lock().unwrap().push((name, 0));
    }
    fn at(&self, done: u64) {
        let most = self.most.fetch_max(done, Ordering::SeqCst).max(done);
        self.steps.lock().unwrap().last_mut().unwrap().1 = most;
        if done > self.total.load(Ordering::SeqCst) {
            self.beyond.store(true, Ordering::SeqCst);
        }
    }
    fn check(&self) -> Result<(), Cancelled> {
        Ok(())
    }
}

#[test]
fn progress_counts_to_the_end_of_each_step() {
    let watched = Watched::default();
    layout(&groups(5_000, 10, 4), &quick(25), &watched).unwrap();
    assert!(!watched.beyond.load(Ordering::SeqCst));
    assert_eq!(*watched.steps.lock().unwrap(), [("neighbours", 25_000), ("layout", 25)]);
}
