//! The map: every row a point, coloured by segment.

use std::io::Write;

use plotters_backend::DrawingBackend;

use super::cloud::{Cloud, SVG_POINTS};
use super::sheet::{MARGIN, Pen, Scene, Words, render, top};
use super::{Image, Numbers, PlotError, SegmentLabel, Style, check, font};
use crate::letters;

/// From one letter on the map to the next, in pixels.
const LETTER_ROOM: f32 = 26.0;
/// The same where some have two letters.
const LETTERS_ROOM: f32 = 34.0;

/// What a map shows.
#[derive(Clone, Copy)]
pub struct MapPicture<'a> {
    /// Where each row is.
    pub points: &'a [[f32; 2]],
    /// The segment of each row, a place in `segments`.
    pub labels: &'a [u16],
    /// The segments in the order of their letters.
    pub segments: &'a [SegmentLabel],
    /// The part of the map to show, least then greatest x and y; points beyond it stand at its
    /// edge.
    pub bounds: [[f32; 2]; 2],
    /// How counts are written.
    pub numbers: Numbers<'a>,
}

/// Draws the map; both axes have one scale. An SVG of more than 20,000 points holds them as one
/// embedded image of twice the resolution.
///
/// # Errors
/// [`PlotError`].
pub fn map(
    out: &mut dyn Write,
    image: Image,
    picture: &MapPicture,
    style: &Style,
) -> Result<(), PlotError> {
    check(style)?;
    let (points, labels) = (picture.points, picture.labels);
    if points.len() != labels.len() {
        return Err(PlotError::Labels { points: points.len(), labels: labels.len() });
    }
    let layout = Layout::new(picture, style);
    let (width, height) = (layout.frame.2 as f32, layout.frame.3 as f32);
    let count = points.len().max(1) as f32;
    let least = if image == Image::Svg && points.len() > SVG_POINTS { 0.8 } else { 0.7 };
    let cloud = Cloud {
        places: points.iter().map(|&point| layout.place(point)).collect(),
        labels,
        dark: style.dark,
        radius: (0.25 * (width * height / count).sqrt()).clamp(least, 4.5),
        alpha: (0.9 - 0.13 * (count / 300.0).max(1.0).log10()).clamp(0.3, 0.9),
        frame: layout.frame,
    };
    let medians = medians(&cloud, picture.segments.len());
    render(out, image, style, Some(&cloud), &MapScene { picture, style, layout, medians })
}

/// Where things are, in pixels.
struct Layout {
    frame: (i32, i32, u32, u32),
    scale: f32,
    middle: [f32; 2],
    legend: i32,
}

impl Layout {
    fn new(picture: &MapPicture, style: &Style) -> Self {
        let widest = picture.segments.iter().map(|segment| {
            let count = (picture.numbers.count)(segment.count);
            font::width(&segment.name, 13.0, false) + font::width(&count, 13.0, false)
        });
        let most = style.width as f32 * 0.3;
        let legend = (widest.fold(0.0, f32::max) + 50.0).min(most) as i32;
        let (left, top) = (MARGIN, top(style));
        let width = style.width as i32 - 2 * MARGIN - legend - 20;
        let height = style.height as i32 - top - MARGIN;
        let [low, high] = picture.bounds;
        // Points keep off the frame by their own size.
        let inner = |length: i32| (length - 24).max(1) as f32;
        let span = |axis: usize| (high[axis] - low[axis]).max(f32::MIN_POSITIVE);
        Self {
            frame: (left, top, width.max(40) as u32, height.max(40) as u32),
            scale: (inner(width) / span(0)).min(inner(height) / span(1)).min(1e6),
            middle: [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0],
            legend,
        }
    }

    fn place(&self, point: [f32; 2]) -> (f32, f32) {
        let (left, top, width, height) = self.frame;
        let (half_width, half_height) = (width as f32 / 2.0, height as f32 / 2.0);
        let off = |axis: usize, half: f32| {
            let off = (point[axis] - self.middle[axis]) * self.scale;
            if off.is_nan() { 0.0 } else { off.clamp(8.0 - half, half - 8.0) }
        };
        // The map's y grows upwards, the picture's downwards.
        (
            left as f32 + half_width + off(0, half_width),
            top as f32 + half_height - off(1, half_height),
        )
    }
}

/// The median of each segment's points, moved apart where their letters would cover each other.
fn medians(cloud: &Cloud, segments: usize) -> Vec<Option<(f32, f32)>> {
    let mut of: Vec<(Vec<f32>, Vec<f32>)> = vec![Default::default(); segments];
    for (&(x, y), &label) in cloud.places.iter().zip(cloud.labels) {
        if let Some((xs, ys)) = of.get_mut(usize::from(label)) {
            xs.push(x);
            ys.push(y);
        }
    }
    let middle = |values: &mut Vec<f32>| {
        let at = values.len() / 2;
        (!values.is_empty()).then(|| *values.select_nth_unstable_by(at, f32::total_cmp).1)
    };
    let mut found: Vec<Option<(f32, f32)>> =
        of.iter_mut().map(|(xs, ys)| middle(xs).zip(middle(ys))).collect();
    let room = if segments > 26 { LETTERS_ROOM } else { LETTER_ROOM };
    for _ in 0..40 {
        for one in 0..segments {
            for other in one + 1..segments {
                let (Some(a), Some(b)) = (found[one], found[other]) else { continue };
                let (dx, dy) = (b.0 - a.0, b.1 - a.1);
                let away = dx.hypot(dy);
                if away < room {
                    let push = (room - away) / 2.0;
                    let unit = if away > 0.1 { (dx / away, dy / away) } else { (1.0, 0.0) };
                    found[one] = Some((a.0 - unit.0 * push, a.1 - unit.1 * push));
                    found[other] = Some((b.0 + unit.0 * push, b.1 + unit.1 * push));
                }
            }
        }
    }
    let (left, top, width, height) = cloud.frame;
    let inside = |(x, y): (f32, f32)| {
        let (right, bottom) = ((left + width as i32) as f32, (top + height as i32) as f32);
        (x.clamp(left as f32 + 14.0, right - 14.0), y.clamp(top as f32 + 14.0, bottom - 14.0))
    };
    found.into_iter().map(|median| median.map(inside)).collect()
}

struct MapScene<'a> {
    picture: &'a MapPicture<'a>,
    style: &'a Style<'a>,
    layout: Layout,
    medians: Vec<Option<(f32, f32)>>,
}

impl Scene for MapScene<'_> {
    fn draw<B: DrawingBackend>(&self, pen: &mut Pen<B>) -> Result<(), PlotError> {
        pen.heading(self.style)?;
        let (left, top, width, height) = self.layout.frame;
        pen.frame((left, top), (left + width as i32, top + height as i32))?;
        let letter = Words::left(20.0, pen.ground.ink).bold().centre();
        for (segment, median) in self.medians.iter().enumerate() {
            if let Some((x, y)) = median {
                pen.halo(&letters::name(segment), letter, (x.round() as i32, y.round() as i32))?;
            }
        }
        self.legend(pen)
    }
}

impl MapScene<'_> {
    fn legend<B: DrawingBackend>(&self, pen: &mut Pen<B>) -> Result<(), PlotError> {
        let (_, top, _, height) = self.layout.frame;
        let right = self.style.width as i32 - MARGIN;
        let left = right - self.layout.legend;
        let segments = self.picture.segments;
        let row = (height as i32 / segments.len().max(1) as i32).clamp(16, 28);
        let em = if row < 22 { 11.0 } else { 13.0 };
        let shown = (height as i32 / row) as usize;
        // A last line says how many are left out.
        let listed = if segments.len() > shown { shown.saturating_sub(1) } else { segments.len() };
        let mut y = top + row / 2;
        for (at, segment) in segments.iter().take(listed).enumerate() {
            pen.badge(at, (left + 9, y), (row as u32 / 2 - 2).min(10), self.style.dark)?;
            let count = (self.picture.numbers.count)(segment.count);
            pen.text(&count, Words::left(em, pen.ground.muted).right(), (right, y))?;
            let room = self.layout.legend as f32 - 38.0 - font::width(&count, em, false);
            let name = font::fit(&segment.name, em, false, room);
            pen.text(&name, Words::left(em, pen.ground.ink), (left + 27, y))?;
            y += row;
        }
        if listed < segments.len() {
            let rest =
                format!("+ {}", (self.picture.numbers.count)((segments.len() - listed) as u64));
            pen.text(&rest, Words::left(em, pen.ground.muted), (left + 27, y))?;
        }
        Ok(())
    }
}
