//! `sluice inputs`: which tool's records are these, what is found in them, and what is passed over.
//!
//! In: files of JSON Lines, or the last records of a topic. Out: a report. Always: reads as the stage reads, and writes nothing.

use std::io::Write;
use std::path::PathBuf;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use super::records::read_records;
use super::{CommandError, decode_options, harmless, written};
use crate::config::Config;
use crate::decode::presets;
use crate::decode::survey::{Example, Found, Survey};
use crate::failure::Failure;
use crate::kafka::scan::{Ranges, Scanner};

/// Unknown fields that the report names; `--json` has all.
const UNKNOWN_SHOWN: usize = 20;

/// What is asked about the inputs.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// The presets in the order in which they are tried, and what detects each.
    List {
        /// JSON Lines instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Read records as the stage would, and count what they are: by preset, by reason of refusal, by field that no preset knows.
    Detect(Detect),
}

/// Options of `detect`.
#[derive(Debug, Default, clap::Args)]
pub struct Detect {
    /// Files of JSON Lines, of JSON over several lines or each of one page, packed (gzip, zstd) or not; `-` is standard input.
    #[arg(required_unless_present = "topic", conflicts_with = "topic")]
    pub files: Vec<PathBuf>,
    /// A topic instead; no group is joined, and no offset moves.
    #[arg(long, value_name = "NAME")]
    pub topic: Option<String>,
    /// At most so many records: the first of the files, the last of the topic.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// One JSON object instead of tables.
    #[arg(long)]
    pub json: bool,
}

/// Do it, and write what there is to say to `out`.
pub fn inputs(config: &Config, action: &Action, out: &mut impl Write) -> Result<(), CommandError> {
    let text = match action {
        Action::List { json: false } => list(),
        Action::List { json: true } => as_json_lines()?,
        Action::Detect(asked) => {
            let survey = detect(config, asked)?;
            if asked.json {
                serde_json::to_string_pretty(&survey).map_err(|e| Failure::new(e.to_string()))? + "\n"
            } else {
                harmless(&report(&survey)).into_owned()
            }
        }
    };
    let result = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(written(result)?)
}

fn list() -> String {
    let mut table = table(&["preset", "written by", "detected by"]);
    for preset in presets() {
        table.add_row([preset.name, preset.tool, &preset.detected_by]);
    }
    lines(&table)
}

fn as_json_lines() -> Result<String, CommandError> {
    let mut lines = String::new();
    for preset in presets() {
        let line = serde_json::to_string(&preset).map_err(|e| Failure::new(e.to_string()))?;
        lines.push_str(&line);
        lines.push('\n');
    }
    Ok(lines)
}

fn detect(config: &Config, asked: &Detect) -> Result<Survey, CommandError> {
    let options = decode_options(config);
    let mut survey = Survey::default();
    match &asked.topic {
        Some(topic) => {
            let scanner = Scanner::new(config).map_err(CommandError::Start)?;
            let extent = scanner.extent(topic).map_err(CommandError::Start)?;
            let missing = || CommandError::Start(Failure::new(format!("topic `{topic}` does not exist")));
            let ranges = last(extent.ok_or_else(missing)?, i64::from(asked.limit));
            scanner.read(topic, &ranges, |record| {
                survey.add(&record, &options);
                Ok(())
            })?;
        }
        None => {
            for file in &asked.files {
                let left = u64::from(asked.limit) - survey.records;
                for record in read_records(config, file)?.take(left as usize) {
                    survey.add(&record?, &options);
                }
            }
        }
    }
    Ok(survey)
}

/// The last offsets of each partition, so many in all; where one has fewer than its share, nobody else gets them.
fn last(extent: Ranges, limit: i64) -> Ranges {
    let share = (limit / extent.len().max(1) as i64).max(1);
    let shortened = extent.into_iter().map(|(partition, range)| {
        let start = range.start.max(range.end - share);
        (partition, start..range.end)
    });
    shortened.collect()
}

fn report(survey: &Survey) -> String {
    let mut text = format!("{} records, {} articles\n", survey.records, survey.articles);
    if !survey.presets.is_empty() {
        text.push_str(&format!("\n{}", lines(&by_preset(survey))));
    }
    if !survey.refused.is_empty() {
        let rows = most_frequent(&survey.refused);
        let rows = examples("refused", "reason", rows.iter().copied());
        text.push_str(&format!("\n{}", lines(&rows)));
    }
    if !survey.unknown_fields.is_empty() {
        let rows = most_frequent(&survey.unknown_fields);
        let shown = rows.iter().copied().take(UNKNOWN_SHOWN);
        let table = examples("unknown field", "value", shown);
        text.push_str(&format!("\n{}", lines(&table)));
        if rows.len() > UNKNOWN_SHOWN {
            text.push_str(&format!(
                "… and {} more; --json names all\n",
                rows.len() - UNKNOWN_SHOWN
            ));
        }
        text.push_str("Unknown fields pass through. Where one holds what has a name above, map it: `input.fields.title = [\"headline_2\"]`.\n");
    }
    text
}

/// How many of each preset's articles have each role, in percent.
fn by_preset(survey: &Survey) -> Table {
    let heads = [
        "preset", "articles", "url", "title", "html", "markdown", "text", "date", "language", "authors", "site",
        "first",
    ];
    let mut table = table(&heads);
    let mut rows: Vec<(&&str, &Found)> = survey.presets.iter().collect();
    rows.sort_by_key(|(_, found)| std::cmp::Reverse(found.articles));
    for (name, found) in rows {
        let roles = [
            found.url,
            found.title,
            found.html,
            found.markdown,
            found.text,
            found.published_at,
            found.language,
            found.authors,
            found.site,
        ];
        let mut row = vec![(*name).to_owned(), found.articles.to_string()];
        row.extend(roles.map(|count| percent(count, found.articles)));
        row.push(found.example.clone());
        table.add_row(row);
    }
    table
}

/// Nothing is 0 %, everything 100 %; what lies between is rounded to neither.
fn percent(count: u64, all: u64) -> String {
    match (count, count * 100 / all.max(1)) {
        (0, _) => "–".to_owned(),
        (_, percent) => format!("{} %", percent.max(1)),
    }
}

fn most_frequent(counts: &std::collections::BTreeMap<String, Example>) -> Vec<(&String, &Example)> {
    let mut rows: Vec<_> = counts.iter().collect();
    rows.sort_by_key(|(_, example)| std::cmp::Reverse(example.count));
    rows
}

fn examples<'a>(name: &str, example: &str, rows: impl Iterator<Item = (&'a String, &'a Example)>) -> Table {
    let mut table = table(&[name, "count", "first", example]);
    for (name, found) in rows {
        table.add_row([name.as_str(), &found.count.to_string(), &found.record, &found.example]);
    }
    table
}

/// A table as text, without the blanks that fill its last column.
fn lines(table: &Table) -> String {
    table.trim_fmt() + "\n"
}

fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(heads.to_vec());
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_records_are_shared_among_the_partitions() {
        let extent = Ranges::from([(0, 0..100), (1, 95..100), (2, 7..7)]);
        let expected = Ranges::from([(0, 90..100), (1, 95..100), (2, 7..7)]);
        assert_eq!(last(extent, 30), expected);
    }

    #[test]
    fn a_share_is_rounded_neither_to_all_nor_to_nothing() {
        let check = |count, all, expected: &str| assert_eq!(percent(count, all), expected);
        check(0, 7, "–");
        check(1, 1000, "1 %");
        check(999, 1000, "99 %");
        check(7, 7, "100 %");
    }
}
