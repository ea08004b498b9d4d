//! The least value of a smooth function: L-BFGS (Liu and Nocedal 1989,
//! <https://doi.org/10.1007/BF01589116>) with a line search by bisection that meets the weak Wolfe
//! conditions (Lewis and Overton 2013, <https://doi.org/10.1007/s10107-012-0514-2>).

use std::collections::VecDeque;

use crate::progress::Cancelled;

/// Steps that the curvature is estimated from.
const MEMORY: usize = 10;
/// How much of the slope's promise a step must keep, and how much of the slope must be gone after it.
const DECREASE: f64 = 1e-4;
const CURVATURE: f64 = 0.9;
/// Lengths that one line is tried at: beyond them rounding hides any decrease.
const TRIES: usize = 40;

/// Where the search ended.
pub(super) struct Minimum {
    pub(super) point: Vec<f64>,
    pub(super) iterations: usize,
    /// Whether no part of the gradient there is larger than the tolerance.
    pub(super) converged: bool,
}

struct Step {
    point: Vec<f64>,
    gradient: Vec<f64>,
    /// One over the product of both.
    scale: f64,
}

/// Searches from `point` for the least value of `function`, which writes its gradient.
pub(super) fn minimise(
    mut point: Vec<f64>,
    tolerance: f64,
    most: usize,
    mut function: impl FnMut(&[f64], &mut [f64]) -> Result<f64, Cancelled>,
) -> Result<Minimum, Cancelled> {
    let mut gradient = vec![0.0; point.len()];
    let mut value = function(&point, &mut gradient)?;
    let mut steps: VecDeque<Step> = VecDeque::new();
    let (mut there, mut gradient_there) = (point.clone(), gradient.clone());
    for iteration in 0..most {
        if largest(&gradient) <= tolerance {
            return Ok(Minimum { point, iterations: iteration, converged: true });
        }
        let mut line = direction(&gradient, &steps);
        let mut slope = product(&line, &gradient);
        if slope >= 0.0 {
            steps.clear();
            line = gradient.iter().map(|part| -part).collect();
            slope = -product(&gradient, &gradient);
        }
        let first =
            if steps.is_empty() { 1.0 / product(&line, &line).sqrt().max(1.0) } else { 1.0 };
        let (mut low, mut high, mut length, mut found) = (0.0, f64::INFINITY, first, None);
        // Near the minimum a decrease is smaller than the rounding of the values.
        let noise = 8.0 * f64::EPSILON * value.abs();
        for _ in 0..TRIES {
            for ((to, from), along) in there.iter_mut().zip(&point).zip(&line) {
                *to = from + length * along;
            }
            let value_there = function(&there, &mut gradient_there)?;
            if value_there.is_nan() || value_there > value + DECREASE * length * slope + noise {
                high = length;
            } else if product(&line, &gradient_there) < CURVATURE * slope {
                low = length;
            } else {
                found = Some(value_there);
                break;
            }
            length = if high.is_finite() { f64::midpoint(low, high) } else { 2.0 * low };
        }
        let Some(value_there) = found else {
            return Ok(Minimum { point, iterations: iteration, converged: false });
        };
        let moved: Vec<f64> = there.iter().zip(&point).map(|(to, from)| to - from).collect();
        let change: Vec<f64> =
            gradient_there.iter().zip(&gradient).map(|(to, from)| to - from).collect();
        let bend = product(&moved, &change);
        if bend > 0.0 {
            if steps.len() == MEMORY {
                steps.pop_front();
            }
            steps.push_back(Step { point: moved, gradient: change, scale: 1.0 / bend });
        }
        std::mem::swap(&mut point, &mut there);
        std::mem::swap(&mut gradient, &mut gradient_there);
        value = value_there;
    }
    let converged = largest(&gradient) <= tolerance;
    Ok(Minimum { point, iterations: most, converged })
}

/// Downhill, by the curvature that the last steps met (the two loops of algorithm 7.4 in Nocedal and
/// Wright, *Numerical Optimization*).
fn direction(gradient: &[f64], steps: &VecDeque<Step>) -> Vec<f64> {
    let mut line: Vec<f64> = gradient.iter().map(|part| -part).collect();
    let mut shares = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        let share = step.scale * product(&step.point, &line);
        add(&mut line, -share, &step.gradient);
        shares.push(share);
    }
    if let Some(last) = steps.back() {
        let scale = 1.0 / (last.scale * product(&last.gradient, &last.gradient));
        line.iter_mut().for_each(|part| *part *= scale);
    }
    for (step, share) in steps.iter().zip(shares.into_iter().rev()) {
        let other = step.scale * product(&step.gradient, &line);
        add(&mut line, share - other, &step.point);
    }
    line
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], scale: f64, other: &[f64]) {
    to.iter_mut().zip(other).for_each(|(to, part)| *to += scale * part);
}

fn largest(gradient: &[f64]) -> f64 {
    gradient.iter().fold(0.0, |most, part| most.max(part.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_bent_valley_is_found() {
        // Rosenbrock's function, whose least value is at (1, 1).
        let rosenbrock = |at: &[f64], gradient: &mut [f64]| {
            let (x, y) = (at[0], at[1]);
            gradient[0] = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
            gradient[1] = 200.0 * (y - x * x);
            Ok((1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2))
        };
        let found = minimise(vec![-1.2, 1.0], 1e-9, 200, rosenbrock).unwrap();
        assert!(found.converged && found.iterations < 60, "{}", found.iterations);
        assert!(found.point.iter().all(|part| (part - 1.0).abs() < 1e-7), "{:?}", found.point);
        let hasty = minimise(vec![-1.2, 1.0], 1e-9, 3, rosenbrock).unwrap();
        assert!(!hasty.converged);
    }
}
