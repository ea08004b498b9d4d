//! Numbers in eight bits whose steps grow with them (Dettmers et al. 2022,
//! <https://arxiv.org/abs/2110.02861>): bitsandbytes' dynamic map, with a scale for every block.

use std::sync::LazyLock;

/// Numbers that share a scale, as bitsandbytes' optimisers have them.
pub const BLOCK: usize = 256;
/// The digits that the values cover, each with twice as many values as the one below it.
const DIGITS: i32 = 7;
/// The upper bits of a number, by which its place is looked up: between two of their values no more than two
/// of the map's lie.
const UPPER: usize = 1 << 16;

/// What eight bits stand for: shares of a block's largest number.
#[derive(Debug)]
pub struct Dynamic {
    values: [f32; 256],
    /// Half way to the next value.
    next: [f32; 256],
    /// By a number's upper bits, the place of the value that is nearest to the least of them.
    places: Vec<u8>,
}

impl Dynamic {
    /// Of numbers of both signs.
    #[must_use]
    pub fn signed() -> &'static Self {
        static SIGNED: LazyLock<Dynamic> = LazyLock::new(|| Dynamic::new(true));
        &SIGNED
    }

    /// Of numbers that are never below nought.
    #[must_use]
    pub fn unsigned() -> &'static Self {
        static UNSIGNED: LazyLock<Dynamic> = LazyLock::new(|| Dynamic::new(false));
        &UNSIGNED
    }

    fn new(signed: bool) -> Self {
        let mut values = vec![0.0, 1.0];
        for digit in 0..DIGITS {
            let count = 1_u32 << if signed { digit } else { digit + 1 };
            let edge = |at: u32| 0.1 + 0.9 * f64::from(at) / f64::from(count);
            for at in 0..count {
                let mean = (edge(at) + edge(at + 1)) / 2.0 * 10_f64.powi(digit + 1 - DIGITS);
                values.push(mean as f32);
                if signed {
                    values.push(-mean as f32);
                }
            }
        }
        values.sort_by(f32::total_cmp);
        let values: [f32; 256] = std::array::from_fn(|at| values[at]);
        let half = |at: usize| values.get(at + 1).map_or(f32::INFINITY, |x| (values[at] + x) / 2.0);
        let next = std::array::from_fn(half);
        let place = |upper: usize| {
            let bits = (upper as u32) << 16;
            let (one, other) = (f32::from_bits(bits), f32::from_bits(bits | 0xFFFF));
            next[..255].partition_point(|&half| half < one.min(other)) as u8
        };
        Self { values, next, places: (0..UPPER).map(place).collect() }
    }

    /// What each place stands for, the least first.
    #[must_use]
    pub fn values(&self) -> &[f32; 256] {
        &self.values
    }

    /// The place of the value that is nearest to a share.
    #[must_use]
    pub fn place(&self, share: f32) -> u8 {
        let place = self.places[(share.to_bits() >> 16) as usize];
        place.saturating_add(u8::from(share > self.next[usize::from(place)]))
    }

    /// Reads a block.
    pub fn read(&self, bits: &[u8], scale: f32, out: &mut [f32]) {
        for (out, &place) in out.iter_mut().zip(bits) {
            *out = self.values[usize::from(place)] * scale;
        }
    }

    /// Writes a block, and gives its scale.
    pub fn write(&self, numbers: &[f32], bits: &mut [u8]) -> f32 {
        let most = numbers.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let share = if most > 0.0 { 1.0 / most } else { 0.0 };
        for (place, number) in bits.iter_mut().zip(numbers) {
            *place = self.place(number * share);
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_gets_the_nearest_value() {
        for map in [Dynamic::signed(), Dynamic::unsigned()] {
            // Every 61st number that there is, from -1 to 1.
            for bits in (0..=1.0_f32.to_bits()).step_by(61) {
                for share in [f32::from_bits(bits), -f32::from_bits(bits)] {
                    let given = map.values[usize::from(map.place(share))];
                    let above = map.values.partition_point(|&value| value < share).min(255);
                    let below = above.saturating_sub(1);
                    let nearest =
                        [above, below].map(|at| (map.values[at] - share).abs()).into_iter();
                    let nearest = nearest.fold(f32::INFINITY, f32::min);
                    assert!((given - share).abs() <= nearest * (1.0 + 1e-4), "{share}: {given}");
                }
            }
        }
    }
}
