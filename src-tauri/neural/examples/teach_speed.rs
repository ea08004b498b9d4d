//! Seconds a step and memory of teaching an encoder classes: `teach_speed MODEL SEQUENCES CLASSES STEPS
//! [lora] [thrifty] [eight] [device=NAME]`. SEQUENCES is a JSON list of lists of tokens, whose classes go round: what every step
//! learns, nothing left out. Prints JSON with the losses, and the memory that was expected.

mod device;

use std::time::Instant;

use mirante_neural::Folder;
use mirante_neural::train::encoder::{Dropout, How, Kinds, Known, Learner, Right, needs};
use mirante_neural::train::{Keeping, Lora, Optimiser, Schedule};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [model, sequences, classes, steps, more @ ..] = &given[..] else {
        return Err("teach_speed MODEL SEQUENCES CLASSES STEPS [lora] [thrifty]".into());
    };
    let has = |name: &str| more.iter().any(|more| more == name);
    let classes: u32 = classes.parse()?;
    let lora = Lora {
        rank: 16,
        alpha: 32.0,
        dropout: 0.0,
        targets: ["query", "value"].map(str::to_owned).to_vec(),
        nf4: false,
    };
    let how = How {
        kinds: Kinds::Classes,
        labels: (0..classes).map(|class| class.to_string()).collect(),
        weights: Vec::new(),
        lora: has("lora").then_some(lora),
        still_words: false,
        keeping: Keeping { thrifty: has("thrifty"), in_eight_bits: has("eight") },
        seed: 1,
    };
    let ids: Vec<Vec<u32>> = serde_json::from_slice(&std::fs::read(sequences)?)?;
    let known: Vec<_> = ids
        .into_iter()
        .zip((0..classes).cycle())
        .map(|(ids, class)| Known { ids, types: Vec::new(), right: Right::Class(class) })
        .collect();
    let known: Vec<&Known> = known.iter().collect();
    let folder = Folder::open(model)?;
    let tokens: usize = known.iter().map(|one| one.ids.len()).sum();
    let longest = known.iter().map(|one| one.ids.len()).max().unwrap_or_default();
    let target = device::target(more)?;
    let expected = needs(&folder, &how, (tokens, longest), target)?.memory;
    let mut learner = Learner::open(&folder, how, target)?;
    learner.set_dropout(Dropout::NONE);
    let steps: usize = steps.parse()?;
    let optimiser =
        Optimiser { rate: 5e-5, schedule: Schedule::Constant, warm: 0, decay: 0.01, clip: 1.0 };
    let (mut losses, mut seconds) = (Vec::new(), Vec::new());
    for step in 0..steps {
        let began = Instant::now();
        let sum = learner.learn(&known, 1.0 / known.len() as f32, 0)?;
        optimiser.step(&mut learner.parameters, step, steps);
        seconds.push(began.elapsed().as_secs_f64());
        losses.push(sum / known.len() as f64);
    }
    println!("{}", json!({ "losses": losses, "seconds": seconds, "expected": expected }));
    Ok(())
}
