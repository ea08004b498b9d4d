//! Which classes are taken for which.

use std::io::Write;

use plotters_backend::DrawingBackend;

use super::colour::{mix, text_on};
use super::sheet::{MARGIN, Pen, Scene, Words, render, top};
use super::{Image, Numbers, PlotError, Style, font};

/// Classes drawn at most, the first ones: more could not be read.
const MOST: usize = 24;

/// What is drawn and said.
#[derive(Clone, Copy)]
pub struct ConfusionPicture<'a> {
    /// The classes.
    pub labels: &'a [String],
    /// By right class, in it by the class that was found.
    pub counts: &'a [Vec<u64>],
    /// Names of the axis across (what was found) and of the one down (what is right).
    pub axes: [&'a str; 2],
    /// How counts are written.
    pub numbers: Numbers<'a>,
}

/// Draws the matrix, each row in shades of its own share.
///
/// # Errors
/// [`PlotError`].
pub fn confusion(
    out: &mut dyn Write,
    image: Image,
    picture: &ConfusionPicture,
    style: &Style,
) -> Result<(), PlotError> {
    render(out, image, style, None, &ConfusionScene { picture, style })
}

struct ConfusionScene<'a> {
    picture: &'a ConfusionPicture<'a>,
    style: &'a Style<'a>,
}

impl Scene for ConfusionScene<'_> {
    fn draw<B: DrawingBackend>(&self, pen: &mut Pen<B>) -> Result<(), PlotError> {
        pen.heading(self.style)?;
        let ConfusionPicture { labels, counts, axes, numbers } = *self.picture;
        let shown = labels.len().min(MOST);
        let names = labels.iter().take(shown).map(|name| font::width(name, 12.0, false));
        let names = names.fold(0.0_f32, f32::max).min(self.style.width as f32 * 0.25);
        let left = MARGIN + names.ceil() as i32 + 12;
        let (above, below) = (top(self.style) + 52, self.style.height as i32 - MARGIN);
        let side = (self.style.width as i32 - MARGIN - left).min(below - above);
        let cell = (side / shown.max(1) as i32).max(4);
        let em = (cell as f32 * 0.34).clamp(8.0, 16.0);
        for (row, (label, counts)) in (0..).zip(labels.iter().zip(counts).take(shown)) {
            let y = above + row * cell;
            let name = font::fit(label, 12.0, false, names);
            let words = Words::left(12.0, pen.ground.ink).right();
            pen.text(&name, words, (left - 8, y + cell / 2))?;
            let name = font::fit(label, 12.0, false, cell as f32 - 4.0);
            let words = Words::left(12.0, pen.ground.ink).centre();
            pen.text(&name, words, (left + row * cell + cell / 2, above - 12))?;
            let all = counts.iter().sum::<u64>().max(1) as f32;
            for (column, &count) in (0..).zip(counts.iter().take(shown)) {
                let colour = mix(pen.ground.paper, pen.ground.accent, count as f32 / all);
                let from = (left + column * cell, y);
                pen.block(from, (from.0 + cell - 2, y + cell - 2), colour)?;
                let words = Words::left(em, text_on(colour)).centre();
                let middle = (from.0 + cell / 2 - 1, y + cell / 2 - 1);
                pen.text(&(numbers.count)(count), words, middle)?;
            }
        }
        let words = Words::left(12.0, pen.ground.muted);
        pen.text(&format!("↓ {}", axes[1]), words, (MARGIN, above - 36))?;
        let right = left + cell * shown as i32;
        pen.text(&format!("{} →", axes[0]), words.right(), (right, above - 36))
    }
}
