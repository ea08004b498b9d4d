//! One product, or one sequence's attention, on all threads: for models that write one token at a time.

use std::cell::RefCell;

use rayon::prelude::*;

use super::attention::Reach;
use super::tile::{HEIGHT, WIDTH};
use super::{Activation, Attention, Cpu, Packed, Rows};

/// Products of numbers below which other threads would wake up too late.
const WORTH_IT: usize = 1 << 16;

thread_local! {
    static CPU: RefCell<Cpu> = RefCell::default();
}

/// Calls `work` with this thread's kernels.
pub(crate) fn with<T>(work: impl FnOnce(&mut Cpu) -> T) -> T {
    CPU.with_borrow_mut(work)
}

/// [`Cpu::multiply`] on all threads of the pool it is called in. A row has the same bits whatever their
/// number and its company.
///
/// # Panics
/// When the lengths do not fit together.
pub fn multiply(
    rows: &[f32],
    weights: &Packed,
    bias: &[f32],
    activation: Activation,
    out: &mut [f32],
) {
    let (inputs, outputs) = (weights.inputs(), weights.outputs());
    let (count, threads) = (rows.len() / inputs, rayon::current_num_threads());
    if threads == 1 || count * inputs * outputs < WORTH_IT {
        return with(|cpu| cpu.multiply(rows, weights, bias, activation, out));
    }
    if count >= 2 * HEIGHT * threads {
        let some = count.div_ceil(threads).next_multiple_of(HEIGHT);
        rows.par_chunks(some * inputs)
            .zip(out.par_chunks_mut(some * outputs))
            .for_each(|(rows, out)| with(|cpu| cpu.multiply(rows, weights, bias, activation, out)));
        return;
    }
    let some = weights.panels().div_ceil(threads);
    let ranges: Vec<_> = (0..weights.panels())
        .step_by(some)
        .map(|from| from..weights.panels().min(from + some))
        .collect();
    let part = |at: usize, out: &mut [f32]| {
        with(|cpu| cpu.multiply_panels(rows, weights, ranges[at].clone(), bias, activation, out));
    };
    if count == 1 {
        let parts = out.par_chunks_mut(some * WIDTH).enumerate();
        return parts.for_each(|(at, out)| part(at, out));
    }
    let parts: Vec<Vec<f32>> = (0..ranges.len())
        .into_par_iter()
        .map(|at| {
            let mut out = vec![0.0; count * weights.columns(&ranges[at]).len()];
            part(at, &mut out);
            out
        })
        .collect();
    for (range, part) in ranges.iter().zip(parts) {
        let columns = weights.columns(range);
        for (out, part) in out.chunks_exact_mut(outputs).zip(part.chunks_exact(columns.len())) {
            out[columns.clone()].copy_from_slice(part);
        }
    }
}

/// `work` on all threads of the pool it is called in, for rows of `inputs` numbers and as many of
/// `outputs` that are made of them.
pub(crate) fn by_rows(
    rows: &[f32],
    inputs: usize,
    outputs: usize,
    out: &mut [f32],
    work: impl Fn(&mut Cpu, &[f32], &mut [f32]) + Sync,
) {
    let (count, threads) = (rows.len() / inputs, rayon::current_num_threads());
    if threads == 1 || count == 1 {
        return with(|cpu| work(cpu, rows, out));
    }
    let some = count.div_ceil(threads);
    rows.par_chunks(some * inputs)
        .zip(out.par_chunks_mut(some * outputs))
        .for_each(|(rows, out)| with(|cpu| work(cpu, rows, out)));
}

/// [`Cpu::attend`] on all threads of the pool it is called in.
///
/// # Panics
/// When the lengths do not fit together.
pub fn attend(queries: Rows, keys: Rows, values: Rows, attention: &Attention, out: &mut [f32]) {
    let (total, threads) = (attention.heads.total(), rayon::current_num_threads());
    let work = queries.count * keys.count * total;
    if threads == 1 || work < WORTH_IT {
        return with(|cpu| cpu.attend(queries, keys, values, attention, out));
    }
    if queries.count == 1 {
        let some = attention.heads.count.div_ceil(threads);
        out.par_chunks_mut(some * attention.heads.width).enumerate().for_each(|(at, out)| {
            let heads = at * some..attention.heads.count.min((at + 1) * some);
            with(|cpu| cpu.attend_heads(queries, keys, values, attention, heads, out));
        });
        return;
    }
    if !attention.bias.is_empty() {
        return with(|cpu| cpu.attend(queries, keys, values, attention, out));
    }
    // Later queries have more keys: smaller parts come out even.
    let some = queries.count.div_ceil(4 * threads).max(4 * HEIGHT);
    out.par_chunks_mut(some * total).enumerate().for_each(|(at, out)| {
        let (from, count) = (at * some, out.len() / total);
        let unseen = match attention.reach {
            Reach::All => 0,
            Reach::Before(_) => queries.count - from - count,
        };
        let numbers = &queries.numbers[from * queries.stride..];
        let mine = Rows { numbers, count, ..queries };
        with(|cpu| cpu.attend(mine, seen(keys, unseen), seen(values, unseen), attention, out));
    });
}

/// All rows but the last `unseen`.
fn seen(rows: Rows, unseen: usize) -> Rows {
    Rows { count: rows.count - unseen, ..rows }
}

#[cfg(test)]
mod tests {
    use super::super::Heads;
    use super::*;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|x| (((x + seed) * 7919 % 1009) as f32 / 500.0).cos()).collect()
    }

    fn threads(count: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(count).build().expect("threads")
    }

    #[test]
    fn a_product_has_the_same_bits_on_any_number_of_threads() {
        let (inputs, outputs) = (130, 700);
        let weights = Packed::new(outputs, inputs, &numbers(inputs * outputs, 1));
        let bias = numbers(outputs, 2);
        for count in [1, 5, 150] {
            let rows = numbers(count * inputs, 3);
            let on = |some: usize| {
                let mut out = vec![0.0; count * outputs];
                threads(some)
                    .install(|| multiply(&rows, &weights, &bias, Activation::Silu, &mut out));
                out
            };
            let alone = on(1);
            assert!(on(2) == alone && on(5) == alone, "{count}");
        }
    }

    #[test]
    fn attention_has_the_same_bits_on_any_number_of_threads() {
        let heads = Heads { count: 6, width: 24 };
        for (asked, known, reach) in
            [(1, 900, Reach::Before(400)), (300, 310, Reach::Before(50)), (200, 90, Reach::All)]
        {
            let (q, k) = (numbers(asked * heads.total(), 4), numbers(known * heads.total() / 2, 5));
            let attention = Attention { heads, sharing: 2, scale: 0.2, bias: &[], reach };
            let on = |some: usize| {
                let mut out = vec![0.0; q.len()];
                let (q, k) = (Rows::of(&q, heads.total()), Rows::of(&k, heads.total() / 2));
                threads(some).install(|| attend(q, k, k, &attention, &mut out));
                out
            };
            let alone = on(1);
            assert!(on(2) == alone && on(5) == alone, "{asked} {known}");
        }
    }
}
