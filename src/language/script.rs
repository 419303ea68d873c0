//! Text → the script it is written in.
//!
//! In: text. Out: a [`Script`], and how many of its letters there are. Always: pure; one pass over the bytes.

use crate::fast::bits::{blocks, places};

/// The scripts told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
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
    Armenian,
    Georgian,
    Gurmukhi,
    Gujarati,
    Odia,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Sinhala,
    Lao,
    Tibetan,
    Burmese,
    Ethiopic,
    Khmer,
}

const SCRIPTS: [Script; 26] = [
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
    Script::Armenian,
    Script::Georgian,
    Script::Gurmukhi,
    Script::Gujarati,
    Script::Odia,
    Script::Tamil,
    Script::Telugu,
    Script::Kannada,
    Script::Malayalam,
    Script::Sinhala,
    Script::Lao,
    Script::Tibetan,
    Script::Burmese,
    Script::Ethiopic,
    Script::Khmer,
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
            '\u{530}'..='\u{58f}' => Self::Armenian,
            '\u{10a0}'..='\u{10ff}' => Self::Georgian,
            '\u{a00}'..='\u{a7f}' => Self::Gurmukhi,
            '\u{a80}'..='\u{aff}' => Self::Gujarati,
            '\u{b00}'..='\u{b7f}' => Self::Odia,
            '\u{b80}'..='\u{bff}' => Self::Tamil,
            '\u{c00}'..='\u{c7f}' => Self::Telugu,
            '\u{c80}'..='\u{cff}' => Self::Kannada,
            '\u{d00}'..='\u{d7f}' => Self::Malayalam,
            '\u{d80}'..='\u{dff}' => Self::Sinhala,
            '\u{e80}'..='\u{eff}' => Self::Lao,
            '\u{f00}'..='\u{fff}' => Self::Tibetan,
            '\u{1000}'..='\u{109f}' => Self::Burmese,
            '\u{1200}'..='\u{139f}' => Self::Ethiopic,
            '\u{1780}'..='\u{17ff}' => Self::Khmer,
            '\u{3040}'..='\u{30ff}' => Self::Kana,
            '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}' => Self::Han,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => Self::Hangul,
            _ => return None,
        })
    }

    /// The language nearly every article in this script is written in.
    pub(super) fn main_language(self) -> &'static str {
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
            Self::Armenian => "hy",
            Self::Georgian => "ka",
            Self::Gurmukhi => "pa",
            Self::Gujarati => "gu",
            Self::Odia => "or",
            Self::Tamil => "ta",
            Self::Telugu => "te",
            Self::Kannada => "kn",
            Self::Malayalam => "ml",
            Self::Sinhala => "si",
            Self::Lao => "lo",
            Self::Tibetan => "bo",
            Self::Burmese => "my",
            Self::Ethiopic => "am",
            Self::Khmer => "km",
        }
    }
}

/// Whether a language is written in a script; in Latin letters where nothing else is known.
pub(super) fn is_written_in(language: &str, script: Script) -> bool {
    match language {
        "uk" | "be" | "bg" | "mk" | "ky" | "mn" | "tg" | "tt" => script == Script::Cyrillic,
        "sr" | "az" | "kk" | "uz" | "tk" => matches!(script, Script::Latin | Script::Cyrillic),
        "fa" | "ur" | "ps" | "ug" => script == Script::Arabic,
        "ku" => matches!(script, Script::Latin | Script::Arabic),
        "mr" | "ne" => script == Script::Devanagari,
        "yi" => script == Script::Hebrew,
        "as" => script == Script::Bengali,
        _ => match SCRIPTS.iter().find(|s| s.main_language() == language) {
            Some(own) => *own == script,
            None => script == Script::Latin,
        },
    }
}

/// Letters of each script in a text.
pub(super) struct Counts([usize; SCRIPTS.len()]);

impl Counts {
    pub(super) fn of(text: &str) -> Self {
        let mut counts = [0; SCRIPTS.len()];
        let mut latin = 0;
        for (at, bits, _) in blocks(text.as_bytes()) {
            latin += bits.letters().count_ones() as usize;
            let firsts = places(bits.firsts_beyond_ascii());
            let letters = firsts.filter_map(|place| text.get(at + place..)?.chars().next());
            for script in letters.filter_map(Script::of) {
                if let Some(count) = counts.get_mut(script as usize) {
                    *count += 1;
                }
            }
        }
        if let Some(count) = counts.get_mut(Script::Latin as usize) {
            *count += latin;
        }
        Self(counts)
    }

    fn get(&self, script: Script) -> usize {
        self.0.get(script as usize).copied().unwrap_or(0)
    }

    /// The script most of the text is written in, and its letters. Names of firms in Latin letters do not make a Chinese text
    /// English: a Han letter says about as much as three Latin ones. Japanese is Han with kana between, one in twenty at least.
    pub(super) fn script(&self) -> Option<(Script, usize)> {
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
