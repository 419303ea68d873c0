//! An object and a preset → an article.
//!
//! In: the fields, the preset that names them, the user's own names. Out: a [`RawArticle`], or why it is none. Always: of the
//! candidates for a role the first that says something wins; the fields used are gone from `extra`, all others pass through.
//!
//! `failed` refuses what the crawler itself calls no article · `candidates` tries the names of a role in their order · `body` finds the role
//! that has most forms, and `in_form` reads it; the others are read here.

mod body;
mod candidates;
mod failed;
mod in_form;

use serde_json::Value;

use self::body::{Found, without_cut_mark};
use self::candidates::{Candidates, paths};
use super::address::{absolute, host};
use super::alike::{Alike, Role};
use super::fields::{self, Fields};
use super::names::Names;
use super::preset::Preset;
use super::text::on_one_line;
use super::values::{Tried, add_authors, date_of, inside, link_of, string_of, text_of};
use super::{entities, form, http_head, language_name, reject};
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

/// Read an object's fields by a preset.
pub(super) fn read(fields: Fields, preset: &'static Preset, aliases: &Aliases) -> Result<RawArticle, Reject> {
    let mut reader = Reader {
        fields,
        wrong: None,
        refused: None,
        strict: preset.strict,
        alike: None,
        reads_alike: !preset.own_names_only,
    };
    reader.refuse_failed(preset, aliases)?;
    let others = preset.others();
    let charset = reader.words(&paths(&[], preset.charset, &[]));
    // Before the body, whose container may hold it.
    let language = reader.language(&paths(&aliases.language, preset.language, others.language).or_like(Role::Language));
    let Found {
        mut body,
        mut places,
        instead,
    } = reader.body(preset, others, aliases, charset.as_deref())?;
    http_head::take_away(&mut body, &mut places)?;
    let title = reader.title(&paths(&aliases.title, preset.title, others.title).or_like(Role::Title));
    reader.required(title.is_some())?;
    let url = reader.url(&paths(&aliases.url, preset.url, others.url).or_like(Role::Url));
    reader.required(url.is_some())?;
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
        places,
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

/// Reads roles out of fields, which go as they are used.
struct Reader {
    fields: Fields,
    /// The first field that holds a type it cannot hold.
    wrong: Option<String>,
    /// Why the first body that holds no text was refused.
    refused: Option<Reject>,
    /// An object where a title or a url should stand refuses the record; else it is passed over.
    strict: bool,
    /// Looked for once a role is found nowhere else.
    alike: Option<Alike>,
    reads_alike: bool,
}

/// Fields that may hold a URL and are an id all the same.
const IDS: [&str; 3] = ["id", "_id", "guid"];

impl Reader {
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
                Some(text) => Tried::Found(on_one_line(text.trim().to_owned())),
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

    /// A body, title or url of the wrong type, with no other candidate, refuses the record.
    fn required(&mut self, found: bool) -> Result<(), Reject> {
        match self.wrong.take() {
            Some(wrong) if !found => Err(reject("wrong-type", format!("wrong type: {wrong}"))),
            _ => Ok(()),
        }
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
    on_one_line(form::without_tags(&entities::decoded(&form::out_of_cdata(text.trim()))).into_owned())
        .trim()
        .to_owned()
}
