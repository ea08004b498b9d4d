//! One vector of a text's many rows.

use serde::Deserialize;

use crate::error::{Error, Result};

/// A way to make one vector of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    First,
    Max,
    Mean,
    MeanBySquareRoot,
    MeanByPlace,
    Last,
}

/// One or more ways, their vectors side by side.
#[derive(Debug, Clone)]
pub(super) struct Pooling(Vec<Way>);

/// A folder's `1_Pooling/config.json`.
#[derive(Deserialize)]
pub(super) struct Written {
    #[serde(default)]
    pooling_mode: Option<String>,
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_max_tokens: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
    #[serde(default)]
    pooling_mode_mean_sqrt_len_tokens: bool,
    #[serde(default)]
    pooling_mode_weightedmean_tokens: bool,
    #[serde(default)]
    pooling_mode_lasttoken: bool,
    #[serde(default = "yes")]
    include_prompt: bool,
}

fn yes() -> bool {
    true
}

const FILE: &str = "1_Pooling/config.json";

impl Pooling {
    /// The mean, which is what sentence-transformers takes where a model says nothing.
    pub(super) fn mean() -> Self {
        Self(vec![Way::Mean])
    }

    /// As it is written.
    pub(super) fn new(written: &Written) -> Result<Self> {
        if !written.include_prompt {
            let (field, value) = ("include_prompt".to_owned(), "false".to_owned());
            return Err(Error::BadField { file: FILE, field, value });
        }
        // In the order in which sentence-transformers puts them side by side.
        let flags = [
            (written.pooling_mode_cls_token, Way::First),
            (written.pooling_mode_max_tokens, Way::Max),
            (written.pooling_mode_mean_tokens, Way::Mean),
            (written.pooling_mode_mean_sqrt_len_tokens, Way::MeanBySquareRoot),
            (written.pooling_mode_weightedmean_tokens, Way::MeanByPlace),
            (written.pooling_mode_lasttoken, Way::Last),
        ];
        let mut ways: Vec<_> =
            flags.into_iter().filter(|(on, _)| *on).map(|(_, way)| way).collect();
        if let Some(name) = &written.pooling_mode {
            let way = Way::ALL.into_iter().find(|way| way.name() == name);
            let unknown = || Error::BadField {
                file: FILE,
                field: "pooling_mode".to_owned(),
                value: name.clone(),
            };
            ways = vec![way.ok_or_else(unknown)?];
        }
        Ok(if ways.is_empty() { Self::mean() } else { Self(ways) })
    }

    /// Numbers of a vector made of rows as wide as `width`.
    pub(super) fn width(&self, width: usize) -> usize {
        self.0.len() * width
    }

    /// The names of the ways.
    pub(super) fn name(&self) -> String {
        self.0.iter().map(|way| way.name()).collect::<Vec<_>>().join("+")
    }

    /// Appends the vector of a text's rows, of which there is at least one.
    pub(super) fn pool(&self, rows: &[f32], width: usize, out: &mut Vec<f32>) {
        for way in &self.0 {
            let from = out.len();
            out.resize(from + width, 0.0);
            way.pool(rows, &mut out[from..]);
        }
    }
}

impl Way {
    const ALL: [Self; 6] =
        [Self::First, Self::Max, Self::Mean, Self::MeanBySquareRoot, Self::MeanByPlace, Self::Last];

    fn name(self) -> &'static str {
        match self {
            Self::First => "cls",
            Self::Max => "max",
            Self::Mean => "mean",
            Self::MeanBySquareRoot => "mean_sqrt_len_tokens",
            Self::MeanByPlace => "weightedmean",
            Self::Last => "lasttoken",
        }
    }

    fn pool(self, rows: &[f32], out: &mut [f32]) {
        let width = out.len();
        let count = rows.len() / width;
        match self {
            Self::First => out.copy_from_slice(&rows[..width]),
            Self::Last => out.copy_from_slice(&rows[rows.len() - width..]),
            Self::Max => {
                out.fill(f32::NEG_INFINITY);
                for row in rows.chunks_exact(width) {
                    out.iter_mut().zip(row).for_each(|(out, x)| *out = out.max(*x));
                }
            }
            Self::Mean => weighted(rows, out, count as f32, |_| 1.0),
            Self::MeanBySquareRoot => weighted(rows, out, (count as f32).sqrt(), |_| 1.0),
            Self::MeanByPlace => {
                let sum = (count * (count + 1) / 2) as f32;
                weighted(rows, out, sum, |place| (place + 1) as f32);
            }
        }
    }
}

fn weighted(rows: &[f32], out: &mut [f32], by: f32, weight: impl Fn(usize) -> f32) {
    for (place, row) in rows.chunks_exact(out.len()).enumerate() {
        let weight = weight(place);
        out.iter_mut().zip(row).for_each(|(out, x)| *out += weight * x);
    }
    out.iter_mut().for_each(|x| *x /= by);
}
