//! Text → its lines, trimmed and measured by place.
//!
//! In: text as scraped. Out: the lines that hold anything, with their byte offsets. Always: in order, without overlap, none
//! empty, none beginning or ending with white space or a zero-width space; one pass.

use memchr::{memchr_iter, memchr3, memmem};

use crate::fast::bits::{self, BLOCK};

const RARE_BREAKS: [&str; 3] = ["\u{85}", "\u{2028}", "\u{2029}"];

/// A line of the input: the bytes `start..end`, trimmed. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Line {
    /// The line's text within the input it was split from.
    pub(super) fn of<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Split at every line or paragraph separator.
pub(super) fn split(text: &str) -> Vec<Line> {
    let mut lines = Vec::with_capacity(text.len() / 64 + 1);
    let bytes = text.as_bytes();
    let plain = memchr3(b'\r', 0x0b, 0x0c, bytes).is_none()
        && RARE_BREAKS.iter().all(|b| memmem::find(bytes, b.as_bytes()).is_none());
    if plain {
        let mut start = 0;
        for end in memchr_iter(b'\n', bytes).chain([bytes.len()]) {
            push_trimmed(&mut lines, text, start, end);
            start = end + 1;
        }
    } else {
        let mut start = 0;
        for (end, c) in text.char_indices().filter(|(_, c)| is_break(*c)) {
            push_trimmed(&mut lines, text, start, end);
            start = end + c.len_utf8();
        }
        push_trimmed(&mut lines, text, start, text.len());
    }
    lines
}

fn push_trimmed(lines: &mut Vec<Line>, text: &str, start: usize, end: usize) {
    let piece = text.get(start..end).unwrap_or_default();
    let from_start = piece.trim_start_matches(is_blank);
    let start = end - from_start.len();
    let end = start + from_start.trim_end_matches(is_blank).len();
    if end > start {
        lines.push(Line { start, end });
    }
}

/// White space, and what editors leave on lines of its own: zero-width space, word joiner, byte order mark.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Append the line with every run of white space as one space.
pub(super) fn push_folded(out: &mut String, line: &str) {
    if is_folded(line) {
        out.push_str(line);
        return;
    }
    let mut first = true;
    for word in line.split_whitespace() {
        if !first {
            out.push(' ');
        }
        out.push_str(word);
        first = false;
    }
}

/// Whether all white space within a line is single spaces.
pub(super) fn is_folded(line: &str) -> bool {
    let mut behind_space = 0;
    for (at, bits, own) in bits::blocks(line.as_bytes()) {
        let spaces = bits.any([b' ']);
        if spaces & (spaces << 1 | behind_space) != 0 {
            return false;
        }
        let is_space = |place| {
            line.get(at + place..)
                .is_some_and(|rest| rest.starts_with(char::is_whitespace))
        };
        if bits::places(bits.may_begin_space() & own).any(is_space) {
            return false;
        }
        behind_space = spaces >> (BLOCK - 1);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &[&str]) {
        let found: Vec<&str> = split(input).iter().map(|l| l.of(input)).collect();
        assert_eq!(found, expected, "{input:?}");
    }

    #[test]
    fn lines_are_trimmed_and_empty_ones_are_left_out() {
        check("", &[]);
        check(" \n\t\n", &[]);
        check("  one \r\n\n two\u{2028}three\u{a0}", &["one", "two", "three"]);
        check("one\n\u{200b}\n\u{feff} two \u{200b}\n", &["one", "two"]);
    }

    #[test]
    fn all_white_space_is_seen() {
        for space in ('\0'..='\u{ffff}').filter(|c| c.is_whitespace() && *c != ' ') {
            assert!(!is_folded(&format!("a{space}b")), "{space:?}");
        }
        assert!(is_folded("“It’s” – he said… €5"));
        let long = "a b".repeat(40);
        for (at, _) in long.match_indices(' ') {
            let (before, behind) = long.split_at(at);
            assert!(is_folded(&long) && !is_folded(&format!("{before} {behind}")), "{at}");
        }
    }

    #[test]
    fn white_space_within_a_line_is_folded() {
        let mut out = String::new();
        push_folded(&mut out, "a  b\tc\u{a0}d\u{3000}e");
        assert_eq!(out, "a b c d e");
    }
}
