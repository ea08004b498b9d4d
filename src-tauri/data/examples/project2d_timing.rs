//! Times what a screen waits for: a lasso and the view's box over a million points, and the
//! reduction of sparse rows. `project2d_timing [ROWS]`.

use std::time::Instant;

use mirante_data::progress::Unwatched;
use mirante_data::project2d::{ProjectError, SparseRows, points_in_polygon, svd, view_bounds};

fn main() -> Result<(), ProjectError> {
    let rows = std::env::args().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let points: Vec<[f32; 2]> = (0..rows as u64)
        .map(|at| [unit(2 * at) * 20.0 - 10.0, unit(2 * at + 1) * 20.0 - 10.0])
        .collect();
    // A wavy ring of 300 corners round a third of the points.
    let lasso: Vec<[f32; 2]> = (0..300)
        .map(|at| {
            let angle = at as f32 * std::f32::consts::TAU / 300.0;
            let radius = 6.0 + (angle * 9.0).sin();
            [angle.cos() * radius, angle.sin() * radius]
        })
        .collect();
    for _ in 0..3 {
        let started = Instant::now();
        let inside = points_in_polygon(&points, &lasso).len();
        println!("lasso: {inside} of {rows} points in {:?}", started.elapsed());
    }
    let started = Instant::now();
    let bounds = view_bounds(&points);
    println!("view: {bounds:?} in {:?}", started.elapsed());
    for columns in [500, 5_000] {
        let started = Instant::now();
        let reduced = svd(&Generated { rows, columns }, 50, 1, &Unwatched)?;
        println!("svd: {rows} × {columns} to {} in {:?}", reduced.dims, started.elapsed());
    }
    Ok(())
}

/// A number in [0, 1) for a place in a sequence.
fn unit(at: u64) -> f32 {
    let mixed = (at.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 40) as f32 / (1_u32 << 24) as f32
}

/// Rows of about 25 entries, common columns more often.
struct Generated {
    rows: usize,
    columns: usize,
}

impl SparseRows for Generated {
    fn rows(&self) -> usize {
        self.rows
    }
    fn columns(&self) -> usize {
        self.columns
    }
    fn for_each(&self, row: usize, f: &mut dyn FnMut(usize, f32)) {
        let mut column = 0.0;
        for at in 0.. {
            column += 1.0 + unit((row * 64 + at) as u64).powi(2) * (self.columns as f32 / 9.0);
            if column >= self.columns as f32 {
                break;
            }
            f(column as usize, 0.2);
        }
    }
}
