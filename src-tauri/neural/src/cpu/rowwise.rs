//! What happens to rows between products: activations, norms, shares. Each body is compiled once for
//! every set of instructions; `FUSED` says whether multiply-add is one of them.

/// Numbers worked on side by side; the compiler makes vector instructions of the loops over them.
pub(super) const LANES: usize = 16;

/// What a layer does to its sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// The positive part.
    Relu,
    /// Gaussian error linear unit, by the error function (Hendrycks and Gimpel 2016,
    /// <https://arxiv.org/abs/1606.08415>).
    Gelu,
    /// The same by tanh, as GPT-2 has it: `gelu_new`, `gelu_pytorch_tanh`.
    GeluTanh,
    /// Sigmoid linear unit: `silu`, `swish`.
    Silu,
    /// Hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// By the name that transformers gives it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gelu" => Self::Gelu,
            "gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" => Self::GeluTanh,
            "relu" => Self::Relu,
            "silu" | "swish" => Self::Silu,
            "tanh" => Self::Tanh,
            _ => return None,
        })
    }
}

#[inline(always)]
pub(super) fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn polynomial<const FUSED: bool>(x: f32, coefficients: &[f32]) -> f32 {
    coefficients.iter().fold(0.0, |sum, &c| multiply_add::<FUSED>(sum, x, c))
}

/// e to the `x`, to about one unit in the last place; 0 below -87, never infinite. The reduction and
/// polynomial are those of Cephes' `expf`.
#[inline(always)]
fn exp<const FUSED: bool>(x: f32) -> f32 {
    const P: [f32; 6] =
        [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    // Adding and taking away 1.5·2^23 rounds to a whole number, which then stands in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let inside = x.clamp(-87.0, 88.0);
    let shifted = multiply_add::<FUSED>(inside, std::f32::consts::LOG2_E, ROUND);
    let whole = shifted - ROUND;
    let rest = multiply_add::<FUSED>(whole, -0.693_359_4, inside);
    let rest = multiply_add::<FUSED>(whole, 2.121_944_4e-4, rest);
    let power = polynomial::<FUSED>(rest, &P);
    let power = multiply_add::<FUSED>(power, rest * rest, rest) + 1.0;
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3F80_0000));
    if x < -87.0 { 0.0 } else { power * scale }
}

/// The error function, to within 4e-7: the rational approximation that Eigen and XLA take.
#[inline(always)]
fn erf<const FUSED: bool>(x: f32) -> f32 {
    const P: [f32; 7] = [
        -2.726_142_4e-10,
        2.770_681_4e-8,
        -2.101_024_1e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const Q: [f32; 5] =
        [-1.456_607_2e-5, -2.133_740_5e-4, -1.682_827e-3, -7.373_329e-3, -1.426_474e-2];
    let x = x.clamp(-4.0, 4.0);
    let square = x * x;
    x * polynomial::<FUSED>(square, &P) / polynomial::<FUSED>(square, &Q)
}

#[inline(always)]
fn tanh<const FUSED: bool>(x: f32) -> f32 {
    let size = x.abs();
    // Near zero the quotient loses digits; there the series is exact enough.
    let square = x * x;
    let near = x * polynomial::<FUSED>(
        square,
        &[-8.863_236e-3, 2.186_949e-2, -5.396_825_4e-2, 1.333_333_3e-1, -0.333_333_34, 1.0],
    );
    let far = 1.0 - 2.0 / (exp::<FUSED>(2.0 * size) + 1.0);
    if size < 0.3 { near } else { far.copysign(x) }
}

#[inline(always)]
fn activate<const FUSED: bool>(x: f32, activation: Activation) -> f32 {
    match activation {
        Activation::None => x,
        Activation::Relu => x.max(0.0),
        Activation::Gelu => 0.5 * x * (1.0 + erf::<FUSED>(x * std::f32::consts::FRAC_1_SQRT_2)),
        Activation::GeluTanh => {
            let cubed = multiply_add::<FUSED>(0.044_715 * x * x, x, x);
            0.5 * x * (1.0 + tanh::<FUSED>(0.797_884_6 * cubed))
        }
        Activation::Silu => x / (1.0 + exp::<FUSED>(-x)),
        Activation::Tanh => tanh::<FUSED>(x),
    }
}

/// An activation's value and its slope.
#[inline(always)]
pub(super) fn derivative<const FUSED: bool>(x: f32, activation: Activation) -> (f32, f32) {
    let value = activate::<FUSED>(x, activation);
    let slope = match activation {
        Activation::None => 1.0,
        Activation::Relu => f32::from(u8::from(x > 0.0)),
        Activation::Gelu => {
            let near = 0.5 * (1.0 + erf::<FUSED>(x * std::f32::consts::FRAC_1_SQRT_2));
            near + x * 0.398_942_3 * exp::<FUSED>(-0.5 * x * x)
        }
        Activation::GeluTanh => {
            let cubed = multiply_add::<FUSED>(0.044_715 * x * x, x, x);
            let tanh = tanh::<FUSED>(0.797_884_6 * cubed);
            let inner = 0.797_884_6 * multiply_add::<FUSED>(0.134_145 * x, x, 1.0);
            0.5 * (1.0 + tanh) + 0.5 * x * (1.0 - tanh * tanh) * inner
        }
        Activation::Silu => {
            let gate = 1.0 / (1.0 + exp::<FUSED>(-x));
            gate * (1.0 + x * (1.0 - gate))
        }
        Activation::Tanh => 1.0 - value * value,
    };
    (value, slope)
}

/// One row of a tile into its place: `out = activation(sums + bias)`. Without a bias it is empty.
#[inline(always)]
pub(super) fn finish<const FUSED: bool>(
    sums: &[f32],
    bias: &[f32],
    activation: Activation,
    out: &mut [f32],
) {
    // The choice is made outside the loop, or the loop is not made of vectors.
    macro_rules! each {
        ($activation:expr) => {
            if bias.is_empty() {
                for (out, sum) in out.iter_mut().zip(sums) {
                    *out = activate::<FUSED>(*sum, $activation);
                }
            } else {
                for ((out, sum), bias) in out.iter_mut().zip(sums).zip(bias) {
                    *out = activate::<FUSED>(sum + bias, $activation);
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

/// Sums side by side, added at the end in a fixed order.
#[inline(always)]
pub(super) fn sum_of(row: &[f32], part: impl Fn(f32) -> f32) -> f32 {
    let (blocks, rest) = row.as_chunks::<LANES>();
    let mut lanes = [0.0_f32; LANES];
    for block in blocks {
        for (lane, &x) in lanes.iter_mut().zip(block) {
            *lane += part(x);
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += part(x);
    }
    sum_of_lanes(lanes)
}

/// Every number made into its `part`, and the sum of these as [`sum_of`] adds them.
#[inline(always)]
fn sum_of_each(row: &mut [f32], part: impl Fn(f32) -> f32) -> f32 {
    let (blocks, rest) = row.as_chunks_mut::<LANES>();
    let mut lanes = [0.0_f32; LANES];
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *x = part(*x);
            *lane += *x;
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *x = part(*x);
        *lane += *x;
    }
    sum_of_lanes(lanes)
}

#[inline(always)]
fn sum_of_lanes(mut lanes: [f32; LANES]) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for at in 0..width {
            lanes[at] += lanes[at + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// Layer normalisation (Ba, Kiros and Hinton 2016, <https://arxiv.org/abs/1607.06450>) of rows as wide
/// as `weight`, after `residual` is added to them; an empty residual is none.
#[inline(always)]
pub(super) fn layer_norm<const FUSED: bool>(
    rows: &mut [f32],
    residual: &[f32],
    weight: &[f32],
    bias: &[f32],
    epsilon: f32,
) {
    let width = weight.len();
    for (at, row) in rows.chunks_exact_mut(width).enumerate() {
        if !residual.is_empty() {
            for (x, more) in row.iter_mut().zip(&residual[at * width..][..width]) {
                *x += more;
            }
        }
        let mean = sum_of(row, |x| x) / width as f32;
        let variance = sum_of(row, |x| (x - mean) * (x - mean)) / width as f32;
        let scale = 1.0 / (variance + epsilon).sqrt();
        for ((x, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
            *x = multiply_add::<FUSED>((*x - mean) * scale, *weight, *bias);
        }
    }
}

/// `exp(scale·x + bias)`, divided by their sum; an empty bias is none.
#[inline(always)]
pub(super) fn softmax<const FUSED: bool>(row: &mut [f32], scale: f32, bias: &[f32]) {
    if bias.is_empty() {
        for x in row.iter_mut() {
            *x *= scale;
        }
    } else {
        for (x, bias) in row.iter_mut().zip(bias) {
            *x = multiply_add::<FUSED>(*x, scale, *bias);
        }
    }
    let most = most_of(row);
    let sum = sum_of_each(row, |x| exp::<FUSED>(x - most));
    let share = 1.0 / sum;
    for x in row.iter_mut() {
        *x *= share;
    }
}

/// Root mean square normalisation (Zhang and Sennrich 2019, <https://arxiv.org/abs/1910.07467>) of rows
/// as wide as `weight`.
#[inline(always)]
pub(super) fn rms_norm<const FUSED: bool>(rows: &mut [f32], weight: &[f32], epsilon: f32) {
    let width = weight.len();
    for row in rows.chunks_exact_mut(width) {
        let square = sum_of(row, |x| x * x) / width as f32;
        let scale = 1.0 / (square + epsilon).sqrt();
        for (x, weight) in row.iter_mut().zip(weight) {
            *x = *x * scale * weight;
        }
    }
}

/// Gated linear units (Shazeer 2020, <https://arxiv.org/abs/2002.05202>): of rows of `2 × width` the first
/// half through the activation, times the second.
#[inline(always)]
pub(super) fn gate<const FUSED: bool>(
    rows: &[f32],
    width: usize,
    activation: Activation,
    out: &mut [f32],
) {
    macro_rules! each {
        ($activation:expr) => {
            for (row, out) in rows.chunks_exact(2 * width).zip(out.chunks_exact_mut(width)) {
                let (gates, ups) = row.split_at(width);
                for ((out, gate), up) in out.iter_mut().zip(gates).zip(ups) {
                    *out = activate::<FUSED>(*gate, $activation) * up;
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

/// Products of `vector` with rows that are `stride` apart, one for every number of `out`.
#[inline(always)]
pub(super) fn dots<const FUSED: bool>(
    vector: &[f32],
    rows: &[f32],
    stride: usize,
    out: &mut [f32],
) {
    let width = vector.len();
    let (blocks, rest) = vector.as_chunks::<LANES>();
    for (at, out) in out.iter_mut().enumerate() {
        let row = &rows[at * stride..][..width];
        let (others, more) = row.as_chunks::<LANES>();
        let mut lanes = [0.0_f32; LANES];
        for (block, other) in blocks.iter().zip(others) {
            for ((lane, a), b) in lanes.iter_mut().zip(block).zip(other) {
                *lane = multiply_add::<FUSED>(*a, *b, *lane);
            }
        }
        let tail =
            rest.iter().zip(more).fold(0.0, |sum, (a, b)| multiply_add::<FUSED>(*a, *b, sum));
        *out = lanes.iter().sum::<f32>() + tail;
    }
}

/// The sum of rows that are `stride` apart, as wide as `out`, each by its share.
#[inline(always)]
pub(super) fn mix<const FUSED: bool>(shares: &[f32], rows: &[f32], stride: usize, out: &mut [f32]) {
    out.fill(0.0);
    for (at, share) in shares.iter().enumerate() {
        let row = &rows[at * stride..][..out.len()];
        for (out, x) in out.iter_mut().zip(row) {
            *out = multiply_add::<FUSED>(*share, *x, *out);
        }
    }
}

/// Numbers of 16 bits as they are in 32; what is infinite becomes 65,536 or more.
#[inline(always)]
pub(super) fn widen_f16<const FUSED: bool>(numbers: &[u16], out: &mut [f32]) {
    // 2^112: the difference of the two formats' biases. Exact, also for the smallest numbers.
    const BIAS: f32 = f32::from_bits(0x7780_0000);
    for (out, &number) in out.iter_mut().zip(numbers) {
        let size = f32::from_bits(u32::from(number & 0x7FFF) << 13) * BIAS;
        *out = f32::from_bits(size.to_bits() | u32::from(number & 0x8000) << 16);
    }
}

/// Scales of blocks times the small ones of a group.
#[inline(always)]
pub(super) fn scales<const FUSED: bool>(scales: &[f32], small: &[i8], out: &mut [f32]) {
    for ((out, scale), &small) in out.iter_mut().zip(scales).zip(small) {
        *out = scale * f32::from(small);
    }
}

/// The upper halves of numbers as they are in 32 bits.
#[inline(always)]
pub(super) fn widen_bf16<const FUSED: bool>(numbers: &[u16], out: &mut [f32]) {
    for (out, &number) in out.iter_mut().zip(numbers) {
        *out = f32::from_bits(u32::from(number) << 16);
    }
}

#[inline(always)]
fn most_of(row: &[f32]) -> f32 {
    let (blocks, rest) = row.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for block in blocks {
        for (lane, &x) in lanes.iter_mut().zip(block) {
            *lane = if x > *lane { x } else { *lane };
        }
    }
    rest.iter().chain(&lanes).copied().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest difference from `exact` over a range, as a share of what is 1 or more.
    fn worst(approximate: fn(f32) -> f32, exact: impl Fn(f64) -> f64, range: f32) -> f64 {
        (-20_000..=20_000)
            .map(|step| step as f32 / 20_000.0 * range)
            .map(|x| {
                let exact = exact(f64::from(x));
                (f64::from(approximate(x)) - exact).abs() / exact.abs().max(1.0)
            })
            .fold(0.0, f64::max)
    }

    /// The error function by its series, far more exact than what it judges.
    fn exact_erf(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn functions_are_what_they_are_called() {
        assert!(worst(exp::<true>, f64::exp, 87.0) < 2e-7);
        assert!(worst(exp::<false>, f64::exp, 87.0) < 3e-7);
        assert!(worst(erf::<true>, exact_erf, 4.0) < 4e-7);
        assert!(worst(erf::<false>, exact_erf, 4.0) < 4e-7);
        assert!(worst(tanh::<true>, f64::tanh, 12.0) < 2e-7);
        assert_eq!((exp::<true>(-200.0), exp::<true>(0.0)), (0.0, 1.0));
        assert_eq!(erf::<true>(9.0), erf::<true>(4.0));
        assert!(exp::<true>(1e9).is_finite());
    }

    #[test]
    fn shares_add_up_and_follow_the_scores() {
        let mut row: Vec<f32> = (0..37).map(|x| (x as f32 * 0.7).sin() * 5.0).collect();
        let scores = row.clone();
        let bias: Vec<f32> =
            (0..37).map(|x| if x < 30 { 0.0 } else { f32::NEG_INFINITY }).collect();
        softmax::<true>(&mut row, 0.5, &bias);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(row[30..].iter().all(|&share| share == 0.0));
        let ratio = f64::from(row[3] / row[8]);
        assert!((ratio - f64::from(scores[3] - scores[8]).mul_add(0.5, 0.0).exp()).abs() < 1e-5);
    }

    #[test]
    fn a_normed_row_has_mean_nought_and_variance_one() {
        let mut rows: Vec<f32> = (0..3 * 50).map(|x| (x % 7) as f32 + 100.0).collect();
        let more = vec![1.0; rows.len()];
        layer_norm::<true>(&mut rows, &more, &[2.0; 50], &[3.0; 50], 1e-12);
        for row in rows.chunks(50) {
            let mean = row.iter().sum::<f32>() / 50.0;
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 50.0;
            assert!((mean - 3.0).abs() < 1e-4 && (variance - 4.0).abs() < 1e-3);
        }
    }
}
