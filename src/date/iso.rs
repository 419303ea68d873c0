//! Dates that begin with the year: ISO 8601 and its relatives.

use super::cursor::Cursor;
use super::parts::Parts;

/// `2019-11-20`, `2019-11-20T08:15:00.123+01:00`, `2019-11-20 08:15 UTC`, `20191120T081500Z`, `2019/11/20 08:15`.
pub(super) fn read(raw: &str) -> Option<Parts> {
    let mut c = Cursor { rest: raw.as_bytes() };
    let year = c.fixed(4)?;
    let separator = c.any(b"-/.");
    let month = c.fixed(2)? as i8;
    if separator.is_some() {
        c.exact(separator?)?;
    }
    let day = c.fixed(2)? as i8;
    let mut parts = Parts {
        year,
        month,
        day,
        ..Parts::default()
    };
    if c.rest.is_empty() {
        return Some(parts);
    }
    c.any(b"Tt ,_")?;
    c.spaces();
    parts.time = Some(c.clock()?);
    c.spaces();
    if !c.rest.is_empty() {
        parts.zone = Some(c.zone()?);
    }
    c.rest.is_empty().then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn iso_and_its_relatives_are_read() {
        check("2024-03-05T07:08:09Z", "2024-03-05T07:08:09Z");
        check("2024-03-05T07:08:09+00:00", "2024-03-05T07:08:09Z");
        check("2024-03-05T07:08:09.018+03:00", "2024-03-05T07:08:09.018+03:00");
        check("2024-03-05T07:08:09-0530", "2024-03-05T07:08:09-05:30");
        check("2024-03-05T07:08:09+02", "2024-03-05T07:08:09+02:00");
        check("2024-03-05 07:08:09 UTC", "2024-03-05T07:08:09Z");
        check("2024-03-05 07:08", "2024-03-05T07:08:00");
        check("20240305T070809Z", "2024-03-05T07:08:09Z");
        check("20240305070809", "2024-03-05T07:08:09");
        check("20240305", "2024-03-05");
        check("2024/03/05", "2024-03-05");
        check("2024.03.05", "2024-03-05");
        check("2024-03-05T07:08:09.123456789012Z", "2024-03-05T07:08:09.123456789Z");
        check("2024-03-05T07:08:60Z", "2024-03-05T07:08:59Z");
        check("2024-03-05T07:08:61Z", "2024-03-05");
        // No zone is such: the time is one without.
        check("2024-03-05T07:08:09+05:99", "2024-03-05T07:08:09");
        check("2024-03-05T07:08:09+16:00", "2024-03-05T07:08:09");
        check("2024-03-05T07:08:09+01:00[Europe/Paris]", "2024-03-05T07:08:09+01:00");
    }
}
