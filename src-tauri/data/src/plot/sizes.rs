//! A bar for each segment.

use std::io::Write;

use plotters_backend::DrawingBackend;

use super::sheet::{MARGIN, Pen, Scene, Words, render, top};
use super::{Image, Numbers, PlotError, Style, font, segment_colour};

/// A segment as its bar shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentBar {
    /// Its name, or its first terms.
    pub name: String,
    /// Its rows.
    pub count: u64,
    /// Its part of all rows, 0 to 1.
    pub share: f64,
    /// What is said most in it, the heaviest first.
    pub terms: Vec<String>,
}

/// Draws a bar for each segment in the order given, which is that of their letters.
///
/// # Errors
/// [`PlotError`].
pub fn sizes(
    out: &mut dyn Write,
    image: Image,
    segments: &[SegmentBar],
    numbers: Numbers,
    style: &Style,
) -> Result<(), PlotError> {
    render(out, image, style, None, &SizesScene { segments, numbers, style })
}

struct SizesScene<'a> {
    segments: &'a [SegmentBar],
    numbers: Numbers<'a>,
    style: &'a Style<'a>,
}

impl Scene for SizesScene<'_> {
    fn draw<B: DrawingBackend>(&self, pen: &mut Pen<B>) -> Result<(), PlotError> {
        pen.heading(self.style)?;
        let (width, top) = (self.style.width as i32, top(self.style));
        let room = self.style.height as i32 - top - MARGIN;
        let row = (room / self.segments.len().max(1) as i32).clamp(18, 84);
        let shown = ((room / row) as usize).min(self.segments.len());
        let shown = if shown < self.segments.len() { shown.saturating_sub(1) } else { shown };
        let em = if row < 24 { 11.0 } else { 14.0 };
        let values: Vec<(String, String)> = self
            .segments
            .iter()
            .map(|s| ((self.numbers.count)(s.count), (self.numbers.share)(s.share)))
            .collect();
        let widest = |texts: &mut dyn Iterator<Item = f32>| texts.fold(0.0_f32, f32::max);
        let names = widest(&mut self.segments.iter().map(|s| font::width(&s.name, em, true)));
        let names = names.min(width as f32 * 0.28);
        let counts = widest(&mut values.iter().map(|v| font::width(&v.0, em, true)));
        let shares = widest(&mut values.iter().map(|v| font::width(&v.1, em, false)));
        let left = MARGIN + 32 + names.ceil() as i32 + 18;
        let right = width - MARGIN - (counts + shares).ceil() as i32 - 28;
        let most = self.segments.iter().map(|s| s.count).max().unwrap_or(0).max(1) as f64;
        let terms = row >= 44;
        for (at, segment) in self.segments.iter().take(shown).enumerate() {
            let begin = top + at as i32 * row;
            // With terms below it the bar stands in the upper half of its row.
            let middle = if terms { begin + row * 2 / 5 } else { begin + row / 2 };
            pen.badge(at, (MARGIN + 11, middle), (row as u32 / 2 - 2).min(11), self.style.dark)?;
            let name = font::fit(&segment.name, em, true, names);
            pen.text(&name, Words::left(em, pen.ground.ink).bold(), (MARGIN + 32, middle))?;
            let half = (row / 2 - 3).min(10);
            let length = (f64::from((right - left).max(1)) * segment.count as f64 / most).round();
            let colour = segment_colour(at, self.style.dark);
            let end = left + (length as i32).max(1);
            pen.block((left, middle - half), (end, middle + half), colour)?;
            let (count, share) = &values[at];
            let share_at = width - MARGIN;
            let count_at = share_at - shares.ceil() as i32 - 14;
            pen.text(count, Words::left(em, pen.ground.ink).bold().right(), (count_at, middle))?;
            pen.text(share, Words::left(em, pen.ground.muted).right(), (share_at, middle))?;
            if terms && !segment.terms.is_empty() {
                let line = segment.terms.join(" · ");
                let line = font::fit(&line, 12.0, false, (width - MARGIN - left) as f32);
                pen.text(&line, Words::left(12.0, pen.ground.muted), (left, middle + half + 13))?;
            }
        }
        if shown < self.segments.len() {
            let rest = (self.numbers.count)((self.segments.len() - shown) as u64);
            let y = top + shown as i32 * row + row / 2;
            pen.text(&format!("+ {rest}"), Words::left(em, pen.ground.muted), (MARGIN + 32, y))?;
        }
        Ok(())
    }
}
