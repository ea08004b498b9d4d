//! Seconds, processor seconds and peak memory of the feature and cluster stages on a CSV written by
//! `bench/segment/make_corpus.py`; prints JSON, and the labels where a second path is given.
//!
//! `cargo run --release -p mirante-data --example segment_stages -- IN.csv [LABELS] [n_init]`
//!
//! Reads plain RFC 4180 only, in blocks, on all cores: the stages are measured, not the reader.

use std::io::{Read, Write};
use std::sync::Mutex;
use std::time::Instant;

use mirante_data::cluster::{KMeansParams, NInit, kmeans};
use mirante_data::progress::Unwatched;
use mirante_data::text::TokenParams;
use mirante_data::tfidf::{DocumentFrequency, TermCounter, TfidfParams, fit};

/// Block-wise reader: blocks end at a line end outside quotes.
struct Blocks {
    file: std::fs::File,
    rest: Vec<u8>,
    index: u32,
    first: bool,
}

impl Blocks {
    fn next(&mut self) -> std::io::Result<Option<(u32, Vec<u8>)>> {
        let mut block = std::mem::take(&mut self.rest);
        let limit = 1 << 20;
        (&mut self.file).take(limit).read_to_end(&mut block)?;
        if block.is_empty() {
            return Ok(None);
        }
        let (mut quoted, mut end) = (false, 0);
        for (at, &byte) in block.iter().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' if !quoted => end = at + 1,
                _ => {}
            }
        }
        self.rest = block.split_off(end);
        if std::mem::take(&mut self.first) {
            let header = block.iter().position(|&b| b == b'\n').map_or(0, |at| at + 1);
            block.drain(..header);
        }
        self.index += 1;
        Ok(Some((self.index - 1, block)))
    }
}

fn count(counter: &mut TermCounter, index: u32, block: &[u8]) {
    counter.begin_block(index);
    let (mut quoted, mut column, mut start) = (false, 0, 0);
    for (at, &byte) in block.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' | b'\n' if !quoted => {
                if column == 1 || column == 2 {
                    counter.text(&block[start..at]);
                }
                start = at + 1;
                column += 1;
                if byte == b'\n' {
                    counter.end_document();
                    column = 0;
                }
            }
            _ => {}
        }
    }
}

/// User and system seconds of this process so far, and its peak memory in MB (Linux).
fn usage() -> (f64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0);
    (ticks / 100.0, peak / 1024)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = arguments.first().ok_or("name a CSV file")?;
    let n_init = match arguments.get(2).map_or("10", String::as_str) {
        "auto" => NInit::Auto,
        runs => NInit::Count(runs.parse()?),
    };
    let start = Instant::now();
    let blocks = Mutex::new(Blocks {
        file: std::fs::File::open(path)?,
        rest: Vec::new(),
        index: 0,
        first: true,
    });
    let mut counters: Vec<TermCounter> = (0..rayon::current_num_threads())
        .map(|_| TermCounter::new(TokenParams::default()))
        .collect();
    std::thread::scope(|scope| {
        for counter in &mut counters {
            let blocks = &blocks;
            scope.spawn(move || {
                loop {
                    let next = blocks.lock().ok().and_then(|mut blocks| blocks.next().ok());
                    let Some(Some((index, block))) = next else { break };
                    count(counter, index, &block);
                }
            });
        }
    });
    let (counted, (cpu_counted, peak_counted)) = (start.elapsed().as_secs_f64(), usage());
    let params = TfidfParams {
        max_features: Some(500),
        min_df: DocumentFrequency::Count(2),
        max_df: DocumentFrequency::Fraction(0.95),
        stop_words: Vec::new(),
    };
    let (vocabulary, rows) = fit(counters, &params, &Unwatched)?;
    let (fitted, (cpu_fitted, peak_fitted)) = (start.elapsed().as_secs_f64(), usage());
    let params = KMeansParams { clusters: 8, n_init, seed: 42, ..KMeansParams::default() };
    let result = kmeans(&rows, &params, &Unwatched)?;
    let (clustered, (cpu_clustered, peak)) = (start.elapsed().as_secs_f64(), usage());
    println!(
        "{{\"rows\":{},\"entries\":{},\"terms\":{},\"inertia\":{},\"iterations\":{},\
         \"seconds\":{{\"count\":{counted:.3},\"fit\":{:.3},\"cluster\":{:.3}}},\
         \"cpu_seconds\":{{\"count\":{cpu_counted:.2},\"fit\":{:.2},\"cluster\":{:.2}}},\
         \"peak_mb\":[{peak_counted},{peak_fitted},{peak}]}}",
        rows.len(),
        rows.entries(),
        vocabulary.terms.len(),
        result.inertia,
        result.iterations,
        fitted - counted,
        clustered - fitted,
        cpu_fitted - cpu_counted,
        cpu_clustered - cpu_fitted,
    );
    if let Some(path) = arguments.get(1).filter(|path| !path.is_empty()) {
        let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
        for label in &result.labels {
            writeln!(out, "{label}")?;
        }
    }
    Ok(())
}
