//! Whether a `precompiled_charsmap` is whole. It is a trie in two arrays, as Darts-clone has it, and
//! texts to replace its keys with: <https://github.com/google/sentencepiece/blob/master/src/normalizer.cc>.
//! What reads it follows it wherever it leads.

/// Says what is broken, where something is.
pub(super) fn check(charsmap: &[u8]) -> Result<(), String> {
    let (size, rest) = charsmap.split_first_chunk().ok_or("it has no size")?;
    let size = u32::from_le_bytes(*size) as usize;
    let (trie, texts) = rest.split_at_checked(size).ok_or("it is cut off")?;
    let (units, left) = trie.as_chunks();
    let units: Vec<usize> = units.iter().map(|&unit| u32::from_le_bytes(unit) as usize).collect();
    if units.is_empty() || !left.is_empty() {
        return Err(format!("its trie has {size} bytes"));
    }
    let texts = std::str::from_utf8(texts).map_err(|error| error.to_string())?;
    let mut seen = vec![false; units.len()];
    let mut bases = vec![offset(units[0])];
    while let Some(base) = bases.pop() {
        // Any byte may follow, whatever the trie has for it.
        if base | 0xff >= units.len() {
            return Err(format!("its trie leads to {base} of {}", units.len()));
        }
        if std::mem::replace(&mut seen[base], true) {
            continue;
        }
        for byte in 1..=0xff {
            let at = base ^ byte;
            let unit = units[at];
            if label(unit) != byte {
                continue;
            }
            let next = at ^ offset(unit);
            bases.push(next);
            if has_leaf(unit) {
                let text = units.get(next).map(|&unit| value(unit));
                if !text.is_some_and(|text| texts.is_char_boundary(text)) {
                    return Err(format!("its trie has {text:?} of {} bytes", texts.len()));
                }
            }
        }
    }
    Ok(())
}

fn has_leaf(unit: usize) -> bool {
    unit >> 8 & 1 == 1
}

fn value(unit: usize) -> usize {
    unit & 0x7fff_ffff
}

fn label(unit: usize) -> usize {
    unit & 0x8000_00ff
}

fn offset(unit: usize) -> usize {
    (unit >> 10) << ((unit & 1 << 9) >> 6)
}
