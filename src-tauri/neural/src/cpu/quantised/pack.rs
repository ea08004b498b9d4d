//! Blocks of a file into panels.

use super::Section;
use super::bits::Form;
use crate::cpu::tile::WIDTH;
use crate::weights::gguf::Blocks;

impl Section {
    /// Packs `outputs` rows of blocks of `inputs` numbers, which may come in several pieces, into panels
    /// from `first` on. Outputs that are missing from the last panel are noughts.
    pub(super) fn pack(
        kind: Blocks,
        first: usize,
        outputs: usize,
        inputs: usize,
        pieces: &[&[u8]],
    ) -> Self {
        let ((block, bytes), group, form) = (kind.size(), kind.group(), Form::of(kind));
        let (panels, blocks) = (outputs.div_ceil(WIDTH), inputs / block);
        let has_small = block > group;
        let kept = if form.has_leasts { 2 } else { 1 } * WIDTH;
        let small = if has_small { inputs / group } else { 0 };
        let mut section = Self {
            form,
            panels: first..first + panels,
            inputs,
            block,
            group,
            codes: vec![0; panels * inputs / 32 * form.bits.chunk()],
            scales: vec![0; panels * blocks * kept],
            small: vec![0; panels * small * kept],
        };
        let rows = pieces.iter().flat_map(|piece| piece.chunks_exact(blocks * bytes));
        let mut count = 0;
        for (row, blocks_of_row) in rows.enumerate() {
            let (panel, column) = (row / WIDTH, row % WIDTH);
            for (at, one) in blocks_of_row.chunks_exact(bytes).enumerate() {
                let parts = kind.parts(one);
                let scales = &mut section.scales[(panel * blocks + at) * kept..][..kept];
                put(scales, column, parts.scale, parts.least);
                for some in 0..block / group * usize::from(has_small) {
                    let place = panel * small + at * (block / group) + some;
                    let small = &mut section.small[place * kept..][..kept];
                    put(small, column, parts.scales[some], parts.leasts[some]);
                }
                let (chunk, from) = (form.bits.chunk(), panel * (inputs / 32) + at * (block / 32));
                let codes = section.codes[from * chunk..].chunks_exact_mut(chunk);
                for (numbers, codes) in parts.numbers[..block].chunks_exact(32).zip(codes) {
                    form.put(numbers, column, codes);
                }
            }
            count = row + 1;
        }
        assert_eq!(count, outputs, "rows of {inputs} numbers");
        section
    }
}

/// A scale into its column, and the least beside the scales where they are kept.
fn put<T>(pair: &mut [T], column: usize, scale: T, least: T) {
    pair[column] = scale;
    if let Some(place) = pair.get_mut(WIDTH + column) {
        *place = least;
    }
}
