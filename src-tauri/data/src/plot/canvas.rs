//! A bitmap with smooth text and discs.

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle,
};

use super::{PlotError, font};

/// Half the height of a small letter, in ems: what the SVG backend centres text by.
const HALF_EX: f32 = 0.273;

/// Plotters' own bitmap places letters on whole pixels and cuts discs out with steps; this one
/// covers pixels in part.
pub(super) struct Canvas<'a> {
    pixels: &'a mut [u8],
    width: u32,
    height: u32,
}

impl<'a> Canvas<'a> {
    /// Over `width * height` RGB pixels.
    pub(super) fn new(pixels: &'a mut [u8], width: u32, height: u32) -> Self {
        Self { pixels, width, height }
    }

    fn cover(&mut self, x: i32, y: i32, rgb: (u8, u8, u8), part: f32) {
        if x < 0 || y < 0 || x >= self.width as i32 || y >= self.height as i32 {
            return;
        }
        let at = (y as usize * self.width as usize + x as usize) * 3;
        for (pixel, colour) in self.pixels[at..at + 3].iter_mut().zip([rgb.0, rgb.1, rgb.2]) {
            let (from, to) = (f32::from(*pixel), f32::from(colour));
            *pixel = (from + (to - from) * part.clamp(0.0, 1.0)).round() as u8;
        }
    }

    /// A line of one thickness whatever its slope.
    fn line(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        thick: f32,
        rgb: (u8, u8, u8),
        alpha: f32,
    ) {
        let reach = thick / 2.0 + 0.5;
        let (dx, dy) = ((to.0 - from.0) as f32, (to.1 - from.1) as f32);
        let length = (dx * dx + dy * dy).max(f32::MIN_POSITIVE);
        let far = reach.ceil() as i32;
        for y in from.1.min(to.1) - far..=from.1.max(to.1) + far {
            for x in from.0.min(to.0) - far..=from.0.max(to.0) + far {
                let (px, py) = ((x - from.0) as f32, (y - from.1) as f32);
                let along = ((px * dx + py * dy) / length).clamp(0.0, 1.0);
                let away = (px - along * dx).hypot(py - along * dy);
                let part = (reach - away).clamp(0.0, 1.0);
                if part > 0.0 {
                    self.cover(x, y, rgb, part * alpha);
                }
            }
        }
    }

    /// A filled disc whose edge is one pixel soft.
    pub(super) fn disc(&mut self, (x, y): (f32, f32), radius: f32, rgb: (u8, u8, u8), alpha: f32) {
        let reach = radius + 0.5;
        for row in (y - reach).floor() as i32..=(y + reach).ceil() as i32 {
            for column in (x - reach).floor() as i32..=(x + reach).ceil() as i32 {
                let away = (column as f32 + 0.5 - x).hypot(row as f32 + 0.5 - y);
                let part = (reach - away).clamp(0.0, 1.0);
                if part > 0.0 {
                    self.cover(column, row, rgb, part * alpha);
                }
            }
        }
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = PlotError;

    fn get_size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<PlotError>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<PlotError>> {
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        (x, y): BackendCoord,
        colour: BackendColor,
    ) -> Result<(), DrawingErrorKind<PlotError>> {
        self.cover(x, y, colour.rgb, colour.alpha as f32);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<PlotError>> {
        let colour = style.color();
        let thick = style.stroke_width() as f32;
        let mut before: Option<BackendCoord> = None;
        for to in path {
            if let Some(from) = before {
                self.line(from, to, thick, colour.rgb, colour.alpha as f32);
            }
            before = Some(to);
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Result<(), DrawingErrorKind<PlotError>> {
        let colour = style.color();
        self.disc((x as f32, y as f32), radius as f32, colour.rgb, colour.alpha as f32);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Result<(), DrawingErrorKind<PlotError>> {
        let em = (style.size() / 1.24) as f32;
        let bold = matches!(style.style(), FontStyle::Bold);
        let width = font::width(text, em, bold);
        let left = x as f32
            - match style.anchor().h_pos {
                HPos::Left => 0.0,
                HPos::Center => width / 2.0,
                HPos::Right => width,
            };
        let colour = style.color();
        let baseline = (y as f32 + HALF_EX * em).round();
        font::draw(text, em, bold, (left, baseline), |x, y, part| {
            self.cover(x, y, colour.rgb, part * colour.alpha as f32);
        })
        .map_err(DrawingErrorKind::DrawingError)
    }
}
