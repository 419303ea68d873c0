//! What form a string has: HTML, Markdown, base64, or plain text.
//!
//! In: a string. Out: a verdict. Always: one bounded or linear look, no parsing.

use std::borrow::Cow;

use crate::places::Shifts;

/// How far into a string the signs of HTML are looked for.
const LOOK_BYTES: usize = 4096;

/// Tags that written text does not hold by chance.
const TAGS: &[&str] = &[
    "html",
    "head",
    "body",
    "div",
    "p",
    "br",
    "a",
    "span",
    "article",
    "section",
    "main",
    "header",
    "h1",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "table",
    "img",
    "figure",
    "strong",
    "em",
    "b",
    "i",
    "blockquote",
    "meta",
    "script",
    "style",
    "title",
    "link",
    "iframe",
    "nav",
    "footer",
    "center",
    "font",
    "tr",
    "td",
    "tbody",
    "svg",
    "video",
    "picture",
    "hr",
    "pre",
    "noscript",
    "form",
    "base",
    "body",
    "time",
    "aside",
    "button",
    "input",
    "label",
    "u",
    "small",
    "sup",
    "sub",
    "code",
];

/// The string is a page or a piece of one: a known tag opens or closes near its beginning.
pub(super) fn is_html(s: &str) -> bool {
    let bytes = s.as_bytes();
    let look = bytes.get(..LOOK_BYTES).unwrap_or(bytes);
    memchr::memchr_iter(b'<', look).any(|at| bytes.get(at + 1..).is_some_and(opens_tag))
}

/// The string is a page or a piece of one from its first character on.
pub(super) fn starts_as_html(s: &str) -> bool {
    let s = s.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    s.strip_prefix('<').is_some_and(|rest| opens_tag(rest.as_bytes()))
}

/// What the string is a list of, where it is one: a feed, or a site's map. They hold many articles, or links alone.
pub(super) fn list_of_articles(s: &str) -> Option<&'static str> {
    const ROOTS: [(&str, &str); 5] = [
        ("rss", "an RSS feed"),
        ("rdf:RDF", "an RSS feed"),
        ("feed", "an Atom feed"),
        ("urlset", "a sitemap"),
        ("sitemapindex", "a sitemap"),
    ];
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let mut rest = s.trim_start_matches(blank);
    // Behind the declaration, style sheets and comments.
    while rest.starts_with("<?") || rest.starts_with("<!--") {
        rest = rest.split_once('>')?.1.trim_start_matches(blank);
    }
    let root = rest.strip_prefix('<')?;
    let is = |name: &str| {
        root.strip_prefix(name)
            .is_some_and(|behind| behind.starts_with(['>', ' ', '\n', '\r', '\t']))
    };
    let (name, list) = ROOTS.iter().find(|(name, _)| is(name))?;
    (*name != "feed" || rest.contains("/2005/Atom")).then_some(*list)
}

/// What follows a `<` is a tag, a comment or a declaration.
fn opens_tag(after: &[u8]) -> bool {
    if after.starts_with(b"!--") || after.get(..8).is_some_and(|d| d.eq_ignore_ascii_case(b"!doctype")) {
        return true;
    }
    if after.starts_with(b"?xml") || after.starts_with(b"![CDATA[") {
        return true;
    }
    let name = after.strip_prefix(b"/").unwrap_or(after);
    let len = name.iter().take(12).take_while(|b| b.is_ascii_alphanumeric()).count();
    let (name, rest) = name.split_at(len);
    let ends = matches!(rest.first(), Some(b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r'));
    ends && TAGS.iter().any(|tag| tag.as_bytes().eq_ignore_ascii_case(name)) && memchr::memchr(b'>', after).is_some()
}

/// What CDATA sections hold, where the string begins and ends with one.
pub(super) fn out_of_cdata(s: &str) -> Cow<'_, str> {
    out_of_cdata_with_places(s, &mut Shifts::default())
}

/// The same, and where what is left stood.
pub(super) fn out_of_cdata_with_places<'a>(s: &'a str, shifts: &mut Shifts) -> Cow<'a, str> {
    const OPEN: &str = "<![CDATA[";
    const CLOSE: &str = "]]>";
    let inner = s.trim().strip_prefix(OPEN).and_then(|s| s.strip_suffix(CLOSE));
    let Some(inner) = inner else {
        return Cow::Borrowed(s);
    };
    let mut at = s.len() - s.trim_start().len() + OPEN.len();
    if !inner.contains(CLOSE) {
        shifts.at(0, at);
        return Cow::Borrowed(inner);
    }
    // Each section ends with its first close, and what stands between two belongs to the text.
    let mut out = String::with_capacity(inner.len());
    for piece in inner.split(OPEN) {
        let (section, between) = piece.split_once(CLOSE).unwrap_or((piece, ""));
        shifts.at(out.len(), at);
        out.push_str(section);
        if !between.is_empty() {
            shifts.at(out.len(), at + section.len() + CLOSE.len());
            out.push_str(between);
        }
        at += piece.len() + OPEN.len();
    }
    Cow::Owned(out)
}

/// Tags within a line of text, which close.
const INLINE: &[&str] = &[
    "a", "b", "i", "u", "em", "strong", "span", "small", "sup", "sub", "font",
];

/// Tags between lines of text.
const BREAKS: &[&str] = &["p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote"];

/// A plain text without the markup that was left in, where it is nothing but that: each inline tag closes, no other kind is there, and none
/// stands among the words as a word does. A text about tags keeps them. `shifts` tells where what is left stood.
pub(super) fn without_markup<'a>(s: &'a str, shifts: &mut Shifts) -> Cow<'a, str> {
    match stripped(s) {
        Some((bare, places)) => {
            *shifts = places;
            Cow::Owned(bare)
        }
        None => Cow::Borrowed(s),
    }
}

fn stripped(s: &str) -> Option<(String, Shifts)> {
    memchr::memchr(b'<', s.as_bytes())?;
    let (mut rest, tail) = s.split_at(s.rfind('>')? + 1);
    let is_about_tags = || ["HTML", " tag"].iter().any(|word| s.contains(word));
    let mut out = String::with_capacity(s.len());
    let (mut open, mut is_first) = (Vec::new(), true);
    let (mut shifts, head) = (Shifts::default(), rest.len());
    while let Some((before, after)) = rest.split_once('<') {
        shifts.at(out.len(), head - rest.len());
        out.push_str(before);
        if !opens_tag(after.as_bytes()) {
            out.push('<');
            rest = after;
            continue;
        }
        let (tag, behind) = after.split_once('>')?;
        let next = behind.chars().next().or_else(|| tail.chars().next());
        if (is_first && is_about_tags()) || is_word(out.chars().next_back(), next) {
            return None;
        }
        is_first = false;
        let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let (name, attributes) = tag.split_at(tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len()));
        let is_of = |names: &[&'static str]| names.iter().copied().find(|known| known.eq_ignore_ascii_case(name));
        // `a <b and c> d` is no tag.
        if !attributes.contains('=') && !attributes.trim_matches([' ', '/']).is_empty() {
            return None;
        }
        match (is_of(INLINE), is_of(BREAKS)) {
            (Some(name), _) if !closes => open.push(name),
            (Some(name), _) if open.pop() == Some(name) => {}
            (None, Some(_)) if !out.ends_with('\n') => out.push('\n'),
            (None, Some(_)) => {}
            _ => return None,
        }
        rest = behind;
    }
    // A tag that was never there, or one that is left open.
    if is_first || !open.is_empty() {
        return None;
    }
    shifts.at(out.len(), head - rest.len());
    out.push_str(rest);
    out.push_str(tail);
    Some((out, shifts))
}

/// Between these two characters stands a word, in quotes or out of them.
fn is_word(before: Option<char>, after: Option<char>) -> bool {
    let quotes = ['"', '\'', '`', '“', '‘', '(', '«', '„'];
    let opens = before.is_none_or(|c| c == ' ' || quotes.contains(&c));
    let ends = after.is_none_or(|c| matches!(c, ' ' | ',' | '.' | ';' | ':' | '!' | '?'));
    let closes = after.is_some_and(|c| matches!(c, '"' | '\'' | '`' | '”' | '’' | ')' | '»' | '“'));
    (opens && ends) || (closes && before.is_some_and(|c| quotes.contains(&c)))
}

/// The string without its tags, where it has some that open and close.
pub(super) fn without_tags(s: &str) -> Cow<'_, str> {
    let Some(last) = s
        .rfind('>')
        .filter(|_| s.contains("</") || s.contains("/>") || s.contains("<br>"))
    else {
        return Cow::Borrowed(s);
    };
    // Behind the last `>` nothing is looked for: a look to the end for each `<` would not be linear.
    let (mut rest, tail) = s.split_at(last + 1);
    let mut out = String::with_capacity(s.len());
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        if opens_tag(after.as_bytes())
            && let Some((tag, behind)) = after.split_once('>')
        {
            if tag.get(..2).is_some_and(|name| name.eq_ignore_ascii_case("br")) {
                out.push(' ');
            }
            rest = behind;
        } else {
            out.push('<');
            rest = after;
        }
    }
    out.push_str(rest);
    out.push_str(tail);
    Cow::Owned(out)
}

/// The string has Markdown's links or headings.
pub(super) fn is_markdown(s: &str) -> bool {
    let look = s.as_bytes().get(..LOOK_BYTES).unwrap_or(s.as_bytes());
    let link = memchr::memmem::find_iter(look, b"](").any(|at| {
        let target = look.get(at + 2..).unwrap_or_default();
        target.starts_with(b"http") || target.starts_with(b"/") || target.starts_with(b"#")
    });
    link || has_bold(look)
        || look
            .split(|&b| b == b'\n')
            .any(|line| line.starts_with(b"# ") || line.starts_with(b"## ") || line.starts_with(b"### "))
}

/// Words between two pairs of stars on one line.
fn has_bold(look: &[u8]) -> bool {
    let is_edge = |b: Option<&u8>| b.is_none_or(|b| b.is_ascii_whitespace() || *b == b'*');
    look.split(|&b| b == b'\n').any(|line| {
        let mut pairs = memchr::memmem::find_iter(line, b"**");
        let opens = pairs
            .find(|at| !is_edge(line.get(at + 2)) && is_edge(at.checked_sub(1).and_then(|before| line.get(before))));
        opens.is_some() && pairs.any(|at| !is_edge(at.checked_sub(1).and_then(|before| line.get(before))))
    })
}

/// The string is base64 of something longer than a word: only its alphabet, in whole groups of four, with the padding in place.
pub(super) fn is_base64(s: &str) -> bool {
    let bytes = s.trim_ascii().as_bytes();
    let standard = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=');
    let breaks = |b: &u8| matches!(b, b'\n' | b'\r');
    let head = bytes.get(..256).unwrap_or(bytes);
    // A long run without a blank, and both cases: not a word, not a line of text.
    bytes.len() >= 40
        && head.iter().all(|b| standard(b) || breaks(b))
        && head.iter().any(u8::is_ascii_uppercase)
        && head.iter().any(u8::is_ascii_lowercase)
        && bytes.iter().all(|b| standard(b) || breaks(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_pieces_of_pages_are_html() {
        for s in [
            "<html><body>x",
            "<!DOCTYPE html>\n<p>",
            "  <div class=\"a\">x</div>",
            "Words <br/> more",
            "One</p><p>two",
            "<!-- c --><p>",
        ] {
            assert!(is_html(s), "{s}");
        }
    }

    #[test]
    fn text_with_angle_brackets_is_not_html() {
        for s in [
            "1 < 2 and 3 > 2",
            "@ada <The Play: An Evening> 2024",
            "<3",
            "a <b",
            "Ada <ada@example.org>",
            "",
        ] {
            assert!(!is_html(s), "{s}");
        }
    }

    #[test]
    fn tags_that_open_and_close_are_taken_away() {
        let check = |s: &str, expected: &str| assert_eq!(without_tags(s), expected);
        check("<em>Council</em> CO<sub>2</sub>", "Council CO2");
        check("One<br/>two", "One two");
        check("1 < 2 and 3 > 2", "1 < 2 and 3 > 2");
        check("How <b> is used", "How <b> is used");
        check("<i>Ada</i> <ada@example.org> <3 <é", "Ada <ada@example.org> <3 <é");
        let many = "<".repeat(1_000_000);
        assert_eq!(without_tags(&format!("</{many}>")).len(), many.len() + 3);
    }

    #[test]
    fn markup_left_in_a_text_goes_and_tags_that_are_its_words_stay() {
        let check = |s: &str, expected: &str| assert_eq!(without_markup(s, &mut Shifts::default()), expected);
        check(
            "The <b>ferry</b> was <a href=\"https://example.org/x\">late <i>again</i></a>.",
            "The ferry was late again.",
        );
        check(
            "Late.<br>Nobody was hurt.<br/>\nAgain.</p><p>In May.",
            "Late.\nNobody was hurt.\n\nAgain.\nIn May.",
        );
        check(
            "Late again. 1 < 2 <em>and</em> 3 > 2 <3",
            "Late again. 1 < 2 and 3 > 2 <3",
        );
        check(
            "\"<i>Late</i>\", he said, \"<i>again</i>\" (<i>x</i>)",
            "\"Late\", he said, \"again\" (x)",
        );
        for about_tags in [
            "Use <b> for bold words, and close it with </b>.",
            "The <p> begins a paragraph and a <br> breaks it.",
            "Write `<br>` or \"<p>\", not <hr>.",
            "In HTML, <b>words</b> are bold.",
            "The tag is <br>, and <b>x</b> is bold.",
            "One <code>x</code> and <b>more</b>.",
            "Left <b>open.",
            "Where a <b and c> d</b>.",
            "Where a <p and c> d.",
            "No tag < at all >.",
        ] {
            check(about_tags, about_tags);
        }
        let many = "a<b".repeat(300_000);
        check(&many, &many);
        let many = format!("{}>", "x<b ".repeat(300_000));
        check(&many, &many);
    }

    #[test]
    fn sections_are_joined() {
        let check = |s: &str, expected: &str| assert_eq!(out_of_cdata(s), expected);
        check("<![CDATA[One.]]>", "One.");
        check(" <![CDATA[One]]><![CDATA[ two.]]>\n", "One two.");
        check("<![CDATA[One]]>\n<![CDATA[two.]]>", "One\ntwo.");
        check("<![CDATA[a ]]]]><![CDATA[> b]]>", "a ]]> b");
        check("About <![CDATA[x]]> and more", "About <![CDATA[x]]> and more");
    }

    #[test]
    fn links_and_headings_are_markdown() {
        assert!(is_markdown("[Home](https://example.org)"));
        assert!(is_markdown("Words\n## Heading\nmore"));
        assert!(is_markdown("**Harbour**: late again"));
        assert!(!is_markdown("2 ** 3 ** 4, and **kwargs"));
        assert!(!is_markdown("*** late ***"));
        assert!(!is_markdown("He said [sic] (again) # 1"));
    }

    #[test]
    fn base64_is_told_from_words() {
        assert!(is_base64(
            "PGh0bWw+PGJvZHk+PHA+QSBzbWFsbCBwYWdlLjwvcD48L2JvZHk+PC9odG1sPg=="
        ));
        assert!(!is_base64("Donaudampfschifffahrtsgesellschaftskapitaen und mehr"));
        assert!(!is_base64("short"));
    }
}
