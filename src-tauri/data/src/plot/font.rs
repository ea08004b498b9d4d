//! The typeface that comes with the program.

use std::borrow::Cow;
use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, ScaleFont};

use super::PlotError;

static REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.ttf");
static SEMIBOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.ttf");

pub(super) fn face(bold: bool) -> Result<&'static FontRef<'static>, PlotError> {
    static FACES: [OnceLock<Option<FontRef<'static>>>; 2] = [OnceLock::new(), OnceLock::new()];
    let (cell, bytes) = if bold { (&FACES[1], SEMIBOLD) } else { (&FACES[0], REGULAR) };
    cell.get_or_init(|| FontRef::try_from_slice(bytes).ok())
        .as_ref()
        .ok_or_else(|| PlotError::draw("the typeface is damaged"))
}

/// Width of a text in pixels; `em` is the type's size in pixels.
pub(super) fn width(text: &str, em: f32, bold: bool) -> f32 {
    let Ok(face) = face(bold) else { return 0.0 };
    let Some(scale) = face.pt_to_px_scale(em * 0.75) else { return 0.0 };
    let face = face.as_scaled(scale);
    text.chars().map(|letter| face.h_advance(face.glyph_id(letter))).sum()
}

/// The text, or as much of it as fits with an ellipsis.
pub(super) fn fit(text: &str, em: f32, bold: bool, room: f32) -> Cow<'_, str> {
    if width(text, em, bold) <= room {
        return Cow::Borrowed(text);
    }
    let mut kept = text;
    while let Some((at, _)) = kept.char_indices().next_back() {
        kept = kept[..at].trim_end();
        if width(kept, em, bold) + width("…", em, bold) <= room {
            break;
        }
    }
    Cow::Owned(format!("{kept}…"))
}

/// Calls `dot` with every pixel a text touches and how much of it is covered.
pub(super) fn draw(
    text: &str,
    em: f32,
    bold: bool,
    (x, baseline): (f32, f32),
    mut dot: impl FnMut(i32, i32, f32),
) -> Result<(), PlotError> {
    let font = face(bold)?;
    let scale = font
        .pt_to_px_scale(em * 0.75)
        .ok_or_else(|| PlotError::draw("the typeface has no size"))?;
    let scaled = font.as_scaled(scale);
    let mut pen = x;
    for letter in text.chars() {
        let id = scaled.glyph_id(letter);
        let glyph = id.with_scale_and_position(scale, ab_glyph::point(pen, baseline));
        if let Some(outline) = font.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, part| {
                dot(corner.x as i32 + dx as i32, corner.y as i32 + dy as i32, part);
            });
        }
        pen += scaled.h_advance(id);
    }
    Ok(())
}
