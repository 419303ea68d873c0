//! Labelled articles → the phrases that tell those of a tag from the others.
//!
//! In: [`Labelled`] articles. Out: [`Learned`] phrases, the most telling first, with a weight of 1 or -1 for the side they speak for.
//! Always: pure and repeatable.
//!
//! Phrases are runs of one to three words that stand in far more articles of the tag than of the others, by the log-likelihood
//! ratio (Dunning, "Accurate methods for the statistics of surprise and coincidence", 1993).

use std::collections::{BTreeMap, BTreeSet};

use super::matcher::words::{is_of_word, is_unspaced};
use super::train::{Labelled, Learned};

const PHRASES_MAX: usize = 80;
/// A phrase must stand in so many articles.
const ARTICLES_MIN: usize = 2;
/// Log-likelihood ratio from which a phrase counts: the 99th percentile of chance, about.
const RATIO_MIN: f64 = 6.6;

/// The phrases that tell the tag's articles from the others, with a weight of 1 or -1 for the side they speak for.
pub(super) fn phrases(articles: &[&Labelled]) -> Vec<Learned> {
    let mut counts: BTreeMap<(&str, String), [usize; 2]> = BTreeMap::new();
    let mut of_label = [0, 0];
    for article in articles {
        of_label[usize::from(!article.tagged)] += 1;
        let language = article.language.as_deref().unwrap_or("any");
        let title = article.title.as_deref().unwrap_or_default();
        let grams: BTreeSet<String> = [title, &article.text].into_iter().flat_map(grams).collect();
        for gram in grams {
            counts.entry((language, gram)).or_default()[usize::from(!article.tagged)] += 1;
        }
    }
    let mut found: Vec<(f64, Learned)> = counts
        .into_iter()
        .filter(|(_, [with, without])| with + without >= ARTICLES_MIN)
        .filter_map(|((language, phrase), articles)| {
            let ratio = log_likelihood_ratio(articles, of_label);
            (ratio.abs() >= RATIO_MIN).then(|| {
                let weight = ratio.signum() as f32;
                (
                    ratio.abs(),
                    Learned {
                        language: language.to_owned(),
                        phrase,
                        weight,
                        articles,
                    },
                )
            })
        })
        .collect();
    // Of phrases that are as strong, the longer tells more.
    found.sort_by(|(a, x), (b, y)| {
        b.total_cmp(a)
            .then(y.phrase.len().cmp(&x.phrase.len()))
            .then(x.phrase.cmp(&y.phrase))
    });
    let mut kept: Vec<Learned> = Vec::new();
    for (_, learned) in found {
        // A phrase within a kept one that stands in the same articles adds nothing; nor does one round a stronger phrase of its side,
        // which it would only hide.
        let is_told = |k: &Learned| {
            let same_articles = k.articles == learned.articles && k.phrase.contains(&learned.phrase);
            let same_side = k.weight.signum() == learned.weight.signum() && learned.phrase.contains(&k.phrase);
            same_articles || same_side
        };
        if kept.len() < PHRASES_MAX && !kept.iter().any(is_told) {
            kept.push(learned);
        }
    }
    kept
}

/// How far two shares lie apart (Dunning's statistic, 2 ln λ), negative where the second is larger.
fn log_likelihood_ratio(of: [usize; 2], all: [usize; 2]) -> f64 {
    let [a, b] = of.map(|n| n as f64);
    let [n, m] = all.map(|n| n as f64);
    let log = |k: f64, n: f64, p: f64| {
        let part = |k: f64, p: f64| if k == 0.0 { 0.0 } else { k * p.ln() };
        part(k, p) + part(n - k, 1.0 - p)
    };
    let (n, m) = (n.max(1.0), m.max(1.0));
    let together = (a + b) / (n + m);
    let ratio = 2.0 * (log(a, n, a / n) + log(b, m, b / m) - log(a, n, together) - log(b, m, together));
    if a / n >= b / m { ratio } else { -ratio }
}

/// Runs of one to three words within a line's clauses, small letters. Of a script without spaces, runs of two to four characters.
fn grams(text: &str) -> Vec<String> {
    let mut grams = Vec::new();
    let is_of_words = |c: char| is_of_word(c) || matches!(c, ' ' | '-' | '\'' | '’');
    for clause in text.split(|c: char| !is_of_words(c)) {
        let lower = clause.to_lowercase();
        let words: Vec<&str> = lower.split([' ', '-']).filter(|w| !w.is_empty()).collect();
        for at in 0..words.len() {
            for length in 1..=3 {
                let Some(run) = words.get(at..at + length) else { break };
                let [first, .., last] = run else {
                    if run.iter().all(|w| is_telling(w)) {
                        grams.extend(run.iter().flat_map(|w| pieces(w)));
                    }
                    continue;
                };
                if is_telling(first) && is_telling(last) {
                    grams.push(run.join(" "));
                }
            }
        }
    }
    grams
}

/// A phrase neither begins nor ends with a word that every text has, nor with a number.
fn is_telling(word: &str) -> bool {
    let is_wide = !word.is_ascii();
    let begins = word.starts_with(char::is_alphanumeric);
    begins
        && (word.chars().count() > 3 || is_wide)
        && !word.chars().any(|c| c.is_ascii_digit())
        && !COMMON.contains(&word)
}

const COMMON: [&str; 28] = [
    "about", "after", "also", "been", "before", "could", "from", "have", "into", "more", "most", "other", "over",
    "said", "says", "than", "that", "their", "them", "there", "they", "this", "were", "when", "which", "will", "with",
    "would",
];

/// A word as it is, or of Han, kana and Hangul all runs of two to four characters.
fn pieces(word: &str) -> Vec<String> {
    if !word.chars().any(is_unspaced) {
        return vec![word.to_owned()];
    }
    let chars: Vec<char> = word.chars().collect();
    (2..=4)
        .flat_map(|length| chars.windows(length).map(|run| run.iter().collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_hindi_stay_whole() {
        assert!(grams("आयात शुल्क बढ़े").contains(&"आयात शुल्क".to_owned()));
    }

    #[test]
    fn phrases_neither_cross_a_clause_nor_end_in_common_words() {
        let grams = grams("Night ferry, boats of the north and \u{7a00}\u{571f}\u{51fa}");
        for gram in [
            "night ferry",
            "ferry",
            "boats of the",
            "ferry boats",
            "\u{7a00}\u{571f}",
        ] {
            let is_meant = !matches!(gram, "boats of the" | "ferry boats");
            assert_eq!(grams.iter().any(|g| g == gram), is_meant, "{gram} in {grams:?}");
        }
    }
}
