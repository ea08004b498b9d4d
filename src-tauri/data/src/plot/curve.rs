//! A curve in a square from 0 to 1, against its diagonal: ROC, calibration.

use std::io::Write;

use plotters_backend::DrawingBackend;

use super::sheet::{MARGIN, Pen, Scene, Words, render, top};
use super::{Image, Numbers, PlotError, Style};

/// What is drawn and said.
#[derive(Clone, Copy)]
pub struct CurvePicture<'a> {
    /// From 0 to 1 across and up.
    pub points: &'a [(f64, f64)],
    /// Whether each point is one measurement, and so has a dot.
    pub dots: bool,
    /// Up to where both axes go: 1, or less where all points are low.
    pub most: f64,
    /// Names of the axis across and of the one up.
    pub axes: [&'a str; 2],
    /// How measures are written.
    pub numbers: Numbers<'a>,
}

/// Draws a curve.
///
/// # Errors
/// [`PlotError`].
pub fn curve(
    out: &mut dyn Write,
    image: Image,
    picture: &CurvePicture,
    style: &Style,
) -> Result<(), PlotError> {
    render(out, image, style, None, &CurveScene { picture, style })
}

struct CurveScene<'a> {
    picture: &'a CurvePicture<'a>,
    style: &'a Style<'a>,
}

impl Scene for CurveScene<'_> {
    fn draw<B: DrawingBackend>(&self, pen: &mut Pen<B>) -> Result<(), PlotError> {
        pen.heading(self.style)?;
        let CurvePicture { points, dots, most, axes, numbers } = *self.picture;
        let (above, below) = (top(self.style) + 24, self.style.height as i32 - MARGIN - 44);
        let (left, right) = (MARGIN + 48, self.style.width as i32 - MARGIN - 8);
        let side = (below - above).min(right - left).max(1);
        let (above, right) = (below - side, left + side);
        let place = |(x, y): (f64, f64)| {
            let part =
                |value: f64| (f64::from(side) * (value / most).clamp(0.0, 1.0)).round() as i32;
            (left + part(x), below - part(y))
        };
        let muted = Words::left(11.0, pen.ground.muted);
        for step in 0..=4 {
            let value = most * f64::from(step) / 4.0;
            let (x, y) = place((value, value));
            pen.path(&[(left, y), (right, y)], pen.ground.line, 1)?;
            pen.path(&[(x, above), (x, below)], pen.ground.line, 1)?;
            let said = (numbers.measure)(value);
            pen.text(&said, muted.right(), (left - 8, y))?;
            pen.text(&said, muted.centre(), (x, below + 14))?;
        }
        pen.path(&[place((0.0, 0.0)), place((most, most))], pen.ground.muted, 1)?;
        let line: Vec<(i32, i32)> = points.iter().copied().map(place).collect();
        pen.path(&line, pen.ground.accent, 2)?;
        for &at in line.iter().filter(|_| dots) {
            pen.dot(at, 4, pen.ground.accent)?;
        }
        let words = Words::left(12.0, pen.ground.muted);
        pen.text(axes[1], words, (MARGIN, above - 18))?;
        pen.text(axes[0], words.centre(), (i32::midpoint(left, right), below + 38))
    }
}
