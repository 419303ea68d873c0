//! `sluice dead-letters`: look at what could not be read, and drive again what this build can read.
//!
//! In: the dead letters' topic, as a `read_committed` reader sees it, and a filter. Out: lists, one dead letter whole, or records in the
//! input topic. Always: the dead letters stay where they are; what was driven again or parked is noted, and left out from then on.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use super::output::UntilClosed;
use super::{CommandError, harmless, pipeline, time_named};
use crate::article::{Origin, Record};
use crate::clock;
use crate::config::Config;
use crate::dead_letter;
use crate::failure::Failure;
use crate::kafka::redrive::{RedriveTopics, Redriver, Settled};
use crate::kafka::scan::{Ranges, Scanner};
use crate::kafka::topics;
use crate::pipeline::Pipeline;
use crate::redrive::{Filter, Trial, is_named, trial};

/// What is done with the dead letters.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// List them, with the sums by reason.
    List(List),
    /// One of them whole: headers, key and value.
    Show(Show),
    /// Run each through this build, and send those that pass to the input topic again.
    Redrive(Redrive),
}

/// Which dead letters are meant; without any of these, all.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Which {
    /// The code (`not-json`), the step (`decode`), or both (`decode/not-json`).
    #[arg(long)]
    pub reason: Option<String>,
    /// The input record, partition or topic: `TOPIC-PARTITION-OFFSET`, `TOPIC-PARTITION`, or `TOPIC`.
    #[arg(long)]
    pub origin: Option<String>,
    /// Records of this time and later (RFC 3339, a date, or `-6h`).
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub from: Option<String>,
    /// Records from before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub to: Option<String>,
}

/// Options of `list`.
#[derive(Debug, Default, clap::Args)]
pub struct List {
    #[command(flatten)]
    pub which: Which,
    /// Also those that were driven again or parked.
    #[arg(long)]
    pub all: bool,
    /// At most so many rows; the sums count all.
    #[arg(long, default_value_t = 100)]
    pub limit: usize,
    /// JSON Lines, one for each dead letter, without limit.
    #[arg(long)]
    pub json: bool,
}

/// Options of `show`.
#[derive(Debug, Default, clap::Args)]
pub struct Show {
    /// The dead letter, or the input record that it was: `TOPIC-PARTITION-OFFSET`, as `list` writes it.
    pub record: String,
    /// The bytes of the value alone.
    #[arg(long)]
    pub value: bool,
}

/// Options of `redrive`.
#[derive(Debug, Default, clap::Args)]
pub struct Redrive {
    #[command(flatten)]
    pub which: Which,
    /// Say which would pass, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// A record that has failed this often goes to the parking topic instead.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub attempts_max: u32,
    /// Drive at most so many.
    #[arg(long)]
    pub limit: Option<usize>,
    /// One JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// The topic where dead letters are put aside that failed too often.
pub fn parking_topic(config: &Config) -> String {
    format!("{}-parked", config.output.dead_letters_topic)
}

/// The topic of the notes on what was driven again or parked.
pub fn settled_topic(config: &Config) -> String {
    format!("{}-settled", config.output.dead_letters_topic)
}

/// Do it, and write what there is to say to `out`.
pub async fn dead_letters(config: &Config, action: &Action, out: &mut impl Write) -> Result<(), CommandError> {
    let reader = Scanner::new(config).map_err(CommandError::Start)?;
    let topic = &config.output.dead_letters_topic;
    let extent = reader.extent(topic).map_err(CommandError::Start)?;
    let extent = extent.ok_or_else(|| CommandError::Start(Failure::new(format!("topic `{topic}` does not exist"))))?;
    let out = &mut UntilClosed::new(out);
    let box_of_letters = Letters { config, reader, extent };
    match action {
        Action::List(list) => box_of_letters.list(list, out)?,
        Action::Show(show) => box_of_letters.show(show, out)?,
        Action::Redrive(redrive) => box_of_letters.redrive(redrive, out).await?,
    }
    out.flush().map_err(could_not_write)?;
    Ok(())
}

fn could_not_write(e: io::Error) -> Failure {
    Failure::new(format!("could not write the output: {e}"))
}

impl Which {
    fn filter(&self) -> Result<Filter, CommandError> {
        let time = |option: &str, text: &Option<String>| {
            let text = text.as_deref();
            text.map(|text| time_named(option, text)).transpose()
        };
        Ok(Filter {
            reason: self.reason.clone(),
            origin: self.origin.clone(),
            from_ms: time("--from", &self.from)?,
            to_ms: time("--to", &self.to)?,
        })
    }
}

/// The topic, as far as it reaches now.
struct Letters<'a> {
    config: &'a Config,
    reader: Scanner,
    extent: Ranges,
}

/// One row of a list.
#[derive(Debug, Serialize)]
struct Row {
    record: String,
    origin: Option<String>,
    time: Option<String>,
    /// How many articles of its record it stands for.
    articles: usize,
    attempts: u32,
    step: String,
    code: String,
    message: String,
    value_bytes: Option<usize>,
    is_settled: bool,
}

impl Row {
    fn new(letter: &Record, is_settled: bool) -> Self {
        let [step, code, message] = dead_letter::reason(letter).map(str::to_owned);
        Self {
            record: letter.origin.to_string(),
            origin: dead_letter::origin(letter).map(|o| o.to_string()),
            time: letter.timestamp_ms.and_then(time),
            articles: dead_letter::articles(letter).len(),
            attempts: dead_letter::attempts(letter),
            step,
            code,
            message,
            value_bytes: letter.value.as_ref().map(Vec::len),
            is_settled,
        }
    }
}

fn time(millis: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(millis).ok().map(|t| t.to_string())
}

/// How many there are of each reason, the most frequent first.
#[derive(Debug, Default)]
struct Sums(BTreeMap<String, u64>);

impl Sums {
    fn count(&mut self, step: &str, code: &str) {
        *self.0.entry(format!("{step}/{code}")).or_default() += 1;
    }

    fn write(&self, what: &str, out: &mut impl Write) -> io::Result<()> {
        let mut sums: Vec<_> = self.0.iter().collect();
        sums.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (reason, count) in sums {
            writeln!(out, "{count:>8}  {what}{}", harmless(reason))?;
        }
        Ok(())
    }
}

impl Letters<'_> {
    /// Hand over the dead letters that are meant.
    fn each(&self, filter: &Filter, mut take: impl FnMut(Record) -> Result<(), Failure>) -> Result<(), Failure> {
        self.reader
            .read(&self.config.output.dead_letters_topic, &self.extent, |letter| {
                if filter.matches(&letter) { take(letter) } else { Ok(()) }
            })
    }

    fn settled(&self) -> Result<Settled, Failure> {
        Settled::read(&self.reader, &settled_topic(self.config))
    }

    fn list(&self, list: &List, out: &mut impl Write) -> Result<(), CommandError> {
        let (filter, settled) = (list.which.filter()?, self.settled()?);
        let (mut rows, mut sums, mut count) = (Vec::new(), Sums::default(), 0_u64);
        self.each(&filter, |letter| {
            let is_settled = settled.holds(&letter);
            if is_settled && !list.all {
                return Ok(());
            }
            let row = Row::new(&letter, is_settled);
            sums.count(&row.step, &row.code);
            count += 1;
            if list.json {
                serde_json::to_writer(&mut *out, &row).map_err(|e| could_not_write(e.into()))?;
                writeln!(out).map_err(could_not_write)?;
            } else if rows.len() < list.limit {
                rows.push(row);
            }
            Ok(())
        })?;
        if !list.json {
            let shown = rows.len() as u64;
            writeln!(out, "{}", harmless(&table(&rows).to_string())).map_err(could_not_write)?;
            if count > shown {
                writeln!(out, "and {} more: raise `--limit`", count - shown).map_err(could_not_write)?;
            }
            sums.write("", out).map_err(could_not_write)?;
        }
        Ok(())
    }

    fn show(&self, show: &Show, out: &mut impl Write) -> Result<(), CommandError> {
        let mut found = None;
        self.each(&Filter::default(), |letter| {
            let is_named = |origin: &Origin| is_named(origin, &show.record);
            if is_named(&letter.origin) || dead_letter::origin(&letter).is_some_and(|origin| is_named(&origin)) {
                found.get_or_insert(letter);
            }
            Ok(())
        })?;
        let Some(letter) = found else {
            let message = format!("`{}` is no dead letter, nor the input record of one", show.record);
            return Err(CommandError::Usage(format!(
                "{message}\nhint: `sluice dead-letters list --all` names them"
            )));
        };
        if let Some(why) = dead_letter::is_incomplete(&letter).filter(|_| show.value) {
            return Err(CommandError::Usage(why.message));
        }
        let written = if show.value {
            out.write_all(letter.value.as_deref().unwrap_or_default())
        } else {
            write_whole(&letter, out)
        };
        Ok(written.map_err(could_not_write)?)
    }

    async fn redrive(&self, redrive: &Redrive, out: &mut impl Write) -> Result<(), CommandError> {
        let filter = redrive.which.filter()?;
        let config = self.config;
        let input = &config.input.topic;
        let partitions = self.reader.extent(input)?.map_or(0, |extent| extent.len() as i32);
        if partitions == 0 {
            return Err(CommandError::Start(Failure::new(format!(
                "topic `{input}` does not exist"
            ))));
        }
        let topics = RedriveTopics {
            input: (input.clone(), partitions),
            parking: (parking_topic(config), self.extent.len() as i32),
            settled: settled_topic(config),
        };
        // First the transactional id, then the notes: what another redrive had begun is decided by then.
        let driver = if redrive.dry_run {
            None
        } else {
            Some(Redriver::start(config, topics).await.map_err(CommandError::Start)?)
        };
        let mut run = Run {
            pipeline: pipeline(config)?,
            input,
            redrive,
            settled: self.settled()?,
            kept_since: kept_since(config, input).await,
            driver,
            told: Told {
                is_dry_run: redrive.dry_run,
                ..Told::default()
            },
            sums: Sums::default(),
        };
        self.each(&filter, |letter| run.take(&letter))?;
        if let Some(driver) = &mut run.driver {
            driver.commit()?;
        }
        run.tell(out).map_err(could_not_write)?;
        Ok(())
    }
}

/// What a redrive did, or would do.
#[derive(Debug, Default, Serialize)]
struct Told {
    is_dry_run: bool,
    passed: u64,
    still_failing: u64,
    parked: u64,
    settled_before: u64,
    of_other_topics: u64,
    with_new_time: u64,
    over_the_limit: u64,
    reasons: BTreeMap<String, u64>,
}

/// Records older than this get the time of the redrive.
async fn kept_since(config: &Config, input: &str) -> Option<i64> {
    let kept = topics::kept(config, input).await;
    if kept == topics::Retention::Unknown {
        tracing::warn!(
            topic = input,
            "the broker does not tell the topic's `retention.ms`, so all that is driven again gets the present time; the right to \
             DescribeConfigs on it would keep theirs"
        );
    }
    kept.half_since(clock::unix_ms())
}

/// A redrive while it runs.
struct Run<'a> {
    pipeline: Arc<Pipeline>,
    input: &'a str,
    redrive: &'a Redrive,
    settled: Settled,
    /// Older records would soon be deleted from the input topic, perhaps before they are read.
    kept_since: Option<i64>,
    driver: Option<Redriver>,
    told: Told,
    sums: Sums,
}

impl Run<'_> {
    fn take(&mut self, letter: &Record) -> Result<(), Failure> {
        if let Some(driver) = &self.driver {
            driver.serve();
        }
        if self.settled.holds(letter) {
            self.told.settled_before += 1;
            return Ok(());
        }
        match trial(&self.pipeline, self.input, letter, self.redrive.attempts_max) {
            Trial::Elsewhere => self.told.of_other_topics += 1,
            Trial::Fails(reject) => {
                self.told.still_failing += 1;
                self.sums.count(reject.step, reject.code);
            }
            Trial::Passes | Trial::Parks if self.is_full() => self.told.over_the_limit += 1,
            Trial::Passes => {
                self.told.passed += 1;
                self.settled.add(letter);
                let kept = letter
                    .timestamp_ms
                    .filter(|time| self.kept_since.is_none_or(|since| *time >= since));
                self.told.with_new_time += u64::from(kept != letter.timestamp_ms);
                if let Some(driver) = &mut self.driver {
                    driver.redrive(letter, kept)?;
                }
            }
            Trial::Parks => {
                self.told.parked += 1;
                self.settled.add(letter);
                if let Some(driver) = &mut self.driver {
                    driver.park(letter)?;
                }
            }
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        let done = self.told.passed + self.told.parked;
        self.redrive.limit.is_some_and(|limit| done >= limit as u64)
    }

    fn tell(self, out: &mut impl Write) -> io::Result<()> {
        let Self {
            mut told,
            sums,
            input,
            redrive,
            ..
        } = self;
        if redrive.json {
            told.reasons = sums.0;
            serde_json::to_writer(&mut *out, &told)?;
            return writeln!(out);
        }
        let (goes, is_parked) = if told.is_dry_run {
            ("would go", "would be parked")
        } else {
            ("went", "parked")
        };
        writeln!(out, "{:>8}  {goes} to `{input}` again", told.passed)?;
        writeln!(
            out,
            "{:>8}  {is_parked}, after {} failures",
            told.parked, redrive.attempts_max
        )?;
        writeln!(out, "{:>8}  would fail again, and stay", told.still_failing)?;
        sums.write("  ", out)?;
        let rest = [
            (told.settled_before, "were settled before"),
            (told.of_other_topics, "are of other input topics"),
            (told.over_the_limit, "are over the limit"),
            (
                told.with_new_time,
                "get a new timestamp, since the input topic would soon delete a record so old",
            ),
        ];
        for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
            writeln!(out, "{count:>8}  {what}")?;
        }
        Ok(())
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["dead letter", "origin", "time", "attempts", "reason", "message"]);
    for row in rows {
        let reason = format!(
            "{}/{}{}",
            row.step,
            row.code,
            if row.is_settled { " (settled)" } else { "" }
        );
        table.add_row([
            row.record.clone(),
            row.origin.clone().unwrap_or_else(|| "unknown".into()),
            row.time.clone().unwrap_or_default(),
            row.attempts.to_string(),
            reason,
            row.message.clone(),
        ]);
    }
    table
}

/// For a person; `--value` has the bytes as they are.
fn write_whole(letter: &Record, out: &mut impl Write) -> io::Result<()> {
    let text =
        |bytes: Option<&[u8]>| bytes.map_or("null".into(), |b| harmless(&String::from_utf8_lossy(b)).into_owned());
    writeln!(out, "record: {}", letter.origin)?;
    writeln!(
        out,
        "time: {}",
        letter.timestamp_ms.and_then(time).unwrap_or_else(|| "none".into())
    )?;
    for (name, value) in &letter.headers {
        writeln!(out, "header {}: {}", harmless(name), text(value.as_deref()))?;
    }
    writeln!(out, "key: {}", text(letter.key.as_deref()))?;
    writeln!(out, "value: {}", text(letter.value.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_letter_holds_cannot_steer_the_terminal() {
        let words = "red \u{1b}[31m\u{7}".to_owned();
        let letter = Record {
            origin: Origin {
                topic: "dead-letters".into(),
                partition: 0,
                offset: 7,
                position: 0,
            },
            key: Some(words.clone().into_bytes()),
            value: Some(words.clone().into_bytes()),
            headers: vec![(words.clone(), Some(words.clone().into_bytes()))],
            timestamp_ms: None,
        };
        let (mut whole, mut sums, mut counted) = (Vec::new(), Sums::default(), Vec::new());
        write_whole(&letter, &mut whole).unwrap();
        sums.count(&words, "not-json");
        sums.write("", &mut counted).unwrap();
        for told in [whole, counted] {
            let told = String::from_utf8(told).unwrap();
            assert!(told.contains("red \\u{1b}[31m\\u{7}"), "{told}");
            assert!(!told.contains(['\u{1b}', '\u{7}']), "{told:?}");
        }
    }
}
