//! Furniture between two stretches of prose → known by what stands around it.
//!
//! In: for each line what it is by itself. Out: for each, whether it is part of a run of furniture within the article: a label of links with the
//! headlines it leads to, a call to take the newsletter, a share bar, who took a picture. Always: such a run has a sentence right before it and one right
//! behind it that no headline follows, as it does teasers; linear in the lines.
//!
//! A net that meets such a run late in a text takes it for the end of the article, and what follows for teasers of others.

use std::ops::RangeInclusive;

use super::phrases::{CREDIT, Hits, KINDS, NEWSLETTER, RELATED, SHARE};
use super::shapes::Shape;

/// Lines of a run at most: the buttons of a share bar, or a label and some headlines.
const RUN_MAX: usize = 12;
/// Headlines behind a label at most: a longer list may be all that follows the article.
const HEADLINES_MAX: usize = 3;
/// Phrases cover this share of a line that they name: a label nearly all of it, a call most.
const LABEL_SHARE: (usize, usize) = (4, 5);
const CALL_SHARE: (usize, usize) = (3, 5);
/// They cover no more than this of prose: "home" is navigation, and what a report is about.
const PROSE_SHARE: (usize, usize) = (1, 4);
/// A line of more bytes is no caption with the name of a photographer.
const CREDIT_BYTES_MAX: usize = 240;
/// Words of a photographer's name, and of an agency's.
const NAME_WORDS: RangeInclusive<usize> = 2..=4;
const AGENCY_WORDS: RangeInclusive<usize> = 1..=3;
/// Words of a button's label at most ("Messenger", "Copy link").
const BUTTON_WORDS_MAX: f32 = 2.0;
/// Bytes of a count or a time beside buttons at most ("1.2k shares", "2:31").
const COUNT_BYTES_MAX: usize = 12;
/// Words of a caption at least that has its credit on the next line: a subhead has fewer.
const CAPTION_WORDS_MIN: f32 = 7.0;

/// What is asked of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Phrases of this kind are nearly all of it.
    Named(usize),
    /// It reads as prose, and phrases are little of it.
    Sentence,
    /// A sentence of a few words.
    Short,
    /// A word or two without a stop: a button that no phrase knows, or a subhead.
    Word,
    /// A count, a time or "X": beside buttons it is one.
    Count,
    /// It ends without a stop, and is long enough for a caption.
    Caption,
    /// It ends without a stop.
    Headline,
    Other,
}

/// What a line is by itself.
pub(super) fn seen(line: &str, shape: &Shape, hits: &Hits) -> Seen {
    let covered = hits.covered();
    let (part, whole) = PROSE_SHARE;
    let says_little = covered * whole <= line.len() * part;
    if let Some(kind) = named(hits, line.len()) {
        Seen::Named(kind)
    } else if shape.is_sentence() && says_little {
        Seen::Sentence
    } else if shape.ends_with_stop() {
        if covered == 0 { Seen::Short } else { Seen::Other }
    } else if is_credit(line, hits) {
        Seen::Named(CREDIT)
    } else if is_count(line) {
        Seen::Count
    } else if shape.units <= BUTTON_WORDS_MAX {
        Seen::Word
    } else if shape.units >= CAPTION_WORDS_MIN {
        Seen::Caption
    } else {
        Seen::Headline
    }
}

/// The kind of phrase that names a line of this length, in bytes.
fn named(hits: &Hits, length: usize) -> Option<usize> {
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

/// Whether a line without a stop names who took a picture, behind the caption or alone: "The old locks | Photo: Ana Duarte / Coastal Press". A
/// subhead may hold such a word ("Video games"), but no mark beside it; a colon at the end announces what follows ("Here is a picture of it:").
fn is_credit(line: &str, hits: &Hits) -> bool {
    let has_word = || hits.bytes[CREDIT] > 0 && line.trim_end_matches([':', '：']).contains([':', '：', '/', '|', '©']);
    line.len() <= CREDIT_BYTES_MAX && (has_word() || ends_with_agency(line))
}

/// Whether a line ends with a name and whose picture it is: "The old locks. (Ana Duarte/Coastal Press)".
fn ends_with_agency(line: &str) -> bool {
    let Some((before, agency)) = line.trim_end_matches([')', ']']).rsplit_once('/') else {
        return false;
    };
    let name = before.rsplit(['.', '(', '[', '|', '—', '–']).next().unwrap_or_default();
    let are_names = |words: &str, count: RangeInclusive<usize>| {
        let is_name = |word: &str| word.starts_with(char::is_uppercase);
        count.contains(&words.split_whitespace().count()) && words.split_whitespace().all(is_name)
    };
    are_names(name, NAME_WORDS) && are_names(agency, AGENCY_WORDS)
}

fn is_count(line: &str) -> bool {
    line == "X" || line.len() <= COUNT_BYTES_MAX && line.starts_with(|c: char| c.is_ascii_digit())
}

/// Why each of the lines goes, or `None`.
pub(super) fn find(lines: &[Seen]) -> Vec<Option<&'static str>> {
    let mut reasons = vec![None; lines.len()];
    let mut place = 1;
    while place < lines.len() {
        let is_behind_prose = is_prose(lines[place - 1]);
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

fn is_prose(line: Seen) -> bool {
    matches!(line, Seen::Sentence | Seen::Short)
}

/// Whether these lines go on as an article does: with sentences that no headlines stand between, as they do between teasers.
fn goes_on(lines: &[Seen]) -> bool {
    match *lines {
        [Seen::Sentence] => true,
        [Seen::Sentence, next, ..] => is_prose(next) || matches!(next, Seen::Named(_)),
        [Seen::Short, next, ..] => next == Seen::Sentence,
        _ => false,
    }
}

/// The lines of the run that these begin with, and what kind it is of.
fn run(lines: &[Seen]) -> Option<(usize, usize)> {
    if let [Seen::Caption, Seen::Named(CREDIT), ..] = lines {
        return Some((2, CREDIT));
    }
    let (labels, kind) = labels(lines)?;
    let headlines = if kind == RELATED {
        let behind = lines.iter().skip(labels).take(HEADLINES_MAX + 1);
        let is_headline = |line: &&Seen| matches!(line, Seen::Headline | Seen::Caption | Seen::Word | Seen::Count);
        behind.take_while(is_headline).count()
    } else {
        0
    };
    (headlines <= HEADLINES_MAX).then_some((labels + headlines, kind))
}

/// The lines of labels and buttons that these begin with, and the kind of the last: unknown words only between buttons that are known, counts
/// beside them.
fn labels(lines: &[Seen]) -> Option<(usize, usize)> {
    let (mut end, mut last) = (0, None);
    for (place, line) in lines.iter().take(RUN_MAX).enumerate() {
        match *line {
            Seen::Named(kind @ (SHARE | NEWSLETTER | RELATED | CREDIT)) => (end, last) = (place + 1, Some(kind)),
            Seen::Count if end == place => end += usize::from(last.is_none_or(|kind| kind == SHARE)),
            Seen::Word if last == Some(SHARE) && end == place => {}
            _ => break,
        }
    }
    last.map(|kind| (end, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter a line: `s`entence, `r`elated, `n`ewsletter, `b`utton, `w`ord, `x` for a count or "X", `c`redit,
    /// `l`ong line without a stop, `h`eadline, shor`t` sentence, `.` other.
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
                'w' => Seen::Word,
                'x' => Seen::Count,
                'l' => Seen::Caption,
                't' => Seen::Short,
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
    fn a_caption_that_ends_with_a_name_and_an_agency_is_a_credit() {
        let check = |line: &str, expected: bool| assert_eq!(ends_with_agency(line), expected, "{line}");
        check("The old locks in the rain. (Ana Duarte/Coastal Press)", true);
        check("The old locks in the rain | Ana Duarte/CoastPictures", true);
        check("The old locks in the rain [Ana de Duarte/Coastal]", false);
        check("Ana Duarte/Coastal Press", true);
        check("The locks will be open 24/7", false);
        check("A job for a captain and/or a pilot", false);
        check("The new terms of Gull/Tern", false);
        check("https://gull.example/News", false);
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
        check("sbxbss", "-###--");
        check("sxbss", "-##--");
        check("sbwbs", "-###-");
        check("slcss", "-##--");
        check("trhst", "-##--");
        check("sbts", "-#--");
    }

    #[test]
    fn what_may_be_the_end_is_left_to_the_net() {
        check("ssrhshs", "-------");
        check("ssrhhhhss", "---------");
        check("hbss", "----");
        check("s.nss", "-----");
        check("snhss", "-----");
        check("sbwss", "-----");
        check("swss", "----");
        check("slss", "----");
        check("sbt", "---");
        check("", "");
    }
}
