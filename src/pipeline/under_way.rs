//! An article on its way through the steps.
//!
//! In: an article as it was read. Out: what all steps made of it, or the first one's rejection. Always: a step that panics is its rejection.

use super::{Pipeline, TaggedArticle, Worked, guarded, time_ms};
use crate::article::{Body, Origin, RawArticle, Record, Reject};
use crate::clean::Cleaned;
use crate::dedupe::{self, Document, Fingerprint};
use crate::headline::headline;
use crate::site::SitePage;
use crate::tag::Tagging;
use crate::{decode, language};

/// A step by its name, and what it does with an article.
pub(super) type Step = (&'static str, fn(&mut Article, &Pipeline));

/// The steps behind reading, in their order.
pub(super) const STEPS: [Step; 3] = [
    ("clean", Article::clean),
    ("fingerprint", Article::fingerprint),
    ("tag", Article::tag),
];

/// An article, and where it comes from.
pub(super) struct UnderWay<'r> {
    pub(super) record: &'r Record,
    origin: Origin,
    of_record: u32,
    result: Result<Article, Reject>,
}

/// What the steps have made of an article so far.
#[derive(Default)]
pub(super) struct Article {
    raw: RawArticle,
    cleaned: Cleaned,
    /// The title without its outlet's name.
    headline: Option<String>,
    language: Option<String>,
    /// The record's, until it is known that the record has none.
    time_ms: Option<i64>,
    lines: Option<Box<SitePage>>,
    fingerprint: Fingerprint,
    tagging: Tagging,
}

impl<'r> UnderWay<'r> {
    /// One of so many articles of a record, as it was read.
    pub(super) fn of(record: &'r Record, position: u32, of_record: u32, read: Result<RawArticle, Reject>) -> Self {
        let origin = Origin {
            position,
            ..record.origin.clone()
        };
        let article = |raw| Article {
            raw,
            time_ms: record.timestamp_ms,
            ..Article::default()
        };
        Self {
            record,
            origin,
            of_record,
            result: read.map(article),
        }
    }

    /// Do one step, unless an earlier one rejected the article.
    pub(super) fn run(&mut self, pipeline: &Pipeline, (name, step): Step) {
        if let Ok(article) = &mut self.result
            && let Err(reject) = guarded(name, || {
                step(article, pipeline);
                Ok(())
            })
        {
            self.result = Err(reject);
        }
    }

    pub(super) fn finish(self) -> Worked {
        let origin = self.origin;
        let result = self.result.map(|article| {
            let Article {
                raw,
                cleaned,
                language,
                time_ms,
                lines,
                fingerprint,
                tagging,
                ..
            } = article;
            Box::new(TaggedArticle {
                id: raw.id.unwrap_or_else(|| origin.to_string()),
                origin: origin.clone(),
                time_ms: time_ms.unwrap_or(0),
                url: raw.url,
                title: raw.title,
                text: cleaned.text,
                language,
                published_at: raw.published_at,
                authors: raw.authors,
                site: raw.site,
                removed: cleaned.removed,
                page: cleaned.page,
                fingerprint: Some(fingerprint),
                tagging,
                lines,
                extra: raw.extra,
                preset: raw.preset,
                of_record: self.of_record,
                kept: None,
            })
        });
        Worked { origin, result }
    }
}

impl Article {
    fn clean(&mut self, pipeline: &Pipeline) {
        let raw = &mut self.raw;
        self.cleaned = pipeline.clean(raw);
        self.cleaned.take_to(&raw.places);
        decode::merge(raw, &mut self.cleaned.page);
        // Nobody asks for it any more, and the next article's takes its place, which is near.
        (raw.body, raw.instead) = (Body::None, Body::None);
        let told = raw.language.as_deref().or(self.cleaned.page.language.as_deref());
        self.language = language::detect(&self.cleaned.text, told);
        self.time_ms = time_ms(self.time_ms, raw.published_at.as_deref());
        let (site, url, id) = (raw.site.as_deref(), raw.url.as_deref(), raw.id.as_deref());
        let title = raw.title.as_deref();
        self.headline = title.map(|title| headline(title, site, url).to_owned());
        if pipeline.steps.sites {
            let places = std::mem::take(&mut self.cleaned.places);
            self.lines = SitePage::of(&self.cleaned.text, places, site, url, id).map(Box::new);
        }
    }

    fn fingerprint(&mut self, _: &Pipeline) {
        self.fingerprint = dedupe::fingerprint(&Document {
            id: self.raw.id.as_deref(),
            url: self.raw.url.as_deref(),
            site: self.raw.site.as_deref(),
            title: self.headline.as_deref(),
            text: &self.cleaned.text,
        });
    }

    fn tag(&mut self, pipeline: &Pipeline) {
        let (headline, language) = (self.headline.as_deref(), self.language.as_deref());
        self.tagging = pipeline.tag(headline, &self.cleaned.text, language);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Steps;
    use crate::tag::Tagger;

    #[test]
    fn no_poison_a_step_that_panics_rejects_its_article_and_no_later_step_runs() {
        let pipeline = Pipeline::new(Steps::without_tags(), Tagger::builtin());
        let record = Record {
            origin: Origin {
                topic: "raw".into(),
                partition: 0,
                offset: 3,
                position: 0,
            },
            key: None,
            value: None,
            headers: Vec::new(),
            timestamp_ms: None,
        };
        let mut article = UnderWay::of(&record, 1, 2, Ok(RawArticle::default()));
        article.run(&pipeline, ("clean", |_, _| panic!("no such line")));
        article.run(&pipeline, ("tag", |_, _| unreachable!("it was rejected before")));
        let worked = article.finish();
        let reject = worked.result.unwrap_err();
        assert_eq!((reject.step, reject.code), ("clean", "panic"));
        assert!(reject.message.contains("no such line"), "{reject}");
        assert_eq!(worked.origin.to_string(), "raw-0-3#1");
    }
}
