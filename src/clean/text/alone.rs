//! An article alone → known for one, so that none of its lists, verses and speakers' names are taken for furniture.
//!
//! In: a text's lines, with what phrases say of them. Out: whether nothing in it tells of a page around it. Always: a function of
//! the lines that are left, whatever went before; linear in them.
//!
//! Most of it must be prose, no line may be named as furniture by a phrase, and it must be in a language whose furniture the
//! phrases know: that they find none would say nothing elsewhere.

use super::features::Shape;
use super::phrases::Hits;

/// Share of the words that are prose, at least.
const PROSE_SHARE: f32 = 0.5;
/// A line of which phrases cover more than one part in so many is named by them.
const NAMED_PART: usize = 4;
/// Words that are looked at for the language.
const WORDS_LOOKED_AT: usize = 64;
/// One in so many of them is a small word of a language that the phrases know.
const WORDS_PER_SMALL: usize = 8;
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
    let (mut words, mut small) = (0, 0);
    for word in prose.flat_map(str::split_ascii_whitespace).take(WORDS_LOOKED_AT) {
        if word.chars().next().is_some_and(is_of_a_known_script) {
            return true;
        }
        words += 1;
        small += usize::from(is_small(word));
    }
    words >= WORDS_MIN && small * WORDS_PER_SMALL >= words
}

/// Chinese, Japanese, Korean and Hindi.
fn is_of_a_known_script(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{900}'..='\u{97f}')
}

/// Small words of the other languages, without those that their neighbours share (`de`, `en`, `den`, `la`).
#[rustfmt::skip]
fn is_small(word: &str) -> bool {
    matches!(
        word,
        "the" | "of" | "and" | "to" | "in" | "is" | "that" | "for" | "was" | "on" | "with" | "it"
        | "der" | "die" | "das" | "und" | "ist" | "von" | "mit" | "zu" | "nicht" | "im"
        | "le" | "les" | "des" | "et" | "une" | "est" | "dans" | "du" | "pour"
        | "el" | "los" | "las" | "que" | "una" | "por" | "con" | "del" | "y"
        | "il" | "che" | "della" | "per" | "gli" | "di" | "e" | "non"
        | "os" | "as" | "uma" | "não" | "com" | "dos" | "da" | "do" | "em"
        | "het" | "een" | "van" | "zijn" | "op" | "voor"
        | "w" | "z" | "na" | "się" | "nie" | "jest" | "i"
        | "ve" | "bir" | "bu" | "için" | "ile"
        | "и" | "в" | "на" | "не" | "что" | "с" | "по"
        | "في" | "من" | "على" | "أن" | "إلى"
    )
}

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
            "Hamnens styrelse sade på måndagen att alla elva kranar ska vara i drift igen före veckans slut, om vädret tillåter det.",
            false,
        );
        check("The end.", false);
    }
}
