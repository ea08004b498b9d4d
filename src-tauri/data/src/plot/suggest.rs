//! The measures that a number of segments is chosen by.

use std::io::Write;

use plotters_backend::DrawingBackend;

use super::sheet::{MARGIN, Pen, Scene, Words, render, top};
use super::{Image, Numbers, PlotError, Style, font};

/// What was measured for one number of segments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The number of segments.
    pub k: u32,
    /// Sum of squared distances to the nearest centre; less is closer.
    pub inertia: f64,
    /// Silhouette (Rousseeuw 1987), −1 to 1; more is better.
    pub silhouette: f64,
    /// Davies–Bouldin index (1979), 0 and up; less is better.
    pub davies_bouldin: f64,
}

/// What is drawn and said.
#[derive(Clone, Copy)]
pub struct SuggestPicture<'a> {
    /// In the order of k.
    pub candidates: &'a [Candidate],
    /// The k to take.
    pub recommended: u32,
    /// Headings of inertia, silhouette and Davies–Bouldin.
    pub names: [&'a str; 3],
    /// Name of the axis of k.
    pub axis: &'a str,
    /// How measures are written.
    pub numbers: Numbers<'a>,
}

/// Draws one panel for each measure, one above the other, with the recommended k marked.
///
/// # Errors
/// [`PlotError`].
pub fn suggest_k(
    out: &mut dyn Write,
    image: Image,
    picture: &SuggestPicture,
    style: &Style,
) -> Result<(), PlotError> {
    render(out, image, style, None, &SuggestScene { picture, style })
}

struct SuggestScene<'a> {
    picture: &'a SuggestPicture<'a>,
    style: &'a Style<'a>,
}

impl Scene for SuggestScene<'_> {
    fn draw<B: DrawingBackend>(&self, pen: &mut Pen<B>) -> Result<(), PlotError> {
        pen.heading(self.style)?;
        let candidates = self.picture.candidates;
        let measures: [fn(&Candidate) -> f64; 3] =
            [|c| c.inertia, |c| c.silhouette, |c| c.davies_bouldin];
        let ticks = measures.map(|measure| {
            let values = candidates.iter().map(measure).filter(|value| value.is_finite());
            let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
            if low < high { (low, high) } else { (low - 0.5, high + 0.5) }
        });
        // Four digits before the mark say enough without any behind it.
        let numbers = self.picture.numbers;
        let label = |value: f64| match value {
            1000.0.. => (numbers.count)(value.round() as u64),
            _ => (numbers.measure)(value),
        };
        let widest = ticks
            .iter()
            .flat_map(|&(low, high)| [low, high])
            .filter(|value| value.is_finite())
            .map(|value| font::width(&label(value), 11.0, false))
            .fold(0.0, f32::max);
        let (left, right) =
            (MARGIN + widest.ceil() as i32 + 12, self.style.width as i32 - MARGIN - 8);
        let (top, foot) = (top(self.style), self.style.height as i32 - MARGIN - 40);
        let first = candidates.first().map_or(0, |c| c.k);
        let last = candidates.last().map_or(1, |c| c.k).max(first + 1);
        let across = |k: u32| {
            let part = f64::from(k.saturating_sub(first)) / f64::from(last - first);
            left + 12 + (f64::from(right - left - 24) * part).round() as i32
        };
        let panel = (foot - top) / 3;
        for (nth, (measure, (low, high))) in measures.into_iter().zip(ticks).enumerate() {
            let above = top + nth as i32 * panel + 28;
            let below = top + (nth as i32 + 1) * panel - 12;
            let words = Words::left(13.0, pen.ground.ink).bold();
            pen.text(self.picture.names[nth], words, (left, above - 18))?;
            if !low.is_finite() || !high.is_finite() {
                continue;
            }
            let down = |value: f64| {
                let part = (value - low) / (high - low);
                below - 4 - (f64::from(below - above - 8) * part).round() as i32
            };
            for value in [low, (low + high) / 2.0, high] {
                let y = down(value);
                pen.path(&[(left, y), (right, y)], pen.ground.line, 1)?;
                let words = Words::left(11.0, pen.ground.muted).right();
                pen.text(&label(value), words, (left - 8, y))?;
            }
            let x = across(self.picture.recommended);
            for dash in (above..below).step_by(8) {
                pen.path(&[(x, dash), (x, (dash + 4).min(below))], pen.ground.muted, 1)?;
            }
            let line: Vec<(i32, i32)> = candidates
                .iter()
                .filter(|candidate| measure(candidate).is_finite())
                .map(|candidate| (across(candidate.k), down(measure(candidate))))
                .collect();
            pen.path(&line, pen.ground.accent, 2)?;
            for (candidate, &at) in candidates.iter().filter(|c| measure(c).is_finite()).zip(&line)
            {
                let chosen = candidate.k == self.picture.recommended;
                pen.dot(at, if chosen { 7 } else { 4 }, pen.ground.accent)?;
                if chosen {
                    pen.dot(at, 3, pen.ground.paper)?;
                }
            }
        }
        self.axis(pen, &across, foot, (left + right) / 2)
    }
}

impl SuggestScene<'_> {
    fn axis<B: DrawingBackend>(
        &self,
        pen: &mut Pen<B>,
        across: &dyn Fn(u32) -> i32,
        foot: i32,
        middle: i32,
    ) -> Result<(), PlotError> {
        let mut free_from = i32::MIN;
        // The recommended k keeps its number even where there is no room for all.
        let chosen = across(self.picture.recommended);
        for candidate in self.picture.candidates {
            let x = across(candidate.k);
            let is_chosen = candidate.k == self.picture.recommended;
            if !is_chosen && (x < free_from || (x - chosen).abs() < 20) {
                continue;
            }
            free_from = x + 20;
            let words = Words::left(12.0, pen.ground.muted).centre();
            let words =
                if is_chosen { Words { rgb: pen.ground.ink, ..words }.bold() } else { words };
            pen.text(&candidate.k.to_string(), words, (x, foot + 8))?;
        }
        let words = Words::left(12.0, pen.ground.muted).centre();
        pen.text(self.picture.axis, words, (middle, foot + 30))
    }
}
