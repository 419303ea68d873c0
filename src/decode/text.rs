//! What is done to a string, whatever its role.

use crate::places::Shifts;

/// `text` without NUL characters, which no text holds and many stores refuse; where what is left stood.
pub(super) fn without_nul(text: String, shifts: &mut Shifts) -> String {
    if memchr::memchr(0, text.as_bytes()).is_none() {
        return text;
    }
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for piece in text.split('\0') {
        shifts.at(out.len(), at);
        out.push_str(piece);
        at += piece.len() + 1;
    }
    out
}

/// Some words on one line.
pub(super) fn on_one_line(words: String) -> String {
    let plain = !words.contains(|c: char| c.is_control()) && !words.contains("  ");
    if plain {
        return words;
    }
    let each: Vec<&str> = words
        .split(|c: char| c.is_whitespace() || c == '\0')
        .filter(|w| !w.is_empty())
        .collect();
    each.join(" ")
}

/// Longest piece of a record's own words in a message.
const QUOTE_CHARS: usize = 160;

/// The beginning of some words, for a message.
pub(super) fn shortened(words: &str) -> String {
    let mut short: String = words
        .chars()
        .take(QUOTE_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}
