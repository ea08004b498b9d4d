//! Upright bars of numbers that follow each other, against a line: lift by decile.

use std::io::Write;

use plotters_backend::DrawingBackend;

use super::sheet::{MARGIN, Pen, Scene, Words, render, top};
use super::{Image, Numbers, PlotError, Style};

/// What is drawn and said.
#[derive(Clone, Copy)]
pub struct BarsPicture<'a> {
    /// In their order, from 1; 0 and up.
    pub values: &'a [f64],
    /// Where the line is.
    pub line: f64,
    /// Names of the axis across and of the one up.
    pub axes: [&'a str; 2],
    /// How measures are written.
    pub numbers: Numbers<'a>,
}

/// Draws the bars.
///
/// # Errors
/// [`PlotError`].
pub fn bars(
    out: &mut dyn Write,
    image: Image,
    picture: &BarsPicture,
    style: &Style,
) -> Result<(), PlotError> {
    render(out, image, style, None, &BarsScene { picture, style })
}

struct BarsScene<'a> {
    picture: &'a BarsPicture<'a>,
    style: &'a Style<'a>,
}

impl Scene for BarsScene<'_> {
    fn draw<B: DrawingBackend>(&self, pen: &mut Pen<B>) -> Result<(), PlotError> {
        pen.heading(self.style)?;
        let BarsPicture { values, line, axes, numbers } = *self.picture;
        let (above, below) = (top(self.style) + 44, self.style.height as i32 - MARGIN - 44);
        let (left, right) = (MARGIN, self.style.width as i32 - MARGIN);
        let most = values.iter().copied().fold(line, f64::max).max(f64::MIN_POSITIVE);
        let up =
            |value: f64| below - (f64::from((below - above).max(1)) * value / most).round() as i32;
        let room = (right - left) / values.len().max(1) as i32;
        for ((at, &value), number) in (0..).zip(values).zip(1..) {
            let (from, to) = (left + at * room + room / 8, left + (at + 1) * room - room / 8);
            pen.block((from, up(value)), (to, below), pen.ground.accent)?;
            let middle = i32::midpoint(from, to);
            let said = (numbers.measure)(value);
            let words = Words::left(11.0, pen.ground.ink).bold().centre();
            pen.text(&said, words, (middle, up(value) - 10))?;
            let words = Words::left(11.0, pen.ground.muted).centre();
            pen.text(&number.to_string(), words, (middle, below + 14))?;
        }
        pen.path(&[(left, below), (right, below)], pen.ground.line, 1)?;
        for dash in (left..right).step_by(8) {
            pen.path(&[(dash, up(line)), ((dash + 4).min(right), up(line))], pen.ground.muted, 1)?;
        }
        let words = Words::left(12.0, pen.ground.muted);
        pen.text(axes[1], words, (left, above - 34))?;
        pen.text(axes[0], words.centre(), (i32::midpoint(left, right), below + 38))
    }
}
