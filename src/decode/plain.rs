//! A value that is no JSON: the page or the text itself.
//!
//! In: a value. Out: an article with a body alone. Always: binary formats are refused with what they look like, not read as text.

use std::ops::RangeInclusive;

use super::text::without_nul;
use super::{form, reject};
use crate::article::{Body, RawArticle, Reject};
use crate::places::{Places, Shifts};

/// The name of this reading in the output's provenance.
pub(super) const NAME: &str = "plain";

/// What producers write in the place of an article that they could not encode.
const MARKERS: &[(&str, &str)] = &[("json failed to parse", "scrapy-cluster could not encode the item")];

/// How files begin that hold no text, or none that is read.
const FILES: [(&[u8], &str); 7] = [
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"BZh91AY&SY", "packed with bzip2"),
];

/// Refuse what is not text.
pub(super) fn check(value: &[u8]) -> Result<(), Reject> {
    if value.trim_ascii().is_empty() {
        return Err(reject("no-body", format!("empty value ({} bytes)", value.len())));
    }
    if has_mark_of_utf16(value) {
        return Ok(());
    }
    if let [0, a, b, c, d, _, ..] = *value {
        let id = u32::from_be_bytes([a, b, c, d]);
        return Err(reject(
            "binary",
            format!(
                "binary value that begins like a schema registry's format (schema id {id}): Avro and Protobuf are not read"
            ),
        ));
    }
    refuse_files(value)?;
    refuse_controls(value, 10, 0..=8)
}

/// Refuse what is not text where bytes stood for a body: a character set has no control characters, but for UTF-16, which fills up with NUL.
pub(super) fn check_body(bytes: &[u8], charset: Option<&str>) -> Result<(), Reject> {
    refuse_files(bytes)?;
    let is_utf16 = charset.is_some_and(|charset| charset.to_ascii_lowercase().contains("utf-16"));
    if is_utf16 || has_mark_of_utf16(bytes) {
        return Ok(());
    }
    refuse_controls(bytes, 50, 1..=8)
}

fn has_mark_of_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}

fn refuse_files(bytes: &[u8]) -> Result<(), Reject> {
    match FILES.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, name)) => Err(reject("binary", format!("binary value: {name}"))),
        None => Ok(()),
    }
}

/// Refuse what has more than one control character in so many bytes, `first` and those that no text has at all.
fn refuse_controls(bytes: &[u8], in_bytes: usize, first: RangeInclusive<u8>) -> Result<(), Reject> {
    let head = bytes.get(..1024).unwrap_or(bytes);
    let control = |b: &&u8| first.contains(b) || matches!(b, 14..=26 | 28..=31);
    let odd = head.iter().filter(control).count();
    if odd * in_bytes > head.len() {
        let of = head.len();
        return Err(reject(
            "binary",
            format!("binary value: {odd} of its first {of} bytes are control characters"),
        ));
    }
    Ok(())
}

/// The article that a page or a text is.
pub(super) fn read(text: String, content_type: Option<&str>) -> Result<RawArticle, Reject> {
    let words = text.trim();
    if let Some((marker, meaning)) = MARKERS.iter().find(|(marker, _)| words.eq_ignore_ascii_case(marker)) {
        return Err(reject(
            "producer-marker",
            format!("the value is the marker `{marker}`: {meaning}"),
        ));
    }
    if words.is_empty() {
        return Err(reject("no-body", "the value is blank"));
    }
    if words.chars().all(|c| matches!(c, ']' | '}' | ',') || c.is_whitespace()) {
        return Err(reject(
            "not-json",
            format!("not JSON: `{words}` is the end of a value that was parted at its lines"),
        ));
    }
    let said = |kind: &str| content_type.is_some_and(|t| t.to_ascii_lowercase().contains(kind));
    let (mut places, mut shifts) = (Places::default(), Shifts::default());
    let text = without_nul(text, &mut shifts);
    places.push(shifts);
    let body = if form::starts_as_html(&text) || (form::is_html(&text) && !said("text/plain")) {
        Body::Html(text)
    } else if said("markdown") {
        Body::Markdown(text)
    } else {
        Body::Text(text)
    };
    Ok(RawArticle {
        body,
        places,
        preset: NAME,
        ..RawArticle::default()
    })
}
