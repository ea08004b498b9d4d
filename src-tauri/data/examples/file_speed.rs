//! How fast a file is cut, split and profiled:
//! `cargo run --release -p mirante-data --example file_speed`.

use std::io::Write;
use std::time::Instant;

use mirante_data::file::{Input, Overrides, Reader, detect, each_block, report};
use mirante_data::progress::Unwatched;

/// A table of about `bytes` bytes with quoted text, numbers and dates; rows of about 300 bytes.
fn table(bytes: usize) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new()?;
    let mut text = String::from("id,nota,titulo,comentario,uf,valor,data\n");
    let words = ["produto", "não", "chegou", "entrega", "ótimo", "prazo", "loja", "muito"];
    let (mut state, mut written, mut row) = (1u64, 0, 0);
    while written < bytes {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize
        };
        let say = |count: usize, next: &mut dyn FnMut() -> usize| {
            (0..count).map(|_| words[next() % 8]).collect::<Vec<_>>().join(" ")
        };
        let title = say(3, &mut next);
        let body = say(35, &mut next);
        let (note, cents) = (next() % 5, next() % 90_000);
        text += &format!(
            "{row:08x},{note},{title},\"{body}, enfim\",SP,{}.{:02},2018-0{}-15\n",
            cents / 100,
            cents % 100,
            note + 1
        );
        row += 1;
        if text.len() > 1 << 20 {
            file.write_all(text.as_bytes())?;
            written += text.len();
            text.clear();
        }
    }
    Ok(file)
}

/// CPU seconds that this process has used, all threads; 0 where the system does not say.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split(' ').skip(12).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = table(300 << 20)?;
    let input = Input::open(file.path())?;
    let size = input.len() as f64 / 1e6;
    let rate = |what: &str, (start, before): (Instant, f64)| {
        let (wall, used) = (start.elapsed().as_secs_f64(), cpu() - before);
        println!("{what}: {:.0} MB/s, {:.0} MB per CPU second", size / wall, size / used);
    };
    let start = (Instant::now(), cpu());
    let dialect = detect(&input, &Overrides::default(), &Unwatched)?;
    rate("detect (all threads)", start);
    let reader = Reader::open(&input, &dialect)?;
    let start = (Instant::now(), cpu());
    let mut blocks = reader.blocks();
    let mut rows = 0;
    while let Some(block) = blocks.next_block()? {
        rows += block.rows;
        blocks.recycle(block);
    }
    rate("cut", start);
    for threads in [1, 2] {
        let start = (Instant::now(), cpu());
        let fields = each_block(
            reader.blocks(),
            threads,
            &Unwatched,
            || 0,
            |fields, block| {
                let mut records = block.records();
                while let Some(record) = records.next() {
                    *fields += record.len();
                }
                Ok(())
            },
            |()| Ok(()),
        )?;
        assert_eq!(fields.iter().sum::<usize>() as u64, rows * 7);
        rate(&format!("cut and split, {threads} threads"), start);
    }
    let start = (Instant::now(), cpu());
    assert_eq!(report(&input, &Overrides::default(), &Unwatched)?.rows, rows);
    rate("report (all threads)", start);
    Ok(())
}
