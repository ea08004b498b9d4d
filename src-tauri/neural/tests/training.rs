//! Adapters learn as PEFT and torch have them.
//!
//! The adapters of random weights, the sequences and the losses lie in
//! `tests/goldens/transformers/training`; `training.py` beside it made them.

use std::path::{Path, PathBuf};

use mirante_neural::train::{Learner, Lora, Optimiser, Schedule, Sequence};
use mirante_neural::{Folder, Weights};
use serde::Deserialize;
use serde_json::Value;

const NAMES: [&str; 4] = ["llama", "llama-tied", "mistral", "qwen2"];
const NEAR: f64 = 1e-4;

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/transformers")
}

#[derive(Deserialize)]
struct Known {
    ids: Vec<u32>,
    from: usize,
}

#[derive(Deserialize)]
struct Golden {
    base: String,
    rate: f64,
    decay: f64,
    warm: usize,
    clip: f64,
    sequences: Vec<Known>,
    losses: Vec<f64>,
    norms: Vec<f64>,
}

impl Golden {
    fn of(name: &str) -> Self {
        let path = goldens().join("training").join(name).join("golden.json");
        serde_json::from_slice(&std::fs::read(path).expect("a golden")).expect("JSON")
    }

    fn sequences(&self) -> Vec<Sequence> {
        let one = |known: &Known| Sequence { ids: known.ids.clone(), from: known.from };
        self.sequences.iter().map(one).collect()
    }
}

fn lora(name: &str) -> Lora {
    let path = goldens().join("training").join(name).join("adapter_config.json");
    let said: Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
    let targets = said["target_modules"].as_array().expect("names");
    Lora {
        rank: said["r"].as_u64().expect("a rank") as usize,
        alpha: said["lora_alpha"].as_f64().expect("alpha"),
        dropout: 0.0,
        targets: targets.iter().map(|one| one.as_str().expect("a name").to_owned()).collect(),
    }
}

fn learner(name: &str, thrifty: bool) -> Learner {
    let base = Folder::open(goldens().join(Golden::of(name).base)).expect("a model");
    let mut learner = Learner::open(&base, lora(name), thrifty, 1).expect("a learner");
    let adapter = goldens().join("training").join(name).join("adapter_model.safetensors");
    learner.take(&Weights::open(&[adapter]).expect("weights")).expect("its adapter");
    learner
}

fn batch(sequences: &[Sequence], step: usize) -> Vec<Sequence> {
    (0..2).map(|at| sequences[(2 * step + at) % sequences.len()].clone()).collect()
}

#[test]
fn fifty_steps_are_those_of_peft() {
    for (name, thrifty) in NAMES.into_iter().flat_map(|name| [(name, false), (name, true)]) {
        let golden = Golden::of(name);
        let mut learner = learner(name, thrifty);
        let optimiser = Optimiser {
            rate: golden.rate,
            schedule: Schedule::Cosine,
            warm: golden.warm,
            decay: golden.decay,
            clip: golden.clip,
        };
        let (sequences, steps) = (golden.sequences(), golden.losses.len());
        for (step, (loss, norm)) in golden.losses.iter().zip(&golden.norms).enumerate() {
            let some = batch(&sequences, step);
            let learned: usize = some.iter().map(Sequence::learned).sum();
            let sum = learner.learn(&some, 1.0 / learned as f32, 0).unwrap();
            let given = sum / learned as f64;
            assert!((given - loss).abs() < NEAR, "{name}, step {step}: {given} {loss}");
            let given = optimiser.step(&mut learner.parameters, step, steps);
            assert!((given - norm).abs() < NEAR * norm.max(1.0), "{name} {step}: {given} {norm}");
        }
        let after = goldens().join("training").join(name).join("after.safetensors");
        let after = Weights::open(&[after]).unwrap();
        for (tensor, values) in learner.parameters.iter() {
            let known = after.load(&tensor.name, &tensor.shape).unwrap();
            for (value, known) in values.iter().zip(known) {
                assert!((value - known).abs() < 2e-4, "{name} {}: {value} {known}", tensor.name);
            }
        }
    }
}

#[test]
fn gradients_are_slopes() {
    for name in NAMES {
        let golden = Golden::of(name);
        let sequences = batch(&golden.sequences(), 2);
        let mut learner = learner(name, false);
        learner.learn(&sequences, 1.0, 0).unwrap();
        let grads: Vec<Vec<f32>> = learner.parameters.gradients().map(<[f32]>::to_vec).collect();
        for (at, grad) in grads.iter().enumerate() {
            // The place of the largest gradient tells most.
            let place = (0..grad.len()).max_by(|a, b| grad[*a].abs().total_cmp(&grad[*b].abs()));
            let place = place.unwrap();
            let step = 4e-3;
            let mut loss = |by: f32| {
                learner.parameters.change(at, place, by);
                let loss = learner.loss(&sequences).unwrap();
                learner.parameters.change(at, place, -by);
                loss
            };
            let slope = (loss(step) - loss(-step)) / f64::from(2.0 * step);
            let given = f64::from(grad[place]);
            assert!(
                (slope - given).abs() < 0.02 * given.abs() + 2e-3,
                "{name} {at}: {slope} {given}"
            );
        }
    }
}

#[test]
fn what_is_left_out_differs_from_step_to_step_and_is_the_same_again() {
    let golden = Golden::of("llama");
    let sequences = golden.sequences();
    let base = Folder::open(goldens().join(&golden.base)).unwrap();
    let with = |dropout: f32| {
        let mut learner =
            Learner::open(&base, Lora { dropout, ..lora("llama") }, false, 1).unwrap();
        let adapter = goldens().join("training/llama/adapter_model.safetensors");
        learner.take(&Weights::open(&[adapter]).unwrap()).unwrap();
        learner
    };
    let mut learner = with(0.3);
    let one = learner.learn(&sequences, 0.0, 1).unwrap();
    assert_eq!(one, learner.learn(&sequences, 0.0, 1).unwrap());
    assert_ne!(one, learner.learn(&sequences, 0.0, 2).unwrap());
    assert_eq!(learner.loss(&sequences).unwrap(), with(0.0).loss(&sequences).unwrap());
    // The gradients are those of what was left in: B by finite differences of the same loss.
    learner.learn(&sequences, 1.0, 3).unwrap();
    let grads: Vec<Vec<f32>> = learner.parameters.gradients().map(<[f32]>::to_vec).collect();
    for at in [0, 1, grads.len() - 2, grads.len() - 1] {
        let grad = &grads[at];
        let place =
            (0..grad.len()).max_by(|a, b| grad[*a].abs().total_cmp(&grad[*b].abs())).unwrap();
        let mut loss = |by: f32| {
            learner.parameters.change(at, place, by);
            let loss = learner.learn(&sequences, 0.0, 3).unwrap();
            learner.parameters.change(at, place, -by);
            loss
        };
        let slope = (loss(4e-3) - loss(-4e-3)) / 8e-3;
        let given = f64::from(grad[place]);
        assert!((slope - given).abs() < 0.02 * given.abs() + 2e-3, "{at}: {slope} {given}");
    }
}

#[test]
fn what_cannot_be_taught_is_refused_by_name() {
    let open = |base: &str, lora: Lora| {
        let folder = Folder::open(goldens().join("decoders").join(base)).unwrap();
        Learner::open(&folder, lora, false, 1).unwrap_err().to_string()
    };
    assert!(open("gpt2", lora("llama")).contains("model_type"));
    let of = |targets: &[&str], rank| Lora {
        targets: targets.iter().map(|&one| one.to_owned()).collect(),
        rank,
        ..lora("llama")
    };
    assert!(open("llama", of(&["q_proj", "c_attn"], 2)).contains("c_attn"));
    assert!(open("llama", of(&[], 2)).contains("target_modules"));
    assert!(open("llama", of(&["q_proj"], 0)).contains("r is 0"));
}
