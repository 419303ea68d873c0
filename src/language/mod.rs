//! Text → the language it is written in.
//!
//! In: clean text and the page's own word. Out: ISO 639-1. Always: pure, constant time, and `None` rather than a guess. The script
//! decides first. In Latin, Cyrillic and Devanagari letters small words and letters tell the language, English with a short way of
//! its own; whichlang's letter n-grams are asked where these are too few, and believed where a small word agrees. The page's word
//! stands unless the text speaks against it, since templates name wrong languages.

use whichlang::Lang;

use crate::decode::language_name::to_iso_639_1;
use crate::fast::bits::{BLOCK, Bits, blocks, places};
use crate::fast::eight;

mod script;
mod words;

use script::{Counts, Script, is_written_in};
use words::{Fit, Fits, WORD};

/// Bytes looked at: more text hardly changes the answer and costs time on every article.
const SAMPLE_BYTES: usize = 480;

/// And where these leave a doubt.
const SAMPLE_BYTES_MORE: usize = 1_920;

/// Latin letters below which nothing is told: 24 are a headline, fewer give noise.
const LATIN_MIN: usize = 24;

/// Letters that tell a script; one headline in a script without spaces has about eight.
const OTHER_MIN: usize = 4;

/// Letters that only one language (among those written in Arabic letters) uses often, and how many in a thousand there must be.
const MARKS: [(&str, &str, usize); 5] = [
    ("ug", "ۇۈۋ", 30),
    ("ku", "ۆێڵڕ", 20),
    ("ps", "ټډړږښڼځڅ", 20),
    ("ur", "ٹڈڑےںہ", 20),
    ("fa", "پچژگیک", 20),
];

/// Different small words that tell a language; one fewer will do where they stand twice as close.
const SEEN_MIN: u32 = 3;

/// One word in sixteen must be a small one, or letters must stand for it.
const WORDS_A_HIT: i32 = 16;

/// What letters that few languages write must weigh to tell one with the n-grams alone.
const LETTERS_MIN: i32 = 4;

/// How far the best language must lead the second: this much, and an eighth of what it has.
const LEAD: i32 = 6;
const LEAD_PART: i32 = 8;

/// How far it must lead the language that the page names.
const LEAD_OVER_HINT: i32 = 12;

/// As much against the page's word as three letters that its language does not write.
const AGAINST: i32 = -18;

/// Languages that share most of their words, and how far one must lead the other.
const NEAR: [(&str, &str, i32); 5] = [
    ("da", "no", 4),
    ("id", "ms", 4),
    ("cs", "sk", 4),
    ("hr", "sr", 4),
    ("st", "tn", 8),
];

/// What Croatian writes where Serbian has an `e`.
const IJEKAVIAN: [&str; 11] = [
    "vje", "mje", "tje", "pje", "gdje", "djec", "djel", "riječ", "vijes", "cijel", "dijel",
];

/// Detect the language of `text`; `hint` is what the page or the scraper said (`en`, `en-GB`, `eng`).
pub fn detect(text: &str, hint: Option<&str>) -> Option<String> {
    let hint = hint.and_then(to_iso_639_1);
    let short = sample(text, SAMPLE_BYTES);
    let found = match Counts::of(short).script() {
        Some((Script::Latin, letters)) if letters < LATIN_MIN => hint.filter(|h| is_written_in(h, Script::Latin)),
        Some((script, letters)) if letters >= OTHER_MIN => {
            let hint = hint.filter(|h| is_written_in(h, script));
            match script {
                Script::Latin if is_english(short) => Some("en"),
                Script::Latin | Script::Cyrillic | Script::Devanagari => by_words(text, script, hint),
                Script::Arabic => Some(marked(short, letters).or(hint).unwrap_or("ar")),
                // Nearly all of it is one language; another, such as Yiddish, is told by the page alone.
                _ => hint.or(Some(script.main_language())),
            }
        }
        _ => hint,
    };
    found.map(str::to_owned)
}

fn sample(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// The language of a script that many are written in.
fn by_words<'a>(text: &str, script: Script, hint: Option<&'a str>) -> Option<&'a str> {
    let short = sample(text, SAMPLE_BYTES);
    let fits = Fits::of(short);
    let judgement = judged(&fits, short, script, hint);
    if !matches!(judgement, Judgement::Told(_)) && text.len() > short.len() {
        let long = sample(text, SAMPLE_BYTES_MORE);
        if let Judgement::Told(language) = judged(&Fits::of(long), long, script, hint) {
            return Some(language);
        }
    }
    match judgement {
        Judgement::Told(language) | Judgement::Named(language) => Some(language),
        Judgement::Unknown if script == Script::Latin => by_ngrams_and_words(&fits, short),
        Judgement::Unknown => of_script(&fits, script),
    }
}

/// What small words and letters say.
enum Judgement<'a> {
    /// The language, surely.
    Told(&'a str),
    /// Nothing but that the page's word may stand.
    Named(&'a str),
    Unknown,
}

fn judged<'a>(fits: &Fits, sample: &str, script: Script, hint: Option<&'a str>) -> Judgement<'a> {
    let [(first, best), (next, second)] = fits.best(script);
    let seen_min = if best.score * WORDS_A_HIT >= 2 * WORD * fits.words {
        SEEN_MIN - 1
    } else {
        SEEN_MIN
    };
    let is_fit = best.score * WORDS_A_HIT >= WORD * fits.words && best.seen() >= seen_min;
    let is_told = is_fit && is_apart((first, best), (next, second), sample);
    // Letters that a language does not write speak against the page's word.
    let hint = hint.filter(|h| fits.get(script, listed(h)).is_none_or(|own| own.score > AGAINST));
    let Some(hint) = hint else {
        return if is_told {
            Judgement::Told(first)
        } else {
            Judgement::Unknown
        };
    };
    let is_wrong = match fits.get(script, listed(hint)) {
        _ if first == listed(hint) => return Judgement::Told(hint),
        Some(own) if own.score == second.score => is_told && best.score - own.score >= LEAD_OVER_HINT,
        Some(own) => is_fit && best.score - own.score >= LEAD_OVER_HINT,
        // A language without a list may share the words of another.
        None => is_told && best.seen() >= 2 * SEEN_MIN && best.score >= fits.words,
    };
    match is_wrong {
        true if is_told => Judgement::Told(first),
        true => Judgement::Unknown,
        false => Judgement::Named(hint),
    }
}

/// Whether the best language leads the second far enough.
fn is_apart((first, best): (&str, Fit), (next, second): (&str, Fit), sample: &str) -> bool {
    let lead = best.score - second.score;
    let near = NEAR
        .iter()
        .find(|(a, b, _)| (*a, *b) == (first, next) || (*b, *a) == (first, next));
    match near {
        _ if (first, next) == ("hr", "sr") && IJEKAVIAN.iter().any(|i| sample.contains(i)) => true,
        Some((.., far)) => lead >= *far,
        None => lead >= LEAD && lead * LEAD_PART >= best.score,
    }
}

/// What the n-grams say, where a small word or some letters of its own say the same and no other language has more of them.
fn by_ngrams_and_words(fits: &Fits, sample: &str) -> Option<&'static str> {
    let [(first, best), (_, second)] = fits.best(Script::Latin);
    let is_lettered = best.score >= LETTERS_MIN && best.score > second.score;
    let found = by_ngrams(sample)?;
    let own = fits.get(Script::Latin, found)?;
    let says_the_same = own.seen() > 0 && own.score == best.score || is_lettered && first == found;
    says_the_same.then_some(found)
}

/// The language with the most words and letters of its own; where none leads, the one that nearly every such text is written in.
fn of_script(fits: &Fits, script: Script) -> Option<&'static str> {
    let [(first, best), (_, second)] = fits.best(script);
    let main = fits.get(script, script.main_language())?;
    if best.score > second.score {
        return Some(first);
    }
    (main.score == best.score).then(|| script.main_language())
}

/// The language whose list stands for this one.
fn listed(language: &str) -> &str {
    match language {
        "nb" | "nn" => "no",
        "bs" => "hr",
        other => other,
    }
}

/// English told by its small words, as most texts can be for a tenth of what the n-grams cost: one word in sixteen is one of these,
/// while a quotation or a title in another language brings a few.
fn is_english(sample: &str) -> bool {
    const THREE: [&[u8]; 3] = [b"the", b"and", b"has"];
    const FOUR: [&[u8]; 5] = [b"with", b"that", b"from", b"this", b"were"];
    let (three, four) = (THREE.map(eight::read), FOUR.map(eight::read));
    let bytes = sample.as_bytes();
    let inside = |(at, bits, own): (usize, Bits, u64)| (at, own & !bits.any([b' ', b'\n', b'\r', b'\t', b'\x0c']));
    let mut blocks = blocks(bytes).map(inside).peekable();
    let (mut words, mut count, mut is_in_word) = (0, 0, 0);
    while let Some((at, inside)) = blocks.next() {
        let starts = inside & !(inside << 1 | is_in_word);
        is_in_word = inside >> (BLOCK - 1);
        words += starts.count_ones();
        // The bytes three and four behind each: those that are in no word end one.
        let next = blocks.peek().map_or(0, |(_, inside)| *inside);
        let [third, fourth] = [3, 4].map(|behind| inside >> behind | next << (BLOCK - behind));
        for place in places(starts & !(third & fourth)) {
            let word = eight::small(eight::read(bytes.get(at + place..).unwrap_or_default()));
            // As numbers: no branch asks for each.
            let is_one =
                |length: usize, of: &[u64]| of.iter().fold(false, |any, w| any | (*w == eight::first(length, word)));
            let ends = |behind: u64| behind >> place & 1 == 0;
            count += u32::from(ends(third) & is_one(3, &three)) + u32::from(ends(fourth) & is_one(4, &four));
        }
    }
    count >= 4 && count * 16 >= words
}

fn by_ngrams(sample: &str) -> Option<&'static str> {
    Some(match whichlang::detect_language(sample) {
        Lang::Deu => "de",
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Por => "pt",
        Lang::Spa => "es",
        Lang::Swe => "sv",
        Lang::Tur => "tr",
        Lang::Vie => "vi",
        // Not written in Latin letters: the n-grams have seen nothing they know.
        _ => return None,
    })
}

/// The first language whose own letters are frequent enough.
fn marked(sample: &str, letters: usize) -> Option<&'static str> {
    // All marks stand behind the letters of Arabic itself, and few other characters do.
    let beyond: String = sample.chars().filter(|c| *c > 'ي').collect();
    let is_frequent = |marks: &str, in_thousand: usize| {
        let count = beyond.chars().filter(|c| marks.chars().any(|mark| mark == *c)).count();
        count > 1 && count * 1_000 >= letters * in_thousand
    };
    let marked = MARKS
        .iter()
        .find(|(_, marks, in_thousand)| is_frequent(marks, *in_thousand));
    marked.map(|(language, ..)| *language)
}

#[cfg(test)]
mod tests;
