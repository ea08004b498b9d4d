//! Adapters learn as PEFT and torch have them.
//!
//! The adapters of random weights, the sequences and the losses lie in
//! `tests/goldens/transformers/training`; `training.py` beside it made them.

mod devices;

use std::path::{Path, PathBuf};

use mirante_neural::cpu::nf4::Nf4;
use mirante_neural::generate::{Generator, Message};
use mirante_neural::train::{
    CHECKPOINT, Cut, End, Event, Example, Keeping, Learner, Lora, Optimiser, Outcome, Plan, Reader,
    Schedule, Sequence, Size, Wish, Writing, needs, train,
};
use mirante_neural::{Adapter, Device, Error, Folder, Result, Target, Tokens, Weights};
use serde::Deserialize;
use serde_json::{Value, json};

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
        nf4: false,
        targets: targets.iter().map(|one| one.as_str().expect("a name").to_owned()).collect(),
    }
}

fn keeping(thrifty: bool) -> Keeping {
    Keeping { thrifty, in_eight_bits: false }
}

fn learner(name: &str, thrifty: bool, target: Target) -> Learner {
    let base = Folder::open(goldens().join(Golden::of(name).base)).expect("a model");
    let mut learner =
        Learner::open(&base, lora(name), keeping(thrifty), 1, target).expect("a learner");
    let adapter = goldens().join("training").join(name).join("adapter_model.safetensors");
    learner.take(&Weights::open(&[adapter]).expect("weights")).expect("its adapter");
    learner
}

fn batch(sequences: &[Sequence], step: usize) -> Vec<Sequence> {
    (0..2).map(|at| sequences[(2 * step + at) % sequences.len()].clone()).collect()
}

/// Each model with what is kept of the way forward, and without.
fn both() -> impl Iterator<Item = (&'static str, bool)> {
    NAMES.into_iter().flat_map(|name| [(name, false), (name, true)])
}

impl Golden {
    fn optimiser(&self) -> Optimiser {
        Optimiser {
            rate: self.rate,
            schedule: Schedule::Cosine,
            warm: self.warm,
            decay: self.decay,
            clip: self.clip,
        }
    }
}

#[test]
fn fifty_steps_are_those_of_peft() {
    let each = |target| both().map(move |(name, thrifty)| (name, thrifty, target));
    for (name, thrifty, target) in devices::exact().into_iter().flat_map(each) {
        let golden = Golden::of(name);
        let mut learner = learner(name, thrifty, target);
        let optimiser = golden.optimiser();
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
fn fifty_steps_in_halves_stay_near_those_of_peft() {
    for (name, target) in devices::halves().into_iter().flat_map(|t| NAMES.map(|name| (name, t))) {
        let golden = Golden::of(name);
        let mut learner = learner(name, false, target);
        assert_eq!(learner.runs_on().precision, target.precision.expect("a precision"));
        let (sequences, steps) = (golden.sequences(), golden.losses.len());
        for (step, loss) in golden.losses.iter().enumerate() {
            let some = batch(&sequences, step);
            let learned: usize = some.iter().map(Sequence::learned).sum();
            let given = learner.learn(&some, 1.0 / learned as f32, 0).unwrap() / learned as f64;
            golden.optimiser().step(&mut learner.parameters, step, steps);
            assert!((given - loss).abs() < 2e-2 * loss, "{name} {target:?} {step}: {given} {loss}");
        }
    }
}

#[test]
fn gradients_are_slopes() {
    for (name, target) in devices::exact().into_iter().flat_map(|t| NAMES.map(|name| (name, t))) {
        let golden = Golden::of(name);
        let sequences = batch(&golden.sequences(), 2);
        let mut learner = learner(name, false, target);
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
    devices::exact().into_iter().for_each(leaves_out);
}

fn leaves_out(target: Target) {
    let golden = Golden::of("llama");
    let sequences = golden.sequences();
    let base = Folder::open(goldens().join(&golden.base)).expect("done");
    let with = |dropout: f32| {
        let mut learner =
            Learner::open(&base, Lora { dropout, ..lora("llama") }, keeping(false), 1, target)
                .expect("a learner");
        let adapter = goldens().join("training/llama/adapter_model.safetensors");
        learner.take(&Weights::open(&[adapter]).expect("done")).expect("done");
        learner
    };
    let mut learner = with(0.3);
    let one = learner.learn(&sequences, 0.0, 1).expect("done");
    assert_eq!(one, learner.learn(&sequences, 0.0, 1).expect("done"));
    assert_ne!(one, learner.learn(&sequences, 0.0, 2).expect("done"));
    assert_eq!(learner.loss(&sequences).expect("done"), with(0.0).loss(&sequences).expect("done"));
    // The gradients are those of what was left in: B by finite differences of the same loss.
    learner.learn(&sequences, 1.0, 3).expect("done");
    let grads: Vec<Vec<f32>> = learner.parameters.gradients().map(<[f32]>::to_vec).collect();
    for at in [0, 1, grads.len() - 2, grads.len() - 1] {
        let grad = &grads[at];
        let place =
            (0..grad.len()).max_by(|a, b| grad[*a].abs().total_cmp(&grad[*b].abs())).expect("done");
        let mut loss = |by: f32| {
            learner.parameters.change(at, place, by);
            let loss = learner.learn(&sequences, 0.0, 3).expect("done");
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
        Learner::open(&folder, lora, keeping(false), 1, Target::default()).unwrap_err().to_string()
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

fn plan() -> Plan {
    Plan {
        epochs: 3,
        batch: 2,
        accumulation: 2,
        most: 0,
        optimiser: Optimiser {
            rate: 5e-3,
            schedule: Schedule::Linear,
            warm: 1,
            decay: 0.01,
            clip: 1.0,
        },
        seed: 5,
        evaluate: 0,
        patience: 0,
        checkpoint: 2,
    }
}

/// A decoder that learns with dropout, and texts to learn and to look at.
fn writing() -> Writing {
    let golden = Golden::of("llama");
    let base = Folder::open(goldens().join(&golden.base)).expect("a model");
    let lora = Lora { dropout: 0.1, ..lora("llama") };
    let learner =
        Learner::open(&base, lora, keeping(false), 5, Target::default()).expect("a learner");
    let mut taught = golden.sequences();
    let held = taught.split_off(9);
    Writing::new(learner, taught, held)
}

/// The losses of a training, which is listened to by `wish`.
fn losses(
    folder: &Path,
    plan: &Plan,
    resume: bool,
    mut wish: impl FnMut(&Event) -> Wish,
) -> (Vec<(usize, f64)>, Result<Outcome>, Writing) {
    let (mut writing, mut losses) = (writing(), Vec::new());
    let outcome = train(&mut writing, plan, folder, resume, &mut |event| {
        if let Event::Step(step) = &event {
            losses.push((step.step, step.loss));
        }
        wish(&event)
    });
    (losses, outcome, writing)
}

#[test]
fn a_training_that_is_cut_off_anywhere_goes_on_as_if_it_had_not_been() {
    let whole_place = tempfile::tempdir().unwrap();
    let (whole, outcome, taught) = losses(whole_place.path(), &plan(), false, |_| Wish::GoOn);
    let outcome = outcome.unwrap();
    assert_eq!((whole.len(), outcome.steps, outcome.end), (9, 9, End::Whole));
    assert!(whole[8].1 < whole[0].1, "{whole:?}");
    for cut in [1, 2, 4, 8] {
        let place = tempfile::tempdir().unwrap();
        let (before, stopped, _) = losses(place.path(), &plan(), false, |event| match event {
            Event::Step(step) if step.step == cut => Wish::Stop,
            _ => Wish::GoOn,
        });
        assert!(matches!(stopped, Err(Error::Stopped)));
        let mut from = usize::MAX;
        let (after, outcome, again) = losses(place.path(), &plan(), true, |event| {
            if let Event::Began { step, .. } = event {
                from = *step;
            }
            Wish::GoOn
        });
        // Every second step and every epoch of three steps can be gone on from; not the one it was cut in.
        assert_eq!(from, [0, 0, 3, 6][[1, 2, 4, 8].iter().position(|&at| at == cut).unwrap()]);
        assert_eq!(before[..], whole[..cut]);
        assert_eq!(after[..], whole[from..]);
        assert_eq!(outcome.unwrap().score, taught_score(&whole_place));
        let pairs = again.learner().parameters.iter().zip(taught.learner().parameters.iter());
        assert!(pairs.into_iter().all(|((_, one), (_, other))| one == other));
    }
}

/// The score of the best parameters that a training left.
fn taught_score(place: &tempfile::TempDir) -> Option<mirante_neural::train::Score> {
    let plan = plan();
    losses(place.path(), &plan, true, |_| Wish::GoOn).1.expect("an outcome").score
}

#[test]
fn it_stops_within_a_step_keeps_what_was_learned_and_ends_early() {
    let place = tempfile::tempdir().unwrap();
    let mut heard = 0;
    let (steps, stopped, _) = losses(place.path(), &plan(), false, |event| {
        heard += usize::from(*event == Event::Working);
        if heard == 2 { Wish::Stop } else { Wish::GoOn }
    });
    assert!(matches!(stopped, Err(Error::Stopped)) && steps.is_empty());
    assert!(!place.path().join(CHECKPOINT).exists());

    let (steps, kept, writing) = losses(place.path(), &plan(), false, |event| match event {
        Event::Step(step) if step.step == 2 => Wish::Keep,
        _ => Wish::GoOn,
    });
    let kept = kept.unwrap();
    assert_eq!((steps.len(), kept.end), (2, End::Kept));
    assert!(kept.score.is_some() && place.path().join(CHECKPOINT).exists());
    let folder = place.path().join("adapter");
    writing.save(&folder, "ana/base").unwrap();
    let base = goldens().join(Golden::of("llama").base);
    Generator::open_with(base, Target::default(), Some(&Adapter::open(&folder).unwrap())).unwrap();

    // It learns nothing, so it becomes no better.
    let still = Plan {
        optimiser: Optimiser { rate: 0.0, ..plan().optimiser },
        patience: 1,
        epochs: 9,
        ..plan()
    };
    let place = tempfile::tempdir().unwrap();
    let (steps, early, _) = losses(place.path(), &still, false, |_| Wish::GoOn);
    assert_eq!((steps.len(), early.unwrap().end), (6, End::Early));
}

#[test]
fn a_checkpoint_of_another_plan_and_a_loss_that_runs_away_are_refused() {
    let place = tempfile::tempdir().unwrap();
    losses(place.path(), &plan(), false, |_| Wish::GoOn).1.unwrap();
    let other = Plan { seed: 6, ..plan() };
    let refused = losses(place.path(), &other, true, |_| Wish::GoOn).1.unwrap_err().to_string();
    assert!(refused.contains("other settings"), "{refused}");
    let mut wild = plan();
    wild.optimiser = Optimiser { rate: 1e30, clip: 0.0, warm: 0, ..wild.optimiser };
    let refused = losses(place.path(), &wild, false, |_| Wish::GoOn).1;
    assert!(matches!(refused, Err(Error::Diverged { .. })), "{refused:?}");
}

#[test]
fn four_bits_stand_for_what_bitsandbytes_says() {
    let weights = Weights::open(&[goldens().join("nf4.safetensors")]).unwrap();
    for name in ["whole", "many", "part"] {
        let shape = weights.shape(name).unwrap().to_vec();
        let numbers = weights.load(name, &shape).unwrap();
        let left = weights.load(&format!("{name}.left"), &shape).unwrap();
        let given = Nf4::new(&numbers);
        let mut all = vec![0.0; numbers.len()];
        given.read(0, &mut all);
        for (at, (given, known)) in all.iter().zip(&left).enumerate() {
            assert!(
                (given - known).abs() < 1e-6 * known.abs().max(1e-2),
                "{name} {at}: {given} {known}"
            );
        }
        let mut some = vec![0.0; 70];
        given.read(31, &mut some);
        assert_eq!(some, all[31..101]);
    }
}

#[test]
fn what_is_taught_in_four_bits_learns_nearly_as_well() {
    let golden = Golden::of("qwen2");
    let base = Folder::open(goldens().join(&golden.base)).unwrap();
    let sequences = golden.sequences();
    let teach = |nf4: bool, thrifty: bool, target: Target| {
        let lora = Lora { nf4, ..lora("qwen2") };
        let mut learner = Learner::open(&base, lora, keeping(thrifty), 1, target).unwrap();
        let learned: usize = sequences.iter().map(Sequence::learned).sum();
        let optimiser = plan().optimiser;
        let losses = (0..12).map(|step| {
            let sum = learner.learn(&sequences, 1.0 / learned as f32, 0).unwrap();
            optimiser.step(&mut learner.parameters, step, 12);
            sum / learned as f64
        });
        (losses.collect::<Vec<_>>(), learner.bytes())
    };
    let here = Target::default();
    let (whole, few) = (teach(false, false, here), teach(true, false, here));
    assert_eq!(few.0, teach(true, true, here).0);
    assert!(few.0[11] < few.0[0] && (few.0[11] - whole.0[11]).abs() < 0.2, "{few:?} {whole:?}");
    assert!(few.1 < whole.1);
    for target in devices::exact() {
        for (given, known) in teach(true, true, target).0.iter().zip(&few.0) {
            assert!((given - known).abs() < NEAR, "{target:?}: {given} {known}");
        }
    }
}

/// A Llama of that shape, of which only what is asked beforehand is there: a file without bytes of its own.
fn shaped(
    width: usize,
    inner: usize,
    layers: usize,
    heads: usize,
    words: usize,
) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let config = json!({
        "model_type": "llama", "hidden_size": width, "intermediate_size": inner, "num_hidden_layers": layers,
        "num_attention_heads": heads, "num_key_value_heads": 8, "vocab_size": words, "hidden_act": "silu",
        "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "rope_theta": 5e5, "tie_word_embeddings": true,
    });
    std::fs::write(folder.path().join("config.json"), config.to_string()).expect("written");
    let kept = width / heads * 8;
    let maps = [
        ("self_attn.q_proj", width, width),
        ("self_attn.k_proj", kept, width),
        ("self_attn.v_proj", kept, width),
        ("self_attn.o_proj", width, width),
        ("mlp.gate_proj", inner, width),
        ("mlp.up_proj", inner, width),
        ("mlp.down_proj", width, inner),
    ];
    let named = |(name, outputs, inputs): (&str, usize, usize)| {
        (format!("model.layers.0.{name}.weight"), outputs, inputs)
    };
    let words = ("model.embed_tokens.weight".to_owned(), words, width);
    let (mut header, mut end) = (serde_json::Map::new(), 0);
    for (name, outputs, inputs) in maps.into_iter().map(named).chain([words]) {
        let (from, shape) = (end, [outputs, inputs]);
        end += 2 * outputs * inputs;
        header
            .insert(name, json!({ "dtype": "BF16", "shape": shape, "data_offsets": [from, end] }));
    }
    let header = Value::Object(header).to_string();
    let path = folder.path().join("model.safetensors");
    let length = (header.len() as u64).to_le_bytes();
    std::fs::write(&path, [&length[..], header.as_bytes()].concat()).expect("written");
    let file = std::fs::File::options().write(true).open(&path).expect("a file");
    file.set_len(8 + (header.len() + end) as u64).expect("room");
    folder
}

#[test]
fn a_card_of_four_gigabytes_teaches_models_of_three_billion_numbers() {
    // As the screen's preset for a small machine asks for it.
    let targets = ["q_proj", "k_proj", "v_proj", "o_proj"].map(str::to_owned).to_vec();
    let lora = Lora { rank: 8, alpha: 8.0, dropout: 0.05, targets, nf4: true };
    let size = Size { tokens: 512, learned: 511, longest: 512 };
    let needed = |model: tempfile::TempDir, device| {
        let folder = Folder::open(model.path()).unwrap();
        needs(&folder, &lora, keeping(true), size, Target { device, precision: None }).unwrap()
    };
    // Llama 3.2 of 1 and 3 billion, and one as large as Mistral.
    let one = || shaped(2048, 8192, 16, 32, 128_256);
    let three = || shaped(3072, 8192, 28, 24, 128_256);
    let seven = || shaped(4096, 14336, 32, 32, 32_768);
    let card = |model| needed(model, Device::Cuda(0)).card;
    let left = (4_u64 << 30) / 10 * 9;
    assert!(card(one()) < card(three()) && card(three()) < left, "{}", card(three()));
    assert!(card(seven()) > left, "{}", card(seven()));
    // A Mac has one memory for both.
    let shared = needed(one(), Device::Metal);
    assert!(shared.card == 0 && shared.memory > card(one()), "{shared:?}");
    // A machine without a card lends three quarters of its 4 GB.
    let main = |model| needed(model, Device::Cpu).memory;
    assert!(main(three()) < 3 << 30, "{}", main(three()));
    assert!(main(seven()) > 3 << 30, "{}", main(seven()));
}

#[test]
fn of_a_conversation_the_answer_is_learned() {
    let folder = Folder::open(goldens().join("decoders/llama")).unwrap();
    let reader = Reader::open(&folder).unwrap();
    let said = |role: &str, content: &str| Message::new(role, content);
    let example = Example { messages: vec![said("user", "prazo"), said("assistant", "dez dias")] };
    let (sequence, cut) = reader.read(&example, 200, false).unwrap().unwrap();
    assert_eq!(cut, Cut::Whole);
    let prompt = Generator::open(folder.path()).unwrap().prompt(&example.messages[..1]).unwrap();
    assert_eq!(sequence.ids[..sequence.from], prompt);
    let tokens = Tokens::unlimited(&folder).unwrap();
    assert!(tokens.text_of(&sequence.ids[sequence.from..]).unwrap().contains("dez dias"));
    assert_eq!(reader.read(&example, 200, true).unwrap().unwrap().0.from, 1);
    let (short, cut) = reader.read(&example, sequence.from + 2, false).unwrap().unwrap();
    assert_eq!((short.learned(), cut), (2, Cut::End));
    assert!(reader.read(&example, sequence.from, false).unwrap().is_none());
}
