//! The headline's standings in a page → the paragraphs behind them, with which its article may begin.
//!
//! In: which lines are the headline, and which are paragraphs. Out: lines, in order, each once. Always: linear in the lines.

/// No more lines than this (a standfirst, a byline, a share bar) stand between a headline and its article.
const BETWEEN_MAX: usize = 12;

/// The first paragraph behind each standing of the headline.
pub(super) fn behind(
    count: usize,
    is_headline: impl Fn(usize) -> bool,
    is_paragraph: impl Fn(usize) -> bool,
) -> Vec<usize> {
    let mut since_headline = None;
    let mut found = Vec::new();
    for line in 0..count {
        if is_headline(line) {
            since_headline = Some(0);
        } else if since_headline.is_some() && is_paragraph(line) {
            found.push(line);
            since_headline = None;
        } else {
            since_headline = since_headline
                .map(|lines| lines + 1)
                .filter(|lines| *lines <= BETWEEN_MAX);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_begins_soon_behind_its_headline() {
        let check = |lines: &str, expected: &[usize]| {
            let is = |what: u8| move |line: usize| lines.as_bytes()[line] == what;
            assert_eq!(behind(lines.len(), is(b'H'), is(b'p')), expected, "{lines}");
        };
        check("", &[]);
        check("..p..", &[]);
        check("pH..ppH", &[4]);
        check("H.Hp..Hp", &[3, 7]);
        check("H............p", &[13]);
        check("H.............p", &[]);
    }
}
