//! Text that others wrote, for a terminal.
//!
//! In: what a command prints for people. Out: the same, where what would steer the terminal, or show the text in another order than it is
//! written, is seen as an escape. Always: line ends and tabs stay; JSON has escapes of its own, and pages need none.

use std::borrow::Cow;

/// The text with each control character as `\u{…}`.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if steers(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// C0 but line ends and tabs, DEL, C1, and the overrides of a text's direction.
fn steers(c: char) -> bool {
    let is_laid_out = matches!(c, '\n' | '\t');
    (c.is_control() && !is_laid_out) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_seen_and_all_else_stays() {
        let check = |text: &str, expected: &str| assert_eq!(harmless(text), expected, "{text:?}");
        check("\x1b[2J\x07", "\\u{1b}[2J\\u{7}");
        check("a\rb\0\x7f\u{9b}31m", "a\\u{d}b\\u{0}\\u{7f}\\u{9b}31m");
        check("a\u{202e}b\u{2066}c\u{2069}", "a\\u{202e}b\\u{2066}c\\u{2069}");
        // Joiners and marks of direction are words' own.
        let words = "line\n\ttab  größer 中文 शर्मा\u{200d} \u{200f}עברית \u{feff}🚢";
        check(words, words);
        assert!(matches!(harmless(words), Cow::Borrowed(_)));
    }
}
