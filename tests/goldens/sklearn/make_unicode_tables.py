"""Writes src-tauri/data/src/text/tables.rs: what CPython itself calls a word character, how it
lowercases, and which characters decide a final sigma.

The tables are read off CPython's own behaviour (`re`, `str.lower`), so that tokens equal
scikit-learn's on that interpreter. Run with the interpreter named in the output's first lines:

    python make_unicode_tables.py > ../../../src-tauri/data/src/text/tables.rs
"""

import re
import sys
import unicodedata

CODE_POINTS = [c for c in range(0x80, 0x110000) if not 0xD800 <= c <= 0xDFFF]


def ranges(predicate):
    """Inclusive ranges of the non-ASCII code points for which `predicate` holds."""
    found = []
    for code in CODE_POINTS:
        if not predicate(chr(code)):
            continue
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def lowering():
    """Runs `(first, last, step, delta)` of code points whose lowercase is one other code point."""
    runs = []
    for code in CODE_POINTS:
        lower = chr(code).lower()
        if lower == chr(code) or len(lower) > 1:
            continue
        delta = ord(lower) - code
        if runs and runs[-1][3] == delta:
            first, last, step, _ = runs[-1]
            gap = code - last
            if (first == last and gap <= 2) or gap == step:
                runs[-1] = [first, code, gap, delta]
                continue
        runs.append([code, code, 1, delta])
    return runs


def show(name, kind, doc, rows):
    print(f"\n/// {doc}")
    print("#[rustfmt::skip]")
    print(f"pub(super) const {name}: &[{kind}] = &[")
    line = "   "
    for row in rows:
        cell = " (" + ", ".join(format(n, "#x") if n >= 0 and i < 2 else str(n) for i, n in enumerate(row)) + "),"
        if len(line) + len(cell) > 99:
            print(line)
            line = "   "
        line += cell
    print(line)
    print("];")


def final_sigma(text):
    return text.lower()[1] == "\u03c2"


version = ".".join(map(str, sys.version_info[:3]))
print(f"//! Read off CPython {version} (Unicode {unicodedata.unidata_version}) by")
print("//! `tests/goldens/sklearn/make_unicode_tables.py`; do not edit by hand.")
print("//! ASCII is left out everywhere: the tokenizer has it in a table of its own.")
word = re.compile(r"\w")
show("WORD", "(u32, u32)", r"Inclusive ranges of the characters that `\w` matches.", ranges(lambda c: bool(word.match(c))))
show(
    "LOWER",
    "(u32, u32, u32, i32)",
    "Runs `(first, last, step, delta)`: the lowercase of `c` is `c + delta`. `U+0130`, whose lowercase\n/// is two characters, is not among them.",
    lowering(),
)
# After "aΣ", a character that cases ends the search for a final sigma, one that is ignorable
# lets it go on, and any other one makes the sigma final.
show("CASED", "(u32, u32)", "Characters that case and are not case-ignorable.", ranges(lambda c: not final_sigma("a\u03a3" + c)))
show(
    "CASE_IGNORABLE",
    "(u32, u32)",
    "Case-ignorable characters.",
    ranges(lambda c: final_sigma("a\u03a3" + c) and not final_sigma("a\u03a3" + c + "a")),
)
