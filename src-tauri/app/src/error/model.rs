//! What is wrong with a model, as the doors carry it.

use std::path::Path;

use mirante_neural::Error as Model;

use super::Error;

pub(super) fn code(error: &Model) -> &'static str {
    match error {
        Model::MissingFile { .. } => "model_lacks_file",
        Model::Unreadable { .. } => "unreadable",
        Model::Unwritable { .. } => "unwritable",
        Model::BadFile { .. } => "model_broken",
        Model::BadField { .. } => "model_field",
        Model::MissingTensor { .. } => "model_lacks_tensor",
        Model::BadShape { .. } => "model_shape",
        Model::BadNumbers { .. } => "model_numbers",
        Model::NoDevice { .. } => "no_device",
        Model::OldDevice { .. } => "device_old",
        Model::DeviceMemory { .. } => "device_memory",
        Model::LostDevice { .. } => "device_lost",
        Model::NoPrecision { .. } => "no_precision",
        Model::Tokens { .. } => "model_refused",
        Model::Diverged { .. } => "diverged",
        Model::Stopped => "cancelled",
    }
}

pub(super) fn fields(error: &Model) -> Vec<(&'static str, String)> {
    let shown = |path: &Path| path.display().to_string();
    match error {
        Model::MissingFile { folder, file } => {
            vec![("path", shown(folder)), ("file", file.clone())]
        }
        Model::Unreadable { path, source } | Model::Unwritable { path, source } => {
            vec![("path", shown(path)), ("reason", source.to_string())]
        }
        Model::BadFile { path, reason } => vec![("path", shown(path)), ("reason", reason.clone())],
        Model::BadField { file, field, value } => {
            vec![("file", (*file).to_owned()), ("field", field.clone()), ("value", value.clone())]
        }
        Model::MissingTensor { tensor } => vec![("tensor", tensor.clone())],
        Model::BadShape { tensor, found, expected } => vec![
            ("tensor", tensor.clone()),
            ("found", found.clone()),
            ("expected", expected.clone()),
        ],
        Model::BadNumbers { tensor, kind } => {
            vec![("tensor", tensor.clone()), ("kind", kind.clone())]
        }
        Model::NoDevice { device, reason }
        | Model::OldDevice { device, reason }
        | Model::DeviceMemory { device, reason }
        | Model::LostDevice { device, reason } => {
            vec![("device", device.clone()), ("reason", reason.clone())]
        }
        Model::NoPrecision { precision, device, known } => vec![
            ("precision", (*precision).to_owned()),
            ("device", device.clone()),
            ("allowed", known.join(", ")),
        ],
        Model::Tokens { reason } => vec![("reason", reason.clone())],
        Model::Diverged { step } => vec![("step", step.to_string())],
        Model::Stopped => Vec::new(),
    }
}

impl From<Model> for Error {
    fn from(error: Model) -> Self {
        match error {
            Model::Stopped => Self::Cancelled,
            error => Self::Model(error),
        }
    }
}
