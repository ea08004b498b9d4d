//! An encoder that learns with the head of its task: BERT, RoBERTa, XLM-RoBERTa and
//! DistilBERT.
//!
//! The sequences of a batch lie side by side without padding, and each attends to itself alone.

#[cfg(feature = "candle")]
mod card;
mod embeddings;
mod head;
mod host;
mod layer;
mod loss;
mod needs;
mod norm;
mod reading;
mod save;
mod source;
mod texts;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::encoder::{Config, Kind, prefix_of};
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::labels::Labels;
use crate::linear::Found;
use crate::target::{Device, Precision, RunsOn, Target};
use crate::weights::Weights;

use super::lora::{Lora, Slot};
use super::needs::Keeping;
use super::parameters::Parameters;
use super::room::Room;
use embeddings::Embeddings;
use head::Head;
use host::Host;
use layer::Pass;
use source::Source;

pub use layer::Dropout;
pub use needs::needs;
pub use reading::{Judge, Reading};
pub use texts::{Span, Texts};

/// Tokens that are looked at together where nothing is learned: enough for the products; and no more than the
/// largest step had, so that measuring takes no more memory than learning.
const TOKENS: usize = 1024;

/// What is said of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kinds {
    /// The class of each.
    Classes,
    /// A label for every word.
    Tags,
    /// Where an answer begins and ends.
    Spans,
}

/// What an encoder is to learn, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct How {
    /// What is said of texts.
    pub kinds: Kinds,
    /// The classes or labels; none for answers.
    pub labels: Vec<String>,
    /// What an example of each class counts; empty for 1.
    pub weights: Vec<f32>,
    /// Learn a small change of some maps, and the head, in place of the whole model.
    pub lora: Option<Lora>,
    /// Leave the vectors of words, positions and kinds as they are.
    pub still_words: bool,
    /// What is kept in memory.
    pub keeping: Keeping,
    /// What chances are drawn from.
    pub seed: u64,
}

/// A text's tokens, and what is right of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its tokens.
    pub ids: Vec<u32>,
    /// Which part each belongs to; empty where there is one.
    pub types: Vec<u32>,
    /// What is right.
    pub right: Right,
}

/// What is right of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Right {
    /// Its class.
    Class(u32),
    /// The labels of its tokens; none for those that are not asked for.
    Tags(Vec<Option<u32>>),
    /// The first and the last token of the answer; the first of the text where it has none.
    Span(usize, usize),
}

impl Known {
    /// What it counts among others: the labels that are asked for.
    #[must_use]
    pub fn asked(&self) -> usize {
        match &self.right {
            Right::Class(_) | Right::Span(..) => 1,
            Right::Tags(tags) => tags.iter().flatten().count(),
        }
    }
}

/// An encoder that learns.
#[derive(Debug)]
pub struct Learner {
    config: Config,
    embeddings: Embeddings,
    body: Body,
    head: Head,
    how: How,
    dropout: Dropout,
    first: Vec<f32>,
    room: Room,
    /// What is learned.
    pub parameters: Parameters,
}

/// The layers, where they work.
#[derive(Debug)]
enum Body {
    /// The processor.
    Host(Host),
    /// A graphics card.
    #[cfg(feature = "candle")]
    Card(Box<card::Encoder>),
}

impl Body {
    fn load(source: &mut Source, config: &Config, thrifty: bool, target: Target) -> Result<Self> {
        match target.device {
            Device::Cpu => Host::load(source, config, thrifty).map(Self::Host),
            #[cfg(feature = "candle")]
            _ => Ok(Self::Card(Box::new(card::Encoder::load(source, config, thrifty, target)?))),
            #[cfg(not(feature = "candle"))]
            other => Err(crate::gpu::not_built(other)),
        }
    }

    /// The maps by their names, for what is to be changed of them.
    fn maps<'a>(&'a mut self, config: &'a Config) -> Vec<(String, Slot<'a>)> {
        match self {
            Self::Host(host) => host.maps(config),
            #[cfg(feature = "candle")]
            Self::Card(card) => card.maps(config),
        }
    }

    fn forward(
        &mut self,
        parameters: &Parameters,
        room: &mut Room,
        rows: Vec<f32>,
        pass: &Pass,
    ) -> Result<Vec<f32>> {
        match self {
            Self::Host(host) => Ok(host.forward(&parameters.values, room, rows, pass)),
            #[cfg(feature = "candle")]
            Self::Card(card) => card.forward(parameters, rows, pass),
        }
    }

    fn backward(
        &mut self,
        parameters: &mut Parameters,
        room: &mut Room,
        grad: Vec<f32>,
        pass: &Pass,
        is_still_before: bool,
    ) -> Result<Vec<f32>> {
        match self {
            Self::Host(host) => Ok(host.backward(parameters, room, grad, pass, is_still_before)),
            #[cfg(feature = "candle")]
            Self::Card(card) => card.backward(parameters, grad, pass, is_still_before),
        }
    }
}

/// What a model's configuration says of learning.
#[derive(Deserialize)]
struct Written {
    #[serde(alias = "dropout")]
    hidden_dropout_prob: Option<f32>,
    #[serde(alias = "attention_dropout")]
    attention_probs_dropout_prob: Option<f32>,
    classifier_dropout: Option<f32>,
    seq_classif_dropout: Option<f32>,
    qa_dropout: Option<f32>,
}

impl Dropout {
    /// Nothing is left out.
    pub const NONE: Self = Self { rows: 0.0, shares: 0.0, head: 0.0 };

    /// As transformers' classes of the architecture leave numbers out.
    fn read(folder: &Folder, config: &Config, kinds: Kinds) -> Result<Self> {
        let written: Written = folder.json("config.json")?;
        let rows = written.hidden_dropout_prob.unwrap_or(0.1);
        let head = match (config.kind, kinds) {
            (Kind::DistilBert, Kinds::Classes) => written.seq_classif_dropout.unwrap_or(0.2),
            (Kind::DistilBert, Kinds::Spans) => written.qa_dropout.unwrap_or(0.1),
            (Kind::DistilBert, Kinds::Tags) => rows,
            _ => written.classifier_dropout.unwrap_or(rows),
        };
        Ok(Self { rows, shares: written.attention_probs_dropout_prob.unwrap_or(0.1), head })
    }
}

/// That an encoder is one that can be taught here: MPNet's distances cannot.
///
/// # Errors
/// [`Error::BadField`].
fn can_be_taught(config: &Config) -> Result<()> {
    if config.kind == Kind::Mpnet {
        let value = "mpnet, which cannot be taught here".to_owned();
        return Err(Error::BadField { file: "config.json", field: "model_type".to_owned(), value });
    }
    Ok(())
}

/// The whole name of a map of a layer.
fn path_of(config: &Config, around: &str, at: usize, name: &str) -> String {
    format!("{around}{}.{at}.{name}", config.names.layer)
}

/// What stands before the names of an encoder's tensors in transformers' classes with a head.
fn around(kind: Kind) -> &'static str {
    match kind {
        Kind::Bert => "bert.",
        Kind::Roberta => "roberta.",
        Kind::DistilBert => "distilbert.",
        Kind::Mpnet => "mpnet.",
    }
}

impl Learner {
    /// Reads the encoder in a folder. A head for the same labels is gone on with, else one begins anew.
    ///
    /// # Errors
    /// [`Error::BadField`] for an architecture that cannot be taught here and for targets that it does not
    /// have; [`Error::NoDevice`] and the like for where it is to be taught; and what is missing or not known
    /// in the folder.
    pub fn open(folder: &Folder, how: How, target: Target) -> Result<Self> {
        let (config, weights) = (Config::read(folder)?, folder.weights()?);
        can_be_taught(&config)?;
        target.teaching()?;
        let prefix = prefix_of(&weights, config.prefixes())?;
        let mut parameters = Parameters::new(how.keeping.in_eight_bits);
        let mut source = Source {
            found: Found::under(&weights, prefix),
            parameters: &mut parameters,
            is_taught: how.lora.is_none(),
            around: around(config.kind),
            seed: how.seed,
        };
        let embeddings = Embeddings::load(&mut source, &weights, &config, how.still_words)?;
        let mut body = Body::load(&mut source, &config, how.keeping.thrifty, target)?;
        let labels = if how.kinds == Kinds::Spans { 2 } else { how.labels.len() };
        let is_known = how.kinds == Kinds::Spans
            || Labels::read(folder, labels).is_ok_and(|known| known.names() == how.labels);
        let whole = Found::under(&weights, "");
        let head = Head::load(&mut source, &whole, &config, (how.kinds, labels, is_known));
        if let Some(lora) = &how.lora {
            lora.put(body.maps(&config).into_iter(), &mut parameters, how.seed)?;
        }
        Ok(Self {
            dropout: Dropout::read(folder, &config, how.kinds)?,
            first: Vec::new(),
            room: Room::default(),
            embeddings,
            body,
            head,
            how,
            config,
            parameters,
        })
    }

    /// What it learns, and how.
    #[must_use]
    pub fn how(&self) -> &How {
        &self.how
    }

    /// The most tokens of a text.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.embeddings.longest()
    }

    /// Goes on from other numbers, by their names.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::BadShape`] for those of another model.
    pub fn take(&mut self, weights: &Weights) -> Result<()> {
        self.parameters.take(weights)
    }

    /// Where it works.
    #[must_use]
    pub fn runs_on(&self) -> RunsOn {
        match &self.body {
            Body::Host(_) => RunsOn::cpu(Precision::F32),
            #[cfg(feature = "candle")]
            Body::Card(card) => card.runs_on(),
        }
    }

    /// Leaves out other shares of numbers than the model's configuration says.
    pub fn set_dropout(&mut self, dropout: Dropout) {
        self.dropout = dropout;
    }

    /// Bytes of main memory that its weights, what it learns and what it keeps take now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let body = match &self.body {
            Body::Host(host) => host.bytes(),
            #[cfg(feature = "candle")]
            Body::Card(_) => 0,
        };
        self.embeddings.bytes()
            + body
            + self.parameters.bytes()
            + self.first.capacity() * size_of::<f32>()
            + self.room.bytes()
    }

    /// Learns from some texts: adds the gradients of `share` times the sum of their losses, and gives that
    /// sum: for every text one cross-entropy, for tags one for every label, for answers the mean of that of
    /// the beginning and that of the end. `key` tells this step's dropout from another's.
    ///
    /// # Errors
    /// [`Error::Tokens`] for a token that the model does not have or a text that is too long.
    pub fn learn(&mut self, sequences: &[&Known], share: f32, key: u32) -> Result<f64> {
        let ranges = ranges(sequences);
        let (rows, mut trace) = (self.read(sequences, &ranges, Some(key))?, head::Trace::default());
        let (width, dropping) = (self.config.width, (Some(key), self.dropout));
        let given = self.of_head(&rows, &ranges);
        let values = &self.parameters.values;
        let mut sums = self.head.forward(values, given, dropping, &mut trace);
        let weights = &self.how.weights;
        let loss = loss::losses(sequences, &ranges, self.head.labels(), weights, share, &mut sums);
        let got = self.head.backward(&mut self.parameters, dropping, &trace, &sums);
        let mut grad = rows;
        if self.head.of_first_row() {
            grad.fill(0.0);
            for (range, got) in ranges.iter().zip(got.chunks_exact(width)) {
                grad[range.start * width..][..width].copy_from_slice(got);
            }
        } else {
            grad.copy_from_slice(&got);
        }
        let pass = Pass { sequences: &ranges, dropout: self.dropout, key: Some(key) };
        let is_still = self.how.lora.is_some();
        let (parameters, room) = (&mut self.parameters, &mut self.room);
        grad = self.body.backward(parameters, room, grad, &pass, is_still)?;
        if !is_still {
            pass.drop_some(&mut self.room, &mut grad, self.config.layers as u32, 0);
            let mut first_grad = self.room.noughts(grad.len());
            let norm = &self.embeddings.norm;
            norm.backward(&mut self.parameters, &self.first, &grad, &mut first_grad);
            self.embeddings.backward(&mut self.parameters, sequences, &first_grad);
            self.room.back([first_grad]);
        }
        self.room.back([grad]);
        Ok(loss)
    }

    /// The sums that the head gives, without learning: of every text those of its classes, or of every
    /// token in it those of its labels, one after the other.
    ///
    /// # Errors
    /// As [`Self::learn`].
    pub fn sums(&mut self, sequences: &[&Known]) -> Result<Vec<Vec<f32>>> {
        let mut all = Vec::with_capacity(sequences.len());
        let most = self.room.largest().map_or(TOKENS, |largest| largest.min(TOKENS));
        let mut rest = sequences;
        while !rest.is_empty() {
            let mut tokens = 0;
            let fits = rest.iter().take_while(|known| {
                tokens += known.ids.len();
                tokens <= most
            });
            let (some, more) = rest.split_at(fits.count().max(1));
            let (ranges, sums) = self.sums_of(some)?;
            let labels = self.head.labels();
            for (at, range) in ranges.iter().enumerate() {
                let range = if self.head.of_first_row() { at..at + 1 } else { range.clone() };
                all.push(sums[range.start * labels..range.end * labels].to_vec());
            }
            rest = more;
        }
        Ok(all)
    }

    /// The sum of the losses, without learning.
    ///
    /// # Errors
    /// As [`Self::learn`].
    pub fn loss(&mut self, sequences: &[&Known]) -> Result<f64> {
        let (ranges, mut sums) = self.sums_of(sequences)?;
        let weights = &self.how.weights;
        Ok(loss::losses(sequences, &ranges, self.head.labels(), weights, 0.0, &mut sums))
    }

    fn sums_of(&mut self, sequences: &[&Known]) -> Result<(Vec<Range<usize>>, Vec<f32>)> {
        let ranges = ranges(sequences);
        let rows = self.read(sequences, &ranges, None)?;
        let given = self.of_head(&rows, &ranges);
        self.room.back([rows]);
        let (values, mut trace) = (&self.parameters.values, head::Trace::default());
        let sums = self.head.forward(values, given, (None, self.dropout), &mut trace);
        Ok((ranges, sums))
    }

    /// What the head gets of the last layer's rows.
    fn of_head(&self, rows: &[f32], ranges: &[Range<usize>]) -> Vec<f32> {
        if !self.head.of_first_row() {
            return rows.to_vec();
        }
        let width = self.config.width;
        ranges.iter().flat_map(|range| &rows[range.start * width..][..width]).copied().collect()
    }

    /// The rows of the last layer.
    fn read(
        &mut self,
        sequences: &[&Known],
        ranges: &[Range<usize>],
        key: Option<u32>,
    ) -> Result<Vec<f32>> {
        let is_largest = self.room.begin(ranges.last().map_or(0, |range| range.end));
        if let (true, Body::Host(host)) = (is_largest, &mut self.body) {
            host.forget();
        }
        let values = &self.parameters.values;
        self.embeddings.forward(values, sequences, &mut self.first)?;
        let mut rows = self.embeddings.norm.forward(values, &mut self.room, &self.first);
        let pass = Pass { sequences: ranges, dropout: self.dropout, key };
        pass.drop_some(&mut self.room, &mut rows, self.config.layers as u32, 0);
        self.body.forward(&self.parameters, &mut self.room, rows, &pass)
    }
}

/// Where each text lies among the tokens of all.
fn ranges(sequences: &[&Known]) -> Vec<Range<usize>> {
    let mut end = 0;
    let range = |known: &&Known| {
        let start = end;
        end += known.ids.len();
        start..end
    };
    sequences.iter().map(range).collect()
}
