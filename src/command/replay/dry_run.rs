//! `sluice replay --dry-run`: what would be read, and what would become of the first of it.
//!
//! In: a run that can begin. Out: records, bytes and times of each partition, with `--only-changed` how much of an earlier output stands, and a
//! sample of the outcome. Always: nothing is written. The range is read to be counted, and only the sample is worked on.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;

use super::super::{CommandError, judged_alone, rules};
use super::memory;
use super::request::{PreparedRun, outputs};
use crate::article::Record;
use crate::failure::Failure;
use crate::judge::{Fate, Judge, Judged};
use crate::kafka::earlier::{EarlierOutputs, READERS};
use crate::kafka::range::RangeReader;
use crate::replay::{Earlier, Redone};

/// Records whose outcome is shown.
const SAMPLE_MAX: usize = 10;

/// One partition's part of the range.
#[derive(Debug, Default, Serialize)]
struct Part {
    partition: i32,
    from: i64,
    to: i64,
    records: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<i64>,
}

/// What would become of one article.
#[derive(Debug, Serialize)]
struct Sampled {
    origin: String,
    fate: &'static str,
    id: String,
    detail: String,
}

#[derive(Debug, Serialize)]
struct Report {
    partitions: Vec<Part>,
    records: u64,
    bytes: u64,
    /// With `--only-changed`.
    #[serde(flatten)]
    redone: Option<Redone>,
    sample: Vec<Sampled>,
    outputs: Vec<String>,
}

/// Read the range and tell of it. Waits for the broker.
pub(super) fn dry_run(prepared: &PreparedRun) -> Result<String, CommandError> {
    let (topic, group) = (&prepared.config.input.topic, prepared.run_id.group());
    let readers = if prepared.earlier.is_empty() { 1 } else { READERS };
    let reader = RangeReader::connect_beside(&prepared.config, topic, &group, readers);
    let reader = reader.map_err(CommandError::Start)?;
    let mut parts: BTreeMap<i32, Part> = prepared
        .ranges
        .iter()
        .map(|range| {
            let part = Part {
                partition: range.partition,
                from: range.from,
                to: range.to,
                ..Part::default()
            };
            (range.partition, part)
        })
        .collect();
    let (mut sample, mut count) = (Vec::new(), 0);
    let mut standing = Standing::new(prepared)?;
    let limit = prepared.pace.limit.unwrap_or(u64::MAX);
    if limit > 0 {
        reader.read(&prepared.ranges, |record| {
            if let Some(part) = parts.get_mut(&record.origin.partition) {
                part.take(&record);
            }
            let is_found = standing
                .as_mut()
                .is_none_or(|standing| standing.take(prepared, &record));
            if sample.len() < SAMPLE_MAX {
                sample.push(record);
            }
            count += 1;
            is_found && count < limit
        })?;
    }
    let redone = standing.map(Standing::found).transpose()?;
    let partitions: Vec<Part> = parts.into_values().collect();
    let report = Report {
        records: count,
        bytes: partitions.iter().map(|p| p.bytes).sum(),
        partitions,
        redone,
        sample: outcome(prepared, &sample)?,
        outputs: outputs(&prepared.config).into_iter().map(str::to_owned).collect(),
    };
    Ok(if prepared.as_json {
        report.as_json()
    } else {
        report.as_text()
    })
}

/// What an earlier run made of the range, and how much of it stands.
struct Standing {
    outputs: EarlierOutputs,
    redone: Redone,
    failed: Option<Failure>,
}

impl Standing {
    /// `None` where all is done whole.
    fn new(prepared: &PreparedRun) -> Result<Option<Self>, CommandError> {
        if prepared.earlier.is_empty() {
            return Ok(None);
        }
        let outputs = EarlierOutputs::connect(&prepared.config, &prepared.earlier, &prepared.run_id.group());
        Ok(Some(Self {
            outputs: outputs.map_err(CommandError::Start)?,
            redone: Redone::default(),
            failed: None,
        }))
    }

    /// Count what would be done of a record; false where its earlier outputs could not be read.
    fn take(&mut self, prepared: &PreparedRun, record: &Record) -> bool {
        match self.outputs.of(record, &|| false) {
            Ok(outputs) => {
                let mut earlier = Earlier::default();
                // What goes of a site's pages is decided by all of their lines, where no verdict is on record.
                if prepared.live_memory > 0 || !prepared.pipeline.knows_sites() {
                    earlier.insert(record, outputs.unwrap_or_default());
                }
                self.redone.add(prepared.pipeline.left_to_do(record, &earlier));
            }
            Err(failure) => self.failed = Some(failure),
        }
        self.failed.is_none()
    }

    fn found(self) -> Result<Redone, Failure> {
        self.failed.map_or(Ok(self.redone), Err)
    }
}

impl Part {
    fn take(&mut self, record: &Record) {
        self.records += 1;
        let bytes = |bytes: Option<&Vec<u8>>| bytes.map_or(0, Vec::len) as u64;
        self.bytes += bytes(record.key.as_ref()) + bytes(record.value.as_ref());
        if let Some(time) = record.timestamp_ms {
            self.earliest = Some(self.earliest.map_or(time, |t| t.min(time)));
            self.latest = Some(self.latest.map_or(time, |t| t.max(time)));
        }
    }
}

/// Work on the sample, and judge it as the run would.
fn outcome(prepared: &PreparedRun, sample: &[Record]) -> Result<Vec<Sampled>, CommandError> {
    let judge = Arc::new(Mutex::new(Judge::new(rules(&prepared.config))));
    if prepared.live_memory > 0 && !sample.is_empty() {
        let restoring = memory::restore_live(prepared, &judge);
        tokio::runtime::Handle::current().block_on(restoring)?;
    }
    let worked = sample
        .iter()
        .flat_map(|record| prepared.pipeline.work(record))
        .collect();
    let judged = judged_alone(&mut judge.lock(), &prepared.pipeline, 1, worked);
    Ok(judged.iter().map(sampled).collect())
}

fn sampled(judged: &Judged) -> Sampled {
    let (id, detail) = match &judged.fate {
        Fate::Enriched(article, verdict) | Fate::Duplicate(article, verdict) | Fate::Dropped(article, verdict) => {
            let tags: Vec<&str> = article.tagging.tags.iter().map(|tag| tag.name.as_str()).collect();
            let tags = if tags.is_empty() {
                "no tags".into()
            } else {
                tags.join(", ")
            };
            let of = verdict
                .of
                .as_ref()
                .map_or_else(String::new, |of| format!(", of `{}`", of.id));
            (
                article.id.clone(),
                format!("{} characters, {tags}{of}", article.text.chars().count()),
            )
        }
        Fate::Tombstone => (String::new(), "withdraws what its key had".into()),
        Fate::DeadLetter(reject) => (String::new(), reject.to_string()),
    };
    Sampled {
        origin: judged.origin.to_string(),
        fate: judged.fate.name(),
        id,
        detail,
    }
}

impl Report {
    fn as_json(&self) -> String {
        serde_json::to_string(self).expect("plain data is JSON") + "\n"
    }

    fn as_text(&self) -> String {
        let mut table = table(&["partition", "from", "to", "records", "bytes", "first", "last"]);
        for part in &self.partitions {
            table.add_row([
                part.partition.to_string(),
                part.from.to_string(),
                part.to.to_string(),
                part.records.to_string(),
                part.bytes.to_string(),
                time(part.earliest),
                time(part.latest),
            ]);
        }
        let mut text = format!("{table}\n{} records, {} bytes\n", self.records, self.bytes);
        if let Some(redone) = self.redone {
            text.push_str(&format!(
                "{} articles would stand as in the earlier output, {} be tagged again, {} be done whole\n",
                redone.unchanged, redone.tagged_again, redone.done_whole
            ));
        }
        if !self.sample.is_empty() {
            let mut table = self::table(&["record", "fate", "id", ""]);
            for row in &self.sample {
                table.add_row([&row.origin, row.fate, &row.id, &row.detail]);
            }
            text.push_str(&format!("\nthe first of them:\n{table}\n"));
        }
        text.push_str(&format!(
            "\nnothing was written; the run would write to {}\n",
            self.outputs.join(", ")
        ));
        text
    }
}

fn table(header: &[&str]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(header);
    table
}

fn time(ms: Option<i64>) -> String {
    let time = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    time.map_or_else(String::new, |time| time.to_string())
}
