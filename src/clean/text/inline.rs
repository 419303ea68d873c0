//! Furniture between two stretches of prose → known by what stands around it.
//!
//! In: for each line what it is by itself. Out: for each, whether it is part of a run of furniture within the article: a label of links with the
//! headlines it leads to, a call to take the newsletter, a share bar, who took a picture. Always: such a run has a sentence right before it and one right
//! behind it that no headline follows, as it does teasers; linear in the lines.
//!
//! A net that meets such a run late in a text takes it for the end of the article, and what follows for teasers of others.

use super::phrases::{CREDIT, Hits, KINDS, RELATED};

/// The places of these among [`KINDS`].
const SHARE: usize = 0;
const NEWSLETTER: usize = 2;

/// Lines of a run at most: the buttons of a share bar, or a label and some headlines.
const RUN_MAX: usize = 8;
/// Headlines behind a label at most: a longer list may be all that follows the article.
const HEADLINES_MAX: usize = 3;
/// Phrases cover this share of a line that they name: a label nearly all of it, a call most.
const LABEL_SHARE: (usize, usize) = (4, 5);
const CALL_SHARE: (usize, usize) = (3, 5);
/// They cover no more than this of prose.
const PROSE_SHARE: (usize, usize) = (1, 10);
/// A line of more bytes names no photographer alone.
const CREDIT_BYTES_MAX: usize = 80;

/// What is asked of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Phrases of this kind are nearly all of it.
    Named(usize),
    /// It reads as prose, and phrases are little of it.
    Sentence,
    /// It ends without a stop.
    Headline,
    Other,
}

/// The kind of phrase that names a line of this length, in bytes.
pub(super) fn named(hits: &Hits, length: usize) -> Option<usize> {
    let covers = |kind: &usize| {
        let (part, whole) = if matches!(*kind, NEWSLETTER | CREDIT) {
            CALL_SHARE
        } else {
            LABEL_SHARE
        };
        usize::from(hits.bytes[*kind]) * whole >= length * part
    };
    (0..KINDS.len()).find(covers)
}

/// Whether phrases are so little of a sentence of this length, in bytes, that it may well be prose: "home" is navigation, and what a report is about.
pub(super) fn says_little(hits: &Hits, length: usize) -> bool {
    let (part, whole) = PROSE_SHARE;
    hits.bytes.iter().map(|bytes| usize::from(*bytes)).sum::<usize>() * whole <= length * part
}

/// Whether a line without a stop names who took a picture: "Photo: Ana Duarte / Coastal Press". A subhead may begin with such a word ("Video
/// games"), but has no mark in it.
pub(super) fn is_credit(line: &str, hits: &Hits) -> bool {
    hits.begins.map(usize::from) == Some(CREDIT)
        && line.len() <= CREDIT_BYTES_MAX
        && line.contains([':', '：', '/', '|', '©'])
}

/// Why each of the lines goes, or `None`.
pub(super) fn find(lines: &[Seen]) -> Vec<Option<&'static str>> {
    let mut reasons = vec![None; lines.len()];
    let mut place = 1;
    while place < lines.len() {
        let is_behind_prose = lines[place - 1] == Seen::Sentence;
        let Some((length, kind)) = run(lines.get(place..).unwrap_or_default()).filter(|_| is_behind_prose) else {
            place += 1;
            continue;
        };
        let behind = lines.get(place + length..).unwrap_or_default();
        if goes_on(behind) {
            reasons[place..place + length].fill(Some(KINDS[kind]));
        }
        place += length;
    }
    reasons
}

/// Whether these lines go on as an article does: with sentences that no headlines stand between, as they do between teasers.
fn goes_on(lines: &[Seen]) -> bool {
    match lines {
        [Seen::Sentence, Seen::Sentence, ..] | [Seen::Sentence] => true,
        [Seen::Sentence, next, ..] => matches!(next, Seen::Named(_)),
        _ => false,
    }
}

/// The lines of the run that these begin with, and what kind it is of.
fn run(lines: &[Seen]) -> Option<(usize, usize)> {
    let is_label = |line: &&Seen| matches!(line, Seen::Named(SHARE | NEWSLETTER | RELATED | CREDIT));
    let labels = lines.iter().take(RUN_MAX).take_while(is_label).count();
    let Seen::Named(kind) = *lines.get(labels.checked_sub(1)?)? else {
        return None;
    };
    let headlines = if kind == RELATED {
        let behind = lines.iter().skip(labels).take(HEADLINES_MAX + 1);
        behind.take_while(|line| **line == Seen::Headline).count()
    } else {
        0
    };
    (headlines <= HEADLINES_MAX).then_some((labels + headlines, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter a line: `s`entence, `r`elated, `n`ewsletter, `b`utton, `c`redit, `h`eadline, `.` other.
    fn check(lines: &str, expected: &str) {
        let seen: Vec<Seen> = lines
            .chars()
            .map(|c| match c {
                's' => Seen::Sentence,
                'r' => Seen::Named(RELATED),
                'n' => Seen::Named(NEWSLETTER),
                'b' => Seen::Named(SHARE),
                'c' => Seen::Named(CREDIT),
                'h' => Seen::Headline,
                _ => Seen::Other,
            })
            .collect();
        let found: String = find(&seen)
            .iter()
            .map(|reason| if reason.is_some() { '#' } else { '-' })
            .collect();
        assert_eq!(found, expected, "{lines}");
    }

    #[test]
    fn what_stands_between_sentences_is_no_end() {
        check("ssrhss", "--##--");
        check("snss", "-#--");
        check("sbbbss", "-###--");
        check("srhhhss", "-####--");
        check("snssrhssb", "-#--##---");
        check("ssrhs", "--##-");
        check("ssnsrhh", "--#----");
        check("scscss", "-#-#--");
    }

    #[test]
    fn what_may_be_the_end_is_left_to_the_net() {
        check("ssrhshs", "-------");
        check("ssrhhhhss", "---------");
        check("hbss", "----");
        check("s.nss", "-----");
        check("snhss", "-----");
        check("", "");
    }
}
