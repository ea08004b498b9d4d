//! `stable`: the same segments for any order of the rows and any number of threads.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests may; the lint spares test functions only"
)]

use mirante_data::cluster::{ClusterError, KMeans, KMeansParams, NInit, kmeans, stable};
use mirante_data::progress::{Cancelled, Progress, Unwatched};
use mirante_data::text::TokenParams;
use mirante_data::tfidf::{SparseRows, TermCounter, TfidfParams, fit};
use proptest::prelude::*;

fn rows(documents: &[String]) -> SparseRows {
    let mut counter = TermCounter::new(TokenParams::default());
    for document in documents {
        counter.text(document.as_bytes());
        counter.end_document();
    }
    fit(vec![counter], &TfidfParams::default(), &Unwatched).unwrap().1
}

/// Documents of a few words from a small vocabulary: many rows are alike.
fn documents() -> impl Strategy<Value = Vec<String>> {
    let word = prop::sample::select(vec![
        "nota", "fiscal", "boleto", "aluguel", "contrato", "prazo", "multa", "frete", "carga",
        "rota", "exame", "consulta",
    ]);
    let document = prop::collection::vec(word, 1..6).prop_map(|words| words.join(" "));
    prop::collection::vec(document, 12..120)
}

fn params(clusters: usize) -> KMeansParams {
    KMeansParams { clusters, n_init: NInit::Count(3), seed: 7, ..KMeansParams::default() }
}

fn on_threads(threads: usize, documents: &[String], params: &KMeansParams) -> KMeans {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| stable(&mut rows(documents), params, &Unwatched).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_permutation_moves_the_labels_with_the_rows(
        (documents, order) in documents().prop_flat_map(|documents| {
            let order: Vec<usize> = (0..documents.len()).collect();
            (Just(documents), Just(order).prop_shuffle())
        }),
        clusters in 2_usize..7,
    ) {
        let distinct = documents.iter().collect::<std::collections::HashSet<_>>().len();
        prop_assume!(distinct > 1);
        let Ok(first) = stable(&mut rows(&documents), &params(clusters), &Unwatched) else {
            return Ok(());
        };
        let shuffled: Vec<String> = order.iter().map(|&row| documents[row].clone()).collect();
        let second = on_threads(3, &shuffled, &params(clusters));
        let moved: Vec<u32> = order.iter().map(|&row| first.labels[row]).collect();
        prop_assert_eq!(&second.labels, &moved);
        prop_assert_eq!(first.inertia.to_bits(), second.inertia.to_bits());
        let bits = |result: &KMeans| -> Vec<u64> {
            result.centroids.iter().map(|weight| weight.to_bits()).collect()
        };
        prop_assert_eq!(bits(&first), bits(&second));
        let sizes = mirante_data::cluster::sizes(&first.labels, clusters);
        prop_assert!(sizes.is_sorted_by(|a, b| a >= b), "largest first: {:?}", sizes);
    }
}

#[test]
fn what_cannot_be_clustered_is_said() {
    let alike = rows(&vec!["nota fiscal".to_owned(); 9]);
    let error = |rows: &SparseRows, clusters| {
        kmeans(rows, &params(clusters), &Unwatched).expect_err("nothing to cluster")
    };
    assert!(matches!(error(&alike, 2), ClusterError::AllRowsAlike { rows: 9 }));
    assert!(matches!(error(&alike, 1), ClusterError::TooFewClusters { asked: 1 }));
    assert!(matches!(error(&alike, 0), ClusterError::TooFewClusters { asked: 0 }));
    assert!(matches!(
        error(&alike, 10),
        ClusterError::FewerRowsThanClusters { rows: 9, clusters: 10 }
    ));
}

/// Progress that wants the work to stop at once.
struct Stop;

impl Progress for Stop {
    fn step(&self, _: &'static str, _: Option<u64>) {}
    fn at(&self, _: u64) {}
    fn check(&self) -> Result<(), Cancelled> {
        Err(Cancelled)
    }
}

#[test]
fn clustering_stops_when_asked() {
    let rows = rows(&["nota fiscal", "boleto", "contrato"].map(String::from));
    assert!(matches!(kmeans(&rows, &params(2), &Stop), Err(ClusterError::Cancelled(_))));
}
