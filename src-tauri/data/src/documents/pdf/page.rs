//! A page's operators as lines of text (ISO 32000-1, 9.4): strings stand where matrices put them, and what
//! lies between two of them is a space or a line's end by how far they are apart.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::Object;
use lopdf::content::Content;

use super::font::Font;

/// A gap of so much of the font's size is a space: of most fonts a space is a quarter, kerning a tenth.
const SPACE: f32 = 0.17;
/// So far below or above, in font sizes, is another line: what is raised stays in its own.
const LINE: f32 = 0.5;
/// Most states that are saved at once, as readers have it (Annex C).
const SAVED: usize = 256;

/// `[a b c d e f]`: x' = a x + c y + e, y' = b x + d y + f.
#[derive(Debug, Clone, Copy)]
struct Matrix([f32; 6]);

impl Matrix {
    const SAME: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    fn moved(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First `self`, then `next`.
    fn then(self, next: Self) -> Self {
        let ([a, b, c, d, e, f], [p, q, r, s, t, u]) = (self.0, next.0);
        Self([
            a * p + b * r,
            a * q + b * s,
            c * p + d * r,
            c * q + d * s,
            e * p + f * r + t,
            e * q + f * s + u,
        ])
    }
}

/// What `q` saves and `Q` brings back.
#[derive(Clone)]
struct State<'a, 'f> {
    page: Matrix,
    font: Option<&'a Rc<Font<'f>>>,
    size: f32,
    /// Added to every character, and to every space; the width of all, 1 as they are.
    spacing: f32,
    word_spacing: f32,
    scale: f32,
    leading: f32,
}

struct Writer<'a, 'f, 't> {
    fonts: &'a HashMap<Vec<u8>, Rc<Font<'f>>>,
    state: State<'a, 'f>,
    saved: Vec<State<'a, 'f>>,
    /// Where the next character stands, and where its line began.
    at: Matrix,
    line: Matrix,
    /// Where the last character ended on the page.
    end: Option<(f32, f32)>,
    text: &'t mut String,
}

/// Appends the text of a page's content.
pub(super) fn write<'f>(
    content: &[u8],
    fonts: &HashMap<Vec<u8>, Rc<Font<'f>>>,
    text: &mut String,
) -> lopdf::Result<()> {
    let state = State {
        page: Matrix::SAME,
        font: None,
        size: 0.0,
        spacing: 0.0,
        word_spacing: 0.0,
        scale: 1.0,
        leading: 0.0,
    };
    let (at, line) = (Matrix::SAME, Matrix::SAME);
    let mut writer = Writer { fonts, state, saved: Vec::new(), at, line, end: None, text };
    for operation in Content::decode(content)?.operations {
        writer.follow(&operation.operator, &operation.operands);
    }
    Ok(())
}

impl<'a, 'f> Writer<'a, 'f, '_> {
    fn follow(&mut self, operator: &str, operands: &[Object]) {
        let numbers: Vec<f32> = operands.iter().filter_map(|one| one.as_float().ok()).collect();
        let string = |at: usize| operands.get(at).and_then(|one| one.as_str().ok());
        match (operator, numbers.as_slice()) {
            ("q", _) if self.saved.len() < SAVED => self.saved.push(self.state.clone()),
            ("Q", _) => self.state = self.saved.pop().unwrap_or_else(|| self.state.clone()),
            ("cm", &[a, b, c, d, e, f]) => {
                self.state.page = Matrix([a, b, c, d, e, f]).then(self.state.page);
            }
            ("BT", _) => (self.at, self.line) = (Matrix::SAME, Matrix::SAME),
            ("Tf", &[size]) => {
                let name = operands.first().and_then(|name| name.as_name().ok());
                self.state.font = name.and_then(|name| self.fonts.get(name));
                self.state.size = size;
            }
            ("Tc", &[spacing]) => self.state.spacing = spacing,
            ("Tw", &[spacing]) => self.state.word_spacing = spacing,
            ("Tz", &[percent]) => self.state.scale = percent / 100.0,
            ("TL", &[leading]) => self.state.leading = leading,
            ("Tm", &[a, b, c, d, e, f]) => {
                self.line = Matrix([a, b, c, d, e, f]);
                self.at = self.line;
            }
            ("Td", &[x, y]) => self.next_line(x, y),
            ("TD", &[x, y]) => {
                self.state.leading = -y;
                self.next_line(x, y);
            }
            ("T*", _) => self.next_line(0.0, -self.state.leading),
            ("Tj", _) => self.show(string(0)),
            ("'", _) => {
                self.next_line(0.0, -self.state.leading);
                self.show(string(0));
            }
            ("\"", &[word_spacing, spacing]) => {
                (self.state.word_spacing, self.state.spacing) = (word_spacing, spacing);
                self.next_line(0.0, -self.state.leading);
                self.show(string(2));
            }
            ("TJ", _) => {
                let all = operands.first().and_then(|all| all.as_array().ok());
                for one in all.into_iter().flatten() {
                    match one.as_float() {
                        Ok(back) => self.advance(-back / 1000.0 * self.state.size),
                        Err(_) => self.show(one.as_str().ok()),
                    }
                }
            }
            _ => {}
        }
    }

    fn next_line(&mut self, x: f32, y: f32) {
        self.line = Matrix::moved(x, y).then(self.line);
        self.at = self.line;
    }

    fn advance(&mut self, by: f32) {
        self.at = Matrix::moved(by * self.state.scale, 0.0).then(self.at);
    }

    /// Where the next character stands on the page, and how large the font is there.
    fn place(&self) -> ((f32, f32), f32) {
        let [.., c, d, e, f] = self.at.then(self.state.page).0;
        ((e, f), self.state.size.abs() * c.hypot(d))
    }

    fn show(&mut self, codes: Option<&[u8]>) {
        let (Some(codes), Some(font)) = (codes, self.state.font) else { return };
        let text = font.text(codes);
        let ((x, y), size) = self.place();
        if let Some((end_x, end_y)) = self.end
            && !text.trim().is_empty()
        {
            // What goes back far stands in another column, or is the next line of a slanted text.
            let is_line = (y - end_y).abs() > LINE * size || end_x - x > 2.0 * size;
            let is_space = (x - end_x).abs() > SPACE * size;
            if is_line {
                let kept = self.text.trim_end_matches(' ').len();
                self.text.truncate(kept);
            }
            if is_line && !self.text.ends_with('\n') {
                self.text.push('\n');
            } else if is_space && !self.text.ends_with([' ', '\n']) && !text.starts_with(' ') {
                self.text.push(' ');
            }
        }
        // A bare line end would be taken for the page's own.
        self.text.extend(text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
        let (width, characters, spaces) = font.width(codes);
        let State { size, spacing, word_spacing, .. } = self.state;
        self.advance(
            width / 1000.0 * size + spacing * characters as f32 + word_spacing * spaces as f32,
        );
        if !text.trim().is_empty() {
            self.end = Some(self.place().0);
        }
    }
}
