//! A linear map after pooling, as some sentence models have one.

use std::path::Path;

use serde::Deserialize;

use crate::cpu::{Activation, Packed};
use crate::encoder::Room;
use crate::error::{Error, Result};
use crate::folder::Folder;

/// A linear map with its bias and activation.
#[derive(Debug)]
pub(super) struct Dense {
    weights: Packed,
    bias: Vec<f32>,
    activation: Activation,
}

#[derive(Deserialize)]
struct Written {
    in_features: usize,
    out_features: usize,
    #[serde(default = "yes")]
    bias: bool,
    activation_function: Option<String>,
}

fn yes() -> bool {
    true
}

impl Dense {
    pub(super) fn open(path: &Path, inputs: usize) -> Result<Self> {
        let folder = Folder::open(path)?;
        let written: Written = folder.json("config.json")?;
        let bad = |field: &str, value: String| Error::BadField {
            file: "2_Dense/config.json",
            field: field.to_owned(),
            value,
        };
        if written.in_features != inputs {
            return Err(bad("in_features", written.in_features.to_string()));
        }
        let name = written.activation_function.unwrap_or_default();
        let activation = match name.rsplit('.').next().unwrap_or_default() {
            "Tanh" => Activation::Tanh,
            "Identity" => Activation::None,
            "GELU" => Activation::Gelu,
            "ReLU" => Activation::Relu,
            _ => return Err(bad("activation_function", name)),
        };
        let weights = folder.weights()?;
        let map = weights.load("linear.weight", &[written.out_features, inputs])?;
        let bias = if written.bias {
            weights.load("linear.bias", &[written.out_features])?
        } else {
            Vec::new()
        };
        Ok(Self { weights: Packed::new(written.out_features, inputs, &map), bias, activation })
    }

    pub(super) fn width(&self) -> usize {
        self.weights.outputs()
    }

    pub(super) fn apply(&self, room: &mut Room, rows: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; rows.len() / self.weights.inputs() * self.width()];
        room.cpu().multiply(rows, &self.weights, &self.bias, self.activation, &mut out);
        out
    }
}
