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
/// Letters of a word that its forms share, at least, and those of an ending, at most.
const STEM_MIN: usize = 4;
const ENDING_MAX: usize = 3;

/// The phrases that tell the tag's articles from the others, with a weight of 1 or -1 for the side they speak for.
pub(super) fn phrases(articles: &[&Labelled]) -> Vec<Learned> {
    let mut met: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
    for (number, article) in (0..).zip(articles) {
        let language = article.language.as_deref().unwrap_or("any");
        let title = article.title.as_deref().unwrap_or_default();
        let grams: BTreeSet<String> = [title, &article.text].into_iter().flat_map(grams).collect();
        for gram in grams {
            met.entry((language, gram)).or_default().push(number);
        }
    }
    let labels = Labels::of(articles);
    let mut found: Vec<(f64, Learned)> = in_all_forms(&met, &labels)
        .into_iter()
        .filter_map(|forms| forms.learned(&labels))
        .collect();
    // Of phrases that are as strong, the longer tells more.
    let first = |learned: &Learned| learned.phrases.first().map_or(0, String::len);
    found.sort_by(|(a, x), (b, y)| {
        b.total_cmp(a)
            .then(first(y).cmp(&first(x)))
            .then(x.phrases.cmp(&y.phrases))
            .then(x.language.cmp(&y.language))
    });
    let mut kept: Vec<Learned> = Vec::new();
    for (_, learned) in found {
        if kept.len() < PHRASES_MAX && !kept.iter().any(|k| is_told_by(&learned, k)) {
            kept.push(learned);
        }
    }
    kept
}

/// A phrase within a kept one that stands in the same articles adds nothing; nor does one round a stronger phrase of its side, which it
/// would only hide.
fn is_told_by(learned: &Learned, kept: &Learned) -> bool {
    let is_within_one = |short: &str, long: &Learned| long.phrases.iter().any(|long| is_within(short, long));
    let same_articles = || {
        let is_all_within = learned.phrases.iter().all(|phrase| is_within_one(phrase, kept));
        kept.articles == learned.articles && is_all_within
    };
    let same_side = || {
        let is_one_within = kept.phrases.iter().any(|phrase| is_within_one(phrase, learned));
        kept.weight.signum() == learned.weight.signum() && is_one_within
    };
    kept.language == learned.language && (same_articles() || same_side())
}

/// Whether a phrase stands in another, in whole words where its script sets them apart.
fn is_within(short: &str, long: &str) -> bool {
    if short.contains(is_unspaced) {
        return long.contains(short);
    }
    let is_apart = |(before, behind): (&str, &str)| {
        let begins = before.is_empty() || before.ends_with(' ');
        begins && (behind.is_empty() || behind.starts_with(' '))
    };
    let sides = |at: usize| Some((long.get(..at)?, long.get(at + short.len()..)?));
    let mut places = long.match_indices(short);
    places.any(|(at, _)| sides(at).is_some_and(is_apart))
}

/// Which articles have the tag.
struct Labels {
    tagged: Vec<bool>,
    /// With it, and without.
    all: [usize; 2],
}

impl Labels {
    fn of(articles: &[&Labelled]) -> Self {
        let tagged: Vec<bool> = articles.iter().map(|article| article.tagged).collect();
        let with = tagged.iter().filter(|is| **is).count();
        Self {
            all: [with, tagged.len() - with],
            tagged,
        }
    }

    /// How many of these have the tag, and how many have not.
    fn count(&self, articles: &[usize]) -> [usize; 2] {
        let is_tagged = |number: &&usize| self.tagged.get(**number).copied().unwrap_or(false);
        let with = articles.iter().filter(is_tagged).count();
        [with, articles.len() - with]
    }

    fn ratio(&self, count: [usize; 2]) -> f64 {
        log_likelihood_ratio(count, self.all)
    }
}

/// A phrase as it is, or a word in all its forms, each with its articles.
struct Forms<'a> {
    language: &'a str,
    forms: Vec<(&'a str, &'a [usize])>,
}

impl Forms<'_> {
    /// What it teaches and how strongly, where it tells the two sides apart.
    fn learned(mut self, labels: &Labels) -> Option<(f64, Learned)> {
        self.forms
            .sort_by_key(|(form, articles)| (usize::MAX - articles.len(), *form));
        let articles: BTreeSet<usize> = self.forms.iter().flat_map(|(_, articles)| *articles).copied().collect();
        let articles = labels.count(&articles.into_iter().collect::<Vec<_>>());
        let ratio = labels.ratio(articles);
        let learned = || Learned {
            language: self.language.to_owned(),
            phrases: self.forms.iter().map(|(form, _)| (*form).to_owned()).collect(),
            weight: ratio.signum() as f32,
            articles,
        };
        (ratio.abs() >= RATIO_MIN).then(|| (ratio.abs(), learned()))
    }
}

/// All phrases that stand in enough articles; words of a language of which one is another with a short ending, and which speak for the
/// same side, together: a rare form tells as much as a common one.
fn in_all_forms<'a>(met: &'a BTreeMap<(&'a str, String), Vec<usize>>, labels: &Labels) -> Vec<Forms<'a>> {
    let mut all: Vec<Forms<'_>> = Vec::new();
    let mut stems: BTreeMap<(&str, &str, bool), usize> = BTreeMap::new();
    // A word comes behind those that it begins with.
    for ((language, phrase), articles) in met.iter().filter(|(_, articles)| articles.len() >= ARTICLES_MIN) {
        let side = side_of_word(phrase, labels.count(articles), labels);
        let stem = side.and_then(|side| {
            let mut beginnings = beginnings(phrase);
            beginnings.find_map(|beginning| stems.get(&(*language, beginning, side)).copied())
        });
        if let Some(same) = stem.and_then(|stem| all.get_mut(stem)) {
            same.forms.push((phrase, articles));
            continue;
        }
        if let Some(side) = side {
            stems.insert((language, phrase, side), all.len());
        }
        all.push(Forms {
            language,
            forms: vec![(phrase, articles)],
        });
    }
    all
}

/// Whether a word that may be a form of another speaks for the tag. One that is too rare to tell by itself may, where it never stands
/// on the other side.
fn side_of_word(phrase: &str, count: [usize; 2], labels: &Labels) -> Option<bool> {
    let is_word = !phrase.contains(' ') && !phrase.contains(is_unspaced);
    let ratio = labels.ratio(count);
    (is_word && (ratio.abs() >= RATIO_MIN || count.contains(&0))).then_some(ratio > 0.0)
}

/// What a word may be a form of: itself without a short ending, the shortest first.
fn beginnings(word: &str) -> impl Iterator<Item = &str> {
    let places: Vec<usize> = word.char_indices().map(|(at, _)| at).skip(STEM_MIN).collect();
    let first = places.len().saturating_sub(ENDING_MAX);
    places.into_iter().skip(first).filter_map(|at| word.get(..at))
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

    fn article(text: &str, language: &str, tagged: bool) -> Labelled {
        Labelled {
            title: None,
            text: text.to_owned(),
            language: Some(language.to_owned()),
            tagged,
        }
    }

    /// What articles teach, each text so many times.
    fn taught(texts: &[(&str, &str, bool, usize)]) -> Vec<Learned> {
        let articles: Vec<Labelled> = texts
            .iter()
            .flat_map(|(text, language, tagged, times)| vec![article(text, language, *tagged); *times])
            .collect();
        phrases(&articles.iter().collect::<Vec<_>>())
    }

    fn with<'a>(learned: &'a [Learned], word: &str) -> Option<&'a Learned> {
        learned.iter().find(|l| l.phrases.iter().any(|phrase| phrase == word))
    }

    #[test]
    fn the_forms_of_a_word_are_learned_as_one() {
        let learned = taught(&[
            ("a tariff", "en", true, 9),
            ("tariffs", "en", true, 6),
            ("tariffs, tariffed", "en", true, 2),
            ("a school", "en", false, 10),
            ("the schools, a tarifa", "en", false, 7),
            ("размер пошлин", "ru", true, 8),
            ("о пошлинах", "ru", true, 5),
            ("пошлину", "ru", true, 2),
            ("музей", "ru", false, 15),
        ]);
        let tariffs = with(&learned, "tariff").expect("learned");
        assert_eq!(tariffs.phrases, ["tariff", "tariffs", "tariffed"]);
        assert_eq!(tariffs.articles, [17, 0]);
        assert_eq!(
            with(&learned, "пошлин").expect("learned").phrases,
            ["пошлин", "пошлинах", "пошлину"]
        );
        assert_eq!(
            with(&learned, "schools").expect("learned").phrases,
            ["school", "schools"]
        );
    }

    #[test]
    fn what_stands_on_both_sides_or_speaks_for_the_other_is_no_form() {
        let learned = taught(&[
            ("the import", "en", true, 12),
            ("an importer", "en", true, 2),
            ("importer", "en", false, 2),
            ("it is important", "en", false, 12),
            ("a cart", "en", true, 12),
            ("cartoons", "en", true, 12),
        ]);
        assert_eq!(with(&learned, "import").expect("learned").phrases, ["import"]);
        assert!(with(&learned, "important").is_some_and(|l| l.weight < 0.0));
        assert_eq!(with(&learned, "importer"), None);
        assert_eq!(
            with(&learned, "cart").expect("learned").phrases,
            ["cart"],
            "four letters more"
        );
    }

    #[test]
    fn a_phrase_is_told_by_another_of_its_language_in_whole_words_alone() {
        let learned = taught(&[
            ("das ist der import", "de", true, 12),
            ("die schule", "de", false, 12),
            ("reimporters, night ferry, sternight", "en", true, 8),
            ("import", "en", true, 7),
            ("the school", "en", false, 12),
            ("关税", "zh", true, 12),
            ("学校", "zh", false, 12),
        ]);
        for word in ["reimporters", "night ferry", "sternight", "import", "关税", "学校"] {
            assert!(with(&learned, word).is_some(), "{word} in {learned:?}");
        }
        assert_eq!(
            learned.iter().filter(|l| l.phrases == ["import"]).count(),
            2,
            "{learned:?}"
        );
        assert!(with(&learned, "night").is_none(), "{learned:?}");
        assert!(is_within("税", "关税战") && !is_within("night", "sternight ferry"));
    }

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
