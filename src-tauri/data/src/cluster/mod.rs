//! K-means over sparse rows, equal to scikit-learn's `KMeans` (Lloyd's algorithm from greedy
//! k-means++ seeds), and what is said about its result.

mod centroids;
mod dense;
mod kernel;
mod kmeans;
mod lanes;
mod lloyd;
mod metrics;
mod random;
mod relocate;
mod seeding;
mod share;
mod stable;
mod suggest;
mod summary;
mod sums;
mod vectors;

pub use kmeans::{ClusterError, KMeans, KMeansParams, KMeansWarning, NInit, kmeans};
pub use lloyd::assign;
pub use metrics::{Metric, Silhouette, davies_bouldin, silhouette};
pub use stable::stable;
pub use suggest::{KReason, KScore, KSuggestion, suggest_k};
pub use summary::{TopTerm, examples, sizes, top_terms};
pub use vectors::{ByVectors, Vectors, assign_vectors, by_vectors, silhouette_of_vectors};
