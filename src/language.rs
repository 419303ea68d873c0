//! Text → the language it is written in.
//!
//! In: clean text and the page's own word. Out: ISO 639-1. Always: pure, constant time, and `None` rather than a guess. The script
//! decides first. In Latin, Cyrillic and Devanagari letters small words and letters tell the language, English with a short way of
//! its own; whichlang's letter n-grams are asked where these are too few, and believed where a small word agrees. The page's word
//! stands unless the text speaks against it, since templates name wrong languages.

use whichlang::Lang;

use crate::decode::language_name::to_iso_639_1;
use crate::fast::bits::{blocks, places};
use crate::fast::eight;

mod words;

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

/// The first language whose own letters are frequent enough.
fn marked(sample: &str, letters: usize) -> Option<&'static str> {
    let is_frequent = |marks: &str, in_thousand: usize| {
        let count = sample.chars().filter(|c| marks.contains(*c)).count();
        count > 1 && count * 1_000 >= letters * in_thousand
    };
    let marked = MARKS
        .iter()
        .find(|(_, marks, in_thousand)| is_frequent(marks, *in_thousand));
    marked.map(|(language, ..)| *language)
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
fn is_written_in(language: &str, script: Script) -> bool {
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

    /// One sentence, or nearly, in each.
    const SENTENCES: &[(&str, &str)] = &[
        (
            "The council said that the new bridge would open in May and that the old one was to be taken down by the end of the year.",
            "en",
        ),
        (
            "Die Stadt teilte mit, dass die neue Brücke im Mai eröffnet wird und dass die alte bis zum Ende des Jahres abgerissen werden soll.",
            "de",
        ),
        (
            "La mairie a annoncé que le nouveau pont sera ouvert en mai et que l’ancien sera détruit avant la fin de l’année.",
            "fr",
        ),
        (
            "El ayuntamiento anunció que el nuevo puente se abrirá en mayo y que el viejo será derribado antes de que termine el año.",
            "es",
        ),
        (
            "A câmara anunciou que a nova ponte vai abrir em maio e que a antiga não será usada depois do fim do ano.",
            "pt",
        ),
        (
            "O concello anunciou que a nova ponte vai abrir en maio e que a vella non será usada despois do fin do ano, pero unha parte quedará.",
            "gl",
        ),
        (
            "L’ajuntament va anunciar que el pont nou s’obrirà al maig i que el vell no serà utilitzat després de la fi de l’any, però una part quedarà amb els veïns.",
            "ca",
        ),
        (
            "Il comune ha annunciato che il nuovo ponte sarà aperto a maggio e che quello vecchio non sarà più usato dopo la fine dell’anno.",
            "it",
        ),
        (
            "Primăria a anunțat că noul pod va fi deschis în luna mai și că cel vechi nu mai este folosit după sfârșitul anului.",
            "ro",
        ),
        (
            "De gemeente meldde dat de nieuwe brug in mei wordt geopend en dat de oude voor het einde van het jaar wordt gesloopt.",
            "nl",
        ),
        (
            "Die stadsraad het gesê dat die nuwe brug in Mei sal oopmaak en dat die ou een nie meer gebruik word nie.",
            "af",
        ),
        (
            "Kommunen meddelade att den nya bron öppnas i maj och att den gamla inte kommer att användas efter årets slut.",
            "sv",
        ),
        (
            "Kommunen meddelte, at den nye bro bliver åbnet i maj, og at den gamle ikke skal bruges efter årets udgang, hvad mange havde ventet.",
            "da",
        ),
        (
            "Kommunen opplyste at den nye broen blir åpnet i mai, og at den gamle ikke skal brukes etter at året er ute, noe mange hadde ventet.",
            "no",
        ),
        (
            "Bærinn sagði að nýja brúin verði opnuð í maí og að sú gamla verði ekki notuð eftir það, en margir höfðu beðið þess.",
            "is",
        ),
        (
            "Kaupunki kertoi, että uusi silta avataan toukokuussa ja että vanha puretaan, kun vuosi on ohi, mutta osa jää myös paikalleen.",
            "fi",
        ),
        (
            "Linn teatas, et uus sild avatakse mais ja et vana ei ole enam kasutusel, kui aasta on läbi, aga osa jääb ka alles.",
            "et",
        ),
        (
            "Pilsēta paziņoja, ka jaunais tilts tiks atvērts maijā un ka vecais vairs nav lietojams, bet daļa no tā arī paliks.",
            "lv",
        ),
        (
            "Miestas pranešė, kad naujas tiltas bus atidarytas gegužę ir kad senas jau yra uždarytas, bet dalis jo taip pat liks.",
            "lt",
        ),
        (
            "Miasto podało, że nowy most będzie otwarty w maju i że stary nie jest już potrzebny, ale jego część zostanie.",
            "pl",
        ),
        (
            "Město oznámilo, že nový most bude otevřen v květnu a že starý už není potřeba, ale jeho část podle úřadu zůstane, protože se líbí.",
            "cs",
        ),
        (
            "Mesto oznámilo, že nový most bude otvorený v máji a že starý už nie je potrebný, ale jeho časť podľa úradu zostane, lebo sa páči aj deťom.",
            "sk",
        ),
        (
            "Mesto je sporočilo, da bo novi most odprt maja in da stari ni več potreben, vendar bo del tudi ostal, ker je lep.",
            "sl",
        ),
        (
            "Grad je objavio da će novi most biti otvoren u svibnju i da stari nije više potreban, ali će dio također ostati na svome mjestu.",
            "hr",
        ),
        (
            "Grad je objavio da će novi most biti otvoren u maju i da stari nije više potreban, ali će deo takođe ostati na svom mestu posle radova.",
            "sr",
        ),
        (
            "Град је објавио да ће нови мост бити отворен у мају и да стари није више потребан, али ће део такође остати.",
            "sr",
        ),
        (
            "A város közölte, hogy az új híd májusban nyílik meg, és hogy a régi már nem kell, de egy része azért még megmarad.",
            "hu",
        ),
        (
            "Bashkia njoftoi se ura e re do të hapet në maj dhe se e vjetra nuk është më e nevojshme, por një pjesë do të mbetet.",
            "sq",
        ),
        (
            "Belediye yeni köprünün mayıs ayında açılacağını ve eskisinin artık gerekli olmadığını, ama bir bölümünün kalacağını duyurdu, bu da çok sevildi.",
            "tr",
        ),
        (
            "Bələdiyyə yeni körpünün mayda açılacağını və köhnəsinin daha lazım olmadığını, amma bir hissəsinin qalacağını bildirib.",
            "az",
        ),
        (
            "Shahar hokimligi yangi koʻprik may oyida ochilishi va eskisi endi kerak emas deb aytdi, ammo bir qismi bu yerda qoladi, bilan birga uchun ham joy bor.",
            "uz",
        ),
        (
            "Udalak esan du zubi berria maiatzean irekiko dela eta zaharra ez dela gehiago erabiliko, baina zati bat hor geratuko da.",
            "eu",
        ),
        (
            "Dúirt an chomhairle go mbeidh an droichead nua ar oscailt i mí na Bealtaine agus nach bhfuil an seancheann ag teastáil, ach tá cuid de le fágáil.",
            "ga",
        ),
        (
            "Dywedodd y cyngor fod y bont newydd yn agor ym mis Mai ac nad oedd angen yr hen un, ond bydd rhan o hyn yn aros hefyd.",
            "cy",
        ),
        (
            "Il-kunsill qal li l-pont il-ġdid għandu jinfetaħ f’Mejju u li l-qadim ma huwa meħtieġ għal ħadd, iżda parti minn dan tibqa’.",
            "mt",
        ),
        (
            "La urbo diris, ke la nova ponto estos malfermita en majo kaj ke la malnova ne plu estas bezonata, sed parto de ĝi restos por la infanoj.",
            "eo",
        ),
        (
            "Senatus dixit pontem novum mense Maio apertum esse et veterem non iam utilem esse, sed in eo loco partem relinqui, quae ad flumen est.",
            "la",
        ),
        (
            "Pemerintah kota mengatakan bahwa jembatan baru akan dibuka pada bulan Mei dan yang lama tidak digunakan lagi karena sudah tua.",
            "id",
        ),
        (
            "Kerajaan bandar berkata bahawa jambatan baharu akan dibuka pada bulan Mei dan yang lama tidak boleh digunakan lagi kerana sudah tua.",
            "ms",
        ),
        (
            "Sinabi ng lungsod na ang bagong tulay ay bubuksan sa Mayo at hindi na gagamitin ang luma, para sa mga tao at sa ilog.",
            "tl",
        ),
        (
            "Mji ulisema kuwa daraja jipya litafunguliwa mwezi wa Mei na kwamba la zamani halitumiki tena, lakini sehemu yake itabaki kwa ajili ya watu.",
            "sw",
        ),
        (
            "Magaalada waxay sheegtay in buundada cusub la furi doono bisha Maajo oo ay tii hore tahay mid aan loo baahnayn, waxaana ka hadhi qayb.",
            "so",
        ),
        (
            "Hukumar gari ta ce za a bude sabuwar gada a watan Mayu kuma ba za a yi amfani da tsohuwar ba, amma wani bangare na cikin ta zai tsaya.",
            "ha",
        ),
        (
            "Ìlú náà sọ pé a ó ṣí afárá tuntun ní oṣù karùn-ún àti pé wọn kò ní lo èyí tó ti gbó, ṣùgbọ́n apá kan wà fún àwọn ọmọ.",
            "yo",
        ),
        (
            "Şaredariyê got ku pira nû di meha gulanê de vedibe û ya kevn êdî ne hewce ye, lê beşek ji wê ji bo zarokan dimîne.",
            "ku",
        ),
        (
            "Meri a di ke nouvo pon an ap louvri nan mwa me epi yo pa bezwen ansyen an ankò, men gen yon pati ki pral rete pou timoun yo.",
            "ht",
        ),
        (
            "Thành phố cho biết cây cầu mới sẽ được mở vào tháng năm và cây cầu cũ không còn cần thiết, nhưng một phần của nó vẫn ở lại.",
            "vi",
        ),
        (
            "Мэрия сообщила, что новый мост откроют в мае и что старый уже не нужен, но часть его останется для детей.",
            "ru",
        ),
        (
            "Мерія повідомила, що новий міст відкриють у травні і що старий уже не потрібен, але частина його залишиться для дітей.",
            "uk",
        ),
        (
            "Мэрыя паведаміла, што новы мост адкрыюць у траўні і што стары ўжо не патрэбны, але частка яго застанецца для дзяцей.",
            "be",
        ),
        (
            "Общината съобщи, че новият мост ще бъде отворен през май и че старият вече не е нужен, но част от него ще остане за децата.",
            "bg",
        ),
        (
            "Градот соопшти дека новиот мост ќе биде отворен во мај и дека стариот не е веќе потребен, но дел од него ќе остане за децата.",
            "mk",
        ),
        (
            "Қала әкімдігі жаңа көпір мамырда ашылады және ескісі енді қажет емес деп хабарлады, бірақ оның бір бөлігі қалады.",
            "kk",
        ),
        (
            "Шаардык кеңеш жаңы көпүрө майда ачылат жана эскиси мындан ары керек эмес деп билдирди, бирок анын бир бөлүгү калат.",
            "ky",
        ),
        (
            "Хотын захиргаа шинэ гүүр тавдугаар сард нээгдэнэ гэж мэдэгдсэн бөгөөд хуучин нь хэрэггүй болсон, харин нэг хэсэг нь үлдэнэ.",
            "mn",
        ),
        (
            "Шаҳрдорӣ гуфт, ки пули нав дар моҳи май кушода мешавад ва пули кӯҳна дигар лозим нест, аммо як қисми он барои кӯдакон мемонад.",
            "tg",
        ),
        (
            "नगर ने कहा कि नया पुल मई में खुलेगा और पुराने की अब ज़रूरत नहीं है, लेकिन उस का एक हिस्सा बच्चों के लिए रहेगा।",
            "hi",
        ),
        (
            "नवीन पूल मे महिन्यात सुरू होणार आहे आणि जुना आता लागत नाही, पण त्याचा एक भाग मुलांसाठी राहील असे नगरपालिकेने सांगितले.",
            "mr",
        ),
        (
            "नगरपालिकाले नयाँ पुल जेठमा खुल्ने र पुरानो अब नचाहिने बताएको छ, तर यसको एक भाग बालबालिकाका लागि रहने भएको छ।",
            "ne",
        ),
        (
            "قالت البلدية إن الجسر الجديد سيفتح في مايو وإن القديم لم يعد ضروريا، لكن جزءا منه سيبقى للأطفال.",
            "ar",
        ),
        (
            "شهرداری گفت که پل تازه در ماه مه باز می‌شود و پل کهنه دیگر لازم نیست، اما بخشی از آن برای کودکان می‌ماند.",
            "fa",
        ),
        (
            "بلدیہ نے کہا کہ نیا پل مئی میں کھلے گا اور پرانے کی اب ضرورت نہیں ہے، لیکن اس کا ایک حصہ بچوں کے لیے رہے گا۔",
            "ur",
        ),
        (
            "ښاروالۍ وویل چې نوی پل به د مې په میاشت کې پرانیستل شي او زوړ پل ته نور اړتیا نشته، خو یوه برخه به یې د ماشومانو لپاره پاتې شي.",
            "ps",
        ),
        (
            "شارەوانی وتی پردە نوێیەکە لە مانگی ئایار دەکرێتەوە و ئەوەی کۆن چیتر پێویست نییە، بەڵام بەشێکی بۆ منداڵان دەمێنێتەوە.",
            "ku",
        ),
        (
            "Ο δήμος ανακοίνωσε ότι η νέα γέφυρα θα ανοίξει τον Μάιο και ότι η παλιά δεν χρειάζεται πια.",
            "el",
        ),
        ("העירייה הודיעה שהגשר החדש ייפתח במאי ושאין עוד צורך בגשר הישן.", "he"),
        ("เทศบาลแจ้งว่าสะพานใหม่จะเปิดในเดือนพฤษภาคมและไม่ต้องใช้สะพานเก่าอีก", "th"),
        ("পৌরসভা জানিয়েছে যে নতুন সেতু মে মাসে খুলবে এবং পুরোনোটির আর দরকার নেই।", "bn"),
        ("Քաղաքապետարանը հայտնեց, որ նոր կամուրջը կբացվի մայիսին։", "hy"),
        ("მერიამ განაცხადა, რომ ახალი ხიდი მაისში გაიხსნება.", "ka"),
        ("புதிய பாலம் மே மாதம் திறக்கப்படும் என்று நகராட்சி கூறியது.", "ta"),
        ("కొత్త వంతెన మే నెలలో తెరుస్తామని పురపాలక సంఘం చెప్పింది.", "te"),
        ("નવો પુલ મે મહિનામાં ખુલશે એમ નગરપાલિકાએ કહ્યું.", "gu"),
        ("ਨਵਾਂ ਪੁਲ ਮਈ ਵਿੱਚ ਖੁੱਲ੍ਹੇਗਾ, ਨਗਰ ਨਿਗਮ ਨੇ ਕਿਹਾ।", "pa"),
        ("አዲሱ ድልድይ በግንቦት ይከፈታል ሲል ከተማው አስታወቀ።", "am"),
    ];

    #[test]
    fn small_words_and_letters_tell_a_language() {
        for (text, expected) in SENTENCES {
            check(text, None, Some(expected));
        }
    }

    #[test]
    fn the_pages_word_changes_nothing_where_the_text_tells() {
        for (text, expected) in SENTENCES {
            check(text, Some(expected), Some(expected));
            let other = if *expected == "en" { "fr" } else { "en" };
            check(&format!("{text} ").repeat(3), Some(other), Some(expected));
        }
    }

    #[test]
    fn a_language_without_a_list_is_not_called_by_anothers_name() {
        for text in [
            // Quechua, no language at all, and Greenlandic.
            "Wasiykiqa hatunmi kachkan, ichaqa punkunqa huchuyllam, chaymi mana yaykuyta atinichu kunan punchaw.",
            "Lorsk vintal brespo grundik flarn ostev wimpul kressat dolvin hunter prask ulmo tervin.",
            "Nuna tamarmi aputaavoq, inuillu angerlarsimapput, kisianni umiarsuaq aqagu tikissaaq.",
        ] {
            check(text, None, None);
            check(text, Some("rw"), Some("rw"));
        }
    }

    #[test]
    fn the_page_tells_near_languages_apart() {
        let of = |language: &str| {
            SENTENCES
                .iter()
                .find(|(_, l)| *l == language)
                .map_or("", |(text, _)| *text)
        };
        check(of("hr"), Some("bs"), Some("bs"));
        check(of("no"), Some("nb"), Some("nb"));
        check(
            "Eg veit ikkje kva dei vil, men vi kjem ikkje til å vere heime då.",
            None,
            Some("no"),
        );
        check(
            "Eg veit ikkje kva dei vil, men vi kjem ikkje til å vere heime då.",
            Some("nn"),
            Some("nn"),
        );
        let short = "Jembatan baru dibuka di tempat itu";
        check(short, None, None);
        check(short, Some("ms"), Some("ms"));
        check(short, Some("id"), Some("id"));
    }

    #[test]
    fn letters_speak_against_the_pages_word() {
        let turkish = "Köprü mayıs ayında açılıyor; ağaçlar, çiçekler ve ışıklar için şehirde çalışıldı.";
        for hint in ["tr", "ro", "en"] {
            check(turkish, Some(hint), Some("tr"));
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
