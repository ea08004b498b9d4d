//! Weights in quantised blocks, kept as few bits as they have in a GGUF file and multiplied from there.
//!
//! Activations stay in single precision, and a weight is made exactly what its block stands for just
//! before it is multiplied: in registers where few rows follow, a part of a panel at a time where many
//! do. So a product has the same bits as one with weights that were widened when they were read.

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512;
mod bits;
mod pack;
pub(super) mod plain;

use std::ops::Range;

use super::isa::Kernels;
use super::tile::WIDTH;
use crate::weights::gguf::Blocks;
use bits::Form;

/// Most rows that weights are widened for in registers: with more, writing them down once is cheaper.
pub(super) const FEW: usize = 4;
/// Inputs whose scales are worked out at a time.
const STEPS: usize = 256;
/// A scale and a least for every output of a group of inputs.
const PAIRS: usize = 2 * WIDTH;

/// Quantised weights in panels of [`WIDTH`] outputs.
#[derive(Debug, Clone)]
pub(super) struct Quantised {
    /// Whose outputs follow each other; all but the last have whole panels.
    sections: Vec<Section>,
}

/// Outputs whose weights are quantised in the same way.
///
/// Panel by panel: numbers of every 32 inputs as [`bits::Bits`] has them; scales (and leasts, where the kind
/// has any) of every block, output by output; then the small ones of every group.
#[derive(Debug, Clone)]
struct Section {
    form: Form,
    panels: Range<usize>,
    inputs: usize,
    /// Numbers of a block.
    block: usize,
    /// Numbers that share a small scale.
    group: usize,
    codes: Vec<u8>,
    scales: Vec<u16>,
    /// None where a block is one group.
    small: Vec<i8>,
}

/// Weights of some inputs of a panel, as kernels read them.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// Those of every 32 inputs as [`bits::Bits`] has them.
    codes: *const u8,
    /// Of every group [`PAIRS`] numbers, scales first.
    scales: *const f32,
    /// 0 where a group has 16 inputs, 1 where it has 32: what the number of 16 inputs is shifted by to
    /// be that of their group.
    shift: u32,
    /// What is taken away from a number as it is written.
    offset: i32,
}

/// Products of a few rows with a part of a panel, added to what `out` holds, as [`super::tile::Tile`] does.
///
/// # Safety
/// As [`super::tile::Tile`], with at most [`FEW`] rows; the part holds `steps` inputs, a multiple of 32.
pub(super) type Few =
    unsafe fn(steps: usize, rows: usize, a: *const f32, part: Part, out: *mut f32);

/// Weights of a part of a panel as they are in single precision, input by input.
///
/// # Safety
/// The part holds `steps` inputs, a multiple of 32; `out` has room for as many times [`WIDTH`], and the
/// processor has the instructions.
pub(super) type Widen = unsafe fn(steps: usize, part: Part, out: *mut f32);

/// Kernels for numbers of 4, 5, 6 and 8 bits.
#[derive(Clone, Copy)]
pub(super) struct Forms {
    /// Where that is faster than [`Widen`] and a tile.
    few: Option<[Few; 4]>,
    widen: [Widen; 4],
}

impl Quantised {
    /// Packs maps of the same `inputs` one after the other: their outputs, kinds, and blocks row by row.
    /// Nothing where a panel would have to hold weights of two kinds.
    pub(super) fn new(inputs: usize, maps: &[(usize, Blocks, Vec<u8>)]) -> Option<Self> {
        let (mut sections, mut from) = (Vec::new(), 0_usize);
        for some in maps.chunk_by(|one, next| one.1 == next.1) {
            let outputs: usize = some.iter().map(|one| one.0).sum();
            let blocks: Vec<&[u8]> = some.iter().map(|one| &one.2[..]).collect();
            if !from.is_multiple_of(WIDTH) {
                return None;
            }
            let section = Section::pack(some[0].1, from / WIDTH, outputs, inputs, &blocks);
            sections.push(section);
            from += outputs;
        }
        Some(Self { sections })
    }

    /// Sums of a few rows, `count` of them, packed in `left`, with a whole panel; false where there is no
    /// kernel for so many.
    pub(super) fn few(
        &self,
        cpu: &Kernels,
        panel: usize,
        (left, count): (&[f32], usize),
        sums: &mut [f32],
    ) -> bool {
        let section = self.section(panel);
        let Some(kernels) = cpu.quantised.few.filter(|_| count <= FEW) else { return false };
        let (kernel, inputs) = (kernels[section.form.bits as usize], section.inputs);
        assert!(left.len() >= inputs * count && sums.len() >= count * WIDTH, "rows of {inputs}");
        let sums = &mut sums[..count * WIDTH];
        sums.fill(0.0);
        let mut pairs = [0.0; STEPS / 16 * PAIRS];
        for from in (0..inputs).step_by(STEPS) {
            let some = from..inputs.min(from + STEPS);
            let part = section.part(cpu, panel, &some, &mut pairs);
            // SAFETY: `left` begins with `inputs × count` numbers, the part holds these inputs, the sums
            // have room, and `Kernels::of` made sure of the instructions.
            unsafe {
                kernel(some.len(), count, left[from * count..].as_ptr(), part, sums.as_mut_ptr());
            }
        }
        true
    }

    /// What the weights of some inputs of a panel stand for; whole groups of 32 inputs.
    pub(super) fn widen(
        &self,
        cpu: &Kernels,
        panel: usize,
        inputs: &Range<usize>,
        out: &mut [f32],
    ) {
        let section = self.section(panel);
        assert!(inputs.len() <= STEPS && out.len() >= inputs.len() * WIDTH, "room for {inputs:?}");
        let mut pairs = [0.0; STEPS / 16 * PAIRS];
        let part = section.part(cpu, panel, inputs, &mut pairs);
        let kernel = cpu.quantised.widen[section.form.bits as usize];
        // SAFETY: the part holds these inputs, `out` has room for them, and `Kernels::of` made sure of
        // the instructions.
        unsafe { kernel(inputs.len(), part, out.as_mut_ptr()) };
    }

    fn section(&self, panel: usize) -> &Section {
        let at = self.sections.partition_point(|section| section.panels.end <= panel);
        &self.sections[at]
    }
}

impl Section {
    /// The weights of some inputs of a panel; `pairs` gets their scales.
    fn part(
        &self,
        cpu: &Kernels,
        panel: usize,
        inputs: &Range<usize>,
        pairs: &mut [f32; STEPS / 16 * PAIRS],
    ) -> Part {
        let panel = panel - self.panels.start;
        let (groups, blocks) = (self.inputs / self.group, self.inputs / self.block);
        let wide = if self.form.has_leasts { PAIRS } else { WIDTH };
        let first = inputs.start / self.group;
        let some = pairs.chunks_exact_mut(PAIRS).take(inputs.len() / self.group);
        let (mut whole, mut at) = ([0.0; PAIRS], None);
        for (group, out) in (first..).zip(some) {
            let (block, out) = (group * self.group / self.block, &mut out[..wide]);
            if at.replace(block) != Some(block) {
                let scales = &self.scales[(panel * blocks + block) * wide..][..wide];
                // SAFETY: `Kernels::of` made sure of the instructions.
                unsafe { (cpu.widen_f16)(scales, &mut whole[..wide]) };
            }
            if self.small.is_empty() {
                out.copy_from_slice(&whole[..wide]);
                continue;
            }
            let small = &self.small[(panel * groups + group) * wide..][..wide];
            // SAFETY: as above.
            unsafe { (cpu.scales)(&whole[..wide], small, out) };
        }
        let chunk = self.form.bits.chunk();
        let from = (panel * (self.inputs / 32) + inputs.start / 32) * chunk;
        let codes = &self.codes[from..][..inputs.len() / 32 * chunk];
        Part {
            codes: codes.as_ptr(),
            scales: pairs.as_ptr(),
            shift: u32::from(self.group == 32),
            offset: self.form.offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Activation, Cpu, Isa, Packed};
    use super::*;

    const KINDS: [Blocks; 10] = [
        Blocks::Q4_0,
        Blocks::Q4_1,
        Blocks::Q5_0,
        Blocks::Q5_1,
        Blocks::Q8_0,
        Blocks::Q2K,
        Blocks::Q3K,
        Blocks::Q4K,
        Blocks::Q5K,
        Blocks::Q6K,
    ];

    fn bytes(count: usize, seed: u32) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..count).map(|_| next()).collect()
    }

    /// Any bits are blocks, but for scales that are infinite or none.
    fn blocks(kind: Blocks, outputs: usize, inputs: usize, seed: u32) -> Vec<u8> {
        let (numbers, size) = kind.size();
        let mut all = bytes(outputs * inputs / numbers * size, seed);
        for block in all.chunks_exact_mut(size) {
            let halves: &[usize] = match kind {
                Blocks::Q2K => &[81, 83],
                Blocks::Q3K => &[109],
                Blocks::Q6K => &[209],
                Blocks::Q4_1 | Blocks::Q5_1 | Blocks::Q4K | Blocks::Q5K => &[1, 3],
                Blocks::Q4_0 | Blocks::Q5_0 | Blocks::Q8_0 => &[1],
            };
            halves.iter().for_each(|&at| block[at] &= 0xAB);
        }
        all
    }

    fn rows(count: usize) -> Vec<f32> {
        bytes(count, 9).into_iter().map(|byte| (f32::from(byte) - 127.5) / 100.0).collect()
    }

    fn wide(kind: Blocks, blocks: &[u8]) -> Vec<f32> {
        let (numbers, size) = kind.size();
        let mut wide = vec![0.0; blocks.len() / size * numbers];
        kind.read(blocks, &mut wide);
        wide
    }

    fn products(isa: Isa, rows: &[f32], weights: &Packed) -> Vec<u32> {
        let mut out = vec![0.0; rows.len() / weights.inputs() * weights.outputs()];
        Cpu::with(isa).multiply(rows, weights, &[], Activation::None, &mut out);
        assert!(out.iter().all(|x| x.is_finite()) && out.iter().any(|&x| x != 0.0));
        out.into_iter().map(f32::to_bits).collect()
    }

    fn here() -> impl Iterator<Item = Isa> {
        Isa::ALL.into_iter().filter(|isa| isa.is_here())
    }

    #[test]
    fn blocks_of_every_kind_give_the_bits_of_what_they_stand_for() {
        for kind in KINDS {
            // Not whole panels, and not whole parts of a panel.
            let (inputs, outputs) = if kind.size().0 == 32 { (320, 70) } else { (768, 45) };
            let blocks = blocks(kind, outputs, inputs, 3);
            let exact = Packed::new(outputs, inputs, &wide(kind, &blocks));
            let kept = Packed::quantised(inputs, &[(outputs, kind, blocks)]).expect("a map");
            for isa in here() {
                for count in [1, 2, 3, 4, 5, 14, 33] {
                    let rows = rows(count * inputs);
                    let (given, wanted) =
                        (products(isa, &rows, &kept), products(isa, &rows, &exact));
                    assert!(given == wanted, "{kind:?} {isa:?} {count}");
                }
            }
        }
    }

    #[test]
    fn maps_of_several_kinds_lie_side_by_side_where_panels_are_whole() {
        let inputs = 256;
        let parts = [(40, Blocks::Q4K), (24, Blocks::Q4K), (64, Blocks::Q6K), (33, Blocks::Q8_0)];
        let maps = parts.map(|(outputs, kind)| (outputs, kind, blocks(kind, outputs, inputs, 5)));
        let exact: Vec<f32> = maps.iter().flat_map(|one| wide(one.1, &one.2)).collect();
        let exact = Packed::new(161, inputs, &exact);
        let kept = Packed::quantised(inputs, &maps).expect("a map");
        for isa in here() {
            let rows = rows(2 * inputs);
            assert!(products(isa, &rows, &kept) == products(isa, &rows, &exact), "{isa:?}");
        }
        let [one, _, other, _] = maps;
        assert!(Packed::quantised(inputs, &[one, other]).is_none());
    }
}
