//! Text → its lines, trimmed and measured by place.
//!
//! In: text as scraped. Out: the lines that hold anything, with their byte offsets. Always: in order, without overlap, none
//! empty, none beginning or ending with white space or a zero-width space; one pass.

use std::ops::Range;

use memchr::{memchr_iter, memchr3, memmem};
use multiversion::multiversion;

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

/// All lines of a text.
pub(super) struct Lines {
    pub(super) list: Vec<Line>,
    /// Whether all white space within them is single spaces.
    pub(super) are_folded: bool,
}

/// Split at every line or paragraph separator.
pub(super) fn split(text: &str) -> Lines {
    split_plain(text).unwrap_or_else(|| {
        let list = split_at_breaks(text);
        let are_folded = list.iter().all(|line| is_folded(line.of(text)));
        Lines { list, are_folded }
    })
}

/// The same for a text with no other white space than spaces and newlines, as nearly all are: in one pass.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn split_plain(text: &str) -> Option<Lines> {
    let mut list = Vec::with_capacity(text.len() / 64 + 1);
    let (mut start, mut doubled, mut behind_space) = (0, 0, 0);
    for (at, bits, own) in bits::blocks(text.as_bytes()) {
        let mut others = bits.may_begin_blank() & own;
        if others != 0 {
            others &= !bits.dashes_and_quotes();
        }
        let is_blank = |place| text.get(at + place..).is_some_and(|rest| rest.starts_with(is_blank));
        if bits::places(others).any(is_blank) {
            return None;
        }
        let spaces = bits.any([b' ']);
        doubled |= spaces & (spaces << 1 | behind_space);
        behind_space = spaces >> (BLOCK - 1);
        for newline in bits::places(bits.any([b'\n'])) {
            list.extend(without_spaces(text, start..at + newline));
            start = at + newline + 1;
        }
    }
    list.extend(without_spaces(text, start..text.len()));
    // Spaces before a line and behind it are none of it.
    let are_folded = doubled == 0 || list.iter().all(|line: &Line| is_folded(line.of(text)));
    Some(Lines { list, are_folded })
}

/// A line without the spaces around it, if anything is left.
#[inline]
fn without_spaces(text: &str, line: Range<usize>) -> Option<Line> {
    let Range { mut start, mut end } = line;
    let is_space = |at: usize| text.as_bytes().get(at) == Some(&b' ');
    while start < end && is_space(start) {
        start += 1;
    }
    while start < end && is_space(end - 1) {
        end -= 1;
    }
    (start < end).then_some(Line { start, end })
}

fn split_at_breaks(text: &str) -> Vec<Line> {
    let mut lines = Vec::with_capacity(text.len() / 64 + 1);
    let bytes = text.as_bytes();
    let mut start = 0;
    if memchr3(b'\r', 0x0b, 0x0c, bytes).is_none()
        && RARE_BREAKS.iter().all(|b| memmem::find(bytes, b.as_bytes()).is_none())
    {
        for end in memchr_iter(b'\n', bytes).chain([bytes.len()]) {
            push_trimmed(&mut lines, text, start, end);
            start = end + 1;
        }
    } else {
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_pass_splits_as_looking_for_all_separators(text in "[abc“–…é \n]{0,150}[a \n\t\r\u{a0}\u{200b}\u{2028}字]{0,3}[a \n]{0,80}") {
            let lines = split(&text);
            prop_assert_eq!(lines.are_folded, lines.list.iter().all(|line| is_folded(line.of(&text))));
            prop_assert_eq!(lines.list, split_at_breaks(&text));
        }
    }

    fn check(input: &str, expected: &[&str]) {
        let found: Vec<&str> = split(input).list.iter().map(|l| l.of(input)).collect();
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
