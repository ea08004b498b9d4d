//! Keys and values of tokens that were read.

use candle_core::{Result as Made, Tensor};

use super::Card;

/// The least room that is taken, in tokens.
const LEAST: usize = 256;

/// Those of one layer. Room is taken ahead and doubled when it is full, so that a token costs no copy of
/// what was before it.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    room: Option<(Tensor, Tensor)>,
    length: usize,
    /// Whether the room is also another's, which may write to it beyond this one's length.
    shared: bool,
}

impl Clone for Kept {
    /// Shares the room until the clone gets tokens of its own.
    fn clone(&self) -> Self {
        Self { room: self.room.clone(), length: self.length, shared: true }
    }
}

impl Kept {
    /// Appends keys and values of some tokens, `[kept, tokens, width]` each, of `most` at the most.
    pub(crate) fn add(
        &mut self,
        card: &Card,
        keys: &Tensor,
        values: &Tensor,
        most: usize,
    ) -> Made<()> {
        let (kept, tokens, width) = keys.dims3()?;
        let length = self.length + tokens;
        let has = self.room.as_ref().map_or(Ok(0), |(keys, _)| keys.dim(1))?;
        if length > has || self.shared {
            let size = length.next_power_of_two().max(LEAST).min(most).max(length);
            let larger = |old: Option<&Tensor>| {
                let new = card.zeros((kept, size, width))?;
                if let Some(old) = old.filter(|_| self.length > 0) {
                    new.slice_set(&old.narrow(1, 0, self.length)?.contiguous()?, 1, 0)?;
                }
                Made::Ok(new)
            };
            let old = self.room.as_ref();
            self.room = Some((larger(old.map(|room| &room.0))?, larger(old.map(|room| &room.1))?));
            self.shared = false;
        }
        if let Some((all_keys, all_values)) = &self.room {
            all_keys.slice_set(&keys.contiguous()?, 1, self.length)?;
            all_values.slice_set(&values.contiguous()?, 1, self.length)?;
        }
        self.length = length;
        Ok(())
    }

    /// Keys and values of `count` tokens from `from` on, `[1, kept, count, width]` each.
    pub(crate) fn some(&self, from: usize, count: usize) -> Made<(Tensor, Tensor)> {
        let Some((keys, values)) = &self.room else {
            candle_core::bail!("nothing is kept");
        };
        let part = |all: &Tensor| all.narrow(1, from, count)?.unsqueeze(0);
        Ok((part(keys)?, part(values)?))
    }

    /// All of them.
    pub(crate) fn all(&self) -> Made<(Tensor, Tensor)> {
        self.some(0, self.length)
    }
}
