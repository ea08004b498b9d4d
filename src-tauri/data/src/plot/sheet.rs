//! Paper to draw on, for either format.

use std::fmt;
use std::io::Write;

use plotters::prelude::SVGBackend;
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, FontFamily,
    FontStyle,
};

use super::canvas::Canvas;
use super::cloud::{Cloud, filled, png};
use super::colour::{Ground, segment_colour, solid, text_on};
use super::{Image, PlotError, Style, check, font, put};
use crate::letters;

/// A picture's vectors, drawn alike on any backend.
pub(super) trait Scene {
    fn draw<B: DrawingBackend>(&self, pen: &mut Pen<B>) -> Result<(), PlotError>;
}

/// Draws a scene over a cloud of points.
pub(super) fn render(
    out: &mut dyn Write,
    image: Image,
    style: &Style,
    cloud: Option<&Cloud>,
    scene: &impl Scene,
) -> Result<(), PlotError> {
    check(style)?;
    let ground = Ground::new(style.dark);
    let (width, height) = (style.width, style.height);
    match image {
        Image::Png => {
            let mut pixels = filled(ground.paper, width, height);
            let mut canvas = Canvas::new(&mut pixels, width, height);
            if let Some(cloud) = cloud {
                cloud.paint(&mut canvas, (0.0, 0.0), 1.0);
            }
            scene.draw(&mut Pen { to: canvas, ground })?;
            put(out, &png(&pixels, width, height)?)
        }
        Image::Svg => {
            let mut svg = String::new();
            let to = SVGBackend::with_string(&mut svg, (width, height));
            scene.draw(&mut Pen { to, ground })?;
            // The points lie under everything else, right after the opening tag.
            let open = svg.find("<svg").and_then(|at| svg[at..].find('>').map(|to| at + to + 1));
            let (head, rest) = svg.split_at(open.unwrap_or(0));
            let (r, g, b) = ground.paper;
            let paper = format!(
                "\n<rect width=\"{width}\" height=\"{height}\" fill=\"#{r:02X}{g:02X}{b:02X}\"/>\n"
            );
            let points = cloud.map(|cloud| cloud.svg(ground.paper)).transpose()?;
            let parts = [head, &paper, points.as_deref().unwrap_or_default(), rest];
            put(out, parts.concat().as_bytes())
        }
    }
}

/// Draws lines, boxes and words.
pub(super) struct Pen<B> {
    to: B,
    pub(super) ground: Ground,
}

/// A text's look.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) em: f32,
    pub(super) bold: bool,
    pub(super) rgb: (u8, u8, u8),
    pub(super) align: HPos,
}

impl Words {
    pub(super) fn left(em: f32, rgb: (u8, u8, u8)) -> Self {
        Self { em, bold: false, rgb, align: HPos::Left }
    }

    pub(super) fn right(self) -> Self {
        Self { align: HPos::Right, ..self }
    }

    pub(super) fn centre(self) -> Self {
        Self { align: HPos::Center, ..self }
    }

    pub(super) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
}

impl BackendTextStyle for Words {
    type FontError = fmt::Error;
    fn color(&self) -> BackendColor {
        solid(self.rgb)
    }
    fn size(&self) -> f64 {
        // Plotters' sizes are 1.24 times the em.
        f64::from(self.em) * 1.24
    }
    fn style(&self) -> FontStyle {
        if self.bold { FontStyle::Bold } else { FontStyle::Normal }
    }
    fn anchor(&self) -> Pos {
        Pos::new(self.align, VPos::Center)
    }
    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name("Inter, sans-serif")
    }
    fn layout_box(&self, text: &str) -> Result<((i32, i32), (i32, i32)), fmt::Error> {
        Ok(((0, 0), (font::width(text, self.em, self.bold).ceil() as i32, self.em as i32)))
    }
    /// Neither backend asks for this: one draws letters itself, the other leaves it to the viewer.
    fn draw<E, D: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _text: &str,
        _pos: BackendCoord,
        _draw: D,
    ) -> Result<Result<(), E>, fmt::Error> {
        Err(fmt::Error)
    }
}

struct Stroke((u8, u8, u8), u32);

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        solid(self.0)
    }
    fn stroke_width(&self) -> u32 {
        self.1
    }
}

impl<B: DrawingBackend> Pen<B> {
    pub(super) fn text(
        &mut self,
        text: &str,
        words: Words,
        at: (i32, i32),
    ) -> Result<(), PlotError> {
        self.to.draw_text(text, &words, at).map_err(PlotError::draw)
    }

    /// A text with the paper's colour around it, to be read on anything.
    pub(super) fn halo(
        &mut self,
        text: &str,
        words: Words,
        (x, y): (i32, i32),
    ) -> Result<(), PlotError> {
        let under = Words { rgb: self.ground.paper, ..words };
        for (dx, dy) in [(3, 0), (2, 2), (0, 3), (2, -2), (1, 1), (1, -1)] {
            self.text(text, under, (x + dx, y + dy))?;
            self.text(text, under, (x - dx, y - dy))?;
        }
        self.text(text, words, (x, y))
    }

    /// A filled box from corner to corner.
    pub(super) fn block(
        &mut self,
        from: (i32, i32),
        to: (i32, i32),
        rgb: (u8, u8, u8),
    ) -> Result<(), PlotError> {
        self.to.draw_rect(from, to, &solid(rgb), true).map_err(PlotError::draw)
    }

    /// A box's border.
    pub(super) fn frame(&mut self, from: (i32, i32), to: (i32, i32)) -> Result<(), PlotError> {
        let line = solid(self.ground.line);
        self.to.draw_rect(from, to, &line, false).map_err(PlotError::draw)
    }

    pub(super) fn path(
        &mut self,
        points: &[(i32, i32)],
        rgb: (u8, u8, u8),
        thick: u32,
    ) -> Result<(), PlotError> {
        self.to.draw_path(points.iter().copied(), &Stroke(rgb, thick)).map_err(PlotError::draw)
    }

    pub(super) fn dot(
        &mut self,
        at: (i32, i32),
        radius: u32,
        rgb: (u8, u8, u8),
    ) -> Result<(), PlotError> {
        self.to.draw_circle(at, radius, &solid(rgb), true).map_err(PlotError::draw)
    }

    /// A segment's disc with its letter.
    pub(super) fn badge(
        &mut self,
        segment: usize,
        at: (i32, i32),
        radius: u32,
        dark: bool,
    ) -> Result<(), PlotError> {
        let colour = segment_colour(segment, dark);
        self.dot(at, radius, colour)?;
        let letter = letters::name(segment);
        let em = radius as f32 * if letter.len() == 1 { 1.3 } else { 0.95 };
        // A capital is taller than the small letter that text is centred by.
        let at = (at.0, at.1 + (em * 0.09).round() as i32);
        self.text(&letter, Words::left(em, text_on(colour)).bold().centre(), at)
    }

    /// Heading and the line under it; answers where the rest begins.
    pub(super) fn heading(&mut self, style: &Style) -> Result<(), PlotError> {
        let room = style.width as f32 - 2.0 * MARGIN as f32;
        let mut y = MARGIN;
        if !style.title.is_empty() {
            let words = Words::left(20.0, self.ground.ink).bold();
            self.text(&font::fit(style.title, 20.0, true, room), words, (MARGIN, y + 10))?;
            y += 30;
        }
        if !style.subtitle.is_empty() {
            let words = Words::left(13.0, self.ground.muted);
            self.text(&font::fit(style.subtitle, 13.0, false, room), words, (MARGIN, y + 6))?;
        }
        Ok(())
    }
}

/// Free at every edge.
pub(super) const MARGIN: i32 = 28;

/// Where the part under the heading begins.
pub(super) fn top(style: &Style) -> i32 {
    let title = if style.title.is_empty() { 0 } else { 30 };
    let subtitle = if style.subtitle.is_empty() { 0 } else { 24 };
    MARGIN + title + subtitle + if title + subtitle > 0 { 8 } else { 0 }
}
