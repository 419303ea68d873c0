//! A value that is no JSON: the page or the text itself.
//!
//! In: a value. Out: an article with a body alone. Always: binary formats are refused with what they look like, not read as text.

use super::text::without_nul;
use super::{form, reject};
use crate::article::{Body, RawArticle, Reject};

/// The name of this reading in the output's provenance.
pub(super) const NAME: &str = "plain";

/// What producers write in the place of an article that they could not encode.
const MARKERS: &[(&str, &str)] = &[("json failed to parse", "scrapy-cluster could not encode the item")];

/// Refuse what is not text.
pub(super) fn check(value: &[u8]) -> Result<(), Reject> {
    if value.trim_ascii().is_empty() {
        return Err(reject("no-body", format!("empty value ({} bytes)", value.len())));
    }
    if matches!(value, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Ok(()); // UTF-16 with its mark.
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
    let head = value.get(..1024).unwrap_or(value);
    let control = |b: &&u8| matches!(b, 0..=8 | 14..=26 | 28..=31);
    let odd = head.iter().filter(control).count();
    if odd * 10 > head.len() {
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
    let text = without_nul(text);
    let body = if form::starts_as_html(&text) || (form::is_html(&text) && !said("text/plain")) {
        Body::Html(text)
    } else if said("markdown") {
        Body::Markdown(text)
    } else {
        Body::Text(text)
    };
    Ok(RawArticle {
        body,
        preset: NAME,
        ..RawArticle::default()
    })
}
