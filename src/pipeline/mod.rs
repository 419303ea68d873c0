//! The order of the steps: decode → clean → fingerprint → tag, each record by itself, on any worker.
//!
//! In: records. Out: the articles of each, or the reason why there is none. Always: pure; a panic in a step is that record's
//! rejection, not the stage's end.
//!
//! Each step is done for some records before the next step is: then its code and its tables are near, which is worth three parts in a hundred.

mod again;
mod sites;
mod under_way;
mod versions;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value};

use self::again::ChangedTags;
use self::under_way::UnderWay;
use crate::article::{Origin, RawArticle, Record, Reject, Removed};
use crate::clean::{self, Hints, Page};
use crate::dedupe::{self, Fingerprint};
use crate::replay::Kept;
use crate::tag::{Tagger, Tagging, Text};
use crate::{date, decode, site};

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

#[cfg(test)]
impl Steps {
    /// All but tags and the memory of sites.
    pub(crate) fn without_tags() -> Self {
        Self {
            decode: decode::Options::default(),
            clean: true,
            sites: false,
            tags: false,
        }
    }
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
        self.work_together([record], |_| ()).pop().unwrap_or_default()
    }

    /// Run all steps over some records, each step over all of them before the next: the articles of each record, in their order. A step is
    /// at a record while the answer of `at` lives.
    fn work_together<'r, At>(
        &self,
        records: impl IntoIterator<Item = &'r Record>,
        at: impl Fn(&Record) -> At,
    ) -> Vec<Vec<Worked>> {
        let mut articles = Vec::new();
        let read = |record| {
            let _at = at(record);
            let of_record = self.read(record);
            let count = of_record.len();
            articles.extend(of_record);
            count
        };
        let counts: Vec<usize> = records.into_iter().map(read).collect();
        for step in under_way::STEPS {
            for article in &mut articles {
                let _at = at(article.record);
                article.run(self, step);
            }
        }
        let mut worked = articles.into_iter().map(UnderWay::finish);
        let of_record = |count| worked.by_ref().take(count).collect();
        counts.into_iter().map(of_record).collect()
    }

    /// The articles of a record, of which nothing but that is known, or its rejection.
    fn read<'r>(&self, record: &'r Record) -> Vec<UnderWay<'r>> {
        let read = guarded("decode", || decode::decode(record, &self.steps.decode));
        let articles = read.unwrap_or_else(|reject| vec![Err(reject)]);
        let count = articles.len() as u32;
        let positions = (0..).zip(articles);
        positions
            .map(|(position, read)| UnderWay::of(record, position, count, read))
            .collect()
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

/// The record's time, or the article's own where the record has none.
fn time_ms(record_ms: Option<i64>, published_at: Option<&str>) -> Option<i64> {
    record_ms.or_else(|| Some(date::parse(published_at?)?.millis))
}

/// How many records of a batch are worked on together: few enough that no worker waits for another's last ones.
fn together(records: usize) -> usize {
    const TOGETHER_MAX: usize = 16;
    const SHARES_OF_WORKER: usize = 8;
    (records / (SHARES_OF_WORKER * rayon::current_num_threads())).clamp(1, TOGETHER_MAX)
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
    fn no_worker_waits_long_for_anothers_records() {
        let workers = rayon::current_num_threads();
        assert_eq!((together(0), together(1), together(1_000_000)), (1, 1, 16));
        assert!((1..2_000).all(|records| together(records) * workers * 8 <= records || together(records) == 1));
    }

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
