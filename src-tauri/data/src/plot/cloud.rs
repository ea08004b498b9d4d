//! Many points in one picture.

use std::fmt::Write as _;

use image::ImageEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

use super::canvas::Canvas;
use super::{PlotError, segment_colour};

/// Points drawn one by one into an SVG; a larger cloud goes in as one embedded image.
pub(super) const SVG_POINTS: usize = 20_000;

/// Points in pixels of the picture.
pub(super) struct Cloud<'a> {
    /// Where each point is.
    pub(super) places: Vec<(f32, f32)>,
    pub(super) labels: &'a [u16],
    pub(super) dark: bool,
    pub(super) radius: f32,
    pub(super) alpha: f32,
    /// Left, top, width and height of what the points are in.
    pub(super) frame: (i32, i32, u32, u32),
}

impl Cloud<'_> {
    /// Every point once, in an order that lets no segment cover another.
    fn order(&self) -> impl Iterator<Item = usize> + '_ {
        let count = self.places.len();
        // A step without a common divisor meets every place; the golden ratio spreads them well.
        let mut step = ((count as f64 * 0.618_034) as usize).max(1);
        while gcd(step, count) > 1 {
            step += 1;
        }
        (0..count).map(move |nth| (nth as u128 * step as u128 % count as u128) as usize)
    }

    /// Paints the points; `scale` pixels stand for one of the picture's.
    pub(super) fn paint(&self, canvas: &mut Canvas, origin: (f32, f32), scale: f32) {
        for at in self.order() {
            let (x, y) = self.places[at];
            let colour = segment_colour(usize::from(self.labels[at]), self.dark);
            let place = ((x - origin.0) * scale, (y - origin.1) * scale);
            canvas.disc(place, self.radius * scale, colour, self.alpha);
        }
    }

    /// The points as SVG elements: circles, or one image where they are too many.
    pub(super) fn svg(&self, paper: (u8, u8, u8)) -> Result<String, PlotError> {
        let mut svg = String::new();
        if self.places.len() > SVG_POINTS {
            let (left, top, width, height) = self.frame;
            let mut pixels = filled(paper, width * 2, height * 2);
            let mut canvas = Canvas::new(&mut pixels, width * 2, height * 2);
            self.paint(&mut canvas, (left as f32, top as f32), 2.0);
            let png = base64(&png(&pixels, width * 2, height * 2)?);
            writeln!(
                svg,
                "<image x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" \
                 href=\"data:image/png;base64,{png}\"/>"
            )
            .map_err(PlotError::draw)?;
            return Ok(svg);
        }
        writeln!(svg, "<g fill-opacity=\"{:.2}\">", self.alpha).map_err(PlotError::draw)?;
        for at in self.order() {
            let ((x, y), radius) = (self.places[at], self.radius);
            let (r, g, b) = segment_colour(usize::from(self.labels[at]), self.dark);
            writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"#{r:02X}{g:02X}{b:02X}\"/>"
            )
            .map_err(PlotError::draw)?;
        }
        svg.push_str("</g>\n");
        Ok(svg)
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

pub(super) fn filled(rgb: (u8, u8, u8), width: u32, height: u32) -> Vec<u8> {
    [rgb.0, rgb.1, rgb.2].repeat(width as usize * height as usize)
}

pub(super) fn png(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, PlotError> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Sub)
        .write_image(pixels, width, height, image::ColorType::Rgb8)
        .map_err(PlotError::draw)?;
    Ok(bytes)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte));
        let word = word << (8 * (3 - three.len()));
        for digit in 0..4 {
            if digit <= three.len() {
                text.push(char::from(DIGITS[(word >> (18 - 6 * digit)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_that_of_the_rfc() {
        let coded = ["", "f", "fo", "foo", "foob"].map(|text| super::base64(text.as_bytes()));
        assert_eq!(coded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }
}
