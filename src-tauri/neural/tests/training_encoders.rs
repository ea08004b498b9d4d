//! Encoders learn as transformers, PEFT and torch have them.
//!
//! The losses lie in `tests/goldens/transformers/training-encoders`; `training_encoders.py` beside it made
//! them, of the models in `heads`.

mod devices;

use std::path::{Path, PathBuf};

use mirante_neural::answer::Choice;
use mirante_neural::classify::Classifier;
use mirante_neural::tag::{Join, Tagger};
use mirante_neural::train::encoder::{
    Dropout, How, Kinds, Known, Learner, Reading, Right, Span, Texts, needs,
};
use mirante_neural::train::{Event, Keeping, Lora, Optimiser, Plan, Schedule, Score, Wish, train};
use mirante_neural::{Folder, Pace, Target, Weights, answer};
use serde::Deserialize;
use serde_json::Value;

const NAMES: [&str; 8] = [
    "bert-classify",
    "bert-tag",
    "roberta-classify",
    "roberta-tag",
    "distilbert-classify",
    "distilbert-answer",
    "xlm-roberta-answer",
    "xlm-roberta-classify",
];
const NEAR: f64 = 1e-4;
const PACE: Pace = Pace { batch: 8, go_on: &|| true };

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/transformers")
}

#[derive(Deserialize)]
struct Sequence {
    ids: Vec<u32>,
    types: Vec<u32>,
    right: Value,
}

#[derive(Deserialize)]
struct Change {
    target_modules: Vec<String>,
    r: usize,
    lora_alpha: f64,
}

#[derive(Deserialize)]
struct Golden {
    rate: f64,
    decay: f64,
    warm: usize,
    clip: f64,
    change: Option<Change>,
    sequences: Vec<Sequence>,
    losses: Vec<f64>,
    norms: Vec<f64>,
}

fn place(name: &str) -> PathBuf {
    goldens().join("training-encoders").join(name)
}

fn golden(name: &str) -> Golden {
    let path = place(name).join("golden.json");
    serde_json::from_slice(&std::fs::read(path).expect("a golden")).expect("JSON")
}

fn base(name: &str) -> Folder {
    Folder::open(goldens().join("heads").join(name)).expect("a model")
}

fn labels(folder: &Folder) -> Vec<String> {
    let path = folder.path().join("config.json");
    let said: Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
    let Some(named) = said["id2label"].as_object() else { return Vec::new() };
    let name = |at: usize| named[&at.to_string()].as_str().expect("a label").to_owned();
    (0..named.len()).map(name).collect()
}

fn how(name: &str) -> How {
    let (kinds, labels) = match name.rsplit('-').next() {
        Some("classify") => (Kinds::Classes, labels(&base(name))),
        Some("tag") => (Kinds::Tags, labels(&base(name))),
        _ => (Kinds::Spans, Vec::new()),
    };
    let lora = golden(name).change.map(|change| Lora {
        rank: change.r,
        alpha: change.lora_alpha,
        dropout: 0.0,
        targets: change.target_modules,
        nf4: false,
    });
    How {
        kinds,
        labels,
        weights: Vec::new(),
        lora,
        still_words: false,
        keeping: Keeping::default(),
        seed: 3,
    }
}

fn known(name: &str, golden: &Golden) -> Vec<Known> {
    let one = |sequence: &Sequence| {
        let right = &sequence.right;
        let numbers = || right.as_array().expect("numbers").iter().map(|one| one.as_i64());
        let right = match how(name).kinds {
            Kinds::Classes => Right::Class(right.as_u64().expect("a class") as u32),
            Kinds::Tags => Right::Tags(
                numbers().map(|one| u32::try_from(one.expect("a label")).ok()).collect(),
            ),
            Kinds::Spans => {
                let both: Vec<_> = numbers().map(|one| one.expect("a place") as usize).collect();
                Right::Span(both[0], both[1])
            }
        };
        Known { ids: sequence.ids.clone(), types: sequence.types.clone(), right }
    };
    golden.sequences.iter().map(one).collect()
}

fn learner(name: &str, thrifty: bool, dropout: Dropout, target: Target) -> Learner {
    let keeping = Keeping { thrifty, in_eight_bits: false };
    let how = How { keeping, ..how(name) };
    let mut learner = Learner::open(&base(name), how, target).expect("a learner");
    learner.set_dropout(dropout);
    if learner.how().lora.is_some() {
        let start = Weights::open(&[place(name).join("start.safetensors")]).expect("weights");
        learner.take(&start).expect("its numbers");
    }
    learner
}

fn batch(known: &[Known], step: usize) -> Vec<&Known> {
    (0..2).map(|at| &known[(2 * step + at) % known.len()]).collect()
}

fn asked(some: &[&Known]) -> usize {
    some.iter().map(|known| known.asked()).sum()
}

impl Golden {
    fn optimiser(&self) -> Optimiser {
        Optimiser {
            rate: self.rate,
            schedule: Schedule::Linear,
            warm: self.warm,
            decay: self.decay,
            clip: self.clip,
        }
    }
}

#[test]
fn fifty_steps_in_halves_stay_near_those_of_transformers() {
    for (name, target) in devices::halves().into_iter().flat_map(|t| NAMES.map(|name| (name, t))) {
        let golden = golden(name);
        let mut learner = learner(name, false, Dropout::NONE, target);
        assert_eq!(learner.runs_on().precision, target.precision.expect("a precision"));
        let (all, steps) = (known(name, &golden), golden.losses.len());
        for (step, loss) in golden.losses.iter().enumerate() {
            let some = batch(&all, step);
            let count = asked(&some);
            let given = learner.learn(&some, 1.0 / count as f32, 0).unwrap() / count as f64;
            golden.optimiser().step(&mut learner.parameters, step, steps);
            assert!(
                (given - loss).abs() < 5e-2 * loss.max(1.0),
                "{name} {target:?} {step}: {given} {loss}"
            );
        }
    }
}

#[test]
fn fifty_steps_are_those_of_transformers() {
    let both = |target| {
        NAMES.into_iter().flat_map(move |name| [(name, false, target), (name, true, target)])
    };
    for (name, thrifty, target) in devices::exact().into_iter().flat_map(both) {
        let golden = golden(name);
        let mut learner = learner(name, thrifty, Dropout::NONE, target);
        let optimiser = golden.optimiser();
        let (all, steps) = (known(name, &golden), golden.losses.len());
        for (step, (loss, norm)) in golden.losses.iter().zip(&golden.norms).enumerate() {
            let some = batch(&all, step);
            let count = asked(&some);
            let given = learner.learn(&some, 1.0 / count as f32, 0).unwrap() / count as f64;
            assert!((given - loss).abs() < NEAR, "{name}, step {step}: {given} {loss}");
            let given = optimiser.step(&mut learner.parameters, step, steps);
            assert!((given - norm).abs() < NEAR * norm.max(1.0), "{name} {step}: {given} {norm}");
        }
        let after = Weights::open(&[place(name).join("after.safetensors")]).unwrap();
        let mut count = 0;
        for (tensor, values) in learner.parameters.iter() {
            let known = after.load(&tensor.name, &tensor.shape).unwrap();
            count += 1;
            // What moves every key alike, or every token's sums, changes no share: the gradient is rounding,
            // of which AdamW makes much.
            let of_keys = ["key.bias", "k_lin.bias"];
            let of_sums = ["qa_outputs.bias", "output_layer_norm.bias", "output.LayerNorm.bias"];
            let is_rounding = |ends: &[&str]| ends.iter().any(|end| tensor.name.ends_with(end));
            if is_rounding(&of_keys) || name.ends_with("answer") && is_rounding(&of_sums) {
                continue;
            }
            for (value, known) in values.iter().zip(known) {
                assert!((value - known).abs() < 2e-4, "{name} {}: {value} {known}", tensor.name);
            }
        }
        assert_eq!(count, after.names().len(), "{name}: all that is learned");
    }
}

/// That the gradients are the slopes of the loss with the same numbers left out, of every tensor where it
/// has the largest.
fn assert_slopes(name: &str, dropout: Dropout, weights: &[f32], target: Target) {
    let golden = golden(name);
    let all = known(name, &golden);
    let some = batch(&all, 2);
    let how = How { weights: weights.to_vec(), ..how(name) };
    let mut learner = Learner::open(&base(name), how, target).expect("a learner");
    learner.set_dropout(dropout);
    learner.learn(&some, 1.0, 7).expect("a loss");
    let grads: Vec<Vec<f32>> = learner.parameters.gradients().map(<[f32]>::to_vec).collect();
    let names: Vec<_> = learner.parameters.iter().map(|(one, _)| one.name.clone()).collect();
    for (at, grad) in grads.iter().enumerate() {
        let place = (0..grad.len()).max_by(|a, b| grad[*a].abs().total_cmp(&grad[*b].abs()));
        let place = place.expect("a place");
        let step = 2e-3;
        let mut loss = |by: f32| {
            learner.parameters.change(at, place, by);
            let loss = learner.learn(&some, 0.0, 7).expect("a loss");
            learner.parameters.change(at, place, -by);
            loss
        };
        let slope = (loss(step) - loss(-step)) / f64::from(2.0 * step);
        let given = f64::from(grad[place]);
        let name = &names[at];
        assert!((slope - given).abs() < 0.03 * given.abs() + 4e-3, "{name}: {slope} {given}");
    }
}

#[test]
fn gradients_are_slopes_with_numbers_left_out_too() {
    for target in devices::exact() {
        for name in NAMES {
            assert_slopes(name, Dropout::NONE, &[], target);
            assert_slopes(name, Dropout { rows: 0.2, shares: 0.2, head: 0.2 }, &[], target);
        }
        assert_slopes("bert-classify", Dropout::NONE, &[0.5, 2.0, 1.0], target);
    }
}

#[test]
fn what_is_left_out_differs_from_step_to_step_and_never_where_nothing_is_learned() {
    let name = "bert-tag";
    let all = known(name, &golden(name));
    let some: Vec<_> = all.iter().collect();
    let dropout = Dropout { rows: 0.2, shares: 0.0, head: 0.0 };
    let both = [dropout, Dropout { rows: 0.0, shares: 0.2, head: 0.0 }];
    for (dropout, target) in devices::exact().into_iter().flat_map(|t| both.map(|one| (one, t))) {
        let mut learner = learner(name, false, dropout, target);
        let one = learner.learn(&some, 0.0, 1).unwrap();
        assert_eq!(one, learner.learn(&some, 0.0, 1).unwrap());
        assert_ne!(one, learner.learn(&some, 0.0, 2).unwrap());
        let still = learner.loss(&some).unwrap();
        let without = self::learner(name, true, Dropout::NONE, target).loss(&some).unwrap();
        assert_eq!(still, without);
    }
}

fn plan(steps: usize) -> Plan {
    Plan {
        epochs: 40,
        batch: 4,
        accumulation: 1,
        most: steps,
        optimiser: Optimiser {
            rate: 1e-2,
            schedule: Schedule::Linear,
            warm: 2,
            decay: 0.01,
            clip: 1.0,
        },
        seed: 5,
        evaluate: 0,
        patience: 0,
        checkpoint: 0,
    }
}

/// Teaches `taught` and gives the folder that is left, opened by the library's own readers of the task.
fn taught(name: &str, how: How, taught: Vec<Known>) -> tempfile::TempDir {
    let mut learner = Learner::open(&base(name), how, Target::default()).expect("a learner");
    learner.set_dropout(Dropout::NONE);
    let held = taught.clone();
    let judge = move |learner: &mut Learner, _: &mut dyn FnMut() -> bool| {
        let loss = learner.loss(&held.iter().collect::<Vec<_>>())?;
        Ok(Some(Score { goodness: -loss, figures: vec![("loss".to_owned(), loss)] }))
    };
    let mut reading = Reading::new(learner, taught, Box::new(judge));
    let place = tempfile::tempdir().expect("a folder");
    let mut last = f64::INFINITY;
    let outcome = train(&mut reading, &plan(60), place.path(), false, &mut |event| {
        if let Event::Step(step) = event {
            last = step.loss;
        }
        Wish::GoOn
    });
    outcome.expect("an outcome");
    assert!(last < 0.1, "{name}: {last}");
    let out = tempfile::tempdir().expect("a folder");
    reading.learner().save(&base(name), out.path()).expect("a model");
    out
}

#[test]
fn a_classifier_knows_its_new_classes_and_is_read_as_any_model() {
    for name in ["bert-classify", "roberta-classify", "distilbert-classify", "xlm-roberta-classify"]
    {
        let texts = ["entrega rápida", "não chegou", "atrasou muito", "produto ótimo"];
        let classes = [1, 0, 0, 1];
        let reader = Texts::open(&base(name), 32).unwrap();
        let owned = texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let (known, cut) = reader.classes(owned.clone(), &classes).unwrap();
        assert_eq!(cut, 0);
        let labels = ["ruim", "bom"].map(str::to_owned).to_vec();
        let out = taught(name, How { labels: labels.clone(), ..how(name) }, known);
        let model = Classifier::open(out.path()).unwrap();
        assert_eq!(model.labels(), labels);
        let given = model.classify(owned, PACE).unwrap().scores;
        for (scores, right) in given.iter().zip(classes) {
            assert!(scores[right as usize] > 0.8, "{name}: {given:?}");
        }
    }
}

#[test]
fn a_tagger_finds_the_words_that_it_was_taught() {
    let name = "bert-tag";
    let folder = base(name);
    let reader = Texts::open(&folder, 32).unwrap();
    let labels: Vec<String> = ["O", "B-LOCAL", "I-LOCAL"].map(str::to_owned).to_vec();
    let said = |text: &str, tags: &[u32]| {
        (text.split(' ').map(str::to_owned).collect::<Vec<_>>(), tags.to_vec())
    };
    let sentences = [
        said("Ana mora em São Paulo .", &[0, 0, 0, 1, 2, 0]),
        said("Zé-Carlos ama Belém .", &[0, 0, 1, 0]),
    ];
    let read = reader.tags(&sentences).unwrap();
    for ((known, at, words), (sentence, tags)) in read.iter().zip(&sentences) {
        let Right::Tags(found) = &known.right else { panic!("tags") };
        assert_eq!(found.iter().flatten().copied().collect::<Vec<_>>(), *tags);
        assert_eq!(words.len(), sentence.len());
        assert_eq!(sentences[*at].0, *sentence);
    }
    // What does not fit into one window is in the next, every word once.
    let short = Texts::open(&folder, 8).unwrap();
    let parts = short.tags(&sentences[..1]).unwrap();
    assert!(parts.len() > 1);
    let words: Vec<usize> = parts.iter().flat_map(|(_, _, words)| words.clone()).collect();
    assert_eq!(words, [0, 1, 2, 3, 4, 5]);

    let known = read.into_iter().map(|(known, _, _)| known).collect();
    let out = taught(name, How { labels, ..how(name) }, known);
    let model = Tagger::open(out.path()).unwrap();
    let text = "Ana mora em São Paulo .";
    let found = model.tag(vec![text.to_owned()], Join::First, PACE).unwrap();
    let entities: Vec<_> = found[0].iter().map(|one| (&one.kind[..], one.start, one.end)).collect();
    assert_eq!(entities, [("LOCAL", 12, 21)]);
}

#[test]
fn a_reader_learns_where_the_answer_stands_and_that_there_is_none() {
    let name = "distilbert-answer";
    let reader = Texts::open(&base(name), 40).unwrap();
    let context = "O cliente reclama do prazo de entrega.".to_owned();
    let pairs = vec![
        ("O que reclama?".to_owned(), context.clone()),
        ("Quem paga?".to_owned(), context.clone()),
    ];
    let answers = [Some(Span { start: 21, end: 26 }), None];
    let windows = reader.windows(pairs.clone(), 16).unwrap();
    let known: Vec<Vec<Known>> = windows
        .iter()
        .zip(answers)
        .map(|(windows, answer)| windows.iter().map(|one| Known::answered(one, answer)).collect())
        .collect();
    assert!(known[0].iter().any(|one| matches!(one.right, Right::Span(first, _) if first > 0)));
    assert!(known[1].iter().all(|one| one.right == Right::Span(0, 0)));
    let known = known.into_iter().flatten().collect();
    let out = taught(name, How { kinds: Kinds::Spans, labels: Vec::new(), ..how(name) }, known);
    let model = answer::Reader::open(out.path()).unwrap();
    let choice = Choice { window: 40, shared: 13, ..Choice::default() };
    let found = model.answer(&pairs, choice, PACE).unwrap();
    assert_eq!(found[0].best.as_ref().map(|best| best.text.as_str()), Some("prazo"));
    assert_eq!(found[1].best, None);
}

#[test]
fn what_stays_is_saved_as_it_was_and_what_cannot_be_taught_is_refused() {
    let name = "xlm-roberta-classify";
    let out = tempfile::tempdir().unwrap();
    let how = how(name);
    let here = Target::default();
    let learner = Learner::open(&base(name), how.clone(), here).unwrap();
    learner.save(&base(name), out.path()).unwrap();
    let (before, after) =
        (base(name).weights().unwrap(), Folder::open(out.path()).unwrap().weights().unwrap());
    for tensor in before.names() {
        let shape = before.shape(tensor).unwrap();
        let (one, other) =
            (before.load(tensor, shape).unwrap(), after.load(tensor, shape).unwrap());
        assert_eq!(one, other, "{tensor}");
    }
    // The vectors of words stay where that is wanted.
    let still = How { lora: None, still_words: true, ..how.clone() };
    let learner = Learner::open(&base(name), still, here).unwrap();
    assert!(learner.parameters.iter().all(|(one, _)| !one.name.contains("_embeddings")));
    assert!(learner.parameters.iter().any(|(one, _)| one.name.contains("embeddings.LayerNorm")));

    let whole = How { lora: None, ..how.clone() };
    let mpnet = Learner::open(&base("mpnet-classify"), whole, here);
    assert!(mpnet.unwrap_err().to_string().contains("mpnet"));
    let mut lora = how.lora.clone().unwrap();
    lora.targets = vec!["q_proj".to_owned()];
    let refused = Learner::open(&base(name), How { lora: Some(lora), ..how }, here).unwrap_err();
    assert!(refused.to_string().contains("q_proj"));
}

#[test]
fn what_is_needed_counts_what_is_learned() {
    for name in NAMES {
        for still_words in [false, true] {
            let how = How { still_words, ..how(name) };
            let learner = Learner::open(&base(name), how.clone(), Target::default()).unwrap();
            let expected = needs(&base(name), &how, (64, 32), Target::default()).unwrap();
            assert_eq!(expected.parameters, learner.parameters.count() as u64, "{name}");
        }
    }
}
