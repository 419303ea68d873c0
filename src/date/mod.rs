//! Dates as scrapers and pages write them → one form.
//!
//! In: raw text. Out: RFC 3339 (or the bare day). Always: a date that cannot be read is `None`, never guessed from "now" and
//! never from an order of day and month that could be either (where dots part them, the day is first); a zone that was not
//! given is not added.
//!
//! The way of a date: `scripts` gives it the digits of ASCII · `numbers` reads digits alone, `iso` what begins with the year (by `cursor`,
//! a step at a time), `written` all else, in the pieces that `tokens` cuts · `parts` asks the calendar whether there is such a day.
//! `alone` tells whether a text says anything else.
//!
//! To add a month's name see `months`; a zone's, `zones`; a script's digits, `scripts`; a day of the week, `weekdays`; a half of the day, or
//! another word beside a date or a time, `words`.

mod alone;
mod cursor;
mod iso;
mod months;
mod numbers;
mod parts;
mod scripts;
mod tokens;
mod weekdays;
mod words;
mod written;
mod zones;

pub use alone::parse_alone;
pub use numbers::from_epoch;

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use self::parts::Parts;

/// A date that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// RFC 3339 with a zone where one was given, `YYYY-MM-DDTHH:MM:SS` without, `YYYY-MM-DD` for a day.
    pub text: String,
    /// Milliseconds since the epoch; a missing zone is read as UTC, a bare day as its midnight.
    pub millis: i64,
}

impl Date {
    /// The same date, where a time without a zone is known to be UTC.
    #[must_use]
    pub fn or_utc(mut self) -> Self {
        let has_time = self.text.len() > 10;
        if has_time && !self.has_zone() {
            self.text.push('Z');
        }
        self
    }

    /// Whether the zone of the time is known.
    pub fn has_zone(&self) -> bool {
        self.text.ends_with('Z') || self.text.get(19..).is_some_and(|t| t.contains(['+', '-']))
    }
}

/// Most characters of a text that can be a date; longer ones are prose.
const CHARACTERS_MAX: usize = 120;

/// Read a date in any of the forms that scrapers write: ISO 8601 and its relatives, RFC 2822, epoch numbers, English and other
/// month names, year-first and day-first numbers.
pub fn parse(raw: &str) -> Option<Date> {
    let raw = raw.trim();
    if raw.len() < 6 || raw.len() > CHARACTERS_MAX && raw.chars().nth(CHARACTERS_MAX).is_some() {
        return None;
    }
    let composed = if raw.is_ascii() {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(raw.nfc().collect())
    };
    let raw = &*months::in_one_word(scripts::western(&composed));
    // As ASP.NET's JSON writes them; behind the number may stand the zone that it was shown in.
    let raw = raw.strip_prefix("/Date(").map_or(raw, |rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end).unwrap_or(rest)
    });
    if raw.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return numbers::read(raw);
    }
    if counts_weeks(raw) {
        return None;
    }
    iso::read(raw).or_else(|| written::read(raw)).and_then(Parts::into_date)
}

/// Whether it counts weeks, quarters or halves of the year and not months: `2024-W10-2`, `2024-Q3-1`.
fn counts_weeks(raw: &str) -> bool {
    let behind_year = raw.get(4..).unwrap_or_default().trim_start_matches(['-', ' ']);
    let is_year = raw.bytes().take(4).all(|b| b.is_ascii_digit());
    let count = behind_year.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let unit = behind_year.strip_suffix(count).unwrap_or_default();
    is_year && matches!(unit, "W" | "w" | "CW" | "KW" | "Q" | "H") && count.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn check(raw: &str, text: &str) {
        assert_eq!(parse(raw).map(|d| d.text).as_deref(), Some(text), "{raw}");
    }

    pub(super) fn nothing(raw: &str) {
        assert_eq!(parse(raw), None, "{raw}");
    }

    #[test]
    fn a_month_of_croatian_is_not_that_of_another_language() {
        check("15. listopada 2023.", "2023-10-15");
        check("15.listopada 2023.", "2023-10-15");
        check("15. listopad 2023.", "2023-10-15");
        check("15 listopada 2023", "2023-11-15");
        check("15. listopadu 2023", "2023-11-15");
        check("3. lipnja 2024. u 10:20", "2024-06-03T10:20:00");
        check("3 lip 2024", "2024-07-03");
        check("9. studenoga 2024.", "2024-11-09");
    }

    #[test]
    fn weeks_and_quarters_are_no_months() {
        for raw in [
            "2024-W10-2",
            "2024-W12-1",
            "2024W103",
            "2024-CW10-2",
            "2024-Q3-1",
            "2024 H1-2",
        ] {
            nothing(raw);
        }
    }

    #[test]
    fn dates_of_some_json_are_read() {
        check("/Date(1709622489000)/", "2024-03-05T07:08:09Z");
        check("/Date(1709622489000+0100)/", "2024-03-05T07:08:09Z");
    }

    #[test]
    fn letters_and_their_marks_are_one_as_they_are_two() {
        check("5. März 2024", "2024-03-05");
        check("5. Ma\u{308}rz 2024", "2024-03-05");
        check("5 aou\u{302}t 2024", "2024-08-05");
    }

    #[test]
    fn letters_of_several_bytes_are_one_each() {
        check(
            "प्रकाशित: मंगलवार, 17 मार्च 2026 10:15 AM, संवाददाता के द्वारा",
            "2026-03-17T10:15:00",
        );
    }

    #[test]
    fn what_is_no_date_is_nothing() {
        for raw in [
            "",
            "None",
            "null",
            "yesterday",
            "2024",
            "2024-03",
            "2024-13-01",
            "2024-02-30",
            "0001-01-01T00:00:00Z",
            "9999-12-31",
            "0000-00-00 00:00:00",
            "1970-01-01T00:00:00Z",
            "2 hours ago",
            "12345",
            "+-+-+-",
        ] {
            nothing(raw);
        }
    }

    #[test]
    fn an_unknown_zone_is_assumed_only_on_request() {
        assert_eq!(
            parse("2024-03-05 07:08:09").map(|d| d.or_utc().text).as_deref(),
            Some("2024-03-05T07:08:09Z")
        );
        assert_eq!(
            parse("2024-03-05").map(|d| d.or_utc().text).as_deref(),
            Some("2024-03-05")
        );
        assert_eq!(
            parse("2024-03-05T07:08:09-03:00").map(|d| d.or_utc().text).as_deref(),
            Some("2024-03-05T07:08:09-03:00")
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_date_or_nothing(raw in ".{0,60}") {
            let _ = parse(&raw);
        }

        #[test]
        fn a_date_read_again_is_the_same(raw in "[0-9:TZ .+/-]{6,30}|[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} 20[0-9]{2} [0-9]{2}:[0-9]{2}") {
            if let Some(date) = parse(&raw) {
                proptest::prop_assert_eq!(parse(&date.text).map(|d| d.millis), Some(date.millis));
            }
        }
    }
}
