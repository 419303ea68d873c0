//! A file, or standard input → its records.
//!
//! In: JSON Lines, JSON values over several lines, a page, each as it is or packed (gzip, zstd). Out: records, whose offset is the line, from 0,
//! on which they begin. Always: what it is tells itself by its first bytes and at most two lines, so that lines from a pipe go on as they come;
//! memory is bounded by `input.value_bytes_max`, and of a larger value only the beginning is kept.

mod json;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use super::CommandError;
use crate::article::{Origin, Record};
use crate::config::Config;
use crate::failure::Failure;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Open a file for reading, `-` as standard input. Gives its size, where it has one.
pub(super) fn open(file: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), CommandError> {
    if file == Path::new("-") {
        return Ok((Box::new(io::stdin()), None));
    }
    let shown = file.display();
    let opened = File::open(file).and_then(|f| Ok((f.metadata()?, f)));
    let (metadata, opened) = opened.map_err(|e| CommandError::Usage(format!("could not read `{shown}`: {e}")))?;
    if metadata.is_dir() {
        let message = format!("could not read `{shown}`: it is a directory\nhint: name the files in it");
        return Err(CommandError::Usage(message));
    }
    Ok((Box::new(opened), Some(metadata.len())))
}

/// The records of one file, one after another.
pub(super) fn read_records(
    config: &Config,
    file: &Path,
) -> Result<impl Iterator<Item = Result<Record, CommandError>> + use<>, CommandError> {
    let (reader, _) = open(file)?;
    let mut records = Records::new(config, file, reader).map_err(|e| unreadable(file, &e))?;
    let file = file.to_owned();
    Ok(std::iter::from_fn(move || {
        let next = records.next_record().transpose()?;
        Some(next.map_err(|e| unreadable(&file, &e).into()))
    }))
}

pub(super) fn unreadable(file: &Path, e: &io::Error) -> Failure {
    Failure::new(format!("could not read `{}`: {e}", file.display()))
}

/// How a file's bytes are parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Each line is a value.
    Lines,
    /// All of it is one value.
    One,
    /// JSON values, each over as many lines as it takes.
    Values,
}

/// The records of a file while it is read.
pub(super) struct Records<'a> {
    /// What was looked at, and the rest.
    reader: Chain<Cursor<Vec<u8>>, Box<dyn BufRead + Send + 'a>>,
    form: Form,
    topic: Arc<str>,
    /// The line that is read next, from 0.
    line: i64,
    /// The offset of the last record.
    last: i64,
    /// One byte more than the limit tells that a value is too large, without reading all of it into memory.
    bytes_max: usize,
}

impl<'a> Records<'a> {
    /// `file` is the name.
    pub(super) fn new(config: &Config, file: &Path, reader: impl Read + Send + 'a) -> io::Result<Self> {
        let (mut reader, is_packed) = unpacked(reader)?;
        let name = if is_packed {
            file.with_extension("")
        } else {
            file.to_owned()
        };
        let bytes_max = config.input.value_bytes_max.0 as usize + 2;
        let mut looked = Vec::new();
        let form = form(&name, &mut reader, &mut looked, bytes_max)?;
        if form == Form::Values && looked.starts_with(MARK) {
            looked.drain(..MARK.len());
        }
        Ok(Self {
            reader: Cursor::new(looked).chain(reader),
            form,
            topic: file.to_string_lossy().into(),
            line: 0,
            last: -1,
            bytes_max,
        })
    }

    /// The next one. Empty lines are passed over, and count as a line all the same.
    pub(super) fn next_record(&mut self) -> io::Result<Option<Record>> {
        loop {
            let mut value = Vec::new();
            let (begin, lines) = match self.form {
                Form::Lines => (self.line, self.line(&mut value)?),
                Form::One if self.line > 0 => return Ok(None),
                Form::One => (self.line, self.all(&mut value)?),
                Form::Values => {
                    self.line += json::to_value(&mut self.reader)?;
                    (self.line, json::value(&mut self.reader, &mut value, self.bytes_max)?)
                }
            };
            if value.is_empty() {
                return Ok(None);
            }
            self.line += lines;
            // What is cut is too large, whatever blanks it was cut in.
            let is_cut = value.len() == self.bytes_max;
            let text = if is_cut { &value } else { value.trim_ascii() };
            if text.is_empty() {
                continue;
            }
            // Two values may begin on one line, and an offset is of one record.
            self.last = begin.max(self.last + 1);
            let origin = Origin {
                topic: Arc::clone(&self.topic),
                partition: 0,
                offset: self.last,
                position: 0,
            };
            let value = if text.len() == value.len() {
                value
            } else {
                text.to_vec()
            };
            return Ok(Some(Record {
                origin,
                key: None,
                value: Some(value),
                headers: Vec::new(),
                timestamp_ms: None,
            }));
        }
    }

    /// A line, as far as it may be kept. Gives the lines that were read.
    fn line(&mut self, into: &mut Vec<u8>) -> io::Result<i64> {
        let mut bounded = self.reader.by_ref().take(self.bytes_max as u64);
        bounded.read_until(b'\n', into)?;
        if into.len() == self.bytes_max && into.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
        }
        Ok(1)
    }

    /// All there is, as far as it may be kept.
    fn all(&mut self, into: &mut Vec<u8>) -> io::Result<i64> {
        let mut bounded = self.reader.by_ref().take(self.bytes_max as u64);
        bounded.read_to_end(into)?;
        Ok(1)
    }
}

/// The bytes as they are, or what they unpack to, told by their first ones; and whether they were packed.
fn unpacked<'a>(mut reader: impl Read + Send + 'a) -> io::Result<(Box<dyn BufRead + Send + 'a>, bool)> {
    let mut magic = Vec::new();
    reader.by_ref().take(4).read_to_end(&mut magic)?;
    let is = |known: &[u8]| magic.starts_with(known);
    let (is_gzip, is_zstd) = (is(&[0x1f, 0x8b, 8]), is(&[0x28, 0xb5, 0x2f, 0xfd]));
    let whole = BufReader::with_capacity(BUFFER_BYTES, Cursor::new(magic).chain(reader));
    Ok(if is_gzip {
        let unpacked = flate2::bufread::MultiGzDecoder::new(whole);
        (Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked)), true)
    } else if is_zstd {
        let unpacked = zstd::stream::read::Decoder::with_buffer(whole)?;
        (Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked)), true)
    } else {
        (Box::new(whole), false)
    })
}

/// What the input is, by its name and its beginning, which is kept in `looked`.
fn form(name: &Path, reader: &mut impl BufRead, looked: &mut Vec<u8>, bytes_max: usize) -> io::Result<Form> {
    let is_called = |ending: &str| name.extension().is_some_and(|is| is.eq_ignore_ascii_case(ending));
    if is_called("html") || is_called("htm") {
        return Ok(Form::One);
    }
    let Some(first) = look(reader, looked, bytes_max)? else {
        return Ok(Form::Lines);
    };
    let line = looked.get(first..).unwrap_or_default().trim_ascii();
    let (page, json) = (Page::of(line), json::Open::of(line));
    if page.is_none() && json.is_none() {
        return Ok(Form::Lines);
    }
    let second = look(reader, looked, bytes_max)?;
    let next = second.and_then(|at| looked.get(at..)).unwrap_or_default().trim_ascii();
    let is_line = page.as_ref().is_some_and(|page| page.is_before(next))
        || json.as_ref().is_some_and(|open| open.is_cut_before(next));
    Ok(match page {
        _ if is_line => Form::Lines,
        Some(_) => Form::One,
        None => Form::Values,
    })
}

/// Read on to the end of the next line that is not blank, and give the place where it begins, behind a byte order mark. `None` where there
/// is none, or none that may be kept whole.
fn look(reader: &mut impl BufRead, looked: &mut Vec<u8>, bytes_max: usize) -> io::Result<Option<usize>> {
    loop {
        let begin = looked.len();
        let left = bytes_max.saturating_sub(begin);
        reader.by_ref().take(left as u64).read_until(b'\n', looked)?;
        let line = looked.get(begin..).unwrap_or_default();
        if line.is_empty() || (line.len() == left && line.last() != Some(&b'\n')) {
            return Ok(None);
        }
        let mark = if begin == 0 && line.starts_with(MARK) {
            MARK.len()
        } else {
            0
        };
        if !line.get(mark..).unwrap_or_default().trim_ascii().is_empty() {
            return Ok(Some(begin + mark));
        }
    }
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A page that begins on a line.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    is_xml: bool,
    /// It ends there, too, as far as is seen.
    is_whole: bool,
    /// More than a declaration stands there.
    goes_on: bool,
}

impl Page {
    fn of(line: &[u8]) -> Option<Self> {
        let is = |begin: &[u8]| {
            let (found, next) = (line.get(..begin.len()), line.get(begin.len()));
            let is_word = next.is_none_or(|next| next.is_ascii_whitespace() || *next == b'>');
            is_word && found.is_some_and(|found| found.eq_ignore_ascii_case(begin))
        };
        let is_xml = is(b"<?xml");
        let end = b"</html>";
        let tail = line.get(line.len().saturating_sub(end.len())..);
        let is_whole = is_xml || tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end));
        (is_xml || is(b"<!doctype") || is(b"<html")).then_some(Self {
            is_xml,
            is_whole,
            goes_on: is(b"<html") || memchr::memchr_iter(b'<', line).nth(1).is_some(),
        })
    }

    /// Each line is a page: another one begins on the next. Behind the first line's declaration its own page may begin.
    fn is_before(&self, next: &[u8]) -> bool {
        let begins = |begin: &[u8]| {
            next.get(..begin.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(begin))
        };
        let is_other = !self.is_xml && (begins(b"<!doctype") || self.goes_on && begins(b"<html"));
        is_other || self.is_whole && Self::of(next).is_some_and(|next| next.is_xml == self.is_xml)
    }
}

#[cfg(test)]
mod tests;
