//! What tools call a language → ISO 639-1.
//!
//! In: `en`, `eng`, `en-US`, `pt_BR`, `English`, `eng,fra`. Out: the two letters. Always: what is not known is `None`.

/// ISO 639-1, the 639-2 and 639-3 codes, the English name and the name in the language itself, where tools write it.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("af", &["afr", "afrikaans"]),
    ("sq", &["sqi", "alb", "albanian"]),
    ("am", &["amh", "amharic"]),
    ("ar", &["ara", "arb", "arabic"]),
    ("hy", &["hye", "arm", "armenian"]),
    ("az", &["aze", "azj", "azerbaijani"]),
    ("eu", &["eus", "baq", "basque"]),
    ("be", &["bel", "belarusian", "byelorussian"]),
    ("bn", &["ben", "bengali", "bangla"]),
    ("bs", &["bos", "bosnian"]),
    ("bg", &["bul", "bulgarian"]),
    ("my", &["mya", "bur", "burmese"]),
    ("ca", &["cat", "catalan"]),
    ("zh", &["zho", "chi", "cmn", "yue", "chinese", "mandarin", "chineset"]),
    ("hr", &["hrv", "scr", "croatian"]),
    ("cs", &["ces", "cze", "czech"]),
    ("da", &["dan", "danish"]),
    ("nl", &["nld", "dut", "dutch", "flemish"]),
    ("en", &["eng", "english"]),
    ("eo", &["epo", "esperanto"]),
    ("et", &["est", "ekk", "estonian"]),
    ("fi", &["fin", "finnish"]),
    ("fr", &["fra", "fre", "french", "français", "francais"]),
    ("gl", &["glg", "galician"]),
    ("ka", &["kat", "geo", "georgian"]),
    ("de", &["deu", "ger", "german", "deutsch"]),
    ("el", &["ell", "gre", "greek"]),
    ("gu", &["guj", "gujarati"]),
    ("ha", &["hau", "hausa"]),
    ("he", &["heb", "iw", "hebrew"]),
    ("hi", &["hin", "hindi"]),
    ("hu", &["hun", "hungarian"]),
    ("is", &["isl", "ice", "icelandic"]),
    ("id", &["ind", "in", "indonesian"]),
    ("ga", &["gle", "irish"]),
    ("it", &["ita", "italian", "italiano"]),
    ("ja", &["jpn", "jp", "japanese"]),
    ("kn", &["kan", "kannada"]),
    ("kk", &["kaz", "kazakh"]),
    ("km", &["khm", "khmer"]),
    ("rw", &["kin", "kinyarwanda"]),
    ("ko", &["kor", "kr", "korean"]),
    ("ku", &["kur", "kmr", "ckb", "kurdish"]),
    ("ky", &["kir", "kyrgyz"]),
    ("lo", &["lao", "laothian"]),
    ("la", &["lat", "latin"]),
    ("lv", &["lav", "lvs", "latvian"]),
    ("lt", &["lit", "lithuanian"]),
    ("lb", &["ltz", "luxembourgish"]),
    ("mk", &["mkd", "mac", "macedonian"]),
    ("ms", &["msa", "may", "zsm", "malay"]),
    ("ml", &["mal", "malayalam"]),
    ("mt", &["mlt", "maltese"]),
    ("mr", &["mar", "marathi"]),
    ("mn", &["mon", "khk", "mongolian"]),
    ("ne", &["nep", "npi", "nepali"]),
    ("no", &["nor", "norwegian"]),
    ("nb", &["nob", "bokmål"]),
    ("nn", &["nno", "nynorsk"]),
    ("or", &["ori", "ory", "odia", "oriya"]),
    ("ps", &["pus", "pbu", "pashto"]),
    ("fa", &["fas", "per", "pes", "persian", "farsi"]),
    ("pl", &["pol", "polish"]),
    ("pt", &["por", "portuguese", "português", "portugues"]),
    ("pa", &["pan", "punjabi"]),
    ("ro", &["ron", "rum", "romanian"]),
    ("ru", &["rus", "russian"]),
    ("sr", &["srp", "scc", "serbian"]),
    ("si", &["sin", "sinhala", "sinhalese"]),
    ("sk", &["slk", "slo", "slovak"]),
    ("sl", &["slv", "slovenian", "slovene"]),
    ("so", &["som", "somali"]),
    ("es", &["spa", "spanish", "castilian", "español", "espanol"]),
    ("sw", &["swa", "swh", "swahili"]),
    ("sv", &["swe", "swedish"]),
    ("tl", &["tgl", "fil", "tagalog", "filipino"]),
    ("tg", &["tgk", "tajik"]),
    ("ta", &["tam", "tamil"]),
    ("te", &["tel", "telugu"]),
    ("th", &["tha", "thai"]),
    ("bo", &["bod", "tib", "tibetan"]),
    ("tr", &["tur", "turkish"]),
    ("tk", &["tuk", "turkmen"]),
    ("uk", &["ukr", "ukrainian"]),
    ("ur", &["urd", "urdu"]),
    ("ug", &["uig", "uyghur"]),
    ("uz", &["uzb", "uzn", "uzbek"]),
    ("vi", &["vie", "vietnamese"]),
    ("cy", &["cym", "wel", "welsh"]),
    ("br", &["bre", "breton"]),
    ("fo", &["fao", "faroese"]),
    ("fy", &["fry", "frisian"]),
    ("gd", &["gla", "gaelic"]),
    ("ht", &["hat", "haitian"]),
    ("ig", &["ibo", "igbo"]),
    ("jv", &["jav", "javanese"]),
    ("lg", &["lug", "ganda"]),
    ("mg", &["mlg", "plt", "malagasy"]),
    ("mi", &["mri", "mao", "maori"]),
    ("sn", &["sna", "shona"]),
    ("st", &["sot", "sotho"]),
    ("tn", &["tsn", "tswana"]),
    ("ts", &["tso", "tsonga"]),
    ("tt", &["tat", "tatar"]),
    ("xh", &["xho", "xhosa"]),
    ("yi", &["yid", "yiddish"]),
    ("yo", &["yor", "yoruba"]),
    ("zu", &["zul", "zulu"]),
];

/// The ISO 639-1 code that `raw` means. Of a list the first counts; a region or script after `-` or `_` goes.
pub fn to_iso_639_1(raw: &str) -> Option<&'static str> {
    let first = raw.split([',', ';', '|']).next()?.trim();
    let word = first.split(['-', '_', '.', '@', ' ', '(']).next()?;
    if word.len() < 2 || word.len() > 20 {
        return None;
    }
    let is = |name: &&str| {
        name.eq_ignore_ascii_case(word) || (!word.is_ascii() && name.to_lowercase() == word.to_lowercase())
    };
    let by_code = || LANGUAGES.iter().find(|(code, _)| code.eq_ignore_ascii_case(word));
    let by_name = || LANGUAGES.iter().find(|(_, names)| names.iter().any(is));
    let found = if word.len() == 2 {
        by_code().or_else(by_name)
    } else {
        by_name()
    };
    found.map(|&(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, code: Option<&str>) {
        assert_eq!(to_iso_639_1(raw), code, "{raw}");
    }

    #[test]
    fn codes_locales_and_names_come_out_as_two_letters() {
        check("en", Some("en"));
        check("EN", Some("en"));
        check("en-US", Some("en"));
        check("pt_BR.UTF-8", Some("pt"));
        check("zh-Hant-TW", Some("zh"));
        check("eng", Some("en"));
        check("ger", Some("de"));
        check("deu", Some("de"));
        check("eng,fra", Some("en"));
        check("English", Some("en"));
        check("portuguese", Some("pt"));
        check("Norwegian Bokmål", Some("no"));
        check("iw", Some("he"));
    }

    #[test]
    fn what_is_no_language_is_nothing() {
        for raw in ["", "x", "und", "unknown", "xx", "None", "en2", "the english one"] {
            check(raw, None);
        }
    }

    #[test]
    fn no_name_stands_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for (code, names) in LANGUAGES {
            for name in std::iter::once(code).chain(*names) {
                assert!(seen.insert(*name), "{name}");
            }
        }
    }
}
