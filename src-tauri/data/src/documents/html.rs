//! The text of an HTML document, as a person would read it.
//!
//! Tags are cut at as browsers do, without building a tree: documents of office programs and court systems
//! are often no tree at all. Elements that begin a line in a browser begin one here, cells are kept apart
//! by a space, runs of white space are one space, scripts, styles and comments are left out.

use super::entities::reference;

/// What of a document nobody reads.
const UNREAD: [&str; 7] = ["script", "style", "title", "template", "noscript", "svg", "iframe"];

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 42] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
];

/// The text of an HTML document; lines end with `\n`, none is empty.
#[must_use]
pub fn text_of(html: &str) -> String {
    let mut out = Text { text: String::with_capacity(html.len() / 2), ..Text::default() };
    let mut rest = html;
    while !rest.is_empty() {
        let tag = rest.find('<').unwrap_or(rest.len());
        out.add(&rest[..tag]);
        rest = &rest[tag..];
        if rest.is_empty() {
            break;
        }
        let Some(markup) = Markup::at(rest) else {
            out.add("<");
            rest = &rest[1..];
            continue;
        };
        rest = &rest[markup.length..];
        out.tag(&markup);
        if markup.is_start && UNREAD.contains(&markup.name.as_str()) {
            rest = after_end(rest, &markup.name);
        }
    }
    out.text
}

/// A tag, or what else stands between angle brackets.
struct Markup {
    /// Lowercase; empty for comments and declarations.
    name: String,
    is_start: bool,
    length: usize,
}

impl Markup {
    /// What begins at `<`; none where that is a sign of its own, as in `a < b`.
    fn at(text: &str) -> Option<Self> {
        let nameless = |length| Some(Self { name: String::new(), is_start: false, length });
        let until = |end: &str, from: usize| {
            text.get(from..)
                .and_then(|rest| rest.find(end))
                .map_or(text.len(), |at| from + at + end.len())
        };
        if text.starts_with("<!--") {
            // `<!-->` is a whole comment.
            return nameless(until("-->", 2));
        }
        let is_end = text.starts_with("</");
        let inner = &text[1 + usize::from(is_end)..];
        match inner.chars().next()? {
            '!' | '?' if !is_end => return nameless(until(">", 1)),
            c if c.is_ascii_alphabetic() => {}
            _ if is_end => return nameless(until(">", 1)),
            _ => return None,
        }
        let end = inner.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
        let name = inner[..end.unwrap_or(inner.len())].to_ascii_lowercase();
        let mut quote = None;
        let mut before = ' ';
        let close = text.char_indices().skip(1).find(|&(_, c)| {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => {}
                // A quote opens a value; elsewhere it is a slip of whoever wrote it.
                None if matches!(c, '"' | '\'') && before == '=' => quote = Some(c),
                None if c == '>' => return true,
                None => {}
            }
            if !c.is_ascii_whitespace() {
                before = c;
            }
            false
        });
        // A quote that is never closed would swallow the document.
        let length = close.map_or_else(|| until(">", 1), |(at, _)| at + 1);
        Some(Self { name, is_start: !is_end, length })
    }
}

/// What follows the end tag of an element whose content is not read.
fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    let ends = text.match_indices("</").map(|(at, _)| &text[at..]);
    let is_of_name = |rest: &&str| {
        rest.get(2..2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    let mut ends = ends.filter(is_of_name);
    ends.next().map_or("", |rest| rest.find('>').map_or("", |at| &rest[at + 1..]))
}

#[derive(Default)]
struct Text {
    text: String,
    line_due: bool,
    space_due: bool,
    /// Open elements whose line ends count.
    kept: u32,
}

impl Text {
    fn tag(&mut self, markup: &Markup) {
        match markup.name.as_str() {
            "td" | "th" => self.space_due = true,
            name if BLOCKS.contains(&name) => self.line_due = true,
            _ => {}
        }
        if markup.name == "pre" {
            let change = if markup.is_start { 1 } else { -1 };
            self.kept = self.kept.saturating_add_signed(change);
        }
    }

    /// Adds characters, references among them.
    fn add(&mut self, mut raw: &str) {
        while let Some(at) = raw.find('&') {
            raw[..at].chars().for_each(|c| self.push(c));
            let (c, length) = reference(&raw[at..]).unwrap_or(('&', 1));
            self.push(c);
            raw = &raw[at + length..];
        }
        raw.chars().for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        match c {
            '\n' if self.kept > 0 => self.line_due = true,
            c if c.is_whitespace() => self.space_due = true,
            // Where a word may be broken is no part of it.
            '\u{AD}' | '\u{200B}' | '\u{FEFF}' => {}
            c => {
                if !self.text.is_empty() {
                    match (self.line_due, self.space_due) {
                        (true, _) => self.text.push('\n'),
                        (_, true) => self.text.push(' '),
                        _ => {}
                    }
                }
                (self.line_due, self.space_due) = (false, false);
                self.text.push(c);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_a_person_reads() {
        for (html, text) in [
            ("<p>Um</p><p>dois<br>tr&ecirc;s</p>", "Um\ndois\ntrês"),
            ("<P CLASS=x>R$&nbsp;1.000,00 \n  à\tvista</P>", "R$ 1.000,00 à vista"),
            (
                "<table><tr><td>Autor</td><td>Ana</td></tr><tr><td>x</td></tr></table>",
                "Autor Ana\nx",
            ),
            ("<b>pro</b>cesso e <i>au</i>tos", "processo e autos"),
            ("<title>t</title><script>if (a<b) '</p>'</script>x<style>p{}</STYLE >y", "xy"),
            ("a<!-- <p>não</p> -->b<!---->c<!-->d<?xml ?>e<![CDATA[f]]>g", "abcdeg"),
            ("<img alt=\"a > b\"><a href='x\">'>y</a>", "y"),
            ("<p title=\"aberto>z</p>fim", "z\nfim"),
            ("3 < 5 & 7 > 2 </ p>fim", "3 < 5 & 7 > 2 fim"),
            ("<pre>um\n  dois</pre>três", "um\ndois\ntrês"),
            ("in\u{AD}cons&shy;ti&#8203;tucional", "inconstitucional"),
            ("<p>sem fim <b", "sem fim"),
            ("<script>sem fim", ""),
            ("ação</", "ação</"),
        ] {
            assert_eq!(text_of(html), text, "{html}");
        }
    }

    #[test]
    fn a_document_of_nothing_but_brackets_takes_no_time() {
        let began = std::time::Instant::now();
        assert_eq!(text_of(&"<".repeat(1 << 20)).len(), 1 << 20);
        let _ = text_of(&"<a ".repeat(1 << 18));
        let _ = text_of(&"<a '".repeat(1 << 18));
        let _ = text_of(&"<!-- ".repeat(1 << 18));
        let _ = text_of(&"<script>".repeat(1 << 18));
        assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    }
}
