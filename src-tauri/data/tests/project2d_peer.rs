//! Figures that scikit-learn 1.9.1 gave for inputs written as formulas (`bench/map/goldens.py`).
#![allow(clippy::unwrap_used)]

use mirante_data::progress::Unwatched;
use mirante_data::project2d::{Dense, ProjectError, SparseRows, svd, trustworthiness};

/// The formulas' rows and points.
fn formula() -> (Dense, Vec<[f32; 2]>) {
    let high =
        |i: usize, j: usize| ((i * i * 7919 + j * 104_729 + i * j * 31) % 1009) as f64 / 1009.0;
    let low = |i: usize, j: usize| {
        let own = ((i * 631 + j * 379 + i * i * 17) % 1013) as f64 / 1013.0;
        (0.6 * f64::from(high(i, j) as f32) + 0.4 * f64::from(own as f32)) as f32
    };
    let values = (0..60).flat_map(|i| (0..5).map(move |j| high(i, j) as f32)).collect();
    let points = (0..60).map(|i| [low(i, 0), low(i, 1)]).collect();
    (Dense { rows: 60, dims: 5, values }, points)
}

#[test]
fn trustworthiness_is_scikit_learns() {
    let (high, low) = formula();
    let golden = [
        (1, 0.709_770_114_942_528_7),
        (5, 0.661_858_974_358_974_3),
        (15, 0.685_195_195_195_195_2),
        (29, 0.669_252_873_563_218_4),
    ];
    for (k, expected) in golden {
        let found = trustworthiness(&high, &low, k, None, 0).unwrap();
        assert!((found - expected).abs() < 1e-12, "k = {k}: {found}");
    }
    // A sample as large as the whole is the whole; a smaller one comes near.
    let whole = trustworthiness(&high, &low, 5, Some(60), 3).unwrap();
    assert!((whole - golden[1].1).abs() < 1e-12);
    let sampled = trustworthiness(&high, &low, 5, Some(40), 3).unwrap();
    assert!((sampled - golden[1].1).abs() < 0.05, "{sampled}");
}

#[test]
fn a_map_that_changes_nothing_is_trusted_wholly_and_a_wrong_question_is_an_error() {
    let (_, low) = formula();
    let high = Dense { rows: 60, dims: 2, values: low.iter().flatten().copied().collect() };
    assert_eq!(trustworthiness(&high, &low, 15, None, 0).unwrap(), 1.0);
    // Equal rows on one spot are no fault either.
    let alike = Dense { rows: 40, dims: 1, values: vec![0.5; 40] };
    assert!(trustworthiness(&alike, &[[0.0; 2]; 40], 5, None, 0).unwrap() > 0.99);
    for k in [0, 30] {
        let error = trustworthiness(&high, &low, k, None, 0).unwrap_err();
        assert!(matches!(error, ProjectError::NeighbourCount { rows: 60, .. }), "{error}");
    }
    let error = trustworthiness(&high, &low[1..], 5, None, 0).unwrap_err();
    assert!(matches!(error, ProjectError::PointCount { points: 59, rows: 60 }), "{error}");
}

/// Sparse rows by a formula, with `spare` empty columns before each one of its thirty.
struct Formula {
    spare: usize,
}

impl SparseRows for Formula {
    fn rows(&self) -> usize {
        80
    }
    fn columns(&self) -> usize {
        30 * (self.spare + 1)
    }
    fn for_each(&self, i: usize, f: &mut dyn FnMut(usize, f32)) {
        for j in 0..30 {
            if (i * i * 13 + j * 29 + i * j * 5 + j * j * 3) % 11 < 2 {
                let value =
                    ((i * 37 + j * 11) % 23 + 1) as f64 / 23.0 * (1.0 + 3.0 / (j + 1) as f64);
                f(j * (self.spare + 1) + self.spare, value as f32);
            }
        }
    }
}

#[test]
fn singular_values_and_rows_are_scikit_learns() {
    const VALUES: [f64; 4] = [
        8.547_445_074_876_544,
        7.276_911_458_743_407,
        5.798_005_507_498_554,
        4.649_792_227_196_546,
    ];
    const FIRST: [f64; 4] = [
        0.403_387_042_342_994_94,
        0.912_885_939_390_664_2,
        0.081_979_580_829_773_19,
        0.164_273_381_361_965_74,
    ];
    // Few columns and many take different ways to the same answer.
    for (spare, tolerance) in [(0, 1e-5), (99, 1e-3)] {
        let reduced = svd(&Formula { spare }, 4, 9, &Unwatched).unwrap();
        assert_eq!((reduced.rows, reduced.dims, reduced.values.len()), (80, 4, 320));
        for at in 0..4 {
            let squares: f64 = (0..80).map(|row| f64::from(reduced.row(row)[at]).powi(2)).sum();
            assert!((squares.sqrt() - VALUES[at]).abs() < tolerance, "{spare}: {}", squares.sqrt());
            let first = f64::from(reduced.row(0)[at]).abs();
            assert!((first - FIRST[at]).abs() < tolerance * 10.0, "{spare}, {at}: {first}");
        }
    }
}

#[test]
fn the_reduction_does_not_depend_on_threads_and_takes_any_shape() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| svd(&Formula { spare: 99 }, 10, 1, &Unwatched).unwrap())
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(4));
    // More dimensions asked for than there are columns.
    assert_eq!(svd(&Formula { spare: 0 }, 50, 1, &Unwatched).unwrap().dims, 30);
    assert_eq!(svd(&Formula { spare: 0 }, 0, 1, &Unwatched).unwrap().dims, 0);

    struct Empty(usize);
    impl SparseRows for Empty {
        fn rows(&self) -> usize {
            self.0
        }
        fn columns(&self) -> usize {
            0
        }
        fn for_each(&self, _row: usize, _f: &mut dyn FnMut(usize, f32)) {}
    }
    for rows in [0, 3] {
        let reduced = svd(&Empty(rows), 5, 1, &Unwatched).unwrap();
        assert_eq!((reduced.rows, reduced.dims), (rows, 0));
    }
}

#[test]
fn an_entry_that_is_no_number_is_named() {
    struct Broken;
    impl SparseRows for Broken {
        fn rows(&self) -> usize {
            10
        }
        fn columns(&self) -> usize {
            4
        }
        fn for_each(&self, row: usize, f: &mut dyn FnMut(usize, f32)) {
            f(row % 4, if row == 6 { f32::INFINITY } else { 1.0 });
        }
    }
    let error = svd(&Broken, 2, 1, &Unwatched).unwrap_err();
    assert!(matches!(error, ProjectError::NotFinite { row: 6, column: 2, .. }), "{error}");
}
