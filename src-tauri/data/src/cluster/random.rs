//! numpy's `RandomState`: the Mersenne Twister MT19937 and the draws that scikit-learn makes.

const LENGTH: usize = 624;
const SHIFT: usize = 397;

/// The generator of `numpy.random.RandomState(seed)`.
#[derive(Debug, Clone)]
pub(crate) struct RandomState {
    key: [u32; LENGTH],
    position: usize,
}

impl RandomState {
    /// Seeds as `RandomState(seed)` does for an integer.
    pub(crate) fn new(seed: u32) -> Self {
        let mut key = [0; LENGTH];
        let mut word = seed;
        for (slot, index) in key.iter_mut().zip(1..) {
            *slot = word;
            word = 1_812_433_253_u32.wrapping_mul(word ^ word >> 30).wrapping_add(index);
        }
        Self { key, position: LENGTH }
    }

    fn refill(&mut self) {
        for i in 0..LENGTH {
            let y = self.key[i] & 0x8000_0000 | self.key[(i + 1) % LENGTH] & 0x7FFF_FFFF;
            let twist = if y & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.key[i] = self.key[(i + SHIFT) % LENGTH] ^ y >> 1 ^ twist;
        }
        self.position = 0;
    }

    fn word(&mut self) -> u32 {
        if self.position == LENGTH {
            self.refill();
        }
        let mut y = self.key[self.position];
        self.position += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9D2C_5680;
        y ^= y << 15 & 0xEFC6_0000;
        y ^ y >> 18
    }

    /// A number from [0, 1) with 53 random bits: `random_sample()`.
    pub(crate) fn uniform(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// A number from 0 to `most` by masked rejection: numpy's `random_interval`.
    fn interval(&mut self, most: u32) -> u32 {
        if most == 0 {
            return 0;
        }
        let mask = u32::MAX >> most.leading_zeros();
        loop {
            let value = self.word() & mask;
            if value <= most {
                return value;
            }
        }
    }

    /// `permutation(n)`: the numbers below `n`, shuffled.
    pub(crate) fn permutation(&mut self, n: u32) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..n).collect();
        for i in (1..n).rev() {
            let j = self.interval(i);
            numbers.swap(i as usize, j as usize);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_equal_numpy() {
        // np.random.RandomState(42).random_sample(3), np.random.RandomState(42).permutation(8)
        let mut random = RandomState::new(42);
        assert_eq!(random.uniform(), 0.374_540_118_847_362_5);
        assert_eq!(random.uniform(), 0.950_714_306_409_916_2);
        assert_eq!(random.uniform(), 0.731_993_941_811_405_1);
        assert_eq!(RandomState::new(42).permutation(8), [1, 5, 0, 7, 2, 4, 3, 6]);
    }
}
