//! An object and a preset → an article.
//!
//! In: the fields, the preset that names them, the user's own names. Out: a [`RawArticle`], or why it is none. Always: of the
//! candidates for a role the first that says something wins; the fields used are gone from `extra`, all others pass through.

use std::borrow::Cow;

use serde_json::Value;

use super::fields::{self, Fields};
use super::preset::{Form, Preset};
use super::{bytes, entities, form, language_name, names, reject};
use crate::article::{Body, RawArticle, Reject};
use crate::date::{self, Date};

/// The user's own names for fields: for each role dotted paths, the first that says something wins. They are tried before the
/// preset's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases {
    /// The article's own id.
    pub id: Vec<String>,
    /// Where the page was fetched, absolute.
    pub url: Vec<String>,
    /// The headline.
    pub title: Vec<String>,
    /// The body in whatever form it has: HTML, Markdown, base64 or text.
    pub body: Vec<String>,
    /// HTML, or base64 of it.
    pub html: Vec<String>,
    /// Plain text.
    pub text: Vec<String>,
    /// Markdown.
    pub markdown: Vec<String>,
    /// When it was published, in any form that [`date::parse`] reads.
    pub published_at: Vec<String>,
    /// When it was last changed.
    pub modified_at: Vec<String>,
    /// When it was fetched.
    pub fetched_at: Vec<String>,
    /// The outlet's name or host.
    pub site: Vec<String>,
    /// A code, a locale or a name.
    pub language: Vec<String>,
    /// Bylines, names, or objects with a name.
    pub authors: Vec<String>,
}

/// Longest piece of a record's own words in a message.
const QUOTE_CHARS: usize = 160;

/// Read an object's fields by a preset.
pub(super) fn read(fields: Fields, preset: &'static Preset, aliases: &Aliases) -> Result<RawArticle, Reject> {
    let mut reader = Reader {
        fields,
        wrong: None,
        strict: preset.strict,
    };
    reader.refuse_failed(preset)?;
    let charset = reader.words(&[], preset.charset);
    // Before the body, whose container may hold it.
    let language = reader.language(aliases, preset).map(str::to_owned);
    let body = reader.body(preset, aliases, charset.as_deref())?;
    let title = reader.title(&aliases.title, preset.title);
    reader.required("title", title.is_some())?;
    let url = reader.url(&aliases.url, preset.url);
    reader.required("url", url.is_some())?;
    if body == Body::None && title.is_none() {
        return Err(no_body(preset));
    }
    let utc = |d: Date| if preset.fetched_in_utc { d.or_utc().text } else { d.text };
    let mut article = RawArticle {
        id: reader.words(&aliases.id, preset.id),
        canonical_url: reader.url(&[], preset.canonical_url),
        published_at: reader.date(&aliases.published_at, preset.published_at).map(|d| d.text),
        modified_at: reader.date(&aliases.modified_at, preset.modified_at).map(|d| d.text),
        fetched_at: reader.date(&aliases.fetched_at, preset.fetched_at).map(utc),
        language,
        site: reader.site(&aliases.site, preset.site),
        authors: reader.authors(&aliases.authors, preset.authors),
        url,
        title,
        body,
        preset: preset.name,
        ..RawArticle::default()
    };
    if preset.strict {
        reader.refuse_wrong()?;
    }
    if let Some(id) = article.id.as_ref().filter(|id| id.len() > ID_BYTES_MAX) {
        let size = id.len();
        return Err(reject(
            "too-large",
            format!("an id of {size} bytes, more than the {ID_BYTES_MAX} allowed"),
        ));
    }
    article.url = article.url.or_else(|| article.canonical_url.clone());
    article.extra = reader.rest(preset);
    if without_cut_mark(&mut article.body) && !article.extra.contains_key("truncated") {
        article.extra.insert("truncated".to_owned(), Value::Bool(true));
    }
    Ok(article)
}

/// An id goes into the records of all copies, and of the memory.
const ID_BYTES_MAX: usize = 16 << 10;

fn no_body(preset: &Preset) -> Reject {
    let names: Vec<&str> = preset.body.iter().map(|(path, _)| *path).take(6).collect();
    let names = names.join("`, `");
    reject(
        "no-body",
        format!(
            "no text, HTML or title (read as `{}`: none of `{names}` says anything)",
            preset.name
        ),
    )
}

/// `text` without NUL characters, which no text holds and many stores refuse.
pub(super) fn without_nul(text: String) -> String {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        text.replace('\0', "")
    } else {
        text
    }
}

/// Take away the words by which a service says that it cut the text (`… [+1234 chars]`); whether there were any.
fn without_cut_mark(body: &mut Body) -> bool {
    let (Body::Html(text) | Body::Text(text) | Body::Markdown(text)) = body else {
        return false;
    };
    let mark = || {
        let before = text.trim_end().strip_suffix(" chars]")?;
        let open = before.rfind('[')?;
        let count = before.get(open + 1..)?;
        let digits = count.strip_prefix('+').unwrap_or(count);
        let is_count = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        is_count
            .then(|| before.get(..open).map(|kept| kept.trim_end().len()))
            .flatten()
    };
    match mark() {
        Some(kept) => {
            text.truncate(kept);
            true
        }
        None => false,
    }
}

/// The beginning of some words, for a message.
pub(super) fn shortened(words: &str) -> String {
    let mut short: String = words
        .chars()
        .take(QUOTE_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}

/// An absolute address of the web.
pub(super) fn is_url(s: &str) -> bool {
    let starts = |scheme: &str| {
        s.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    (starts("http://") || starts("https://")) && s.len() > 10 && !s.contains(char::is_whitespace)
}

/// The host of an address, without its port.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?;
    let host = host.split(':').next()?;
    (host.contains('.') && !host.contains(char::is_whitespace)).then_some(host)
}

/// A title on one line.
fn tidy(title: String) -> String {
    let plain = !title.contains(|c: char| c.is_control()) && !title.contains("  ");
    if plain {
        return title;
    }
    let words: Vec<&str> = title
        .split(|c: char| c.is_whitespace() || c == '\0')
        .filter(|w| !w.is_empty())
        .collect();
    words.join(" ")
}

struct Reader {
    fields: Fields,
    /// The first field that holds a type it cannot hold.
    wrong: Option<String>,
    /// A wrong type refuses the record whatever the field; else only where it leaves it without body, title or url.
    strict: bool,
}

/// Candidate paths: the user's, then the preset's.
fn candidates<'a>(own: &'a [String], preset: &'a [&'static str]) -> impl Iterator<Item = &'a str> + use<'a> {
    own.iter().map(String::as_str).chain(preset.iter().copied())
}

impl Reader {
    /// Try candidates in order; what was used leaves the fields where it stands at the top, and so does what says nothing.
    fn first<T>(&mut self, own: &[String], preset: &[&'static str], read: impl Fn(&Value) -> Tried<T>) -> Option<T> {
        for path in candidates(own, preset) {
            let Some(value) = self.fields.get(path) else {
                continue;
            };
            let tried = if fields::is_empty(value) {
                Tried::Nothing
            } else {
                read(value)
            };
            match tried {
                Tried::Found(found) => {
                    self.drop_top(path);
                    return Some(found);
                }
                Tried::Nothing => self.drop_top(path),
                Tried::Unread => {}
                // Tools vary most in what they put into objects; a path of another candidate may lead into this one.
                Tried::WrongType if value.is_object() && !self.strict => {}
                Tried::WrongType => {
                    let kind = fields::kind(value);
                    self.wrong.get_or_insert_with(|| format!("field `{path}` is {kind}"));
                }
            }
        }
        None
    }

    fn drop_top(&mut self, path: &str) {
        self.fields.take_top(path);
    }

    /// Words, trimmed.
    fn words(&mut self, own: &[String], preset: &[&'static str]) -> Option<String> {
        self.first(own, preset, |value| match text_of(value) {
            Some(text) => Tried::Found(text.trim().to_owned()),
            None => Tried::WrongType,
        })
    }

    fn title(&mut self, own: &[String], preset: &[&'static str]) -> Option<String> {
        self.first(own, preset, |value| match string_of(value) {
            Some(text) => Tried::Found(tidy(entities::decoded(text.trim()).into_owned())),
            None => Tried::WrongType,
        })
    }

    fn url(&mut self, own: &[String], preset: &[&'static str]) -> Option<String> {
        self.first(own, preset, |value| match string_of(value) {
            Some(text) if is_url(text.trim()) => Tried::Found(text.trim().to_owned()),
            Some(_) => Tried::Unread,
            None => Tried::WrongType,
        })
    }

    fn date(&mut self, own: &[String], preset: &[&'static str]) -> Option<Date> {
        self.first(own, preset, date_of)
    }

    fn language(&mut self, aliases: &Aliases, preset: &Preset) -> Option<&'static str> {
        self.first(&aliases.language, preset.language, |value| match string_of(value) {
            Some(text) => language_name::to_iso_639_1(text).map_or(Tried::Unread, Tried::Found),
            None => Tried::WrongType,
        })
    }

    fn site(&mut self, own: &[String], preset: &[&'static str]) -> Option<String> {
        self.first(own, preset, |value| {
            let value = match value {
                Value::Object(map) => ["name", "title", "domain", "uri", "url"]
                    .iter()
                    .find_map(|n| map.get(*n))
                    .unwrap_or(value),
                other => other,
            };
            match string_of(value) {
                Some(text) if fields::is_nothing(text) => Tried::Nothing,
                Some(text) if text.contains("://") => host(text).map_or(Tried::Unread, |h| Tried::Found(h.to_owned())),
                Some(text) => Tried::Found(tidy(text.trim().to_owned())),
                None => Tried::WrongType,
            }
        })
    }

    fn authors(&mut self, own: &[String], preset: &[&'static str]) -> Vec<String> {
        let found = self.first(own, preset, |value| {
            let mut found = Vec::new();
            if !add_authors(value, &mut found, 0) {
                return Tried::WrongType;
            }
            if found.is_empty() {
                Tried::Unread
            } else {
                Tried::Found(found)
            }
        });
        found.unwrap_or_default()
    }

    /// The body: the first candidate that holds one. The other candidates are copies of it, and go.
    fn body(&mut self, preset: &Preset, aliases: &Aliases, charset: Option<&str>) -> Result<Body, Reject> {
        let own = |paths: &[String], form: Form| paths.iter().map(move |p| (p.clone(), form)).collect::<Vec<_>>();
        let mut of_user = own(&aliases.html, Form::Html);
        of_user.extend(own(&aliases.body, Form::Guess));
        of_user.extend(own(&aliases.markdown, Form::Markdown));
        of_user.extend(own(&aliases.text, Form::Text));
        let of_user = of_user.iter().map(|(path, form)| (path.as_str(), *form));
        let mut body = Body::None;
        for (path, form) in of_user.chain(preset.body.iter().copied()) {
            if body != Body::None {
                self.drop_copy(path);
            } else if let Some(text) = self.take_text(path, charset) {
                body = in_form(without_nul(text), form, charset);
            }
        }
        let mut teasers = preset.teasers.iter();
        while body == Body::None
            && let Some((path, form)) = teasers.next()
        {
            let text = self.take_text(path, charset);
            body = text.map_or(Body::None, |text| in_form(without_nul(text), *form, charset));
        }
        self.required("body", body != Body::None)?;
        Ok(body)
    }

    /// A candidate that was not needed is a copy of the body, or a container of copies.
    fn drop_copy(&mut self, path: &str) {
        let value = self.fields.get(path);
        if value.is_some_and(|v| v.is_string() || fields::is_empty(v) || self.looks_inside(path)) {
            self.drop_top(path);
        }
    }

    /// Move a body's text out.
    fn take_text(&mut self, path: &str, charset: Option<&str>) -> Option<String> {
        let value = self.fields.get(path)?;
        if fields::is_empty(value) {
            self.drop_top(path);
            return None;
        }
        match value {
            Value::String(_) => {}
            Value::Array(list) if list.iter().all(Value::is_string) => {}
            // Bytes as some serialisers write them: `[60, 112, 62]`, `{"type": "Buffer", "data": [60, 112, 62]}`.
            Value::Array(list) if list.iter().all(Value::is_i64) => return self.take_bytes(path, charset),
            Value::Object(map) if map.get("data").is_some_and(Value::is_array) => {
                return self.take_bytes(path, charset);
            }
            // A container: `markdown: {raw_markdown}`, `content: [{value}]`, `content: {rendered}`.
            Value::Object(_) | Value::Array(_) if self.looks_inside(path) => return self.take_inside(path),
            other => {
                let kind = fields::kind(other);
                self.wrong.get_or_insert_with(|| format!("field `{path}` is {kind}"));
                return None;
            }
        }
        match self.fields.take(path)? {
            Value::String(s) => Some(s),
            Value::Array(list) => {
                let lines: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                Some(lines.join("\n"))
            }
            _ => None,
        }
    }

    fn take_bytes(&mut self, path: &str, charset: Option<&str>) -> Option<String> {
        let list = match self.fields.take(path)? {
            Value::Object(mut map) => map.swap_remove("data")?,
            list => list,
        };
        // Signed bytes (Java's) and unsigned ones are the same bytes.
        let byte = |v: &Value| v.as_i64().filter(|n| (-128..256).contains(n)).map(|n| n as u8);
        let raw: Option<Vec<u8>> = list.as_array()?.iter().map(byte).collect();
        Some(bytes::to_text(&raw?, charset).into_owned())
    }

    fn take_inside(&mut self, path: &str) -> Option<String> {
        let taken = INSIDE
            .iter()
            .find_map(|inner| match self.fields.take(&format!("{path}.{inner}"))? {
                Value::String(s) if !fields::is_nothing(&s) => Some(s),
                _ => None,
            });
        self.drop_top(path);
        taken
    }

    fn looks_inside(&self, path: &str) -> bool {
        INSIDE.iter().any(|inner| {
            self.fields
                .get(&format!("{path}.{inner}"))
                .is_some_and(Value::is_string)
        })
    }

    /// A body, title or url of the wrong type, with no other candidate, refuses the record.
    fn required(&mut self, role: &str, found: bool) -> Result<(), Reject> {
        if found && !self.strict {
            self.wrong = None;
        }
        if found || role.is_empty() {
            Ok(())
        } else {
            self.refuse_wrong()
        }
    }

    fn refuse_wrong(&self) -> Result<(), Reject> {
        match &self.wrong {
            Some(wrong) => Err(reject("wrong-type", format!("wrong type: {wrong}"))),
            None => Ok(()),
        }
    }

    /// A fetch that the crawler itself calls failed is no article.
    fn refuse_failed(&self, preset: &Preset) -> Result<(), Reject> {
        let said = || {
            let words = preset
                .error
                .iter()
                .find_map(|path| text_of(self.fields.get(path)?).filter(|t| !fields::is_nothing(t)));
            words.map(|w| format!(": {}", shortened(&w))).unwrap_or_default()
        };
        for path in preset.success {
            let value = self.fields.get(path);
            let failed = match value {
                Some(Value::Bool(success)) => !success,
                Some(Value::String(s)) => s.eq_ignore_ascii_case("false"),
                _ => false,
            };
            if failed {
                return Err(reject(
                    "fetch-failed",
                    format!("the crawler says that the fetch failed (`{path}` is false){}", said()),
                ));
            }
        }
        for path in preset.status {
            let status = self.fields.get(path).and_then(number_of);
            if let Some(status @ 400..=599) = status {
                return Err(reject(
                    "fetch-failed",
                    format!("the page was answered with status {status} (`{path}`){}", said()),
                ));
            }
        }
        Ok(())
    }

    /// What passes through.
    fn rest(self, preset: &Preset) -> fields::Object {
        let mut fields = self.fields;
        for name in preset.bulk {
            fields.take_top(name);
        }
        fields.object
    }
}

/// Where containers of bodies hold them.
const INSIDE: &[&str] = &["value", "raw_markdown", "rendered", "html", "text", "content"];

/// What a candidate gave.
enum Tried<T> {
    Found(T),
    /// It says nothing.
    Nothing,
    /// It says something that is not of this role; it stays.
    Unread,
    WrongType,
}

/// A value as text: a string, a number, or the first of a list.
fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Number(n) => Some(Cow::Owned(n.to_string())),
        other => string_of(other).map(Cow::Borrowed),
    }
}

/// The string in a value: itself, the first of a list, or the one that an object wraps.
fn string_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(s) => Some(s),
        Value::Array(list) => string_of(list.iter().find(|v| !fields::is_empty(v))?),
        // `{"value": …}`, `{"$oid": …}`, `{"rendered": …}`, `{"@id": …}` hold one text.
        Value::Object(map) => ["value", "@value", "rendered", "$oid", "@id", "#text"]
            .iter()
            .find_map(|name| map.get(*name)?.as_str()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn number_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64(),
        Value::String(s) => s.trim().parse().ok(),
        Value::Array(list) => number_of(list.first()?),
        _ => None,
    }
}

fn date_of(value: &Value) -> Tried<Date> {
    let read = |date: Option<Date>| date.map_or(Tried::Unread, Tried::Found);
    match value {
        Value::String(s) => read(date::parse(s)),
        Value::Number(n) => read(n.as_f64().and_then(date::from_epoch)),
        Value::Array(list) => list
            .iter()
            .find(|v| !fields::is_empty(v))
            .map_or(Tried::Nothing, date_of),
        Value::Object(map) => ["$date", "value", "@value"]
            .iter()
            .find_map(|n| map.get(*n))
            .map_or(Tried::WrongType, date_of),
        Value::Null | Value::Bool(_) => Tried::WrongType,
    }
}

/// Add the names in a value: a byline, an object with a name, or a list of these. `false` where it is neither.
fn add_authors(value: &Value, found: &mut Vec<String>, depth: usize) -> bool {
    match value {
        Value::Null => true,
        Value::String(byline) => {
            names::add(byline, found);
            true
        }
        Value::Array(list) if depth < 3 => list.iter().all(|one| add_authors(one, found, depth + 1)),
        Value::Object(map) if depth < 3 => {
            let name = ["name", "title", "nameRaw", "full_name", "display_name", "@value"]
                .iter()
                .find_map(|n| map.get(*n));
            name.is_none_or(|name| add_authors(name, found, depth + 1))
        }
        _ => false,
    }
}

/// A text in the form that its field is known to have, or that its own look shows.
fn in_form(text: String, form: Form, charset: Option<&str>) -> Body {
    if text.trim().is_empty() {
        return Body::None;
    }
    let html_first = form::starts_as_html(&text);
    if matches!(form, Form::Html | Form::Guess)
        && !html_first
        && form::is_base64(&text)
        && let Some(page) = bytes::from_base64(&text)
    {
        return guessed(without_nul(bytes::to_text(&page, charset).into_owned()), charset);
    }
    match form {
        _ if html_first => Body::Html(text),
        Form::Html if form::is_html(&text) => Body::Html(text),
        Form::Html | Form::Text => Body::Text(text),
        Form::Markdown => Body::Markdown(text),
        Form::Guess => guessed(text, charset),
    }
}

fn guessed(text: String, content_type: Option<&str>) -> Body {
    let plain = content_type.is_some_and(|t| t.contains("text/plain"));
    if form::is_html(&text) && !plain {
        Body::Html(text)
    } else if form::is_markdown(&text) {
        Body::Markdown(text)
    } else {
        Body::Text(text)
    }
}
