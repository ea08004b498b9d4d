//! Texts into classes: an encoder, and a head that is trained on labels.

use std::path::Path;

use crate::adapter::{Adapter, Fit};
use crate::cpu::{Activation, Cpu};
use crate::encoder::{Config, Encoder, Kind, Pace, Room, Sequences, run, with_adapter};
use crate::error::Result;
use crate::folder::Folder;
use crate::labels::{Labels, Scores};
use crate::linear::{Found, Linear};
use crate::target::{RunsOn, Target};
use crate::tokens::{Said, Tokens};
use crate::weights::Weights;

/// A model that puts texts into classes.
#[derive(Debug)]
pub struct Classifier {
    tokens: Tokens,
    encoder: Encoder,
    /// What the first token's row goes through before the labels.
    first: Linear,
    activation: Activation,
    last: Linear,
    labels: Labels,
    longest: usize,
}

/// What came of some texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    /// For every text a score for every label: shares that add up to 1, or each for itself where a text
    /// can have several.
    pub scores: Vec<Vec<f32>>,
    /// Of every text, whether it was too long for the model and was cut off.
    pub is_cut: Vec<bool>,
}

impl Classifier {
    /// Reads the model in a folder, to work on the processor: the classes that transformers calls
    /// `…ForSequenceClassification`.
    ///
    /// # Errors
    /// Those of [`Self::open_on`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_on(path, Target::default())
    }

    /// The same, to work on `target`.
    ///
    /// # Errors
    /// What is missing or not known in it, by name; [`Error::NoPrecision`](crate::Error::NoPrecision).
    pub fn open_on(path: impl AsRef<Path>, target: Target) -> Result<Self> {
        Self::open_with(path, target, None)
    }

    /// The same, changed by an adapter.
    ///
    /// # Errors
    /// Also those of an adapter of another model: [`Error::BadFile`](crate::Error::BadFile),
    /// [`Error::BadShape`](crate::Error::BadShape), [`Error::MissingTensor`](crate::Error::MissingTensor).
    pub fn open_with(
        path: impl AsRef<Path>,
        target: Target,
        adapter: Option<&Adapter>,
    ) -> Result<Self> {
        let folder = Folder::open(path.as_ref())?;
        let (config, weights) = (Config::read(&folder)?, folder.weights()?);
        let (head, encoder) = with_adapter(adapter, &config.clone(), |fit| {
            Ok((head(&config, &weights, fit)?, Encoder::fitted(config, &weights, target, fit)?))
        })?;
        let (first, activation, last) = head;
        let labels = Labels::read(&folder, last.outputs())?;
        let longest = Said::read(&folder)?.longest.unwrap_or(usize::MAX).min(encoder.longest());
        let tokens = Tokens::open(&folder, longest)?;
        Ok(Self { tokens, encoder, first, activation, last, labels, longest })
    }

    /// Where it works.
    #[must_use]
    pub fn runs_on(&self) -> RunsOn {
        self.encoder.runs_on()
    }

    /// The classes, in the order of scores.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        self.labels.names()
    }

    /// Whether a text can have several labels at once, each with a score of its own.
    #[must_use]
    pub fn is_multiple(&self) -> bool {
        self.labels.scores() != Scores::Shares
    }

    /// Tokens after which a text is cut off.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Scores for every text, on all threads of the pool it is called in.
    ///
    /// # Errors
    /// [`Error::Stopped`](crate::Error::Stopped), [`Error::Tokens`](crate::Error::Tokens),
    /// [`Error::Unreadable`](crate::Error::Unreadable).
    pub fn classify(&self, texts: Vec<String>, pace: Pace) -> Result<Classes> {
        let (tokens, is_cut) = self.tokens.of_texts(texts)?;
        let ids_of = |at: usize| (tokens[at].as_slice(), [].as_slice());
        let each = |room: &mut Room, sequences: &Sequences| Ok(self.scores(room, sequences));
        let scores = run(&self.encoder, tokens.len(), ids_of, pace, each)?;
        Ok(Classes { scores, is_cut })
    }

    fn scores(&self, room: &mut Room, sequences: &Sequences) -> Vec<Vec<f32>> {
        let width = self.encoder.config().width;
        let (rows, cpu) = room.rows();
        let mut firsts = Vec::new();
        for range in sequences.ranges() {
            firsts.extend_from_slice(&rows[range.start * width..][..width]);
        }
        let (mut inner, mut sums) = (Vec::new(), Vec::new());
        self.first.apply(cpu, &firsts, self.activation, &mut inner);
        self.last.apply(cpu, &inner, Activation::None, &mut sums);
        let mut scores: Vec<_> =
            sums.chunks_exact(self.last.outputs()).map(<[f32]>::to_vec).collect();
        scores.iter_mut().for_each(|scores| self.labels.score(cpu, scores));
        scores
    }
}

/// The head of an architecture, under the names that transformers has.
fn head(
    config: &Config,
    weights: &Weights,
    fit: Option<&Fit>,
) -> Result<(Linear, Activation, Linear)> {
    let found = Found::under(weights, "").fitted(fit);
    let (first, activation, last) = match config.kind {
        Kind::Bert => ("bert.pooler.dense", Activation::Tanh, "classifier"),
        Kind::DistilBert => ("pre_classifier", Activation::Relu, "classifier"),
        Kind::Roberta | Kind::Mpnet => {
            ("classifier.dense", Activation::Tanh, "classifier.out_proj")
        }
    };
    let width = config.width;
    let outputs = found.outputs(last)?;
    Ok((
        Linear::load(&found, &[first.to_owned()], width, width)?,
        activation,
        Linear::load(&found, &[last.to_owned()], outputs, width)?,
    ))
}

impl Labels {
    /// Sums into scores.
    fn score(&self, cpu: &Cpu, sums: &mut [f32]) {
        match self.scores() {
            Scores::Shares => cpu.softmax(sums),
            Scores::Each => sums.iter_mut().for_each(|x| *x = 1.0 / (1.0 + (-*x).exp())),
            Scores::Sums => {}
        }
    }
}
