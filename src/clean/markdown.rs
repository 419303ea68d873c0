//! Markdown → text, a block a line.
//!
//! In: Markdown as crawlers write it. Out: its text without the marks. Always: every character of the output is in the input, in
//! order; line by line, linear.

/// Strip the marks: headings, emphasis, links (their text stays), images, quotes, rules, code fences.
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
    quoted
        .strip_prefix("- ")
        .or_else(|| quoted.strip_prefix("* "))
        .or_else(|| quoted.strip_prefix("+ "))
        .unwrap_or(quoted)
}

/// Copy a line without emphasis marks, images and the targets of links.
fn strip_line(line: &str, out: &mut String) {
    let bytes = line.as_bytes();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        let skip = match bytes[at] {
            b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => {
                out.push_str(&line[copied..at]);
                copied = at + 1;
                at += 2;
                continue;
            }
            b'*' | b'`' | b'[' | b'|' => 1,
            b'_' if bytes.get(at + 1) == Some(&b'_') => 2,
            b'!' if bytes.get(at + 1) == Some(&b'[') => image_len(&bytes[at..]),
            b']' => 1 + target_len(&bytes[at + 1..]),
            _ => 0,
        };
        if skip == 0 {
            at += 1;
            continue;
        }
        out.push_str(&line[copied..at]);
        at = (at + skip).min(bytes.len());
        copied = at;
    }
    out.push_str(&line[copied.min(line.len())..]);
}

/// Longest link target that is read as one, in bytes: a bound on the look-ahead.
const TARGET_BYTES_MAX: usize = 2048;

/// The length of `(target)`, or 0.
fn target_len(rest: &[u8]) -> usize {
    if rest.first() != Some(&b'(') {
        return 0;
    }
    rest.iter()
        .take(TARGET_BYTES_MAX)
        .position(|b| *b == b')')
        .map_or(0, |n| n + 1)
}

/// The length of `![alternative](target)`, or 0.
fn image_len(rest: &[u8]) -> usize {
    rest.iter()
        .take(TARGET_BYTES_MAX)
        .position(|b| *b == b']')
        .map_or(0, |close| {
            let target = target_len(&rest[close + 1..]);
            if target == 0 { 0 } else { close + 1 + target }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markdown: &str, expected: &str) {
        assert_eq!(strip(markdown), expected);
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
        check("[open", "open");
    }
}
