//! An object and a preset → an article.
//!
//! In: the fields, the preset that names them, the user's own names. Out: a [`RawArticle`], or why it is none. Always: of the
//! candidates for a role the first that says something wins; the fields used are gone from `extra`, all others pass through.

use std::borrow::Cow;

use serde_json::Value;

use super::alike::{self, Alike, Role};
use super::fields::{self, Fields};
use super::names::Names;
use super::preset::{Form, Paths, Preset};
use super::values::{
    Tried, absolute, add_authors, date_of, extracted, inside, join_pieces, link_of, status_of, string_of, text_inside,
    text_of,
};
use super::{bytes, entities, form, http_head, language_name, reject};
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
    /// When it was published, in any form that [`crate::date::parse`] reads.
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
        alike: None,
        reads_alike: !preset.own_names_only,
    };
    reader.refuse_failed(preset, aliases)?;
    let others = preset.others();
    let charset = reader.words(&paths(&[], preset.charset, &[]));
    // Before the body, whose container may hold it.
    let language = reader.language(&paths(&aliases.language, preset.language, others.language).or_like(Role::Language));
    let (mut body, instead) = reader.body(preset, others, aliases, charset.as_deref())?;
    http_head::take_away(&mut body)?;
    let title = reader.title(&paths(&aliases.title, preset.title, others.title).or_like(Role::Title));
    reader.required("title", title.is_some())?;
    let url = reader.url(&paths(&aliases.url, preset.url, others.url).or_like(Role::Url));
    reader.required("url", url.is_some())?;
    if body == Body::None && title.is_none() {
        return Err(no_body(preset));
    }
    let utc = |d: Date| if preset.fetched_in_utc { d.or_utc().text } else { d.text };
    let mut article = RawArticle {
        id: reader.words(&paths(&aliases.id, preset.id, &[])),
        canonical_url: reader.url(&paths(&[], preset.canonical_url, &[])),
        published_at: reader
            .date(&paths(&aliases.published_at, preset.published_at, others.published_at).or_like(Role::Published))
            .map(|d| d.text),
        modified_at: reader
            .date(&paths(&aliases.modified_at, preset.modified_at, others.modified_at).or_like(Role::Modified))
            .map(|d| d.text),
        fetched_at: reader
            .date(&paths(&aliases.fetched_at, preset.fetched_at, others.fetched_at).or_like(Role::Fetched))
            .map(utc),
        language: language.map(str::to_owned),
        site: reader.site(&paths(&aliases.site, preset.site, others.site).or_like(Role::Site)),
        authors: reader.authors(&paths(&aliases.authors, preset.authors, others.authors).or_like(Role::Authors)),
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
    /// Looked for once a role is found nowhere else.
    alike: Option<Alike>,
    reads_alike: bool,
}

/// Candidate paths for a role: the user's, then the preset's, then what others call it.
struct Candidates<'a> {
    own: &'a [String],
    preset: Paths,
    others: Paths,
    /// At last the object's own names that are like those of the role.
    like: Option<Role>,
}

fn paths(own: &[String], preset: Paths, others: Paths) -> Candidates<'_> {
    Candidates {
        own,
        preset,
        others,
        like: None,
    }
}

impl Candidates<'_> {
    fn or_like(mut self, role: Role) -> Self {
        self.like = Some(role);
        self
    }

    fn named(&self) -> impl Iterator<Item = &str> {
        let names = self.preset.iter().chain(self.others).copied();
        self.own.iter().map(String::as_str).chain(names)
    }
}

/// Fields that may hold a URL and are an id all the same.
const IDS: [&str; 3] = ["id", "_id", "guid"];

impl Reader {
    /// The object's own paths whose names are like those of the roles, looked for once, to be put back.
    fn alike(&mut self) -> Alike {
        match self.alike.take() {
            Some(alike) => alike,
            None if self.reads_alike => Alike::of(&self.fields),
            None => Alike::default(),
        }
    }

    /// Try candidates in order; what was used leaves the fields where it stands at the top, and so does what says nothing.
    fn first<T>(&mut self, paths: &Candidates<'_>, read: impl Fn(&str, &Value) -> Tried<T>) -> Option<T> {
        self.first_but(&[], paths, read)
    }

    /// The same, but what is found under some names stays.
    fn first_but<T>(
        &mut self,
        stay: &[&str],
        paths: &Candidates<'_>,
        read: impl Fn(&str, &Value) -> Tried<T>,
    ) -> Option<T> {
        let named = paths.named().find_map(|path| self.one(path, stay, &read));
        if named.is_some() {
            return named;
        }
        let role = paths.like?;
        let alike = self.alike();
        let found = alike.paths(role).find_map(|path| self.one(path, stay, &read));
        self.alike = Some(alike);
        found
    }

    /// Try one candidate.
    fn one<T>(&mut self, path: &str, stay: &[&str], read: impl Fn(&str, &Value) -> Tried<T>) -> Option<T> {
        let value = self.fields.get(path)?;
        let tried = if fields::is_empty(value) {
            Tried::Nothing
        } else {
            read(path, value)
        };
        match tried {
            Tried::Found(found) => {
                if !stay.contains(&path) {
                    self.drop_top(path);
                }
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
        None
    }

    fn drop_top(&mut self, path: &str) {
        self.fields.take_top(path);
    }

    /// Words, trimmed.
    fn words(&mut self, paths: &Candidates<'_>) -> Option<String> {
        self.first(paths, |_, value| match text_of(value) {
            Some(text) => Tried::Found(text.trim().to_owned()),
            None => Tried::WrongType,
        })
    }

    fn title(&mut self, paths: &Candidates<'_>) -> Option<String> {
        self.first(paths, |_, value| match string_of(value) {
            Some(text) => match title_of(text) {
                title if title.is_empty() => Tried::Nothing,
                title => Tried::Found(title),
            },
            None => Tried::WrongType,
        })
    }

    fn url(&mut self, paths: &Candidates<'_>) -> Option<String> {
        self.first_but(&IDS, paths, |path, value| {
            match string_of(value).or_else(|| link_of(value)) {
                Some(text) => absolute(text.trim()).map_or(Tried::Unread, Tried::Found),
                // An id need not be a URL, and mostly is none.
                None if IDS.contains(&path) => Tried::Unread,
                None => Tried::WrongType,
            }
        })
    }

    fn date(&mut self, paths: &Candidates<'_>) -> Option<Date> {
        // newsdata.io tells the zone in a field of its own.
        let zone = self.fields.get("pubDateTZ").and_then(Value::as_str).map(str::to_owned);
        let zoned = |path: &str, value: &Value| {
            let zone = zone.as_deref().filter(|_| path == "pubDate")?;
            date::parse(&format!("{} {zone}", value.as_str()?))
        };
        self.first(paths, |path, value| {
            match zoned(path, value).map_or_else(|| date_of(value), Tried::Found) {
                // Some names say what the value does not.
                Tried::Found(date) if path.ends_with("_gmt") || path.ends_with("_utc") => Tried::Found(date.or_utc()),
                tried => tried,
            }
        })
    }

    fn language(&mut self, paths: &Candidates<'_>) -> Option<&'static str> {
        self.first(paths, |_, value| {
            match string_of(value).or_else(|| inside(value, &["code", "iso", "name"])) {
                Some(text) => language_name::to_iso_639_1(text).map_or(Tried::Unread, Tried::Found),
                None => Tried::WrongType,
            }
        })
    }

    fn site(&mut self, paths: &Candidates<'_>) -> Option<String> {
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

    fn authors(&mut self, paths: &Candidates<'_>) -> Vec<String> {
        // Tags tell more than names.
        let found = self.first_but(&["tags"], paths, |_, value| {
            let mut found = Names::default();
            if !add_authors(value, &mut found, 0) || found.list.is_empty() {
                Tried::Unread
            } else {
                Tried::Found(found.list)
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
            } else if matches!(body, Body::Html(_)) && instead == Body::None && self.holds_text(path) {
                instead = self.take_body(path, form, charset);
            } else {
                self.drop_copy(path);
            }
        }
        let mut bodies_of_others = others.body.iter();
        while body == Body::None
            && let Some((path, form)) = bodies_of_others.next()
        {
            body = self.take_body(path, *form, charset);
        }
        if body == Body::None {
            let alike = self.alike();
            let mut bodies_alike = alike.paths(Role::Body);
            while body == Body::None
                && let Some(path) = bodies_alike.next()
            {
                body = self.take_body(path, Form::Guess, charset);
            }
            drop(bodies_alike);
            self.alike = Some(alike);
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
        let said = all.map(|&(path, form)| (length(path), (path, form)));
        let (_, most) = said
            .filter(|(length, _)| *length > 0)
            .reduce(|most, next| if next.0 > most.0 { next } else { most })?;
        Some(most)
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

    /// A text, its lines in a list, or a container of one.
    fn holds_text(&self, path: &str) -> bool {
        let is_text = |value: &Value| match value {
            Value::Array(lines) => lines.iter().all(Value::is_string),
            value => value.is_string(),
        };
        self.fields.get(path).is_some_and(is_text) || self.looks_inside(path)
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

    /// Whether something stands where a title or a body does.
    fn has_words(&self, preset: &Preset, aliases: &Aliases) -> bool {
        let others = preset.others();
        let own = [
            &aliases.title,
            &aliases.body,
            &aliases.html,
            &aliases.text,
            &aliases.markdown,
        ];
        let bodies = preset.body.iter().chain(others.body).map(|(path, _)| *path);
        // A name may be the crawler's.
        let titles = preset
            .title
            .iter()
            .chain(others.title)
            .copied()
            .filter(|path| *path != "name");
        let mut known = own
            .into_iter()
            .flatten()
            .map(String::as_str)
            .chain(titles)
            .chain(bodies);
        let holds = |path: &str| self.fields.get(path).is_some_and(|value| !fields::is_empty(value));
        let is_like = |name: &str| matches!(alike::role(name), Some(Role::Title | Role::Body));
        known.any(holds) || self.fields.object.keys().any(|name| is_like(name) && holds(name))
    }

    /// A fetch that the crawler itself calls failed is no article.
    fn refuse_failed(&self, preset: &Preset, aliases: &Aliases) -> Result<(), Reject> {
        let words = || {
            let mut errors = preset.error.iter();
            errors.find_map(|path| text_of(self.fields.get(path)?).filter(|t| !fields::is_nothing(t)))
        };
        let said = || words().map(|w| format!(": {}", shortened(&w))).unwrap_or_default();
        // A workflow calls its own step so, too: beside an article it counts with the error alone.
        let counts = || words().is_some() || !self.has_words(preset, aliases);
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
            if failed && (*path == "success" || counts()) {
                return Err(reject(
                    "fetch-failed",
                    format!("the crawler says that the fetch failed (`{path}` is false){}", said()),
                ));
            }
        }
        if self.fields.get("#error") == Some(&Value::Bool(true)) {
            return Err(reject(
                "fetch-failed",
                format!("the crawler says that the fetch failed (`#error` is true){}", said()),
            ));
        }
        for path in preset.status {
            let value = self.fields.get(path);
            let status = value.and_then(status_of);
            let failed = matches!(value, Some(Value::String(said)) if ["failed", "failure", "error"].iter().any(|word| word.eq_ignore_ascii_case(said)));
            if failed && counts() {
                return Err(reject(
                    "fetch-failed",
                    format!("the crawler says that the fetch failed (`{path}`){}", said()),
                ));
            }
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

/// A title without the markup that it was written with.
fn title_of(text: &str) -> String {
    tidy(form::without_tags(&entities::decoded(&form::out_of_cdata(text.trim()))).into_owned())
        .trim()
        .to_owned()
}

/// A text in the form that its field is known to have, or that its own look shows.
fn in_form(text: String, form: Form, charset: Option<&str>) -> Body {
    if text.trim().is_empty() {
        return Body::None;
    }
    let text = match form::out_of_cdata(&text) {
        Cow::Borrowed(whole) if whole.len() == text.len() => text,
        inner => inner.into_owned(),
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
        Form::Html => unescaped(text, form),
        Form::Text => match form::without_markup(&text) {
            Cow::Borrowed(_) => unescaped(text, form),
            Cow::Owned(bare) => unescaped(bare, form),
        },
        Form::Markdown => Body::Markdown(text),
        Form::Extracted => match serde_json::from_str(&text) {
            Ok(json) => extracted(&json).map_or(Body::None, |text| guessed(text, charset)),
            Err(_) => guessed(text, charset),
        },
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
    let is_page = form != Form::Text && form::starts_as_html(&decoded) && decoded.contains("</");
    if is_page {
        Body::Html(decoded)
    } else {
        Body::Text(decoded)
    }
}
