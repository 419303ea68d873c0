//! A text that was decoded → where its bytes stood before.
//!
//! In: where pieces were left out or replaced (character references, tags, NUL characters). Out: for a span of the one text that of the other. Always:
//! order is kept; a text that was taken as it is costs nothing.

use std::ops::Range;

/// From this place of a decoded text on, up to the next, bytes stand as they stood in the source from that place on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shift {
    decoded: usize,
    source: usize,
}

/// What one step left out or replaced, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shifts(Vec<Shift>);

impl Shifts {
    /// What is written from `decoded` on stood from `source` on.
    pub(crate) fn at(&mut self, decoded: usize, source: usize) {
        let last = self.0.last().copied().unwrap_or(Shift { decoded: 0, source: 0 });
        if source - last.source == decoded - last.decoded {
            return;
        }
        if last.decoded == decoded {
            self.0.pop();
        }
        self.0.push(Shift { decoded, source });
    }

    fn to(&self, place: usize, from: impl Fn(&Shift) -> usize, to: impl Fn(&Shift) -> usize) -> usize {
        let next = self.0.partition_point(|shift| from(shift) <= place);
        let last = next.checked_sub(1).and_then(|last| self.0.get(last));
        let moved = last.map_or(place, |last| to(last) + (place - from(last)));
        // Within a piece that was left out there is no other place than its edge.
        self.0.get(next).map_or(moved, |next| moved.min(to(next)))
    }
}

/// Where the bytes of a body stood in the string that the record holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(Vec<Shifts>);

impl Places {
    /// One more step was taken, on what the others had made.
    pub(crate) fn push(&mut self, step: Shifts) {
        if !step.0.is_empty() {
            self.0.push(step);
        }
    }

    /// Whether the body is that string, byte for byte.
    pub fn are_own(&self) -> bool {
        self.0.is_empty()
    }

    /// The span of the record's string that a span of the body was read from.
    pub fn in_source(&self, span: Range<usize>) -> Range<usize> {
        let place = |place| {
            let steps = self.0.iter().rev();
            steps.fold(place, |place, step| step.to(place, |s| s.decoded, |s| s.source))
        };
        place(span.start)..place(span.end)
    }

    /// The span of the body that was read from a span of the record's string.
    pub fn in_body(&self, span: Range<usize>) -> Range<usize> {
        let place = |place| {
            let steps = self.0.iter();
            steps.fold(place, |place, step| step.to(place, |s| s.source, |s| s.decoded))
        };
        place(span.start)..place(span.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a<b>c</b>d&amp;e`, without its tags, then without its reference: `acd&e`.
    fn two_steps() -> Places {
        let (mut tags, mut references) = (Shifts::default(), Shifts::default());
        tags.at(0, 0);
        tags.at(1, 4);
        tags.at(2, 9);
        references.at(3, 3);
        references.at(4, 8);
        let mut places = Places::default();
        places.push(tags);
        places.push(references);
        places.push(Shifts::default());
        places
    }

    #[test]
    fn spans_are_found_in_the_source() {
        let (source, body) = ("a<b>c</b>d&amp;e", "acd&e");
        let check = |piece: &str, expected: &str| {
            let start = body.find(piece).unwrap();
            let span = two_steps().in_source(start..start + piece.len());
            assert_eq!(&source[span.clone()], expected);
            assert_eq!(two_steps().in_body(span), start..start + piece.len());
        };
        check("a", "a<b>");
        check("c", "c</b>");
        check("d", "d");
        check("&", "&amp;");
        check("e", "e");
        check("cd&", "c</b>d&amp;");
    }

    #[test]
    fn what_was_taken_as_it_is_has_its_own_places() {
        assert_eq!(Places::default().in_source(3..7), 3..7);
        assert_eq!(Places::default().in_body(3..7), 3..7);
    }
}
