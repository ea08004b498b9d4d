//! Character references of HTML: the names of HTML 4 (<https://www.w3.org/TR/html401/sgml/entities.html>),
//! which is what editors write, and numbers.

/// Names of U+00A0 to U+00FF in their order; these also count without a semicolon.
const LATIN_1: &str = "\
    nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave \
    Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc \
    Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute \
    THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml \
    igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml";

/// All others, by name.
#[rustfmt::skip]
const OTHERS: [(&str, char); 157] = [
    ("Alpha", '\u{391}'), ("Beta", '\u{392}'), ("Chi", '\u{3A7}'), ("Dagger", '\u{2021}'),
    ("Delta", '\u{394}'), ("Epsilon", '\u{395}'), ("Eta", '\u{397}'), ("Gamma", '\u{393}'),
    ("Iota", '\u{399}'), ("Kappa", '\u{39A}'), ("Lambda", '\u{39B}'), ("Mu", '\u{39C}'),
    ("Nu", '\u{39D}'), ("OElig", '\u{152}'), ("Omega", '\u{3A9}'), ("Omicron", '\u{39F}'),
    ("Phi", '\u{3A6}'), ("Pi", '\u{3A0}'), ("Prime", '\u{2033}'), ("Psi", '\u{3A8}'),
    ("Rho", '\u{3A1}'), ("Scaron", '\u{160}'), ("Sigma", '\u{3A3}'), ("Tau", '\u{3A4}'),
    ("Theta", '\u{398}'), ("Upsilon", '\u{3A5}'), ("Xi", '\u{39E}'), ("Yuml", '\u{178}'),
    ("Zeta", '\u{396}'), ("alefsym", '\u{2135}'), ("alpha", '\u{3B1}'), ("amp", '\u{26}'),
    ("and", '\u{2227}'), ("ang", '\u{2220}'), ("apos", '\u{27}'), ("asymp", '\u{2248}'),
    ("bdquo", '\u{201E}'), ("beta", '\u{3B2}'), ("bull", '\u{2022}'), ("cap", '\u{2229}'),
    ("chi", '\u{3C7}'), ("circ", '\u{2C6}'), ("clubs", '\u{2663}'), ("cong", '\u{2245}'),
    ("crarr", '\u{21B5}'), ("cup", '\u{222A}'), ("dArr", '\u{21D3}'), ("dagger", '\u{2020}'),
    ("darr", '\u{2193}'), ("delta", '\u{3B4}'), ("diams", '\u{2666}'), ("empty", '\u{2205}'),
    ("emsp", '\u{2003}'), ("ensp", '\u{2002}'), ("epsilon", '\u{3B5}'), ("equiv", '\u{2261}'),
    ("eta", '\u{3B7}'), ("euro", '\u{20AC}'), ("exist", '\u{2203}'), ("fnof", '\u{192}'),
    ("forall", '\u{2200}'), ("frasl", '\u{2044}'), ("gamma", '\u{3B3}'), ("ge", '\u{2265}'),
    ("gt", '\u{3E}'), ("hArr", '\u{21D4}'), ("harr", '\u{2194}'), ("hearts", '\u{2665}'),
    ("hellip", '\u{2026}'), ("image", '\u{2111}'), ("infin", '\u{221E}'), ("int", '\u{222B}'),
    ("iota", '\u{3B9}'), ("isin", '\u{2208}'), ("kappa", '\u{3BA}'), ("lArr", '\u{21D0}'),
    ("lambda", '\u{3BB}'), ("lang", '\u{2329}'), ("larr", '\u{2190}'), ("lceil", '\u{2308}'),
    ("ldquo", '\u{201C}'), ("le", '\u{2264}'), ("lfloor", '\u{230A}'), ("lowast", '\u{2217}'),
    ("loz", '\u{25CA}'), ("lrm", '\u{200E}'), ("lsaquo", '\u{2039}'), ("lsquo", '\u{2018}'),
    ("lt", '\u{3C}'), ("mdash", '\u{2014}'), ("minus", '\u{2212}'), ("mu", '\u{3BC}'),
    ("nabla", '\u{2207}'), ("ndash", '\u{2013}'), ("ne", '\u{2260}'), ("ni", '\u{220B}'),
    ("notin", '\u{2209}'), ("nsub", '\u{2284}'), ("nu", '\u{3BD}'), ("oelig", '\u{153}'),
    ("oline", '\u{203E}'), ("omega", '\u{3C9}'), ("omicron", '\u{3BF}'), ("oplus", '\u{2295}'),
    ("or", '\u{2228}'), ("otimes", '\u{2297}'), ("part", '\u{2202}'), ("permil", '\u{2030}'),
    ("perp", '\u{22A5}'), ("phi", '\u{3C6}'), ("pi", '\u{3C0}'), ("piv", '\u{3D6}'),
    ("prime", '\u{2032}'), ("prod", '\u{220F}'), ("prop", '\u{221D}'), ("psi", '\u{3C8}'),
    ("quot", '\u{22}'), ("rArr", '\u{21D2}'), ("radic", '\u{221A}'), ("rang", '\u{232A}'),
    ("rarr", '\u{2192}'), ("rceil", '\u{2309}'), ("rdquo", '\u{201D}'), ("real", '\u{211C}'),
    ("rfloor", '\u{230B}'), ("rho", '\u{3C1}'), ("rlm", '\u{200F}'), ("rsaquo", '\u{203A}'),
    ("rsquo", '\u{2019}'), ("sbquo", '\u{201A}'), ("scaron", '\u{161}'), ("sdot", '\u{22C5}'),
    ("sigma", '\u{3C3}'), ("sigmaf", '\u{3C2}'), ("sim", '\u{223C}'), ("spades", '\u{2660}'),
    ("sub", '\u{2282}'), ("sube", '\u{2286}'), ("sum", '\u{2211}'), ("sup", '\u{2283}'),
    ("supe", '\u{2287}'), ("tau", '\u{3C4}'), ("there4", '\u{2234}'), ("theta", '\u{3B8}'),
    ("thetasym", '\u{3D1}'), ("thinsp", '\u{2009}'), ("tilde", '\u{2DC}'),
    ("trade", '\u{2122}'), ("uArr", '\u{21D1}'), ("uarr", '\u{2191}'), ("upsih", '\u{3D2}'),
    ("upsilon", '\u{3C5}'), ("weierp", '\u{2118}'), ("xi", '\u{3BE}'), ("zeta", '\u{3B6}'),
    ("zwj", '\u{200D}'), ("zwnj", '\u{200C}'),
];

/// The character that the reference at the start of `text`, which begins with `&`, stands for, and its
/// length in bytes.
pub(super) fn reference(text: &str) -> Option<(char, usize)> {
    let rest = &text[1..];
    if let Some(number) = rest.strip_prefix('#') {
        return numeric(number).map(|(c, length)| (c, length + 2));
    }
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let name = &rest[..end];
    if rest[end..].starts_with(';') {
        return Some((named(name)?, end + 2));
    }
    // The longest beginning counts: `&eacutea` is `éa`.
    (2..=end.min(6)).rev().find_map(|end| Some((loose(&name[..end])?, end + 1)))
}

fn named(name: &str) -> Option<char> {
    let of_others = || OTHERS.binary_search_by(|(one, _)| one.cmp(&name)).ok();
    latin_1(name).or_else(|| of_others().map(|at| OTHERS[at].1))
}

fn latin_1(name: &str) -> Option<char> {
    let at = LATIN_1.split_ascii_whitespace().position(|one| one == name)?;
    char::from_u32(0xA0 + at as u32)
}

fn loose(name: &str) -> Option<char> {
    let is_old = matches!(name, "amp" | "lt" | "gt" | "quot");
    latin_1(name).or_else(|| is_old.then(|| named(name)).flatten())
}

/// `231;`, `xE7;`: what browsers make of them, Windows-1252 among them
/// (<https://html.spec.whatwg.org/multipage/parsing.html#numeric-character-reference-end-state>).
fn numeric(text: &str) -> Option<(char, usize)> {
    let (radix, skipped) = if text.starts_with(['x', 'X']) { (16, 1) } else { (10, 0) };
    let digits = &text[skipped..];
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    if end == 0 {
        return None;
    }
    let length = skipped + end + usize::from(digits[end..].starts_with(';'));
    let c = match u32::from_str_radix(&digits[..end], radix) {
        Ok(code @ 0x80..=0x9F) => {
            let byte = [u8::try_from(code).ok()?];
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte).0.chars().next()
        }
        Ok(0) | Err(_) => None,
        Ok(code) => char::from_u32(code),
    };
    Some((c.unwrap_or('\u{FFFD}'), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_what_browsers_make_of_them() {
        for (text, c, length) in [
            ("&ccedil;a", 'ç', 8),
            ("&nbsp;", '\u{A0}', 6),
            ("&eacutea", 'é', 7),
            ("&amp", '&', 4),
            ("&ordm;", 'º', 6),
            ("&euro;", '€', 6),
            ("&#231;", 'ç', 6),
            ("&#xE7 ", 'ç', 5),
            ("&#150;", '–', 6),
            ("&#1114112;", '\u{FFFD}', 10),
        ] {
            assert_eq!(reference(text), Some((c, length)), "{text}");
        }
        for text in ["& b", "&euro b", "&nada;", "&#;", "&", "&x"] {
            assert_eq!(reference(text), None, "{text}");
        }
        assert!(OTHERS.is_sorted());
        assert_eq!(LATIN_1.split_ascii_whitespace().count(), 96);
    }
}
