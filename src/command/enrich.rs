//! `sluice enrich`: files in, JSON Lines out, through the same pipeline, without a broker.
//!
//! In: files. Out: what becomes of their articles, in their order. Always: what cannot be read gives a line with `error` in its place.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde::Serialize;

use super::records::{Records, open, unreadable};
use super::{CommandError, judged_alone, pipeline, rules, written};
use crate::article::{Origin, Record, Reject};
use crate::config::Config;
use crate::counts::Fates;
use crate::encode;
use crate::failure::Failure;
use crate::judge::{Fate, Judge, Judged};
use crate::pipeline::Pipeline;
use crate::replay::Earlier;

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

/// An error where there was a line with `error`.
pub fn refuse_errors(fates: Fates) -> Result<(), CommandError> {
    match fates.dead_letter {
        0 => Ok(()),
        count => {
            let message = format!("lines with `error` in the output: {count}, and `--fail-on-error` allows none");
            Err(Failure::new(message).into())
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
    fn read(
        &mut self,
        file: &Path,
        reader: impl Read + Send,
        out: &mut (impl Write + Send),
    ) -> Result<(), CommandError> {
        let failed = |e: io::Error| unreadable(file, &e);
        let mut input = Records::new(self.config, file, reader).map_err(failed)?;
        loop {
            let (records, read) = self.next_batch(&mut input);
            let is_end = records.is_empty();
            if let Err(e) = self.write(&records, out) {
                return written(Err(e)).map_err(Into::into);
            }
            read.map_err(failed)?;
            if is_end {
                return Ok(());
            }
        }
    }

    /// Records up to the bounds of a batch, and what ended it before them.
    fn next_batch(&self, input: &mut Records<'_>) -> (Vec<Record>, io::Result<()>) {
        let (mut records, mut bytes) = (Vec::new(), 0);
        while records.len() < self.config.batch.records_max && bytes < self.config.batch.bytes_max.0 as usize {
            let record = match input.next_record() {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(e) => return (records, Err(e)),
            };
            bytes += record.value.as_ref().map_or(0, Vec::len);
            records.push(record);
        }
        (records, Ok(()))
    }

    fn write(&mut self, records: &[Record], out: &mut (impl Write + Send)) -> io::Result<()> {
        let worked = self.pipeline.work_batch(records, &Earlier::default(), |_| ());
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
