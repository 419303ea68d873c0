//! A record with an earlier output: only the steps whose version is another now are done again.
//!
//! In: the record, and the outputs that were made of it. Out: its articles as the whole pipeline would give them, or nothing where that is not
//! certain. Always: encoded, the same bytes as those of the whole pipeline.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;
use rayon::prelude::*;
use serde_json::Map;

use super::{Pipeline, TaggedArticle, Worked, guarded, time_ms, together};
use crate::article::{Origin, Record, Reject};
use crate::clean::Page;
use crate::decode;
use crate::dedupe::{self, Document, Fingerprint};
use crate::headline::headline;
use crate::replay::{Earlier, EarlierOutput, KeptTags, Redone};
use crate::tag::{Tagger, Tagging, Text};

/// The fields of an article that has been cleaned which a step works on.
pub(super) struct Fields {
    pub(super) id: String,
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
    pub(super) text: String,
    pub(super) language: Option<String>,
    pub(super) site: Option<String>,
}

/// What of the tags changed, by the version that made an output: mostly one, and few at any time.
#[derive(Debug, Default)]
pub(super) struct ChangedTags(RwLock<BTreeMap<String, Arc<Changed>>>);

/// Versions that are kept; outputs of more are tagged by all tags.
const VERSIONS_MAX: usize = 16;

/// What of the tags changed since some version.
#[derive(Debug)]
struct Changed {
    /// For each tag its name, and whether it is the same.
    tags: Vec<(Arc<str>, bool)>,
    /// Of those that are not the same; `None` where all are.
    tagger: Option<Tagger>,
}

impl Changed {
    fn since(version: &str, tagger: &Tagger) -> Self {
        let unchanged = tagger.unchanged_since(version);
        let changed: Vec<bool> = unchanged.iter().map(|is_unchanged| !is_unchanged).collect();
        Self {
            tagger: changed.contains(&true).then(|| tagger.of_some(&changed)),
            tags: tagger.names().into_iter().map(Arc::from).zip(unchanged).collect(),
        }
    }
}

impl ChangedTags {
    fn since(&self, version: &str, tagger: &Tagger) -> Option<Arc<Changed>> {
        if let Some(known) = self.0.read().get(version) {
            return Some(Arc::clone(known));
        }
        let mut known = self.0.write();
        if known.len() >= VERSIONS_MAX {
            return None;
        }
        let changed = known.entry(version.to_owned());
        Some(Arc::clone(
            changed.or_insert_with(|| Arc::new(Changed::since(version, tagger))),
        ))
    }
}

/// What has to be done of an article.
#[derive(Clone, Copy)]
pub(super) struct Needed<'a> {
    pub(super) tags: Retag<'a>,
    pub(super) fingerprint: bool,
}

/// Which tags have to be judged anew.
#[derive(Clone, Copy)]
pub(super) enum Retag<'a> {
    None,
    /// Those that this tagger knows.
    Some(&'a Tagger),
    All,
}

impl Pipeline {
    /// Run all steps over the records of a batch, of which there may be earlier outputs, on all workers: their articles, in their order.
    /// A step is at a record while the answer of `at` lives.
    pub fn work_batch<At>(
        &self,
        records: &[Record],
        earlier: &Earlier,
        at: impl Fn(&Record) -> At + Sync,
    ) -> Vec<Worked> {
        let work = |records| self.work_after(records, earlier, &at).into_iter().flatten();
        let together = records.par_chunks(together(records.len()));
        together.flat_map_iter(work).collect()
    }

    /// Work on some records [together](Self::work_together), of which there may be earlier outputs: the articles of each.
    fn work_after<At>(&self, records: &[Record], earlier: &Earlier, at: impl Fn(&Record) -> At) -> Vec<Vec<Worked>> {
        let again = |record| {
            let _at = at(record);
            self.work_again(record, earlier)
        };
        let again: Vec<Option<Vec<Worked>>> = records.iter().map(again).collect();
        let whole = records.iter().zip(&again).filter(|(_, again)| again.is_none());
        let mut whole = self.work_together(whole.map(|(record, _)| record), &at).into_iter();
        let of_record = |again: Option<_>| again.or_else(|| whole.next()).unwrap_or_default();
        again.into_iter().map(of_record).collect()
    }

    /// Do again what a changed version can touch. `None` where the text may have become another, or the outputs are not all there: then the
    /// record must be done whole.
    pub fn work_again(&self, record: &Record, earlier: &Earlier) -> Option<Vec<Worked>> {
        let outputs = self.outputs(record, earlier)?;
        let again = |(position, output): (u32, EarlierOutput<'_>)| {
            let origin = Origin {
                position,
                ..record.origin.clone()
            };
            let is_judged = earlier.is_judged(&origin, record.timestamp_ms);
            if self.steps.sites && !is_judged {
                return None; // what its site's pages carry is decided anew, and by all its lines
            }
            // What panics here is done whole, where a panic is a dead letter.
            let redone = guarded("again", || {
                Ok(self.redo(&origin, record.timestamp_ms, &output, is_judged))
            });
            let result = redone.ok()??;
            Some(Worked {
                origin,
                result: result.map(Box::new),
            })
        };
        outputs.into_iter().map(again).collect()
    }

    /// What [`work_again`](Self::work_again) would find to do, by articles. Nothing is worked on, but that a record to be done whole is read.
    pub fn left_to_do(&self, record: &Record, earlier: &Earlier) -> Redone {
        let Some(outputs) = self.outputs(record, earlier) else {
            return Redone {
                done_whole: self.article_count(record) as u64,
                ..Redone::default()
            };
        };
        let (unchanged, tagged_again): (Vec<_>, Vec<_>) = outputs
            .values()
            .partition(|output| output.has_tags_of(&self.versions()));
        Redone {
            unchanged: unchanged.len() as u64,
            tagged_again: tagged_again.len() as u64,
            done_whole: 0,
        }
    }

    /// The outputs that were made of a record, by position, if they are all there and their text stands.
    fn outputs<'a>(&self, record: &Record, earlier: &'a Earlier) -> Option<BTreeMap<u32, EarlierOutput<'a>>> {
        let mut outputs = BTreeMap::new();
        for value in earlier.outputs(record)? {
            let output = EarlierOutput::parse(value)?;
            if !output.is_of(&record.origin) || !output.has_text_of(&self.versions()) {
                return None;
            }
            if self.steps.sites && output.is_of_a_run() {
                return None; // what went of it is what that run found its site to carry
            }
            outputs.insert(output.position(), output);
        }
        let count = outputs.values().next()?.articles();
        outputs.keys().copied().eq(0..count).then_some(outputs)
    }

    /// The article that an earlier output describes. `None` where this build would not read it so.
    fn redo(
        &self,
        origin: &Origin,
        record_ms: Option<i64>,
        output: &EarlierOutput<'_>,
        is_judged: bool,
    ) -> Option<Result<TaggedArticle, Reject>> {
        let preset = decode::preset_name(output.preset())?;
        let changed = self.changed_tags(output);
        let (kept, tags) = match &changed {
            _ if output.has_tags_of(&self.versions()) => (KeptTags::All, Retag::None),
            None => (KeptTags::None, Retag::All),
            Some(changed) => (
                output.tags(&changed.tags)?,
                changed.tagger.as_ref().map_or(Retag::None, Retag::Some),
            ),
        };
        let needed = Needed {
            tags,
            fingerprint: !is_judged,
        };
        let fields = Fields::of(output, needed)?;
        let published_at = output.string("published_at");
        let steps = self.steps_again(origin, &fields, needed);
        Some(steps.map(|(fingerprint, tagging)| TaggedArticle {
            id: fields.id,
            origin: origin.clone(),
            time_ms: time_ms(record_ms, published_at.as_deref()).unwrap_or(0),
            url: fields.url,
            title: fields.title,
            text: fields.text,
            language: fields.language,
            published_at,
            authors: Vec::new(),
            site: fields.site,
            removed: Vec::new(),
            page: Page::default(),
            fingerprint,
            tagging,
            lines: None,
            extra: Map::new(),
            preset,
            of_record: output.articles(),
            kept: Some(output.keep(kept)),
        }))
    }

    /// What of the tags changed since an output was made; `None` where no tag stands.
    fn changed_tags(&self, output: &EarlierOutput<'_>) -> Option<Arc<Changed>> {
        if !self.steps.tags {
            return None;
        }
        let changed = self.changed_tags.since(output.taxonomy(), &self.tagger)?;
        Some(changed).filter(|changed| changed.tags.iter().any(|(_, is_unchanged)| *is_unchanged))
    }

    /// Do the steps that go by the fields of an article.
    pub(super) fn steps_again(
        &self,
        origin: &Origin,
        fields: &Fields,
        needed: Needed<'_>,
    ) -> Result<(Option<Fingerprint>, Tagging), Reject> {
        let (site, url, language) = (
            fields.site.as_deref(),
            fields.url.as_deref(),
            fields.language.as_deref(),
        );
        let title = fields.title.as_deref().map(|title| headline(title, site, url));
        let document = Document {
            // An article without an id of its own was given its origin's name.
            id: Some(&*fields.id).filter(|id| *id != origin.to_string()),
            url,
            site,
            title,
            text: &fields.text,
        };
        let fingerprint = || guarded("fingerprint", || Ok(dedupe::fingerprint(&document)));
        let mut tagging = match needed.tags {
            Retag::None => Tagging::default(),
            Retag::All => guarded("tag", || Ok(self.tag(title, &fields.text, language)))?,
            Retag::Some(tagger) => {
                let body = &*fields.text;
                guarded("tag", || Ok(tagger.tag(&Text { title, body, language })))?
            }
        };
        if self.steps.tags {
            // Told by all tags, also by those that stand.
            tagging.phrases_read = self.tagger.phrases_read(language);
        }
        Ok((needed.fingerprint.then(fingerprint).transpose()?, tagging))
    }
}

impl Fields {
    fn of(output: &EarlierOutput<'_>, needed: Needed<'_>) -> Option<Self> {
        let text = if !matches!(needed.tags, Retag::None) || needed.fingerprint {
            output.string("text")?
        } else {
            String::new()
        };
        Some(Self {
            id: output.string("id")?,
            url: output.string("url"),
            title: output.string("title"),
            text,
            language: output.string("language"),
            site: output.string("site"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::dedupe::Verdict;
    use crate::encode;
    use crate::judge::MemoryEntry;
    use crate::pipeline::Steps;
    use crate::replay::{Range, Recorded};
    use crate::tag::{Tagger, taxonomy::Taxonomy};

    const FERRIES: &str = "name = \"ferries\"\n[[concept]]\nname = \"boats\"\nen = [\"ferry\", \"ferries\"]\n";

    fn steps() -> Steps {
        Steps {
            tags: true,
            ..Steps::without_tags()
        }
    }

    fn builtin() -> Pipeline {
        Pipeline::new(steps(), Tagger::builtin())
    }

    /// The same steps with another taxonomy.
    fn ferries() -> Pipeline {
        Pipeline::new(
            steps(),
            Tagger::new(vec![Taxonomy::parse("ferries.toml", FERRIES).unwrap()]),
        )
    }

    fn record(value: &serde_json::Value) -> Record {
        Record {
            origin: Origin {
                topic: "raw".into(),
                partition: 2,
                offset: 7,
                position: 0,
            },
            key: None,
            value: Some(value.to_string().into_bytes()),
            headers: Vec::new(),
            timestamp_ms: Some(1_790_000_000_000),
        }
    }

    fn encoded(pipeline: &Pipeline, worked: &[Worked], run: &str) -> Vec<Vec<u8>> {
        let one = |worked: &Worked| {
            let article = worked.result.as_ref().unwrap();
            encode::encode(article, &Verdict::unique(), &pipeline.versions(), Some(run))
        };
        worked.iter().map(one).collect()
    }

    fn earlier(record: &Record, outputs: Vec<Vec<u8>>) -> Earlier {
        let mut earlier = Earlier::default();
        earlier.insert(record, outputs);
        earlier
    }

    fn text() -> String {
        let line =
            "The ferry to the island was late again, and the import tariffs on steel were raised in a trade war.";
        format!("Share this article\n\n{line}\n\n{line} Nobody said \u{201c}why\u{201d}.\n\nAdvertisement")
    }

    fn records() -> Vec<Record> {
        let values = [
            json!({ "id": "a", "title": "A \"title\" - Trade War Post", "site": "Trade War Post", "text": text(), "url": "https://post.example/a?x=1", "published_at": "2026-03-02" }),
            json!({ "text": text(), "score": 0.1, "ratio": 1e-7, "large": 12_345_678_901_234_567_890_u64, "note": "\u{1F6A2}\u{0007}/" }),
            json!({ "id": "c", "html": format!("<html><title>T</title><body><p>{}</p></body></html>", text()), "tags": ["own"], "nested": { "provenance": { "topic": "x" } } }),
            json!({ "articles": [{ "id": "d1", "title": "One", "text": text() }, { "id": "d2", "title": "Two", "text": text() }], "totalResults": 2, "status": "ok" }),
        ];
        values.iter().map(record).collect()
    }

    #[test]
    fn same_verdict_what_is_kept_and_done_again_is_byte_for_byte_what_the_whole_gives() {
        for record in records() {
            let before = encoded(&builtin(), &builtin().work(&record), "first");
            for now in [builtin(), ferries()] {
                let again = now.work_again(&record, &earlier(&record, before.clone())).unwrap();
                let whole = now.work(&record);
                assert_eq!(encoded(&now, &again, "second"), encoded(&now, &whole, "second"));
                let compared = |worked: &[Worked]| -> Vec<(String, i64, Option<Fingerprint>)> {
                    let article = |w: &Worked| w.result.as_ref().unwrap().clone_for_judge();
                    worked.iter().map(article).collect()
                };
                assert_eq!(compared(&again), compared(&whole), "judged by the same");
            }
        }
        assert_eq!(
            builtin().work(&records()[3]).len(),
            2,
            "a record with two articles is among them"
        );
    }

    #[test]
    fn deterministic_core_records_worked_on_together_give_what_each_gives_alone() {
        let mut records = records();
        records.insert(2, record(&json!(7)));
        for (offset, record) in (0..).zip(&mut records) {
            record.origin.offset = offset;
        }
        let alone: Vec<_> = records.iter().map(|record| builtin().work(record)).collect();
        let with_earlier = &records[1];
        let earlier = earlier(with_earlier, encoded(&builtin(), &alone[1], "first"));
        let at = |record: &Record| record.origin.offset;
        let together = builtin().work_after(&records, &earlier, at);
        let told = |worked: &[Vec<Worked>]| -> Vec<Vec<String>> {
            let article = |worked: &Worked| match &worked.result {
                Ok(_) => String::from_utf8(encoded(&builtin(), std::slice::from_ref(worked), "second").remove(0)),
                Err(reject) => Ok(format!("{} {reject:?}", worked.origin)),
            };
            let of_record = |all: &Vec<Worked>| all.iter().map(|worked| article(worked).unwrap()).collect();
            worked.iter().map(of_record).collect()
        };
        assert_eq!(told(&together), told(&alone));
        let counts: Vec<usize> = together.iter().map(Vec::len).collect();
        assert_eq!(counts, [1, 1, 1, 1, 2]);
        let kept = |of: usize| {
            together[of][0]
                .result
                .as_ref()
                .is_ok_and(|article| article.kept.is_some())
        };
        assert!(kept(1) && !kept(0));
    }

    #[test]
    fn an_outlets_name_behind_a_title_is_no_subject() {
        let scores = |title: &str, site: &str| {
            let value = json!({ "title": title, "site": site, "text": "The ferry to the island was late again, said the harbour master." });
            let worked = builtin().work(&record(&value));
            worked[0].result.as_ref().unwrap().tagging.scores.clone()
        };
        let bare = scores("The ferry is late", "Trade War Post");
        assert_eq!(scores("The ferry is late | Trade War Post", "Trade War Post"), bare);
        assert!(scores("The ferry is late | Trade War Post", "The Gull")["trade"] > bare["trade"]);
    }

    impl TaggedArticle {
        fn clone_for_judge(&self) -> (String, i64, Option<Fingerprint>) {
            (self.id.clone(), self.time_ms, self.fingerprint.clone())
        }
    }

    #[test]
    fn a_tag_that_did_not_change_stands_beside_those_that_did() {
        let with = |more: &str| {
            let mut all = crate::tag::shipped();
            if let Some(place) = more.strip_prefix('-') {
                all.retain(|taxonomy| taxonomy.name != place);
            } else {
                all.insert(1, Taxonomy::parse("ferries.toml", more).unwrap());
            }
            Pipeline::new(steps(), Tagger::new(all))
        };
        let other = FERRIES.replace("ferries\"]", "ferries\", \"island\"]");
        let pipelines = [builtin(), with(FERRIES), with(&other), with("-trade"), ferries()];
        for (before, now) in pipelines
            .iter()
            .flat_map(|before| pipelines.iter().map(move |now| (before, now)))
        {
            for record in records() {
                let outputs = encoded(before, &before.work(&record), "first");
                let again = now.work_again(&record, &earlier(&record, outputs)).unwrap();
                assert!(encoded(now, &again, "second") == encoded(now, &now.work(&record), "second"));
                let kept = again[0].result.as_ref().unwrap().kept.as_ref().unwrap().tags();
                let is_same = before.tagger().version() == now.tagger().version();
                assert_eq!(*kept == KeptTags::All, is_same);
            }
        }
    }

    #[test]
    fn where_the_text_may_be_another_or_an_article_is_missing_the_record_is_done_whole() {
        let records = records();
        let whole = |record: &Record, outputs: &[Vec<u8>], now: &Pipeline| {
            now.work_again(record, &earlier(record, outputs.to_vec())).is_none()
        };
        let outputs = encoded(&builtin(), &builtin().work(&records[0]), "first");
        let mut unclean = steps();
        unclean.clean = false;
        assert!(whole(&records[0], &outputs, &Pipeline::new(unclean, Tagger::builtin())));
        let mut forced = steps();
        forced.decode.preset = Some("item".into());
        assert!(whole(&records[0], &outputs, &Pipeline::new(forced, Tagger::builtin())));
        assert!(whole(&records[0], &[], &builtin()));
        assert!(whole(&records[0], &[b"{}".to_vec()], &builtin()));
        let mut other = records[0].clone();
        other.origin.offset = 8;
        assert!(whole(&other, &outputs, &builtin()), "another record's output");
        let two = encoded(&builtin(), &builtin().work(&records[3]), "first");
        assert!(
            whole(&records[3], &two[..1], &builtin()),
            "one of two articles is missing"
        );
        assert!(whole(&records[3], &two[1..], &builtin()));
        assert!(!whole(&records[3], &two, &builtin()));
    }

    #[test]
    fn with_the_verdict_on_record_nothing_is_fingerprinted() {
        let record = records().remove(0);
        let outputs = encoded(&builtin(), &builtin().work(&record), "first");
        let range = Range::of(2, 0..10);
        let mut recorded = Recorded::new("raw", &[range]);
        recorded.keep(&MemoryEntry {
            origin: record.origin.clone(),
            id: "a".into(),
            time_ms: record.timestamp_ms.unwrap(),
            verdict: Verdict::unique(),
            fingerprint: None,
            site: None,
        });
        let mut earlier = Earlier::new(Arc::new(recorded));
        earlier.insert(&record, outputs);
        let again = ferries().work_again(&record, &earlier).unwrap();
        assert!(again[0].result.as_ref().unwrap().fingerprint.is_none());
        let same = encoded(&ferries(), &again, "x") == encoded(&ferries(), &ferries().work(&record), "x");
        assert!(same);
    }
}
