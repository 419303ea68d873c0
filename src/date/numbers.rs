//! Digits alone → a date: a day, a day and its time, or what passed since the epoch.

use super::parts::{Parts, Time};
use super::{Date, written};

/// A date of digits alone: `20191120`, `20191120081500`, or a number since the epoch.
pub(super) fn read(raw: &str) -> Option<Date> {
    let compact = |with_time: bool| {
        let at = |range| number(raw.get(range)?);
        let mut parts = Parts {
            year: at(0..4)?,
            month: at(4..6)? as i8,
            day: at(6..8)? as i8,
            ..Parts::default()
        };
        if with_time {
            parts.time = Some(Time {
                hour: at(8..10)? as i8,
                minute: at(10..12)? as i8,
                second: at(12..14)? as i8,
                ..Time::default()
            });
        }
        parts.into_date()
    };
    match (raw.matches('.').count(), raw.len()) {
        (0, 8) => compact(false),
        (0, 14) => compact(true),
        (0 | 1, _) => from_epoch(raw.parse().ok()?),
        _ => written::read(raw).and_then(Parts::into_date),
    }
}

/// An instant given as a number since the epoch: seconds, milliseconds, microseconds or nanoseconds, told by its size.
/// Zero and instants before 1990 are what tools write for "no date".
pub fn from_epoch(number: f64) -> Option<Date> {
    let millis = match number {
        n if (631_152_000.0..7_258_118_400.0).contains(&n) => n * 1e3,
        n if (631_152_000e3..7_258_118_400e3).contains(&n) => n,
        n if (631_152_000e6..7_258_118_400e6).contains(&n) => n / 1e3,
        n if (631_152_000e9..7_258_118_400e9).contains(&n) => n / 1e6,
        _ => return None,
    };
    let timestamp = jiff::Timestamp::from_millisecond(millis.round() as i64).ok()?;
    Some(Date {
        text: timestamp.to_string(),
        millis: timestamp.as_millisecond(),
    })
}

/// The number that some digits are.
pub(super) fn number(s: &str) -> Option<i16> {
    s.bytes().all(|b| b.is_ascii_digit()).then(|| s.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::tests::check;

    #[test]
    fn a_number_since_the_epoch_is_read_by_its_size() {
        check("1709622489", "2024-03-05T07:08:09Z");
        check("1709622489000", "2024-03-05T07:08:09Z");
        check("1709622489.25", "2024-03-05T07:08:09.25Z");
        assert_eq!(
            from_epoch(1_709_622_489_000_000.0).map(|d| d.millis),
            Some(1_709_622_489_000)
        );
        assert_eq!(from_epoch(0.0), None);
        assert_eq!(from_epoch(f64::NAN), None);
    }
}
