//! The string that holds a body → the body, in the form that it has.
//!
//! In: a string or bytes, the form that its field is known to have, the character set if it was told. Out: a [`Body`], and where its bytes stood
//! in the string; or why it holds none. Always: what was packed, encoded or escaped is read; linear in the string.

use std::borrow::Cow;

use crate::article::{Body, Reject};
use crate::decode::preset::Form;
use crate::decode::text::without_nul;
use crate::decode::values::extracted;
use crate::decode::{bytes, entities, form, packed, plain};
use crate::places::{Places, Shifts};

/// What a packed body unpacks to at most, in bytes: so many times its own, since a batch counts it as it is packed, and never more than the last.
const UNPACKED_RATIO_MAX: usize = 16;
const UNPACKED_ALWAYS: usize = 64 << 10;
const UNPACKED_BYTES_MAX: usize = 16 << 20;

/// The text that bytes hold, packed or not.
pub(super) fn text_of(raw: &[u8], charset: Option<&str>) -> Result<String, Reject> {
    let bytes_max = raw
        .len()
        .saturating_mul(UNPACKED_RATIO_MAX)
        .clamp(UNPACKED_ALWAYS, UNPACKED_BYTES_MAX);
    let unpacked = packed::unpack(raw, bytes_max)?;
    plain::check_body(&unpacked, charset)?;
    Ok(bytes::to_text(&unpacked, charset).into_owned())
}

/// A text in the form that its field is known to have, or that its own look shows.
pub(super) fn in_form(text: String, form: Form, charset: Option<&str>, places: &mut Places) -> Result<Body, Reject> {
    let mut shifts = Shifts::default();
    let text = without_nul(text, &mut shifts);
    places.push(shifts);
    if text.trim().is_empty() {
        return Ok(Body::None);
    }
    let mut shifts = Shifts::default();
    let text = match form::out_of_cdata_with_places(&text, &mut shifts) {
        Cow::Borrowed(whole) if whole.len() == text.len() => text,
        inner => inner.into_owned(),
    };
    places.push(shifts);
    let html_first = form::starts_as_html(&text);
    let may_be_base64 = match form {
        Form::Html | Form::Guess => !html_first,
        Form::Text => PACKED_AS_BASE64
            .iter()
            .any(|magic| text.trim_start().starts_with(magic)),
        Form::Markdown | Form::Extracted => false,
    };
    if may_be_base64
        && form::is_base64(&text)
        && let Some(page) = bytes::from_base64(&text)
    {
        // The body is what was encoded, and places are of that.
        *places = Places::default();
        let mut shifts = Shifts::default();
        let text = without_nul(text_of(&page, charset)?, &mut shifts);
        places.push(shifts);
        return Ok(guessed(text, charset, places));
    }
    Ok(match form {
        _ if html_first => Body::Html(text),
        Form::Html if form::is_html(&text) => Body::Html(text),
        Form::Html => unescaped(text, form, places),
        Form::Text => bare(text, places),
        Form::Markdown => Body::Markdown(text),
        Form::Extracted => match serde_json::from_str(&text) {
            Ok(json) => extracted(&json).map_or(Body::None, |text| {
                *places = Places::default();
                guessed(text, charset, places)
            }),
            Err(_) => guessed(text, charset, places),
        },
        Form::Guess => guessed(text, charset, places),
    })
}

/// How gzip and zstd begin, as base64.
const PACKED_AS_BASE64: [&str; 2] = ["H4sI", "KLUv/"];

fn guessed(text: String, content_type: Option<&str>, places: &mut Places) -> Body {
    let plain = content_type.is_some_and(|t| t.contains("text/plain"));
    if form::is_html(&text) && !plain {
        Body::Html(text)
    } else if form::is_markdown(&text) {
        Body::Markdown(text)
    } else {
        unescaped(text, if plain { Form::Text } else { Form::Guess }, places)
    }
}

/// A text without the markup and the character references that were left in. What was escaped may be markup, or all of a page.
fn bare(text: String, places: &mut Places) -> Body {
    if let Some(bare) = without_markup(&text, places) {
        return unescaped(bare, Form::Text, places);
    }
    let text = match unescaped(text, Form::Text, places) {
        Body::Text(text) => text,
        other => return other,
    };
    let mut of_text = places.clone();
    match without_markup(&text, &mut of_text) {
        None => Body::Text(text),
        Some(_) if form::starts_as_html(&text) => Body::Html(text),
        Some(bare) => {
            *places = of_text;
            Body::Text(bare)
        }
    }
}

fn without_markup(text: &str, places: &mut Places) -> Option<String> {
    let mut shifts = Shifts::default();
    let Cow::Owned(bare) = form::without_markup(text, &mut shifts) else {
        return None;
    };
    places.push(shifts);
    Some(bare)
}

/// Text without tags whose character references were left in, as feeds and JSON-LD often do: they are read, and where tags come to
/// light, it was a page.
fn unescaped(text: String, form: Form, places: &mut Places) -> Body {
    let mut shifts = Shifts::default();
    let decoded = match entities::decoded_with_places(&text, &mut shifts) {
        Cow::Borrowed(_) => return Body::Text(text),
        Cow::Owned(decoded) => decoded,
    };
    places.push(shifts);
    // A text about tags names them in its midst; a page begins with one, and closes some.
    let is_page = form != Form::Text && form::starts_as_html(&decoded) && decoded.contains("</");
    if is_page {
        Body::Html(decoded)
    } else {
        Body::Text(decoded)
    }
}
