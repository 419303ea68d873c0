//! Bytes → [`RawArticle`]s, or a reason to reject.
//!
//! In: a record. Out: one article (several where a value fans out). Always: never panics, invents nothing.

use serde_json::Value;

use crate::article::{Body, RawArticle, Record, Reject};

/// Limits and choices of the reading.
#[derive(Debug, Clone)]
pub struct Options {
    /// A value of more bytes than this is a dead letter.
    pub value_bytes_max: usize,
    /// Force one preset by its name; `None` detects it per record.
    pub preset: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            value_bytes_max: 16 << 20,
            preset: None,
        }
    }
}

/// Read a record's value. A record with one article gives one; envelopes that fan out give several.
pub fn decode(record: &Record, options: &Options) -> Result<Vec<RawArticle>, Reject> {
    let Some(value) = record.value.as_deref() else {
        return Err(Reject::new("decode", "null-value", "the record's value is null"));
    };
    if value.len() > options.value_bytes_max {
        return Err(Reject::new(
            "decode",
            "too-large",
            format!(
                "value of {} bytes, more than the {} allowed",
                value.len(),
                options.value_bytes_max
            ),
        ));
    }
    let parsed: Value = serde_json::from_slice(value).map_err(|e| Reject::new("decode", "not-json", e.to_string()))?;
    let Value::Object(mut fields) = parsed else {
        return Err(Reject::new(
            "decode",
            "not-an-object",
            "the value is JSON, but not an object",
        ));
    };
    let mut take = |name: &str| match fields.shift_remove(name) {
        Some(Value::String(s)) if !s.trim().is_empty() => Some(s),
        _ => None,
    };
    let html = take("html");
    let text = take("text");
    let body = match (html, text) {
        (Some(h), _) => Body::Html(h),
        (None, Some(t)) => Body::Text(t),
        (None, None) => return Err(Reject::new("decode", "no-body", "neither `text` nor `html`")),
    };
    Ok(vec![RawArticle {
        id: take("id"),
        url: take("url"),
        title: take("title"),
        published_at: take("published_at"),
        fetched_at: take("fetched_at"),
        site: take("site"),
        language: take("language"),
        authors: Vec::new(),
        body,
        extra: fields,
        preset: "sluice",
    }])
}
