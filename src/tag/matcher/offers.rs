//! Sentences that offer something and tell nothing.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::words::{begins_word, ends_word};

/// Words of such a sentence.
pub(super) const OFFERS: [&str; 4] = ["newsletter", "newsletters", "sign up here", "subscribe"];

static FINDERS: LazyLock<[Finder<'static>; OFFERS.len()]> = LazyLock::new(|| OFFERS.map(Finder::new));

/// How far a sentence is looked for, in bytes to each side.
const SENTENCE_BYTES: usize = 240;

/// The sentence round a place.
pub(super) fn sentence(text: &str, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let is_end = |i: &usize| match bytes.get(*i) {
        Some(b'\n') => true,
        Some(b'.' | b'!' | b'?') => bytes.get(i + 1).is_none_or(u8::is_ascii_whitespace),
        _ => false,
    };
    let (first, last) = (at.saturating_sub(SENTENCE_BYTES), bytes.len().min(at + SENTENCE_BYTES));
    let from = (first..at).rev().find(is_end).map_or(first, |end| end + 1);
    (from, (at..last).find(is_end).unwrap_or(last))
}

/// Where a body begins, behind first lines that offer something.
pub(in crate::tag) fn end_of_offers(body: &str) -> usize {
    let mut begins = 0;
    for line in body.split_inclusive('\n').take(3) {
        let is_short = line.ends_with('\n') && line.len() < 2 * SENTENCE_BYTES;
        if !is_short || !offers(&line.to_ascii_lowercase()) {
            break;
        }
        begins += line.len();
    }
    begins
}

/// Whether one of the words stands in a line of small letters.
fn offers(small: &str) -> bool {
    FINDERS.iter().any(|finder| {
        let mut places = finder.find_iter(small.as_bytes());
        places.any(|at| begins_word(small, at) && ends_word(small, at + finder.needle().len()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::end_of_offers;

    #[test]
    fn a_sentence_that_offers_a_newsletter_tells_nothing() {
        check(
            &["tariff*"],
            "Our newsletter explains tariffs. Tariffs rose.",
            &["Tariff"],
        );
        let tells = "Its 300m subscribers pay tariffs, and who subscribed pays more.";
        check(&["tariff*"], tells, &["tariff"]);
        assert_eq!(end_of_offers(&format!("{tells}\nMore.")), 0);
    }
}
