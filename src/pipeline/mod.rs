//! The order of the steps: decode → clean → fingerprint → tag, each record by itself, on any worker.
//!
//! In: a record. Out: its articles, or the reason why there is none. Always: pure; a panic in a step is that record's
//! rejection, not the stage's end.

mod again;
mod sites;
mod versions;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value};

use self::again::ChangedTags;
use crate::article::{Origin, RawArticle, Record, Reject, Removed};
use crate::clean::{self, Hints, Page};
use crate::decode;
use crate::dedupe::{self, Document, Fingerprint};
use crate::headline::headline;
use crate::replay::Kept;
use crate::tag::{Tagger, Tagging, Text};
use crate::{date, language, site};

pub use versions::Versions;

/// An article after all steps that need no other article.
#[derive(Debug)]
pub struct TaggedArticle {
    pub origin: Origin,
    pub id: String,
    /// The record's time, or the article's own where the record has none. Milliseconds since the epoch.
    pub time_ms: i64,
    pub url: Option<String>,
    pub title: Option<String>,
    pub text: String,
    pub language: Option<String>,
    pub published_at: Option<String>,
    pub authors: Vec<String>,
    pub site: Option<String>,
    pub removed: Vec<Removed>,
    pub page: Page,
    /// `None` where the verdict is on record, and nothing has to be compared.
    pub fingerprint: Option<Fingerprint>,
    pub tagging: Tagging,
    pub extra: Map<String, Value>,
    pub preset: &'static str,
    /// Its lines, for the memory of sites; `None` without that, or where nothing tells the site.
    pub lines: Option<Box<site::SitePage>>,
    /// How many articles its record holds.
    pub of_record: u32,
    /// What stands as in an earlier output. Then fields above that no step needed are empty.
    pub kept: Option<Kept>,
}

/// One article, or the reason why its record (or its position in it) gave none.
#[derive(Debug)]
pub struct Worked {
    pub origin: Origin,
    pub result: Result<Box<TaggedArticle>, Reject>,
}

/// Which steps run.
#[derive(Debug, Clone)]
pub struct Steps {
    pub decode: decode::Options,
    pub clean: bool,
    /// Whether articles are told apart from what most pages of their site carry.
    pub sites: bool,
    pub tags: bool,
}

/// The steps with what they need. One is shared by all workers.
#[derive(Debug)]
pub struct Pipeline {
    steps: Steps,
    tagger: Tagger,
    /// Names the reading with its options.
    decode_version: String,
    /// For outputs that are begun with: what of their tags changed.
    changed_tags: ChangedTags,
}

impl Pipeline {
    pub fn new(steps: Steps, tagger: Tagger) -> Self {
        Self {
            decode_version: steps.decode.version(),
            changed_tags: ChangedTags::default(),
            steps,
            tagger,
        }
    }

    /// What tags the articles.
    pub fn tagger(&self) -> &Tagger {
        &self.tagger
    }

    /// The version of each step, for the output's provenance.
    pub fn versions(&self) -> Versions<'_> {
        Versions {
            sluice: env!("CARGO_PKG_VERSION"),
            decode: &self.decode_version,
            clean: match (self.steps.clean, self.steps.sites) {
                (false, _) => "off",
                (true, false) => clean::VERSION,
                (true, true) => clean::VERSION_WITH_SITES,
            },
            fingerprint: dedupe::PARAMETERS,
            taxonomy: if self.steps.tags { self.tagger.version() } else { "off" },
        }
    }

    /// How many articles a record holds, each with a fate of its own. One that cannot be read has one: a dead letter.
    pub fn article_count(&self, record: &Record) -> usize {
        guarded("decode", || decode::decode(record, &self.steps.decode)).map_or(1, |articles| articles.len())
    }

    /// Run all steps over one record.
    pub fn work(&self, record: &Record) -> Vec<Worked> {
        let worked = guarded("decode", || decode::decode(record, &self.steps.decode));
        let articles = match worked {
            Ok(articles) => articles,
            Err(reject) => {
                return vec![Worked {
                    origin: record.origin.clone(),
                    result: Err(reject),
                }];
            }
        };
        let count = articles.len() as u32;
        (0..)
            .zip(articles)
            .map(|(position, read)| {
                let origin = Origin {
                    position,
                    ..record.origin.clone()
                };
                let result = read
                    .and_then(|raw| guarded("enrich", || self.enrich(&origin, record.timestamp_ms, count, raw)))
                    .map(Box::new);
                Worked { origin, result }
            })
            .collect()
    }

    fn enrich(
        &self,
        origin: &Origin,
        record_ms: Option<i64>,
        of_record: u32,
        mut raw: RawArticle,
    ) -> Result<TaggedArticle, Reject> {
        let mut cleaned = guarded("clean", || Ok(self.clean(&raw)))?;
        cleaned.take_to(&raw.places);
        let mut page = cleaned.page;
        let text = cleaned.text;
        decode::merge(&mut raw, &mut page);
        let language = language::detect(&text, raw.language.as_deref().or(page.language.as_deref()));
        let published_ms = raw.published_at.as_deref().and_then(date::parse).map(|d| d.millis);
        let (site, url) = (raw.site.as_deref(), raw.url.as_deref());
        let headline = raw.title.as_deref().map(|title| headline(title, site, url));
        let fingerprint = guarded("fingerprint", || {
            Ok(dedupe::fingerprint(&Document {
                id: raw.id.as_deref(),
                url,
                site,
                title: headline,
                text: &text,
                language: language.as_deref(),
                published_ms,
            }))
        })?;
        let tagging = guarded("tag", || Ok(self.tag(headline, &text, language.as_deref())))?;
        let places = cleaned.places;
        let lines = self
            .steps
            .sites
            .then(|| site::SitePage::of(&text, places, site, url, raw.id.as_deref()));
        Ok(TaggedArticle {
            id: raw.id.unwrap_or_else(|| origin.to_string()),
            origin: origin.clone(),
            time_ms: record_ms.or(published_ms).unwrap_or(0),
            url: raw.url,
            title: raw.title,
            text,
            language,
            published_at: raw.published_at,
            authors: raw.authors,
            site: raw.site,
            removed: cleaned.removed,
            page,
            fingerprint: Some(fingerprint),
            tagging,
            lines: lines.flatten().map(Box::new),
            extra: raw.extra,
            preset: raw.preset,
            of_record,
            kept: None,
        })
    }

    fn clean(&self, raw: &RawArticle) -> clean::Cleaned {
        let hints = Hints {
            url: raw.url.as_deref(),
            title: raw.title.as_deref(),
            language: raw.language.as_deref(),
            fetched_at: raw.fetched_at.as_deref(),
        };
        if self.steps.clean {
            clean::clean_either(&raw.body, &raw.instead, &hints)
        } else {
            clean::untouched(&raw.body)
        }
    }

    fn tag(&self, title: Option<&str>, body: &str, language: Option<&str>) -> Tagging {
        if self.steps.tags {
            self.tagger.tag(&Text { title, body, language })
        } else {
            Tagging::default()
        }
    }
}

/// Run one step; a panic in it becomes the record's rejection, with the panic's words.
pub(crate) fn guarded<T>(step: &'static str, run: impl FnOnce() -> Result<T, Reject>) -> Result<T, Reject> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no words");
        Err(Reject::new(step, "panic", format!("panic in the step: {words}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_poison_a_panic_in_a_step_is_the_articles_rejection_with_its_words() {
        let letters: Vec<u32> = Vec::new();
        let done = guarded("clean", || Ok(letters[7]));
        let reject = done.unwrap_err();
        assert_eq!((reject.step, reject.code), ("clean", "panic"));
        assert!(reject.message.contains("index is 7"), "{}", reject.message);
        assert_eq!(guarded("clean", || Ok(7)).unwrap(), 7);
    }
}
