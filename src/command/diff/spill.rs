//! One side of a comparison, in memory as far as it fits, and beyond that in temporary files.
//!
//! In: articles by origin. Out: parts, in which an origin stands in the same part of either side. Always: an article that comes again replaces
//! the one before, in memory and in files; the files are gone when the side is.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::sync::Arc;

use tempfile::TempDir;
use xxhash_rust::xxh3::xxh3_64;

use crate::article::Origin;
use crate::diff::{Article, Side};
use crate::failure::Failure;

/// Parts of a side that does not fit. One of both sides is in memory at a time; more would only be more open files.
pub(super) const PARTS: usize = 64;

/// A side, and what of it was put aside.
#[derive(Debug)]
pub(super) struct Spilled {
    /// What is in memory.
    pub(super) side: Side,
    bytes_max: usize,
    files: Option<Files>,
}

#[derive(Debug)]
struct Files {
    directory: TempDir,
    writers: Vec<BufWriter<File>>,
}

impl Spilled {
    /// Holds so many bytes in memory, about.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            side: Side::default(),
            bytes_max,
            files: None,
        }
    }

    /// Take one article in.
    pub(super) fn add(&mut self, origin: Origin, article: Article) -> Result<(), Failure> {
        self.side.add(origin, article);
        if self.side.bytes() > self.bytes_max {
            self.put_aside()?;
        }
        Ok(())
    }

    /// Whether a part of it is in files.
    pub(super) fn is_in_parts(&self) -> bool {
        self.files.is_some()
    }

    /// Move what is in memory to the files.
    pub(super) fn put_aside(&mut self) -> Result<(), Failure> {
        let mut write = || {
            let files = match &mut self.files {
                Some(files) => files,
                None => self.files.insert(Files::new()?),
            };
            for (origin, article) in self.side.take() {
                let writer = &mut files.writers[part(&origin)];
                let place = (&*origin.topic, origin.partition, origin.offset, origin.position);
                serde_json::to_writer(&mut *writer, &(place, article))?;
                writer.write_all(b"\n")?;
            }
            files.writers.iter_mut().try_for_each(BufWriter::flush)
        };
        write().map_err(|e| failed("write", &e))
    }

    /// Have one part in memory, in place of what is there.
    pub(super) fn load(&mut self, part: usize) -> Result<(), Failure> {
        self.side.take();
        let Some(files) = &self.files else { return Ok(()) };
        let mut read = || {
            for line in BufReader::with_capacity(1 << 18, File::open(files.path(part))?).split(b'\n') {
                let ((topic, partition, offset, position), article): (Place, Article) = serde_json::from_slice(&line?)?;
                let origin = Origin {
                    topic,
                    partition,
                    offset,
                    position,
                };
                self.side.add(origin, article);
            }
            Ok(())
        };
        read().map_err(|e: io::Error| failed("read", &e))
    }
}

type Place = (Arc<str>, i32, i64, u32);

impl Files {
    fn new() -> io::Result<Self> {
        let directory = TempDir::with_prefix("sluice-diff-")?;
        let writers = (0..PARTS).map(|part| Ok(BufWriter::new(File::create(path(&directory, part))?)));
        let writers = writers.collect::<io::Result<_>>()?;
        Ok(Self { directory, writers })
    }

    fn path(&self, part: usize) -> std::path::PathBuf {
        path(&self.directory, part)
    }
}

fn path(directory: &TempDir, part: usize) -> std::path::PathBuf {
    directory.path().join(part.to_string())
}

/// The part that an origin is in, on either side.
fn part(origin: &Origin) -> usize {
    (xxh3_64(origin.to_string().as_bytes()) % PARTS as u64) as usize
}

fn failed(what: &str, e: &io::Error) -> Failure {
    let directory = std::env::temp_dir();
    Failure::new(format!(
        "could not {what} the articles that do not fit in memory in `{}`: {e}\n\
         hint: raise `memory.budget`, or name a directory with room in the environment's `TMPDIR`",
        directory.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::super::report;
    use super::*;

    fn side(bytes_max: usize, count: i64, change: impl Fn(i64) -> &'static str) -> Spilled {
        let mut side = Spilled::new(bytes_max);
        // Each comes twice, and the last one counts.
        for (round, offset) in (0..2).flat_map(|round| (0..count).map(move |offset| (round, offset))) {
            let text = if round == 0 { "an earlier run" } else { change(offset) };
            let value = serde_json::json!({ "id": format!("id-{offset}"), "text": text,
                "provenance": { "topic": "raw", "partition": offset % 3, "offset": offset } });
            let (origin, article) = Article::parse(value.to_string().as_bytes()).unwrap();
            side.add(origin, article).unwrap();
        }
        side
    }

    #[test]
    fn bounded_a_comparison_in_parts_gives_the_report_of_one_in_memory() {
        let a = |bytes_max| side(bytes_max, 900, |_| "text");
        let b = |bytes_max| side(bytes_max, 800, |offset| if offset % 7 == 0 { "other" } else { "text" });
        let whole = report(a(usize::MAX), b(usize::MAX), 5).unwrap();
        assert_eq!((whole.compared, whole.changed(), whole.beyond_b), (800, 115, 100));
        for (of_a, of_b) in [(20_000, 20_000), (usize::MAX, 20_000), (0, usize::MAX)] {
            let (a, b) = (a(of_a), b(of_b));
            assert!(a.is_in_parts() || b.is_in_parts());
            assert!(
                a.side.bytes() <= of_a && b.side.bytes() <= of_b,
                "no more is held than was allowed"
            );
            let parts = report(a, b, 5).unwrap();
            assert!(parts == whole, "{parts:?}");
        }
    }

    #[test]
    fn bounded_nothing_is_left_behind() {
        let side = side(0, 5, |_| "text");
        let directory = side.files.as_ref().unwrap().directory.path().to_owned();
        assert!(directory.exists());
        drop(side);
        assert!(!directory.exists());
    }
}
