//! When a page says that it was published, and last changed.
//!
//! In: what the page's head and linked data say, its elements for dates, and its layout. Out: raw dates, what is surest first; the
//! caller takes the first that can be read. Always: linear in the page; what is said of other articles, of comments and of updates is
//! left out.

use super::authors;
use super::classes::Topic;
use super::layout::{Block, Layout, Time};
use super::linked::Linked;
use super::metas::Metas;
use super::token::attributes;
use crate::date;

const PUBLISHED: [&str; 34] = [
    "article:published_time",
    "og:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "cxenseparse:recs:publishtime",
    "article:published",
    "article:published_date",
    "article.published",
    "article:post_date",
    "og:article:published_time",
    "og:pubdate",
    "og:publish_date",
    "publish_date",
    "publish-date",
    "published_date",
    "publication_date",
    "citation_publication_date",
    "dcterms.issued",
    "dc.date.created",
    "bt:pubdate",
    "rnews:datepublished",
    "originalpublicationdate",
    "mediator_published_time",
    "shareaholic:article_published_time",
    "displaydate",
    "datecreated",
];

/// The linked data's, the metas', the values of elements for dates, what elements for dates show beside the headline, and lines there that
/// are a date.
pub(super) fn published<'p>(
    layout: &'p Layout<'p>,
    metas: &'p Metas<'_>,
    linked: &'p Linked,
    headline: Option<usize>,
) -> impl Iterator<Item = String> + 'p {
    let of_metas = PUBLISHED.iter().filter_map(|name| metas.get(&[name]));
    let beside = headline.into_iter().flat_map(|headline| beside(layout, headline));
    let shown = headline.into_iter().flat_map(|headline| shown(layout, headline));
    let alone = headline.into_iter().flat_map(|headline| alone(layout, headline));
    linked
        .origin
        .published
        .clone()
        .into_iter()
        .chain(of_metas)
        .chain(of_elements(layout))
        .chain(beside)
        .chain(shown)
        .chain(alone)
        .chain(headline.into_iter().flat_map(|headline| only_updated(layout, headline)))
        .chain(linked.of_page.published.clone())
}

/// Values of elements beside the headline that call themselves updated, in lines that do not say so: themes that have one date name it so.
fn only_updated<'p>(layout: &'p Layout<'p>, headline: usize) -> impl Iterator<Item = String> + 'p {
    let blocks = layout.around(headline, BEFORE, BEHIND);
    let times = layout.times.iter().filter(|time| is_of_update(time.attributes));
    times.filter_map(move |time| {
        let block = line_of(time, blocks)?;
        let line = layout.text_of(block);
        let is_first = line.len() <= LINE_BYTES_MAX && tells_no_update(line);
        value_of(time).filter(|_| is_first)
    })
}

/// The values of the page's elements for dates, those that say they are the publication first.
fn of_elements(layout: &Layout<'_>) -> Vec<String> {
    let (mut named, mut others) = (Vec::new(), Vec::new());
    for time in layout.times.iter().filter(|time| !is_of_update(time.attributes)) {
        if let Some(value) = value_of(time) {
            if is_publication(time.attributes) {
                &mut named
            } else {
                &mut others
            }
            .push(value);
        }
    }
    named.extend(others);
    named
}

fn value_of(time: &Time<'_>) -> Option<String> {
    let (_, value) = attributes(time.attributes).find(|(key, _)| is_value(key))?;
    Some(value.trim().to_owned())
}

fn is_value(key: &str) -> bool {
    key.eq_ignore_ascii_case("datetime") || key.eq_ignore_ascii_case("content")
}

/// Whether an element calls itself the date of publication.
fn is_publication(attrs: &str) -> bool {
    attributes(attrs).any(|(key, content)| {
        let content = content.to_ascii_lowercase();
        !is_value(key) && content.contains("publi") && !content.contains("republi")
            || key.eq_ignore_ascii_case("pubdate")
    })
}

/// Whether an element calls itself the date of a later version, and not of the first, too, as where there is no later one.
fn is_of_update(attrs: &str) -> bool {
    let of_update = |content: &str| content.contains("modif") || content.contains("updat");
    attributes(attrs).any(|(key, content)| !is_value(key) && of_update(&content.to_ascii_lowercase()))
        && !is_publication(attrs)
}

/// Longest line that is a date with its label, in bytes.
const LINE_BYTES_MAX: usize = 80;
/// How far from the headline a date stands, in blocks.
const BEFORE: usize = 4;
const BEHIND: usize = 10;

/// When a page says that its last version was made: the values of elements for such dates, and what they show beside the headline.
pub(super) fn modified<'p>(layout: &'p Layout<'p>, headline: Option<usize>) -> impl Iterator<Item = String> + 'p {
    let updates = || layout.times.iter().filter(|time| is_of_update(time.attributes));
    let beside = headline.map(|headline| layout.around(headline, BEFORE, BEHIND));
    let shown = updates().filter_map(move |time| {
        let block = line_of(time, beside?)?;
        let end = time.end.unwrap_or(block.end).min(block.end);
        let text = layout.text.get(time.start..end)?.trim();
        (text.len() <= LINE_BYTES_MAX).then(|| text.to_owned())
    });
    updates().filter_map(value_of).chain(shown)
}

/// What elements for dates show beside the headline, where they have no value, up to a mark that parts it from what follows. Lines that
/// are prose are passed over.
fn shown<'p>(layout: &'p Layout<'_>, headline: usize) -> impl Iterator<Item = String> + 'p {
    let blocks = layout.around(headline, BEFORE, BEHIND);
    let times = layout
        .times
        .iter()
        .filter(|time| value_of(time).is_none() && !is_of_update(time.attributes));
    times.filter_map(move |time| {
        let block = line_of(time, blocks)?;
        let line = layout.text_of(block);
        if line.len() > LINE_BYTES_MAX || line.ends_with(['.', '!', '?']) || without_update(line).is_none() {
            return None;
        }
        let end = time.end.unwrap_or(block.end).min(block.end);
        let rest = layout.text.get(time.start..end)?;
        without_update(rest.split(['|', '•', '·']).next().unwrap_or(rest).trim())
    })
}

/// Short lines beside the headline that an element calls a date, and what such elements show within lines; those behind it first.
fn beside<'p>(layout: &'p Layout<'_>, headline: usize) -> impl Iterator<Item = String> + 'p {
    near(layout, headline, BEFORE, BEHIND).flat_map(|block| {
        let line = layout.text_of(block);
        let is_line = line.len() <= LINE_BYTES_MAX && is_date(layout, block) && !begins_with_update(layout, block);
        let whole = is_line.then(|| without_update(line)).flatten();
        within(layout, block).into_iter().chain(whole)
    })
}

/// Lines right beside the headline that are a date and nothing else, or a byline with one.
fn alone<'p>(layout: &'p Layout<'_>, headline: usize) -> impl Iterator<Item = String> + 'p {
    const BEFORE: usize = 2;
    const BEHIND: usize = 5;
    let lines = near(layout, headline, BEFORE, BEHIND).filter(|block| {
        let node = layout.node_of(block);
        let is_line = block.end - block.start <= LINE_BYTES_MAX && !node.tag.is_heading();
        is_line
            && tells_no_update(layout.text_of(block))
            && !node.is_apart()
            && !node.is_quoted()
            && !begins_with_update(layout, block)
    });
    lines.filter_map(|block| date_in(layout.text_of(block)))
}

/// The date that is all of a line, or the rest of a byline.
fn date_in(line: &str) -> Option<String> {
    const MARKS: [char; 7] = [',', '|', '·', '•', '-', '–', '—'];
    let is_date = |text: &&str| date::parse_alone(text).is_some();
    let rest = |(at, mark): (usize, &str)| line.get(at + mark.len()..).map(str::trim);
    let mut rests = line
        .match_indices(MARKS)
        .filter(|_| authors::begins_with_by(line))
        .filter_map(rest);
    let found = Some(line).filter(is_date).or_else(|| rests.find(is_date));
    found.map(str::to_owned)
}

/// Whether a line is a date and nothing else.
pub(super) fn is_date_line(line: &str) -> bool {
    date::parse_alone(line).is_some()
}

/// Whether an element that begins with a line calls itself the date of a later version.
fn begins_with_update(layout: &Layout<'_>, block: &Block) -> bool {
    let mut times = layout.times.iter();
    times.any(|time| time.start == block.start && is_of_update(time.attributes))
}

/// What the elements within a line show that call themselves dates, unless the line is prose, or they stand behind a word for an update.
fn within(layout: &Layout<'_>, block: &Block) -> Vec<String> {
    const SHARED_BYTES_MAX: usize = 150;
    let line = layout.text_of(block);
    let node = layout.node_of(block);
    if line.len() > SHARED_BYTES_MAX || line.ends_with(['.', '!', '?']) || node.is_apart() || node.is_quoted() {
        return Vec::new();
    }
    let dates = layout.spans_of(block).filter(|(span, text)| {
        span.names(Topic::Date) && text.len() <= LINE_BYTES_MAX && !is_of_update(span.attributes)
    });
    let shown = dates.filter_map(|(span, text)| {
        let before = layout.text.get(block.start..span.start)?;
        tells_no_update(before).then(|| without_update(text)).flatten()
    });
    shown.collect()
}

fn is_date(layout: &Layout<'_>, block: &Block) -> bool {
    let node = layout.node_of(block);
    (block.leads(Topic::Date) || node.within_topic(Topic::Date).is_some_and(|above| above <= 1)) && !node.is_apart()
}

/// The blocks beside the headline, those behind it first.
fn near<'p>(layout: &'p Layout<'_>, headline: usize, before: usize, behind: usize) -> impl Iterator<Item = &'p Block> {
    let before = layout.around(headline, before, 0).iter();
    layout.around(headline, 0, behind).iter().chain(before)
}

/// The one of these lines that an element stands in.
fn line_of<'b>(time: &Time<'_>, lines: &'b [Block]) -> Option<&'b Block> {
    lines.iter().find(|line| (line.start..line.end).contains(&time.start))
}

/// Whether a line, or a part of one, says nothing of a later version.
fn tells_no_update(line: &str) -> bool {
    without_update(line).as_deref() == Some(line)
}

/// A line up to what it says of a later version; `None` where it tells of that alone.
fn without_update(line: &str) -> Option<String> {
    const WORDS: [&str; 24] = [
        "updat",
        "modif",
        "aktualis",
        "aktualiz",
        "actualis",
        "actualiz",
        "atualiz",
        "aggiorn",
        "mise à jour",
        "mis à jour",
        "uppdat",
        "oppdat",
        "opdat",
        "güncel",
        "bijgewerkt",
        "gewijzigd",
        "geändert",
        "edited",
        "revised",
        "reviewed",
        "обновл",
        "更新",
        "업데이트",
        "تحديث",
    ];
    let small = line.to_lowercase();
    if small.len() != line.len() {
        // The places of the one are not those of the other.
        return WORDS.iter().all(|word| !small.contains(word)).then(|| line.to_owned());
    }
    let Some(at) = WORDS.iter().filter_map(|word| small.find(word)).min() else {
        return Some(line.to_owned());
    };
    let before = line.get(..at)?;
    before.contains(|c: char| c.is_numeric()).then(|| before.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::clean::{Hints, html};

    fn check(page: &str, expected: Option<&str>) {
        let page = format!(
            "<html><body><article><h1>Cranes are back</h1>{page}<p>The cranes are back at work.</p></article></body></html>"
        );
        let found = html::clean(&page, &Hints::default()).page.published_at;
        assert_eq!(found.as_deref(), expected, "{page}");
    }

    #[test]
    fn a_date_that_is_only_shown_is_read() {
        let day = Some("2024-03-05");
        check("<time>5 March 2024</time>", day);
        check(
            "<p>By Ada Quill | <time class='x'>March 5, 2024</time> | 3 min</p>",
            day,
        );
        check(
            "<span itemprop='datePublished' content='2024-03-05'>Tuesday</span>",
            day,
        );
        check("<div itemprop='datePublished'>March 5, 2024</div>", day);
        check("<div class='post-date'>March 5, 2024</div>", day);
        check("<p><span class='date'>5. März 2024</span></p>", day);
        check(
            "<div class='date'>Publié le 5 mars 2024 - Mis à jour le 8 mars 2024</div>",
            day,
        );
        check("<div class='date'>2024年3月5日更新</div>", day);
    }

    #[test]
    fn a_date_that_shares_its_line_is_read() {
        let day = Some("2024-03-05");
        check(
            "<div class='meta'><span class='author'>Ada Quill</span><span class='date'>March 5, 2024</span></div>",
            day,
        );
        check(
            "<div><b>Ada Quill</b> and staff, Port Amsel, the old harbour's quay <span class='post__date'>March 5, 2024</span></div>",
            day,
        );
        check(
            "<div><span class='date'>5 March 2024</span> <span class='date'>Updated 8 March 2024</span></div>",
            day,
        );
        check("<div>Updated <span class='date'>8 March 2024</span></div>", None);
        check("<div><span class='date updated'>8 March 2024</span></div>", None);
        check("<p>The fair opens on <span class='date'>12 May 2019</span>.</p>", None);
    }

    #[test]
    fn the_last_version_has_a_date_too() {
        let check = |page: &str, expected: Option<&str>| {
            let page =
                format!("<html><body><article><h1>Cranes are back</h1>{page}<p>The cranes are back at work.</p>");
            let found = html::clean(&page, &Hints::default()).page.modified_at;
            assert_eq!(found.as_deref(), expected, "{page}");
        };
        let day = Some("2024-03-08");
        let first = "<time class='published' datetime='2024-03-05'>5 March</time>";
        check(
            &format!("{first}<time class='updated' datetime='2024-03-08'>8 March</time>"),
            day,
        );
        check("<meta itemprop='dateModified' content='2024-03-08'>", day);
        let of_page =
            "<script type='application/ld+json'>{\"@type\":\"WebPage\",\"dateModified\":\"2024-03-09\"}</script>";
        check(of_page, Some("2024-03-09"));
        check(
            &format!("{of_page}<meta itemprop='dateModified' content='2024-03-08'>"),
            day,
        );
        check("<span itemprop='dateModified' content='2024-03-08'>Friday</span>", day);
        check("<div class='last-updated'>Updated: 8 March 2024</div>", day);
        for name in ["last-modified", "dcterms.modified", "DC.Date.Modified"] {
            check(&format!("<meta name='{name}' content='2024-03-08'>"), day);
        }
        check(
            "<time class='published updated' datetime='2024-03-05'>5 March</time>",
            None,
        );
        check(
            "<p class='modified'>The fair of 8 March 2024 was the last of its kind, said the harbour master on Friday.</p>",
            None,
        );
    }

    #[test]
    fn a_line_beside_the_headline_that_is_a_date_is_read() {
        let day = Some("2024-03-05");
        check("<div>By Ada Quill</div><div>March 5, 2024</div>", day);
        check("<small>Dienstag, 5. März 2024</small>", day);
        check("<p>Port Amsel</p><p>05.03.2024</p>", day);
        check("<p>By Ada Quill | March 5, 2024</p>", day);
        check("<p>Von Ada Quill, 5. März 2024</p>", day);
        check("<p>By Ada Quill - The Gull - Tuesday, March 5, 2024</p>", day);
        check("<p>Ada Quill, 5 March 2024</p>", None);
        check("<h2>March 5, 2024</h2>", None);
        check("<aside><p>March 5, 2024</p></aside>", None);
        check("<div class='last-updated'>March 8, 2024</div>", None);
        check("<p>March 5, 2024: the harbour opens.</p>", None);
        let far = "<p>The harbour is open.</p>".repeat(6);
        check(&format!("{far}<p>March 5, 2024</p>"), None);
    }

    #[test]
    fn an_element_that_says_both_is_of_the_first_version() {
        check(
            "<time class='entry-date published updated' datetime='2024-03-05T07:08:09Z'>5 March</time>",
            Some("2024-03-05T07:08:09Z"),
        );
        check(
            "<time class='entry-date updated' datetime='2024-03-08'>8 March</time>",
            Some("2024-03-08"),
        );
        check(
            "<p>Updated <time class='entry-date updated' datetime='2024-03-08'>8 March</time></p>",
            None,
        );
    }

    #[test]
    fn what_is_no_date_of_this_article_is_not() {
        check("<time>3 hours ago</time>", None);
        check("<div class='date'>Updated March 5, 2024</div>", None);
        check("<div class='date'>Actualizado el 5 de marzo de 2024</div>", None);
        check("<time class='updated'>March 5, 2024</time>", None);
        check("<div>Remembering September 11, 2001</div>", None);
        check("<p>The fair opens on <time>12 May 2019</time>.</p>", None);
        check("<time></time><p>The fair ends on 6 January 2021</p>", None);
        check("<aside><div class='date'>March 5, 2024</div></aside>", None);
        check("<p>It began on March 5, 2024.</p>", None);
        let far = "<p>The harbour is open.</p>".repeat(12);
        check(&format!("{far}<div class='date'>March 5, 2024</div>"), None);
    }
}
