//! What decoders write, as transformers has it.
//!
//! The models of random weights and what was made with them lie in `tests/goldens/transformers/decoders`;
//! `decoders.py` beside them made both.

mod devices;

use std::path::{Path, PathBuf};

use devices::Place;
use mirante_neural::decoder::{Cache, Decoder, Room, Step};
use mirante_neural::generate::{End, Gave, Generator, Message, Sampling, Text, Writing};
use mirante_neural::{Error, Folder, Precision, Target};
use serde::Deserialize;

const MODELS: [&str; 7] = ["llama", "llama-tied", "mistral", "qwen2", "phi", "gpt2", "gpt2-scaled"];
/// Of the scores of every token after every token, some are kept.
const ROWS: usize = 9;
const COLUMNS: usize = 17;
const MOST: usize = 24;

fn folder(model: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/goldens/transformers/decoders")
        .join(model)
}

#[derive(Deserialize)]
struct Golden {
    prompts: Vec<String>,
    ids: Vec<Vec<u32>>,
    scores: Vec<Vec<Vec<f64>>>,
    written: Vec<Vec<u32>>,
    texts: Vec<String>,
    talks: Vec<Talk>,
}

#[derive(Deserialize)]
struct Talk {
    messages: Vec<Message>,
    prompt: String,
}

fn golden(model: &str) -> Golden {
    let text = std::fs::read(folder(model).join("golden.json")).expect("a golden");
    serde_json::from_slice(&text).expect("JSON")
}

fn user(text: &str) -> Vec<Message> {
    vec![Message::new("user", text)]
}

fn greedy() -> Writing {
    Writing { most: MOST, sampling: Sampling::greedy() }
}

fn decoders(model: &str) -> impl Iterator<Item = (Decoder, Place)> {
    let folder = Folder::open(folder(model)).expect("a model");
    let places = devices::places().into_iter();
    places.map(move |place| (Decoder::open(&folder, place.target).expect("a decoder"), place))
}

#[test]
fn every_architecture_gives_the_reference_scores() {
    for model in MODELS {
        let golden = golden(model);
        for (decoder, place) in decoders(model) {
            let vocabulary = decoder.config().vocabulary;
            let (mut worst, mut largest) = (0.0_f64, 0.0_f64);
            for (ids, wanted) in golden.ids.iter().zip(&golden.scores) {
                let (mut cache, mut room) = (decoder.cache(), Room::default());
                let mut steps = [Step { cache: &mut cache, ids }];
                let scores = decoder.next_of_all(&mut steps, &mut room).unwrap();
                let rows = scores.chunks_exact(vocabulary).step_by(ROWS);
                for (row, wanted) in rows.zip(wanted) {
                    for (score, wanted) in row.iter().step_by(COLUMNS).zip(wanted) {
                        worst = worst.max((f64::from(*score) - wanted).abs());
                        largest = largest.max(wanted.abs());
                    }
                }
            }
            assert!(worst < place.near(largest), "{model} {place:?}: {worst} of {largest}");
        }
    }
}

#[test]
fn weights_are_kept_in_the_precision_that_is_asked_for() {
    for model in MODELS {
        let golden = golden(model);
        let folder = Folder::open(folder(model)).unwrap();
        let scores = |precision: Option<Precision>| {
            let decoder = Decoder::open(&folder, Target { precision, ..Target::default() })?;
            let (mut cache, mut room) = (decoder.cache(), Room::default());
            let mut steps = [Step { cache: &mut cache, ids: &golden.ids[0] }];
            Ok((decoder.runs_on().precision, decoder.next(&mut steps, &mut room)?.to_vec()))
        };
        let (own, exact) = scores(None).unwrap();
        assert_eq!(own, if model == "qwen2" { Precision::Bf16 } else { Precision::F32 });
        // Half precision has eleven digits of two, the other eight; what was written in eight loses none.
        for (precision, near) in
            [(Precision::F32, 0.0), (Precision::F16, 0.02), (Precision::Bf16, 0.2)]
        {
            let (runs_on, given) = scores(Some(precision)).unwrap();
            assert_eq!(runs_on, precision);
            let far = given.iter().zip(&exact).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(far <= near, "{model} {precision:?}: {far}");
            assert_eq!(far == 0.0, precision == own || model == "qwen2" || near == 0.0, "{far}");
        }
        let failed: mirante_neural::Result<_> = scores(Some(Precision::Int8));
        assert!(matches!(failed, Err(Error::NoPrecision { precision: "int8", .. })));
    }
}

#[test]
fn tokens_read_one_by_one_give_what_they_give_together() {
    for model in MODELS {
        let ids = &golden(model).ids[3];
        for (decoder, place) in decoders(model) {
            let vocabulary = decoder.config().vocabulary;
            let (mut cache, mut room) = (decoder.cache(), Room::default());
            let mut steps = [Step { cache: &mut cache, ids }];
            let together = decoder.next_of_all(&mut steps, &mut room).unwrap().to_vec();
            let largest = together.iter().fold(0.0, |most: f32, one| most.max(one.abs()));
            let near = place.near(largest.into());
            let mut cache = decoder.cache();
            for (id, together) in ids.iter().zip(together.chunks_exact(vocabulary)) {
                let mut steps = [Step { cache: &mut cache, ids: std::slice::from_ref(id) }];
                let alone = decoder.next(&mut steps, &mut room).unwrap();
                for (alone, together) in alone.iter().zip(together) {
                    assert!(f64::from(alone - together).abs() < near, "{model} {place:?}");
                }
            }
            assert_eq!(cache.len(), ids.len());
        }
    }
}

#[test]
fn a_cache_and_its_copy_go_on_apart() {
    for model in MODELS {
        let ids = &golden(model).ids[3][..4];
        for (decoder, place) in decoders(model) {
            let read = |cache: &mut Cache, ids: &[u32]| {
                let mut room = Room::default();
                decoder.next(&mut [Step { cache, ids }], &mut room).expect("scores").to_vec()
            };
            let mut one = decoder.cache();
            read(&mut one, &ids[..2]);
            let mut other = one.clone();
            read(&mut other, &ids[2..3]);
            read(&mut one, &ids[3..]);
            let made = read(&mut other, &ids[3..]);
            let wanted = read(&mut decoder.cache(), ids);
            let largest = wanted.iter().fold(0.0, |most: f32, one| most.max(one.abs()));
            for (made, wanted) in made.iter().zip(wanted) {
                let apart = f64::from(made - wanted).abs();
                assert!(apart < place.near(largest.into()), "{model} {place:?}");
            }
        }
    }
}

#[test]
fn what_is_written_is_what_the_reference_writes() {
    for model in MODELS {
        let golden = golden(model);
        for place in devices::places().into_iter().filter(|place| place.is_exact()) {
            let generator = Generator::open_on(folder(model), place.target).unwrap();
            assert_eq!(generator.runs_on().device, place.target.device);
            let mut told = vec![String::new(); golden.ids.len()];
            let mut listener = |at: usize, added: &str| {
                told[at].push_str(added);
                true
            };
            let texts = generator.write(&golden.ids, greedy(), 3, &mut listener).unwrap();
            for ((text, told), wanted) in texts.iter().zip(&told).zip(&golden.texts) {
                assert_eq!(&text.text, wanted, "{model} {place:?}");
                assert_eq!(&text.text, told, "{model}");
            }
            for ((text, ids), wanted) in texts.iter().zip(&golden.ids).zip(&golden.written) {
                let ended = wanted.last() == Some(&1);
                assert_eq!(text.end, if ended { End::Model } else { End::Length }, "{model}");
                assert_eq!(text.written, wanted.len() - usize::from(ended), "{model}");
                assert_eq!(text.read, ids.len());
                let ids = std::slice::from_ref(ids);
                let alone = generator.write(ids, greedy(), 1, &mut |_, _| true);
                assert_eq!(&alone.unwrap()[0], text, "{model} {place:?}");
            }
        }
    }
}

#[test]
fn prompts_are_what_the_chat_template_makes() {
    for model in MODELS {
        let golden = golden(model);
        let generator = Generator::open(folder(model)).unwrap();
        assert_eq!(generator.has_template(), !golden.talks.is_empty());
        let tokenizer =
            tokenizers::Tokenizer::from_file(folder(model).join("tokenizer.json")).unwrap();
        for talk in &golden.talks {
            let wanted = tokenizer.encode(talk.prompt.as_str(), false).unwrap();
            assert_eq!(
                generator.prompt(&talk.messages).unwrap(),
                wanted.get_ids(),
                "{model}: {}",
                talk.prompt
            );
        }
        if !generator.has_template() {
            for (prompt, ids) in golden.prompts.iter().zip(&golden.ids) {
                assert_eq!(&generator.prompt(&user(prompt)).unwrap(), ids, "{model}");
            }
        }
    }
    let talk = [Message::new("tool", "42")];
    let said = Generator::open(folder("llama")).unwrap().prompt(&talk).unwrap_err().to_string();
    assert!(said.contains("Roles must be user or assistant"), "{said}");
}

#[test]
fn the_same_seed_writes_the_same() {
    let generator = Generator::open(folder("llama")).unwrap();
    let prompts = vec![generator.prompt(&user("Oi")).unwrap(); 3];
    let written = |seed: u64, batch: usize| {
        let sampling = Sampling { temperature: 1.2, seed, ..Sampling::greedy() };
        let texts =
            generator.write(&prompts, Writing { most: 12, sampling }, batch, &mut |_, _| true);
        texts.expect("texts").into_iter().map(|text| text.text).collect::<Vec<_>>()
    };
    assert_eq!(written(1, 3), written(1, 2));
    assert_ne!(written(1, 3), written(2, 3));
}

/// Texts that join a batch one step after another, each its own way; the second leaves again.
#[test]
fn a_text_is_the_same_whoever_comes_and_goes_beside_it() {
    let generator = Generator::open(folder("qwen2")).unwrap();
    let sampled = |seed| Writing {
        most: 20,
        sampling: Sampling { temperature: 1.3, seed, ..Sampling::greedy() },
    };
    // One is longer than what is read of a prompt in one step.
    let prompts = [vec![7; 9], vec![8; 30], (3..140).collect::<Vec<u32>>(), vec![9; 2]];
    let mut batch = generator.batch();
    let mut texts: [Option<Text>; 4] = Default::default();
    let mut told: [String; 4] = Default::default();
    let mut steps = 0;
    while steps < prompts.len() || !batch.is_empty() {
        if let Some(prompt) = prompts.get(steps) {
            batch.join(steps, prompt, sampled(steps as u64)).unwrap();
        }
        if steps == 3 {
            batch.leave(1);
        }
        // The first rests for a while.
        let takes_part = |key| key != 0 || !(2..6).contains(&steps);
        batch
            .step(takes_part, |key, gave| match gave {
                Gave::Read => assert_eq!(key, 2),
                Gave::Added(added) => told[key].push_str(&added),
                Gave::Ended(added, text) => {
                    told[key].push_str(&added);
                    texts[key] = Some(text);
                }
                Gave::Failed(error) => panic!("{error}"),
            })
            .unwrap();
        steps += 1;
    }
    for (key, prompt) in prompts.iter().enumerate() {
        let mut alone = generator
            .write(std::slice::from_ref(prompt), sampled(key as u64), 1, &mut |_, _| true)
            .unwrap();
        if key == 1 {
            assert!(texts[1].is_none(), "it left");
            assert!(alone[0].text.starts_with(&told[1]));
        } else {
            assert_eq!(texts[key], alone.pop());
            assert_eq!(told[key], texts[key].as_ref().unwrap().text);
        }
    }
    let foreign = batch.join(9, &[1_000_000], greedy());
    assert!(matches!(foreign, Err(Error::Tokens { .. })));
}

#[test]
fn writing_stops_when_told_and_refuses_what_does_not_fit() {
    let generator = Generator::open(folder("gpt2")).unwrap();
    let prompt = generator.prompt(&user("Oi")).unwrap();
    let stopped = generator.write(std::slice::from_ref(&prompt), greedy(), 1, &mut |_, _| false);
    assert!(matches!(stopped, Err(Error::Stopped)));
    for prompt in [vec![], prompt.repeat(100)] {
        let failed = generator.write(&[prompt], greedy(), 1, &mut |_, _| true);
        assert!(matches!(failed, Err(Error::Tokens { .. })), "{failed:?}");
    }
    let near = vec![5; generator.longest() - 3];
    let text = generator.write(&[near], greedy(), 1, &mut |_, _| true).unwrap().remove(0);
    assert!(text.written <= 3);
}
