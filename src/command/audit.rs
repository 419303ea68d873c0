//! `sluice audit`: the topics read again, to show that each input record has exactly one fate.
//!
//! In: a range of the input topic, and all that stands in the topics behind it, with `read_committed`. Out: a report, as text or JSON.
//! Always: reads only; what a replay wrote is counted apart.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;

use super::output::UntilClosed;
use super::{CommandError, harmless, pipeline, time_named};
use crate::audit::{Ledger, Report, Role, Seen, Wrong};
use crate::config::{Config, Policy};
use crate::failure::Failure;
use crate::kafka::memory::{self, Foreign};
use crate::kafka::scan::{Ranges, Scanner};
use crate::pipeline::Pipeline;

/// Findings of one kind that the text names; the JSON names all.
const NAMED_MAX: usize = 20;

/// What is audited, and how it is told.
#[derive(Debug, Default, clap::Args)]
pub struct Arguments {
    /// Audit this partition of the input topic only.
    #[arg(long)]
    pub partition: Option<i32>,
    /// From this offset of each partition, or this time (RFC 3339, a date, or `-6h`); without it from the first record that is there.
    #[arg(long, value_name = "OFFSET|TIME", allow_hyphen_values = true)]
    pub from: Option<String>,
    /// To before this offset or time, or `end`; without it to where the group `kafka.group` has committed.
    #[arg(long, value_name = "OFFSET|TIME|end", allow_hyphen_values = true)]
    pub to: Option<String>,
    /// Records in the output topics that were made of other input topics are theirs, and not foreign.
    #[arg(long)]
    pub other_topics: bool,
    /// One JSON object that names everything that is wrong.
    #[arg(long)]
    pub json: bool,
}

/// Read the topics, write the report to `out`, and fail where anything is wrong.
pub fn audit(config: &Config, arguments: &Arguments, out: &mut impl Write) -> Result<Report, CommandError> {
    let out = &mut UntilClosed::new(out);
    let reader = Scanner::new(config).map_err(CommandError::Start)?;
    let topic = &config.input.topic;
    let extent = reader.extent(topic).map_err(CommandError::Start)?;
    let extent = extent.ok_or_else(|| CommandError::Start(Failure::new(format!("topic `{topic}` does not exist"))))?;
    let ranges = ranges(&reader, (&config.kafka.group, topic), extent, arguments)?;
    let report = account(config, &reader, &ranges, arguments)?;
    let told = if arguments.json {
        tell_json(topic, &ranges, &report, out)
    } else {
        let mut text = Vec::new();
        tell(topic, &ranges, &report, &mut text)
            .and_then(|()| out.write_all(harmless(&String::from_utf8_lossy(&text)).as_bytes()))
    };
    told.and_then(|()| out.flush())
        .map_err(|e| Failure::new(format!("could not write the report: {e}")))?;
    if report.records == 0 && report.findings.is_empty() {
        return Err(CommandError::Usage(format!(
            "no record of `{topic}` stands in what was to be audited: there was nothing to look at"
        )));
    }
    if report.findings.is_empty() {
        return Ok(report);
    }
    let sums: Vec<String> = sums(&report)
        .filter(|(_, n)| *n > 0)
        .map(|(wrong, n)| format!("{n} {wrong}"))
        .collect();
    Err(CommandError::Exceeded(format!(
        "the audit of `{topic}` found: {}",
        sums.join(", ")
    )))
}

/// What of each partition is audited.
fn ranges(
    reader: &Scanner,
    (group, topic): (&str, &str),
    extent: Ranges,
    arguments: &Arguments,
) -> Result<Ranges, CommandError> {
    let mut ranges = extent;
    if let Some(partition) = arguments.partition {
        ranges.retain(|number, _| *number == partition);
        if ranges.is_empty() {
            return Err(CommandError::Usage(format!(
                "`--partition {partition}`: `{topic}` has no such partition"
            )));
        }
    }
    let numbers: Vec<i32> = ranges.keys().copied().collect();
    let froms = match &arguments.from {
        None => BTreeMap::new(),
        Some(text) => bound(reader, topic, &numbers, "--from", text)?,
    };
    let tos = match arguments.to.as_deref() {
        Some("end") => BTreeMap::new(),
        Some(text) => bound(reader, topic, &numbers, "--to", text)?,
        None => {
            let committed = reader.committed(topic, &numbers)?;
            if committed.is_empty() {
                return Err(CommandError::Usage(format!(
                    "the group `{group}` has committed nothing in `{topic}`: there is nothing to audit\n\
                     hint: look at `kafka.group`, or name an end with `--to`"
                )));
            }
            numbers
                .iter()
                .map(|n| (*n, committed.get(n).copied().unwrap_or(0)))
                .collect()
        }
    };
    for (number, range) in &mut ranges {
        let from = froms.get(number).copied().unwrap_or(if arguments.from.is_some() {
            range.end
        } else {
            range.start
        });
        let to = tos.get(number).copied().unwrap_or(range.end);
        *range = clip(range, from, to);
    }
    let is_bounded = arguments.from.is_some() || arguments.to.is_some();
    if is_bounded && ranges.values().all(Range::is_empty) {
        return Err(CommandError::Usage(format!(
            "no record of `{topic}` lies between `--from` and `--to`: there is nothing to audit"
        )));
    }
    Ok(ranges)
}

fn clip(range: &Range<i64>, from: i64, to: i64) -> Range<i64> {
    let start = from.clamp(range.start, range.end);
    start..to.clamp(start, range.end)
}

/// An offset as it is, or the first offset at or after a time; a partition whose records are all older has none.
fn bound(
    reader: &Scanner,
    topic: &str,
    partitions: &[i32],
    option: &str,
    text: &str,
) -> Result<BTreeMap<i32, i64>, CommandError> {
    if let Some(offset) = text.parse::<i64>().ok().filter(|offset| *offset >= 0) {
        return Ok(partitions.iter().map(|n| (*n, offset)).collect());
    }
    Ok(reader.at_time(topic, partitions, time_named(option, text)?)?)
}

/// Read everything there is to know of the ranges.
fn account(config: &Config, reader: &Scanner, ranges: &Ranges, arguments: &Arguments) -> Result<Report, CommandError> {
    let topic = &config.input.topic;
    let pipeline: &Pipeline = &*pipeline(config)?;
    let mut ledger = Ledger::new(topic, config.dedupe.policy, ranges);
    reader.read(topic, ranges, |record| {
        ledger.expect(
            record.origin.partition,
            record.origin.offset,
            pipeline.article_count(&record),
        );
        Ok(())
    })?;
    let mut outputs = vec![
        (Role::Enriched, &config.output.topic),
        (Role::DeadLetter, &config.output.dead_letters_topic),
    ];
    if config.dedupe.policy == Policy::Route {
        outputs.push((Role::Duplicate, &config.output.duplicates_topic));
    }
    for (role, topic) in outputs {
        let Some(extent) = reader.extent(topic)? else { continue };
        reader.read(topic, &extent, |record| {
            match Seen::parse(role, &record) {
                Ok(seen) if arguments.other_topics && *seen.origin.topic != *config.input.topic => {}
                Ok(seen) => ledger.saw(seen),
                Err(why) => ledger.saw_unreadable(role, (record.origin.partition, record.origin.offset), &why),
            }
            Ok(())
        })?;
    }
    let memory_topic = &config.dedupe.memory_topic;
    if let Some(extent) = reader.extent(memory_topic)?.filter(|_| config.dedupe.enabled) {
        let foreign = Foreign::default();
        reader.read(memory_topic, &extent, |record| {
            if foreign.has(&record) {
                return Ok(());
            }
            let key = record.key.as_deref().unwrap_or_default();
            let entry = memory::parse(key, record.value.as_deref());
            let entry = entry.map_err(|why| Failure::new(format!("could not read `{}`: {why}", record.origin)))?;
            if let Some(entry) = entry {
                let of = entry.verdict.of.as_ref().map(|of| &of.origin);
                ledger.remembered(&entry.origin, entry.verdict.kind, of);
            }
            Ok(())
        })?;
    }
    Ok(ledger.settle())
}

fn sums(report: &Report) -> impl Iterator<Item = (Wrong, usize)> {
    Wrong::ALL.into_iter().map(|wrong| (wrong, report.count(wrong)))
}

fn tell(topic: &str, ranges: &Ranges, report: &Report, out: &mut impl Write) -> io::Result<()> {
    let parts: Vec<String> = ranges
        .iter()
        .map(|(n, r)| format!("[{n}] {}..{}", r.start, r.end))
        .collect();
    writeln!(
        out,
        "`{topic}` {}, as a `read_committed` reader sees it",
        parts.join(", ")
    )?;
    let Report {
        records,
        articles,
        enriched,
        duplicates,
        dropped,
        tombstones,
        dead_letters,
        ..
    } = report;
    writeln!(out, "  {records} records with {articles} articles")?;
    writeln!(
        out,
        "  enriched {enriched}, duplicates {duplicates}, dropped {dropped}, tombstones {tombstones}, dead letters {dead_letters}"
    )?;
    writeln!(out, "  {} of them in the memory", report.remembered)?;
    if report.of_replays + report.outside > 0 {
        writeln!(
            out,
            "  not counted: {} of replays, {} outside the range",
            report.of_replays, report.outside
        )?;
    }
    for (wrong, count) in sums(report).filter(|(_, count)| *count > 0) {
        writeln!(out, "  {wrong}: {count}")?;
        for finding in report.findings.iter().filter(|f| f.wrong == wrong).take(NAMED_MAX) {
            writeln!(out, "    {}: {}", finding.record, finding.detail)?;
        }
        if count > NAMED_MAX {
            writeln!(out, "    and {} more, which `--json` names", count - NAMED_MAX)?;
        }
    }
    if *records == 0 {
        writeln!(out, "nothing was audited: there is no record in the range")?;
    } else if report.findings.is_empty() {
        writeln!(out, "each article has exactly one fate, in order")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Told<'a> {
    topic: &'a str,
    ranges: Vec<ToldRange>,
    is_sound: bool,
    wrong: BTreeMap<String, usize>,
    #[serde(flatten)]
    report: &'a Report,
}

#[derive(Serialize)]
struct ToldRange {
    partition: i32,
    from: i64,
    to: i64,
}

fn tell_json(topic: &str, ranges: &Ranges, report: &Report, out: &mut impl Write) -> io::Result<()> {
    let range = |(partition, range): (&i32, &Range<i64>)| ToldRange {
        partition: *partition,
        from: range.start,
        to: range.end,
    };
    let told = Told {
        topic,
        ranges: ranges.iter().map(range).collect(),
        is_sound: report.findings.is_empty(),
        wrong: sums(report)
            .map(|(wrong, count)| (wrong.to_string().replace(' ', "-"), count))
            .collect(),
        report,
    };
    serde_json::to_writer(&mut *out, &told)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_stays_inside_what_the_partition_holds() {
        assert_eq!(clip(&(10..20), 0, 100), 10..20);
        assert_eq!(clip(&(10..20), 12, 15), 12..15);
        assert_eq!(clip(&(10..20), 30, 5), 20..20);
        assert_eq!(clip(&(10..20), 15, 0), 15..15);
    }
}
