//! Where the time of embedding goes: `embed_speed MODEL TEXTS OUT [PRECISION]`, one text a line, raw
//! little-endian numbers out, a line of JSON printed.
#![allow(clippy::unwrap_used, reason = "a tool that may stop at anything")]

use std::time::Instant;

use mirante_neural::Target;
use mirante_neural::embed::{Embedder, How};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let [model, texts, out] = std::array::from_fn(|_| arguments.next().unwrap());
    let precision = arguments.next().map(|said| said.parse().unwrap());
    let began = Instant::now();
    let embedder = Embedder::open_on(&model, Target { precision, ..Target::default() }).unwrap();
    let load = began.elapsed().as_secs_f64();
    let texts: Vec<String> =
        std::fs::read_to_string(texts).unwrap().lines().map(str::to_owned).collect();
    let how = How { normalize: true, batch: 32, go_on: &|| true };
    embedder.embed(texts.iter().take(16).cloned().collect(), &how).unwrap();
    let began = Instant::now();
    let vectors = embedder.embed(texts.clone(), &how).unwrap().numbers;
    let seconds = began.elapsed().as_secs_f64();
    let bytes: Vec<u8> = vectors.iter().flat_map(|x| x.to_le_bytes()).collect();
    std::fs::write(out, bytes).unwrap();
    println!(
        "{{\"isa\": \"{}\", \"precision\": \"{}\", \"load\": {load:.3}, \"seconds\": {seconds:.3}, \
         \"texts_per_second\": {:.1}}}",
        embedder.runs_on().isa.name(),
        embedder.runs_on().precision.name(),
        texts.len() as f64 / seconds,
    );
}
