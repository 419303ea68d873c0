//! An object and a preset → an article.
//!
//! In: the fields, the preset that names them, the user's own names. Out: a [`RawArticle`], or why it is none. Always: of the
//! candidates for a role the first that says something wins; the fields used are gone from `extra`, all others pass through.

use std::borrow::Cow;

use serde_json::Value;

use super::fields::{self, Fields};
use super::preset::{Form, Paths, Preset};
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
    let others = preset.others();
    let charset = reader.words(paths(&[], preset.charset, &[]));
    // Before the body, whose container may hold it.
    let language = reader.language(paths(&aliases.language, preset.language, others.language));
    let (mut body, instead) = reader.body(preset, others, aliases, charset.as_deref())?;
    without_http_head(&mut body)?;
    let title = reader.title(paths(&aliases.title, preset.title, others.title));
    reader.required("title", title.is_some())?;
    let url = reader.url(paths(&aliases.url, preset.url, others.url));
    reader.required("url", url.is_some())?;
    if body == Body::None && title.is_none() {
        return Err(no_body(preset));
    }
    let utc = |d: Date| if preset.fetched_in_utc { d.or_utc().text } else { d.text };
    let mut article = RawArticle {
        id: reader.words(paths(&aliases.id, preset.id, &[])),
        canonical_url: reader.url(paths(&[], preset.canonical_url, &[])),
        published_at: reader
            .date(paths(&aliases.published_at, preset.published_at, others.published_at))
            .map(|d| d.text),
        modified_at: reader
            .date(paths(&aliases.modified_at, preset.modified_at, others.modified_at))
            .map(|d| d.text),
        fetched_at: reader
            .date(paths(&aliases.fetched_at, preset.fetched_at, others.fetched_at))
            .map(utc),
        language: language.map(str::to_owned),
        site: reader.site(paths(&aliases.site, preset.site, others.site)),
        authors: reader.authors(paths(&aliases.authors, preset.authors, others.authors)),
        url,
        title,
        body,
        instead,
        preset: preset.name,
        ..RawArticle::default()
    };
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

/// Take the head of an HTTP answer away, which some dumps keep in front of the page: a status line, lines of `name: value`, and an
/// empty line.
fn without_http_head(body: &mut Body) -> Result<(), Reject> {
    let (Body::Html(text) | Body::Text(text)) = body else {
        return Ok(());
    };
    if !text.starts_with("HTTP/") {
        return Ok(());
    }
    let ends = ["\r\n\r\n", "\n\n"].map(|end| text.find(end).map(|at| (at, at + end.len())));
    let Some((head, page)) = ends.into_iter().flatten().min() else {
        return Ok(());
    };
    let mut lines = text[..head].lines();
    let Some(status) = lines.next().and_then(status_of) else {
        return Ok(());
    };
    let is_header = |line: &str| line.split_once(':').is_some_and(|(name, _)| !name.contains(' '));
    if !lines.next().is_some_and(is_header) || !lines.all(is_header) {
        return Ok(());
    }
    if let 400..=599 = status {
        return Err(reject(
            "fetch-failed",
            format!("the page was answered with status {status}"),
        ));
    }
    let page = text[page..].to_owned();
    *body = if page.trim().is_empty() {
        Body::None
    } else if form::is_html(&page) {
        Body::Html(page)
    } else {
        Body::Text(page)
    };
    Ok(())
}

/// The status that a line like `HTTP/1.1 200 OK` tells.
fn status_of(line: &str) -> Option<u16> {
    let (version, rest) = line.strip_prefix("HTTP/")?.split_once(' ')?;
    let status = rest.split(' ').next().filter(|status| status.len() == 3)?;
    let is_version = version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    status
        .parse()
        .ok()
        .filter(|status| is_version && (100..600).contains(status))
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
    /// An object where a title or a url should stand refuses the record; else it is passed over.
    strict: bool,
}

/// Candidate paths: the user's, then the preset's, then what others call it.
fn paths(own: &[String], preset: Paths, others: Paths) -> impl Iterator<Item = &str> + use<'_> {
    let names = preset.iter().chain(others).copied();
    own.iter().map(String::as_str).chain(names)
}

/// Fields that may hold a URL and are an id all the same.
const IDS: [&str; 3] = ["id", "_id", "guid"];

impl Reader {
    /// Try candidates in order; what was used leaves the fields where it stands at the top, and so does what says nothing.
    fn first<'a, T>(
        &mut self,
        paths: impl Iterator<Item = &'a str>,
        read: impl Fn(&str, &Value) -> Tried<T>,
    ) -> Option<T> {
        let (path, found) = self.find(paths, read)?;
        self.drop_top(path);
        Some(found)
    }

    /// The same, but what is found stays.
    fn find<'a, T>(
        &mut self,
        paths: impl Iterator<Item = &'a str>,
        read: impl Fn(&str, &Value) -> Tried<T>,
    ) -> Option<(&'a str, T)> {
        for path in paths {
            let Some(value) = self.fields.get(path) else {
                continue;
            };
            let tried = if fields::is_empty(value) {
                Tried::Nothing
            } else {
                read(path, value)
            };
            match tried {
                Tried::Found(found) => return Some((path, found)),
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
    fn words<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Option<String> {
        self.first(paths, |_, value| match text_of(value) {
            Some(text) => Tried::Found(text.trim().to_owned()),
            None => Tried::WrongType,
        })
    }

    fn title<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Option<String> {
        self.first(paths, |_, value| match string_of(value) {
            Some(text) => match title_of(text) {
                title if title.is_empty() => Tried::Nothing,
                title => Tried::Found(title),
            },
            None => Tried::WrongType,
        })
    }

    fn url<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Option<String> {
        let (path, url) = self.find(paths, |path, value| {
            match string_of(value).or_else(|| inside(value, &["href", "@href", "url"])) {
                Some(text) => absolute(text.trim()).map_or(Tried::Unread, Tried::Found),
                // An id need not be a URL, and mostly is none.
                None if IDS.contains(&path) => Tried::Unread,
                None => Tried::WrongType,
            }
        })?;
        if !IDS.contains(&path) {
            self.drop_top(path);
        }
        Some(url)
    }

    fn date<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Option<Date> {
        self.first(paths, |path, value| match date_of(value) {
            // Some names say what the value does not.
            Tried::Found(date) if path.ends_with("_gmt") || path.ends_with("_utc") => Tried::Found(date.or_utc()),
            tried => tried,
        })
    }

    fn language<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Option<&'static str> {
        self.first(paths, |_, value| {
            match string_of(value).or_else(|| inside(value, &["code", "iso", "name"])) {
                Some(text) => language_name::to_iso_639_1(text).map_or(Tried::Unread, Tried::Found),
                None => Tried::WrongType,
            }
        })
    }

    fn site<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Option<String> {
        self.first(paths, |path, value| {
            // The machine that a log shipper ran on (`host: {name}`) is no outlet.
            if path == "host" && value.is_object() {
                return Tried::Unread;
            }
            match string_of(value).or_else(|| inside(value, &["name", "title", "domain", "uri", "url"])) {
                Some(text) if fields::is_nothing(text) => Tried::Nothing,
                Some(text) if text.contains("://") => host(text).map_or(Tried::Unread, |h| Tried::Found(h.to_owned())),
                Some(text) => Tried::Found(tidy(text.trim().to_owned())),
                None => Tried::Unread,
            }
        })
    }

    fn authors<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Vec<String> {
        let found = self.first(paths, |_, value| {
            let mut found = Vec::new();
            if !add_authors(value, &mut found, 0) || found.is_empty() {
                Tried::Unread
            } else {
                Tried::Found(found)
            }
        });
        found.unwrap_or_default()
    }

    /// The body: the first candidate that holds one, and behind a page the next, which stands for it where the page shows nothing. Of the
    /// preset's candidates all others are copies of it, and go.
    fn body(
        &mut self,
        preset: &Preset,
        others: &Preset,
        aliases: &Aliases,
        charset: Option<&str>,
    ) -> Result<(Body, Body), Reject> {
        let own = |paths: &[String], form: Form| paths.iter().map(move |p| (p.clone(), form)).collect::<Vec<_>>();
        let mut of_user = own(&aliases.html, Form::Html);
        of_user.extend(own(&aliases.body, Form::Guess));
        of_user.extend(own(&aliases.markdown, Form::Markdown));
        of_user.extend(own(&aliases.text, Form::Text));
        let of_user = of_user.iter().map(|(path, form)| (path.as_str(), *form));
        let (mut body, mut instead) = (Body::None, Body::None);
        for (path, form) in of_user.chain(preset.body.iter().copied()) {
            if body == Body::None {
                body = self.take_body(path, form, charset);
            } else if matches!(body, Body::Html(_))
                && instead == Body::None
                && self.fields.get(path).is_some_and(Value::is_string)
            {
                instead = self.take_body(path, form, charset);
            } else {
                self.drop_copy(path);
            }
        }
        for (path, form) in others.body {
            if body == Body::None {
                body = self.take_body(path, *form, charset);
            }
        }
        if body == Body::None
            && let Some((path, form)) = self.teaser(preset.teasers.iter().chain(others.teasers))
        {
            body = self.take_body(path, form, charset);
        }
        self.required("body", body != Body::None)?;
        Ok((body, instead))
    }

    /// The teaser that says most: `summary` is a piece of `description` in one reader, and the same in another.
    fn teaser<'a>(&self, all: impl Iterator<Item = &'a (&'static str, Form)>) -> Option<(&'static str, Form)> {
        let length = |path: &str| match self.fields.get(path) {
            Some(value) if fields::is_empty(value) => 0,
            Some(Value::String(text)) => text.len(),
            Some(Value::Object(_) | Value::Array(_)) => 1,
            _ => 0,
        };
        let mut best = None;
        let mut most = 0;
        for (path, form) in all {
            let length = length(path);
            if length > most {
                (best, most) = (Some((*path, *form)), length);
            }
        }
        best
    }

    fn take_body(&mut self, path: &str, form: Form, charset: Option<&str>) -> Body {
        let text = self.take_text(path, charset);
        text.map_or(Body::None, |text| in_form(without_nul(text), form, charset))
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
        match self.fields.take(path)? {
            Value::Array(list) => join_pieces(&list),
            value => text_inside(&value).map(str::to_owned),
        }
    }

    fn looks_inside(&self, path: &str) -> bool {
        match self.fields.get(path) {
            Some(Value::Array(list)) => list
                .iter()
                .any(|piece| piece.is_object() && text_inside(piece).is_some()),
            Some(value @ Value::Object(_)) => text_inside(value).is_some(),
            _ => false,
        }
    }

    /// A body, title or url of the wrong type, with no other candidate, refuses the record.
    fn required(&mut self, role: &str, found: bool) -> Result<(), Reject> {
        if found {
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
        let kind = preset.kind.iter().find_map(|path| self.fields.get(path)?.as_str());
        if let Some(kind) = kind.filter(|kind| preset.no_documents.contains(kind)) {
            return Err(reject(
                "no-document",
                format!("a record of the kind `{kind}` holds no document"),
            ));
        }
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
const INSIDE: &[&str] = &[
    "value",
    "raw_markdown",
    "rendered",
    "html",
    "text",
    "content",
    "#text",
    "_",
    "$t",
];

/// The body that a container holds.
fn text_inside(value: &Value) -> Option<&str> {
    let found = |name: &&str| value.get(*name)?.as_str().filter(|text| !fields::is_nothing(text));
    INSIDE.iter().find_map(found)
}

/// A body in pieces: paragraphs (`[{"type": "paragraph", "text": …}, …]`), or one text in several forms (`[{"type": "text/plain", "value": …},
/// {"type": "text/html", …}]`), of which the page comes before the longest other.
fn join_pieces(list: &[Value]) -> Option<String> {
    let pieces = || {
        list.iter()
            .filter_map(|piece| Some((piece, piece.as_str().or_else(|| text_inside(piece))?)))
    };
    // A media type; `paragraph` is none.
    let form = |piece: &'_ Value| {
        let form = piece.get("type").and_then(Value::as_str).unwrap_or_default();
        form.contains('/').then(|| form.to_owned())
    };
    let mut forms: Vec<Option<String>> = pieces().map(|(piece, _)| form(piece)).collect();
    let count = forms.len();
    forms.sort_unstable();
    forms.dedup();
    let are_alternatives = forms.iter().all(Option::is_some) && forms.len() == count;
    if are_alternatives {
        let is_html = |piece: &Value| form(piece).is_some_and(|form| form.contains("html"));
        let (_, best) = pieces().max_by_key(|(piece, text)| (is_html(piece), text.len()))?;
        return Some(best.to_owned());
    }
    let is_text = |piece: &Value| form(piece).is_none_or(|form| form.starts_with("text/") || form.contains("html"));
    let all: Vec<&str> = pieces()
        .filter(|(piece, _)| is_text(piece))
        .map(|(_, text)| text)
        .collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

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
        Value::Object(_) => inside(
            value,
            &["value", "@value", "rendered", "main", "$oid", "@id", "#text", "_"],
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The text that an object, or the first of a list of these, holds under one of some names.
fn inside<'a>(value: &'a Value, names: &[&str]) -> Option<&'a str> {
    match value {
        Value::Object(map) => {
            let said = |name: &&str| map.get(*name)?.as_str().filter(|text| !fields::is_nothing(text));
            names.iter().find_map(said)
        }
        Value::Array(list) => inside(list.iter().find(|v| v.is_object())?, names),
        _ => None,
    }
}

/// A URL of the web in full: one that leaves the scheme to the page is https, and a blank within is written as URLs do.
fn absolute(url: &str) -> Option<String> {
    let full = if url.starts_with("//") {
        format!("https:{url}")
    } else {
        url.to_owned()
    };
    // Not of two in one string.
    let blanks = full.contains(' ') && full.matches("://").count() == 1;
    let full = if blanks { full.replace(' ', "%20") } else { full };
    is_url(&full).then_some(full)
}

/// A title without the markup that it was written with.
fn title_of(text: &str) -> String {
    tidy(form::without_tags(&entities::decoded(form::out_of_cdata(text.trim()))).into_owned())
        .trim()
        .to_owned()
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
        Value::Object(map) => {
            // As PHP writes a date: its zone stands beside it.
            let zoned = map
                .get("date")
                .and_then(Value::as_str)
                .zip(map.get("timezone").and_then(Value::as_str))
                .and_then(|(date, zone)| date::parse(&format!("{date} {zone}")));
            let wrapped = || {
                let names = [
                    "$date",
                    "$numberLong",
                    "value",
                    "@value",
                    "date",
                    "_seconds",
                    "#text",
                    "_",
                ];
                names.iter().find_map(|n| map.get(*n)).map_or(Tried::Unread, date_of)
            };
            zoned.map_or_else(wrapped, Tried::Found)
        }
        Value::Null | Value::Bool(_) => Tried::Unread,
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
            let name = [
                "name",
                "title",
                "nameRaw",
                "full_name",
                "display_name",
                "original",
                "@value",
                "#text",
            ]
            .iter()
            .find_map(|n| map.get(*n));
            if let Some(name) = name {
                return add_authors(name, found, depth + 1);
            }
            let part = |names: [&str; 3]| names.iter().find_map(|n| map.get(*n)?.as_str());
            let first = part(["first_name", "firstName", "given"]);
            if let Some((first, last)) = first.zip(part(["last_name", "lastName", "family"])) {
                names::add(&format!("{first} {last}"), found);
            }
            true
        }
        _ => false,
    }
}

/// A text in the form that its field is known to have, or that its own look shows.
fn in_form(text: String, form: Form, charset: Option<&str>) -> Body {
    if text.trim().is_empty() {
        return Body::None;
    }
    let text = match form::out_of_cdata(&text) {
        whole if whole.len() == text.len() => text,
        inner => inner.to_owned(),
    };
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
        Form::Html | Form::Text => unescaped(text, form),
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
        unescaped(text, if plain { Form::Text } else { Form::Guess })
    }
}

/// Text without tags whose character references were left in, as feeds and JSON-LD often do: they are read, and where tags come to
/// light, it was a page.
fn unescaped(text: String, form: Form) -> Body {
    let decoded = match entities::decoded(&text) {
        Cow::Borrowed(_) => return Body::Text(text),
        Cow::Owned(decoded) => decoded,
    };
    // A text about tags names them in its midst; a page begins with one, and closes some.
    let is_page = |text: &str| form != Form::Text && form::starts_as_html(text) && text.contains("</");
    if is_page(&decoded) {
        Body::Html(decoded)
    } else {
        Body::Text(decoded)
    }
}
