//! An article alone → known for one, so that none of its lists, verses and speakers' names are taken for furniture.
//!
//! In: a text's lines, with what phrases say of them. Out: whether nothing in it tells of a page around it. Always: a function of
//! the lines that are left, whatever went before; linear in them.
//!
//! Most of it must be prose, no line may be named as furniture by a phrase, and it must be in a language whose furniture the
//! phrases know: that they find none would say nothing elsewhere.

use super::phrases::Hits;
use super::shapes::Shape;

/// Share of the words that are prose, at least.
const PROSE_SHARE: f32 = 0.5;
/// A line of which phrases cover more than one part in so many is named by them.
const NAMED_PART: usize = 4;
/// Words that are looked at for the language.
const WORDS_LOOKED_AT: usize = 64;
/// One in so many of them is a small word of a language that the phrases know.
const WORDS_PER_SMALL: usize = 9;
/// Fewer words tell no language.
const WORDS_MIN: usize = 16;

/// A line as it is looked at here.
pub(super) struct Seen<'a> {
    pub(super) text: &'a str,
    pub(super) shape: &'a Shape,
    pub(super) hits: &'a Hits,
    pub(super) is_prose: bool,
}

/// Whether these lines are an article and nothing else.
pub(super) fn is_alone<'a>(lines: impl Iterator<Item = Seen<'a>> + Clone) -> bool {
    let (mut prose, mut all) = (0.0, 0.0);
    for line in lines.clone() {
        if is_named(&line) {
            return false;
        }
        let units = line.shape.units;
        all += units;
        prose += if line.is_prose { units } else { 0.0 };
    }
    prose > PROSE_SHARE * all && is_known(lines.filter(|line| line.is_prose).map(|line| line.text))
}

/// Whether phrases cover a good part of the line, or begin it; prose may begin with any word.
fn is_named(line: &Seen<'_>) -> bool {
    let covered: usize = line.hits.bytes.iter().map(|bytes| usize::from(*bytes)).sum();
    line.hits.begins.is_some() && !line.is_prose || covered * NAMED_PART > line.text.len()
}

/// Whether the phrases know the language: by its script, or by its smallest words, of which prose is full.
fn is_known<'a>(prose: impl Iterator<Item = &'a str>) -> bool {
    let mut words = 0;
    let mut small = [0; SMALL.len()];
    for word in prose.flat_map(str::split_ascii_whitespace).take(WORDS_LOOKED_AT) {
        if word.chars().next().is_some_and(is_of_a_known_script) {
            return true;
        }
        words += 1;
        for (count, of_language) in small.iter_mut().zip(SMALL) {
            *count += usize::from(of_language.contains(&word));
        }
    }
    words >= WORDS_MIN && small.iter().any(|count| count * WORDS_PER_SMALL >= words)
}

/// Chinese, Japanese, Korean and Hindi.
fn is_of_a_known_script(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{900}'..='\u{97f}')
}

/// Small words of the other languages, each by itself: those of neighbours (Catalan, Danish, Bulgarian) are spread over several.
#[rustfmt::skip]
const SMALL: [&[&str]; 9] = [
    &["the", "of", "and", "to", "in", "is", "that", "for", "was", "on", "with", "it"],
    &["der", "die", "das", "und", "ist", "von", "mit", "zu", "nicht", "im", "für", "auf"],
    &["le", "les", "des", "et", "une", "est", "dans", "du", "pour", "sur"],
    &["los", "las", "por", "con", "y", "se", "su", "lo", "es", "al"],
    &["il", "che", "della", "per", "gli", "di", "e", "non", "nel", "sono"],
    &["os", "as", "uma", "não", "com", "dos", "da", "do", "em", "ao"],
    &["het", "een", "van", "zijn", "op", "voor", "de", "en"],
    &["w", "z", "na", "się", "nie", "jest", "i", "do", "że"],
    &["и", "в", "не", "что", "с", "по", "как"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_of_the_phrases_are_known_by_their_small_words() {
        let check = |text: &str, expected: bool| assert_eq!(is_known(std::iter::once(text)), expected, "{text}");
        check(
            "The council of the port said that it was to close the pier for the winter and open it in spring.",
            true,
        );
        check(
            "Der Rat der Stadt hat die Brücke und das Ufer für zwei Tage gesperrt, weil der Sturm nicht nachlässt.",
            true,
        );
        check("港口管理局星期一表示，码头将在春天重新开放。", true);
        check(
            "El president del port va dir dilluns que les onze grues del moll tornaran a funcionar abans de final de setmana, i que \
             una part del trànsit es reprendrà.",
            false,
        );
        check(
            "Пристанището съобщи в понеделник, че всички кранове ще работят отново преди края на седмицата, ако времето на морето позволи.",
            false,
        );
        check(
            "Havnens bestyrelse sagde mandag, at alle elleve kraner skal være i drift igen inden ugens udgang, hvis vejret i nord tillader det.",
            false,
        );
        check(
            "Hamnens styrelse sade på måndagen att alla elva kranar ska vara i drift igen före veckans slut, om vädret tillåter det.",
            false,
        );
        check("The end.", false);
    }
}
