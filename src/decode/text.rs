//! What is done to a string, whatever its role.

/// `text` without NUL characters, which no text holds and many stores refuse.
pub(super) fn without_nul(text: String) -> String {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        text.replace('\0', "")
    } else {
        text
    }
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
