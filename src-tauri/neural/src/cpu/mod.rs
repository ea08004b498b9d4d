//! Arithmetic on the processor: plain slices of single precision, packed weights, kernels for every
//! set of instructions chosen when the program runs.
//!
//! One call works on one thread: texts are many, and a batch a core is faster than a core a product.

mod attention;
pub mod backward;
mod bf16;
pub mod dynamic;
mod int8;
mod isa;
pub mod nf4;
mod packed;
pub mod product;
mod quantised;
mod rowwise;
pub mod spread;
mod tile;
mod turn;

use isa::Kernels;

pub use attention::{Attention, Heads, Reach, Rows};
pub use bf16::Bf16;
pub use int8::Int8;
pub use isa::Isa;
pub use packed::Packed;
pub use rowwise::Activation;

/// The kernels of one set of instructions, with what they need room for.
pub struct Cpu {
    kernels: Kernels,
    /// Rows of the left side of a product, packed.
    left: Vec<f32>,
    /// Some of them, as they are before they are packed.
    words: Vec<f32>,
    /// A part of a panel of weights that are kept in fewer bits.
    wide: Vec<f32>,
    /// A panel of weights that are packed for one product.
    panel: Vec<f32>,
    /// What is added to the bytes of rows, a number for every group.
    offsets: Vec<i32>,
    attention: attention::Room,
}

impl Cpu {
    /// With the best instructions that may be used; see [`Isa::best`].
    #[must_use]
    pub fn new() -> Self {
        Self::with(Isa::best())
    }

    /// With these instructions.
    ///
    /// # Panics
    /// When the processor lacks them.
    #[must_use]
    pub fn with(isa: Isa) -> Self {
        Self {
            kernels: Kernels::of(isa),
            left: Vec::new(),
            words: Vec::new(),
            wide: Vec::new(),
            panel: Vec::new(),
            offsets: Vec::new(),
            attention: attention::Room::default(),
        }
    }

    /// The instructions in use.
    #[must_use]
    pub fn isa(&self) -> Isa {
        self.kernels.isa
    }

    /// Scores into shares that add up to 1, in place.
    pub fn softmax(&self, row: &mut [f32]) {
        self.softmax_of(row, 1.0);
    }

    /// The same of scores times `scale`.
    pub fn softmax_of(&self, row: &mut [f32], scale: f32) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.softmax)(row, scale, &[]) }
    }

    /// The products of one vector with rows of its width.
    pub fn dots(&self, vector: &[f32], rows: &[f32], out: &mut [f32]) {
        assert_eq!(rows.len(), vector.len() * out.len(), "rows of {}", vector.len());
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.dots)(vector, rows, vector.len(), out) }
    }

    /// Numbers through an activation, in place.
    pub fn activate(&self, numbers: &mut [f32], activation: Activation) {
        const SOME: usize = 256;
        if activation == Activation::None {
            return;
        }
        let mut before = [0.0; SOME];
        for some in numbers.chunks_mut(SOME) {
            let before = &mut before[..some.len()];
            before.copy_from_slice(some);
            // SAFETY: `Kernels::of` made sure of the instructions.
            unsafe { (self.kernels.finish)(before, &[], activation, some) };
        }
    }

    /// What scores, before they were multiplied with `scale`, get of what their shares get, in place.
    pub fn softmax_back(&self, shares: &[f32], grad: &mut [f32], scale: f32) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.softmax_back)(shares, grad, scale) }
    }

    /// What rows get of what they get after [`Self::rms_norm`], added to `out`.
    pub fn rms_norm_back(
        &self,
        rows: &[f32],
        weight: &[f32],
        epsilon: f32,
        grad: &[f32],
        out: &mut [f32],
    ) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.rms_norm_back)(rows, weight, epsilon, grad, out) }
    }

    /// Rows of `2 × width` become what they get of what [`Self::gate`] makes of them gets.
    pub fn gate_back(&self, rows: &mut [f32], width: usize, activation: Activation, grad: &[f32]) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.gate_back)(rows, width, activation, grad) }
    }

    /// What rows get of what they get after [`Self::layer_norm`], added to `out`; and what the weight and
    /// the bias get, added to the first and the second half of `learned`.
    pub fn layer_norm_back(
        &self,
        rows: &[f32],
        weight: &[f32],
        epsilon: f32,
        grad: &[f32],
        out: &mut [f32],
        learned: &mut [f32],
    ) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.layer_norm_back)(rows, weight, epsilon, grad, out, learned) }
    }

    /// Numbers become what they get of what [`Self::activate`] makes of them gets.
    pub fn activate_back(&self, numbers: &mut [f32], activation: Activation, grad: &[f32]) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.activate_back)(numbers, activation, grad) }
    }

    /// One step of AdamW for numbers with their means.
    pub fn adamw(
        &self,
        value: &mut [f32],
        grad: &[f32],
        means: (&mut [f32], &mut [f32]),
        step: backward::AdamW,
    ) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.adamw)(value, grad, means.0, means.1, step) }
    }

    /// Numbers without some of them, the others as much larger: which, `key` says.
    pub fn drop_some(&self, numbers: &[f32], key: u32, kept: f32, out: &mut [f32]) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.drop_some)(numbers, key, kept, out) }
    }

    /// `out += share · numbers`.
    pub fn add(&self, numbers: &[f32], share: f32, out: &mut [f32]) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.add)(numbers, share, out) }
    }

    /// Root mean square normalisation of rows as wide as `weight`, in place.
    pub fn rms_norm(&self, rows: &mut [f32], weight: &[f32], epsilon: f32) {
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.rms_norm)(rows, weight, epsilon) }
    }

    /// Of rows of `2 × width` numbers the first half through the activation, times the second.
    ///
    /// # Panics
    /// When `out` has not as many rows of `width`.
    pub fn gate(&self, rows: &[f32], width: usize, activation: Activation, out: &mut [f32]) {
        assert_eq!(rows.len(), 2 * out.len(), "rows of {width}");
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.gate)(rows, width, activation, out) }
    }

    /// Layer normalisation of `rows + residual` in place. `rows` holds rows as wide as `weight`;
    /// an empty `residual` is none, an other one is as long as `rows`.
    pub fn layer_norm(
        &self,
        rows: &mut [f32],
        residual: &[f32],
        weight: &[f32],
        bias: &[f32],
        epsilon: f32,
    ) {
        debug_assert!(rows.len().is_multiple_of(weight.len()) && weight.len() == bias.len());
        debug_assert!(residual.is_empty() || residual.len() == rows.len());
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.layer_norm)(rows, residual, weight, bias, epsilon) }
    }
}

impl Default for Cpu {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Cpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cpu").field("isa", &self.isa()).finish_non_exhaustive()
    }
}
