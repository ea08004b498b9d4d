//! Linear maps, and the tensors that they and other parts are read from.

use crate::adapter::{Fit, Slice};
use crate::cpu::product::Frozen;
use crate::cpu::{Activation, Bf16, Cpu, Int8, Packed, spread};
use crate::error::{Error, Result};
use crate::target::Precision;
use crate::weights::{Kind, Number, Weights};

/// How a map's weights lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A row for every output, as PyTorch's `nn.Linear` has it.
    Outputs,
    /// A row for every input, as GPT-2's `Conv1D` has it.
    Inputs,
}

/// A linear map with its bias.
#[derive(Debug)]
pub(crate) struct Linear {
    weights: Kept,
    bias: Vec<f32>,
    /// What an adapter changes of it.
    changes: Vec<Slice>,
}

/// Weights in a form for products.
#[derive(Debug)]
enum Kept {
    /// With rows in single precision.
    Packed(Packed),
    /// With rows in bf16.
    Bf16(Bf16),
    /// With rows in bytes.
    Int8(Int8),
}

impl Kept {
    fn inputs(&self) -> usize {
        match self {
            Self::Packed(weights) => weights.inputs(),
            Self::Bf16(weights) => weights.inputs(),
            Self::Int8(weights) => weights.inputs(),
        }
    }

    fn outputs(&self) -> usize {
        match self {
            Self::Packed(weights) => weights.outputs(),
            Self::Bf16(weights) => weights.outputs(),
            Self::Int8(weights) => weights.outputs(),
        }
    }
}

impl Linear {
    /// Several maps of the same rows as one, their outputs side by side, in single precision.
    pub(crate) fn load(
        found: &Found,
        names: &[String],
        outputs: usize,
        inputs: usize,
    ) -> Result<Self> {
        Self::load_as(found, names, outputs, inputs, Precision::F32)
    }

    /// The same in single precision, bf16 or int8.
    pub(crate) fn load_as(
        found: &Found,
        names: &[String],
        outputs: usize,
        inputs: usize,
        precision: Precision,
    ) -> Result<Self> {
        let mut weights = Vec::with_capacity(names.len() * outputs * inputs);
        let mut bias = Vec::with_capacity(names.len() * outputs);
        for name in names {
            weights.extend(found.load(&format!("{name}.weight"), &[outputs, inputs])?);
            bias.extend(found.load(&format!("{name}.bias"), &[outputs])?);
        }
        let parts = names.iter().map(|name| (name.as_str(), outputs));
        let all = names.len() * outputs;
        Ok(Self {
            weights: match precision {
                Precision::Bf16 => Kept::Bf16(Bf16::new(all, inputs, &weights)),
                Precision::Int8 => Kept::Int8(Int8::new(all, inputs, &weights)),
                _ => Kept::Packed(Packed::new(all, inputs, &weights)),
            },
            bias,
            changes: changes(found, parts, inputs)?,
        })
    }

    /// Several maps of the same rows as one, kept in as many bits as in the file, or as `found` wants
    /// them; those without a bias have none. `parts` are their names and outputs.
    pub(crate) fn load_kept(
        found: &Found,
        parts: &[(String, usize)],
        inputs: usize,
        layout: Layout,
    ) -> Result<Self> {
        let weights = match blocks(found, parts, inputs, layout)? {
            Some(packed) => packed,
            None => numbers(found, parts, inputs, layout)?,
        };
        let (mut bias, mut has_bias) = (Vec::with_capacity(weights.outputs()), false);
        for (name, outputs) in parts {
            let its_bias = format!("{name}.bias");
            if found.has(&its_bias) {
                has_bias = true;
                bias.extend(found.load(&its_bias, &[*outputs])?);
            } else {
                bias.resize(bias.len() + outputs, 0.0);
            }
        }
        let parts = parts.iter().map(|(name, outputs)| (name.as_str(), *outputs));
        Ok(Self {
            weights: Kept::Packed(weights),
            bias: if has_bias { bias } else { Vec::new() },
            changes: changes(found, parts, inputs)?,
        })
    }

    /// [`Self::apply`] on all threads of the pool it is called in.
    pub(crate) fn apply_on_all(&self, rows: &[f32], activation: Activation, out: &mut Vec<f32>) {
        out.resize(rows.len() / self.weights.inputs() * self.outputs(), 0.0);
        let inside = self.inside(activation);
        match &self.weights {
            Kept::Packed(weights) => spread::multiply(rows, weights, &self.bias, inside, out),
            Kept::Bf16(_) | Kept::Int8(_) => {
                spread::with(|cpu| self.multiply(cpu, rows, inside, out))
            }
        }
        if self.changes.is_empty() {
            return;
        }
        for change in &self.changes {
            change.apply_on_all(rows, self.outputs(), out);
        }
        spread::with(|cpu| cpu.activate(out, activation));
    }

    fn multiply(&self, cpu: &mut Cpu, rows: &[f32], activation: Activation, out: &mut [f32]) {
        match &self.weights {
            Kept::Packed(weights) => cpu.multiply(rows, weights, &self.bias, activation, out),
            Kept::Bf16(weights) => cpu.multiply_bf16(rows, weights, &self.bias, activation, out),
            Kept::Int8(weights) => cpu.multiply_int8(rows, weights, &self.bias, activation, out),
        }
    }

    /// The activation that the product itself ends with: changes come before it.
    fn inside(&self, activation: Activation) -> Activation {
        if self.changes.is_empty() { activation } else { Activation::None }
    }

    /// Numbers in a row that comes out.
    pub(crate) fn outputs(&self) -> usize {
        self.weights.outputs()
    }

    /// `out` gets a row for every row that goes in.
    pub(crate) fn apply(
        &self,
        cpu: &mut Cpu,
        rows: &[f32],
        activation: Activation,
        out: &mut Vec<f32>,
    ) {
        out.resize(rows.len() / self.weights.inputs() * self.outputs(), 0.0);
        self.multiply(cpu, rows, self.inside(activation), out);
        if self.changes.is_empty() {
            return;
        }
        for change in &self.changes {
            change.apply(cpu, rows, self.outputs(), out);
        }
        cpu.activate(out, activation);
    }
}

/// What an adapter changes of maps whose outputs lie side by side.
fn changes<'p>(
    found: &Found,
    parts: impl Iterator<Item = (&'p str, usize)>,
    inputs: usize,
) -> Result<Vec<Slice>> {
    let (mut changes, mut from) = (Vec::new(), 0);
    let Some(fit) = found.fit else { return Ok(changes) };
    for (name, outputs) in parts {
        let change = fit.change(&found.name(name), outputs, inputs)?;
        changes.extend(change.map(|change| Slice { from, change }));
        from += outputs;
    }
    Ok(changes)
}

/// Maps that are all quantised, as they are; nothing where one is not, where numbers are wanted, or
/// where their kinds do not fit side by side.
fn blocks(
    found: &Found,
    parts: &[(String, usize)],
    inputs: usize,
    layout: Layout,
) -> Result<Option<Packed>> {
    let is_kept = |(name, _): &(String, usize)| {
        matches!(found.kind(&format!("{name}.weight")), Some(Kind::Blocks(_)))
    };
    let stands_in = |(name, _): &(String, usize)| {
        found.fit.is_some_and(|fit| fit.whole(&found.name(&format!("{name}.weight"))).is_some())
    };
    if parts.iter().any(stands_in)
        || found.number.is_some()
        || layout != Layout::Outputs
        || !parts.iter().all(is_kept)
    {
        return Ok(None);
    }
    let mut maps = Vec::with_capacity(parts.len());
    for (name, outputs) in parts {
        let tensor = found.name(&format!("{name}.weight"));
        let (kind, bytes) = found.weights.blocks(&tensor, &[*outputs, inputs])?;
        maps.push((*outputs, kind, bytes));
    }
    Ok(Packed::quantised(inputs, &maps))
}

/// Maps in the bits of their numbers.
fn numbers(
    found: &Found,
    parts: &[(String, usize)],
    inputs: usize,
    layout: Layout,
) -> Result<Packed> {
    let outputs = parts.iter().map(|(_, outputs)| outputs).sum();
    let (mut weights, mut number) = (Vec::with_capacity(outputs * inputs), None);
    for (name, outputs) in parts {
        let tensor = format!("{name}.weight");
        weights.extend(match layout {
            Layout::Outputs => found.load(&tensor, &[*outputs, inputs])?,
            Layout::Inputs => turned(&found.load(&tensor, &[inputs, *outputs])?, *outputs),
        });
        // What one of them needs, all get.
        let kept = found.number.or(found.number(&tensor)).unwrap_or(Number::F32);
        number =
            Some(number.map_or(kept, |before| if before == kept { kept } else { Number::F32 }));
    }
    Ok(Packed::kept(outputs, inputs, &weights, number.unwrap_or(Number::F32)))
}

/// Rows of `width` numbers as columns.
fn turned(rows: &[f32], width: usize) -> Vec<f32> {
    let mut turned = Vec::with_capacity(rows.len());
    for column in 0..width {
        turned.extend(rows.iter().skip(column).step_by(width));
    }
    turned
}

/// Tensors under the name of the whole model.
pub(crate) struct Found<'a> {
    weights: &'a Weights,
    prefix: String,
    /// What weights of maps are kept as, where not as they are in the file.
    number: Option<Number>,
    /// What changes maps, and stands in the place of some tensors.
    fit: Option<&'a Fit<'a>>,
}

impl<'a> Found<'a> {
    /// Those whose names begin with `prefix`, which may be empty.
    pub(crate) fn under(weights: &'a Weights, prefix: impl Into<String>) -> Self {
        Self { weights, prefix: prefix.into(), number: None, fit: None }
    }

    /// The same, whose maps are kept as `number`.
    pub(crate) fn kept_as(self, number: Option<Number>) -> Self {
        Self { number, ..self }
    }

    /// The same, changed by an adapter.
    pub(crate) fn fitted(self, fit: Option<&'a Fit<'a>>) -> Self {
        Self { fit, ..self }
    }

    /// Whether there is a tensor of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.weights.has(&self.name(name))
    }

    /// How a tensor's numbers are written.
    pub(crate) fn number(&self, name: &str) -> Option<Number> {
        self.weights.number(&self.name(name))
    }

    /// How a tensor's elements are written.
    fn kind(&self, name: &str) -> Option<&Kind> {
        self.weights.kind(&self.name(name))
    }

    /// The precision that a tensor is written in.
    pub(crate) fn precision(&self, name: &str) -> Precision {
        match self.kind(name) {
            Some(Kind::Number(Number::F16)) => Precision::F16,
            Some(Kind::Number(Number::Bf16)) => Precision::Bf16,
            Some(Kind::Blocks(_)) => Precision::Quantised,
            Some(Kind::Number(_) | Kind::Other(_)) | None => Precision::F32,
        }
    }

    pub(crate) fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Rows of a linear map's weights.
    ///
    /// # Errors
    /// [`Error::MissingTensor`].
    pub(crate) fn outputs(&self, name: &str) -> Result<usize> {
        let tensor = self.name(&format!("{name}.weight"));
        if let Some((&[rows, _], _)) = self.fit.and_then(|fit| fit.whole(&tensor)) {
            return Ok(rows);
        }
        self.weights.row_count(&tensor).ok_or(Error::MissingTensor { tensor })
    }

    /// A map's weights, a row for every output, with what an adapter adds to them.
    #[cfg(feature = "candle")]
    pub(crate) fn map(
        &self,
        name: &str,
        outputs: usize,
        inputs: usize,
        layout: Layout,
    ) -> Result<Vec<f32>> {
        let tensor = format!("{name}.weight");
        let mut weights = match layout {
            Layout::Outputs => self.load(&tensor, &[outputs, inputs])?,
            Layout::Inputs => turned(&self.load(&tensor, &[inputs, outputs])?, outputs),
        };
        let change =
            self.fit.map(|fit| fit.change(&self.name(name), outputs, inputs)).transpose()?;
        if let Some(change) = change.flatten() {
            change.add_to(&mut weights, false);
        }
        Ok(weights)
    }

    /// A tensor of that shape in the bits of its file, where those are 16.
    pub(crate) fn frozen(&self, name: &str, shape: &[usize]) -> Result<Frozen> {
        let full = self.name(name);
        let of_16 = |number| matches!(number, Number::F16 | Number::Bf16);
        let Some(number) = self.weights.number(&full).filter(|&number| of_16(number)) else {
            return Ok(Frozen::F32(self.load(name, shape)?));
        };
        if self.weights.shape(&full) != Some(shape) {
            return Err(Error::BadShape {
                tensor: full.clone(),
                found: format!("{:?}", self.weights.shape(&full).unwrap_or_default()),
                expected: format!("{shape:?}"),
            });
        }
        let (_, bytes) = self.weights.raw(&full)?;
        let bits = bytes.as_chunks().0.iter().map(|&pair| u16::from_le_bytes(pair)).collect();
        Ok(if number == Number::F16 { Frozen::F16(bits) } else { Frozen::Bf16(bits) })
    }

    /// A tensor of that shape.
    pub(crate) fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let name = self.name(name);
        match self.fit.and_then(|fit| fit.whole(&name)) {
            Some((found, numbers)) if found == shape => Ok(numbers.to_vec()),
            Some((found, _)) => Err(Error::BadShape {
                tensor: name,
                found: format!("{found:?}"),
                expected: format!("{shape:?}"),
            }),
            None => self.weights.load(&name, shape),
        }
    }
}
