//! The loop that every training takes its steps in.

use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

use super::checkpoint::{self, Standing};
use super::optimiser::Optimiser;
use super::parameters::Parameters;
use super::random::Random;

/// The file that a training goes on from.
pub const CHECKPOINT: &str = "checkpoint.safetensors";
/// The parameters of the best evaluation.
pub const BEST: &str = "best.safetensors";
/// What orders of examples are drawn for.
const ORDER: u64 = 0x0B_DE5;

/// What is learned, from which examples, and how good it is.
pub trait Task {
    /// How many examples there are to learn from.
    fn examples(&self) -> usize;

    /// What an example counts for among those of its step: tokens that are learned of it.
    fn weight(&self, example: usize) -> usize;

    /// The tokens that are read of an example.
    fn tokens(&self, example: usize) -> usize;

    /// Adds the gradients of `share` times the sum of the examples' losses, and gives that sum. `key` tells
    /// this step's chances from another's.
    ///
    /// # Errors
    /// Those of the model.
    fn learn(&mut self, examples: &[usize], share: f32, key: u32) -> Result<f64>;

    /// What is learned.
    fn parameters(&mut self) -> &mut Parameters;

    /// How good it is on examples that it does not learn from; nothing where there are none. `go_on` is
    /// asked on the way.
    ///
    /// # Errors
    /// [`Error::Stopped`] once it says no.
    fn evaluate(&mut self, go_on: &mut dyn FnMut() -> bool) -> Result<Option<Score>>;
}

/// How good a model is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// What the best is chosen by; more is better.
    pub goodness: f64,
    /// Figures by name.
    pub figures: Vec<(String, f64)>,
}

/// How long, and in which portions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Times that every example is seen.
    pub epochs: usize,
    /// Examples at once.
    pub batch: usize,
    /// Batches a step.
    pub accumulation: usize,
    /// Steps at most; 0 sets no limit.
    pub most: usize,
    /// How far the steps go.
    pub optimiser: Optimiser,
    /// What all chances are drawn from.
    pub seed: u64,
    /// Steps between evaluations, beside that after every epoch; 0 for none.
    pub evaluate: usize,
    /// Evaluations without a better one after which it ends; 0 for never.
    pub patience: u32,
    /// Steps between checkpoints, beside that after every epoch; 0 for none.
    pub checkpoint: usize,
}

impl Plan {
    /// Steps of an epoch, of so many examples.
    #[must_use]
    pub fn steps_of_an_epoch(&self, examples: usize) -> usize {
        examples.div_ceil((self.batch * self.accumulation).max(1))
    }

    /// Steps in all.
    #[must_use]
    pub fn steps(&self, examples: usize) -> usize {
        let all = self.epochs * self.steps_of_an_epoch(examples);
        if self.most > 0 { all.min(self.most) } else { all }
    }

    /// The most that a batch holds of what `size` says of every example, in any step of the plan.
    pub fn largest<S: Ord>(&self, examples: usize, size: impl Fn(&[usize]) -> S) -> Option<S> {
        (0..self.epochs)
            .flat_map(|epoch| {
                let order = self.order(epoch, examples);
                order.chunks(self.batch.max(1)).map(&size).max()
            })
            .max()
    }

    /// The order of examples in an epoch.
    fn order(&self, epoch: usize, examples: usize) -> Vec<usize> {
        Random::new(self.seed, ORDER + epoch as u64).order(examples)
    }

    /// What it is, to know it again.
    fn said(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What is heard of a training.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// It begins, or goes on behind `step`.
    Began {
        /// Steps taken.
        step: usize,
        /// Steps in all.
        steps: usize,
    },
    /// It is within a step.
    Working,
    /// A step was taken.
    Step(&'a Step),
    /// It was looked at how good it is.
    Evaluated {
        /// After so many steps.
        step: usize,
        /// How good.
        score: &'a Score,
        /// Whether it was never better.
        is_best: bool,
    },
    /// It can go on from here.
    Saved {
        /// After so many steps.
        step: usize,
    },
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Its number, from 1.
    pub step: usize,
    /// Epochs, in parts.
    pub epoch: f64,
    /// The mean loss of its examples.
    pub loss: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// The length of the gradients.
    pub gradient_norm: f64,
    /// Tokens read in it.
    pub tokens: usize,
    /// Seconds that it took.
    pub seconds: f64,
}

/// What is wanted of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// That it goes on.
    GoOn,
    /// That it stops; it can go on from the last checkpoint.
    Stop,
    /// That it ends after this step, and what it has learned is kept.
    Keep,
}

/// Why a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// All steps were taken.
    Whole,
    /// It became no better.
    Early,
    /// That was wished.
    Kept,
}

/// What a training came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Steps taken.
    pub steps: usize,
    /// Why it ended.
    pub end: End,
    /// How good the parameters are that it leaves; nothing where there was nothing to look at.
    pub score: Option<Score>,
    /// Seconds at work, those before a cut counted in.
    pub seconds: f64,
}

/// Teaches `task` by a plan. In `folder` lies what it goes on from; with `resume` it goes on from what lies
/// there. It leaves the parameters of the best evaluation, or the last where there was none.
///
/// The same plan, task and seed give the same steps, cut off and resumed or not.
///
/// # Errors
/// [`Error::Stopped`] as wished, [`Error::Diverged`] when a loss is no number any more, [`Error::BadFile`]
/// for a checkpoint of another plan, [`Error::Unwritable`], and those of the task.
pub fn train(
    task: &mut dyn Task,
    plan: &Plan,
    folder: &Path,
    resume: bool,
    listener: &mut dyn FnMut(Event) -> Wish,
) -> Result<Outcome> {
    let examples = task.examples();
    let (steps, an_epoch) = (plan.steps(examples), plan.steps_of_an_epoch(examples).max(1));
    let (place, best_place) = (folder.join(CHECKPOINT), folder.join(BEST));
    let mut standing = Standing { plan: plan.said(), ..Standing::default() };
    if resume && place.is_file() {
        let found = checkpoint::load(&place, task.parameters())?;
        if found.plan != standing.plan {
            let reason = "it was begun with other settings".to_owned();
            return Err(Error::BadFile { path: place, reason });
        }
        standing = found;
    }
    let mut began = Instant::now();
    listener(Event::Began { step: standing.step, steps });
    let (mut order, mut ordered) = (Vec::new(), usize::MAX);
    let (mut end, mut score) = (End::Whole, None);
    while standing.step < steps {
        let at = standing.step;
        let epoch = at / an_epoch;
        if ordered != epoch {
            order = plan.order(epoch, examples);
            ordered = epoch;
        }
        let some = plan.batch * plan.accumulation;
        let first = at % an_epoch * some;
        let mine = &order[first..examples.min(first + some)];
        let (step, mut keeps) = take(task, plan, mine, (at, steps), listener)?;
        standing.step += 1;
        let step = Step { epoch: standing.step as f64 / an_epoch as f64, ..step };
        match listener(Event::Step(&step)) {
            Wish::GoOn => {}
            Wish::Stop => return Err(Error::Stopped),
            Wish::Keep => keeps = true,
        }
        let last = standing.step == steps || keeps;
        let is_due = |every: usize| every > 0 && standing.step.is_multiple_of(every);
        let whole_epoch = standing.step.is_multiple_of(an_epoch);
        let evaluates = last || whole_epoch || is_due(plan.evaluate);
        let saves = last || whole_epoch || is_due(plan.checkpoint);
        if evaluates {
            let found = task.evaluate(&mut || {
                let wish = listener(Event::Working);
                keeps |= wish == Wish::Keep;
                wish != Wish::Stop
            })?;
            if let Some(found) = found {
                // What is no number is never better.
                let is_best = found.goodness.is_finite()
                    && standing.best.is_none_or(|best| found.goodness > best);
                if is_best {
                    checkpoint::save_values(&best_place, task.parameters())?;
                    standing.best = Some(found.goodness);
                    standing.waited = 0;
                } else {
                    standing.waited += 1;
                }
                let step = standing.step;
                listener(Event::Evaluated { step, score: &found, is_best });
                score = Some(found);
            }
        }
        if saves {
            standing.seconds += began.elapsed().as_secs_f64();
            began = Instant::now();
            checkpoint::save(&place, task.parameters(), &standing)?;
            listener(Event::Saved { step: standing.step });
        }
        if keeps {
            end = End::Kept;
            break;
        }
        if plan.patience > 0 && standing.waited >= plan.patience && standing.step < steps {
            end = End::Early;
            break;
        }
    }
    if standing.best.is_some() && (standing.waited > 0 || score.is_none()) {
        checkpoint::load_values(&best_place, task.parameters())?;
        score = task.evaluate(&mut || listener(Event::Working) != Wish::Stop)?;
    }
    let seconds = standing.seconds + began.elapsed().as_secs_f64();
    Ok(Outcome { steps: standing.step, end, score, seconds })
}

/// Takes one step, and says whether what was learned is to be kept after it.
fn take(
    task: &mut dyn Task,
    plan: &Plan,
    examples: &[usize],
    (at, steps): (usize, usize),
    listener: &mut dyn FnMut(Event) -> Wish,
) -> Result<(Step, bool)> {
    let began = Instant::now();
    let weight: usize = examples.iter().map(|&one| task.weight(one)).sum();
    let share = 1.0 / weight.max(1) as f32;
    let mut random = Random::new(plan.seed, !(at as u64));
    let (mut sum, mut keeps) = (0.0, false);
    for some in examples.chunks(plan.batch.max(1)) {
        sum += task.learn(some, share, random.next() as u32)?;
        match listener(Event::Working) {
            Wish::GoOn => {}
            Wish::Stop => return Err(Error::Stopped),
            Wish::Keep => keeps = true,
        }
    }
    let loss = sum / weight.max(1) as f64;
    let norm = plan.optimiser.step(task.parameters(), at, steps);
    if !loss.is_finite() || !norm.is_finite() {
        return Err(Error::Diverged { step: at + 1 });
    }
    let step = Step {
        step: at + 1,
        epoch: 0.0,
        loss,
        learning_rate: plan.optimiser.rate(at, steps),
        gradient_norm: norm,
        tokens: examples.iter().map(|&one| task.tokens(one)).sum(),
        seconds: began.elapsed().as_secs_f64(),
    };
    Ok((step, keeps))
}
