//! The 2-D map: every row a point, rows that say alike close together.
//!
//! The way the data takes: sparse TF-IDF rows → [`svd()`] (50 numbers a row) → [`layout`] (two
//! numbers a row) → [`trustworthiness`] to judge it, [`view_bounds`] and [`points_in_polygon`] to
//! show it. The layout optimises UMAP's objective (McInnes, Healy & Melville 2018) over UMAP's
//! graph, in a form in which each row of an epoch depends on the epoch before alone, so the same
//! seed gives the same points, bit for bit, with any number of threads.

mod candidates;
mod dense;
mod descent;
mod distinct;
mod eigen;
mod forest;
mod graph;
mod lanes;
mod layout;
mod neighbours;
mod optimise;
mod place;
pub(crate) mod random;
mod screen;
mod start;
mod svd;
mod trust;

pub use dense::{Dense, ProjectError};
pub use layout::{LayoutParams, layout, memory_estimate};
pub use screen::{Bounds, points_in_polygon, view_bounds};
pub use svd::{Directions, SparseRows, svd};
pub use trust::trustworthiness;
