//! Codes of languages, as taxonomies write them.

use crate::decode::language_name::to_iso_639_1;

/// ISO 639-1, but for `kr` (Kanuri), which the stage reads as Korean, since that is what tools mean by it.
const CODES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es \
    et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko \
    ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt \
    qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo \
    wa wo xh yi yo za zh zu";

/// Codes of countries that are none of languages, each with the language that is meant.
const SLIPS: [(&str, &str); 5] = [("cn", "zh"), ("cz", "cs"), ("dk", "da"), ("gr", "el"), ("ua", "uk")];

/// Whether it is a code of ISO 639-1 that a text may be told to be in.
pub(super) fn is_code(language: &str) -> bool {
    language.len() == 2 && CODES.split(' ').any(|code| code == language)
}

/// The code that is meant by what is none.
fn meant(language: &str) -> Option<&'static str> {
    let slip = SLIPS.iter().find(|(wrong, _)| *wrong == language);
    slip.map(|(_, code)| *code).or_else(|| to_iso_639_1(language))
}

/// What to write instead of what is no code.
pub(super) fn remedy(language: &str) -> String {
    match meant(language) {
        Some(code) => format!("write `{code}`"),
        None => "languages are ISO 639-1 codes such as `en`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_is_meant_is_one() {
        assert_eq!(CODES.split(' ').count(), 182, "183 without `kr`");
        assert!(CODES.split(' ').is_sorted_by(|a, b| a < b));
        for wrong in [
            "jp", "cn", "kr", "cz", "gr", "ua", "dk", "iw", "english", "pt-br", "ger", "EN",
        ] {
            assert!(!is_code(wrong), "{wrong}");
            assert!(meant(wrong).is_some_and(is_code), "{wrong}");
        }
        for code in ["en", "se", "nb", "ja"] {
            assert!(is_code(code), "{code}");
        }
        assert_eq!(meant("xx"), None);
    }
}
