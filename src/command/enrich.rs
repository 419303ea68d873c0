//! `sluice enrich`: files in, JSON Lines out, through the same pipeline, without a broker.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde::Serialize;

use super::{CommandError, judged_alone, pipeline, rules, written};
use crate::article::{Origin, Record, Reject};
use crate::config::Config;
use crate::counts::Fates;
use crate::encode;
use crate::failure::Failure;
use crate::judge::{Fate, Judge, Judged};
use crate::pipeline::Pipeline;

/// A line that could not be read, in its place in the output.
#[derive(Debug, Serialize)]
struct ErrorLine<'a> {
    error: ErrorText<'a>,
}

#[derive(Debug, Serialize)]
struct ErrorText<'a> {
    step: &'a str,
    code: &'a str,
    message: &'a str,
    file: &'a str,
    line: i64,
    /// Of the article in its record, from 0.
    position: u32,
}

/// Read the files one after another (`-` is standard input) and write what becomes of each line to `out`.
pub fn enrich(config: &Config, files: &[PathBuf], out: &mut (impl Write + Send)) -> Result<Fates, CommandError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(config.worker_count())
        .build();
    let pool = pool.map_err(|e| Failure::new(e.to_string()))?;
    let mut enricher = Enricher {
        config,
        pipeline: pipeline(config)?,
        judge: Judge::new(rules(config)),
        batch: 0,
        fates: Fates::default(),
    };
    for file in files {
        let (reader, size) = open(file)?;
        let bar = progress(size);
        pool.install(|| enricher.read(file, bar.wrap_read(reader), out))?;
        bar.finish_and_clear();
    }
    written(out.flush())?;
    Ok(enricher.fates)
}

/// The records of one file, one after another.
pub(super) fn read_records(
    config: &Config,
    file: &Path,
) -> Result<impl Iterator<Item = Result<Record, CommandError>> + use<>, CommandError> {
    let (reader, _) = open(file)?;
    let (mut lines, file) = (Lines::new(config, file, reader), file.to_owned());
    Ok(std::iter::from_fn(move || {
        let next = lines.next_record().transpose()?;
        Some(next.map_err(|e| unreadable(&file, &e).into()))
    }))
}

fn unreadable(file: &Path, e: &io::Error) -> Failure {
    Failure::new(format!("could not read `{}`: {e}", file.display()))
}

/// A file's lines as records: offset is the line's number, from 0. A file that holds one page or one JSON value is one record.
struct Lines<R> {
    reader: R,
    is_one: bool,
    topic: Arc<str>,
    offset: i64,
    value_bytes_max: u64,
}

impl<R: Read> Lines<BufReader<R>> {
    fn new(config: &Config, file: &Path, reader: R) -> Self {
        let mut reader = BufReader::with_capacity(1 << 18, reader);
        Self {
            is_one: is_one(file, &mut reader),
            reader,
            topic: file.to_string_lossy().into(),
            offset: 0,
            value_bytes_max: config.input.value_bytes_max.0,
        }
    }
}

/// Whether a file is one value, by its name and, as many call JSON Lines `.json`, too, by its first line. What cannot be read is told later.
fn is_one(file: &Path, reader: &mut impl BufRead) -> bool {
    let is_called = |ending: &str| file.extension().is_some_and(|is| is.eq_ignore_ascii_case(ending));
    if is_called("html") || is_called("htm") {
        return true;
    }
    if !is_called("json") {
        return false;
    }
    let is_json = |line: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
    let begin = reader.fill_buf().unwrap_or_default();
    let begin = begin.strip_prefix("\u{feff}".as_bytes()).unwrap_or(begin);
    let mut lines = begin
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else {
        return false;
    };
    let begins_again = matches!(second.first(), Some(b'{' | b'[')) && is_json(second);
    !is_json(first) && !begins_again
}

impl<R: BufRead> Lines<R> {
    /// The next line. Empty lines are passed over, and count as a line all the same.
    fn next_record(&mut self) -> io::Result<Option<Record>> {
        loop {
            if self.is_one && self.offset > 0 {
                return Ok(None);
            }
            let mut line = Vec::new();
            // One byte more than the limit tells that a line is too large, without reading all of it into memory.
            let limit = self.value_bytes_max + 2;
            let mut bounded = self.reader.by_ref().take(limit);
            let read = if self.is_one {
                bounded.read_to_end(&mut line)?
            } else {
                bounded.read_until(b'\n', &mut line)?
            };
            if read == 0 {
                return Ok(None);
            }
            if line.len() as u64 == limit && line.last() != Some(&b'\n') {
                self.reader.skip_until(b'\n')?;
            }
            let origin = Origin {
                topic: Arc::clone(&self.topic),
                partition: 0,
                offset: self.offset,
                position: 0,
            };
            self.offset += 1;
            // What is cut is too large, whatever blanks it was cut in.
            let text = if line.len() as u64 == limit {
                &line
            } else {
                line.trim_ascii()
            };
            if text.is_empty() {
                continue;
            }
            let value = if text.len() == line.len() { line } else { text.to_vec() };
            return Ok(Some(Record {
                origin,
                key: None,
                value: Some(value),
                headers: Vec::new(),
                timestamp_ms: None,
            }));
        }
    }
}

struct Enricher<'a> {
    config: &'a Config,
    pipeline: Arc<Pipeline>,
    judge: Judge,
    batch: u64,
    fates: Fates,
}

impl Enricher<'_> {
    fn read(&mut self, file: &Path, reader: impl Read, out: &mut (impl Write + Send)) -> Result<(), CommandError> {
        let mut lines = Lines::new(self.config, file, reader);
        loop {
            let records = self.next_batch(&mut lines).map_err(|e| unreadable(file, &e))?;
            if records.is_empty() {
                return Ok(());
            }
            if let Err(e) = self.write(&records, out) {
                return written(Err(e)).map_err(Into::into);
            }
        }
    }

    /// Lines up to the bounds of a batch.
    fn next_batch(&self, lines: &mut Lines<impl BufRead>) -> io::Result<Vec<Record>> {
        let (mut records, mut bytes) = (Vec::new(), 0);
        while records.len() < self.config.batch.records_max && bytes < self.config.batch.bytes_max.0 as usize {
            let Some(record) = lines.next_record()? else { break };
            bytes += record.value.as_ref().map_or(0, Vec::len);
            records.push(record);
        }
        Ok(records)
    }

    fn write(&mut self, records: &[Record], out: &mut (impl Write + Send)) -> io::Result<()> {
        let worked: Vec<_> = records.par_iter().map(|record| self.pipeline.work(record)).collect();
        let worked = worked.into_iter().flatten().collect();
        self.batch += 1;
        let judged = judged_alone(&mut self.judge, &self.pipeline, self.batch, worked);
        self.judge.committed(self.batch);
        for judged in &judged {
            self.fates.count(&judged.fate);
        }
        let pipeline = &self.pipeline;
        let lines: Vec<Vec<u8>> = judged.par_iter().map(|judged| line(pipeline, judged)).collect();
        for line in lines.iter().filter(|line| !line.is_empty()) {
            out.write_all(line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// All fates but a dropped article give a line: there is one output here, so a duplicate stands in it with its verdict.
fn line(pipeline: &Pipeline, judged: &Judged) -> Vec<u8> {
    match &judged.fate {
        Fate::Enriched(article, verdict) | Fate::Duplicate(article, verdict) => {
            encode::encode(article, verdict, &pipeline.versions(), None)
        }
        Fate::Dropped(..) | Fate::Tombstone => Vec::new(),
        Fate::DeadLetter(reject) => error_line(&judged.origin, reject),
    }
}

fn error_line(origin: &Origin, reject: &Reject) -> Vec<u8> {
    let error = ErrorText {
        step: reject.step,
        code: reject.code,
        message: &reject.message,
        file: &origin.topic,
        line: origin.offset + 1,
        position: origin.position,
    };
    serde_json::to_vec(&ErrorLine { error }).expect("plain data is JSON")
}

fn open(file: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), CommandError> {
    if file == Path::new("-") {
        return Ok((Box::new(io::stdin()), None));
    }
    let opened = File::open(file).and_then(|f| Ok((f.metadata()?.len(), f)));
    let (size, file) = opened.map_err(|e| CommandError::Usage(format!("could not read `{}`: {e}", file.display())))?;
    Ok((Box::new(file), Some(size)))
}

/// A bar on a terminal, nothing elsewhere, and nothing where the output shares the terminal.
fn progress(size: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() || io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40.cyan} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    match size {
        Some(size) => ProgressBar::new(size).with_style(style),
        None => ProgressBar::new_spinner(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_and_a_json_value_over_several_lines_are_one_record() {
        let records = |name: &str, text: &'static str| {
            let mut lines = Lines::new(&Config::default(), Path::new(name), text.as_bytes());
            std::iter::from_fn(|| lines.next_record().unwrap()).count()
        };
        for (name, text, expected) in [
            ("a.html", "<p>One</p>\n<p>Two</p>\n", 1),
            ("a.HTM", "<p>One</p>\n\n<p>Two</p>", 1),
            ("a.html", "", 0),
            ("a.json", "[\n{\"text\": \"One\"},\n{\"text\": \"Two\"}\n]", 1),
            ("a.json", "{\n  \"text\": \"One\"\n}", 1),
            ("a.json", "{\"text\": \"One\"}\n{\"text\": \"Two\"}\n", 2),
            ("a.json", "{\"text\": One}\n{\"text\": \"Two\"}\n", 2),
            ("a.json", "{\"text\": \"One\"},\n{\"text\": \"Two\"}\n", 2),
            ("a.json", "\u{feff}[\"One\"]\n[\"Two\"]\n", 2),
            ("a.json", "[{\"text\": \"One\"}\n,{\"text\": \"Two\"}]\n", 1),
            ("a.json", "{\"text\": \"One\"}", 1),
            ("a.json", "{\"text\": \"On\n{\"text\": \"Two\"}\n", 2),
            ("a.jsonl", "[\n{\"text\": \"One\"},\n{\"text\": \"Two\"}\n]", 4),
            ("-", "<p>One</p>\n<p>Two</p>\n", 2),
        ] {
            assert_eq!(records(name, text), expected, "{name}: {text}");
        }
    }
}
