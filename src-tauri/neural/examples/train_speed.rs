//! Seconds a step and memory of teaching a decoder: `train_speed MODEL ADAPTER SEQUENCES STEPS [thrifty] [nf4] [device=NAME]`.
//! ADAPTER is a folder as PEFT saves it, SEQUENCES a JSON list of lists of tokens: what every step learns.
//! Prints JSON with the losses, and the memory that was expected.

mod device;

use std::path::PathBuf;
use std::time::Instant;

use mirante_neural::train::{Keeping, Learner, Lora, Optimiser, Schedule, Sequence, Size, needs};
use mirante_neural::{Folder, Weights};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [model, adapter, sequences, steps, more @ ..] = &given[..] else {
        return Err("train_speed MODEL ADAPTER SEQUENCES STEPS [thrifty]".into());
    };
    let adapter = PathBuf::from(adapter);
    let said: Value = serde_json::from_slice(&std::fs::read(adapter.join("adapter_config.json"))?)?;
    let targets = said["target_modules"].as_array().into_iter().flatten();
    let lora = Lora {
        rank: said["r"].as_u64().unwrap_or(1) as usize,
        alpha: said["lora_alpha"].as_f64().unwrap_or(1.0),
        dropout: 0.0,
        nf4: more.iter().any(|more| more == "nf4"),
        targets: targets.filter_map(|one| one.as_str().map(str::to_owned)).collect(),
    };
    let has = |name: &str| more.iter().any(|more| more == name);
    let keeping = Keeping { thrifty: has("thrifty"), in_eight_bits: has("eight") };
    let ids: Vec<Vec<u32>> = serde_json::from_slice(&std::fs::read(sequences)?)?;
    let sequences: Vec<_> = ids.into_iter().map(|ids| Sequence { ids, from: 1 }).collect();
    let learned: usize = sequences.iter().map(Sequence::learned).sum();
    let tokens: usize = sequences.iter().map(|one| one.ids.len()).sum();
    let longest = sequences.iter().map(|one| one.ids.len()).max().unwrap_or_default();
    let target = device::target(more)?;
    let size = Size { tokens, learned, longest };
    let expected = needs(&Folder::open(model)?, &lora, keeping, size, target)?.memory;
    let mut learner = Learner::open(&Folder::open(model)?, lora, keeping, 1, target)?;
    learner.take(&Weights::open(&[adapter.join("adapter_model.safetensors")])?)?;
    let steps: usize = steps.parse()?;
    let optimiser =
        Optimiser { rate: 1e-3, schedule: Schedule::Constant, warm: 0, decay: 0.0, clip: 1.0 };
    let (mut losses, mut seconds) = (Vec::new(), Vec::new());
    for step in 0..steps {
        let began = Instant::now();
        let sum = learner.learn(&sequences, 1.0 / learned as f32, 0)?;
        optimiser.step(&mut learner.parameters, step, steps);
        seconds.push(began.elapsed().as_secs_f64());
        losses.push(sum / learned as f64);
    }
    println!("{}", json!({ "losses": losses, "seconds": seconds, "expected": expected }));
    Ok(())
}
