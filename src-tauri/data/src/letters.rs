//! Numbers as letters, as spreadsheets name their columns and Mirante its segments.

/// A to Z, then AA, AB, … for 0, 1, ….
pub(crate) fn name(number: usize) -> String {
    let mut rest = number + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 701, 702].map(super::name), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
