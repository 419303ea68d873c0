//! What was read of a date → the date.
//!
//! In: numbers. Out: a [`Date`]. Always: what the calendar does not know is none, nor what tools write for "no date".

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::Date;

/// Years outside are what tools write for "no date" (`0001-01-01`, `9999-12-31`) or garbage.
pub(super) const YEARS: std::ops::RangeInclusive<i16> = 1500..=2200;

/// What was read, before it is checked against the calendar.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) year: i16,
    pub(super) month: i8,
    pub(super) day: i8,
    pub(super) time: Option<Time>,
    /// Minutes east of UTC.
    pub(super) zone: Option<i32>,
}

/// A time of the day.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Time {
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    /// Nanoseconds, and with how many digits they were written.
    pub(super) nanos: i32,
    pub(super) digits: usize,
}

impl Parts {
    pub(super) fn into_date(self) -> Option<Date> {
        if !YEARS.contains(&self.year) {
            return None;
        }
        let midnight = self
            .time
            .is_none_or(|t| t.hour == 0 && t.minute == 0 && t.second == 0 && t.nanos == 0);
        // A midnight without a zone is how a bare day looks after it went through a date-time type.
        let time = self.time.filter(|_| !midnight || self.zone.is_some());
        // A second that is put in now and then is the sixtieth; with one more the time is none.
        let time = time.filter(|time| time.second <= 60);
        let t = time.unwrap_or_default();
        let second = t.second.min(59);
        let civil = DateTime::new(self.year, self.month, self.day, t.hour, t.minute, second, t.nanos).ok()?;
        let minutes = if time.is_some() { self.zone.unwrap_or(0) } else { 0 };
        let instant = Offset::from_seconds(minutes * 60).ok()?.to_timestamp(civil).ok()?;
        let millis = instant.as_millisecond();
        let epoch_zero = millis == 0;
        if epoch_zero {
            return None;
        }
        let mut text = String::with_capacity(LONG_TIME_BYTES);
        push_digits(&mut text, self.year.unsigned_abs().into(), 4);
        for part in [self.month, self.day] {
            text.push('-');
            push_digits(&mut text, part.unsigned_abs().into(), 2);
        }
        if time.is_some() {
            write_time(&mut text, &t, self.zone);
        }
        Some(Date { text, millis })
    }
}

/// `2031-03-12T09:30:00.000000000+05:30`.
const LONG_TIME_BYTES: usize = 35;

fn write_time(text: &mut String, t: &Time, zone: Option<i32>) {
    for (mark, part) in [('T', t.hour), (':', t.minute), (':', t.second.min(59))] {
        text.push(mark);
        push_digits(text, part.unsigned_abs().into(), 2);
    }
    if t.digits > 0 {
        text.push('.');
        let end = text.len() + t.digits;
        push_digits(text, t.nanos.unsigned_abs(), 9);
        text.truncate(end);
    }
    match zone {
        None => {}
        Some(0) => text.push('Z'),
        Some(m) => {
            text.push(if m < 0 { '-' } else { '+' });
            push_digits(text, m.unsigned_abs() / 60, 2);
            text.push(':');
            push_digits(text, m.unsigned_abs() % 60, 2);
        }
    }
}

/// A number in so many digits: a date is written for each record, and the standard formatting takes as long as reading it.
fn push_digits(text: &mut String, number: u32, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        text.push(char::from(b'0' + digit as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn a_midnight_without_a_zone_is_a_bare_day() {
        check("2024-03-05T00:00:00", "2024-03-05");
        check("2024-03-05T00:00:00Z", "2024-03-05T00:00:00Z");
    }
}
