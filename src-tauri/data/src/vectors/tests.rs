use std::path::Path;

use super::*;
use crate::export::{RowId, VectorFormat, VectorWriter};

type Found = Vec<(Option<String>, Vec<f32>)>;

fn read(path: &Path) -> Result<Found, VectorsError<()>> {
    let mut found = Vec::new();
    each_vector(path, |id, vector| {
        found.push((id, vector.to_vec()));
        Ok(())
    })?;
    Ok(found)
}

fn text(content: &str) -> Result<Found, VectorsError<()>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.json");
    std::fs::write(&path, content).unwrap();
    read(&path)
}

#[test]
fn what_is_exported_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let vectors = [[1.0_f32, -0.5, 0.25], [0.0, 3.5, 1e-6]];
    for (format, has_ids) in [
        (VectorFormat::Json, true),
        (VectorFormat::Jsonl, true),
        (VectorFormat::Npy, false),
        (VectorFormat::Parquet, true),
    ] {
        let path = folder.path().join("v");
        let mut out = VectorWriter::create(&path, format, 2, 3, false).unwrap();
        for (at, vector) in vectors.iter().enumerate() {
            out.push(&RowId::Text(format!("p-{at}")), "texto", vector).unwrap();
        }
        out.finish().unwrap();
        let id = |at: usize| has_ids.then(|| format!("p-{at}"));
        let wanted: Found =
            vectors.iter().enumerate().map(|(at, v)| (id(at), v.to_vec())).collect();
        assert_eq!(read(&path).unwrap(), wanted, "{format:?}");
    }
}

#[test]
fn json_of_every_shape() {
    let alone: Found = vec![(None, vec![1.0, 2.0]), (None, vec![3.0, 4.0])];
    assert_eq!(text("[[1, 2], [3, 4]]").unwrap(), alone);
    assert_eq!(text("[1, 2]\n[3, 4]\n").unwrap(), alone);
    let named: Found = vec![(Some("7".to_owned()), vec![1.0]), (None, vec![2.0])];
    assert_eq!(
        text("[{\"id\": 7, \"vector\": [1], \"x\": {}}, {\"embedding\": [2]}]").unwrap(),
        named
    );
}

#[test]
fn numpy_of_every_width_of_number() {
    let folder = tempfile::tempdir().unwrap();
    let file = |descr: &str, order: &str, shape: &str, bytes: &[u8]| {
        let header =
            format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let mut all = b"\x93NUMPY\x01\x00".to_vec();
        all.extend((header.len() as u16).to_le_bytes());
        all.extend(header.as_bytes());
        all.extend(bytes);
        let path = folder.path().join("v.npy");
        std::fs::write(&path, all).unwrap();
        read(&path)
    };
    let wanted: Found = vec![(None, vec![1.5, -2.0])];
    let doubles: Vec<u8> = [1.5_f64, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(file("<f8", "False", "(1, 2)", &doubles).unwrap(), wanted);
    let halves: Vec<u8> =
        [1.5_f32, -2.0].iter().flat_map(|x| half::f16::from_f32(*x).to_le_bytes()).collect();
    assert_eq!(file("<f2", "False", "(1, 2)", &halves).unwrap(), wanted);
    for (descr, order, shape, reason) in [
        ("<i8", "False", "(1, 2)", "<i8"),
        ("<f8", "False", "(2,)", "not rows"),
        ("<f8", "True", "(2, 2)", "ascontiguous"),
        ("<f8", "False", "(1, 99999999999)", "99999999999"),
    ] {
        let refused = file(descr, order, shape, &doubles).unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
    // Cut short.
    assert!(matches!(file("<f8", "False", "(2, 2)", &doubles), Err(VectorsError::Io(_))));
}

#[test]
fn what_is_no_vector_is_said_by_its_place() {
    for (content, place, reason) in [
        ("[[1, 2], [3]]", 2, "1 numbers, not 2"),
        ("[[1, 2], [3, 1e99]]", 2, "inf"),
        ("{\"embedding\": [1]}\n{\"embeding\": [1]}", 2, "match"),
        ("[]", 0, "none"),
        ("nome;texto\n", 1, "expected"),
        ("", 0, "none"),
    ] {
        match text(content) {
            Err(VectorsError::Bad { vector, reason: found }) => {
                assert!(vector == place && found.contains(reason), "{content}: {vector} {found}");
            }
            other => panic!("{content}: {other:?}"),
        }
    }
}
