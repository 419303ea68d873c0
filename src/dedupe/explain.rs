//! Two articles → what they share and what differs, for people.
//!
//! In: two texts and their fingerprints. Out: a [`Comparison`]: passages, numbers and names. Always: pure; what is shown is cut from the texts
//! as they stand, and the judge's own figures stand beside it.

use std::collections::BTreeSet;

use similar::{Algorithm, DiffOp};

use super::judge::features;
use super::tokens::is_unspaced;
use super::{Fingerprint, verdict};
use crate::headline::letters;

/// Words of one text that are compared at most: more than nearly all articles have, and few enough for any two texts.
const WORDS_MAX: usize = 5_000;

/// One of two articles.
#[derive(Debug, Clone, Copy)]
pub struct ComparedArticle<'a> {
    /// The clean text, or the title where there is none.
    pub text: &'a str,
    /// What the judge sees of it.
    pub fingerprint: &'a Fingerprint,
}

/// A place where the two differ: what the known article says there, and what the new one says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Words of the known article alone; empty where something was added.
    pub known: String,
    /// Words of the new article alone; empty where something was left out.
    pub new: String,
    /// The words before, in the new article.
    pub after: String,
}

/// Facts of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// In both.
    pub shared: Vec<String>,
    /// In the known article alone.
    pub known: Vec<String>,
    /// In the new article alone.
    pub new: Vec<String>,
}

/// What two articles share and what differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Words in the known article and in the new one.
    pub words: [usize; 2],
    /// So many of each, from its beginning, are compared: fewer where a text is very long.
    pub words_compared: [usize; 2],
    /// Words that both have in the same order.
    pub words_shared: usize,
    /// Unbroken passages that both have, the longest first.
    pub passages: Vec<String>,
    /// Where they differ, in the order of the texts.
    pub differences: Vec<Difference>,
    /// Numbers.
    pub numbers: Facts,
    /// Names: capitalised words in mid-sentence.
    pub names: Facts,
    /// The judge's similarity: the shared part of the smaller.
    pub similarity: f32,
    /// What speaks for one story, in log-odds; positive for yes.
    pub score: f32,
}

/// A word as it stands, and as it is compared.
struct Word<'a> {
    start: usize,
    end: usize,
    folded: String,
    text: &'a str,
    opens_sentence: bool,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut open: Option<usize> = None;
    let mut opens_sentence = true;
    let mut close = |from: usize, to: usize, opens_sentence: &mut bool| {
        let text = text.get(from..to).unwrap_or_default();
        words.push(Word {
            start: from,
            end: to,
            folded: letters(text).collect(),
            text,
            opens_sentence: std::mem::take(opens_sentence),
        });
    };
    for (at, c) in text.char_indices() {
        let next_is_digit = || {
            text.get(at + c.len_utf8()..)
                .and_then(|t| t.chars().next())
                .is_some_and(|n| n.is_ascii_digit())
        };
        // "4.7" and "1,319" are one word each.
        let joins = matches!(c, '.' | ',' | ':' | '/') && open.is_some() && next_is_digit();
        if is_unspaced(c) {
            if let Some(from) = open.take() {
                close(from, at, &mut opens_sentence);
            }
            close(at, at + c.len_utf8(), &mut opens_sentence);
        } else if c.is_alphanumeric() || joins {
            open = open.or(Some(at));
        } else {
            if let Some(from) = open.take() {
                close(from, at, &mut opens_sentence);
            }
            opens_sentence |= matches!(c, '.' | '!' | '?' | '\n' | '。' | '？');
        }
    }
    if let Some(from) = open {
        close(from, text.len(), &mut opens_sentence);
    }
    words
}

/// The text from the first of some words to the last.
fn cut<'a>(text: &'a str, words: &[Word<'_>]) -> &'a str {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => text.get(first.start..last.end).unwrap_or_default(),
        _ => "",
    }
}

fn facts(known: &[Word<'_>], new: &[Word<'_>], is_one: impl Fn(&Word<'_>) -> bool) -> Facts {
    let of = |words: &[Word<'_>]| -> BTreeSet<String> {
        words
            .iter()
            .filter(|word| is_one(word))
            .map(|word| word.text.to_owned())
            .collect()
    };
    let (known, new) = (of(known), of(new));
    Facts {
        shared: known.intersection(&new).cloned().collect(),
        known: known.difference(&new).cloned().collect(),
        new: new.difference(&known).cloned().collect(),
    }
}

fn is_number(word: &Word<'_>) -> bool {
    word.text.starts_with(|c: char| c.is_numeric())
}

fn is_name(word: &Word<'_>) -> bool {
    !word.opens_sentence && word.text.starts_with(char::is_uppercase)
}

/// Compare a new article with a known one.
pub fn compare(known: ComparedArticle<'_>, new: ComparedArticle<'_>) -> Comparison {
    let pair = features(new.fingerprint, known.fingerprint);
    let (mut a, mut b) = (words(known.text), words(new.text));
    let words = [a.len(), b.len()];
    a.truncate(WORDS_MAX);
    b.truncate(WORDS_MAX);
    let folded = |words: &[Word<'_>]| words.iter().map(|w| w.folded.clone()).collect::<Vec<_>>();
    let (fa, fb) = (folded(&a), folded(&b));
    let operations = similar::capture_diff_slices(Algorithm::Patience, &fa, &fb);
    let range = |words: &'_ [Word<'_>], from: usize, length: usize| -> (usize, usize) {
        (from.min(words.len()), (from + length).min(words.len()))
    };
    let (mut words_shared, mut passages, mut differences) = (0, Vec::new(), Vec::new());
    for operation in operations {
        let (_, old, fresh) = operation.as_tag_tuple();
        let (from, to) = range(&b, fresh.start, fresh.len());
        if let DiffOp::Equal { len, .. } = operation {
            words_shared += len;
            passages.push((len, cut(new.text, b.get(from..to).unwrap_or_default()).to_owned()));
            continue;
        }
        let (old_from, old_to) = range(&a, old.start, old.len());
        differences.push(Difference {
            known: cut(known.text, a.get(old_from..old_to).unwrap_or_default()).to_owned(),
            new: cut(new.text, b.get(from..to).unwrap_or_default()).to_owned(),
            after: cut(new.text, b.get(from.saturating_sub(3)..from).unwrap_or_default()).to_owned(),
        });
    }
    passages.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    Comparison {
        words,
        words_compared: [a.len(), b.len()],
        words_shared,
        passages: passages.into_iter().map(|(_, passage)| passage).collect(),
        differences,
        numbers: facts(&a, &b, is_number),
        names: facts(&a, &b, is_name),
        similarity: if new.fingerprint.exact == known.fingerprint.exact {
            1.0
        } else {
            pair.similarity()
        },
        score: verdict::score(new.fingerprint, known.fingerprint, &pair),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedupe::{Document, fingerprint};

    fn compared(known: &str, new: &str) -> Comparison {
        let print = |text| {
            fingerprint(&Document {
                text,
                ..Document::default()
            })
        };
        let (a, b) = (print(known), print(new));
        compare(
            ComparedArticle {
                text: known,
                fingerprint: &a,
            },
            ComparedArticle {
                text: new,
                fingerprint: &b,
            },
        )
    }

    #[test]
    fn explained_differences_name_words_numbers_and_names() {
        let known =
            "The board of Port Amsel voted to close the pier. Repair will cost 4.7 million crowns, said Ines Holm.";
        let new = "The board of Port Amsel voted to close the old pier. Repair will cost 5.2 million crowns, said Jonas Holm.";
        let told = compared(known, new);
        let difference = |known: &str, new: &str, after: &str| Difference {
            known: known.into(),
            new: new.into(),
            after: after.into(),
        };
        assert_eq!(
            told.differences,
            [
                difference("", "old", "to close the"),
                difference("4.7", "5.2", "Repair will cost"),
                difference("Ines", "Jonas", "million crowns, said"),
            ]
        );
        assert_eq!(
            (told.numbers.known, told.numbers.new),
            (vec!["4.7".to_owned()], vec!["5.2".to_owned()])
        );
        assert_eq!(told.names.shared, ["Amsel", "Holm", "Port"]);
        assert_eq!(told.passages[0], "The board of Port Amsel voted to close the");
        assert_eq!((told.words, told.words_shared), ([19, 20], 17));
    }

    #[test]
    fn of_a_very_long_text_the_beginning_is_compared_and_all_is_counted() {
        let long = |word: &str| format!("{}{word}", "one two three ".repeat(2_000));
        let told = compared(&long("four"), "one two three");
        assert_eq!((told.words, told.words_compared), ([6_001, 3], [WORDS_MAX, 3]));
        let told = compared(&long("four"), &long("five six"));
        assert_eq!((told.words, told.words_compared), ([6_001, 6_002], [WORDS_MAX; 2]));
        assert_eq!(told.words_shared, WORDS_MAX);
    }

    #[test]
    fn the_same_words_share_all() {
        let told = compared("港口关闭了两个冬天。", "港口关闭了两个冬天");
        assert_eq!((told.words, told.words_shared, told.differences.len()), ([9, 9], 9, 0));
        assert!((told.similarity - 1.0).abs() < 1e-6);
    }
}
