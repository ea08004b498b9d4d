//! Answers out of a text: an encoder that says of every token how likely an answer begins and ends there
//! (Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>), and may say that there is none (SQuAD 2.0,
//! Rajpurkar et al. 2018, <https://arxiv.org/abs/1806.03822>).

mod spans;

use std::path::Path;

use crate::adapter::Adapter;
use crate::cpu::Activation;
use crate::encoder::{Config, Encoder, Pace, Room, Sequences, run, with_adapter};
use crate::error::Result;
use crate::folder::Folder;
use crate::linear::{Found, Linear};
use crate::target::{RunsOn, Target};
use crate::tokens::{Limit, Said, Window, Windows};

use spans::Sums;
pub use spans::{Answer, Answers};

/// What is taken for an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Candidates kept.
    pub most: usize,
    /// Most tokens of an answer.
    pub longest: usize,
    /// By how much "no answer" must be the likelier to be given; none where there always is an answer.
    pub threshold: Option<f32>,
    /// Most tokens of a window, question and context together; the model's own limit holds too.
    pub window: usize,
    /// Tokens that a window shares with the one before; fewer where the model takes in less than `window`.
    pub shared: usize,
}

impl Default for Choice {
    fn default() -> Self {
        // As in the reference scripts for SQuAD.
        Self { most: 20, longest: 30, threshold: Some(0.0), window: 384, shared: 128 }
    }
}

/// The best answers in a context by the sums of its windows' tokens: of each how likely an answer begins and
/// how likely it ends there.
#[must_use]
pub fn best(read: &[(&Window, Vec<[f32; 2]>)], context: &str, choice: Choice) -> Answers {
    spans::best(read, context, choice)
}

/// A model that finds answers.
#[derive(Debug)]
pub struct Reader {
    windows: Windows,
    /// The most tokens that the model takes in.
    longest: usize,
    encoder: Encoder,
    head: Linear,
}

impl Reader {
    /// Reads the model in a folder, to work on the processor: the classes that transformers calls
    /// `…ForQuestionAnswering`.
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
            let head = Linear::load(&found, &["qa_outputs".to_owned()], 2, config.width)?;
            Ok((head, Encoder::fitted(config, &weights, target, fit)?))
        })?;
        let said = Said::read(&folder)?.longest.unwrap_or(usize::MAX);
        let limit = Limit { longest: said.min(encoder.longest()), shared: 0 };
        Ok(Self { windows: Windows::open(&folder, limit)?, longest: limit.longest, encoder, head })
    }

    /// Where it works.
    #[must_use]
    pub fn runs_on(&self) -> RunsOn {
        self.encoder.runs_on()
    }

    /// The answer to every pair of question and context, on all threads of the pool it is called in.
    /// Longer contexts are read in windows, which overlap.
    ///
    /// # Errors
    /// [`Error::Stopped`](crate::Error::Stopped), [`Error::Tokens`](crate::Error::Tokens) also for a
    /// question that leaves no room for the context, [`Error::Unreadable`](crate::Error::Unreadable).
    pub fn answer(
        &self,
        pairs: &[(String, String)],
        choice: Choice,
        pace: Pace,
    ) -> Result<Vec<Answers>> {
        // Spaces before a question would take the room of tokens.
        let trimmed = pairs
            .iter()
            .map(|(question, context)| (question.trim_start().to_owned(), context.clone()));
        let windows = self.windows.of_pairs(trimmed.collect(), self.limit(choice))?;
        let flat: Vec<&Window> = windows.iter().flatten().collect();
        let ids_of = |at: usize| (flat[at].ids.as_slice(), flat[at].types.as_slice());
        let each = |room: &mut Room, sequences: &Sequences| Ok(self.sums(room, sequences));
        let mut sums = run(&self.encoder, flat.len(), ids_of, pace, each)?.into_iter();
        let mut all = Vec::with_capacity(pairs.len());
        for ((_, context), windows) in pairs.iter().zip(&windows) {
            let read: Vec<(&Window, Sums)> = windows.iter().zip(sums.by_ref()).collect();
            all.push(spans::best(&read, context, choice));
        }
        Ok(all)
    }

    fn limit(&self, choice: Choice) -> Limit {
        let longest = choice.window.min(self.longest);
        let is_as_asked = longest == choice.window;
        let shared = if is_as_asked { choice.shared } else { choice.shared.min(longest / 3) };
        Limit { longest, shared }
    }

    /// For every token of every sequence, how likely an answer begins and ends there.
    fn sums(&self, room: &mut Room, sequences: &Sequences) -> Vec<Sums> {
        let (rows, cpu) = room.rows();
        let mut sums = Vec::new();
        self.head.apply(cpu, rows, Activation::None, &mut sums);
        let (pairs, _) = sums.as_chunks::<2>();
        sequences.ranges().map(|range| pairs[range].to_vec()).collect()
    }
}
