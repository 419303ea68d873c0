//! An article's text → its lines as the memory of sites sees them, and the text without some of them.
//!
//! In: a clean text, and where its lines stand in the input. Out: a hash for each line; the text without some of them. Always: a line that
//! is too short to be told from a name stays.

use std::collections::BTreeSet;
use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::article::Removed;
use crate::dedupe::{address_key, site_key, text_key};

/// Bytes of a line that can be told from a heading or a name: shorter ones always stay.
const LINE_BYTES_MIN: usize = 24;

/// Why a line went that most pages of its site carry.
const REASON: &str = "site";

/// An article's lines, and whose page it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePage {
    /// Hash of the outlet.
    pub(super) site: u32,
    /// Hash of the page's address, or of its id; 0 where it has neither.
    pub(super) address: u64,
    /// All lines of the text.
    pub(super) lines: Vec<Line>,
    /// Where each line stands in the input, an empty place for one that has none by itself; none at all where that is not known.
    places: Vec<Range<usize>>,
}

/// A line as the memory sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Hash of its characters; 0 for a line that always stays.
    pub(super) hash: u32,
    pub(super) bytes: u32,
}

impl SitePage {
    /// The lines of a text that was cleaned, with their `places` in the input. `None` where nothing tells the site.
    pub fn of(
        text: &str,
        places: Vec<Range<usize>>,
        site: Option<&str>,
        url: Option<&str>,
        id: Option<&str>,
    ) -> Option<Self> {
        let site = Some(site_key(site, url)).filter(|key| *key != 0)?;
        let mut lines: Vec<Line> = text.split('\n').map(Line::of).collect();
        let places = if places.len() == lines.len() {
            places
        } else {
            Vec::new()
        };
        // Of what has no place by itself, as a line of a poem, nothing goes.
        for (line, _) in lines.iter_mut().zip(&places).filter(|(_, place)| place.is_empty()) {
            line.hash = 0;
        }
        Some(Self {
            site,
            address: [url.map(address_key), id.map(text_key)]
                .into_iter()
                .flatten()
                .find(|key| *key != 0)
                .unwrap_or(0),
            places,
            lines,
        })
    }

    /// The text without the lines of these hashes, and with them the spans that went.
    pub fn leave_out(&self, gone: &[u32], text: &str, removed: &[Removed]) -> (String, Vec<Removed>) {
        let gone: BTreeSet<u32> = gone.iter().copied().collect();
        let goes = |line: &Line| line.hash != 0 && gone.contains(&line.hash);
        let lines = text.split('\n').zip(&self.lines);
        let kept: Vec<&str> = lines.filter(|(_, line)| !goes(line)).map(|(text, _)| text).collect();
        let places = self.lines.iter().zip(&self.places);
        let went: Vec<&Range<usize>> = places.filter(|(line, _)| goes(line)).map(|(_, place)| place).collect();
        // What had gone from within such a line goes with it.
        let is_within = |removed: &Removed| {
            let behind = went.partition_point(|place| place.start <= removed.start);
            went[..behind].last().is_some_and(|place| removed.end <= place.end)
        };
        let mut spans: Vec<Removed> = removed.iter().filter(|removed| !is_within(removed)).cloned().collect();
        spans.extend(went.iter().map(|place| Removed {
            reason: REASON,
            start: place.start,
            end: place.end,
        }));
        spans.sort_by_key(|removed| removed.start);
        (kept.join("\n"), spans)
    }
}

impl Line {
    fn of(text: &str) -> Self {
        let hash = if text.len() < LINE_BYTES_MIN {
            0
        } else {
            ((xxh3_64(text.as_bytes()) >> 32) as u32).max(1)
        };
        Self {
            hash,
            bytes: text.len() as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_with_their_places_and_what_had_gone_from_within_them() {
        let lines = [
            "The first line of an article.",
            "short",
            "What the outlet says of itself.",
            "The last line of it all.",
        ];
        let text = lines.join("\n");
        let places = vec![0..29, 40..45, 50..90, 100..124];
        let page = SitePage::of(&text, places, Some("The Gull"), None, None).unwrap();
        let span = |reason, start, end| Removed { reason, start, end };
        let removed = [
            span("title", 30, 38),
            span("newsletter", 60, 70),
            span("footer", 130, 140),
        ];
        let gone = [Line::of(lines[2]).hash];
        let (left, spans) = page.leave_out(&gone, &text, &removed);
        assert_eq!(left, [lines[0], lines[1], lines[3]].join("\n"));
        assert_eq!(
            spans,
            [span("title", 30, 38), span(REASON, 50, 90), span("footer", 130, 140)]
        );
        assert_eq!(page.leave_out(&[], &text, &removed), (text.clone(), removed.to_vec()));
        assert_eq!(page.lines[1].hash, 0, "a short line always stays");
        // Where the places are not known, the spans before are told as they were.
        let page = SitePage::of(&text, Vec::new(), None, Some("https://gull.example/a"), None).unwrap();
        assert_eq!(page.leave_out(&gone, &text, &removed).1, removed);
    }

    #[test]
    fn a_page_of_no_site_is_none() {
        assert_eq!(SitePage::of("Words.", Vec::new(), None, None, Some("7")), None);
        let at = |url| SitePage::of("Words.", Vec::new(), None, Some(url), None).unwrap();
        let (one, other) = (
            at("https://www.gull.example/a?utm_source=x"),
            at("http://gull.example/a"),
        );
        assert_eq!((one.site, one.address), (other.site, other.address));
        assert_ne!(at("https://gull.example/b").address, one.address);
    }
}
