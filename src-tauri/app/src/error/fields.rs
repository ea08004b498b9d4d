//! What an error tells beside its code.

use std::path::Path;

use super::{Error, Failure, model};
use crate::ops::train::TrainingSettings;

impl Error {
    /// The error as the doors carry it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let path = |path: &Path| ("path", path.display().to_string());
        let fields = match self {
            Self::NotFound { path: at }
            | Self::IsFolder { path: at }
            | Self::EmptyFile { path: at }
            | Self::DiskFull { path: at }
            | Self::TrainingBusy { path: at }
            | Self::TrainingThere { path: at }
            | Self::NoExamples { path: at }
            | Self::NoZips { path: at }
            | Self::NoQuestions { path: at }
            | Self::FolderTaken { path: at } => vec![path(at)],
            Self::TrainingChanged { what } => vec![("what", what.clone())],
            Self::OtherBase { path: at, base, model } => {
                vec![path(at), ("base", base.clone()), ("model", model.clone())]
            }
            Self::TrainingTooLarge { needs, limit, card, fitting, takes } => {
                let sizes = fitting.as_deref().map(TrainingSettings::sizes);
                let said = |what: Option<u32>| what.map(|one| one.to_string()).unwrap_or_default();
                vec![
                    ("needs", needs.to_string()),
                    ("limit", limit.to_string()),
                    ("batch", said(sizes.map(|sizes| sizes.0))),
                    ("tokens", said(sizes.map(|sizes| sizes.1))),
                    ("takes", takes.map(|takes| takes.to_string()).unwrap_or_default()),
                    ("device", card.clone().unwrap_or_default()),
                ]
            }
            Self::NotText { path: at, what } => vec![path(at), ("what", what.clone())],
            Self::Shrunk { path: at, expected, found } => {
                vec![path(at), ("expected", expected.to_string()), ("found", found.to_string())]
            }
            Self::Unreadable { path: at, source } | Self::Unwritable { path: at, source } => {
                vec![path(at), ("reason", source.to_string())]
            }
            Self::UnknownColumn { column, nearest } => {
                vec![("column", column.clone()), ("nearest", nearest.clone().unwrap_or_default())]
            }
            Self::BadFile { path: at, reason, .. } | Self::ModelUnreadable { path: at, reason } => {
                vec![path(at), ("reason", reason.clone())]
            }
            Self::BadOption { option, value, allowed } => vec![
                ("option", (*option).to_owned()),
                ("value", value.clone()),
                ("allowed", allowed.clone()),
            ],
            Self::TooFewRows { rows, clusters } => {
                vec![("rows", rows.to_string()), ("clusters", clusters.to_string())]
            }
            Self::TooFewClusters { clusters } => vec![("clusters", clusters.to_string())],
            Self::NoTerms { reason }
            | Self::BadRequest { reason }
            | Self::Storage { reason }
            | Self::Internal { reason } => vec![("reason", reason.clone())],
            Self::AllAlike { distinct } => vec![("distinct", distinct.to_string())],
            Self::ModelTooLarge { id, needs, limit } => {
                vec![("id", id.clone()), ("needs", needs.to_string()), ("limit", limit.to_string())]
            }
            Self::TooLarge { needs, limit } => {
                vec![("needs", needs.to_string()), ("limit", limit.to_string())]
            }
            Self::TooManyForFormat { count, limit, .. } => {
                vec![("count", count.to_string()), ("limit", limit.to_string())]
            }
            Self::Unknown { id, .. } => vec![("id", id.clone())],
            Self::NoMap { run } => vec![("run", run.to_string())],
            Self::HubUnreachable { endpoint, reason } => {
                vec![("endpoint", endpoint.clone()), ("reason", reason.clone())]
            }
            Self::HubLacks { id } | Self::HubRefused { id } | Self::ModelBusy { id } => {
                vec![("id", id.clone())]
            }
            Self::HubLacksFile { id, file } => vec![("id", id.clone()), ("file", file.clone())],
            Self::HubFull { seconds } => vec![("seconds", seconds.to_string())],
            Self::HubAnswer { reason } | Self::Keyring { reason } => {
                vec![("reason", reason.clone())]
            }
            Self::HubCut { file, reason } => {
                vec![("file", file.clone()), ("reason", reason.clone())]
            }
            Self::HubChecksum { file } => vec![("file", file.clone())],
            Self::ModelShared { id, path: at } => vec![("id", id.clone()), path(at)],
            Self::NoRoom { path: at, needs, free } => {
                vec![path(at), ("needs", needs.to_string()), ("free", free.to_string())]
            }
            Self::BadFilter { filter, place, reason } => vec![
                ("filter", filter.clone()),
                ("place", place.to_string()),
                ("reason", reason.clone()),
            ],
            Self::BadRecord { path: at, line, reason } => {
                vec![path(at), ("line", line.to_string()), ("reason", reason.clone())]
            }
            Self::BadVectors { path: at, vector, reason } => {
                vec![path(at), ("vector", vector.to_string()), ("reason", reason.clone())]
            }
            Self::DocumentChanged { path: at, document } => {
                vec![path(at), ("document", document.clone())]
            }
            Self::BadRules { path: at, field, reason } => {
                vec![path(at), ("field", field.clone()), ("reason", reason.clone())]
            }
            Self::VectorCount { path: at, vectors, rows } => {
                vec![path(at), ("vectors", vectors.to_string()), ("rows", rows.to_string())]
            }
            Self::SpaceChanged { before, now } => {
                vec![("before", before.clone()), ("now", now.clone())]
            }
            Self::OneClass { column, label } => {
                vec![("column", column.clone()), ("label", label.clone())]
            }
            Self::TooFewOfClass { label, rows, least } => vec![
                ("label", label.clone()),
                ("rows", rows.to_string()),
                ("least", least.to_string()),
            ],
            Self::NothingLabelled { column, rows } => {
                vec![("column", column.clone()), ("rows", rows.to_string())]
            }
            Self::WhichPositive { column, values } => {
                vec![("column", column.clone()), ("values", values.clone())]
            }
            Self::NoLeadColumns { column } => vec![("column", column.clone())],
            Self::Model(error) => model::fields(error),
            Self::NoText
            | Self::NothingJudged
            | Self::NoLabels
            | Self::Cancelled
            | Self::Offline => Vec::new(),
        };
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Failure { code: self.code(), fields }
    }
}
