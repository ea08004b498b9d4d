//! Finding near vectors, timed: `nearest_speed VECTORS QUERIES TOP OUT`, two files of vectors as
//! [`each_vector`] reads them. The rows that were found go to OUT as a JSON array a query, a line of JSON is
//! printed.
#![allow(clippy::unwrap_used, reason = "a tool that may stop at anything")]

use std::time::Instant;

use mirante_data::nearest::{Store, StoreOut};
use mirante_data::vectors::each_vector;

fn main() {
    let [vectors, queries, top, out] =
        std::env::args().skip(1).collect::<Vec<_>>().try_into().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors.f16");
    let began = Instant::now();
    let mut store: Option<StoreOut> = None;
    each_vector::<()>(vectors.as_ref(), |_, vector| {
        store
            .get_or_insert_with(|| StoreOut::create(&path, vector.len()).unwrap())
            .push(vector)
            .unwrap();
        Ok(())
    })
    .unwrap();
    let store = store.unwrap();
    let (rows, width) = (store.rows(), store.width());
    store.finish().unwrap();
    let build = began.elapsed().as_secs_f64();
    let store = Store::open(&path, width, rows).unwrap();

    let mut asked: Vec<Vec<f32>> = Vec::new();
    each_vector::<()>(queries.as_ref(), |_, vector| {
        asked.push(vector.to_vec());
        Ok(())
    })
    .unwrap();
    let top = top.parse().unwrap();
    asked.iter().take(50).for_each(|query| drop(store.search(query, top, &|_| true)));
    let (mut times, mut found) = (Vec::new(), Vec::new());
    for query in &asked {
        let began = Instant::now();
        let near = store.search(query, top, &|_| true);
        times.push(began.elapsed().as_secs_f64() * 1e3);
        found.push(near.into_iter().map(|near| near.0).collect::<Vec<_>>());
    }
    times.sort_by(f64::total_cmp);
    std::fs::write(out, serde_json::to_vec(&found).unwrap()).unwrap();
    println!(
        "{{\"rows\": {rows}, \"width\": {width}, \"build_s\": {build:.2}, \"p50_ms\": {:.3}, \
         \"p99_ms\": {:.3}, \"sketches_mb\": {:.1}}}",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        store.bytes() as f64 / 1e6,
    );
}
