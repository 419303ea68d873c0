//! `sluice diff A B`: what a change does to the output, before it goes live.
//!
//! In: two sides, each of topics or files of JSON Lines. Out: the report, as text or JSON; an error where more changed than a threshold
//! allows. Always: reads only, and joins no group; what does not fit in memory waits in temporary files.

mod spill;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use self::spill::Spilled;
use super::output::UntilClosed;
use super::records::open;
use super::{CommandError, harmless};
use crate::article::{Origin, Record};
use crate::config::Config;
use crate::dead_letter;
use crate::decode::tombstone;
use crate::diff::{Article, Report, Threshold, compare};
use crate::failure::Failure;
use crate::kafka::reader;

/// What `sluice diff` was asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Before: topics, or files of JSON Lines, separated by commas. What has a `/` or ends in `.jsonl`, `.ndjson` or `.json` is a file; `topic:` and `file:` say so.
    #[arg(value_name = "A")]
    pub a: String,
    /// After, in the same form.
    #[arg(value_name = "B")]
    pub b: String,
    /// One JSON object instead of text.
    #[arg(long)]
    pub json: bool,
    /// Examples that are shown of each kind.
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    pub examples: usize,
    /// Exit with status 4 if a larger share changed: `0.5%`, or of one kind, such as `tags=1%`; may be repeated.
    #[arg(long, value_name = "[KIND=]SHARE")]
    pub threshold: Vec<Threshold>,
}

/// Compare, and write the report to `out`.
pub fn diff(config: &Config, arguments: &Arguments, out: &mut impl Write) -> Result<(), CommandError> {
    let a = read(config, "A", &arguments.a)?;
    let b = read(config, "B", &arguments.b)?;
    let report = report(a, b, arguments.examples)?;
    let text = if arguments.json {
        report.as_json()
    } else {
        harmless(&report.as_text()).into_owned()
    };
    let out = &mut UntilClosed::new(out);
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Failure::new(format!("could not write the report: {e}")))?;
    if report.compared == 0 {
        let message = "A and B have no article in common\nhint: are both made of the same input topic?";
        return Err(Failure::new(message).into());
    }
    match arguments.threshold.iter().find(|threshold| report.exceeds(threshold)) {
        None => Ok(()),
        Some(threshold) => {
            let what = threshold.kind.map_or("in any way", |kind| kind.name());
            let share = 100.0 * threshold.share;
            Err(CommandError::Exceeded(format!("more than {share} % changed ({what})")))
        }
    }
}

/// Compare the sides, in parts where one of them did not fit in memory.
fn report(mut a: Spilled, mut b: Spilled, examples: usize) -> Result<Report, Failure> {
    let mut report = Report::new(examples);
    if a.is_in_parts() || b.is_in_parts() {
        a.put_aside()?;
        b.put_aside()?;
        for part in 0..spill::PARTS {
            a.load(part)?;
            b.load(part)?;
            compare(&mut report, &a.side, &b.side);
        }
    } else {
        compare(&mut report, &a.side, &b.side);
    }
    Ok(report)
}

fn read(config: &Config, name: &str, places: &str) -> Result<Spilled, CommandError> {
    // Both sides together may take half of the budget.
    let mut side = Spilled::new((config.memory.budget.bytes() / 4) as usize);
    for place in places.split(',').map(str::trim) {
        match as_file(place) {
            Some(path) => read_file(Path::new(path), &mut side)?,
            None => read_topic(config, place.strip_prefix("topic:").unwrap_or(place), &mut side)?,
        }
    }
    if side.side.is_empty() {
        let message = format!("{name} is empty: there is no article in `{places}`");
        return Err(Failure::new(message).into());
    }
    Ok(side)
}

/// The path, where a place is a file's.
fn as_file(place: &str) -> Option<&str> {
    let named = place.strip_prefix("file:");
    let is_told = place.contains('/') || [".jsonl", ".ndjson", ".json"].iter().any(|end| place.ends_with(end));
    named.or((is_told && !place.starts_with("topic:")).then_some(place))
}

fn read_file(path: &Path, side: &mut Spilled) -> Result<(), CommandError> {
    let shown = path.display();
    let (file, _) = open(path)?;
    for (number, line) in (1..).zip(BufReader::with_capacity(1 << 18, file).split(b'\n')) {
        let line = line.map_err(|e| Failure::new(format!("could not read `{shown}`: {e}")))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let (origin, article) = Article::parse(&line)
            .map_err(|e| Failure::new(format!("could not read line {number} of `{shown}`: {e}")))?;
        side.add(origin, article)?;
    }
    Ok(())
}

fn read_topic(config: &Config, topic: &str, side: &mut Spilled) -> Result<(), CommandError> {
    let mut failed = None;
    let read = reader::read_while(config, topic, |record| {
        let taken = match parse(&record) {
            Ok(articles) => articles
                .into_iter()
                .try_for_each(|(origin, article)| side.add(origin, article)),
            Err(why) => Err(Failure::new(format!(
                "could not read record `{}`: {why}",
                record.origin
            ))),
        };
        failed = taken.err();
        failed.is_none()
    });
    read.map_err(CommandError::Start)?;
    failed.map_or(Ok(()), |failure| Err(failure.into()))
}

fn parse(record: &Record) -> Result<Vec<(Origin, Article)>, String> {
    if let Some(dead) = dead_letters(record) {
        return Ok(dead);
    }
    if let Some(origin) = tombstone::origin(record) {
        return Ok(vec![(origin, Article::dead_letter("tombstone"))]);
    }
    let article = Article::parse(record.value.as_deref().unwrap_or_default());
    article.map(|article| vec![article]).map_err(|e| e.to_string())
}

/// A dead letter tells its origin and the reason in its headers, and may stand for several articles of one record.
fn dead_letters(record: &Record) -> Option<Vec<(Origin, Article)>> {
    let [_, code, _] = dead_letter::reason(record);
    let first = dead_letter::origin(record).filter(|_| !code.is_empty())?;
    let article = |(position, [_, code]): (u32, [&str; 2])| {
        let origin = Origin {
            position,
            ..first.clone()
        };
        (origin, Article::dead_letter(code))
    };
    Some(dead_letter::articles(record).into_iter().map(article).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_or_a_topic_by_its_look_or_by_its_prefix() {
        let check = |place: &str, expected: Option<&str>| assert_eq!(as_file(place), expected, "{place}");
        check("enriched-articles", None);
        check("a.jsonl", Some("a.jsonl"));
        check("out/a", Some("out/a"));
        check("file:a", Some("a"));
        check("topic:a.jsonl", None);
    }
}
