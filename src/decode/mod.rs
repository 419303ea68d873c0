//! Bytes → [`RawArticle`]s, or a reason to reject.
//!
//! In: a record as a scraper fleet wrote it, in any of the forms that [`presets`] names, bare or in an envelope. Out: one article
//! (several where a value fans out), and for each that cannot be read, why. Always: never panics, invents nothing, time linear
//! in the value; large strings are moved from the parsed value, not copied.
//!
//! The way of a record: `packed` unpacks · `bytes` finds the charset · `json` parses (or `plain` takes the value as it is) · `envelope`
//! opens what wraps it · `preset` says which tool wrote it · `map` reads the fields that the preset names, and those that are `alike`,
//! `values` what they hold.
//!
//! To add a preset see [`preset`].

mod address;
mod alike;
mod bytes;
pub(crate) mod entities;
mod envelope;
mod fields;
mod form;
mod http_head;
mod json;
pub mod language_name;
mod map;
pub(crate) mod names;
pub(crate) mod packed;
mod page;
mod plain;
pub mod preset;
pub mod survey;
mod text;
pub mod tombstone;
mod values;

use serde_json::Value;

use crate::article::{Body, RawArticle, Record, Reject, UNREADABLE_HEADERS};
pub use map::Aliases;
pub use page::merge;
pub use preset::{Listed, presets};

/// Changes with each change of what comes out for any record. `tests/versions.rs` fails where it was forgotten.
pub const VERSION: &str = "11";

/// Limits and choices of the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// A value of more bytes than this is a dead letter.
    pub value_bytes_max: usize,
    /// A compressed value that unpacks to more bytes than this is a dead letter.
    pub unpacked_bytes_max: usize,
    /// A value that holds more articles than this is a dead letter.
    pub articles_max: usize,
    /// Force one preset by its name; `None` detects it per record.
    pub preset: Option<String>,
    /// A record with a key and no value is no error: see [`tombstone`].
    pub tombstones_pass: bool,
    /// The user's own names for fields, tried before the preset's.
    pub fields: Aliases,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            value_bytes_max: 16 << 20,
            unpacked_bytes_max: 64 << 20,
            articles_max: 10_000,
            preset: None,
            tombstones_pass: false,
            fields: Aliases::default(),
        }
    }
}

impl Options {
    /// Names the reading with these options: the version, and what differs from the defaults.
    pub fn version(&self) -> String {
        if *self == Self::default() {
            return VERSION.to_owned();
        }
        let hash = xxhash_rust::xxh3::xxh3_64(format!("{self:?}").as_bytes());
        format!("{VERSION}-{hash:016x}")
    }
}

/// The name of a preset, as the program's own; `None` for one that this build has not.
pub fn preset_name(name: &str) -> Option<&'static str> {
    (name == plain::NAME)
        .then_some(plain::NAME)
        .or_else(|| Some(preset::named(name)?.name))
}

/// The articles of a record in the order of their positions, each read or refused.
pub type Articles = Vec<Result<RawArticle, Reject>>;

/// Read a record's value. A record with one article gives one; envelopes that fan out give several, or a reason in the place of
/// one that cannot be read. The outer error is a record that cannot be read at all.
pub fn decode(record: &Record, options: &Options) -> Result<Articles, Reject> {
    if record.headers.iter().any(|(name, _)| name == UNREADABLE_HEADERS) {
        return Err(reject("unreadable-headers", "a header's name is not UTF-8"));
    }
    let mut context = Context::new(record);
    let found = find(record, &context, options)?;
    shared(record, found.len(), options)?;
    if found.len() > 1 {
        // What is said of the record is of none of its articles.
        (context.url, context.time) = (None, None);
    }
    let articles = found.into_iter().map(|item| read(item?, &context, options));
    Ok(articles.collect())
}

/// The preset that a record would be read by; the first one where it holds several articles.
pub fn detect(record: &Record, options: &Options) -> Result<&'static str, Reject> {
    let context = Context::new(record);
    let found = find(record, &context, options)?;
    match found.into_iter().next() {
        Some(Ok(Item {
            content: Content::Object(fields),
            ..
        })) => Ok(preset::of(&fields).name),
        Some(Ok(Item {
            content: Content::Plain(_),
            ..
        })) => Ok(plain::NAME),
        Some(Err(reject)) => Err(reject),
        None => Err(envelope::holds_nothing()),
    }
}

/// Whether a value is meant to be JSON, by its beginning.
pub(crate) fn is_json_meant(value: &[u8]) -> bool {
    json::is_meant(value)
}

/// A rejection by this step.
fn reject(code: &'static str, message: impl Into<String>) -> Reject {
    Reject::new("decode", code, message)
}

/// What stands beside the value and helps to read it.
#[derive(Debug, Default)]
struct Context<'a> {
    content_type: Option<&'a str>,
    /// Where the record says the page is, outside its value.
    url: Option<&'a str>,
    /// When the record was made, outside its value.
    time: Option<&'a str>,
}

impl<'a> Context<'a> {
    fn new(record: &'a Record) -> Self {
        let mut context = Self::default();
        for (name, value) in &record.headers {
            let Some(text) = value.as_deref().and_then(|v| std::str::from_utf8(v).ok()) else {
                continue;
            };
            let is = |known: &[&str]| known.iter().any(|k| k.eq_ignore_ascii_case(name));
            if is(&["content-type", "content_type", "ce_datacontenttype"]) {
                context.content_type.get_or_insert(text);
            } else if is(&["url", "x-url", "source-url", "source_url", "ce_subject"]) && address::is_url(text) {
                context.url.get_or_insert(text);
            } else if is(&["ce_time"]) {
                context.time = Some(text);
            }
        }
        let key = record.key.as_deref().and_then(|k| std::str::from_utf8(k).ok());
        context.url = context.url.or_else(|| key.filter(|k| address::is_url(k)));
        context
    }
}

/// One article's content, out of its envelopes.
#[derive(Debug)]
struct Item {
    content: Content,
    /// What the envelope said of it.
    url: Option<String>,
    time: Option<String>,
    content_type: Option<String>,
}

#[derive(Debug)]
enum Content {
    Object(fields::Fields),
    /// A page or a text, as a value of its own.
    Plain(String),
}

/// The contents of a record: parsed, unpacked, out of their envelopes.
fn find(record: &Record, context: &Context<'_>, options: &Options) -> Result<Vec<Result<Item, Reject>>, Reject> {
    if options.tombstones_pass && tombstone::is_one(record) {
        return Err(tombstone::passes());
    }
    let value = record
        .value
        .as_deref()
        .ok_or_else(|| reject("null-value", "the record's value is null"))?;
    too_large(value.len(), options.value_bytes_max)?;
    let value = packed::unpack(value, options.unpacked_bytes_max)?;
    let parsed = parse(&value, context.content_type)?;
    envelope::open(parsed, options)
}

/// Each article of a record has the record's key and headers: of many articles they may be more than any value.
fn shared(record: &Record, articles: usize, options: &Options) -> Result<(), Reject> {
    let each = record.bytes_beside_value();
    let max = options.unpacked_bytes_max;
    if articles == 1 || articles.saturating_mul(each) <= max {
        return Ok(());
    }
    Err(reject(
        "too-large",
        format!(
            "{articles} articles with the record's {each} bytes of key and headers each, more than the {max} bytes allowed"
        ),
    ))
}

fn too_large(bytes: usize, bytes_max: usize) -> Result<(), Reject> {
    if bytes <= bytes_max {
        return Ok(());
    }
    Err(reject(
        "too-large",
        format!("value of {bytes} bytes, more than the {bytes_max} allowed"),
    ))
}

/// A value as JSON where it is meant to be, else as a string of text.
fn parse(value: &[u8], content_type: Option<&str>) -> Result<Value, Reject> {
    let declared_json = content_type.is_some_and(|t| t.to_ascii_lowercase().contains("json"));
    if declared_json || json::is_meant(value) {
        return json::parse(value, content_type);
    }
    if let Ok(scalar) = serde_json::from_slice::<Value>(value) {
        return Ok(scalar);
    }
    plain::check(value)?;
    Ok(Value::String(bytes::to_text(value, content_type).into_owned()))
}

fn read(item: Item, context: &Context<'_>, options: &Options) -> Result<RawArticle, Reject> {
    let content_type = item.content_type.as_deref().or(context.content_type);
    let mut article = match item.content {
        Content::Object(fields) => {
            let forced = options.preset.as_deref().and_then(preset::named);
            let preset = forced.unwrap_or_else(|| preset::of(&fields));
            map::read(fields, preset, &options.fields)?
        }
        Content::Plain(text) => plain::read(text, content_type)?,
    };
    if let Body::Html(text) | Body::Text(text) = &article.body
        && let Some(list) = form::list_of_articles(text)
    {
        return Err(reject("feed", format!("the body is {list}, and no article")));
    }
    let beside = |said: Option<&str>| said.map(str::to_owned);
    article.url = article.url.take().or(item.url).or_else(|| beside(context.url));
    let time = item.time.or_else(|| beside(context.time));
    let dated = || time.and_then(|t| crate::date::parse(&t)).map(|d| d.text);
    article.fetched_at = article.fetched_at.take().or_else(dated);
    Ok(article)
}

#[cfg(test)]
mod tests;
