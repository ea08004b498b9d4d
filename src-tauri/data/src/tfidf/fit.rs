//! From counted blocks to vocabulary and rows.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::counter::{CountedBlock, Seen, TermCounter, take_varint};
use super::rows::{Entry, RowBlock, SparseRows};
use super::terms::Terms;
use super::{DocumentFrequency, TfidfError, TfidfParams, Vocabulary};
use crate::progress::{Cancelled, Progress};

/// Learns the vocabulary from all counted documents and weights them by it, as
/// `TfidfVectorizer.fit_transform` does. Rows come in the order of the blocks' indices, whatever
/// counter read them.
///
/// # Errors
/// [`TfidfError`] where a parameter is out of range or no term remains, and when cancelled.
pub fn fit(
    mut counters: Vec<TermCounter>,
    params: &TfidfParams,
    progress: &dyn Progress,
) -> Result<(Vocabulary, SparseRows), TfidfError> {
    let documents: u64 =
        counters.iter().flat_map(|c| &c.blocks).map(|block| block.documents as u64).sum();
    let limits = Limits::new(params, documents)?;
    progress.step("vocabulary", None);
    progress.check()?;
    let (terms, seen, numbers) = merge(&mut counters);
    progress.check()?;
    let chosen = choose(&terms, &seen, params, &limits)?;

    #[allow(clippy::cast_precision_loss, reason = "document counts stay far below 2^53")]
    let idf: Arc<[f64]> = chosen
        .iter()
        .map(|&t| f64::ln((documents as f64 + 1.0) / (f64::from(seen[t].documents) + 1.0)) + 1.0)
        .collect();
    // scikit-learn leaves each row's entries in the order in which the terms were first seen, and
    // sums in that order.
    #[allow(clippy::cast_possible_truncation, reason = "choose bounds the terms")]
    let mut by_sight: Vec<u32> = (0..chosen.len() as u32).collect();
    by_sight.sort_unstable_by_key(|&column| seen[chosen[column as usize]].first);
    let mut rank = vec![Numbering::NONE; terms.len()];
    for (&column, place) in by_sight.iter().zip(0..) {
        rank[chosen[column as usize]] = place;
    }
    let vocabulary = Vocabulary {
        terms: chosen.iter().map(|&t| String::from_utf8_lossy(terms.get(t)).into_owned()).collect(),
        idf: Arc::clone(&idf),
    };
    drop((terms, seen));
    let numberings: Vec<Numbering> = numbers
        .into_iter()
        .map(|own| Numbering(own.into_iter().map(|n| rank[n as usize]).collect()))
        .collect();
    let rows = rows_of(counters, &numberings, &by_sight, &idf, progress)?;
    Ok((vocabulary, rows))
}

/// The document-frequency limits in documents.
struct Limits {
    documents: u64,
    low: f64,
    high: f64,
}

impl Limits {
    fn new(params: &TfidfParams, documents: u64) -> Result<Self, TfidfError> {
        if documents == 0 {
            return Err(TfidfError::NoDocuments);
        }
        for (name, limit) in [("min_df", params.min_df), ("max_df", params.max_df)] {
            match limit {
                DocumentFrequency::Fraction(share) if !(0.0..=1.0).contains(&share) => {
                    return Err(TfidfError::OutOfRange { name, value: share });
                }
                DocumentFrequency::Count(0) => {
                    return Err(TfidfError::OutOfRange { name, value: 0.0 });
                }
                _ => {}
            }
        }
        if params.max_features == Some(0) {
            return Err(TfidfError::OutOfRange { name: "max_features", value: 0.0 });
        }
        let (low, high) = (params.min_df.documents(documents), params.max_df.documents(documents));
        if high < low {
            return Err(TfidfError::LimitsCross { min_df: low, max_df: high });
        }
        Ok(Self { documents, low, high })
    }
}

/// Merges the counters' terms into the first one's, and says for each counter which merged term
/// each of its own is.
fn merge(counters: &mut [TermCounter]) -> (Terms, Vec<Seen>, Vec<Vec<u32>>) {
    let mut terms = Terms::default();
    let mut seen: Vec<Seen> = Vec::new();
    let mut numbers = Vec::with_capacity(counters.len());
    for counter in counters {
        let own = std::mem::take(&mut counter.terms);
        let own_seen = std::mem::take(&mut counter.seen);
        if terms.len() == 0 {
            #[allow(clippy::cast_possible_truncation, reason = "term numbers are u32")]
            numbers.push((0..own.len() as u32).collect());
            (terms, seen) = (own, own_seen);
            continue;
        }
        let to = (0..own.len()).map(|n| terms.intern(own.get(n))).collect::<Vec<u32>>();
        seen.resize(terms.len(), Seen::NEVER);
        for (&merged, from) in to.iter().zip(own_seen) {
            seen[merged as usize].absorb(&from);
        }
        numbers.push(to);
    }
    (terms, seen, numbers)
}

/// The terms that become features, in alphabetical order.
fn choose(
    terms: &Terms,
    seen: &[Seen],
    params: &TfidfParams,
    limits: &Limits,
) -> Result<Vec<usize>, TfidfError> {
    let stop: HashSet<&[u8]> = params.stop_words.iter().map(String::as_bytes).collect();
    let words: Vec<usize> = (0..terms.len()).filter(|&t| !stop.contains(terms.get(t))).collect();
    if words.is_empty() {
        return Err(TfidfError::EmptyVocabulary {
            documents: limits.documents,
            stopped: terms.len(),
        });
    }
    let documents = |&t: &usize| f64::from(seen[t].documents);
    let too_rare = words.iter().filter(|t| documents(t) < limits.low).count();
    let too_common = words.iter().filter(|t| documents(t) > limits.high).count();
    let considered = words.len();
    let mut kept = words;
    kept.retain(|t| (limits.low..=limits.high).contains(&documents(t)));
    if kept.is_empty() {
        return Err(TfidfError::AllTermsPruned {
            terms: considered,
            too_rare,
            too_common,
            min_df: limits.low,
            max_df: limits.high,
        });
    }
    if let Some(most) = params.max_features.filter(|&most| most < kept.len()) {
        kept.sort_unstable_by(|&a, &b| {
            seen[b].count.cmp(&seen[a].count).then_with(|| terms.get(a).cmp(terms.get(b)))
        });
        kept.truncate(most);
    }
    if kept.len() > Entry::FEATURES {
        return Err(TfidfError::TooManyTerms { terms: kept.len(), limit: Entry::FEATURES });
    }
    // UTF-8 bytes sort as code points do, which is how Python sorts strings.
    kept.sort_unstable_by(|&a, &b| terms.get(a).cmp(terms.get(b)));
    Ok(kept)
}

/// The place of each of a counter's own terms in the order of a row's entries.
pub(super) struct Numbering(Vec<u32>);

impl Numbering {
    const NONE: u32 = u32::MAX;

    pub(super) fn new(terms: usize, place: impl Fn(usize) -> Option<u32>) -> Self {
        Self((0..terms).map(|term| place(term).unwrap_or(Self::NONE)).collect())
    }
}

/// Turns counted blocks into rows, in the order of their indices; each block is freed once read.
/// `columns` says which feature stands at each place of the order of a row's entries.
pub(super) fn rows_of(
    counters: Vec<TermCounter>,
    numberings: &[Numbering],
    columns: &[u32],
    idf: &Arc<[f64]>,
    progress: &dyn Progress,
) -> Result<SparseRows, TfidfError> {
    let mut blocks: Vec<(CountedBlock, &Numbering)> = counters
        .into_iter()
        .zip(numberings)
        .flat_map(|(counter, numbering)| {
            counter.blocks.into_iter().map(move |block| (block, numbering))
        })
        .collect();
    blocks.sort_by_key(|(block, _)| block.index);
    let documents: u64 = blocks.iter().map(|(block, _)| block.documents as u64).sum();
    progress.step("features", Some(documents));
    let done = AtomicU64::new(0);
    let rows: Vec<Vec<RowBlock>> = blocks
        .into_par_iter()
        .with_max_len(1)
        .map(|(block, numbering)| {
            progress.check()?;
            let rows = convert(&block, numbering, columns, idf);
            let rows_done = block.documents as u64;
            progress.at(done.fetch_add(rows_done, Ordering::Relaxed) + rows_done);
            Ok(rows)
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(SparseRows::new(rows.into_iter().flatten().collect(), Arc::clone(idf)))
}

fn convert(
    block: &CountedBlock,
    numbering: &Numbering,
    columns: &[u32],
    idf: &[f64],
) -> Vec<RowBlock> {
    let mut done = Vec::new();
    let mut rows = RowBlock::default();
    let mut words = block.words.as_slice();
    let mut places: Vec<u32> = Vec::new();
    while let Some(number) = take_varint(&mut words) {
        if number != 0 {
            let place = numbering.0[number as usize - 1];
            if place != Numbering::NONE {
                places.push(place);
            }
            continue;
        }
        places.sort_unstable();
        if !rows.has_room(places.len()) {
            rows.shrink();
            done.push(std::mem::take(&mut rows));
        }
        let runs = places.chunk_by(|a, b| a == b);
        rows.push(runs.map(|run| (columns[run[0] as usize] as usize, run.len() as u64)), idf);
        places.clear();
    }
    if !rows.is_empty() {
        rows.shrink();
        done.push(rows);
    }
    done
}
