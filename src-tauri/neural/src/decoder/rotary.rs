//! Places as turns of pairs of numbers (Su et al. 2021, <https://arxiv.org/abs/2104.09864>).

use serde::Deserialize;

use crate::error::{Error, Result};

/// What a configuration says of turning.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Scaling {
    #[serde(alias = "type")]
    rope_type: Option<String>,
    pub(super) rope_theta: Option<f64>,
    pub(super) partial_rotary_factor: Option<f64>,
    factor: Option<f64>,
    low_freq_factor: Option<f64>,
    high_freq_factor: Option<f64>,
    original_max_position_embeddings: Option<f64>,
}

/// How fast every pair of a head's first numbers turns from place to place.
#[derive(Debug, Clone)]
pub struct Rotary {
    /// Radians a place.
    speeds: Vec<f32>,
}

impl Rotary {
    /// For the first `width` numbers of a head.
    ///
    /// # Errors
    /// [`Error::BadField`] for a kind that is not known here.
    pub(super) fn new(width: usize, theta: f64, said: &Scaling) -> Result<Self> {
        let speeds = (0..width / 2).map(|at| 1.0 / theta.powf(2.0 * at as f64 / width as f64));
        let missing = |field: &str| Error::BadField {
            file: "config.json",
            field: format!("rope_scaling.{field}"),
            value: "missing".to_owned(),
        };
        let needed = |field: &str, value: Option<f64>| value.ok_or_else(|| missing(field));
        let speeds: Vec<f64> = match said.rope_type.as_deref() {
            None | Some("default") => speeds.collect(),
            Some("linear") => {
                let factor = needed("factor", said.factor)?;
                speeds.map(|speed| speed / factor).collect()
            }
            Some("llama3") => {
                let factor = needed("factor", said.factor)?;
                let low = needed("low_freq_factor", said.low_freq_factor)?;
                let high = needed("high_freq_factor", said.high_freq_factor)?;
                let length = "original_max_position_embeddings";
                let length = needed(length, said.original_max_position_embeddings)?;
                speeds.map(|speed| slower(speed, factor, low, high, length)).collect()
            }
            Some(other) => {
                return Err(Error::BadField {
                    file: "config.json",
                    field: "rope_scaling.rope_type".to_owned(),
                    value: other.to_owned(),
                });
            }
        };
        Ok(Self { speeds: speeds.into_iter().map(|speed| speed as f32).collect() })
    }

    /// The cosines and sines of every pair at a place.
    pub(crate) fn turns(&self, place: usize) -> impl Iterator<Item = (f32, f32)> + '_ {
        self.speeds.iter().map(move |speed| {
            let (sine, cosine) = (place as f32 * speed).sin_cos();
            (cosine, sine)
        })
    }

    /// Pairs that turn.
    pub(crate) fn pairs(&self) -> usize {
        self.speeds.len()
    }
}

/// Llama 3's way to longer texts: what turns slowly turns slower, what turns fast stays (Grattafiori et
/// al. 2024, <https://arxiv.org/abs/2407.21783>).
fn slower(speed: f64, factor: f64, low: f64, high: f64, length: f64) -> f64 {
    let wave = std::f64::consts::TAU / speed;
    if wave > length / low {
        speed / factor
    } else if wave < length / high {
        speed
    } else {
        let share = (length / wave - low) / (high - low);
        (1.0 - share) * speed / factor + share * speed
    }
}

/// Turns the first numbers of every head of a row.
pub(crate) fn turn(row: &mut [f32], head: usize, turns: &[(f32, f32)]) {
    for head in row.chunks_exact_mut(head) {
        let (first, second) = head.split_at_mut(turns.len());
        for ((one, other), (cosine, sine)) in first.iter_mut().zip(second).zip(turns) {
            (*one, *other) = (*one * cosine - *other * sine, *other * cosine + *one * sine);
        }
    }
}
