//! Learning classes from rows that have them: logistic regression over sparse rows, its split, its
//! calibration, and the figures that say how good it is.
//!
//! linfa's logistic regression holds rows as dense arrays; a table of comments weighed by its words has
//! tens of thousands of columns and some twenty numbers a row, so the solver here is over sparse rows.

mod calibrate;
mod entities;
mod lbfgs;
mod logistic;
mod matrix;
mod metrics;
mod ranking;
mod split;

pub use calibrate::Platt;
pub use entities::{EntityFigures, EntityReport, entity_report};
pub use logistic::{Logistic, LogisticParams, balanced};
pub use matrix::Matrix;
pub use metrics::{ClassFigures, Report, report};
pub use ranking::{Bin, Decile, average_precision, brier, calibration, lift, roc, roc_area};
pub use split::{folds, hold_out};
