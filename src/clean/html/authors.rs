//! Who a page says has written it.
//!
//! In: what the page's head and linked data say, and its layout. Out: names, each once. Always: linear in the page; no name is made up
//! of others, and what is said of other articles and by readers is left out.

use super::super::work;
use super::beside::{LETTERS_MAX, is_short};
use super::byline::{begins_with_by, is_name, is_other, names_in, people, people_in, without_by};
use super::classes::Topic;
use super::dateline;
use super::layout::{Block, Layout, Link, Span};
use super::linked::Linked;
use super::metas::{Metas, is_url};
use super::tags::Tag;
use super::token::attributes;
use crate::clean::normalize::fold;
use crate::decode::names::{self, NAMES_MAX};

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
/// are bylines, what elements within these lines call the author's, a line anywhere that an element calls so. Whom the head names comes
/// last where that is the outlet.
pub(super) fn authors(
    layout: &Layout<'_>,
    metas: &Metas<'_>,
    linked: &Linked,
    site: Option<&str>,
    headline: Option<usize>,
) -> Vec<String> {
    let of_metas = AUTHORS.iter().map(|name| metas.all(name).collect());
    let said = std::iter::once(linked.origin.authors.clone())
        .chain(of_metas)
        .map(names);
    let (people, outlets): (Vec<_>, Vec<_>) = said
        .filter(|names| !names.is_empty())
        .partition(|names| !are_outlets(names, linked, site));
    let shown = headline.map(|headline| by_links(layout, headline)).into_iter();
    let lines = headline.map(|headline| by_line(layout, headline)).into_iter();
    let spans = headline.map(|headline| by_spans(layout, headline)).into_iter();
    // In the place of the outlet stands who is named beside the headline, and nobody from elsewhere on the page.
    let named =
        std::iter::once_with(|| by_element(layout, headline)).filter(|_| outlets.is_empty() || headline.is_none());
    // Only a person takes the place of the outlet.
    let is_meant = |name: &String| outlets.is_empty() || names::is_person(name);
    let shown = shown.chain(lines).chain(spans).chain(named).map(|found| {
        let mut found = names(found);
        found.retain(is_meant);
        found
    });
    let last = [
        &linked.origin.creators,
        &linked.of_page.authors,
        &linked.of_page.creators,
    ]
    .map(|found| names(found.clone()));
    first_names(
        people
            .into_iter()
            .chain(shown)
            .chain(outlets.iter().cloned())
            .chain(last),
    )
}

/// The first of these that are any.
fn first_names(mut lists: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    lists.find(|names| !names.is_empty()).unwrap_or_default()
}

/// Whether all of these are called an organization, or like the site or its publisher.
fn are_outlets(names: &[String], linked: &Linked, site: Option<&str>) -> bool {
    let is_outlet = |name: &String| {
        let is_called = |outlet: &str| fold(outlet).eq_ignore_ascii_case(name);
        site.is_some_and(is_called)
            || linked.publisher.as_deref().is_some_and(is_called)
            || linked.site.as_deref().is_some_and(is_called)
            || linked.origin.is_by_outlet && linked.origin.authors.iter().any(|author| is_called(author))
    };
    names.iter().all(is_outlet)
}

/// What of these may be a name, each once: no more than are kept.
fn names(found: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in found {
        if names.len() >= NAMES_MAX {
            break;
        }
        let name = fold(without_by(&name));
        work::note(name.len() + names.len());
        if !name.is_empty() && name.len() < 120 && !is_url(&name) && !name.starts_with('@') && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// How far from the headline a byline stands, in blocks: behind it first.
const BEFORE: usize = 6;
const BEHIND: usize = 12;

/// The short lines beside the headline.
fn lines<'p>(layout: &'p Layout<'_>, headline: usize) -> impl Iterator<Item = &'p Block> {
    let behind = layout.blocks.iter().skip(headline + 1).take(BEHIND);
    let before = layout.blocks[headline.saturating_sub(BEFORE)..headline].iter();
    // A site's own header stands in front, with its accounts.
    let before = before.filter(|block| layout.node_of(block).within(Tag::Header).is_none());
    let lines = behind.chain(before);
    lines.filter(|block| is_short(layout.text_of(block), LETTERS_MAX) && !layout.node_of(block).is_of_others())
}

/// What links to authors show beside the headline: those of the first line that has any, and of the lines right behind it.
fn by_links(layout: &Layout<'_>, headline: usize) -> Vec<String> {
    const LINES_MAX: usize = 3;
    let mut first = None;
    let mut names = Vec::new();
    for (index, block) in lines(layout, headline).enumerate() {
        if first.is_some_and(|first| index > first + LINES_MAX) {
            break;
        }
        let node = layout.node_of(block);
        let is_byline = is_named(layout, block) || begins_with_by(layout.text_of(block));
        for (link, name) in links(layout, block) {
            let is_most = 2 * name.len() >= block.bytes();
            let is_alone = is_byline || is_most || is_between_marks(layout, block, link);
            // Such a byline may stand in an aside, beside the text.
            let is_authors = link.leads_to("author") || is_alone && !node.is_apart() && leads_to_author(link);
            if is_authors && is_name(without_by(name)) {
                names.push(name.to_owned());
                first.get_or_insert(index);
            }
        }
    }
    names
}

/// The links of a line, with what they show.
fn links<'p>(layout: &'p Layout<'p>, block: &Block) -> impl Iterator<Item = (&'p Link<'p>, &'p str)> {
    const LINKS_MAX: usize = 24;
    let (start, end) = (block.start, block.end);
    // They are in the order of their ends.
    let first = layout.links.partition_point(|link| link.end <= start);
    let of_line = layout.links[first..]
        .iter()
        .take(LINKS_MAX)
        .take_while(move |link| link.end <= end);
    of_line.filter_map(|link| Some((link, layout.text.get(link.start..link.end)?)))
}

/// Whether a link is a part of its own of a line whose parts stand between marks: `5 March · Ada Quill · 3 min`.
fn is_between_marks(layout: &Layout<'_>, block: &Block, link: &Link<'_>) -> bool {
    const MARKS: [char; 3] = ['·', '•', '|'];
    let before = layout.text.get(block.start..link.start).unwrap_or_default().trim_end();
    let behind = layout.text.get(link.end..block.end).unwrap_or_default().trim_start();
    (before.is_empty() || before.ends_with(MARKS)) && (behind.is_empty() || behind.starts_with(MARKS))
}

/// Whether a link leads to where sites list their authors.
fn leads_to_author(link: &Link<'_>) -> bool {
    const PLACES: [&str; 13] = [
        "/author/",
        "/authors/",
        "/by/",
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
    ];
    attributes(link.attributes)
        .any(|(key, value)| key.eq_ignore_ascii_case("href") && PLACES.iter().any(|place| value.contains(place)))
}

/// The names of a line beside the headline that begins with "By", or goes on so behind its date, or that is called the author's and ends with a
/// date: links that follow it and each other, or its words up to a mark.
fn by_line(layout: &Layout<'_>, headline: usize) -> Vec<String> {
    let lines = lines(layout, headline).filter(|block| !layout.is_apart(block, Some(headline)));
    let bylines = lines.filter_map(|block| {
        let line = layout.text_of(block);
        let byline = Some(line).filter(|line| begins_with_by(line));
        let named = || before_date(line).filter(|name| is_named(layout, block) && names::is_person(name));
        Some((block, byline.or_else(|| dateline::byline(line)).or_else(named)?))
    });
    let names = bylines.map(|(block, byline)| {
        let linked = names_in_a_row(layout, block, byline);
        let shown = std::iter::once_with(|| names_in(byline));
        let before = std::iter::once_with(|| before_date(byline).map(names_in).unwrap_or_default());
        first_names(std::iter::once(linked).chain(shown).chain(before))
    });
    first_names(names)
}

/// What stands in front of a byline's date.
fn before_date(byline: &str) -> Option<&str> {
    dateline::published(byline, true).map(|dated| dateline::without_mark(dated.before))
}

/// What the links of a byline show, from its beginning on, as long as nothing but a comma or an "and" parts them.
fn names_in_a_row(layout: &Layout<'_>, block: &Block, byline: &str) -> Vec<String> {
    const BETWEEN: [&str; 9] = ["", ",", "and", "&", ", and", "und", "et", "y", "e"];
    let line = layout.text_of(block);
    let before = line.find(byline).unwrap_or(0);
    let mut end = block.start + before + byline.len() - without_by(byline).len();
    let mut names = Vec::new();
    for (link, name) in links(layout, block) {
        // A blank in front of a link may be of the line or of the link.
        let between = layout.text.get(end..link.start.max(end)).unwrap_or_default();
        let name = without_by(name);
        if !BETWEEN.contains(&between.trim()) || !is_name(name) {
            break;
        }
        names.push(name.to_owned());
        end = link.end;
    }
    names
}

/// Whether an element right around a line calls it the author's.
pub(super) fn is_named(layout: &Layout<'_>, block: &Block) -> bool {
    layout.node_of(block).within_topic(Topic::Author) == Some(0) || block.leads(Topic::Author)
}

/// What elements within a line beside the headline show that call themselves the author's: those of the first line that has any, and of it
/// those that are called alike, for another may be where the author is.
fn by_spans(layout: &Layout<'_>, headline: usize) -> Vec<String> {
    // Behind the first paragraph it may be who is quoted, or the author of another article.
    let mut behind = layout.blocks.iter().skip(headline + 1);
    let paragraph = behind.find(|block| !is_short(layout.text_of(block), LETTERS_MAX));
    let end = paragraph.map_or(usize::MAX, |block| block.start);
    let is_meant = |block: &&Block| {
        let node = layout.node_of(block);
        block.start < end && !layout.is_apart(block, Some(headline)) && !node.is_quoted()
    };
    let lines = lines(layout, headline).filter(is_meant);
    let people = lines.map(|block| {
        let mut first: Option<&Span<'_>> = None;
        let mut found = Vec::new();
        let mut end = block.start;
        // What stands within another comes first.
        for (span, text) in layout.spans_of(block).filter(|(span, _)| span.names(Topic::Author)) {
            let people = people_in(text);
            let is_alike = first.is_none_or(|first| called(first).eq(called(span)));
            if span.start >= end && is_alike && !people.is_empty() {
                found.extend(people);
                first.get_or_insert(span);
                end = span.end;
            }
        }
        found
    });
    first_names(people)
}

/// What an element is called.
fn called<'p>(span: &Span<'p>) -> impl Iterator<Item = &'p str> {
    let names = attributes(span.attributes);
    names.filter_map(|(key, value)| matches!(key, "class" | "itemprop" | "rel").then_some(value))
}

/// A short line that an element right around it calls the author's.
fn by_element(layout: &Layout<'_>, headline: Option<usize>) -> Vec<String> {
    const LETTERS_MAX: usize = 60;
    const WORDS_MAX: usize = 8;
    let lines = layout.blocks.iter().filter(|block| {
        let text = layout.text_of(block);
        // A heading is called so for its words: "The Devils by Joe Abercrombie", "News by subject".
        let is_heading = layout.node_of(block).tag.is_heading() && !begins_with_by(text) && !names::is_person(text);
        is_short(text, LETTERS_MAX) && is_named(layout, block) && !layout.is_apart(block, headline) && !is_heading
    });
    let names = lines.map(|block| {
        let line = without_by(layout.text_of(block));
        let is_led = begins_with_by(layout.text_of(block));
        // What stands behind a link may be whom the author works for.
        let linked = names_in_a_row(layout, block, layout.text_of(block));
        if !linked.is_empty() {
            return linked;
        }
        if let Some(people) = people(line) {
            return people.into_iter().map(str::to_owned).collect();
        }
        let is_name = !is_other(line)
            && line.split(' ').count() <= WORDS_MAX
            && !line.contains([':', '|', '@', '?'])
            && !line.bytes().any(|b| b.is_ascii_digit())
            && (line.contains(' ') && !line.starts_with(char::is_lowercase) || is_led && is_name(line));
        if is_name { vec![line.to_owned()] } else { Vec::new() }
    });
    first_names(names)
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
        check("<p>By Ada Quill | <a href='/us'>US News</a></p>", &["Ada Quill"]);
        check(
            "<p>By <a href='/p/a'>Ada Quill</a> in <a href='/world'>World News</a></p>",
            &["Ada Quill"],
        );
        check(
            "<p>By Ada Quill for <a href='/'>The Example Times</a></p>",
            &["Ada Quill"],
        );
    }

    #[test]
    fn an_author_who_shares_the_line_of_a_date_is_named() {
        let date = "<span class='posted-on'>5 March 2024</span>";
        check(
            &format!(
                "<div>{date}<span class='byline'> by <span class='author vcard'><a class='url fn n' href='/x'>Ada Quill</a></span></span></div>"
            ),
            &["Ada Quill"],
        );
        check(
            &format!(
                "<div><span itemprop='author' itemscope><span itemprop='name'>Ada Quill</span></span> {date}</div>"
            ),
            &["Ada Quill"],
        );
        check(
            &format!("<div><span class='x__author'>Von Ada Quill</span>{date}</div>"),
            &["Ada Quill"],
        );
        check(
            &format!(
                "<div>{date} <span class='author'>Ada Quill</span>, <span class='author'>Ben Ink</span> <span class='author-place'>Port Amsel</span></div>"
            ),
            &["Ada Quill", "Ben Ink"],
        );
        check(
            "<div class='line'>5 March 2024 · <a href='/author/ada'>Ada Quill</a> · 5 min</div>",
            &["Ada Quill"],
        );
        check(
            "<div class='byline'><a href='/p/ada'>Ada Quill</a><span>The Gull</span></div>",
            &["Ada Quill"],
        );
        check(
            &format!("<div>{date} <span class='author-role'>Senior Editor</span></div>"),
            &[],
        );
        check(
            &format!("<aside>{date} <span class='author'>Ada Quill</span></aside>"),
            &[],
        );
    }

    #[test]
    fn several_people_of_a_byline_are_several() {
        let both = &["Ada Quill", "Ben Ink"];
        check("<p>By Ada Quill and Ben Ink</p>", both);
        check("<p>By Ada Quill &amp; Ben Ink | 5 March 2024</p>", both);
        check("<p class='byline'>Ada Quill &amp; Ben Ink</p>", both);
        check("<p>By Ada Quill and Ben Ink, Port Amsel</p>", both);
        check(
            "<p>By Ada Quill, Ben Ink and Cy Drop</p>",
            &["Ada Quill", "Ben Ink", "Cy Drop"],
        );
        check("<p>By Ada Quill and Agencies</p>", &["Ada Quill"]);
    }

    #[test]
    fn bylines_with_a_label_or_in_other_languages_are_read() {
        for byline in [
            "Author: Ada Quill",
            "Autor: Ada Quill",
            "par Ada Quill",
            "di Ada Quill",
            "Door Ada Quill",
            "av Ada Quill",
            "Story by Ada Quill",
        ] {
            check(&format!("<div class='author'>{byline}</div>"), &["Ada Quill"]);
            check(&format!("<div>{byline}, Port Amsel</div>"), &["Ada Quill"]);
        }
        check("<div>كتب: آدا الحداد</div>", &["آدا الحداد"]);
        check("<p class='author'>記者 山田花子</p>", &["山田花子"]);
        check("<p class='author'>記者</p>", &[]);
        check(
            "<span>लेखक: आदा शर्मा</span> <span>Updated: 5 March 2024</span>",
            &["आदा शर्मा"],
        );
    }

    #[test]
    fn words_before_and_behind_a_name_are_none_of_it() {
        let ada = &["Ada Quill"];
        for by in [
            "Geschrieben von",
            "Écrit par",
            "écrit par",
            "Escrito por",
            "Scritto da",
            "Napisane przez",
            "Geschreven door",
            "Skriven av",
            "Av",
            "Napsala",
            "Ditulis oleh",
        ] {
            check(&format!("<p class='byline'>{by} Ada Quill</p>"), ada);
            check(
                &format!("<p class='byline'>{by} <span>Ada Quill</span>, <span class='title'>Reporter</span></p>"),
                ada,
            );
        }
        check("<p class='byline'>نوشته شده توسط آدا الحداد</p>", &["آدا الحداد"]);
        check("<p class='byline'>Γράφει η Άντα Κουίλ</p>", &["Άντα Κουίλ"]);
        check(
            "<dl><dd itemprop='author' itemscope>Verfasserin <span itemprop='name'>Ada Quill</span></dd></dl>",
            ada,
        );
        check(
            "<div>Опубликовано 2024-03-05 - 08:15 Автор: <a class='username' href='/u'>Ада Перо</a></div>",
            &["Ада Перо"],
        );
        check(
            "<div itemprop='publisher'>5 March 2024 <span itemprop='name'>Quill and Ink</span></div>",
            &[],
        );
    }

    #[test]
    fn a_name_may_share_its_line_with_a_date() {
        let ada = &["Ada Quill"];
        check("<p>Posted on March 5, 2024 by Ada Quill</p>", ada);
        check(
            "<p>5 March 2024 by <a href='/p/a'>Ada Quill</a> in <a href='/w'>World News</a></p>",
            ada,
        );
        check("<p class='byline'>Ada Quill | March 5, 2024</p>", ada);
        check("<p class='byline'>Ada Quill, 5 March 2024</p>", ada);
        check(
            "<p>2024-03-05 08:15　来源：临江日报　作者：王晓东　编辑：林雅文</p>",
            &["王晓东"],
        );
        check("<p>By Ada Quill March 5, 2024</p>", ada);
        check("<p>Par Ada Quill Publié le 5 mars 2024 à 18h20</p>", ada);
        check("<p>作者：王晓东 发布日期：2024-03-05</p>", &["王晓东"]);
        check(
            "<div>Submitted by <span>Ada Quill</span> on Tue, 03/05/2024 - 14:20</div>",
            ada,
        );
        check("<p>Ada Quill, 5 March 2024</p>", &[]);
        check("<p>The fair of 5 March 2024 by the river</p>", &[]);
        check("<p>5 March 2024 by the river</p>", &[]);
    }

    #[test]
    fn a_footer_above_the_text_holds_the_byline() {
        let footer = "<footer class=node__meta><div>By <span>Ada Quill</span>, 5 March 2024</div></footer>";
        check(footer, &["Ada Quill"]);
        let paragraph = format!("<p>{}</p>", "The harbour is open again, and so is the pier. ".repeat(5));
        check(&format!("{paragraph}{footer}"), &[]);
    }

    #[test]
    fn what_is_no_byline_names_nobody() {
        check("<p>By the end of May all cranes will work.</p>", &[]);
        check("<a href='/author/ada'>More from this author</a>", &[]);
        check("<a href='/author/ada'>Read More</a>", &[]);
        check("<aside><a href='/author/ada'>Ada Quill</a></aside>", &[]);
        check("<p>The mayor, <a href='/people/ada'>Ada Quill</a>, was there.</p>", &[]);
        check(
            "<p>Quay owner <a href='/author/x'>Ada Quill</a> said on Monday that all would be well.</p>",
            &[],
        );
        check("<div>By Popular Demand</div>", &[]);
        check("<div class='author'>Connect Directly</div>", &[]);
        check(
            "<div class='byline'>Posted by admin in <a rel='category tag' href='/c'>Local News</a></div>",
            &[],
        );
        check(
            "<h3 id='the-piers-by-ada-quill'><a href='/b'>The Piers</a> by Ada Quill</h3>",
            &[],
        );
        check("<h2 class='byType'>News By Subject</h2>", &[]);
        check(
            "<figure><figcaption>Photo: <span class=author>Carl Lens</span></figcaption></figure>",
            &[],
        );
        check("<h3 class=author>Ada Quill</h3>", &["Ada Quill"]);
        let far = "<p>The harbour is open.</p>".repeat(13);
        check(&format!("{far}<a href='/author/ada'>Ada Quill</a>"), &[]);
    }
}
