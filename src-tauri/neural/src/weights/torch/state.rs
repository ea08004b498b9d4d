//! Finding tensors in the pickle of a state dict: what `torch/_utils.py` and `torch/serialization.py`
//! write for them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::weights::Named;
use crate::weights::number::Kind;
use crate::weights::pickle::{Pickle, Place, Value};
use crate::weights::source::Source;

use super::storage::{MOST_DIMENSIONS, Shown, Storages};

/// Under which names checkpoints hold a state dict.
const NESTED: [&str; 3] = ["state_dict", "model", "model_state_dict"];

/// Arguments of a call that are looked at. A list of any length may be shared by any number of calls.
const MOST_ARGUMENTS: usize = 16;

/// Parameters hold tensors; nothing holds parameters.
const DEEPEST: usize = 4;

/// Names that the pickle of a state dict may hold.
pub(super) fn is_known(name: &str) -> bool {
    const CALLS: [&str; 5] = [
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch._utils._rebuild_parameter",
        "torch.Size",
    ];
    CALLS.contains(&name) || kind_of(name).is_some()
}

/// The kind that a storage's class or a `dtype` stands for.
fn kind_of(name: &str) -> Option<Kind> {
    let name = name.strip_prefix("torch.")?;
    Some(Kind::named(match name {
        "FloatStorage" | "float32" | "float" => "F32",
        "HalfStorage" | "float16" | "half" => "F16",
        "BFloat16Storage" | "bfloat16" => "BF16",
        "DoubleStorage" | "float64" | "double" => "F64",
        "LongStorage" | "int64" | "long" => "I64",
        "IntStorage" | "int32" | "int" => "I32",
        "ShortStorage" | "int16" | "short" => "I16",
        "CharStorage" | "int8" => "I8",
        // Untyped storages are counted in bytes.
        "ByteStorage" | "uint8" | "storage.UntypedStorage" => "U8",
        "BoolStorage" | "bool" => "BOOL",
        "uint16" => "U16",
        "uint32" => "U32",
        "uint64" => "U64",
        "float8_e4m3fn" => "F8_E4M3",
        "float8_e5m2" => "F8_E5M2",
        _ => return None,
    }))
}

/// The kinds of all storages that a pickle speaks of, by their names.
pub(super) fn kinds(pickle: &Pickle) -> HashMap<String, Kind> {
    let outside = pickle.values().filter_map(|value| match value {
        &Value::Outside(place) => outside(pickle, place),
        _ => None,
    });
    outside.filter_map(|it| Some((it.key.to_owned(), kind_of(it.class)?))).collect()
}

/// The tensors of a state dict.
pub(super) fn tensors(pickle: &Pickle, source: &Arc<Source>, storages: &Storages) -> Result<Named> {
    let nested = NESTED.iter().filter_map(|name| pickle.under(pickle.top(), name));
    for dict in std::iter::once(pickle.top()).chain(nested) {
        let Value::Dict(pairs) = dict else { continue };
        let mut tensors = Vec::new();
        for &(key, value) in pairs {
            let Value::Text(name) = pickle.get(key) else { continue };
            let Some(shown) = shown(pickle, pickle.get(value), DEEPEST) else { continue };
            let unknown = || source.broken(format!("{name} is described in no known way"));
            let tensor = shown.ok_or_else(unknown)?.tensor(source, storages, name)?;
            tensors.push((name.clone(), tensor));
        }
        if !tensors.is_empty() {
            return Ok(tensors);
        }
    }
    Ok(Vec::new())
}

/// What a value shows when it is a tensor; then nothing when it is none that is understood.
fn shown(pickle: &Pickle, value: &Value, deepest: usize) -> Option<Option<Shown>> {
    let &Value::Call(function, arguments) = value else { return None };
    let Value::Global(name) = pickle.get(function) else { return None };
    let arguments = pickle.all(pickle.get(arguments))?.take(MOST_ARGUMENTS).collect::<Vec<_>>();
    match name.as_str() {
        "torch._utils._rebuild_parameter" => {
            let tensor = arguments.first().filter(|_| deepest > 0);
            Some(tensor.and_then(|tensor| shown(pickle, tensor, deepest - 1)).flatten())
        }
        "torch._utils._rebuild_tensor" | "torch._utils._rebuild_tensor_v2" => {
            Some(view(pickle, &arguments, None))
        }
        "torch._utils._rebuild_tensor_v3" => {
            let kind = match arguments.get(6) {
                Some(Value::Global(name)) => kind_of(name),
                _ => None,
            };
            Some(kind.and_then(|kind| view(pickle, &arguments, Some(kind))))
        }
        _ => None,
    }
}

/// `storage, first, size, stride` as every one of PyTorch's functions takes them.
fn view(pickle: &Pickle, arguments: &[&Value], kind: Option<Kind>) -> Option<Shown> {
    let &[storage, first, size, stride, ..] = arguments else { return None };
    let &Value::Outside(place) = storage else { return None };
    let outside = outside(pickle, place)?;
    let first = count(first)? as u64;
    Some(Shown {
        storage: outside.key.to_owned(),
        kind: kind.or_else(|| kind_of(outside.class))?,
        first: first.checked_add(outside.first as u64)?,
        shape: counts(pickle, size)?,
        strides: counts(pickle, stride)?,
    })
}

/// A storage as a pickle speaks of it.
struct Outside<'a> {
    class: &'a str,
    key: &'a str,
    /// Elements before the part of it that is meant.
    first: usize,
}

/// `"storage", class, key, place, count`, and in old files which part of it.
fn outside(pickle: &Pickle, place: Place) -> Option<Outside<'_>> {
    let values = pickle.all(pickle.get(place))?.take(MOST_ARGUMENTS).collect::<Vec<_>>();
    let [_, Value::Global(class), Value::Text(key), _, _, part @ ..] = &values[..] else {
        return None;
    };
    let first = match part.first() {
        None | Some(Value::Other) => 0,
        Some(part) => count(pickle.all(part)?.nth(1)?)?,
    };
    Some(Outside { class, key, first })
}

fn counts(pickle: &Pickle, value: &Value) -> Option<Vec<usize>> {
    // `torch.Size` is a tuple in a call.
    let tuple = match value {
        &Value::Call(_, arguments) => pickle.all(pickle.get(arguments))?.next()?,
        plain => plain,
    };
    // One more than there may be shows that there are too many.
    pickle.all(tuple)?.take(MOST_DIMENSIONS + 1).map(count).collect()
}

fn count(value: &Value) -> Option<usize> {
    match value {
        &Value::Int(number) => number.try_into().ok(),
        _ => None,
    }
}
