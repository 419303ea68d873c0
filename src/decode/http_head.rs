//! The head of an HTTP answer, which some dumps keep in front of the page.
//!
//! In: a body. Out: the body without it, or why the answer is none. Always: a text that only begins like one is left alone; linear.

use super::{form, reject};
use crate::article::{Body, Reject};
use crate::places::{Places, Shifts};

/// Take the head away: a status line, lines of `name: value`, and an empty line.
pub(super) fn take_away(body: &mut Body, places: &mut Places) -> Result<(), Reject> {
    let (Body::Html(text) | Body::Text(text)) = body else {
        return Ok(());
    };
    if !text.starts_with("HTTP/") {
        return Ok(());
    }
    let ends = ["\r\n\r\n", "\n\n"].map(|end| text.find(end).map(|at| (at, at + end.len())));
    let Some((head, page)) = ends.into_iter().flatten().min() else {
        return Ok(());
    };
    let mut lines = text[..head].lines();
    let Some(status) = lines.next().and_then(status_of) else {
        return Ok(());
    };
    let is_header = |line: &str| line.split_once(':').is_some_and(|(name, _)| !name.contains(' '));
    if !lines.next().is_some_and(is_header) || !lines.all(is_header) {
        return Ok(());
    }
    if let 400..=599 = status {
        return Err(reject(
            "fetch-failed",
            format!("the page was answered with status {status}"),
        ));
    }
    let mut shifts = Shifts::default();
    shifts.at(0, page);
    places.push(shifts);
    let page = text[page..].to_owned();
    *body = if page.trim().is_empty() {
        Body::None
    } else if form::is_html(&page) {
        Body::Html(page)
    } else {
        Body::Text(page)
    };
    Ok(())
}

/// The status that a line like `HTTP/1.1 200 OK` tells.
fn status_of(line: &str) -> Option<u16> {
    let (version, rest) = line.strip_prefix("HTTP/")?.split_once(' ')?;
    let status = rest.split(' ').next().filter(|status| status.len() == 3)?;
    let is_version = version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    status
        .parse()
        .ok()
        .filter(|status| is_version && (100..600).contains(status))
}
