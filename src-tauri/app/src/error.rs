//! What went wrong, as data. The sentences live in the locale files, by code.

mod code;
mod fields;
mod model;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mirante_data::progress::Cancelled;
use mirante_data::table::TableError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::ops::train::TrainingSettings;

/// The result of an operation.
pub type Result<T> = std::result::Result<T, Error>;

/// An error as the doors carry it: a code, and the values its sentence names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Failure {
    /// Names the sentence in the locale files: `errors.<code>`, with `errors.<code>_next` for what to do.
    pub code: String,
    /// Values for the sentence.
    pub fields: BTreeMap<String, String>,
}

/// Whose doing an error is: the doors turn this into a status code or an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// What was asked for cannot be: another request may succeed.
    Request,
    /// What was named does not exist.
    Absent,
    /// It was stopped on purpose.
    Stopped,
    /// Something else is in its way, for now.
    Busy,
    /// Mirante or the machine failed.
    Machine,
}

/// Everything an operation can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file does not exist.
    #[error("{path} does not exist")]
    NotFound {
        /// Which file.
        path: PathBuf,
    },
    /// A folder stands where a file was meant.
    #[error("{path} is a folder")]
    IsFolder {
        /// Which.
        path: PathBuf,
    },
    /// The file holds nothing.
    #[error("{path} is empty")]
    EmptyFile {
        /// Which file.
        path: PathBuf,
    },
    /// The file is not a table.
    #[error("{path} is not text but {what}")]
    NotText {
        /// Which file.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// The file became shorter while it was read.
    #[error("{path} shrank from {expected} to {found} bytes while it was read")]
    Shrunk {
        /// Which file.
        path: PathBuf,
        /// Its size at first.
        expected: u64,
        /// Bytes that were there.
        found: u64,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("{path} cannot be written: {source}")]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No room is left.
    #[error("the disk that holds {path} is full")]
    DiskFull {
        /// Which file was being written.
        path: PathBuf,
    },
    /// A column that is not there was named.
    #[error("no column {column}; the nearest is {nearest:?}")]
    UnknownColumn {
        /// The name that was given.
        column: String,
        /// The nearest there is.
        nearest: Option<String>,
    },
    /// A workbook, Parquet file or JSON Lines file is broken or of an unknown kind.
    #[error("{path}: {reason}")]
    BadFile {
        /// `bad_workbook`, `locked_workbook`, `bad_parquet`, `bad_json_line` or `unencodable`.
        code: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// An option has a value it cannot have.
    #[error("{option} cannot be {value}; {allowed}")]
    BadOption {
        /// Which option.
        option: &'static str,
        /// The value that was given.
        value: String,
        /// What it can be.
        allowed: String,
    },
    /// Fewer rows than segments.
    #[error("{rows} rows cannot make {clusters} segments")]
    TooFewRows {
        /// Rows there are.
        rows: u64,
        /// Segments asked for.
        clusters: u32,
    },
    /// One segment or none was asked for.
    #[error("{clusters} segments were asked for")]
    TooFewClusters {
        /// Segments asked for.
        clusters: u32,
    },
    /// No column has text, or none of the rows has any.
    #[error("there is no text to segment")]
    NoText,
    /// No term is left after the limits.
    #[error("no term is left: {reason}")]
    NoTerms {
        /// Why.
        reason: String,
    },
    /// Too few different rows for the segments asked for.
    #[error("only {distinct} different rows")]
    AllAlike {
        /// Different rows.
        distinct: u64,
    },
    /// A model needs more memory than there is.
    #[error("{id} needs {needs} bytes of memory, {limit} are allowed")]
    ModelTooLarge {
        /// Which.
        id: String,
        /// What it needs, about.
        needs: u64,
        /// What may be used.
        limit: u64,
    },
    /// More memory would be needed than may be used.
    #[error("needs {needs} bytes, {limit} are allowed")]
    TooLarge {
        /// Bytes needed.
        needs: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// More rows or columns than a file format holds.
    #[error("{count} {what}; the format holds {limit}")]
    TooManyForFormat {
        /// `rows` or `columns`.
        what: &'static str,
        /// How many there are.
        count: u64,
        /// How many it holds.
        limit: u64,
    },
    /// A model file cannot be read.
    #[error("{path} is not a model: {reason}")]
    ModelUnreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// What was named does not exist in Mirante.
    #[error("no {what} {id}")]
    Unknown {
        /// `dataset`, `run`, `job`, `segment`, `model`, `index` or `operation`.
        what: &'static str,
        /// What was named.
        id: String,
    },
    /// The map has not been laid out.
    #[error("run {run} has no map yet")]
    NoMap {
        /// Which run.
        run: i64,
    },
    /// The request is not of the operation's form.
    #[error("bad request: {reason}")]
    BadRequest {
        /// Why.
        reason: String,
    },
    /// A network call was needed, and none may be made.
    #[error("offline")]
    Offline,
    /// The hub cannot be reached.
    #[error("{endpoint} cannot be reached: {reason}")]
    HubUnreachable {
        /// Its address.
        endpoint: String,
        /// Why.
        reason: String,
    },
    /// The hub has no such repository.
    #[error("the hub has no {id}")]
    HubLacks {
        /// The repository.
        id: String,
    },
    /// A repository has no such file.
    #[error("{id} has no {file}")]
    HubLacksFile {
        /// The repository.
        id: String,
        /// The file.
        file: String,
    },
    /// The hub wants to know who asks.
    #[error("the hub does not give out {id}")]
    HubRefused {
        /// The repository.
        id: String,
    },
    /// The hub answers too many others.
    #[error("the hub wants to be left alone for {seconds} s")]
    HubFull {
        /// For how long.
        seconds: u64,
    },
    /// The hub's answer was not understood.
    #[error("the hub's answer was not understood: {reason}")]
    HubAnswer {
        /// What it was.
        reason: String,
    },
    /// A connection was cut again and again.
    #[error("fetching {file} was cut off: {reason}")]
    HubCut {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// What was fetched is not what was promised.
    #[error("{file} has another checksum than the hub says")]
    HubChecksum {
        /// The file.
        file: String,
    },
    /// The system's keyring stays shut: the person did not open it, or it failed.
    #[error("the keyring refused: {reason}")]
    Keyring {
        /// What it says.
        reason: String,
    },
    /// Another Mirante is fetching the same model.
    #[error("{id} is being fetched already")]
    ModelBusy {
        /// The repository.
        id: String,
    },
    /// A model of a cache that other programs share.
    #[error("{id} lies in {path}, which is not Mirante's")]
    ModelShared {
        /// The repository.
        id: String,
        /// The cache.
        path: PathBuf,
    },
    /// The disk has no room for what is to be fetched.
    #[error("{path}: {needs} bytes are needed, {free} are free")]
    NoRoom {
        /// Where it would go.
        path: PathBuf,
        /// Bytes needed.
        needs: u64,
        /// Bytes free.
        free: u64,
    },
    /// A filter was not understood.
    #[error("{filter}: at {place} {reason} was expected")]
    BadFilter {
        /// The filter.
        filter: String,
        /// Character from which on it was not understood, from 1.
        place: u64,
        /// What was expected there: `column`, `operator`, `value` or `and`.
        reason: String,
    },
    /// A line of a file is not what it should be.
    #[error("{path}, line {line}: {reason}")]
    BadRecord {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// Why.
        reason: String,
    },
    /// A file's vectors are not what they should be.
    #[error("{path}, vector {vector}: {reason}")]
    BadVectors {
        /// Which file.
        path: PathBuf,
        /// From 1; 0 for the file as a whole.
        vector: u64,
        /// Why.
        reason: String,
    },
    /// A file has not one vector for every row.
    #[error("{path} has {vectors} vectors for {rows} rows")]
    VectorCount {
        /// Which file.
        path: PathBuf,
        /// Its vectors.
        vectors: u64,
        /// The table's rows.
        rows: u64,
    },
    /// A training is at work, and one at a time is.
    #[error("a training is at work in {path}")]
    TrainingBusy {
        /// Its folder.
        path: PathBuf,
    },
    /// The folder holds something already.
    #[error("{path} holds a training or a model already")]
    TrainingThere {
        /// Which.
        path: PathBuf,
    },
    /// A training that is to go on was begun with another one of something.
    #[error("{what} is not as it was when the training began")]
    TrainingChanged {
        /// The file of examples or the model.
        what: String,
    },
    /// A training needs more memory than it may take.
    #[error("the training needs {needs} bytes of memory, it may take {limit}")]
    TrainingTooLarge {
        /// Bytes that it needs.
        needs: u64,
        /// Bytes that it may take.
        limit: u64,
        /// The card whose memory is meant, where it is not main memory.
        card: Option<String>,
        /// Settings with which it would fit.
        fitting: Option<Box<TrainingSettings>>,
        /// Bytes with these.
        takes: Option<u64>,
    },
    /// A file has no example to learn from.
    #[error("{path} has too few examples")]
    NoExamples {
        /// Which.
        path: PathBuf,
    },
    /// An adapter was made for another model.
    #[error("the adapter in {path} was made for {base}, not for {model}")]
    OtherBase {
        /// The adapter's folder.
        path: PathBuf,
        /// The model that it was made for.
        base: String,
        /// The model that it was to change.
        model: String,
    },
    /// There is nothing to measure.
    #[error("no query has a judgement")]
    NothingJudged,
    /// Rules for fields are not what they should be.
    #[error("{path}: field {field:?}: {reason}")]
    BadRules {
        /// Which file.
        path: PathBuf,
        /// Which field; empty for the file as a whole.
        field: String,
        /// Why.
        reason: String,
    },
    /// A folder has no archive.
    #[error("{path} has no zip archive")]
    NoZips {
        /// Which folder.
        path: PathBuf,
    },
    /// A document is no longer what was searched.
    #[error("{document} of {path} is no longer the document that was searched")]
    DocumentChanged {
        /// The archive.
        path: PathBuf,
        /// The document within it.
        document: String,
    },
    /// Nobody judged an answer, or everything that was judged was only turned down.
    #[error("there is no judged answer to make an example of")]
    NoLabels,
    /// There is nothing to ask.
    #[error("{path} has no question that can be scored")]
    NoQuestions {
        /// Which file.
        path: PathBuf,
    },
    /// The vectors of an index were made by another model.
    #[error("the index holds vectors of {before}, the model makes those of {now}")]
    SpaceChanged {
        /// The index's space.
        before: String,
        /// The model's.
        now: String,
    },
    /// All rows that can be learnt from are of one class.
    #[error("all rows of {column} are {label}")]
    OneClass {
        /// The column with the classes.
        column: String,
        /// The class.
        label: String,
    },
    /// A class has too few rows to learn from and to measure on.
    #[error("{label} has {rows} rows; {least} are needed")]
    TooFewOfClass {
        /// The class.
        label: String,
        /// Its rows.
        rows: u64,
        /// The fewest.
        least: u64,
    },
    /// No row has all that is needed to learn from it.
    #[error("none of {rows} rows has a value in {column} and something to learn from")]
    NothingLabelled {
        /// The column with the classes.
        column: String,
        /// Rows of the table.
        rows: u64,
    },
    /// It is not clear which value of a column means that a lead converted.
    #[error("which of {values} in {column} means converted?")]
    WhichPositive {
        /// The column.
        column: String,
        /// Its values, the first few.
        values: String,
    },
    /// No column is left that could tell which leads convert.
    #[error("no column is left besides {column}")]
    NoLeadColumns {
        /// The target.
        column: String,
    },
    /// A folder that is to be written is there and holds something else.
    #[error("{path} holds something else")]
    FolderTaken {
        /// Which.
        path: PathBuf,
    },
    /// A model lacks something, or has something that is not known here.
    #[error(transparent)]
    Model(mirante_neural::Error),
    /// The person stopped it.
    #[error("cancelled")]
    Cancelled,
    /// Mirante's own storage failed.
    #[error("storage: {reason}")]
    Storage {
        /// Why.
        reason: String,
    },
    /// A fault in Mirante itself.
    #[error("internal: {reason}")]
    Internal {
        /// What happened.
        reason: String,
    },
}

impl Error {
    /// An error of reading a file.
    pub fn reading(path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::NotFound => Self::NotFound { path },
            ErrorKind::IsADirectory => Self::IsFolder { path },
            _ => Self::Unreadable { path, source },
        }
    }

    /// An error of writing a file.
    pub fn writing(path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { path },
            _ => Self::Unwritable { path, source },
        }
    }
}

impl From<Cancelled> for Error {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl From<TableError> for Error {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Io { path, source } => Self::writing(&path, source),
            TableError::Format { path, source } => {
                Self::Storage { reason: format!("{}: {source}", path.display()) }
            }
            TableError::UnknownColumn(column) => Self::UnknownColumn { column, nearest: None },
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage { reason: error.to_string() }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal { reason: error.to_string() }
    }
}
