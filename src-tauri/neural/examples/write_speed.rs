//! How fast a model writes, and what memory it takes: `write_speed MODEL READ WRITTEN [PRECISION]`, a
//! prompt of so many tokens, so many after it; a line of JSON printed.
#![allow(clippy::unwrap_used, reason = "a tool that may stop at anything")]

use std::time::Instant;

use mirante_neural::decoder::{Decoder, Room, Step};
use mirante_neural::{Device, Folder, Target};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (read, written): (u32, u32) =
        (arguments[1].parse().unwrap(), arguments[2].parse().unwrap());
    let precision = arguments.get(3).map(|said| said.parse().unwrap());
    let began = Instant::now();
    let folder = Folder::open(&arguments[0]).unwrap();
    let decoder = Decoder::open(&folder, Target { device: Device::Cpu, precision }).unwrap();
    let load = began.elapsed().as_secs_f64();
    let (mut cache, mut room) = (decoder.cache(), Room::default());
    let mut next = |ids: &[u32]| {
        let mut steps = [Step { cache: &mut cache, ids }];
        let scores = decoder.next(&mut steps, &mut room).unwrap();
        (0..scores.len() as u32).max_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]))
    };
    let began = Instant::now();
    let prompt: Vec<u32> = (0..read).map(|at| 3 + at * 7919 % 1000).collect();
    let mut token = next(&prompt).unwrap();
    let reading = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let mut ids = vec![token];
    for _ in 0..written {
        token = next(&[token]).unwrap();
        ids.push(token);
    }
    let writing = began.elapsed().as_secs_f64();
    let runs_on = decoder.runs_on();
    println!(
        "{{\"isa\": \"{}\", \"precision\": \"{}\", \"load\": {load:.2}, \"read_per_second\": {:.1}, \
         \"written_per_second\": {:.2}, \"megabytes\": {}, \"first\": {:?}}}",
        runs_on.isa.name(),
        runs_on.precision.name(),
        f64::from(read) / reading,
        f64::from(written) / writing,
        most_megabytes(),
        &ids[..8.min(ids.len())],
    );
}

/// The most memory that this process has held; 0 where the system does not say.
fn most_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).unwrap_or(0)
        / 1024
}
