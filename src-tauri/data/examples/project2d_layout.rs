//! Lays out the rows of a NumPy file: `project2d_layout IN.npy OUT.npy [SEED]`. IN holds
//! little-endian f32 rows in C order; OUT receives two f32 a row. Prints the seconds taken, wall
//! and CPU, as JSON.

use std::error::Error;
use std::fs;
use std::time::Instant;

use mirante_data::progress::{Cancelled, Progress};
use mirante_data::project2d::{Dense, LayoutParams, layout};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, rest @ ..] = arguments.as_slice() else {
        return Err("usage: project2d_layout IN.npy OUT.npy [SEED]".into());
    };
    let seed = rest.first().map_or(Ok(42), |seed| seed.parse())?;
    let rows = read_npy(&fs::read(input)?)?;
    let (started, cpu) = (Instant::now(), cpu_seconds()?);
    let params = LayoutParams { seed, ..LayoutParams::default() };
    let points = layout(&rows, &params, &Steps(started))?;
    let (wall, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
    fs::write(output, write_npy(&points))?;
    println!(r#"{{"rows": {}, "wall": {wall:.3}, "cpu": {cpu:.2}}}"#, points.len());
    Ok(())
}

/// Says on standard error when each step begins.
struct Steps(Instant);

impl Progress for Steps {
    fn step(&self, name: &'static str, total: Option<u64>) {
        eprintln!("{:8.2} s  {name} {total:?}", self.0.elapsed().as_secs_f64());
    }
    fn at(&self, _done: u64) {}
    fn check(&self) -> Result<(), Cancelled> {
        Ok(())
    }
}

/// The process's user and system seconds so far, from Linux's `/proc/self/stat`.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |at: usize| -> Result<f64, Box<dyn Error>> {
        Ok(after_name.split_whitespace().nth(at).ok_or("short stat line")?.parse()?)
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

/// Reads a version 1 NumPy file of two-dimensional `<f4` in C order.
fn read_npy(bytes: &[u8]) -> Result<Dense, Box<dyn Error>> {
    if bytes.get(..8) != Some(b"\x93NUMPY\x01\x00".as_slice()) {
        return Err("not a version 1 .npy file".into());
    }
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(bytes.get(10..10 + length).ok_or("short header")?)?;
    if !header.contains("'<f4'") || !header.contains("'fortran_order': False") {
        return Err(format!("not little-endian f32 in C order: {header}").into());
    }
    let shape = header
        .split_once("'shape': (")
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(shape, _)| shape)
        .ok_or("no shape")?;
    let sizes: Vec<usize> = shape
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [rows, dims] = sizes[..] else { return Err("not two-dimensional".into()) };
    let (values, _) = bytes[10 + length..].as_chunks::<4>();
    Ok(Dense {
        rows,
        dims,
        values: values.iter().map(|&value| f32::from_le_bytes(value)).collect(),
    })
}

fn write_npy(points: &[[f32; 2]]) -> Vec<u8> {
    let header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, 2), }}", points.len());
    // The header ends with a line feed on a multiple of 64 bytes.
    let length = (header.len() + 11).next_multiple_of(64) - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend_from_slice(&(length as u16).to_le_bytes());
    bytes.extend_from_slice(format!("{header:<width$}\n", width = length - 1).as_bytes());
    bytes.extend(points.iter().flatten().flat_map(|value| value.to_le_bytes()));
    bytes
}
