//! Colours of segments and grounds.

use plotters_backend::BackendColor;

/// Okabe and Ito's eight (2008), the ones that stand out most first.
const OKABE_ITO: [(u8, u8, u8); 8] = [
    (0x00, 0x72, 0xB2),
    (0xE6, 0x9F, 0x00),
    (0x00, 0x9E, 0x73),
    (0xD5, 0x5E, 0x00),
    (0xCC, 0x79, 0xA7),
    (0x56, 0xB4, 0xE9),
    (0xF0, 0xE4, 0x42),
    (0x00, 0x00, 0x00),
];

/// The colours of a picture's ground and text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground {
    pub(super) paper: (u8, u8, u8),
    pub(super) ink: (u8, u8, u8),
    pub(super) muted: (u8, u8, u8),
    pub(super) line: (u8, u8, u8),
    pub(super) accent: (u8, u8, u8),
}

impl Ground {
    pub(super) fn new(dark: bool) -> Self {
        if dark {
            Self {
                paper: (0x14, 0x17, 0x1C),
                ink: (0xEC, 0xEE, 0xF1),
                muted: (0xA3, 0xAB, 0xB6),
                line: (0x33, 0x39, 0x42),
                accent: (0x56, 0xB4, 0xE9),
            }
        } else {
            Self {
                paper: (0xFF, 0xFF, 0xFF),
                ink: (0x1B, 0x1F, 0x24),
                muted: (0x5B, 0x64, 0x70),
                line: (0xD9, 0xDD, 0xE2),
                accent: (0x00, 0x72, 0xB2),
            }
        }
    }
}

/// The colour of a segment: Okabe–Ito's eight, then the same darker, lighter, darker
/// still … (on a dark ground lighter first).
/// On a dark ground the black of the eight is white; on a white one its yellow is deeper.
#[must_use]
pub fn segment_colour(segment: usize, dark: bool) -> (u8, u8, u8) {
    let base = match OKABE_ITO[segment % 8] {
        (0, 0, 0) if dark => (0xE6, 0xE6, 0xE6),
        // Yellow hardly shows on white paper.
        (0xF0, ..) if !dark => (0xD6, 0xC4, 0x1C),
        // Beside the text, the last of the eight is a grey on white paper.
        (0, 0, 0) => (0x3A, 0x3A, 0x3A),
        base => base,
    };
    let step = segment / 8;
    let part = 0.45 + 0.15 * (step.saturating_sub(1) / 2) as f32;
    // First away from the paper, where the steps are easiest to see.
    match (step, (step % 2 == 1) == dark) {
        (0, _) => base,
        (_, true) => mix(base, (255, 255, 255), part.min(0.7)),
        (_, false) => mix(base, (0, 0, 0), part.min(if dark { 0.4 } else { 0.7 })),
    }
}

pub(super) fn mix(from: (u8, u8, u8), to: (u8, u8, u8), part: f32) -> (u8, u8, u8) {
    let one = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * part).round() as u8;
    (one(from.0, to.0), one(from.1, to.1), one(from.2, to.2))
}

/// Black or white, whichever reads better on a colour (WCAG relative luminance).
pub(super) fn text_on(colour: (u8, u8, u8)) -> (u8, u8, u8) {
    let linear = |part: u8| {
        let part = f32::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let light = 0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2);
    if light > 0.179 { (0x10, 0x10, 0x10) } else { (255, 255, 255) }
}

pub(super) fn solid(rgb: (u8, u8, u8)) -> BackendColor {
    BackendColor { alpha: 1.0, rgb }
}
