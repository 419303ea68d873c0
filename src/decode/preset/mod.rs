//! Which tool wrote an object, and what it calls things.
//!
//! In: an object's fields. Out: the preset that reads them. Always: the most specific preset that fits; [`item`] fits everything.
//!
//! # A new preset in half an hour
//!
//! 1. Take a few records of the tool. Find two or three field names that no other tool writes together: that is `detected_by`.
//! 2. Copy the file of a preset that looks like it (`news_please.rs` for flat records, `firecrawl.rs` for nested ones), and say
//!    for each role which paths hold it, the best first. What is not said is empty, and a role without paths stays unread.
//!    A path is a name or names joined by dots; of a list on the way the first element counts; names with dots are found too.
//! 3. Add the file to `mod` and to [`ALL`], before presets whose `detected_by` would fit its records too.
//! 4. Write its tests in the same file: one record as the tool writes it, made up by yourself, through `check`.
//!
//! Nothing else is needed: values of "nothing", lists where a string was expected, dates in any form, languages by name, authors
//! as objects, base64 and charsets are understood for every preset.

mod article_extractor;
mod crawl4ai;
mod crawlee;
mod event_registry;
mod firecrawl;
mod gdelt;
mod goose3;
mod guardian;
pub(super) mod item;
mod mediacloud;
mod mozilla_readability;
mod news_please;
mod newsapi_org;
mod newspaper;
mod norconex;
mod nutch;
mod postlight;
mod readability_lxml;
mod rss_item;
pub(super) mod schema_org;
mod scrapy_cluster;
mod stormcrawler;
mod trafilatura;
mod unfluff;
mod warc;
mod webz;
mod wordpress;
mod zyte_article;

use std::sync::LazyLock;

use serde::Serialize;

use super::fields::{self, Fields, Object};

/// In what form a field holds its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// HTML; base64 of it is understood.
    Html,
    Markdown,
    Text,
    /// JSON in a string, of blocks or objects that hold text; what is no JSON is guessed.
    Extracted,
    /// Its look decides: base64, HTML, Markdown, text.
    Guess,
}

/// A condition in words, and whether an object holds it.
type Condition = (&'static str, fn(&Object) -> bool);

/// Candidate paths for one role, the best first.
pub(super) type Paths = &'static [&'static str];

/// What a tool calls things.
#[derive(Debug)]
pub(super) struct Preset {
    /// The name in the output's provenance and in the options.
    pub(super) name: &'static str,
    /// The tool, and since which version its records look like this.
    pub(super) tool: &'static str,
    /// Groups of paths: all of one group present means this tool.
    pub(super) detected_by: &'static [Paths],
    /// A further condition on the object, in words and as a function.
    pub(super) only_if: Option<Condition>,
    pub(super) id: Paths,
    pub(super) url: Paths,
    pub(super) canonical_url: Paths,
    pub(super) title: Paths,
    /// HTML before Markdown before text, each with the form that it has.
    pub(super) body: &'static [(&'static str, Form)],
    /// What stands for the body where there is none, and is no copy of it where there is one.
    pub(super) teasers: &'static [(&'static str, Form)],
    pub(super) authors: Paths,
    pub(super) published_at: Paths,
    pub(super) modified_at: Paths,
    pub(super) fetched_at: Paths,
    /// The tool writes the time of fetching in UTC, but without saying so.
    pub(super) fetched_in_utc: bool,
    pub(super) language: Paths,
    pub(super) site: Paths,
    /// The charset or the content type of a body in base64.
    pub(super) charset: Paths,
    /// The status of the page's answer: 400 and above is no article.
    pub(super) status: Paths,
    /// What kind of record it is: of these paths, kinds that are no document.
    pub(super) kind: Paths,
    pub(super) no_documents: &'static [&'static str],
    /// `false` is no article.
    pub(super) success: Paths,
    /// The tool's own words on a failure.
    pub(super) error: Paths,
    /// Copies of the body and other weight that does not pass through.
    pub(super) bulk: Paths,
    /// An object in the place of a title or a url refuses the record.
    pub(super) strict: bool,
    /// A crawler's dump: what other tools' names mean is not what they mean here, and only its own are read.
    pub(super) own_names_only: bool,
}

impl Preset {
    const EMPTY: Self = Self {
        name: "",
        tool: "",
        detected_by: &[],
        only_if: None,
        id: &[],
        url: &[],
        canonical_url: &[],
        title: &[],
        body: &[],
        teasers: &[],
        authors: &[],
        published_at: &[],
        modified_at: &[],
        fetched_at: &[],
        fetched_in_utc: false,
        language: &[],
        site: &[],
        charset: &[],
        status: &[],
        kind: &[],
        no_documents: &[],
        success: &[],
        error: &[],
        bulk: &[],
        strict: false,
        own_names_only: false,
    };

    /// Whose names are tried where this preset's say nothing: records are made by more hands than one.
    pub(super) fn others(&self) -> &'static Self {
        if self.own_names_only || self.strict {
            &Self::EMPTY
        } else {
            &item::PRESET
        }
    }

    fn fits(&self, fields: &Fields) -> bool {
        let group = |paths: &Paths| paths.iter().all(|path| fields.get(path).is_some());
        self.detected_by.iter().any(group) && self.only_if.is_none_or(|(_, holds)| holds(&fields.object))
    }
}

/// All presets, the most specific first; the first that fits is used.
const ALL: &[&Preset] = &[
    &scrapy_cluster::PRESET,
    &mediacloud::PRESET,
    &mediacloud::LISTED,
    &webz::PRESET,
    &wordpress::PRESET,
    &event_registry::PRESET,
    &firecrawl::PRESET,
    &crawl4ai::PRESET,
    &crawlee::APIFY,
    &crawlee::PRESET,
    &zyte_article::PRESET,
    &news_please::PRESET,
    &newspaper::PRESET,
    &trafilatura::PRESET,
    &trafilatura::PYTHON,
    &goose3::PRESET,
    &unfluff::PRESET,
    &mozilla_readability::PRESET,
    &postlight::PRESET,
    &article_extractor::PRESET,
    &readability_lxml::PRESET,
    &nutch::PRESET,
    &warc::PRESET,
    &stormcrawler::PRESET,
    &gdelt::PRESET,
    &guardian::PRESET,
    &newsapi_org::PRESET,
    &schema_org::PRESET,
    &norconex::PRESET,
    &rss_item::PRESET,
    &item::OWN,
    &item::PRESET,
];

/// For each preset the bits of its groups of paths: nearly all are told apart by them.
static BITS: LazyLock<Vec<Vec<u64>>> = LazyLock::new(|| {
    let of_groups = |preset: &&Preset| preset.detected_by.iter().map(|paths| fields::bits(paths)).collect();
    ALL.iter().map(of_groups).collect()
});

/// The preset that reads an object.
pub(super) fn of(fields: &Fields) -> &'static Preset {
    ALL.iter()
        .zip(&*BITS)
        .filter(|(_, groups)| groups.iter().any(|bits| fields.may_hold(*bits)))
        .map(|(preset, _)| *preset)
        .find(|preset| preset.fits(fields))
        .unwrap_or(&item::PRESET)
}

/// A preset by its name.
pub(super) fn named(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name).copied()
}

/// A preset as `sluice inputs list` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The name for `input.preset` and in the output's provenance.
    pub name: &'static str,
    /// The tool that writes such records.
    pub tool: &'static str,
    /// What detects it, in words.
    pub detected_by: String,
}

/// All presets in the order in which they are tried, `plain` (a value that is no JSON) last.
pub fn presets() -> Vec<Listed> {
    let words = |preset: &&Preset| {
        let group = |paths: &Paths| paths.join(" + ");
        let mut words = preset.detected_by.iter().map(group).collect::<Vec<_>>().join(", or ");
        if let Some((condition, _)) = preset.only_if {
            words = format!("{words} ({condition})");
        }
        if words.is_empty() {
            words.push_str("any other object");
        }
        Listed {
            name: preset.name,
            tool: preset.tool,
            detected_by: words,
        }
    };
    let plain = Listed {
        name: super::plain::NAME,
        tool: "any",
        detected_by: "a value that is no JSON: a page or a text".to_owned(),
    };
    let mut listed: Vec<Listed> = ALL.iter().map(words).collect();
    listed.push(plain);
    listed
}

/// Whether the records of any preset have a top-level field of this name: for the report on fields that no preset knows.
pub fn knows(field: &str) -> bool {
    let top = |path: &str| path == field || path.strip_prefix(field).is_some_and(|rest| rest.starts_with('.'));
    ALL.iter().any(|p| {
        let roles = [
            p.id,
            p.url,
            p.canonical_url,
            p.title,
            p.authors,
            p.published_at,
            p.modified_at,
            p.fetched_at,
            p.language,
            p.site,
            p.charset,
            p.kind,
            p.status,
            p.success,
            p.error,
            p.bulk,
        ];
        roles.iter().any(|paths| paths.iter().any(|path| top(path)))
            || p.body.iter().chain(p.teasers).any(|(path, _)| top(path))
            || p.detected_by.iter().any(|group| group.iter().any(|path| top(path)))
    })
}

#[cfg(test)]
pub(super) mod testing {
    use serde_json::Value;

    use super::*;
    use crate::article::{Body, RawArticle};
    use crate::decode::map;

    /// Read a record that must be detected as `preset`.
    pub(crate) fn read(preset: &str, record: Value) -> RawArticle {
        let fields = Fields::new(record.as_object().expect("an object").clone());
        let found = of(&fields);
        assert_eq!(found.name, preset);
        map::read(fields, found, &map::Aliases::default()).expect("an article")
    }

    /// `read`, and compare: url, title, body's form and beginning, published_at, language, site, authors joined by `; `.
    pub(crate) fn check(preset: &str, record: Value, expected: [&str; 7]) {
        let a = read(preset, record);
        let body = match &a.body {
            Body::Html(s) => format!("html {s}"),
            Body::Text(s) => format!("text {s}"),
            Body::Markdown(s) => format!("markdown {s}"),
            Body::None => "none".to_owned(),
        };
        let or_none = |field: &Option<String>| field.clone().unwrap_or_default();
        let found = [
            or_none(&a.url),
            or_none(&a.title),
            body,
            or_none(&a.published_at),
            or_none(&a.language),
            or_none(&a.site),
            a.authors.join("; "),
        ];
        assert_eq!(found.each_ref().map(String::as_str), expected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_has_a_name_a_body_and_what_detects_it() {
        for preset in ALL {
            assert!(!preset.name.is_empty() && !preset.tool.is_empty());
            assert!(!preset.title.is_empty(), "{}", preset.name);
            assert!(
                !preset.detected_by.is_empty() || preset.name == "item",
                "{}",
                preset.name
            );
        }
        assert!(knows("maintext") && knows("metadata") && !knows("nothing_like_it"));
    }
}
