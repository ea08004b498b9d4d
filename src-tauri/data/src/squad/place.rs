//! Whether an answer stands where it is said to.

/// Where an answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// Where it is said to.
    There,
    /// Elsewhere: the first character of the occurrence that begins nearest, the earlier of two as near.
    Elsewhere(usize),
    /// Nowhere in the context.
    Nowhere,
}

/// Looks whether `text` begins at character `start` of `context`, and else where.
#[must_use]
pub fn place(context: &str, text: &str, start: i64) -> Placed {
    let said = usize::try_from(start).ok().and_then(|start| {
        context.char_indices().map(|(at, _)| at).chain([context.len()]).nth(start)
    });
    if said.is_some_and(|at| context[at..].starts_with(text)) {
        return Placed::There;
    }
    let mut nearest: Option<(u64, usize)> = None;
    let (mut from, mut chars) = (0, 0);
    while let Some(found) = context[from..].find(text) {
        chars += context[from..from + found].chars().count();
        let away = (chars as i64).abs_diff(start);
        if nearest.is_some_and(|(least, _)| away >= least) {
            // Those that follow are farther still.
            break;
        }
        nearest = Some((away, chars));
        from += found;
        let Some(next) = context[from..].chars().next() else { break };
        from += next.len_utf8();
        chars += 1;
    }
    nearest.map_or(Placed::Nowhere, |(_, start)| Placed::Elsewhere(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters() {
        let context = "São João não é São José";
        assert_eq!(place(context, "São", 0), Placed::There);
        assert_eq!(place(context, "São", 15), Placed::There);
        assert_eq!(place(context, "São", 9), Placed::Elsewhere(15));
        assert_eq!(place(context, "São", 7), Placed::Elsewhere(0));
        assert_eq!(place(context, "São", -3), Placed::Elsewhere(0));
        assert_eq!(place(context, "São", 900), Placed::Elsewhere(15));
        assert_eq!(place(context, "sao", 0), Placed::Nowhere);
        assert_eq!(place("aaaa", "aa", 9), Placed::Elsewhere(2));
    }
}
