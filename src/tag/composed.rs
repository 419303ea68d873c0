//! A text as phrases are written: letters in one character with their marks, ordinary blanks and hyphens, sentences on one line.
//!
//! In: a text. Out: what stands where in it, looked for in that form. Always: places are those of the text as it is; a text that is in that
//! form already is not copied.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::matcher::Found;

/// Blanks and hyphens that keep a line together, which a phrase does not have.
const NO_BREAK: [(char, char); 4] = [('\u{a0}', ' '), ('\u{202f}', ' '), ('\u{2007}', ' '), ('\u{2011}', '-')];

/// Look for phrases in a text as they are written.
pub(super) fn look(text: &str, find: impl FnOnce(&str) -> Vec<Found>) -> Vec<Found> {
    let text = &*without_wraps(text);
    if !needs_composing(text) {
        return find(text);
    }
    let (composed, places) = compose(text);
    let place = |at: usize| places.get(at).copied().unwrap_or(text.len());
    let mut found = find(&composed);
    for one in &mut found {
        (one.start, one.end) = (place(one.start), place(one.end));
    }
    found
}

/// A phrase as it is looked for.
pub(super) fn phrase(text: &str) -> Cow<'_, str> {
    let mut phrase = if needs_composing(text) {
        Cow::Owned(compose(text).0)
    } else {
        Cow::Borrowed(text)
    };
    if phrase.contains('’') {
        phrase = Cow::Owned(phrase.replace('’', "'"));
    }
    phrase
}

/// The text with a blank for each line break that stands between two small letters, as in mails and press releases: a sentence goes on behind
/// it. Places stay as they are.
fn without_wraps(text: &str) -> Cow<'_, str> {
    let is_wrap = |at: &usize| {
        let (before, behind) = (text.get(..*at), text.get(at + 1..));
        let is_small = |c: Option<char>| c.is_some_and(char::is_lowercase);
        is_small(before.and_then(|b| b.chars().next_back())) && is_small(behind.and_then(|b| b.chars().next()))
    };
    let wraps: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).filter(is_wrap).collect();
    if wraps.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut unwrapped = text.to_owned();
    for at in wraps {
        unwrapped.replace_range(at..=at, " ");
    }
    Cow::Owned(unwrapped)
}

/// Whether there is a mark for a Latin, Greek or Cyrillic letter (U+0300 to U+036F, or a rare letter near it), or what keeps a line together.
fn needs_composing(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_no_break = |at: usize| {
        let here = text.get(at..).and_then(|rest| rest.chars().next());
        here.is_some_and(|c| NO_BREAK.iter().any(|(from, _)| c == *from))
    };
    if bytes.is_ascii() {
        return false;
    }
    memchr::memchr2(0xcc, 0xcd, bytes).is_some() || memchr::memchr2_iter(0xc2, 0xe2, bytes).any(is_no_break)
}

/// The composed text, and for each of its bytes the place of that character in the text.
fn compose(text: &str) -> (String, Vec<usize>) {
    let (mut composed, mut places) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        let mut end = start + first.len_utf8();
        while let Some((at, mark)) = rest.next_if(|(_, c)| is_combining_mark(*c)) {
            end = at + mark.len_utf8();
        }
        if let Some((_, to)) = NO_BREAK.iter().find(|(from, _)| first == *from) {
            composed.push(*to);
        } else if end > start + first.len_utf8() {
            composed.extend(text.get(start..end).unwrap_or_default().nfc());
        } else {
            composed.push(first);
        }
        places.resize(composed.len(), start);
    }
    (composed, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: &str, expected: Option<&str>) {
        let find = |text: &str| {
            let found = |(start, part): (usize, &str)| Found {
                tag: 0,
                concept: 0,
                pattern: 0,
                start,
                end: start + part.len(),
            };
            text.match_indices(wanted).map(found).collect()
        };
        let found = look(text, find).into_iter().next();
        assert_eq!(found.and_then(|f| text.get(f.start..f.end)), expected, "{text}");
    }

    #[test]
    fn what_is_found_stands_where_the_text_has_it() {
        check("Die Fa\u{308}hre kommt", "Fähre", Some("Fa\u{308}hre"));
        check("A\u{30a} Fa\u{308}hre", "Fähre", Some("Fa\u{308}hre"));
        check("die Fähre", "Fähre", Some("Fähre"));
        check("all rare\nearths of\nthe", "rare earths", Some("rare\nearths"));
        check("редкие\nземли", "редкие земли", Some("редкие\nземли"));
        check(
            "droits\u{a0}de\u{202f}douane !",
            "droits de douane",
            Some("droits\u{a0}de\u{202f}douane"),
        );
        check("anti\u{2011}dumping", "anti-dumping", Some("anti\u{2011}dumping"));
        check("Fa\u{308}hre", "ferry", None);
        assert_eq!(phrase("Fa\u{308}hre"), "Fähre");
    }
}
