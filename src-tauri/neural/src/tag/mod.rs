//! Entities in texts: an encoder, a label for every token, and tokens joined to what they are part of.

mod join;

use std::path::Path;

use crate::adapter::Adapter;
use crate::cpu::Activation;
use crate::encoder::{Config, Encoder, Pace, Room, Sequences, run, with_adapter};
use crate::error::Result;
use crate::folder::Folder;
use crate::labels::Labels;
use crate::linear::{Found, Linear};
use crate::target::{RunsOn, Target};
use crate::tokens::{Limit, Said, Windows};

use join::Guess;
pub use join::{Entity, Join};

/// A model that finds entities.
#[derive(Debug)]
pub struct Tagger {
    windows: Windows,
    encoder: Encoder,
    head: Linear,
    labels: Labels,
    longest: usize,
}

impl Tagger {
    /// Reads the model in a folder, to work on the processor: the classes that transformers calls
    /// `…ForTokenClassification`.
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
            let found = Found::under(&weights, "").fitted(fit);
            let outputs = found.outputs("classifier")?;
            let head = Linear::load(&found, &["classifier".to_owned()], outputs, config.width)?;
            Ok((head, Encoder::fitted(config, &weights, target, fit)?))
        })?;
        let labels = Labels::read(&folder, head.outputs())?;
        let longest = Said::read(&folder)?.longest.unwrap_or(usize::MAX).min(encoder.longest());
        // An entity that ends a window is whole in the next.
        let limit = Limit { longest, shared: longest / 4 };
        Ok(Self { windows: Windows::open(&folder, limit)?, encoder, head, labels, longest })
    }

    /// Where it works.
    #[must_use]
    pub fn runs_on(&self) -> RunsOn {
        self.encoder.runs_on()
    }

    /// The labels that tokens can have, such as `O`, `B-PER` and `I-PER`.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        self.labels.names()
    }

    /// Tokens of a window; longer texts are read in several, which overlap.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The entities of every text in their order, on all threads of the pool it is called in.
    ///
    /// # Errors
    /// [`Error::Stopped`](crate::Error::Stopped), [`Error::Tokens`](crate::Error::Tokens),
    /// [`Error::Unreadable`](crate::Error::Unreadable).
    pub fn tag(&self, texts: Vec<String>, join: Join, pace: Pace) -> Result<Vec<Vec<Entity>>> {
        let windows = self.windows.of_texts(texts.clone())?;
        let flat: Vec<_> = windows.iter().flatten().collect();
        let ids_of = |at: usize| (flat[at].ids.as_slice(), flat[at].types.as_slice());
        let each = |room: &mut Room, sequences: &Sequences| Ok(self.guesses(room, sequences));
        let mut guesses = run(&self.encoder, flat.len(), ids_of, pace, each)?.into_iter();
        let mut all = Vec::with_capacity(texts.len());
        for (text, windows) in texts.iter().zip(&windows) {
            let spaces: Vec<bool> = text.chars().map(|char| char == ' ').collect();
            let mut entities = Vec::new();
            for (window, guesses) in windows.iter().zip(guesses.by_ref()) {
                entities.extend(join.entities(&window.places, &guesses, &spaces, self.labels()));
            }
            all.push(if windows.len() > 1 { join::over_windows(entities) } else { entities });
        }
        Ok(all)
    }

    /// For every token of every sequence its best label.
    fn guesses(&self, room: &mut Room, sequences: &Sequences) -> Vec<Vec<Guess>> {
        let (rows, cpu) = room.rows();
        let mut sums = Vec::new();
        self.head.apply(cpu, rows, Activation::None, &mut sums);
        let labels = self.head.outputs();
        let guess = |sums: &mut [f32]| {
            cpu.softmax(sums);
            let first = (0, f32::NEG_INFINITY);
            let (label, score) = sums
                .iter()
                .copied()
                .enumerate()
                .fold(first, |best, one| if one.1 > best.1 { one } else { best });
            Guess { label, score }
        };
        sequences
            .ranges()
            .map(|range| {
                sums[range.start * labels..range.end * labels]
                    .chunks_exact_mut(labels)
                    .map(guess)
                    .collect()
            })
            .collect()
    }
}
