//! JSON values over several lines, parted without being parsed.
//!
//! In: bytes. Out: the bytes of one value after another. Always: what is no JSON goes on as its line, for the decoding to say so; one pass.

use std::io::{self, BufRead};

/// Where one is within a value.
#[derive(Debug, Clone, Default)]
struct State {
    /// What is open, each by its closing bracket.
    open: Vec<u8>,
    /// Brackets beyond those that are remembered: no value is read that is nested as deep.
    deeper: usize,
    is_in_string: bool,
    is_escaped: bool,
    /// The last byte that is no blank, outside of strings.
    before: u8,
}

/// Brackets that are remembered by their kind.
const DEPTH_MAX: usize = 1 << 10;

impl State {
    /// Take one byte. Gives whether it closed what was opened first.
    fn take(&mut self, byte: u8) -> bool {
        if self.is_in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_in_string = false,
                _ => {}
            }
            return false;
        }
        if !byte.is_ascii_whitespace() {
            self.before = byte;
        }
        match byte {
            b'"' => self.is_in_string = true,
            b'{' | b'[' if self.open.len() == DEPTH_MAX => self.deeper += 1,
            b'{' => self.open.push(b'}'),
            b'[' => self.open.push(b']'),
            b'}' | b']' if self.deeper > 0 => self.deeper -= 1,
            b'}' | b']' => {
                self.open.pop();
                return self.open.is_empty();
            }
            _ => {}
        }
        false
    }
}

/// A line that opens a JSON value and does not close it.
#[derive(Debug)]
pub(super) struct Open(State);

impl Open {
    /// `None` for a line that opens none, as `[Reuters] …` does not, or that closes it.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        if !matches!(line.first(), Some(b'{' | b'[')) || !crate::decode::is_json_meant(line) {
            return None;
        }
        let mut state = State::default();
        let is_closed = line.iter().any(|byte| state.take(*byte));
        // A name stands first in an object, and an article in a list.
        let inner = line.get(1..).unwrap_or_default().trim_ascii_start().first();
        let may_open = match line.first() {
            Some(b'{') => matches!(inner, None | Some(b'"' | b'}')),
            _ => matches!(inner, None | Some(b'"' | b'{' | b'[')),
        };
        (!is_closed && may_open).then_some(Self(state))
    }

    /// Whether it is a line of JSON Lines that was cut: the next one is a value by itself, and could not stand within this one.
    pub(super) fn is_cut_before(&self, next: &[u8]) -> bool {
        let Self(state) = self;
        let is_in_list = state.open.last() == Some(&b']');
        let may_follow = match state.before {
            b'[' | b':' => true,
            b',' => is_in_list,
            _ => false,
        };
        let is_value = || serde_json::from_slice::<serde::de::IgnoredAny>(next).is_ok();
        (state.is_in_string || !may_follow) && matches!(next.first(), Some(b'{' | b'[')) && is_value()
    }
}

/// Pass over what stands between values: blanks and commas. Gives the lines that were passed.
pub(super) fn to_value(reader: &mut impl BufRead) -> io::Result<i64> {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
    let mut lines = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let passed = buffer.iter().take_while(|byte| is_between(byte)).count();
        let is_end = passed < buffer.len() || buffer.is_empty();
        lines += buffer.iter().take(passed).filter(|byte| **byte == b'\n').count() as i64;
        reader.consume(passed);
        if is_end {
            return Ok(lines);
        }
    }
}

/// The value that begins here, or the rest of the line where none does; at most `bytes_max` of it are kept. Gives the lines that end in it.
pub(super) fn value(reader: &mut impl BufRead, into: &mut Vec<u8>, bytes_max: usize) -> io::Result<i64> {
    let mut state = State::default();
    let is_value = matches!(reader.fill_buf()?.first(), Some(b'{' | b'['));
    let mut lines = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let is_last = |byte: &u8| {
            lines += i64::from(*byte == b'\n');
            if is_value { state.take(*byte) } else { *byte == b'\n' }
        };
        let end = buffer.iter().position(is_last);
        let taken = end.map_or(buffer.len(), |at| at + 1);
        let kept = taken.min(bytes_max.saturating_sub(into.len()));
        into.extend_from_slice(buffer.get(..kept).unwrap_or_default());
        reader.consume(taken);
        if end.is_some() || taken == 0 {
            return Ok(lines);
        }
    }
}
