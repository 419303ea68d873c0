//! A name's card, run into the text around it → its place.
//!
//! In: a line. Out: the spans from where a name is set a second time without a space ("Jo MarraJo MarraPort to close MORE (Ind.)") to the
//! `MORE` behind the card's headlines. Always: in order, without overlap; linear in the line; in what is left no such span is found.
//!
//! Some outlets show a card with other headlines while a pointer rests on a name, and whoever takes a page's text without its styles
//! gets the card in the middle of a sentence. The form is that of The Hill, whose archive of ten years stands in many collections.

use std::ops::Range;

use memchr::memmem;

/// What ends a card.
pub(super) const END: &str = "MORE";

/// Words before it that call for something else than a card.
const CALLS: [&str; 4] = ["READ", "LEARN", "SEE", "SHOW"];

/// A name is no longer than this, in bytes.
const NAME_BYTES_MAX: usize = 80;

/// Nor is a card longer than this; the longest that were seen have some 500.
const CARD_BYTES_MAX: usize = 1000;

/// A shorter word begins too many others: `PayPal Pay`, `McDonald McRib`.
const WORD_BYTES_MIN: usize = 4;

/// What stands between a name and its card: nothing, or a blank where whoever took the text parted all elements. A party's or a state's name in
/// brackets follows those cards that are sure then.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seam {
    None,
    Blank,
}

/// The cards of a line.
pub(super) fn find(line: &str) -> Vec<Range<usize>> {
    let mut ends = memmem::find_iter(line.as_bytes(), END)
        .map(|at| at + END.len())
        .filter(|end| is_word(line, *end))
        .peekable();
    let mut cards = Vec::new();
    if ends.peek().is_none() {
        return cards;
    }
    let mut done = 0;
    for (at, pair) in line.as_bytes().windows(2).enumerate() {
        let seam = match pair {
            [b'a'..=b'z', b'A'..=b'Z'] => Seam::None,
            [b' ', b'A'..=b'Z'] => Seam::Blank,
            _ => continue,
        };
        let start = if seam == Seam::None { at + 1 } else { at };
        if start < done || !sets_again(line, start, seam) {
            continue;
        }
        while ends.next_if(|end| *end <= start).is_some() {}
        let Some(end) = ends.next() else {
            break;
        };
        // Where this is no card, no other is looked for up to its end: what stands there is the same when it is cleaned again.
        done = end;
        let is_sure = seam == Seam::None || line[end..].starts_with(" (");
        if is_sure && goes_on(line, end) && is_card(&line[start..end]) {
            cards.push(start..end);
        }
    }
    cards
}

/// Whether `MORE` before `end` is a word of its own.
fn is_word(line: &str, end: usize) -> bool {
    let (before, behind) = line.split_at(end);
    let before = before.strip_suffix(END).unwrap_or_default();
    before.ends_with(char::is_whitespace) && !behind.starts_with(char::is_alphanumeric)
}

/// Whether what follows a card goes on with the sentence and begins no name.
fn goes_on(line: &str, end: usize) -> bool {
    let behind = &line[end..];
    let behind = ["’s", "'s"]
        .iter()
        .find_map(|s| behind.strip_prefix(s))
        .unwrap_or(behind);
    let mut rest = behind.chars();
    match rest.next() {
        Some(c) if c.is_whitespace() => rest.next().is_none_or(|c| c.is_lowercase() || c == '('),
        Some(c) => matches!(c, '.' | ',' | ';' | ':' | ')'),
        None => true,
    }
}

/// Whether a span holds no more than a card does: headlines, and no sentences.
fn is_card(span: &str) -> bool {
    let before = span.strip_suffix(END).unwrap_or(span).trim_end();
    let ends_a_sentence = |at: usize| {
        let word = span.as_bytes()[..at].iter().rev().take(3);
        word.filter(|b| b.is_ascii_lowercase()).count() == 3
    };
    span.len() <= CARD_BYTES_MAX
        && !CALLS.iter().any(|call| before.ends_with(call))
        && !memmem::find_iter(span.as_bytes(), ". ").any(ends_a_sentence)
}

/// Whether a name from `start` on ends with the word that ends at `start`, and a headline follows: `Jo MarraPort` behind `Jo Marra`, `Jo Anna
/// MarraPort` as well; where blanks part them, ` Jo Marra Port`.
fn sets_again(line: &str, start: usize, seam: Seam) -> bool {
    let (before, name) = line.split_at(start);
    let word_bytes = before.bytes().rev().take(NAME_BYTES_MAX).take_while(|b| is_of_word(*b));
    let Some(word) = before.get(start - word_bytes.count()..) else {
        return false;
    };
    // Before it stands a first name or a title.
    let first_name = before[..before.len() - word.len()]
        .trim_end_matches(' ')
        .rsplit(' ')
        .next()
        .map(|name| name.trim_start_matches(['"', '“', '(', '‘']));
    let Some(first_name) =
        first_name.filter(|name| word.len() >= WORD_BYTES_MIN && is_capital(word) && is_capital(name))
    else {
        return false;
    };
    let name = name[..name.floor_char_boundary(NAME_BYTES_MAX)].trim_start_matches(' ');
    if seam == Seam::Blank && !name.strip_prefix(first_name).is_some_and(|rest| rest.starts_with(' ')) {
        return false;
    }
    let mut parts = name.split_inclusive(' ').enumerate().peekable();
    while let Some((place, part)) = parts.next() {
        let behind = part.strip_prefix(word).filter(|_| place > 0);
        let headline = match seam {
            Seam::None => behind,
            Seam::Blank => behind
                .filter(|rest| *rest == " ")
                .and_then(|_| parts.peek())
                .map(|(_, part)| *part),
        };
        if headline.is_some_and(is_capital) {
            return true;
        }
        let letters = part.trim_end_matches(' ').trim_end_matches('.');
        let is_of_name = letters.bytes().all(is_of_word) && (letters.len() == 1 || !part.contains('.'));
        if !is_capital(part) || !is_of_name || part.contains('’') {
            return false;
        }
    }
    false
}

fn is_capital(text: &str) -> bool {
    text.starts_with(char::is_uppercase)
}

fn is_of_word(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'-' || b >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let mut left = line.to_owned();
        for card in find(line).into_iter().rev() {
            left.replace_range(card, "");
        }
        assert_eq!(left, expected);
        assert!(find(&left).is_empty(), "{left:?}");
    }

    #[test]
    fn a_card_in_a_sentence_is_found() {
        check(
            "Rep. Jo MarraJo MarraPort vote put off again Ferries stay in the dock MORE (Ind.) spoke first.",
            "Rep. Jo Marra (Ind.) spoke first.",
        );
        check(
            "Gov. Ada HolmAda Lynn HolmHolm to open the lock MORE said so, and Sen. Ike O’BrienIke B. O’BrienTwo \
             piers close MORE, who heard it, laughed.",
            "Gov. Ada Holm said so, and Sen. Ike O’Brien, who heard it, laughed.",
        );
        check(
            "It was Mia Ray-LundMia Ray-LundLocks reopen MORE’s turn.",
            "It was Mia Ray-Lund’s turn.",
        );
    }

    #[test]
    fn a_card_with_blanks_around_its_parts_is_found() {
        check(
            "Gov. Ada Holm Ada Lynn Holm Holm to open the lock Port: Ferries stay in the dock | Pier closes MORE (R) is defending it, and Rep. \
             Jo Marra Jo Marra Two piers close MORE (Ind.) is not.",
            "Gov. Ada Holm (R) is defending it, and Rep. Jo Marra (Ind.) is not.",
        );
    }

    #[test]
    fn what_is_no_card_stays() {
        for line in [
            "Jo Marra Jo Marra Port vote put off again, and they want MORE of it.",
            "Jo Marra Ada Marra Port vote put off again MORE (Ind.) spoke first.",
            "Jo MarraJo MarraPort vote put off again, and nothing more.",
            "Jo MarraJo MarraPort vote ONCE MORETHAN that.",
            "The iPhoneIs it MORE than a phone?",
            "JavaScriptOther Script MORE is fun.",
            "He wants MORE and says so.",
            "Jo Marra, Jo Marra and Port MORE (Ind.)",
            "Rep. Jo MarraAda HolmPort vote MORE (Ind.) spoke first.",
            "The McDonald’s McRib is back, and fans want MORE.",
            "With PayPal Pay Later is a loan due in June. READ MORE: how to pay it off.",
            "The AirTag AirPods and other goods were found. He wanted MORE, they said.",
            "Rep. Jo MarraJo MarraPort vote off MORE Jr. said no. Then Sen. Ada Holm spoke of MORE (Ind.) and laughed.",
            "Rep. Jo MarraJo MarraPort vote was put off. The council met again and wanted MORE, he said.",
            "Rep. MarraJo AnnaBob Anna port shut, MORE’ Marra goes MORE. He spoke.",
            "aA MORE",
            "MORE",
            "",
        ] {
            check(line, line);
        }
    }
}
