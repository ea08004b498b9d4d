//! Reading everything that files of weights hold.

use std::path::{Path, PathBuf};

use mirante_neural::{Kind, Result, Weights};

/// A tensor: name, kind, shape, bytes.
pub(crate) type Whole = (String, Kind, Vec<usize>, Vec<u8>);

/// Every tensor of a file, in the order of their names.
pub(crate) fn everything(path: &Path) -> Result<Vec<Whole>> {
    all_of(&Weights::open(&[path.to_owned()])?)
}

/// Every tensor, in the order of their names.
pub(crate) fn all_of(weights: &Weights) -> Result<Vec<Whole>> {
    let whole = |name: &str| {
        let (kind, bytes) = weights.raw(name)?;
        assert_eq!(Some(&kind), weights.kind(name));
        let shape = weights.shape(name).expect("a shape").to_vec();
        Ok((name.to_owned(), kind, shape, bytes))
    };
    weights.names().into_iter().map(whole).collect()
}

/// Where the files of every framework lie.
pub(crate) fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/formats")
}
