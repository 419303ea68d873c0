//! When a page says that it was published.
//!
//! In: what the page's head and linked data say, its elements for dates, and its layout. Out: raw dates, what is surest first; the
//! caller takes the first that can be read. Always: linear in the page; what is said of other articles, of comments and of updates is
//! left out.

use super::blocks::{Block, Layout, Time};
use super::classes::Topic;
use super::linked::Linked;
use super::meta::Metas;
use super::token::attributes;

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

/// The linked data's, the metas', those of elements for dates, and what stands beside the headline.
pub(super) fn published<'p>(
    layout: &'p Layout<'p>,
    metas: &'p Metas<'_>,
    linked: &'p Linked,
    headline: Option<usize>,
) -> impl Iterator<Item = String> + 'p {
    let of_metas = PUBLISHED.iter().filter_map(|name| metas.get(&[name]));
    let shown = headline.into_iter().flat_map(|headline| beside(layout, headline));
    linked
        .published
        .clone()
        .into_iter()
        .chain(of_metas)
        .chain(of_elements(layout))
        .chain(shown)
}

/// The values of the page's elements for dates, those that say they are the publication first, and then what they show.
fn of_elements(layout: &Layout<'_>) -> Vec<String> {
    let (mut named, mut others, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    for time in &layout.times {
        let mut is_publication = false;
        let mut value = None;
        for (key, content) in attributes(time.attributes) {
            if key.eq_ignore_ascii_case("datetime") || key.eq_ignore_ascii_case("content") {
                value = Some(content.trim().to_owned());
            } else {
                is_publication |= content.to_ascii_lowercase().contains("publi") || key.eq_ignore_ascii_case("pubdate");
            }
        }
        match value {
            Some(value) if is_publication => named.push(value),
            Some(value) => others.push(value),
            None => shown.extend(what_shows(layout, time)),
        }
    }
    named.extend(others);
    named.extend(shown);
    named
}

/// Longest line that is a date with its label, in bytes.
const LINE_BYTES_MAX: usize = 80;

/// What an element for a date shows: the rest of its line, up to a mark that parts it from what follows.
fn what_shows(layout: &Layout<'_>, time: &Time<'_>) -> Option<String> {
    let after = layout.blocks.partition_point(|block| block.end <= time.start);
    let block = layout.blocks.get(after)?;
    let line = layout.text.get(time.start.max(block.start)..block.end)?;
    let date = line.split(['|', '•', '·']).next().unwrap_or(line).trim();
    let is_first = without_update(layout.text_of(block)).is_some();
    (date.len() <= LINE_BYTES_MAX && is_first)
        .then(|| without_update(date))
        .flatten()
}

/// Short lines beside the headline that an element calls a date, and then those right beside it that are little else.
fn beside<'p>(layout: &'p Layout<'_>, headline: usize) -> impl Iterator<Item = String> + 'p {
    let named = layout
        .around(headline, 4, 10)
        .iter()
        .filter(|block| is_date(layout, block));
    let others = layout.around(headline, 2, 6).iter().filter(|block| {
        let line = layout.text_of(block);
        is_brief(line) && !layout.nodes[block.node as usize].is_apart()
    });
    named.chain(others).filter_map(|block| {
        let line = layout.text_of(block);
        (line.len() <= LINE_BYTES_MAX).then(|| without_update(line)).flatten()
    })
}

fn is_date(layout: &Layout<'_>, block: &Block) -> bool {
    let node = &layout.nodes[block.node as usize];
    let leads = block.lead >> Topic::Date as u8 & 1 == 1;
    (leads || node.within_topic(Topic::Date).is_some_and(|above| above <= 1)) && !node.is_apart()
}

/// A few words and no sentence.
fn is_brief(line: &str) -> bool {
    const WORDS_MAX: usize = 8;
    line.split_whitespace().count() <= WORDS_MAX && !line.ends_with(['.', '!', '?', '。'])
}

/// A line up to what it says of a later version; `None` where it tells of that alone.
fn without_update(line: &str) -> Option<String> {
    const WORDS: [&str; 12] = [
        "updat",
        "modif",
        "aktualis",
        "actualis",
        "atualiz",
        "aggiorn",
        "mise à jour",
        "mis à jour",
        "обновл",
        "更新",
        "업데이트",
        "تحديث",
    ];
    let small = line.to_lowercase();
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
        check("<div>Ada Quill, March 5, 2024</div>", day);
        check(
            "<div class='date'>Publié le 5 mars 2024 - Mis à jour le 8 mars 2024</div>",
            day,
        );
        check("<div class='date'>2024年3月5日更新</div>", day);
    }

    #[test]
    fn what_is_no_date_of_this_article_is_not() {
        check("<time>3 hours ago</time>", None);
        check("<div class='date'>Updated March 5, 2024</div>", None);
        check("<div>Cranes in 2024</div>", None);
        check("<div>Chapter 5 of 12</div>", None);
        check("<aside><div class='date'>March 5, 2024</div></aside>", None);
        check("<p>It began on March 5, 2024.</p>", None);
        let far = "<p>The harbour is open.</p>".repeat(12);
        check(&format!("{far}<div class='date'>March 5, 2024</div>"), None);
    }
}
