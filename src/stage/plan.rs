//! A judged batch → the records and offsets that make it durable.
//!
//! In: a batch and the fates of its articles. Out: a [`Plan`]. Always: each article has its record, or was dropped; of a record of which
//! several articles were refused one becomes a dead letter for all.

use std::collections::BTreeMap;

use rayon::iter::Either;
use rayon::prelude::*;
use tokio::time::Instant;

use super::batch::{Batch, Lease};
use crate::article::{Header, LeftOut, Origin, Record, Reject};
use crate::counts::{Counts, Fates};
use crate::dead_letter::{self, Reporter};
use crate::decode::tombstone;
use crate::dedupe::Verdict;
use crate::encode;
use crate::failure::Failure;
use crate::judge::{Fate, Judged, MemoryEntry};
use crate::pipeline::{Pipeline, TaggedArticle, guarded};
use crate::telemetry::BatchTrace;

/// Where an output record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// The output topic.
    Enriched,
    /// The duplicates' topic.
    Duplicates,
    /// The dead letters' topic.
    DeadLetters,
}

/// One record to be written.
#[derive(Debug)]
pub struct Output {
    /// Its topic, by role.
    pub to: Destination,
    /// The input partition it comes from; a sink keeps the records of one input partition in order.
    pub partition: i32,
    /// As in the input.
    pub key: Option<Vec<u8>>,
    /// JSON, or for a dead letter the bytes of the input.
    pub value: Option<Vec<u8>>,
    /// As in the input; a dead letter's say why.
    pub headers: Vec<Header>,
    /// As in the input.
    pub timestamp_ms: Option<i64>,
}

/// All that one batch changes in the world.
#[derive(Debug)]
pub struct Plan {
    /// The batch's number.
    pub batch: u64,
    /// The batch's epoch: a sink refuses a plan whose epoch is over.
    pub epoch: u64,
    /// What is written.
    pub outputs: Vec<Output>,
    /// The article that each of these was made of: of a dead letter for several of one record, the first.
    pub origins: Vec<Origin>,
    /// Articles that could not be written. A sink refuses the plan while there are any, so that the batch is judged again without them.
    pub refused: Vec<(Origin, Reject)>,
    /// What the memory must remember.
    pub remember: Vec<MemoryEntry>,
    /// (partition, next offset to read), each partition once.
    pub offsets: Vec<(i32, i64)>,
    /// Input records that the plan settles.
    pub records: u64,
    /// Bytes of the values that were read.
    pub bytes_in: u64,
    /// How many articles met which fate.
    pub fates: Fates,
    /// What the articles were, beyond that.
    pub counts: Counts,
    /// When its claims may have run out, so that others judge as if they had never been made: a sink refuses the plan from then on. `None`
    /// where none were made.
    pub claimed_until: Option<Instant>,
    /// Dropped when the plan is committed or void.
    pub lease: Lease,
}

impl Plan {
    /// Nothing but offsets to commit: (partition, next offset to read), each partition once.
    pub fn of_offsets(epoch: u64, offsets: Vec<(i32, i64)>) -> Self {
        Self {
            batch: 0,
            epoch,
            outputs: Vec::new(),
            origins: Vec::new(),
            refused: Vec::new(),
            remember: Vec::new(),
            offsets,
            records: 0,
            bytes_in: 0,
            fates: Fates::default(),
            counts: Counts::default(),
            claimed_until: None,
            lease: Lease::new(|| ()),
        }
    }

    /// Whether a sink may still make it durable, given the running epoch; else why not.
    pub fn check(&self, epoch: u64) -> Result<(), CommitError> {
        if self.epoch != epoch {
            return Err(CommitError::Abort(
                "its partitions were revoked before the commit began".into(),
            ));
        }
        if !self.refused.is_empty() {
            return Err(CommitError::Refused(self.refused.clone()));
        }
        if self.claimed_until.is_some_and(|until| until < Instant::now()) {
            return Err(CommitError::Abort("its claims ran out before the commit began".into()));
        }
        Ok(())
    }
}

/// Why a commit did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Nothing was published; the batch must be read again.
    #[error("batch was aborted: {0}")]
    Abort(String),
    /// Nothing was published, since the brokers take nothing like what was made of these articles (too large, a time far ahead, no key in a
    /// compacted topic), or making it panicked, one at least; the batch must be read again, and they become dead letters, or dead letters with
    /// less in them.
    #[error("batch was aborted: {}", refused(.0))]
    Refused(Vec<(Origin, Reject)>),
    /// The process must stop; what is published is whole, and a restart goes on from there.
    #[error(transparent)]
    Stop(#[from] Failure),
}

/// Which articles are not taken, in words.
pub(super) fn refused(articles: &[(Origin, Reject)]) -> String {
    let first = articles.first();
    let first = first.map_or_else(String::new, |(origin, reject)| {
        format!(", the first `{origin}`: {reject}")
    });
    format!(
        "what was made of {} articles cannot be published{first}",
        articles.len()
    )
}

/// Writes judged batches as what makes them durable.
pub(super) struct Planner<'a> {
    /// The steps that worked on the batch.
    pub(super) pipeline: &'a Pipeline,
    /// Who signs a dead letter.
    pub(super) reporter: &'a Reporter,
    /// The id of a replay; `None` in a live run.
    pub(super) run: Option<&'a str>,
}

impl Planner<'_> {
    /// Write a judged batch as the records and offsets that make it durable.
    pub(super) fn plan(&self, batch: Batch, judged: Vec<Judged>, trace: &mut BatchTrace) -> Plan {
        let Batch {
            number,
            epoch,
            records,
            lease,
            ..
        } = batch;
        let decisions = Decisions::of(&records, judged, trace);
        let trace = &*trace;
        let (refused, written): (_, Vec<_>) = decisions
            .decided
            .into_par_iter()
            .map(|decided| self.write(&records[decided.index], decided, trace))
            .partition_map(Either::from);
        let (outputs, origins) = written.into_iter().flatten().unzip();
        let values = records.iter().filter_map(|record| record.value.as_ref());
        Plan {
            batch: number,
            epoch,
            outputs,
            origins,
            refused,
            remember: decisions.remember,
            offsets: next_offsets(&records),
            records: records.len() as u64,
            bytes_in: values.map(|value| value.len() as u64).sum(),
            fates: decisions.fates,
            counts: decisions.counts,
            claimed_until: None,
            lease,
        }
    }

    /// What becomes of an article, as a record that goes on in its trace.
    fn write(
        &self,
        record: &Record,
        decided: Decided,
        trace: &BatchTrace,
    ) -> Result<Option<(Output, Origin)>, (Origin, Reject)> {
        let (index, origin) = (decided.index, decided.origin.clone());
        let mut written = written(origin, || self.output(record, decided))?;
        if let Some((output, _)) = &mut written {
            trace.go_on(index, &mut output.headers);
        }
        Ok(written)
    }

    /// The record that an article becomes, and the article; `None` for one that is dropped.
    fn output(&self, record: &Record, decided: Decided) -> Option<(Output, Origin)> {
        let Decided { origin, fate, also, .. } = decided;
        let output = match fate {
            Fate::Enriched(article, verdict) => self.article(Destination::Enriched, record, &article, &verdict),
            Fate::Duplicate(article, verdict) => self.article(Destination::Duplicates, record, &article, &verdict),
            Fate::Dropped(..) => return None,
            Fate::Tombstone => Output {
                headers: tombstone::headers(record, self.run),
                ..without_value(Destination::Enriched, record)
            },
            Fate::DeadLetter(reject) => {
                let also = also.iter().map(|(position, reject)| (*position, reject));
                let refused: Vec<_> = std::iter::once((origin.position, &reject)).chain(also).collect();
                self.dead_letter(record, &refused)
            }
        };
        Some((output, origin))
    }

    fn article(&self, to: Destination, record: &Record, article: &TaggedArticle, verdict: &Verdict) -> Output {
        Output {
            value: Some(encode::encode(article, verdict, &self.pipeline.versions(), self.run)),
            headers: record.headers.clone(),
            ..without_value(to, record)
        }
    }

    /// The dead letter of a record's articles that were refused, without what the brokers do not take of it.
    fn dead_letter(&self, record: &Record, refused: &[(u32, &Reject)]) -> Output {
        let left_out = dead_letter::left_out_of(refused);
        let is_without_time = refused.iter().any(|(_, reject)| reject.is_without_time);
        Output {
            key: record.key.as_ref().filter(|_| left_out < LeftOut::All).cloned(),
            value: record.value.as_ref().filter(|_| left_out < LeftOut::Value).cloned(),
            headers: dead_letter::headers(record, refused, self.reporter, self.run),
            timestamp_ms: record.timestamp_ms.filter(|_| !is_without_time),
            ..without_value(Destination::DeadLetters, record)
        }
    }
}

/// Write what becomes of an article; a panic on the way is its rejection.
fn written<T>(origin: Origin, write: impl FnOnce() -> T) -> Result<T, (Origin, Reject)> {
    guarded("encode", || Ok(write())).map_err(|reject| (origin, reject))
}

/// A record's key and time, as an output with neither value nor headers yet.
fn without_value(to: Destination, record: &Record) -> Output {
    Output {
        to,
        partition: record.origin.partition,
        key: record.key.clone(),
        value: None,
        headers: Vec::new(),
        timestamp_ms: record.timestamp_ms,
    }
}

/// (partition, next offset to read), each partition once.
fn next_offsets(records: &[Record]) -> Vec<(i32, i64)> {
    let next = |record: &Record| (record.origin.partition, record.origin.offset + 1);
    let last_of_each: BTreeMap<i32, i64> = records.iter().map(next).collect();
    last_of_each.into_iter().collect()
}

/// What was decided of a batch.
#[derive(Default)]
struct Decisions {
    decided: Vec<Decided>,
    /// The place among these of the last dead letter.
    last_letter: Option<usize>,
    fates: Fates,
    counts: Counts,
    remember: Vec<MemoryEntry>,
}

/// An article's fate, and the record it is of. Of a record of which several articles were refused one becomes a dead letter for all: each
/// dead letter holds the whole record.
struct Decided {
    /// Of the record, in the batch.
    index: usize,
    origin: Origin,
    fate: Fate,
    /// What else was refused of the record, by position.
    also: Vec<(u32, Reject)>,
}

impl Decisions {
    /// Articles come in the order of their records; a record may have several, or none.
    fn of(records: &[Record], judged: Vec<Judged>, trace: &mut BatchTrace) -> Self {
        let mut decisions = Self::default();
        let mut index = 0;
        for Judged { origin, fate, remember } in judged {
            while (records[index].origin.partition, records[index].origin.offset) != (origin.partition, origin.offset) {
                index += 1;
            }
            decisions.fates.count(&fate);
            decisions.counts.count(&fate);
            trace.fate(index, &fate);
            decisions.remember.extend(remember);
            decisions.add(index, origin, fate);
        }
        decisions
    }

    fn add(&mut self, index: usize, origin: Origin, fate: Fate) {
        let last_letter = self.last_letter.and_then(|at| self.decided.get_mut(at));
        match (fate, last_letter.filter(|letter| letter.index == index)) {
            (Fate::DeadLetter(reject), Some(letter)) => letter.also.push((origin.position, reject)),
            (fate, _) => {
                if matches!(fate, Fate::DeadLetter(_)) {
                    self.last_letter = Some(self.decided.len());
                }
                self.decided.push(Decided {
                    index,
                    origin,
                    fate,
                    also: Vec::new(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Ledger, Role, Seen};
    use crate::config::Policy;
    use crate::decode;
    use crate::dedupe::Limits;
    use crate::judge::{Judge, Rules};
    use crate::pipeline::Steps;
    use crate::replay::Earlier;
    use crate::tag::Tagger;
    use crate::telemetry::Metrics;

    fn pipeline() -> Pipeline {
        pipeline_of(decode::Options::default())
    }

    fn pipeline_of(decode: decode::Options) -> Pipeline {
        let steps = Steps {
            decode,
            clean: false,
            sites: false,
            tags: false,
        };
        Pipeline::new(steps, Tagger::builtin())
    }

    fn judge() -> Judge {
        Judge::new(Rules {
            enabled: true,
            shared: false,
            policy: Policy::Route,
            limits: Limits {
                window_ms: 1 << 40,
                bytes_max: 64 << 20,
            },
            sites_bytes_max: None,
        })
    }

    fn record(value: String) -> Record {
        Record {
            origin: Origin {
                topic: "raw".into(),
                partition: 0,
                offset: 0,
                position: 0,
            },
            key: None,
            value: Some(value.into_bytes()),
            headers: Vec::new(),
            timestamp_ms: Some(1_700_000_000_000),
        }
    }

    fn planned(pipeline: &Pipeline, judge: &mut Judge, record: &Record) -> Plan {
        let batch = Batch {
            number: 1,
            epoch: 1,
            assignment: 1,
            records: vec![record.clone()],
            earlier: Earlier::default(),
            lease: Lease::new(|| ()),
        };
        let mut trace = Metrics::new().trace(&batch);
        let judged = judge.judge(1, pipeline.work(record));
        let planner = Planner {
            pipeline,
            reporter: &Reporter::default(),
            run: None,
        };
        planner.plan(batch, judged, &mut trace)
    }

    #[test]
    fn no_poison_an_article_that_panics_when_it_is_written_is_left_out_of_the_batch_and_becomes_a_dead_letter() {
        let (pipeline, mut judge) = (pipeline(), judge());
        let record = record(r#"{"id":"1","text":"The ferry is late again."}"#.into());
        let mut plan = planned(&pipeline, &mut judge, &record);
        assert_eq!((plan.fates.enriched, plan.check(1).is_ok()), (1, true));
        let article = written(record.origin.clone(), || {
            panic!("no room");
        });
        plan.refused.extend(article.err());
        let Err(CommitError::Refused(articles)) = plan.check(1) else {
            panic!("a plan without an article is not refused");
        };
        for (origin, reject) in articles {
            assert_eq!((reject.step, reject.code), ("encode", "panic"));
            assert!(reject.message.contains("no room"), "{}", reject.message);
            assert!(judge.refuse(origin, reject));
        }
        let again = planned(&pipeline, &mut judge, &record);
        assert_eq!((again.fates.enriched, again.fates.dead_letter), (0, 1));
        assert!(again.check(1).is_ok());
    }

    #[test]
    fn no_poison_a_dead_letter_that_is_too_large_is_written_with_less_and_its_reason_stays() {
        let (pipeline, mut judge) = (pipeline(), judge());
        let record = Record {
            key: Some(b"key".to_vec()),
            headers: vec![("h".into(), Some(b"v".to_vec()))],
            ..record("{".into())
        };
        let origin = &record.origin;
        let mut letter = |refused: Option<LeftOut>| {
            if let Some(left_out) = refused {
                judge.refuse(origin.clone(), Reject::too_large_to_produce(9, left_out));
            }
            let mut plan = planned(&pipeline, &mut judge, &record);
            assert_eq!(plan.fates.dead_letter, 1);
            let letter = plan.outputs.remove(0);
            let code = |(name, value): &Header| {
                let is_code = name == "__connect.errors.exception.class.name";
                is_code.then(|| value.clone().unwrap())
            };
            assert_eq!(letter.headers.iter().find_map(code), Some(b"not-json".to_vec()));
            (letter.key, letter.value, letter.headers[0].0.clone())
        };
        let (key, value) = (record.key.clone(), record.value.clone());
        assert_eq!(letter(None), (key.clone(), value, "h".into()));
        assert_eq!(letter(Some(LeftOut::Value)), (key, None, "h".into()));
        assert_eq!(
            letter(Some(LeftOut::All)),
            (None, None, "__connect.errors.topic".into())
        );
    }

    #[test]
    fn no_poison_whatever_the_brokers_refuse_of_a_dead_letter_is_left_out_of_it_and_never_comes_back() {
        let (pipeline, mut judge) = (pipeline(), judge());
        let record = Record {
            timestamp_ms: Some(1),
            ..record("{".into())
        };
        let large = Reject::too_large_to_produce(9, LeftOut::Value);
        let bare = Reject::too_large_to_produce(9, LeftOut::All);
        let early = Reject::refused("ahead of its time");
        for (refused, has_value) in [(&large, false), (&early, false), (&bare, false)] {
            assert!(judge.refuse(record.origin.clone(), refused.clone()));
            let letter = planned(&pipeline, &mut judge, &record).outputs.remove(0);
            assert_eq!(letter.value.is_some(), has_value, "{refused:?}");
        }
        let letter = planned(&pipeline, &mut judge, &record).outputs.remove(0);
        assert_eq!((letter.timestamp_ms, letter.value, letter.key), (None, None, None));
        for refused in [early, large, bare] {
            assert!(!judge.refuse(record.origin.clone(), refused));
        }
    }

    #[test]
    fn no_poison_a_tombstone_that_is_refused_is_a_dead_letter() {
        let pipeline = pipeline_of(decode::Options {
            tombstones_pass: true,
            ..decode::Options::default()
        });
        let mut judge = judge();
        let record = Record {
            key: Some(b"key".to_vec()),
            value: None,
            ..record(String::new())
        };
        assert_eq!(planned(&pipeline, &mut judge, &record).fates.dead_letter, 0);
        assert!(judge.refuse(record.origin.clone(), Reject::too_large_to_produce(9, LeftOut::Nothing)));
        assert_eq!(planned(&pipeline, &mut judge, &record).fates.dead_letter, 1);
        assert!(judge.refuse(record.origin.clone(), Reject::too_large_to_produce(9, LeftOut::All)));
        assert_eq!(planned(&pipeline, &mut judge, &record).fates.dead_letter, 1);
    }

    /// Once, each of them was a dead letter with the whole record: a gigabyte of one megabyte.
    #[test]
    fn bounded_what_is_refused_of_one_record_is_one_dead_letter() {
        let pipeline = pipeline();
        let mut elements = vec!["{}".to_owned(); 1_000];
        elements[500] = r#"{"text":"Words that an article might have."}"#.into();
        elements[700] = "null".into();
        let record = record(format!("[{}]", elements.join(",")));
        let plan = planned(&pipeline, &mut judge(), &record);
        assert_eq!((plan.fates.enriched, plan.fates.dead_letter), (1, 999));
        assert_eq!(plan.counts.dead_letters[&("decode", "null-value")], 1);
        let [letter, article] = plan.outputs.as_slice() else {
            panic!("{} outputs of one record", plan.outputs.len());
        };
        assert_eq!(
            (letter.to, article.to),
            (Destination::DeadLetters, Destination::Enriched)
        );
        assert_eq!(letter.value, record.value);
        let headers: usize = letter.headers.iter().map(|(_, v)| v.as_ref().map_or(0, Vec::len)).sum();
        assert!(headers < 1_000, "{headers} bytes of headers");
        assert_eq!((plan.origins[0].position, plan.origins[1].position), (0, 500));
        // Each article has its fate.
        let mut ledger = Ledger::new("raw", Policy::Route, &BTreeMap::from([(0, 0..1)]));
        ledger.expect(0, 0, pipeline.article_count(&record));
        for (role, output) in [(Role::DeadLetter, letter), (Role::Enriched, article)] {
            let record = Record {
                headers: output.headers.clone(),
                value: output.value.clone(),
                ..record.clone()
            };
            ledger.saw(Seen::parse(role, &record).unwrap());
        }
        let report = ledger.settle();
        assert!(report.findings.is_empty(), "{report:?}");
        assert_eq!((report.articles, report.enriched, report.dead_letters), (1_000, 1, 999));
    }
}
