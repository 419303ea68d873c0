//! Text → the language it is written in.
//!
//! In: clean text and the page's own word. Out: ISO 639-1. Always: pure, constant time, and `None` rather than a guess on too
//! little text. The script decides first, letters that only one language writes next, then the small words of English, whichlang's
//! letter n-grams last. On a short text the page's word comes before the n-grams; on a long one the text is believed, since
//! templates name wrong languages.

use whichlang::Lang;

use crate::decode::language_name::to_iso_639_1;
use crate::fast::bits::{blocks, places};
use crate::fast::eight;

/// Bytes looked at: more text hardly changes the answer and costs time on every article.
const SAMPLE_BYTES: usize = 480;

/// Latin letters below which the n-grams guess: 24 give an answer for a headline, fewer give noise.
const LATIN_MIN: usize = 24;

/// Latin letters from which the text is believed against the page's word.
const LATIN_SURE: usize = 200;

/// Letters that tell a script; one headline in a script without spaces has about eight.
const OTHER_MIN: usize = 4;

/// Letters that only one language (among those written with the same script) uses often, and how many in a thousand there must be.
const MARKS: [(&str, &str, usize); 14] = [
    ("pl", "ąęłńśźż", 20),
    ("cs", "ěřů", 15),
    ("ro", "ășțşţ", 25),
    ("hu", "őű", 6),
    ("uk", "іїєґ", 20),
    ("be", "ў", 5),
    ("sr", "ђјљњћџ", 10),
    ("ru", "ыэё", 5),
    ("bg", "ъ", 8),
    ("ur", "ٹڈڑےںہ", 20),
    ("fa", "پچژگیک", 20),
    ("mr", "ळ", 5),
    ("da", "æø", 10),
    ("is", "ðþ", 10),
];

/// Languages that whichlang knows: against these the page's word can be judged.
const KNOWN: [&str; 13] = [
    "ar", "zh", "de", "en", "fr", "hi", "it", "ja", "ko", "nl", "pt", "ru", "es",
];

/// Detect the language of `text`; `hint` is what the page or the scraper said (`en`, `en-GB`, `eng`).
pub fn detect(text: &str, hint: Option<&str>) -> Option<String> {
    let hint = hint.and_then(to_iso_639_1);
    let sample = sample(text);
    let counts = Counts::of(sample);
    let found = match counts.script() {
        Some((Script::Latin, letters)) => latin(sample, letters, hint),
        Some((script, letters)) if letters >= OTHER_MIN => Some(of_script(script, sample, letters, hint)),
        _ => hint,
    };
    found.map(str::to_owned)
}

fn sample(text: &str) -> &str {
    &text[..text.floor_char_boundary(SAMPLE_BYTES)]
}

fn latin<'a>(sample: &str, letters: usize, hint: Option<&'a str>) -> Option<&'a str> {
    let hint = hint.filter(|h| script_of(h) == Script::Latin);
    if letters < LATIN_MIN {
        return hint;
    }
    let candidates = ["pl", "cs", "ro", "hu", "da", "is"];
    match (marked(sample, letters, &candidates), hint) {
        // Danish and Norwegian share their letters; one word tells them apart in nearly every text.
        (Some("da"), Some(hint @ ("no" | "da"))) => Some(hint),
        (Some("da"), _) => Some(if sample.contains(" af ") { "da" } else { "no" }),
        (Some(marked), _) => Some(marked),
        (None, None) if is_polish(sample) => Some("pl"),
        (None, Some(hint)) if letters < LATIN_SURE || !is_known(hint) => Some(hint),
        (None, _) if is_english(sample) => Some("en"),
        (None, _) => by_ngrams(sample),
    }
}

/// Polish with few letters of its own, which the n-grams do not know: some, and its small words. Names of Polish towns in another
/// language bring the letters alone.
fn is_polish(sample: &str) -> bool {
    let small = |word: &&str| {
        matches!(
            *word,
            "w" | "z" | "i" | "na" | "do" | "od" | "po" | "że" | "się" | "nie" | "jest"
        )
    };
    !sample.is_ascii()
        && sample.chars().any(|c| "ąęłńśźż".contains(c))
        && sample.split_whitespace().filter(small).count() > 2
}

/// English told by its small words, as most texts can be for a tenth of what the n-grams cost: one word in sixteen is one of these,
/// while a quotation or a title in another language brings a few.
fn is_english(sample: &str) -> bool {
    const SMALL: [&[u8]; 8] = [b"the", b"and", b"with", b"that", b"from", b"this", b"has", b"were"];
    let small = SMALL.map(eight::read);
    let (mut words, mut count) = (0, 0);
    for word in sample.split_ascii_whitespace() {
        words += 1;
        // As numbers, for none is longer than four bytes: no branch asks for each.
        let word = if word.len() > 4 {
            0
        } else {
            eight::small(eight::read(word.as_bytes()))
        };
        count += small.iter().map(|s| usize::from(*s == word)).sum::<usize>();
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

fn of_script<'a>(script: Script, sample: &str, letters: usize, hint: Option<&'a str>) -> &'a str {
    let marks: &[&'static str] = match script {
        Script::Cyrillic => &["uk", "be", "sr", "ru", "bg"],
        Script::Arabic => &["ur", "fa"],
        Script::Devanagari => &["mr"],
        _ => &[],
    };
    if let Some(marked) = marked(sample, letters, marks) {
        return marked;
    }
    match hint.filter(|h| script_of(h) == script && !is_known(h)) {
        Some(hint) => hint,
        None => script.main_language(),
    }
}

/// The first of `languages` whose own letters are frequent enough.
fn marked(sample: &str, letters: usize, languages: &[&str]) -> Option<&'static str> {
    if sample.is_ascii() {
        return None;
    }
    let beyond_ascii: Vec<char> = sample.chars().filter(|c| !c.is_ascii()).map(lower).collect();
    let is_frequent = |marks: &str, in_thousand: usize| {
        let count = |mark: char| beyond_ascii.iter().filter(|c| **c == mark).count();
        let count: usize = marks.chars().map(count).sum();
        count > 1 && count * 1_000 >= letters * in_thousand
    };
    MARKS
        .iter()
        .filter(|(language, ..)| languages.contains(language))
        .find(|(_, marks, in_thousand)| is_frequent(marks, *in_thousand))
        .map(|(language, ..)| *language)
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn is_known(language: &str) -> bool {
    KNOWN.contains(&language)
}

/// The scripts told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Han,
    Kana,
    Hangul,
    Arabic,
    Devanagari,
    Thai,
    Greek,
    Hebrew,
    Bengali,
}

const SCRIPTS: [Script; 11] = [
    Script::Latin,
    Script::Cyrillic,
    Script::Han,
    Script::Kana,
    Script::Hangul,
    Script::Arabic,
    Script::Devanagari,
    Script::Thai,
    Script::Greek,
    Script::Hebrew,
    Script::Bengali,
];

impl Script {
    /// The script of a letter beyond ASCII.
    fn of(c: char) -> Option<Self> {
        Some(match c {
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{370}'..='\u{3ff}' => Self::Greek,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{590}'..='\u{5ff}' => Self::Hebrew,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Self::Arabic,
            '\u{900}'..='\u{97f}' => Self::Devanagari,
            '\u{980}'..='\u{9ff}' => Self::Bengali,
            '\u{e00}'..='\u{e7f}' => Self::Thai,
            '\u{3040}'..='\u{30ff}' => Self::Kana,
            '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}' => Self::Han,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => Self::Hangul,
            _ => return None,
        })
    }

    /// The language nearly every article in this script is written in.
    fn main_language(self) -> &'static str {
        match self {
            Self::Latin => "en",
            Self::Cyrillic => "ru",
            Self::Han => "zh",
            Self::Kana => "ja",
            Self::Hangul => "ko",
            Self::Arabic => "ar",
            Self::Devanagari => "hi",
            Self::Thai => "th",
            Self::Greek => "el",
            Self::Hebrew => "he",
            Self::Bengali => "bn",
        }
    }
}

/// The script a language is written in; Latin where nothing else is known.
fn script_of(language: &str) -> Script {
    match language {
        "ru" | "uk" | "be" | "bg" | "sr" | "mk" | "kk" | "ky" | "mn" => Script::Cyrillic,
        "ar" | "fa" | "ur" | "ps" => Script::Arabic,
        "hi" | "mr" | "ne" => Script::Devanagari,
        "zh" => Script::Han,
        "ja" => Script::Kana,
        "ko" => Script::Hangul,
        "th" => Script::Thai,
        "el" => Script::Greek,
        "he" | "yi" => Script::Hebrew,
        "bn" | "as" => Script::Bengali,
        _ => Script::Latin,
    }
}

/// Letters of each script in a text.
struct Counts([usize; SCRIPTS.len()]);

impl Counts {
    fn of(text: &str) -> Self {
        let mut counts = [0; SCRIPTS.len()];
        if let Some(latin) = counts.get_mut(Script::Latin as usize) {
            *latin = text.bytes().filter(u8::is_ascii_alphabetic).count();
        }
        let beyond_ascii = blocks(text.as_bytes()).flat_map(|(at, bits, _)| {
            let firsts = places(bits.firsts_beyond_ascii());
            firsts.filter_map(move |place| text.get(at + place..)?.chars().next())
        });
        for script in beyond_ascii.filter_map(Script::of) {
            if let Some(count) = counts.get_mut(script as usize) {
                *count += 1;
            }
        }
        Self(counts)
    }

    fn get(&self, script: Script) -> usize {
        self.0.get(script as usize).copied().unwrap_or(0)
    }

    /// The script most of the text is written in, and its letters. Names of firms in Latin letters do not make a Chinese text
    /// English: a Han letter says about as much as three Latin ones. Japanese is Han with kana between, one in twenty at least.
    fn script(&self) -> Option<(Script, usize)> {
        let (han, kana) = (self.get(Script::Han), self.get(Script::Kana));
        let weight = |script: Script| match script {
            Script::Han | Script::Kana => 3 * (han + kana),
            Script::Hangul => 3 * self.get(script),
            other => self.get(other),
        };
        let first = SCRIPTS.into_iter().rev().max_by_key(|script| weight(*script))?;
        let script = match first {
            Script::Han | Script::Kana if kana * 20 >= han + kana => Script::Kana,
            Script::Han | Script::Kana => Script::Han,
            other => other,
        };
        let letters = if matches!(script, Script::Han | Script::Kana) {
            han + kana
        } else {
            self.get(script)
        };
        (letters > 0).then_some((script, letters))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, hint: Option<&str>, expected: Option<&str>) {
        assert_eq!(detect(text, hint).as_deref(), expected, "{text} ({hint:?})");
    }

    #[test]
    fn the_language_is_read_from_the_text() {
        for (text, expected) in [
            (
                "The harbour was closed for two days after the storm tore a crane from its rails.",
                "en",
            ),
            (
                "Der Hafen blieb zwei Tage lang geschlossen, nachdem der Sturm einen Kran umgerissen hatte.",
                "de",
            ),
            (
                "Le port est resté fermé pendant deux jours après que la tempête a renversé une grue.",
                "fr",
            ),
            (
                "El puerto permaneció cerrado durante dos días después de que la tormenta derribara una grúa.",
                "es",
            ),
            (
                "O porto ficou fechado durante dois dias depois que a tempestade derrubou um guindaste.",
                "pt",
            ),
            (
                "Il porto è rimasto chiuso per due giorni dopo che la tempesta ha abbattuto una gru.",
                "it",
            ),
            (
                "Port był zamknięty przez dwa dni po tym, jak wichura przewróciła dźwig.",
                "pl",
            ),
            (
                "Порт был закрыт два дня после того, как буря опрокинула кран, сообщили власти.",
                "ru",
            ),
            (
                "Порт був зачинений два дні після того, як буря перекинула кран, повідомили чиновники.",
                "uk",
            ),
            ("暴风吹倒了一台起重机，港口关闭了两天。", "zh"),
            ("嵐でクレーンが倒れ、港は二日間閉鎖された。", "ja"),
            ("폭풍으로 크레인이 쓰러져 항구가 이틀 동안 폐쇄됐다.", "ko"),
            ("أغلق الميناء لمدة يومين بعد أن أسقطت العاصفة رافعة.", "ar"),
            ("तूफ़ान में एक क्रेन गिरने के बाद बंदरगाह दो दिन बंद रहा।", "hi"),
        ] {
            check(text, None, Some(expected));
        }
    }

    #[test]
    fn polish_with_few_letters_of_its_own_is_polish_and_a_town_is_not() {
        check(
            "Do roku 2030 zapotrzebowanie na kable ma jeszcze wzrosnąć, ocenia instytut portowy w swoim nowym raporcie o statkach i dokach.",
            None,
            Some("pl"),
        );
        check(
            "The ferry left the port of Gdańsk on Monday, and the two conductors walked past the cranes to the shipyard gate.",
            None,
            Some("en"),
        );
    }

    #[test]
    fn too_little_text_says_nothing() {
        check("", None, None);
        check("OK 42", None, None);
        check("12:30 – 14:00", None, None);
    }

    #[test]
    fn on_a_short_text_the_pages_word_counts() {
        check("Live: Paris", Some("fr-FR"), Some("fr"));
        check("Live: Paris", Some("FRA"), Some("fr"));
        check("Live: Paris", Some("klingon"), None);
    }

    #[test]
    fn a_template_that_names_the_wrong_language_is_not_believed() {
        let text =
            "Der Hafen blieb zwei Tage lang geschlossen, nachdem der Sturm einen Kran umgerissen hatte. ".repeat(4);
        check(&text, Some("en"), Some("de"));
        check("港口关闭了两天，船只在外海等候。", Some("en"), Some("zh"));
    }

    #[test]
    fn names_in_latin_letters_leave_a_chinese_text_chinese() {
        check(
            "Lynas Rare Earths 与 MP Materials 签署供应协议，股价上涨百分之五。",
            None,
            Some("zh"),
        );
    }

    proptest! {
        #[test]
        fn any_text_and_any_hint_are_survived(text: String, hint: Option<String>) {
            if let Some(code) = detect(&text, hint.as_deref()) {
                prop_assert_eq!(code.len(), 2);
            }
        }
    }
}
