//! From archives to a file of examples.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use mirante_data::progress::Progress;
use mirante_data::qa::{Asked, Example, examples};
use rayon::prelude::*;

use super::rules::rules;
use super::zips::{each_document, name_of, zips_of};
use crate::error::{Error, Result};
use crate::exporting::begun;
use crate::job::Job;
use crate::ops::qa::{BuildQaRequest, BuildQaResponse, RefusedDocument};

/// The most archives read at once.
const WORKERS: u32 = 256;
/// Archives a worker that are read before what they gave is written.
const AHEAD: usize = 4;

/// What an archive gave.
#[derive(Default)]
struct Read {
    documents: u64,
    examples: Vec<Example>,
    refused: Vec<RefusedDocument>,
}

/// Makes examples. Steps: `read_documents` (archives).
pub(crate) fn build(job: &Job, request: &BuildQaRequest) -> Result<BuildQaResponse> {
    let began = Instant::now();
    if !(1..=WORKERS).contains(&request.workers) {
        let (value, allowed) = (request.workers.to_string(), format!("1–{WORKERS}"));
        return Err(Error::BadOption { option: "workers", value, allowed });
    }
    let rules = rules(request.questions.as_deref(), &request.fields)?;
    let window = request.window as usize;
    let asked = Asked { rules: &rules, window, allow_empty: request.allow_empty };
    let mut zips = zips_of(Path::new(&request.zip_dir))?;
    zips.truncate(request.limit.map_or(usize::MAX, |limit| limit as usize));

    let workers = request.workers as usize;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(workers)
        .build()
        .map_err(|error| Error::Internal { reason: error.to_string() })?;
    let out = Path::new(&request.out);
    let failed = |error| Error::writing(out, error);
    let mut file = BufWriter::new(begun(out)?);
    let mut made = BuildQaResponse {
        zips: zips.len() as u64,
        documents: 0,
        examples: 0,
        unanswered: 0,
        fields: rules.iter().map(|rule| (rule.name.clone(), 0)).collect::<BTreeMap<_, _>>(),
        refused: Vec::new(),
        seconds: 0.0,
        out: request.out.clone(),
    };
    job.step("read_documents", Some(made.zips));
    let done = AtomicU64::new(0);
    // Some at a time, each of them in its place: what is written does not depend on who was first.
    for some in zips.chunks(workers * AHEAD) {
        let read_one = |zip: &std::path::PathBuf| {
            let read = read(zip, asked, job);
            job.at(done.fetch_add(1, Ordering::Relaxed) + 1);
            read
        };
        let read: Vec<Result<Read>> = pool.install(|| some.par_iter().map(read_one).collect());
        for read in read {
            let read = read?;
            for example in &read.examples {
                serde_json::to_writer(&mut file, example)
                    .map_err(std::io::Error::from)
                    .and_then(|()| file.write_all(b"\n"))
                    .map_err(failed)?;
                if example.answers.text.is_empty() {
                    made.unanswered += 1;
                } else {
                    *made.fields.entry(example.metadata.field.clone()).or_default() += 1;
                }
            }
            made.documents += read.documents;
            made.examples += read.examples.len() as u64;
            made.refused.extend(read.refused);
        }
    }
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.commit().map_err(failed)?;
    made.seconds = began.elapsed().as_secs_f64();
    Ok(made)
}

fn read(zip: &Path, asked: Asked, job: &Job) -> Result<Read> {
    let (mut read, name) = (Read::default(), name_of(zip));
    let mut documents = 0;
    let mut found = Vec::new();
    read.refused = each_document(zip, job, |source, text| {
        documents += 1;
        found.extend(examples(&name, source, text, asked));
        Ok(())
    })?;
    (read.documents, read.examples) = (documents, found);
    Ok(read)
}
