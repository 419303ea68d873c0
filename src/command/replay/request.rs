//! Arguments → what the run is: its topics, its ranges, and whether it goes on from an earlier start.
//!
//! In: the live stage's options, and arguments. Out: a [`PreparedRun`]. Always: nothing is written, and one run id means one request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::{CommandError, pipeline};
use super::Arguments;
use crate::clock;
use crate::config::{Config, Delivery, Policy};
use crate::dedupe;
use crate::failure::Failure;
use crate::kafka::range::{Pace, RangeReader};
use crate::kafka::topics;
use crate::pipeline::Pipeline;
use crate::replay::{self, Bound, Lost, MemoryChoice, Range, Request, RunId, RunNote};

/// A run that can begin.
#[derive(Debug)]
pub(super) struct PreparedRun {
    /// The options of the live stage, as they were given.
    pub(super) live: Config,
    /// The same with the run's own group and topics.
    pub(super) config: Config,
    pub(super) run_id: RunId,
    pub(super) request: Request,
    /// The steps, the same through all attempts.
    pub(super) pipeline: Arc<Pipeline>,
    /// Partitions of the live stage's memory; 0 where no verdicts are taken from it.
    pub(super) live_memory: i32,
    /// Topics of earlier outputs; none where all is done whole.
    pub(super) earlier: Vec<String>,
    /// What is left to read.
    pub(super) ranges: Vec<Range>,
    pub(super) pace: Pace,
    pub(super) as_json: bool,
}

impl PreparedRun {
    /// What is kept of a run that begins.
    pub(super) fn first_notes(&self) -> BTreeMap<i32, (i64, RunNote)> {
        let note = |range: &Range| RunNote {
            run: self.request.clone(),
            begin: range.from,
            end: range.to,
            done: 0,
        };
        self.ranges.iter().map(|r| (r.partition, (r.from, note(r)))).collect()
    }
}

fn usage(message: impl Into<String>) -> CommandError {
    CommandError::Usage(message.into())
}

/// Work out what is to be done; nothing is written. Waits for the broker.
pub(super) fn prepare(live: &Config, arguments: &Arguments) -> Result<PreparedRun, CommandError> {
    if live.delivery != Delivery::ExactlyOnce {
        return Err(usage(
            "`delivery` is at-least-once: a replay needs transactions, since it must neither lose nor double anything",
        ));
    }
    let now_ms = clock::unix_ms();
    let run_id = arguments.run_id.clone().unwrap_or_else(|| RunId::at(now_ms / 1000));
    let config = own_topics(live, arguments, &run_id)?;
    let to_text = match &arguments.to_group {
        Some(name) => format!("group:{name}"),
        None => arguments.to.clone(),
    };
    let (from, to) = bounds(&arguments.from, &to_text, now_ms)?;
    let pipeline = pipeline(live)?;
    let request = Request {
        from: short(&arguments.from),
        to: short(&to_text),
        memory: arguments.memory,
        output: config.output.topic.clone(),
        partitions: arguments.partitions.as_ref().map(|chosen| short(&chosen.to_string())),
        limit: arguments.limit,
        made: made(live, &pipeline)?,
    };
    topics::require_input(&config).map_err(CommandError::Start)?;
    let reader = RangeReader::connect(&config, &config.input.topic, &run_id.group()).map_err(CommandError::Start)?;
    // A dry run looks at a range, whatever a run under this id has done of it.
    let known = if arguments.dry_run {
        BTreeMap::new()
    } else {
        reader.notes().map_err(CommandError::Start)?
    };
    let ranges = if known.is_empty() {
        fresh_ranges(&reader, arguments, &from, &to)?
    } else {
        check_same(&run_id, &request, &known)?;
        tracing::info!(run = run_id.as_str(), "going on with the run");
        left(&known)
    };
    let earlier = earlier(live, arguments)?;
    let live_memory = if live.dedupe.enabled && arguments.memory == MemoryChoice::Live {
        live_memory_partitions(live)?
    } else {
        0
    };
    let pace = Pace {
        limit: arguments.limit,
        records_per_second: arguments.records_per_second.map(Into::into),
    };
    Ok(PreparedRun {
        live: live.clone(),
        config,
        run_id,
        request,
        pipeline,
        live_memory,
        earlier,
        ranges,
        pace,
        as_json: arguments.json,
    })
}

/// Where the range begins and ends.
fn bounds(from_text: &str, to_text: &str, now_ms: i64) -> Result<(Bound, Bound), CommandError> {
    let from = bound("--from", from_text)?.at(now_ms);
    if matches!(from, Bound::Time(ms) if ms > now_ms) {
        return Err(usage(format!(
            "`--from {from_text}` is yet to come: there is nothing to read"
        )));
    }
    Ok((from, bound("--to", to_text)?.at(now_ms)))
}

fn bound(option: &str, text: &str) -> Result<Bound, CommandError> {
    text.parse().map_err(|e| usage(format!("`{option}`: {e}")))
}

/// A bound as it is kept with the progress: a broker takes 4,096 bytes there, and offsets of many partitions may be longer.
fn short(bound: &str) -> String {
    const KEPT_MAX: usize = 512;
    if bound.len() <= KEPT_MAX {
        return bound.to_owned();
    }
    let hash = xxhash_rust::xxh3::xxh3_64(bound.as_bytes());
    format!("{} bytes, {hash:016x}", bound.len())
}

/// The options with the run's own group and topics in place of the live stage's.
fn own_topics(live: &Config, arguments: &Arguments, run_id: &RunId) -> Result<Config, CommandError> {
    let mut config = live.clone();
    config.kafka.group = run_id.group();
    let own = format!("{}-replay-{}", live.output.topic, run_id.as_str());
    // The run's own, wherever its output goes: the live memory is read, and never written.
    config.dedupe.memory_topic = format!("{own}-memory");
    let output = arguments.output.clone().unwrap_or(own);
    let (duplicates, dead_letters) = (format!("{output}-duplicates"), format!("{output}-dead-letters"));
    let of_live = [
        ("input.topic", &live.input.topic),
        ("output.topic", &live.output.topic),
        ("output.duplicates_topic", &live.output.duplicates_topic),
        ("output.dead_letters_topic", &live.output.dead_letters_topic),
        ("dedupe.memory_topic", &live.dedupe.memory_topic),
    ];
    let is_into_live = output == live.output.topic;
    let taken = [&output, &duplicates, &dead_letters].into_iter().find_map(|name| {
        let (option, _) = of_live.iter().find(|(_, topic)| *topic == name)?;
        Some((name, option))
    });
    if let Some((name, option)) = taken.filter(|_| !is_into_live) {
        return Err(usage(format!(
            "`--output {output}` would write `{name}`, the live stage's `{option}`\nhint: name another topic"
        )));
    }
    match (is_into_live, arguments.into_live) {
        (true, true) => return Ok(config),
        (true, false) => {
            return Err(usage(format!(
                "`--output {output}` is the live output topic: its readers would see every article of the range again\n\
                 hint: name another topic, or add `--into-live` if that is what you want"
            )));
        }
        (false, true) => {
            return Err(usage(format!(
                "`--into-live` is given, and `--output` does not name the live output topic\nhint: add `--output {}`",
                live.output.topic
            )));
        }
        (false, false) => {}
    }
    config.output.duplicates_topic = duplicates;
    config.output.dead_letters_topic = dead_letters;
    config.output.topic = output;
    config.check_topics().map_err(|e| usage(e.to_string()))?;
    Ok(config)
}

/// The topics in which earlier outputs are looked for, if only what changed shall be done.
fn earlier(live: &Config, arguments: &Arguments) -> Result<Vec<String>, CommandError> {
    if !arguments.only_changed {
        return Ok(Vec::new());
    }
    let output = arguments.earlier.as_ref().unwrap_or(&live.output.topic);
    let duplicates = if *output == live.output.topic {
        live.output.duplicates_topic.clone()
    } else {
        format!("{output}-duplicates")
    };
    let counts = topics::partition_counts(live).map_err(CommandError::Start)?;
    let is_there = |topic: &String| counts.iter().any(|(name, count)| name == topic && *count > 0);
    if !is_there(output) {
        return Err(usage(format!(
            "there is no earlier output `{output}` at {} that `--only-changed` could begin with\n\
             hint: name it with `--earlier`, or do all of it again without `--only-changed`",
            live.kafka.brokers
        )));
    }
    Ok([output.clone(), duplicates].into_iter().filter(is_there).collect())
}

/// How many partitions the live memory has. Waits for the broker.
fn live_memory_partitions(live: &Config) -> Result<i32, CommandError> {
    let topic = &live.dedupe.memory_topic;
    let counts = topics::partition_counts(live).map_err(CommandError::Start)?;
    let found = counts.iter().find(|(name, count)| name == topic && *count > 0);
    found.map(|(_, count)| *count).ok_or_else(|| {
        CommandError::Start(Failure::new(format!(
            "there is no live memory `{topic}` to take verdicts from\n\
             hint: name it with `dedupe.memory_topic`, or start with an empty one: `--memory fresh`"
        )))
    })
}

/// Names all that decides what comes out besides the records: a run must not change it on its way.
fn made(live: &Config, pipeline: &Pipeline) -> Result<String, CommandError> {
    let text = serde_json::to_string(&(
        pipeline.versions(),
        dedupe::PARAMETERS,
        (&live.input.preset, &live.input.fields, live.input.value_bytes_max),
        (live.dedupe.enabled, live.dedupe.window, live.dedupe.policy),
        live.memory.budget,
        (&live.clean, &live.tags),
    ));
    let text = text.map_err(|e| Failure::new(e.to_string()))?;
    Ok(format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes())))
}

fn fresh_ranges(
    reader: &RangeReader,
    arguments: &Arguments,
    from: &Bound,
    to: &Bound,
) -> Result<Vec<Range>, CommandError> {
    let chosen: BTreeSet<i32> = match &arguments.partitions {
        None => reader.partitions.clone(),
        Some(chosen) => chosen.0.clone(),
    };
    if let Some(partition) = chosen.iter().find(|p| !reader.partitions.contains(p)) {
        let last = reader.partitions.last().copied().unwrap_or_default();
        return Err(usage(format!(
            "`--partitions` names {partition}, and the topic has 0 to {last}"
        )));
    }
    let known = reader.survey(&chosen, from, to).map_err(CommandError::Start)?;
    let ranges = replay::ranges(from, to, &known).map_err(|e| usage(e.to_string()))?;
    let gaps = gaps(&ranges);
    if !gaps.is_empty() && !arguments.allow_gaps {
        return Err(usage(format!(
            "retention has taken a part of the range:\n{}\nhint: begin later, or add `--allow-gaps`",
            gaps.join("\n")
        )));
    }
    for gap in gaps {
        tracing::warn!("{gap}");
    }
    Ok(ranges)
}

fn gaps(ranges: &[Range]) -> Vec<String> {
    let words = |range: &Range| {
        let (partition, from) = (range.partition, range.from);
        match range.lost {
            Lost::Nothing => None,
            Lost::Offsets(count) => Some(format!("partition {partition}: {count} offsets before {from} are gone")),
            Lost::AtMost(count) => Some(format!(
                "partition {partition}: it begins at offset {from} now, and up to {count} records before that are gone"
            )),
        }
    };
    ranges.iter().filter_map(words).collect()
}

/// A start under the id of an earlier run must mean the same run.
pub(super) fn check_same(
    run_id: &RunId,
    request: &Request,
    known: &BTreeMap<i32, (i64, RunNote)>,
) -> Result<(), CommandError> {
    let difference = known.values().find_map(|(_, note)| note.run.difference(request));
    difference.map_or(Ok(()), |difference| {
        let id = run_id.as_str();
        Err(usage(format!(
            "run `{id}` was started as another one: {difference}\nhint: repeat the command of its start, or name another `--run-id`"
        )))
    })
}

/// What is left of a run's ranges.
pub(super) fn left(known: &BTreeMap<i32, (i64, RunNote)>) -> Vec<Range> {
    let range = |(partition, (next, note)): (&i32, &(i64, RunNote))| Range::of(*partition, *next..note.end.max(*next));
    known.iter().map(range).collect()
}

/// The topics that a run writes to, besides its memory.
pub(super) fn outputs(config: &Config) -> Vec<&str> {
    let mut topics = vec![config.output.topic.as_str()];
    if config.dedupe.enabled && config.dedupe.policy == Policy::Route {
        topics.push(&config.output.duplicates_topic);
    }
    topics.push(&config.output.dead_letters_topic);
    topics
}
