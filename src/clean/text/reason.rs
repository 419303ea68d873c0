//! Why a line is no part of the article, as a stable word.
//!
//! In: the lines judged, and which of them stay. Out: a word for each that goes, in order. Always: says nothing on whether a line
//! goes; the phrases a line holds come first, then its shape, then where it stands.

use super::lines::Line;
use super::phrases::{Hits, KINDS};
use super::shapes::{Shape, Shapes};

/// Phrases must cover this share of a line to name its reason: one in 8 bytes.
const PHRASE_SHARE: usize = 8;

/// The words for the lines of `kept` that `keep` lets go.
pub(super) fn of(lines: &[Line], shapes: &Shapes, hits: &[Hits], kept: &[u32], keep: &[bool]) -> Vec<&'static str> {
    let first = keep.iter().position(|k| *k).unwrap_or(keep.len());
    let last = keep.iter().rposition(|k| *k).unwrap_or(0);
    let mut last_reason = "navigation";
    kept.iter()
        .zip(keep)
        .enumerate()
        .filter(|(_, (_, keep))| !**keep)
        .map(|(place, (&index, _))| {
            let index = index as usize;
            let (line, shape) = (&lines[index], &shapes.lines[index]);
            let stands = if place < first {
                Stands::Before
            } else if place > last {
                Stands::Behind
            } else {
                Stands::Within
            };
            let reason = by_phrase(&hits[index], line.end - line.start)
                .or_else(|| by_shape(shape))
                .unwrap_or_else(|| by_place(shape, stands, last_reason));
            last_reason = reason;
            reason
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Before,
    Within,
    Behind,
}

/// The kind of phrase that covers most of the line.
pub(super) fn by_phrase(hits: &Hits, length: usize) -> Option<&'static str> {
    let (kind, &bytes) = hits
        .bytes
        .iter()
        .enumerate()
        .max_by_key(|(kind, bytes)| (**bytes, usize::MAX - kind))?;
    (bytes > 0 && usize::from(bytes) * PHRASE_SHARE >= length).then(|| KINDS[kind])
}

fn by_shape(shape: &Shape) -> Option<&'static str> {
    if shape.holds_copyright() {
        Some("footer")
    } else if shape.is_date() {
        Some("date")
    } else {
        None
    }
}

fn by_place(shape: &Shape, stands: Stands, last_reason: &'static str) -> &'static str {
    match stands {
        Stands::Before if shape.units >= 4.0 => "title",
        Stands::Within if shape.units >= 4.0 => "caption",
        Stands::Behind if shape.units >= 4.0 => "related",
        Stands::Behind if matches!(last_reason, "tags" | "related" | "share" | "comments") => last_reason,
        _ => "navigation",
    }
}
