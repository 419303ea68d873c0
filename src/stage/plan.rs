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

/// An article's fate, and the record it is of. Of a record of which several articles were refused one becomes a dead letter for all: each
/// dead letter holds the whole record.
struct Decided {
    index: usize,
    origin: Origin,
    fate: Fate,
    /// What else was refused of the record, by position.
    also: Vec<(u32, Reject)>,
}

/// Write a judged batch as the records and offsets that make it durable.
pub(super) fn plan(
    pipeline: &Pipeline,
    reporter: &Reporter,
    run: Option<&str>,
    batch: Batch,
    judged: Vec<Judged>,
    trace: &mut BatchTrace,
) -> Plan {
    let Batch {
        number,
        epoch,
        records,
        lease,
        ..
    } = batch;
    let mut fates = Fates::default();
    let mut counts = Counts::default();
    let mut remember = Vec::new();
    let mut decided: Vec<Decided> = Vec::with_capacity(judged.len());
    let mut letter = None;
    let mut index = 0;
    for Judged {
        origin,
        fate,
        remember: entry,
    } in judged
    {
        // Articles come in the order of their records; a record may have several, or none.
        while (records[index].origin.partition, records[index].origin.offset) != (origin.partition, origin.offset) {
            index += 1;
        }
        fates.count(&fate);
        counts.count(&fate);
        trace.fate(index, &fate);
        remember.extend(entry);
        let earlier = letter.and_then(|at: usize| decided.get_mut(at));
        match (fate, earlier.filter(|letter| letter.index == index)) {
            (Fate::DeadLetter(reject), Some(letter)) => letter.also.push((origin.position, reject)),
            (fate, _) => {
                if matches!(fate, Fate::DeadLetter(_)) {
                    letter = Some(decided.len());
                }
                decided.push(Decided {
                    index,
                    origin,
                    fate,
                    also: Vec::new(),
                });
            }
        }
    }
    let (refused, written): (_, Vec<_>) = decided
        .into_par_iter()
        .map(|decided| {
            let (index, origin) = (decided.index, decided.origin.clone());
            let mut written = written(origin, || output(pipeline, reporter, run, &records[index], decided))?;
            if let Some((output, _)) = &mut written {
                trace.go_on(index, &mut output.headers);
            }
            Ok(written)
        })
        .partition_map(Either::from);
    let (outputs, origins) = written.into_iter().flatten().unzip();
    let mut offsets = BTreeMap::new();
    for record in &records {
        offsets.insert(record.origin.partition, record.origin.offset + 1);
    }
    Plan {
        batch: number,
        epoch,
        outputs,
        origins,
        refused,
        remember,
        offsets: offsets.into_iter().collect(),
        records: records.len() as u64,
        bytes_in: records
            .iter()
            .map(|r| r.value.as_ref().map_or(0, Vec::len) as u64)
            .sum(),
        fates,
        counts,
        claimed_until: None,
        lease,
    }
}

/// Write what becomes of an article; a panic on the way is its rejection.
fn written<T>(origin: Origin, write: impl FnOnce() -> T) -> Result<T, (Origin, Reject)> {
    guarded("encode", || Ok(write())).map_err(|reject| (origin, reject))
}

fn output(
    pipeline: &Pipeline,
    reporter: &Reporter,
    run: Option<&str>,
    record: &Record,
    decided: Decided,
) -> Option<(Output, Origin)> {
    let Decided { origin, fate, also, .. } = decided;
    let enriched = |article: &TaggedArticle, verdict: &Verdict| {
        let value = encode::encode(article, verdict, &pipeline.versions(), run);
        (Some(value), record.headers.clone())
    };
    let (mut timestamp_ms, mut key) = (record.timestamp_ms, record.key.clone());
    let (to, (value, headers)) = match fate {
        Fate::Enriched(article, verdict) => (Destination::Enriched, enriched(&article, &verdict)),
        Fate::Duplicate(article, verdict) => (Destination::Duplicates, enriched(&article, &verdict)),
        Fate::Dropped(..) => return None,
        Fate::Tombstone => (Destination::Enriched, (None, tombstone::headers(record, run))),
        Fate::DeadLetter(reject) => {
            let also = also.iter().map(|(position, reject)| (*position, reject));
            let refused: Vec<_> = std::iter::once((origin.position, &reject)).chain(also).collect();
            timestamp_ms = timestamp_ms.filter(|_| !refused.iter().any(|(_, reject)| reject.is_without_time));
            let headers = dead_letter::headers(record, &refused, reporter, run);
            let left_out = dead_letter::left_out_of(&refused);
            key = key.filter(|_| left_out < LeftOut::All);
            let value = (left_out < LeftOut::Value).then(|| record.value.clone());
            (Destination::DeadLetters, (value.flatten(), headers))
        }
    };
    let written = Output {
        to,
        partition: record.origin.partition,
        key,
        value,
        headers,
        timestamp_ms,
    };
    Some((written, origin))
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
        plan(pipeline, &Reporter::default(), None, batch, judged, &mut trace)
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
