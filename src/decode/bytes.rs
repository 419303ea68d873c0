//! Bytes → text: base64, charsets.
//!
//! In: bytes as they came. Out: UTF-8. Always: never panics, and bytes that no charset explains become U+FFFD rather than an error.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// How far into a page its charset is looked for, as browsers do.
const META_BYTES: usize = 1024;

/// Base64, standard or for URLs, padded or not, with or without line breaks.
pub(super) fn from_base64(s: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    let s = s.trim();
    let joined: Cow<'_, str> = if memchr::memchr2(b'\n', b'\r', s.as_bytes()).is_some() {
        Cow::Owned(s.split_ascii_whitespace().collect())
    } else {
        Cow::Borrowed(s)
    };
    let engine = if memchr::memchr2(b'-', b'_', joined.as_bytes()).is_some() {
        &URL_SAFE
    } else {
        &STANDARD
    };
    engine.decode(joined.as_bytes()).ok()
}

/// Text out of bytes. `declared` is what the record says of the charset (a label or a whole content type). In order: BOM, valid
/// UTF-8, the declared charset, the page's own meta tag, detection.
pub(super) fn to_text<'a>(bytes: &'a [u8], declared: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling(bytes.get(bom..).unwrap_or_default())
            .0;
    }
    let unreadable = match std::str::from_utf8(bytes) {
        Ok(_) if is_iso_2022_jp(bytes) => return encoding_rs::ISO_2022_JP.decode_without_bom_handling(bytes).0,
        Ok(text) => return Cow::Borrowed(text),
        Err(e) => e,
    };
    let declared = declared.and_then(charset).filter(|e| *e != encoding_rs::UTF_8);
    let encoding = declared
        .or_else(|| meta_charset(bytes).filter(|e| *e != encoding_rs::UTF_8))
        .unwrap_or_else(|| {
            if is_nearly_utf8(bytes, unreadable) {
                encoding_rs::UTF_8
            } else {
                detect(bytes)
            }
        });
    encoding.decode_without_bom_handling(bytes).0
}

/// Whether escapes change to the Japanese letters of ISO-2022-JP, all of whose bytes are of ASCII: no other text has these.
fn is_iso_2022_jp(bytes: &[u8]) -> bool {
    let mut escapes = memchr::memchr_iter(0x1b, bytes);
    let changes = |at: usize| matches!(bytes.get(at + 1..at + 3), Some(b"$B" | b"$@"));
    escapes.any(changes) && bytes.is_ascii()
}

/// The charset in `text/html; charset=latin1`, `charset="utf-8"`, or a bare label.
fn charset(declared: &str) -> Option<&'static Encoding> {
    let lower = declared.to_ascii_lowercase();
    let label = match lower.split_once("charset") {
        Some((_, rest)) => rest.trim_start_matches([' ', '=', '"', '\'']),
        None if lower.contains('/') => return None,
        None => lower.as_str(),
    };
    let label = label.split([';', '"', '\'', ' ', ',', '>', '/']).next()?;
    Encoding::for_label(label.trim().as_bytes())
}

/// `<meta charset=…>` or `<meta http-equiv=content-type content="…charset=…">` near the top, or an XML declaration.
fn meta_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..META_BYTES).unwrap_or(bytes);
    let head: String = head
        .iter()
        .map(|&b| if b.is_ascii() { char::from(b) } else { ' ' })
        .collect();
    let lower = head.to_ascii_lowercase();
    let at = lower.find("charset=").or_else(|| lower.find("encoding="))?;
    let rest = lower.get(at..)?.split_once('=')?.1;
    charset(rest.trim_start_matches(['"', '\'', ' ']).get(..)?)
}

/// Mostly UTF-8 with a few broken bytes (a cut, a splice), not another charset: more sequences are whole than broken.
fn is_nearly_utf8(bytes: &[u8], first: std::str::Utf8Error) -> bool {
    let cut_at_end = first.error_len().is_none();
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    cut_at_end || whole > broken
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_is_found_by_bom_declaration_meta_tag_and_detection() {
        assert_eq!(to_text(b"\xef\xbb\xbfabc", None), "abc");
        assert_eq!(to_text(b"\xff\xfea\0b\0", None), "ab");
        assert_eq!(to_text(b"caf\xe9", Some("text/html; charset=ISO-8859-1")), "café");
        assert_eq!(to_text(b"caf\xe9", Some("latin1")), "café");
        assert_eq!(
            to_text(b"<meta charset=\"windows-1251\"><p>\xcc\xe8\xf0", None),
            "<meta charset=\"windows-1251\"><p>Мир"
        );
        assert_eq!(to_text("café".as_bytes(), Some("latin1")), "café");
        assert_eq!(to_text(b"<p>\x1b$B9A\x1b(B is a port", None), "<p>港 is a port");
        assert_eq!(to_text(b"\x1b[1mA port\x1b[0m", None), "\x1b[1mA port\x1b[0m");
        let french =
            b"Le march\xe9 des m\xe9taux a \xe9t\xe9 tr\xe8s agit\xe9 cette ann\xe9e, selon les n\xe9gociants.";
        assert!(to_text(french, None).contains("marché des métaux"));
    }

    #[test]
    fn broken_bytes_in_utf8_are_replaced_and_the_rest_stays() {
        assert_eq!(
            to_text("größer als \u{fffd}".replace('\u{fffd}', "").as_bytes(), None),
            "größer als "
        );
        assert_eq!(to_text(b"gr\xc3\xb6\xc3\x9fer \xff als", None), "größer \u{fffd} als");
    }

    #[test]
    fn base64_is_read_in_its_variants() {
        for s in ["PHA+YT9iPC9wPg==", "PHA-YT9iPC9wPg", "PHA+\nYT9iPC9w\r\nPg=="] {
            assert_eq!(from_base64(s).as_deref(), Some(b"<p>a?b</p>".as_slice()), "{s}");
        }
        assert_eq!(from_base64("not base64!"), None);
    }
}
