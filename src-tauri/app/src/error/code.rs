//! What an error is called, and whose doing it is.

use super::{Error, Fault, model};

impl Error {
    /// Names the sentence.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::IsFolder { .. } => "is_folder",
            Self::EmptyFile { .. } => "empty_file",
            Self::NotText { .. } => "not_text",
            Self::Shrunk { .. } => "shrunk",
            Self::Unreadable { .. } => "unreadable",
            Self::Unwritable { .. } => "unwritable",
            Self::DiskFull { .. } => "disk_full",
            Self::UnknownColumn { .. } => "unknown_column",
            Self::BadFile { code, .. } => code,
            Self::BadOption { .. } => "bad_option",
            Self::TooFewRows { .. } => "too_few_rows",
            Self::TooFewClusters { .. } => "too_few_clusters",
            Self::NoText => "no_text",
            Self::NoTerms { .. } => "no_terms",
            Self::AllAlike { .. } => "all_alike",
            Self::ModelTooLarge { .. } => "model_too_large",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyForFormat { what, .. } => return format!("too_many_{what}"),
            Self::ModelUnreadable { .. } => "model_unreadable",
            Self::Unknown { what, .. } => return format!("unknown_{what}"),
            Self::NoMap { .. } => "no_map",
            Self::BadRequest { .. } => "bad_request",
            Self::Offline => "offline",
            Self::HubUnreachable { .. } => "hub_unreachable",
            Self::HubLacks { .. } => "hub_lacks",
            Self::HubLacksFile { .. } => "hub_lacks_file",
            Self::HubRefused { .. } => "hub_refused",
            Self::HubFull { .. } => "hub_full",
            Self::HubAnswer { .. } => "hub_answer",
            Self::HubCut { .. } => "hub_cut",
            Self::HubChecksum { .. } => "hub_checksum",
            Self::Keyring { .. } => "keyring",
            Self::ModelBusy { .. } => "model_busy",
            Self::ModelShared { .. } => "model_shared",
            Self::NoRoom { .. } => "no_room",
            Self::BadFilter { .. } => "bad_filter",
            Self::BadRecord { .. } => "bad_record",
            Self::BadVectors { vector: 0, .. } => "bad_vector_file",
            Self::BadVectors { .. } => "bad_vectors",
            Self::VectorCount { .. } => "vector_count",
            Self::TrainingBusy { .. } => "training_busy",
            Self::TrainingChanged { .. } => "training_changed",
            Self::TrainingThere { .. } => "training_there",
            Self::TrainingTooLarge { card, fitting, .. } => match (card, fitting) {
                (None, None) => "training_too_large",
                (None, Some(_)) => "training_too_large_for_these",
                (Some(_), None) => "training_too_large_for_card",
                (Some(_), Some(_)) => "training_too_large_for_card_and_these",
            },
            Self::NoExamples { .. } => "no_examples",
            Self::OtherBase { .. } => "other_base",
            Self::NothingJudged => "nothing_judged",
            Self::BadRules { field, .. } if field.is_empty() => "bad_rules_file",
            Self::BadRules { .. } => "bad_rules",
            Self::NoZips { .. } => "no_zips",
            Self::NoQuestions { .. } => "no_questions",
            Self::DocumentChanged { .. } => "document_changed",
            Self::NoLabels => "no_labels",
            Self::SpaceChanged { .. } => "space_changed",
            Self::OneClass { .. } => "one_class",
            Self::TooFewOfClass { .. } => "too_few_of_class",
            Self::NothingLabelled { .. } => "nothing_labelled",
            Self::WhichPositive { .. } => "which_positive",
            Self::NoLeadColumns { .. } => "no_lead_columns",
            Self::FolderTaken { .. } => "folder_taken",
            Self::Model(error) => model::code(error),
            Self::Cancelled => "cancelled",
            Self::Storage { .. } => "storage",
            Self::Internal { .. } => "internal",
        }
        .to_owned()
    }

    /// Whose doing it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unknown { .. }
            | Self::NotFound { .. }
            | Self::NoMap { .. }
            | Self::HubLacks { .. }
            | Self::HubLacksFile { .. } => Fault::Absent,
            Self::Cancelled => Fault::Stopped,
            Self::TrainingBusy { .. } => Fault::Busy,
            Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::DiskFull { .. }
            | Self::HubUnreachable { .. }
            | Self::HubFull { .. }
            | Self::HubAnswer { .. }
            | Self::HubCut { .. }
            | Self::HubChecksum { .. }
            | Self::Keyring { .. }
            | Self::NoRoom { .. }
            | Self::Storage { .. }
            | Self::Internal { .. } => Fault::Machine,
            _ => Fault::Request,
        }
    }
}
