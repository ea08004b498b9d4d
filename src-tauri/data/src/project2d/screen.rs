//! What a screen asks of the points: the part to show, and those inside a lasso.

use rayon::prelude::*;

/// A box in the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The least x and y.
    pub min: [f32; 2],
    /// The greatest x and y.
    pub max: [f32; 2],
}

/// The box to show first: it leaves out at most one point in 200 at each side of each axis, so
/// that a few stray points do not shrink all others to a dot, and adds a margin of 4 %. It never
/// reaches further than all points and their margin. No points give the box from -1 to 1.
#[must_use]
pub fn view_bounds(points: &[[f32; 2]]) -> Bounds {
    const CUT: usize = 200;
    // How far beyond the cut a point may lie, in box widths, and still be shown.
    const NEAR: f32 = 0.25;
    const MARGIN: f32 = 0.04;
    let mut bounds = Bounds { min: [-1.0; 2], max: [1.0; 2] };
    if points.is_empty() {
        return bounds;
    }
    for axis in 0..2 {
        let mut values: Vec<f32> = points.iter().map(|point| point[axis]).collect();
        let cut = values.len() / CUT;
        let end = values.len() - 1 - cut;
        let (_, &mut low, _) = values.select_nth_unstable_by(cut, f32::total_cmp);
        let (_, &mut high, _) = values.select_nth_unstable_by(end, f32::total_cmp);
        let reach = (high - low) * NEAR;
        let least = values.iter().copied().fold(low, f32::min).max(low - reach);
        let most = values.iter().copied().fold(high, f32::max).min(high + reach);
        // Points on one spot get a box around them all the same.
        let margin = if most > least { (most - least) * MARGIN } else { 1.0 };
        bounds.min[axis] = least - margin;
        bounds.max[axis] = most + margin;
    }
    bounds
}

/// The numbers, ascending, of the points inside a polygon by the even–odd rule; the polygon closes
/// itself and may cross itself. Fewer than three corners, or a corner that is not finite, hold
/// none.
#[must_use]
pub fn points_in_polygon(points: &[[f32; 2]], polygon: &[[f32; 2]]) -> Vec<u32> {
    const BLOCK: usize = 16_384;
    let Some(raster) = Raster::new(polygon) else { return Vec::new() };
    let blocks: Vec<Vec<u32>> = points
        .par_chunks(BLOCK)
        .enumerate()
        .map(|(block, points)| {
            // Written always and kept by moving on, which no branch predictor can get wrong.
            let mut inside = vec![0_u32; points.len() + 1];
            let mut count = 0;
            for (at, &point) in points.iter().enumerate() {
                inside[count] = (block * BLOCK + at) as u32;
                count += usize::from(raster.contains(point));
            }
            inside.truncate(count);
            inside
        })
        .collect();
    blocks.concat()
}

/// Cells along each axis of the polygon's box.
const CELLS: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Outside,
    Inside,
    /// An edge may pass through: its points are judged one by one.
    Crossed,
}

/// A polygon laid over cells, most of which lie inside or outside as a whole; and its edges, by
/// the row of cells they cross, for the points of the others.
struct Raster {
    bounds: Bounds,
    per_unit: [f64; 2],
    cells: Vec<Cell>,
    edges: Vec<Vec<[[f64; 2]; 2]>>,
}

impl Raster {
    fn new(polygon: &[[f32; 2]]) -> Option<Self> {
        if polygon.len() < 3 || polygon.iter().flatten().any(|value| !value.is_finite()) {
            return None;
        }
        let mut bounds = Bounds { min: polygon[0], max: polygon[0] };
        for corner in polygon {
            for (axis, &value) in corner.iter().enumerate() {
                bounds.min[axis] = bounds.min[axis].min(value);
                bounds.max[axis] = bounds.max[axis].max(value);
            }
        }
        let size = [0, 1].map(|axis| f64::from(bounds.max[axis]) - f64::from(bounds.min[axis]));
        if size.iter().any(|&size| size <= 0.0) {
            return None;
        }
        let mut raster = Self {
            bounds,
            per_unit: size.map(|size| CELLS as f64 / size),
            cells: vec![Cell::Outside; CELLS * CELLS],
            edges: vec![Vec::new(); CELLS],
        };
        let mut from = polygon[polygon.len() - 1];
        for &to in polygon {
            raster.cross(from.map(f64::from), to.map(f64::from));
            from = to;
        }
        raster.judge_cells();
        Some(raster)
    }

    /// Notes an edge in the rows it crosses, and marks the cells it may pass through.
    fn cross(&mut self, a: [f64; 2], b: [f64; 2]) {
        let (low, high) = if a[1] <= b[1] { (a, b) } else { (b, a) };
        for row in self.cell(1, low[1])..=self.cell(1, high[1]) {
            self.edges[row].push([a, b]);
            // The edge's x at the row's lower and upper side, within the edge.
            let side = |row: usize| {
                let y = f64::from(self.bounds.min[1]) + row as f64 / self.per_unit[1];
                let share = ((y - low[1]) / (high[1] - low[1])).clamp(0.0, 1.0);
                // A level edge has no share: it is wholly in this row.
                (!share.is_nan()).then_some(low[0] + share * (high[0] - low[0]))
            };
            let (enters, leaves) = (side(row).unwrap_or(a[0]), side(row + 1).unwrap_or(b[0]));
            // One cell more at each side, for what rounding moves.
            let first = self.cell(0, enters.min(leaves)).saturating_sub(1);
            let last = (self.cell(0, enters.max(leaves)) + 1).min(CELLS - 1);
            for row in row.saturating_sub(1)..=(row + 1).min(CELLS - 1) {
                self.cells[row * CELLS + first..=row * CELLS + last].fill(Cell::Crossed);
            }
        }
    }

    /// Finds out whether the cells without an edge lie inside, by their middles.
    fn judge_cells(&mut self) {
        for at in 0..self.cells.len() {
            if self.cells[at] != Cell::Crossed {
                let middle = [at % CELLS, at / CELLS];
                let [x, y] = [0, 1].map(|axis| {
                    f64::from(self.bounds.min[axis])
                        + (middle[axis] as f64 + 0.5) / self.per_unit[axis]
                });
                if even_odd(&self.edges[at / CELLS], x, y) {
                    self.cells[at] = Cell::Inside;
                }
            }
        }
    }

    /// The cell, along one axis, of a coordinate within the bounds.
    fn cell(&self, axis: usize, at: f64) -> usize {
        let cell = (at - f64::from(self.bounds.min[axis])) * self.per_unit[axis];
        (cell as usize).min(CELLS - 1)
    }

    fn contains(&self, point: [f32; 2]) -> bool {
        let Bounds { min, max } = self.bounds;
        let within = |axis: usize| point[axis] >= min[axis] && point[axis] <= max[axis];
        if !(within(0) && within(1)) {
            return false;
        }
        let [x, y] = point.map(f64::from);
        let row = self.cell(1, y);
        match self.cells[row * CELLS + self.cell(0, x)] {
            Cell::Outside => false,
            Cell::Inside => true,
            Cell::Crossed => even_odd(&self.edges[row], x, y),
        }
    }
}

/// Whether a ray to the right crosses an odd number of edges.
fn even_odd(edges: &[[[f64; 2]; 2]], x: f64, y: f64) -> bool {
    edges.iter().fold(false, |inside, [a, b]| {
        let crossed =
            (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0];
        inside != crossed
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project2d::random::signed_unit;

    fn scattered(count: u64) -> Vec<[f32; 2]> {
        (0..count).map(|at| [signed_unit(1, at) as f32, signed_unit(2, at) as f32]).collect()
    }

    #[test]
    fn a_lasso_holds_what_the_plain_rule_says() {
        // A star that crosses itself, so that even and odd differ.
        let star: Vec<[f32; 2]> = (0..5)
            .map(|at| {
                let angle = f64::from(at * 2) * std::f64::consts::TAU / 5.0;
                [(angle.sin() * 0.9) as f32, (angle.cos() * 0.9) as f32]
            })
            .collect();
        let points = scattered(20_000);
        let square = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]];
        let within: Vec<u32> = (0..points.len() as u32)
            .filter(|&at| points[at as usize].iter().all(|value| value.abs() < 0.5))
            .collect();
        assert_eq!(points_in_polygon(&points, &square), within);
        let plain: Vec<u32> = (0..points.len())
            .filter(|&at| {
                let [x, y] = points[at].map(f64::from);
                let mut inside = false;
                for (i, b) in star.iter().enumerate() {
                    let (a, b) = (star[(i + 4) % 5].map(f64::from), b.map(f64::from));
                    let crossing = (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0];
                    if (a[1] > y) != (b[1] > y) && x < crossing {
                        inside = !inside;
                    }
                }
                inside
            })
            .map(|at| at as u32)
            .collect();
        assert_eq!(points_in_polygon(&points, &star), plain);
        // The pentagon in the middle is crossed twice: outside.
        assert!(points_in_polygon(&[[0.0, 0.0]], &star).is_empty());
        assert!(plain.len() > 1000 && plain.len() < 10_000);
    }

    #[test]
    fn degenerate_polygons_hold_nothing() {
        let points = scattered(100);
        assert!(points_in_polygon(&points, &[]).is_empty());
        assert!(points_in_polygon(&points, &[[0.0, 0.0], [1.0, 1.0]]).is_empty());
        assert!(points_in_polygon(&points, &[[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]).is_empty());
        assert!(points_in_polygon(&points, &[[f32::NAN, 0.0], [1.0, 0.0], [2.0, 3.0]]).is_empty());
    }

    #[test]
    fn the_view_leaves_strays_out_and_keeps_what_is_near() {
        let mut points = scattered(10_000);
        let plain = view_bounds(&points);
        assert!(plain.min[0] < -1.0 && plain.max[1] > 1.0 && plain.max[1] < 1.1, "{plain:?}");
        points.push([500.0, -900.0]);
        let strayed = view_bounds(&points);
        assert!(strayed.max[0] < 2.0 && strayed.min[1] > -2.0, "{strayed:?}");
        let one = view_bounds(&[[3.0, 4.0]]);
        assert!(one.min[0] < 3.0 && one.max[0] > 3.0);
        assert_eq!(view_bounds(&[]), Bounds { min: [-1.0; 2], max: [1.0; 2] });
    }
}
