//! Markdown → text, a block a line.
//!
//! In: Markdown as crawlers write it. Out: its text without the marks. Always: every character of the output is in the input, or
//! named by a reference there, in order; line by line, linear.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::decode::entities::decoded;

/// Strip the marks: headings, emphasis, links (their text stays), images, quotes, rules, code fences, boxes of tasks, tags within a line, the
/// addresses that references stand for. Lines that were wrapped are joined.
pub(super) fn strip(markdown: &str) -> String {
    let references: BTreeSet<String> = markdown.lines().filter_map(reference).map(str::to_lowercase).collect();
    let lines = lines(markdown);
    let width = wrapped_at(&lines);
    let mut out = String::with_capacity(markdown.len());
    let mut before = None;
    for &(line, kind) in &lines {
        let plain = (kind == Kind::Plain).then_some(line);
        let before = std::mem::replace(&mut before, plain);
        match kind {
            Kind::Fence => continue,
            Kind::Code => out.push_str(line),
            Kind::Reference | Kind::Rule => {}
            Kind::Plain | Kind::Marked => {
                let room = before.filter(|_| plain.is_some()).zip(width);
                if room.is_some_and(|(before, width)| goes_on(before, line, width)) {
                    out.truncate(out.strip_suffix('\n').map_or(out.len(), str::len));
                    out.push(' ');
                }
                strip_line(opening_off(without_note(line.trim_start())), &references, &mut out);
            }
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

/// What a line is by its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Code begins or ends.
    Fence,
    Code,
    /// It says what a name stands for.
    Reference,
    Rule,
    /// Of a paragraph, without a mark.
    Plain,
    /// A heading, an item, a quote, a table's row, or nothing.
    Marked,
}

/// The lines with what they are.
fn lines(markdown: &str) -> Vec<(&str, Kind)> {
    let mut in_code = false;
    let kind_of = |line: &str| {
        let bare = line.trim_start();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            in_code = !in_code;
            Kind::Fence
        } else if in_code {
            Kind::Code
        } else if reference(line).is_some() {
            Kind::Reference
        } else if is_rule(bare) {
            Kind::Rule
        } else if is_plain(line) {
            Kind::Plain
        } else {
            Kind::Marked
        }
    };
    let kinds = markdown.lines().map(kind_of);
    markdown.lines().zip(kinds).collect()
}

/// A line without the mark of the note that it holds: `[^1]: The note.`
fn without_note(line: &str) -> &str {
    let note = line.strip_prefix("[^").and_then(|rest| rest.split_once("]:"));
    note.filter(|(name, _)| !name.contains([' ', '[', ']']))
        .map_or(line, |(_, rest)| rest.trim_start())
}

/// The name of a reference, where the line says only what it stands for: `[name]: https://…`.
fn reference(line: &str) -> Option<&str> {
    let (name, target) = line.trim_start().strip_prefix('[')?.split_once("]:")?;
    let target = target.trim_start_matches([' ', '\t', '<']);
    let leads = ["http", "www.", "mailto:", "/", "#", "./", "../"]
        .iter()
        .any(|begin| target.starts_with(begin));
    let behind = target.split_once(' ').map_or("", |(_, behind)| behind.trim());
    let is_title = behind.is_empty() || behind.starts_with(['"', '\'', '(']) && behind.ends_with(['"', '\'', ')']);
    (leads && is_title && !name.contains(['[', ']'])).then_some(name)
}

/// Lines shorter than this are not wrapped, and longer than that neither, in characters.
const WRAPPED_MIN: usize = 60;
const WRAPPED_MAX: usize = 120;

/// How long the lines are of a text whose paragraphs were wrapped, in characters; `None` of any other. Nearly all lines that another follows
/// have no room for its first word.
fn wrapped_at(lines: &[(&str, Kind)]) -> Option<usize> {
    const PAIRS_MIN: usize = 3;
    let plain = lines.iter().filter(|(_, kind)| *kind == Kind::Plain);
    let width = plain.map(|(line, _)| line.chars().count()).max()?;
    if !(WRAPPED_MIN..=WRAPPED_MAX).contains(&width) {
        return None;
    }
    let (mut all, mut wrapped) = (0, 0);
    for pair in lines.windows(2) {
        if let [(before, Kind::Plain), (line, Kind::Plain)] = pair {
            all += 1;
            wrapped += usize::from(goes_on(before, line, width));
        }
    }
    (all >= PAIRS_MIN && wrapped * 5 >= all * 4).then_some(width)
}

/// Whether a line that is no rule is of a paragraph, and begins nothing by a mark.
fn is_plain(line: &str) -> bool {
    let begins = |c: char| c.is_alphanumeric() || matches!(c, '"' | '“' | '«' | '„' | '(' | '*' | '_' | '[');
    let marks = ["* ", "> ", "- "];
    let behind_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = behind_number.len() < line.len() && behind_number.starts_with(['.', ')']);
    line.starts_with(begins) && !marks.iter().any(|mark| line.starts_with(mark)) && !is_numbered
}

/// Whether a line goes on where the one before had no room for its first word, and does not end by its own will.
fn goes_on(before: &str, line: &str, width: usize) -> bool {
    let first = line.split(' ').next().unwrap_or_default();
    // Scripts without blanks are wrapped anywhere.
    let is_unspaced = before.ends_with(|c: char| c >= '\u{2e80}');
    let is_ended = is_unspaced || before.ends_with("  ") || before.ends_with('\\');
    !is_ended && before.chars().count() + 1 + first.chars().count() > width
}

/// A line of rule marks only: `---`, `***`, `===`, or a table's second row.
fn is_rule(line: &str) -> bool {
    line.len() >= 3
        && line
            .bytes()
            .all(|b| matches!(b, b'-' | b'*' | b'_' | b'=' | b'|' | b':' | b' '))
}

fn opening_off(line: &str) -> &str {
    let quoted = line.trim_start_matches(['>', ' ']);
    let level = quoted.bytes().take_while(|b| *b == b'#').count();
    if (1..=6).contains(&level) && quoted[level..].starts_with(' ') {
        return quoted[level..].trim().trim_end_matches('#').trim_end();
    }
    match without_mark(quoted, &["- ", "* ", "+ "]) {
        Some(item) => without_mark(item, &["[ ] ", "[x] ", "[X] "]).unwrap_or(item),
        None => quoted,
    }
}

/// What follows the mark that the line begins with, where it is one of these.
fn without_mark<'a>(line: &'a str, marks: &[&str]) -> Option<&'a str> {
    marks.iter().find_map(|mark| line.strip_prefix(mark))
}

/// Tags that stand within lines of Markdown; other words in angle brackets may be meant.
const TAGS: [&str; 22] = [
    "a", "b", "br", "center", "code", "del", "details", "div", "em", "font", "i", "img", "ins", "kbd", "mark", "p",
    "small", "span", "strong", "sub", "summary", "sup",
];

/// The length of `<b>`, `</b>`, `<br/>`, `<span class="x">`, or 0.
fn tag_len(rest: &[u8]) -> usize {
    let inner = rest.get(1..).unwrap_or_default();
    let inner = inner.strip_prefix(b"/").unwrap_or(inner);
    let length = inner
        .iter()
        .take(TAG_BYTES_MAX)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let name = inner.get(..length).unwrap_or_default();
    if !TAGS.iter().any(|tag| tag.as_bytes().eq_ignore_ascii_case(name)) {
        return 0;
    }
    length_to(b'>', b"<", rest)
}

/// The length up to `end`, where it stands before any of `others` and not too far away, or 0. With these, what is looked through is looked through
/// once.
fn length_to(end: u8, others: &[u8], rest: &[u8]) -> usize {
    let mut bytes = rest.iter().take(TARGET_BYTES_MAX).skip(1);
    match bytes.position(|b| *b == end || others.contains(b)) {
        Some(at) if rest.get(at + 1) == Some(&end) => at + 2,
        _ => 0,
    }
}

/// Longest name of those tags, and one byte more.
const TAG_BYTES_MAX: usize = 8;

/// The length of a mark of emphasis, or 0 where blanks stand on both sides: `5 * 3`.
fn stars_len(bytes: &[u8], at: usize) -> usize {
    let blank = |place: Option<usize>| place.and_then(|place| bytes.get(place)).is_some_and(|b| *b == b' ');
    usize::from(!(blank(at.checked_sub(1)) && blank(Some(at + 1))))
}

/// Copy a line without emphasis marks, tags, images and the targets of links, its references as characters; code as it is.
fn strip_line(line: &str, references: &BTreeSet<String>, out: &mut String) {
    let skips = brackets(line, references);
    let mut rest = 0..line.len();
    while let Some((code, behind)) = code_in(line, rest.clone()) {
        strip_words(line, rest.start..code.start.saturating_sub(1), &skips, out);
        out.push_str(line.get(code).unwrap_or_default());
        rest.start = behind;
    }
    strip_words(line, rest, &skips, out);
}

/// The first code within these bytes of a line, and where it goes on behind its mark.
fn code_in(line: &str, within: Range<usize>) -> Option<(Range<usize>, usize)> {
    let bytes = line.as_bytes().get(within.clone())?;
    let open = within.start + memchr::memchr(b'`', bytes)?;
    let close = memchr::memchr(b'`', line.as_bytes().get(open + 1..within.end)?);
    let end = close.map_or(within.end, |length| open + 1 + length);
    Some((open + 1..end, (end + 1).min(within.end)))
}

/// The brackets of links with their targets, and the marks of notes (`[^1]`), in order; brackets that are words stay.
fn brackets(line: &str, references: &BTreeSet<String>) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let (mut open, mut skips, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => open.push(at),
            b']' => {
                if let Some(opened) = open.pop() {
                    let shown = line.get(opened + 1..at).unwrap_or_default();
                    let behind = bytes.get(at + 1..).unwrap_or_default();
                    let target = target_len(behind).max(reference_len(behind, references));
                    if shown.starts_with('^') && shown.len() < NAME_BYTES_MAX && !shown.contains([' ', '[']) {
                        skips.push(opened..at + 1);
                    } else if target > 0 || shown.len() < NAME_BYTES_MAX && references.contains(&shown.to_lowercase()) {
                        skips.push(opened..opened + 1);
                        skips.push(at..at + 1 + target);
                        at += target;
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    skips.sort_unstable_by_key(|skip| skip.start);
    skips
}

/// The same for a piece without code: these bytes of a line.
fn strip_words(line: &str, piece: Range<usize>, skips: &[Range<usize>], out: &mut String) {
    let bytes = line.as_bytes().get(..piece.end).unwrap_or_default();
    let first = skips.partition_point(|skip| skip.end <= piece.start);
    let mut skips = skips.get(first..).unwrap_or_default().iter().peekable();
    let (mut words, mut copied, mut at) = (String::new(), piece.start, piece.start);
    let mut closer = None;
    // Of an address in angle brackets, and of any.
    let (mut in_brackets, mut in_address) = (false, false);
    while let Some(&byte) = bytes.get(at) {
        while skips.next_if(|skip| skip.end <= at).is_some() {}
        in_address = match byte {
            b':' if bytes.get(at + 1..at + 3) == Some(b"//") => true,
            _ => in_address && !byte.is_ascii_whitespace(),
        };
        let of_link = skips
            .peek()
            .filter(|skip| skip.contains(&at))
            .map_or(0, |skip| skip.end - at);
        let skip = match byte {
            _ if of_link > 0 => of_link,
            b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => {
                words.push_str(&line[copied..at]);
                copied = at + 1;
                at += 2;
                continue;
            }
            b'*' => stars_len(bytes, at),
            b'<' => tag_len(&bytes[at..]).max(usize::from(is_address(bytes, at))),
            b'>' if in_brackets => 1,
            b'|' => 1,
            b'~' if bytes.get(at + 1) == Some(&b'~') => 2,
            b'_' if !in_address => underscores_len(bytes, at, &mut closer),
            b'!' if bytes.get(at + 1) == Some(&b'[') => image_len(&bytes[at..]),
            _ => 0,
        };
        in_brackets = byte == b'<' && skip == 1 || in_brackets && byte != b'>';
        if skip == 0 {
            at += 1;
            continue;
        }
        words.push_str(&line[copied..at]);
        at = (at + skip).min(bytes.len());
        copied = at;
    }
    words.push_str(&line[copied.min(bytes.len())..bytes.len()]);
    out.push_str(&decoded(&words));
}

/// Whether an address stands in angle brackets here.
fn is_address(bytes: &[u8], at: usize) -> bool {
    let inner = bytes.get(at + 1..).unwrap_or_default();
    let begins = [b"http://".as_slice(), b"https://", b"mailto:"];
    begins.iter().any(|begin| inner.starts_with(begin)) && length_to(b'>', b"< ", &bytes[at..]) > 0
}

/// The length of underscores that begin or end an emphasis, or 0: they stand at the edge of a word, and in pairs. `closer` is the place of the
/// last that ends one, as far as is known.
fn underscores_len(bytes: &[u8], at: usize, closer: &mut Option<usize>) -> usize {
    const LENGTH_MAX: usize = 3;
    let length = bytes[at..]
        .iter()
        .take(LENGTH_MAX + 1)
        .take_while(|b| **b == b'_')
        .count();
    let goes_on = at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'_');
    let is_of_word = |place: Option<usize>| {
        place
            .and_then(|place| bytes.get(place))
            .is_some_and(|b| *b >= 0x80 || b.is_ascii_alphanumeric())
    };
    let is_blank = |place: Option<usize>| {
        place
            .and_then(|place| bytes.get(place))
            .is_none_or(u8::is_ascii_whitespace)
    };
    let (before, behind) = (at.checked_sub(1), Some(at + length));
    let ends = |at: usize, length: usize| !is_blank(at.checked_sub(1)) && !is_of_word(Some(at + length));
    if length > LENGTH_MAX || goes_on {
        return 0;
    }
    // The one that was found for an opening ends it.
    if ends(at, length) && closer.is_some_and(|closer| at <= closer) {
        return length;
    }
    if is_of_word(before) || is_blank(behind) {
        return 0;
    }
    let last = *closer.get_or_insert_with(|| {
        let is_end = |place: &usize| bytes[*place] == b'_' && ends(*place, 1);
        (at..bytes.len()).rev().find(is_end).unwrap_or(0)
    });
    if last >= at + length { length } else { 0 }
}

/// Longest link target that is read as one, in bytes: a bound on the look-ahead.
const TARGET_BYTES_MAX: usize = 2048;

/// Longest name of a reference.
const NAME_BYTES_MAX: usize = 200;

/// The length of `(target)`, whose own round brackets are in pairs, or 0.
fn target_len(rest: &[u8]) -> usize {
    let mut depth = 0;
    for (at, byte) in rest.iter().take(TARGET_BYTES_MAX).enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return at + 1,
            b')' => depth -= 1,
            b'[' | b']' => return 0,
            _ if depth == 0 => return 0,
            _ => {}
        }
    }
    0
}

/// The length of `[name]` of a known reference, or 0.
fn reference_len(rest: &[u8], references: &BTreeSet<String>) -> usize {
    if references.is_empty() || rest.first() != Some(&b'[') {
        return 0;
    }
    let length = length_to(
        b']',
        b"[",
        rest.get(..NAME_BYTES_MAX.min(rest.len())).unwrap_or_default(),
    );
    let name = rest
        .get(1..length.max(2) - 1)
        .and_then(|name| std::str::from_utf8(name).ok());
    let is_known = name.is_some_and(|name| name.is_empty() || references.contains(&name.to_lowercase()));
    if length > 0 && is_known { length } else { 0 }
}

/// The length of `![alternative](target)`, or 0.
fn image_len(rest: &[u8]) -> usize {
    let alternative = length_to(b']', b"[", rest.get(1..).unwrap_or_default());
    let target = target_len(rest.get(1 + alternative..).unwrap_or_default());
    if alternative == 0 || target == 0 {
        0
    } else {
        1 + alternative + target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markdown: &str, expected: &str) {
        assert_eq!(strip(markdown), expected);
    }

    /// What is looked ahead at from one place is not looked at from the next again.
    #[test]
    fn what_is_not_closed_before_the_next_of_its_kind_is_none() {
        let twice = |open: &str, close: &str| format!("{open}words{open}words{close}").into_bytes();
        assert_eq!(tag_len(&twice("<b ", ">")), 0);
        assert_eq!(target_len(&twice("(words](", ")")), 0);
        assert_eq!(image_len(&twice("![", "](a)")), 0);
        assert_eq!(image_len(&twice("![a](", ")")), 0);
    }

    #[test]
    fn marks_go_and_text_stays() {
        check("# A *title*", "A title");
        check(
            "See [the port](http://x.example/a) and ![gull](g.png) there.",
            "See the port and  there.",
        );
        check("- one\n> two\n---\nthree", "one\ntwo\n\nthree");
        check("2 \\* 3", "2 * 3");
        check("5 * 3 is *fifteen*, **not** twelve", "5 * 3 is fifteen, not twelve");
        check("- [x] done\n- [ ] open\n* [port](x)", "done\nopen\nport");
        check(
            "Price is <b>three</b><br/> of a<sub>1</sub> < b, c > <d>",
            "Price is three of a1 < b, c > <d>",
        );
        check(
            "Use `<b>` and `&lt;p&gt;` for A &amp; B, &lt;i&gt; and &copy; `x",
            "Use <b> and &lt;p&gt; for A & B, <i> and © x",
        );
        check("[![gull](g.png)](a) [quay](b)", " quay");
        check("[open", "[open");
    }

    #[test]
    fn underscores_at_the_edges_of_words_are_marks() {
        check("the _last_ dam, _“very”_ good", "the last dam, “very” good");
        check("_**both**_ and __strong__ (_see below_)", "both and strong (see below)");
        check("snake_case _em_ other_snake_case", "snake_case em other_snake_case");
        check("_private and 3_4", "_private and 3_4");
        check("name: ____ and _____.", "name: ____ and _____.");
        check(
            "https://x.example/_next/static and _so_",
            "https://x.example/_next/static and so",
        );
    }

    #[test]
    fn brackets_that_are_words_stay() {
        check(
            "He said [sic] that [he] [left](a(b)c \"t\").",
            "He said [sic] that [he] left.",
        );
        check("a note[^1] here\n\n[^1]: The note.", "a note here\n\nThe note.");
        check(
            "[the port][p], [quay][] and [p]\n\n[p]: https://x.example/p\n[Quay]: /q",
            "the port, quay and p",
        );
        check("[Minister]: /s/ I never said so.", "[Minister]: /s/ I never said so.");
        check("[code `a[0]`](x) there", "code a[0] there");
        check(
            "see <https://x.example/a>, a < b > c, ~~not~~ so",
            "see https://x.example/a, a < b > c, not so",
        );
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let wrapped = "The council said on Monday that the bridge will be closed until\nthe autumn, because of a crack in its eastern pier, and that\n\
                       buses will turn at the church, which leaves old people without\na way into town, as Ada Quill of the parish pointed out.\n\n\
                       1. The crack\n2. The pier";
        check(
            wrapped,
            "The council said on Monday that the bridge will be closed until the autumn, because of a crack in its eastern pier, and that buses \
             will turn at the church, which leaves old people without a way into town, as Ada Quill of the parish pointed out.\n\n1. The crack\n2. The pier",
        );
        let lines = "Bridge closed until the autumn because of a crack in its pier\nBy Ada Quill\n\nThe council said so on Monday.\nShare this";
        check(lines, lines);
        check("Roses are red,\nviolets are blue", "Roses are red,\nviolets are blue");
    }
}
