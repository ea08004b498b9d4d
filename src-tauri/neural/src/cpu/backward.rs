//! What stands between products, backwards: what goes in gets of what comes out.

use super::rowwise::{Activation, LANES, derivative, multiply_add, sum_of};

/// How far AdamW goes in a step (Loshchilov and Hutter 2019, <https://arxiv.org/abs/1711.05101>), in the
/// terms of `torch.optim.AdamW`.
#[derive(Debug, Clone, Copy)]
pub struct AdamW {
    /// The learning rate.
    pub rate: f32,
    /// How much of the mean gradient stays.
    pub beta1: f32,
    /// How much of the mean square stays.
    pub beta2: f32,
    /// What keeps it from dividing by nothing.
    pub epsilon: f32,
    /// Decay of the weights, times the learning rate.
    pub decay: f32,
    /// What the gradient is multiplied with first.
    pub scale: f32,
    /// The number of the step, from 1.
    pub at: u32,
}

#[inline(always)]
fn product<const FUSED: bool>(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let ((a, more), (b, rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane = multiply_add::<FUSED>(*a, *b, *lane);
        }
    }
    let tail = more.iter().zip(rest).fold(0.0, |sum, (a, b)| multiply_add::<FUSED>(*a, *b, sum));
    lanes.iter().sum::<f32>() + tail
}

/// `grad` of shares becomes that of the scores before `scale`.
#[inline(always)]
pub(super) fn softmax_back<const FUSED: bool>(shares: &[f32], grad: &mut [f32], scale: f32) {
    let mean = product::<FUSED>(shares, grad);
    for (grad, share) in grad.iter_mut().zip(shares) {
        *grad = (*grad - mean) * share * scale;
    }
}

/// `out` gets what `rows`, from before the norm, get of `grad`; what is there is added to.
#[inline(always)]
pub(super) fn rms_norm_back<const FUSED: bool>(
    rows: &[f32],
    weight: &[f32],
    epsilon: f32,
    grad: &[f32],
    out: &mut [f32],
) {
    let width = weight.len();
    let rows = rows.chunks_exact(width).zip(grad.chunks_exact(width));
    for ((row, grad), out) in rows.zip(out.chunks_exact_mut(width)) {
        let scale = 1.0 / (product::<FUSED>(row, row) / width as f32 + epsilon).sqrt();
        let mut lanes = [0.0_f32; LANES];
        for at in 0..width {
            lanes[at % LANES] += grad[at] * weight[at] * row[at];
        }
        let pull = lanes.iter().sum::<f32>() * scale * scale * scale / width as f32;
        for (((out, x), weight), grad) in out.iter_mut().zip(row).zip(weight).zip(grad) {
            *out += grad * weight * scale - x * pull;
        }
    }
}

/// `out` gets what `rows`, from before the norm, get of `grad`; the first half of `learned` what its weight
/// gets, the second what its bias gets. What is there is added to.
#[inline(always)]
pub(super) fn layer_norm_back<const FUSED: bool>(
    rows: &[f32],
    weight: &[f32],
    epsilon: f32,
    grad: &[f32],
    out: &mut [f32],
    learned: &mut [f32],
) {
    let width = weight.len();
    let (weight_grad, bias_grad) = learned.split_at_mut(width);
    let rows = rows.chunks_exact(width).zip(grad.chunks_exact(width));
    for ((row, grad), out) in rows.zip(out.chunks_exact_mut(width)) {
        let mean = sum_of(row, |x| x) / width as f32;
        let variance = sum_of(row, |x| (x - mean) * (x - mean)) / width as f32;
        let scale = 1.0 / (variance + epsilon).sqrt();
        let (mut lanes, mut pulls) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        for at in 0..width {
            let (near, given) = ((row[at] - mean) * scale, grad[at] * weight[at]);
            lanes[at % LANES] += given;
            pulls[at % LANES] += given * near;
            weight_grad[at] += grad[at] * near;
            bias_grad[at] += grad[at];
        }
        let share = 1.0 / width as f32;
        let (moved, pull) = (lanes.iter().sum::<f32>() * share, pulls.iter().sum::<f32>() * share);
        for (((out, x), weight), grad) in out.iter_mut().zip(row).zip(weight).zip(grad) {
            let near = (x - mean) * scale;
            *out += scale * (grad * weight - moved - near * pull);
        }
    }
}

/// Numbers from before an activation become what they get of `grad`.
#[inline(always)]
pub(super) fn activate_back<const FUSED: bool>(
    numbers: &mut [f32],
    activation: Activation,
    grad: &[f32],
) {
    macro_rules! each {
        ($activation:expr) => {
            for (number, grad) in numbers.iter_mut().zip(grad) {
                *number = grad * derivative::<FUSED>(*number, $activation).1;
            }
        };
    }
    match activation {
        Activation::None => each!(Activation::None),
        Activation::Relu => each!(Activation::Relu),
        Activation::Gelu => each!(Activation::Gelu),
        Activation::GeluTanh => each!(Activation::GeluTanh),
        Activation::Silu => each!(Activation::Silu),
        Activation::Tanh => each!(Activation::Tanh),
    }
}

/// Rows of gates and what they let through become what these get of `grad`.
#[inline(always)]
pub(super) fn gate_back<const FUSED: bool>(
    rows: &mut [f32],
    width: usize,
    activation: Activation,
    grad: &[f32],
) {
    macro_rules! each {
        ($activation:expr) => {
            for (row, grad) in rows.chunks_exact_mut(2 * width).zip(grad.chunks_exact(width)) {
                let (gates, ups) = row.split_at_mut(width);
                for ((gate, up), grad) in gates.iter_mut().zip(ups).zip(grad) {
                    let (value, slope) = derivative::<FUSED>(*gate, $activation);
                    (*gate, *up) = (grad * *up * slope, grad * value);
                }
            }
        };
    }
    match activation {
        Activation::None => each!(Activation::None),
        Activation::Relu => each!(Activation::Relu),
        Activation::Gelu => each!(Activation::Gelu),
        Activation::GeluTanh => each!(Activation::GeluTanh),
        Activation::Silu => each!(Activation::Silu),
        Activation::Tanh => each!(Activation::Tanh),
    }
}

/// One step of [`AdamW`] for some numbers with their means.
#[inline(always)]
pub(super) fn adamw<const FUSED: bool>(
    value: &mut [f32],
    grad: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    step: AdamW,
) {
    let AdamW { rate, beta1, beta2, epsilon, decay, scale, at } = step;
    let far = rate / (1.0 - f64::from(beta1).powi(at as i32)) as f32;
    let root = (1.0 - f64::from(beta2).powi(at as i32)).sqrt() as f32;
    let means = first.iter_mut().zip(second);
    for ((value, grad), (first, second)) in value.iter_mut().zip(grad).zip(means) {
        let grad = grad * scale;
        *first = multiply_add::<FUSED>(1.0 - beta1, grad - *first, *first);
        *second = multiply_add::<FUSED>(*second, beta2, (1.0 - beta2) * grad * grad);
        let kept = *value * (1.0 - rate * decay);
        *value = kept - far * *first / (second.sqrt() / root + epsilon);
    }
}

/// `out` gets of every number a `kept` share of times what makes up for the others, else nought
/// (Srivastava et al. 2014, <https://jmlr.org/papers/v15/srivastava14a.html>). Which, is drawn from `key` and
/// the number's place by a hash (Wellons, <https://nullprogram.com/blog/2018/07/31/>).
#[inline(always)]
pub(super) fn drop_some<const FUSED: bool>(numbers: &[f32], key: u32, kept: f32, out: &mut [f32]) {
    let (least, scale) = ((f64::from(kept) * f64::from(u32::MAX)) as u32, 1.0 / kept);
    for (at, (out, number)) in out.iter_mut().zip(numbers).enumerate() {
        let mut x = key.wrapping_add((at as u32).wrapping_mul(0x9E37_79B9));
        x = (x ^ (x >> 16)).wrapping_mul(0x7FEB_352D);
        x = (x ^ (x >> 15)).wrapping_mul(0x846C_A68B);
        x ^= x >> 16;
        *out = if x <= least { number * scale } else { 0.0 };
    }
}

/// `out += share · numbers`.
#[inline(always)]
pub(super) fn add<const FUSED: bool>(numbers: &[f32], share: f32, out: &mut [f32]) {
    for (out, number) in out.iter_mut().zip(numbers) {
        *out = multiply_add::<FUSED>(*number, share, *out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::rowwise::{finish, gate, layer_norm, rms_norm, softmax};
    use super::*;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|x| ((x * 37 + seed * 11) % 101) as f32 / 40.0 - 1.2).collect()
    }

    /// That `given` are the slopes of `sum of out · grad` in `at`, by central differences.
    fn assert_slopes(at: &[f32], grad: &[f32], given: &[f32], run: impl Fn(&[f32]) -> Vec<f32>) {
        let value = |numbers: &[f32]| -> f64 {
            let out = run(numbers);
            out.iter().zip(grad).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let step = 2e-2;
        for place in 0..at.len() {
            let (mut up, mut down) = (at.to_vec(), at.to_vec());
            up[place] += step;
            down[place] -= step;
            let slope = (value(&up) - value(&down)) / f64::from(up[place] - down[place]);
            assert!((slope - f64::from(given[place])).abs() < 3e-3, "{place}: {slope} {given:?}");
        }
    }

    #[test]
    fn a_share_of_the_numbers_is_left_out_and_the_sum_stays() {
        let ones = vec![1.0; 100_000];
        let (mut out, mut again, mut other) = (ones.clone(), ones.clone(), ones.clone());
        drop_some::<true>(&ones, 7, 0.9, &mut out);
        drop_some::<false>(&ones, 7, 0.9, &mut again);
        drop_some::<true>(&ones, 8, 0.9, &mut other);
        assert_eq!(out, again);
        assert_ne!(out, other);
        let kept = out.iter().filter(|&&x| x > 0.0).count();
        assert!((89_500..90_500).contains(&kept), "{kept}");
        assert!((out.iter().sum::<f32>() / 100_000.0 - 1.0).abs() < 0.01);
    }

    #[test]
    fn slopes_are_those_of_finite_differences() {
        let (rows, weight, grad) = (numbers(3 * 20, 1), numbers(20, 2), numbers(3 * 20, 3));
        let mut given = vec![0.0; rows.len()];
        rms_norm_back::<true>(&rows, &weight, 1e-5, &grad, &mut given);
        assert_slopes(&rows, &grad, &given, |rows| {
            let mut out = rows.to_vec();
            rms_norm::<true>(&mut out, &weight, 1e-5);
            out
        });

        let (mut given, mut learned) = (vec![0.0; rows.len()], vec![0.0; 40]);
        let bias = numbers(20, 6);
        layer_norm_back::<true>(&rows, &weight, 1e-5, &grad, &mut given, &mut learned);
        let run = |rows: &[f32], weight: &[f32], bias: &[f32]| {
            let mut out = rows.to_vec();
            layer_norm::<true>(&mut out, &[], weight, bias, 1e-5);
            out
        };
        assert_slopes(&rows, &grad, &given, |rows| run(rows, &weight, &bias));
        assert_slopes(&weight, &grad, &learned[..20], |weight| run(&rows, weight, &bias));
        assert_slopes(&bias, &grad, &learned[20..], |bias| run(&rows, &weight, bias));

        let scores = numbers(19, 4);
        let shares_of = |scores: &[f32]| {
            let mut shares = scores.to_vec();
            softmax::<true>(&mut shares, 0.7, &[]);
            shares
        };
        let mut given = grad[..19].to_vec();
        softmax_back::<true>(&shares_of(&scores), &mut given, 0.7);
        assert_slopes(&scores, &grad[..19], &given, shares_of);

        for activation in
            [Activation::Silu, Activation::Gelu, Activation::GeluTanh, Activation::Tanh]
        {
            let rows = numbers(2 * 2 * 9, 5);
            let mut given = rows.clone();
            gate_back::<true>(&mut given, 9, activation, &grad[..18]);
            assert_slopes(&rows, &grad[..18], &given, |rows| {
                let mut out = vec![0.0; 18];
                gate::<true>(rows, 9, activation, &mut out);
                out
            });
            let mut given = rows.clone();
            activate_back::<true>(&mut given, activation, &grad[..36]);
            assert_slopes(&rows, &grad[..36], &given, |rows| {
                let mut out = vec![0.0; 36];
                finish::<true>(rows, &[], activation, &mut out);
                out
            });
        }
    }
}
