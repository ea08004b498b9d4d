//! The main road: the text of a table's rows into term counts, labels back beside its records, and
//! the map of what was counted.

mod columns;
mod count;
mod label;
mod map;

pub use columns::{TextColumnsError, text_columns};
pub use count::{Counted, count_file, count_table};
pub use label::{LabelError, label_name, write_labelled};
pub use map::{judge, map_of};
