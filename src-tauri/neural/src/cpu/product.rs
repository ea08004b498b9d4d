//! Products of matrices that lie any way round, for training: what is packed is packed anew for every
//! product, because backwards the same weights are read the other way.

use std::borrow::Cow;
use std::cell::Cell;

use half::{bf16, f16};
use rayon::prelude::*;

use super::isa::Kernels;
use super::nf4::Nf4;
use super::spread;
use super::tile::{HEIGHT, WIDTH};
use super::turn::SPARE;
use crate::weights::Number;

/// Steps of a panel at a time: 32 KB of it, which stay in the nearest cache.
const STEPS: usize = 256;
/// Blocks of rows that a packed panel meets before the next is packed.
const BLOCKS: usize = 72;
/// Products of numbers below which other threads would wake up too late.
const WORTH_IT: usize = 1 << 16;

thread_local! {
    /// Rows of the left side, packed: kept, as memory that is asked for anew costs more than to fill it.
    static PACKED: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Weights that are only read: in the bits of their file where those are 16.
#[derive(Debug, Clone)]
pub enum Frozen {
    /// 32 bits.
    F32(Vec<f32>),
    /// 16 bits, IEEE 754.
    F16(Vec<u16>),
    /// The upper halves of 32 bits.
    Bf16(Vec<u16>),
    /// Four bits.
    Nf4(Nf4),
}

impl Frozen {
    /// The same in four bits.
    #[must_use]
    pub fn in_four_bits(&self) -> Self {
        match self {
            Self::Nf4(_) => self.clone(),
            others => Self::Nf4(Nf4::new(&others.numbers())),
        }
    }

    /// In single precision, row after row.
    #[must_use]
    pub fn numbers(&self) -> Cow<'_, [f32]> {
        Cow::Owned(match self {
            Self::F32(numbers) => return Cow::Borrowed(numbers),
            Self::F16(bits) => bits.iter().map(|&x| f16::from_bits(x).to_f32()).collect(),
            Self::Bf16(bits) => bits.iter().map(|&x| bf16::from_bits(x).to_f32()).collect(),
            Self::Nf4(numbers) => {
                let mut all = vec![0.0; numbers.count()];
                numbers.read(0, &mut all);
                all
            }
        })
    }

    /// Numbers that a file has as `number`: those of 16 bits lose nothing.
    #[must_use]
    pub fn new(numbers: Vec<f32>, number: Number) -> Self {
        let narrow = |bits: fn(f32) -> u16| numbers.iter().map(|&x| bits(x)).collect();
        match number {
            Number::F32 | Number::F64 => Self::F32(numbers),
            Number::F16 => Self::F16(narrow(|x| f16::from_f32(x).to_bits())),
            Number::Bf16 => Self::Bf16(narrow(|x| bf16::from_f32(x).to_bits())),
        }
    }

    /// Bytes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::F32(numbers) => size_of_val(numbers.as_slice()),
            Self::F16(numbers) | Self::Bf16(numbers) => size_of_val(numbers.as_slice()),
            Self::Nf4(numbers) => numbers.bytes(),
        }
    }

    /// The numbers from `at` on.
    fn read(&self, kernels: &Kernels, at: usize, out: &mut [f32]) {
        let end = at + out.len();
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe {
            match self {
                Self::F32(numbers) => out.copy_from_slice(&numbers[at..end]),
                Self::F16(numbers) => (kernels.widen_f16)(&numbers[at..end], out),
                Self::Bf16(numbers) => (kernels.widen_bf16)(&numbers[at..end], out),
                Self::Nf4(numbers) => numbers.read(at, out),
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Numbers<'a> {
    F32(&'a [f32]),
    Frozen(&'a Frozen),
}

/// Rows of numbers, as they lie or turned.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    numbers: Numbers<'a>,
    /// The first number.
    from: usize,
    /// Numbers from one row to the next.
    stride: usize,
    /// Rows and numbers of each, as they lie.
    rows: usize,
    width: usize,
    turned: bool,
}

impl<'a> Matrix<'a> {
    /// Whole rows of `width` numbers, one after the other.
    #[must_use]
    pub fn of(numbers: &'a [f32], width: usize) -> Self {
        Self::part(numbers, width, 0, width)
    }

    /// Of rows of `stride` numbers the `width` from `from` on.
    #[must_use]
    pub fn part(numbers: &'a [f32], stride: usize, from: usize, width: usize) -> Self {
        let rows = numbers.len() / stride;
        Self { numbers: Numbers::F32(numbers), from, stride, rows, width, turned: false }
    }

    /// Weights in rows of `width`.
    #[must_use]
    pub fn frozen(frozen: &'a Frozen, rows: usize, width: usize) -> Self {
        let numbers = Numbers::Frozen(frozen);
        Self { numbers, from: 0, stride: width, rows, width, turned: false }
    }

    /// The rows as columns.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { turned: !self.turned, ..self }
    }

    /// Rows and columns, turned or not.
    fn shape(&self) -> (usize, usize) {
        if self.turned { (self.width, self.rows) } else { (self.rows, self.width) }
    }

    /// Up to [`HEIGHT`] rows from `first` on as a tile reads them.
    fn pack_rows(&self, kernels: &Kernels, first: usize, count: usize, out: &mut [f32]) {
        let Numbers::F32(numbers) = self.numbers else {
            unreachable!("weights are on the right of a product")
        };
        if !self.turned {
            let rows = &numbers[self.from + first * self.stride..];
            // SAFETY: rows and room as the caller has them; `Kernels::of` made sure of the instructions.
            unsafe { (kernels.turn)(rows, self.stride, self.width, count, out) };
            return;
        }
        for (step, out) in out.chunks_exact_mut(count).take(self.rows).enumerate() {
            out.copy_from_slice(&numbers[self.from + step * self.stride + first..][..count]);
        }
    }

    /// Some steps of up to [`WIDTH`] columns from `first` on.
    fn pack_panel(
        &self,
        kernels: &Kernels,
        (first, count): (usize, usize),
        (step, steps): (usize, usize),
        wide: &mut Vec<f32>,
        out: &mut [f32],
    ) {
        if count < WIDTH {
            out[..steps * WIDTH].fill(0.0);
        }
        if !self.turned {
            for (step, out) in (step..step + steps).zip(out.chunks_exact_mut(WIDTH)) {
                let at = self.from + step * self.stride + first;
                match self.numbers {
                    Numbers::F32(numbers) => {
                        out[..count].copy_from_slice(&numbers[at..at + count]);
                    }
                    Numbers::Frozen(kept) => kept.read(kernels, at, &mut out[..count]),
                }
            }
            return;
        }
        let at = self.from + first * self.stride + step;
        let (rows, stride) = match self.numbers {
            Numbers::F32(numbers) => (&numbers[at..], self.stride),
            Numbers::Frozen(kept) => {
                wide.resize(WIDTH * STEPS, 0.0);
                for (row, wide) in wide.chunks_exact_mut(STEPS).take(count).enumerate() {
                    kept.read(kernels, at + row * self.stride, &mut wide[..steps]);
                }
                (&wide[..], STEPS)
            }
        };
        // SAFETY: `count` rows of `steps` numbers, as much room; `Kernels::of` made sure of the
        // instructions.
        unsafe { (kernels.panel)(rows, stride, steps, count, out) };
    }
}

/// Where a product goes: rows of `stride` numbers, of which those from `from` on are its own.
#[derive(Debug)]
pub struct Onto<'a> {
    numbers: &'a mut [f32],
    stride: usize,
    from: usize,
    scale: f32,
    adds: bool,
}

impl<'a> Onto<'a> {
    /// Whole rows of `width`.
    #[must_use]
    pub fn rows(numbers: &'a mut [f32], width: usize) -> Self {
        Self::part(numbers, width, 0)
    }

    /// A part of rows of `stride` numbers.
    #[must_use]
    pub fn part(numbers: &'a mut [f32], stride: usize, from: usize) -> Self {
        Self { numbers, stride, from, scale: 1.0, adds: false }
    }

    /// What comes is added, times `scale`, to what is there.
    #[must_use]
    pub fn adding(self, scale: f32) -> Self {
        Self { scale, adds: true, ..self }
    }
}

/// Numbers that several threads write to, each its own.
#[derive(Clone, Copy)]
struct Shared(*mut f32);

// SAFETY: every place is written by one thread; see `Part::write`.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// `left · right`, on all threads of the pool it is called in. Every sum is added in the order of the
/// steps, so it has the same bits on any number of threads.
///
/// # Panics
/// When the shapes do not fit together.
pub fn product(left: Matrix, right: Matrix, out: Onto) {
    let (rows, steps, columns) = shape_of(&left, &right, &out);
    if rayon::current_num_threads() == 1 || rows * steps * columns < WORTH_IT {
        return product_here(left, right, out);
    }
    if rows * steps * columns == 0 {
        return product_here(left, right, out);
    }
    let (blocks, panels) = (rows.div_ceil(HEIGHT), columns.div_ceil(WIDTH));
    let room = HEIGHT * steps + SPARE;
    let mut packed = PACKED.take();
    packed.resize(packed.len().max(blocks * room), 0.0);
    packed[..blocks * room].par_chunks_mut(room).enumerate().for_each(|(block, out)| {
        let (first, count) = block_of(block, rows);
        spread::with(|cpu| left.pack_rows(&cpu.kernels, first, count, out));
    });
    // Enough parts to keep all threads at work to the end.
    let wanted = (3 * rayon::current_num_threads()).div_ceil(panels);
    let some = blocks.div_ceil(wanted).clamp(1, BLOCKS);
    let groups = blocks.div_ceil(some);
    let Onto { numbers, stride, from, scale, adds } = out;
    let shared = Shared(numbers.as_mut_ptr());
    (0..groups * panels).into_par_iter().for_each(|at| {
        let (group, panel) = (at % groups, at / groups);
        let part = Part {
            packed: &packed,
            right: &right,
            blocks: (group * some, blocks.min((group + 1) * some)),
            columns: (panel * WIDTH, columns.min((panel + 1) * WIDTH)),
            shape: (rows, steps),
            out: (shared, stride, from, scale, adds),
        };
        spread::with(|cpu| part.work(cpu));
    });
    PACKED.set(packed);
}

/// The same on the thread it is called on.
///
/// # Panics
/// When the shapes do not fit together.
pub fn product_here(left: Matrix, right: Matrix, out: Onto) {
    let (rows, steps, columns) = shape_of(&left, &right, &out);
    let blocks = rows.div_ceil(HEIGHT);
    let room = HEIGHT * steps + SPARE;
    let Onto { numbers, stride, from, scale, adds } = out;
    let shared = Shared(numbers.as_mut_ptr());
    spread::with(|cpu| {
        let mut packed = std::mem::take(&mut cpu.left);
        packed.resize(packed.len().max(blocks * room), 0.0);
        for (block, out) in packed.chunks_exact_mut(room).take(blocks).enumerate() {
            let (first, count) = block_of(block, rows);
            left.pack_rows(&cpu.kernels, first, count, out);
        }
        for from_block in (0..blocks).step_by(BLOCKS) {
            for first in (0..columns).step_by(WIDTH) {
                let part = Part {
                    packed: &packed,
                    right: &right,
                    blocks: (from_block, blocks.min(from_block + BLOCKS)),
                    columns: (first, columns.min(first + WIDTH)),
                    shape: (rows, steps),
                    out: (shared, stride, from, scale, adds),
                };
                part.work(cpu);
            }
        }
        cpu.left = packed;
    });
}

/// Rows, steps and columns of a product.
fn shape_of(left: &Matrix, right: &Matrix, out: &Onto) -> (usize, usize, usize) {
    let ((rows, steps), (others, columns)) = (left.shape(), right.shape());
    assert_eq!(steps, others, "a product of {rows} × {steps} and {others} × {columns}");
    let end = rows.saturating_sub(1) * out.stride + out.from + columns;
    assert!(rows == 0 || columns <= out.stride && end <= out.numbers.len(), "room for {rows} rows");
    (rows, steps, columns)
}

/// The first row of a block, and how many it has.
fn block_of(block: usize, rows: usize) -> (usize, usize) {
    let first = block * HEIGHT;
    (first, HEIGHT.min(rows - first))
}

/// Some blocks of rows against one panel.
struct Part<'a> {
    packed: &'a [f32],
    right: &'a Matrix<'a>,
    blocks: (usize, usize),
    columns: (usize, usize),
    /// Rows of the whole, and steps.
    shape: (usize, usize),
    out: (Shared, usize, usize, f32, bool),
}

impl Part<'_> {
    fn work(&self, cpu: &mut super::Cpu) {
        let (rows, steps) = self.shape;
        let (first, count) = (self.columns.0, self.columns.1 - self.columns.0);
        let room = HEIGHT * steps + SPARE;
        let kernels = cpu.kernels;
        let (mut wide, mut sums) = (std::mem::take(&mut cpu.wide), std::mem::take(&mut cpu.words));
        let mut panel = std::mem::take(&mut cpu.panel);
        panel.resize(STEPS * WIDTH, 0.0);
        sums.clear();
        sums.resize((self.blocks.1 - self.blocks.0) * HEIGHT * WIDTH, 0.0);
        for from in (0..steps).step_by(STEPS) {
            let some = STEPS.min(steps - from);
            self.right.pack_panel(&kernels, (first, count), (from, some), &mut wide, &mut panel);
            let blocks = (self.blocks.0..self.blocks.1).zip(sums.chunks_exact_mut(HEIGHT * WIDTH));
            for (block, sums) in blocks {
                let height = block_of(block, rows).1;
                let packed = &self.packed[block * room + from * height..][..some * height];
                // SAFETY: `some × height` numbers of rows, a panel of as many steps, room for the sums;
                // and `Kernels::of` made sure of the instructions.
                unsafe {
                    (kernels.tile)(
                        some,
                        height,
                        packed.as_ptr(),
                        panel.as_ptr(),
                        sums.as_mut_ptr(),
                    );
                }
            }
        }
        self.write(&sums, count);
        (cpu.wide, cpu.words, cpu.panel) = (wide, sums, panel);
    }

    fn write(&self, sums: &[f32], count: usize) {
        let (shared, stride, from, scale, adds) = self.out;
        let first = self.blocks.0 * HEIGHT;
        let end = self.shape.0.min(self.blocks.1 * HEIGHT);
        for (row, sums) in (first..end).zip(sums.chunks_exact(WIDTH)) {
            let at = row * stride + from + self.columns.0;
            // SAFETY: `shape_of` made sure that the row is there, and no other part has these columns of it.
            let out = unsafe { std::slice::from_raw_parts_mut(shared.0.add(at), count) };
            if adds {
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out += scale * sum);
            } else {
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out = scale * sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    fn turned(numbers: &[f32], width: usize) -> Vec<f32> {
        (0..width).flat_map(|at| numbers.iter().skip(at).step_by(width).copied()).collect()
    }

    #[test]
    fn any_way_round_it_is_the_same_product() {
        for (rows, steps, columns) in [(1, 1, 1), (15, 7, 33), (40, 300, 70), (130, 64, 16)] {
            let (left, right) = (numbers(rows * steps, 1), numbers(steps * columns, 2));
            let exact = |row: usize, column: usize| -> f64 {
                let one = |at| f64::from(left[row * steps + at]);
                (0..steps).map(|at| one(at) * f64::from(right[at * columns + column])).sum()
            };
            let (left_turned, right_turned) = (turned(&left, steps), turned(&right, columns));
            let kept = Frozen::new(right.clone(), Number::F32);
            let kept_turned = Frozen::new(right_turned.clone(), Number::F32);
            let lefts = [Matrix::of(&left, steps), Matrix::of(&left_turned, rows).turned()];
            let rights = [
                Matrix::of(&right, columns),
                Matrix::of(&right_turned, steps).turned(),
                Matrix::frozen(&kept, steps, columns),
                Matrix::frozen(&kept_turned, columns, steps).turned(),
            ];
            let mut first: Option<Vec<f32>> = None;
            for (left, right) in lefts.iter().flat_map(|l| rights.iter().map(move |r| (*l, *r))) {
                let stride = columns + 5;
                let (mut all, mut here) = (vec![1.0; rows * stride], vec![1.0; rows * stride]);
                product(left, right, Onto::part(&mut all, stride, 3).adding(0.5));
                product_here(left, right, Onto::part(&mut here, stride, 3).adding(0.5));
                assert_eq!(all, here);
                for row in 0..rows {
                    for column in 0..columns {
                        let given = f64::from(all[row * stride + 3 + column]);
                        let right = 1.0 + 0.5 * exact(row, column);
                        assert!((given - right).abs() < 1e-5, "{given} {right}");
                    }
                    assert_eq!(all[row * stride], 1.0);
                }
                assert_eq!(first.get_or_insert(all.clone()), &all);
            }
        }
    }

    #[test]
    fn weights_of_sixteen_bits_are_what_they_are_worth() {
        let (rows, steps, columns) = (20, 300, 50);
        let left = numbers(rows * steps, 3);
        for number in [Number::F16, Number::Bf16] {
            let kept = Frozen::new(numbers(steps * columns, 4), number);
            let worth: Vec<f32> = match &kept {
                Frozen::F16(bits) => bits.iter().map(|&b| f16::from_bits(b).to_f32()).collect(),
                Frozen::Bf16(bits) => bits.iter().map(|&b| bf16::from_bits(b).to_f32()).collect(),
                Frozen::F32(_) | Frozen::Nf4(_) => unreachable!("of sixteen bits"),
            };
            let mut both = [vec![0.0; rows * columns], vec![0.0; rows * columns]];
            let left = Matrix::of(&left, steps);
            let [one, other] = &mut both;
            product(left, Matrix::frozen(&kept, steps, columns), Onto::rows(one, columns));
            product(left, Matrix::of(&worth, columns), Onto::rows(other, columns));
            assert_eq!(both[0], both[1]);
            product(
                left,
                Matrix::frozen(&kept, columns, steps).turned(),
                Onto::rows(&mut both[0], columns),
            );
            product(left, Matrix::of(&worth, steps).turned(), Onto::rows(&mut both[1], columns));
            assert_eq!(both[0], both[1]);
        }
    }
}
