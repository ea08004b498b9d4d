//! Pictures for reports: the map, the sizes, the choice of k, how good a classifier is; as SVG or PNG.
//!
//! Words and numbers come from the caller in the reader's language; the typeface (Inter, under
//! the SIL Open Font License beside it) comes with the program, so that a server without fonts
//! draws the same picture.

mod bars;
mod canvas;
mod cloud;
mod colour;
mod confusion;
mod curve;
mod font;
mod map;
mod sheet;
mod sizes;
mod suggest;

use std::io::Write;

pub use bars::{BarsPicture, bars};
pub use colour::segment_colour;
pub use confusion::{ConfusionPicture, confusion};
pub use curve::{CurvePicture, curve};
pub use map::{MapPicture, map};
pub use sizes::{SegmentBar, sizes};
pub use suggest::{Candidate, SuggestPicture, suggest_k};

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Image {
    /// Vectors.
    Svg,
    /// Pixels.
    Png,
}

/// How a picture looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style<'a> {
    /// Pixels, at least 320.
    pub width: u32,
    /// Pixels, at least 240.
    pub height: u32,
    /// On a dark ground.
    pub dark: bool,
    /// The heading; nothing is left free for an empty one.
    pub title: &'a str,
    /// A line under the heading.
    pub subtitle: &'a str,
}

/// How numbers are written in the reader's language.
#[derive(Clone, Copy)]
pub struct Numbers<'a> {
    /// A count, like `4.109`.
    pub count: &'a dyn Fn(u64) -> String,
    /// A share of one, like `12,5%`.
    pub share: &'a dyn Fn(f64) -> String,
    /// A measure, like `0,283`.
    pub measure: &'a dyn Fn(f64) -> String,
}

/// A segment as the legend names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentLabel {
    /// Its name, or its first terms.
    pub name: String,
    /// Its rows.
    pub count: u64,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The picture would be too small to read or too large to hold.
    #[error("{width} × {height} pixels; between 320 × 240 and 16384 × 16384")]
    Size {
        /// Pixels asked for.
        width: u32,
        /// Pixels asked for.
        height: u32,
    },
    /// There is not one label for each point.
    #[error("{labels} labels for {points} points")]
    Labels {
        /// Points given.
        points: usize,
        /// Labels given.
        labels: usize,
    },
    /// The picture could not be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The drawing library refused.
    #[error("drawing: {reason}")]
    Draw {
        /// What it said.
        reason: String,
    },
}

impl PlotError {
    fn draw(error: impl std::fmt::Display) -> Self {
        Self::Draw { reason: error.to_string() }
    }
}

fn check(style: &Style) -> Result<(), PlotError> {
    let (width, height) = (style.width, style.height);
    let fits = (320..=16_384).contains(&width) && (240..=16_384).contains(&height);
    if fits { Ok(()) } else { Err(PlotError::Size { width, height }) }
}

fn put(out: &mut dyn Write, bytes: &[u8]) -> Result<(), PlotError> {
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests;
