//! Who a page says has written it.
//!
//! In: what the page's head and linked data say, and its layout. Out: names, each once. Always: linear in the page; no name is made up
//! of others, and what is said of other articles and by readers is left out.

use super::blocks::{Block, Layout, Link};
use super::classes::Topic;
use super::linked::Linked;
use super::meta::{Metas, is_url};
use super::token::attributes;
use crate::clean::normalize::fold;

/// Names of metas that hold authors.
const AUTHORS: [&str; 17] = [
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "dcterms.author",
    "byl",
    "og:article:author",
    "article:author_name",
    "article.author",
    "dc:creator",
    "creator",
    "citation_author",
    "mediator_author",
    "shareaholic:article_author_name",
    "cxenseparse:author",
];

/// The first of these that names anybody: the linked data, each kind of meta, the links and then the lines beside the headline that
/// are bylines, a line anywhere that an element calls the author's.
pub(super) fn authors(layout: &Layout<'_>, metas: &Metas<'_>, linked: &Linked, headline: Option<usize>) -> Vec<String> {
    let of_metas = AUTHORS.iter().map(|name| metas.all(name).collect());
    let said = std::iter::once(linked.authors.clone()).chain(of_metas);
    let shown = headline.map(|headline| by_links(layout, headline)).into_iter();
    let lines = headline.map(|headline| by_line(layout, headline).into_iter().collect());
    let named = std::iter::once_with(|| by_element(layout).into_iter().collect());
    let mut sources = said.chain(shown).chain(lines).chain(named).map(names);
    sources.find(|names| !names.is_empty()).unwrap_or_default()
}

/// What of these may be a name, each once.
fn names(found: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in found {
        let name = fold(without_by(&name));
        if !name.is_empty() && name.len() < 120 && !is_url(&name) && !name.starts_with('@') && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn without_by(name: &str) -> &str {
    let trimmed = name.trim();
    [
        "By ",
        "by ",
        "BY ",
        "By: ",
        "Written by ",
        "Posted by ",
        "Von ",
        "Par ",
        "Por ",
    ]
    .iter()
    .find_map(|by| trimmed.strip_prefix(by))
    .unwrap_or(trimmed)
}

/// How far from the headline a byline stands, in blocks.
const BEFORE: usize = 6;
const BEHIND: usize = 12;
/// Longest line that is a byline and not a paragraph with a link, in bytes.
const LINE_BYTES_MAX: usize = 150;

/// What links to authors show beside the headline: those of the first byline, and of the lines right behind it.
fn by_links(layout: &Layout<'_>, headline: usize) -> Vec<String> {
    const LINES_MAX: usize = 3;
    let around = layout.around(headline, BEFORE, BEHIND).iter().enumerate();
    let mut first = None;
    let mut names = Vec::new();
    for (index, block) in around.filter(|(_, block)| block.end - block.start <= LINE_BYTES_MAX) {
        let node = &layout.nodes[block.node as usize];
        let is_byline = is_named(layout, block) || begins_with_by(layout.text_of(block));
        for link in layout
            .links
            .iter()
            .filter(|link| (block.start..block.end).contains(&link.start))
        {
            // A byline may stand in an aside, beside the text.
            let is_authors =
                says_author(link) && !node.is_of_others() || (is_byline || leads_to_author(link)) && !node.is_apart();
            let name = layout.text.get(link.start..link.end.min(block.end)).unwrap_or_default();
            if is_authors && is_name(without_by(name)) {
                names.push(name.to_owned());
                first.get_or_insert(index);
            }
        }
        if first.is_some_and(|first| index >= first + LINES_MAX) {
            break;
        }
    }
    names
}

fn says_author(link: &Link<'_>) -> bool {
    attributes(link.attributes).any(|(key, value)| {
        key.eq_ignore_ascii_case("rel") && value.split_ascii_whitespace().any(|word| word == "author")
    })
}

/// Whether a link leads to where sites list their authors.
fn leads_to_author(link: &Link<'_>) -> bool {
    const PLACES: [&str; 17] = [
        "/author/",
        "/authors/",
        "/by/",
        "/profile/",
        "/profiles/",
        "/staff/",
        "/contributor/",
        "/contributors/",
        "/reporter/",
        "/reporters/",
        "/journalist/",
        "/autor/",
        "/autoren/",
        "/autores/",
        "/auteur/",
        "/autore/",
        "/editors/",
    ];
    attributes(link.attributes)
        .any(|(key, value)| key.eq_ignore_ascii_case("href") && PLACES.iter().any(|place| value.contains(place)))
}

/// A short line beside the headline that begins with "By" and a name, up to a mark.
fn by_line(layout: &Layout<'_>, headline: usize) -> Option<String> {
    let lines = layout.around(headline, BEFORE, BEHIND).iter();
    let mut bylines = lines.filter(|block| {
        block.end - block.start <= LINE_BYTES_MAX
            && !layout.nodes[block.node as usize].is_apart()
            && begins_with_by(layout.text_of(block))
    });
    bylines.find_map(|block| {
        let name = without_by(layout.text_of(block));
        let name = name.split([',', '|', '•', '·', '/', '(']).next().unwrap_or(name);
        let name = [" - ", " – ", " — "]
            .iter()
            .fold(name, |name, mark| name.split(mark).next().unwrap_or(name));
        is_name(name.trim()).then(|| name.trim().to_owned())
    })
}

fn begins_with_by(line: &str) -> bool {
    without_by(line) != line.trim()
}

/// Whether an element right around a line calls it the author's.
fn is_named(layout: &Layout<'_>, block: &Block) -> bool {
    let node = &layout.nodes[block.node as usize];
    node.within_topic(Topic::Author) == Some(0) || block.lead >> Topic::Author as u8 & 1 == 1
}

/// A short line that an element right around it calls the author's.
fn by_element(layout: &Layout<'_>) -> Option<String> {
    const BYTES_MAX: usize = 60;
    const WORDS_MAX: usize = 8;
    let line = layout.blocks.iter().find(|block| {
        let text = layout.text_of(block);
        text.len() <= BYTES_MAX
            && is_named(layout, block)
            && !layout.nodes[block.node as usize].is_apart()
            && text.split(' ').count() <= WORDS_MAX
            && !text.contains([':', '|', '@', '?'])
            && !text.bytes().any(|b| b.is_ascii_digit())
    })?;
    let text = layout.text_of(line);
    without_by(text).contains(' ').then(|| text.to_owned())
}

/// Whether a text is like a name: a few words, in capitals but for what stands within names, or a few letters of a script without blanks.
fn is_name(text: &str) -> bool {
    const PARTICLES: [&str; 16] = [
        "al", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "la", "van", "von",
    ];
    const OF_BUTTONS: [&str; 15] = [
        "About", "All", "Connect", "Contact", "Email", "Follow", "Listen", "Log", "More", "Read", "See", "Share",
        "Sign", "View", "Watch",
    ];
    if text.bytes().any(|b| b.is_ascii_digit()) || text.contains([':', '|', '@', '?', '!', '/', '&']) {
        return false;
    }
    let is_unspaced =
        |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}');
    if text.chars().any(is_unspaced) {
        return (2..=8).contains(&text.chars().count());
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_cased = |word: &&str| !word.starts_with(char::is_lowercase) || PARTICLES.contains(word);
    (2..=5).contains(&words.len())
        && words.iter().all(is_cased)
        && !OF_BUTTONS.iter().any(|button| button.eq_ignore_ascii_case(words[0]))
}

#[cfg(test)]
mod tests {
    use crate::clean::{Hints, html};

    fn check(byline: &str, expected: &[&str]) {
        let page = format!(
            "<html><body><article><h1>Cranes are back</h1>{byline}<p>The cranes are back at work.</p></article></body></html>"
        );
        let found = html::clean(&page, &Hints::default()).page.authors;
        assert_eq!(found, expected, "{page}");
    }

    #[test]
    fn links_to_authors_beside_the_headline_are_names() {
        check(
            "<div>By <a href='/author/ada'>Ada Quill</a>, 3 March 2024</div>",
            &["Ada Quill"],
        );
        check(
            "<div><a rel='author' href='/x'>Ada Quill</a><span>Staff Writer</span></div>",
            &["Ada Quill"],
        );
        check(
            "<p>By <a href='/people/a'>Ada Quill</a> and <a href='/people/b'>Ben van Ink</a></p>",
            &["Ada Quill", "Ben van Ink"],
        );
        check("<a href='/author/1'>小暮ひさのり</a>", &["小暮ひさのり"]);
        check("<aside><a rel='author' href='/x'>Ada Quill</a></aside>", &["Ada Quill"]);
    }

    #[test]
    fn a_line_that_begins_with_by_and_a_name_is_a_byline() {
        check("<div>By <b>Ada Quill</b></div>", &["Ada Quill"]);
        check("<p>Von Ada Quill, Hamburg</p>", &["Ada Quill"]);
        check("<p>By Ada Quill - 5 March 2024</p>", &["Ada Quill"]);
    }

    #[test]
    fn what_is_no_byline_names_nobody() {
        check("<p>By the end of May all cranes will work.</p>", &[]);
        check("<a href='/author/ada'>More from this author</a>", &[]);
        check("<a href='/author/ada'>Read More</a>", &[]);
        check("<aside><a href='/author/ada'>Ada Quill</a></aside>", &[]);
        check("<p>The mayor, <a href='/people/ada'>Ada Quill</a>, was there.</p>", &[]);
        let far = "<p>The harbour is open.</p>".repeat(13);
        check(&format!("{far}<a href='/author/ada'>Ada Quill</a>"), &[]);
    }
}
