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

/// A name is no longer than this, in bytes.
const NAME_BYTES_MAX: usize = 80;

/// The cards of a line.
pub(super) fn find(line: &str) -> Vec<Range<usize>> {
    let mut ends = memmem::find_iter(line.as_bytes(), END)
        .map(|at| at + END.len())
        .filter(|end| is_end(line, *end))
        .peekable();
    let mut cards = Vec::new();
    if ends.peek().is_none() {
        return cards;
    }
    let mut done = 0;
    for (at, pair) in line.as_bytes().windows(2).enumerate() {
        let start = at + 1;
        let is_seam = pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
        if start < done || !is_seam || !sets_again(line, start) {
            continue;
        }
        while ends.next_if(|end| *end <= start).is_some() {}
        let Some(end) = ends.next() else {
            break;
        };
        cards.push(start..end);
        done = end;
    }
    cards
}

/// Whether `MORE` before `end` is a word of its own, and what follows goes on with the sentence and begins no name.
fn is_end(line: &str, end: usize) -> bool {
    let (before, behind) = line.split_at(end);
    let before = before.strip_suffix(END).unwrap_or_default();
    let mut rest = behind.chars();
    let goes_on = match rest.next() {
        Some(c) if c.is_whitespace() => rest.next().is_none_or(|c| c.is_lowercase() || c == '('),
        Some(c) => matches!(c, '.' | ',' | ';' | ':' | ')' | '’' | '\''),
        None => true,
    };
    goes_on && before.ends_with(char::is_whitespace)
}

/// Whether a name from `start` on ends with the word that ends at `start`: `Jo Marra` behind `Marra`, `Jo Anna Marra` as well.
fn sets_again(line: &str, start: usize) -> bool {
    let (before, name) = line.split_at(start);
    let word_bytes = before.bytes().rev().take(NAME_BYTES_MAX).take_while(|b| is_of_word(*b));
    let Some(word) = before.get(start - word_bytes.count()..) else {
        return false;
    };
    if !word.starts_with(|c: char| c.is_ascii_uppercase()) || word.len() < 2 {
        return false;
    }
    let name = &name[..name.floor_char_boundary(NAME_BYTES_MAX)];
    for (place, part) in name.split_inclusive(' ').enumerate() {
        let is_first_name = part.starts_with(|c: char| c.is_ascii_uppercase());
        if place > 0 && part.strip_prefix(word).is_some_and(ends_a_word) {
            return true;
        }
        let letters = part.trim_end_matches(' ').trim_end_matches('.');
        let is_of_name = letters.bytes().all(is_of_word) && (letters.len() == 1 || !part.contains('.'));
        if !is_first_name || !is_of_name {
            return false;
        }
    }
    false
}

fn is_of_word(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'-' || b >= 0x80
}

/// Whether a word ends before what follows; a headline's first word may follow without a space.
fn ends_a_word(rest: &str) -> bool {
    !rest.starts_with(char::is_lowercase)
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
            "It was Mia Ray-LundMia Ray-Lund Locks reopen MORE.",
            "It was Mia Ray-Lund.",
        );
    }

    #[test]
    fn what_is_no_card_stays() {
        for line in [
            "Jo MarraJo MarraPort vote put off again, and nothing more.",
            "Jo MarraJo MarraPort vote ONCE MORETHAN that.",
            "The iPhoneIs it MORE than a phone?",
            "JavaScriptOther Script MORE is fun.",
            "He wants MORE and says so.",
            "Jo Marra, Jo Marra and Port MORE (Ind.)",
            "Rep. Jo MarraAda HolmPort vote MORE (Ind.) spoke first.",
            "aA MORE",
            "MORE",
            "",
        ] {
            check(line, line);
        }
    }
}
