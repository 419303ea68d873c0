//! Markdown → text, a block a line.
//!
//! In: Markdown as crawlers write it. Out: its text without the marks. Always: every character of the output is in the input, or
//! named by a reference there, in order; line by line, linear.

use crate::decode::entities::decoded;

/// Strip the marks: headings, emphasis, links (their text stays), images, quotes, rules, code fences, boxes of tasks, tags within a line.
pub(super) fn strip(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut in_code = false;
    for line in markdown.lines() {
        let bare = line.trim_start();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            out.push_str(line);
        } else if !is_rule(bare) {
            strip_line(opening_off(bare), &mut out);
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
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
fn strip_line(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('`') {
        strip_words(before, out);
        let (code, after) = behind.split_once('`').unwrap_or((behind, ""));
        out.push_str(code);
        rest = after;
    }
    strip_words(rest, out);
}

/// The same for a piece without code.
fn strip_words(line: &str, out: &mut String) {
    let bytes = line.as_bytes();
    let (mut words, mut copied, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        let skip = match bytes[at] {
            b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => {
                words.push_str(&line[copied..at]);
                copied = at + 1;
                at += 2;
                continue;
            }
            b'*' => stars_len(bytes, at),
            b'<' => tag_len(&bytes[at..]),
            b'[' | b'|' => 1,
            b'_' if bytes.get(at + 1) == Some(&b'_') => 2,
            b'!' if bytes.get(at + 1) == Some(&b'[') => image_len(&bytes[at..]),
            b']' => 1 + target_len(&bytes[at + 1..]),
            _ => 0,
        };
        if skip == 0 {
            at += 1;
            continue;
        }
        words.push_str(&line[copied..at]);
        at = (at + skip).min(bytes.len());
        copied = at;
    }
    words.push_str(&line[copied.min(line.len())..]);
    out.push_str(&decoded(&words));
}

/// Longest link target that is read as one, in bytes: a bound on the look-ahead.
const TARGET_BYTES_MAX: usize = 2048;

/// The length of `(target)`, or 0.
fn target_len(rest: &[u8]) -> usize {
    if rest.first() == Some(&b'(') {
        length_to(b')', b"[]", rest)
    } else {
        0
    }
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
        check("[open", "open");
    }
}
