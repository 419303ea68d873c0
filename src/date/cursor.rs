//! Numbers, times and zones at the front of a date.
//!
//! In: bytes. Out: what stands first in them. Always: a step that does not fit gives `None`.

use super::numbers::number;
use super::parts::Time;
use super::zones;

/// Reads from the front of a date.
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

impl Cursor<'_> {
    pub(super) fn any(&mut self, of: &[u8]) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        of.contains(&first).then(|| {
            self.rest = rest;
            first
        })
    }

    pub(super) fn exact(&mut self, byte: u8) -> Option<u8> {
        self.any(&[byte])
    }

    pub(super) fn spaces(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Exactly `count` digits, as a number.
    pub(super) fn fixed(&mut self, count: usize) -> Option<i16> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        let n = number(std::str::from_utf8(head).ok()?)?;
        self.rest = rest;
        Some(n)
    }

    /// `08:15`, `08:15:00`, `08:15:00.123`, `081500`, `0815`.
    pub(super) fn clock(&mut self) -> Option<Time> {
        let mut t = Time {
            hour: self.fixed(2)? as i8,
            ..Time::default()
        };
        let colon = self.any(b":.").is_some();
        t.minute = self.fixed(2)? as i8;
        let more = if colon {
            self.exact(b':').is_some()
        } else {
            self.rest.first().is_some_and(u8::is_ascii_digit)
        };
        if more {
            t.second = self.fixed(2)? as i8;
            if self.any(b".,").is_some() {
                (t.nanos, t.digits) = self.fraction()?;
            }
        }
        Some(t)
    }

    fn fraction(&mut self) -> Option<(i32, usize)> {
        let count = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        let kept = digits.get(..count.min(9))?;
        let value: i32 = std::str::from_utf8(kept).ok()?.parse().ok()?;
        Some((value * 10_i32.pow(9 - kept.len() as u32), kept.len()))
    }

    /// Minutes east of UTC; `None` is a zone that cannot be read.
    pub(super) fn zone(&mut self) -> Option<i32> {
        if let Some(sign) = self.any(b"+-") {
            let hours = i32::from(self.fixed(2)?);
            self.any(b":");
            let minutes = if self.rest.is_empty() {
                0
            } else {
                i32::from(self.fixed(2)?)
            };
            let offset = zones::offset(sign == b'-', hours, minutes)?;
            // A zone's name may follow in brackets: `[UTC]`, `(CET)`.
            self.spaces();
            if matches!(self.rest.first(), Some(b'[' | b'(')) {
                self.rest = b"";
            }
            return Some(offset);
        }
        let name = std::str::from_utf8(self.rest).ok()?.trim();
        self.rest = b"";
        zones::named(name)
    }
}
