//! When a page says that it was published, and last changed.
//!
//! In: what the page's head and linked data say, its elements for dates, and its layout. Out: raw dates, what is surest first; the
//! caller takes the first that can be read. Always: linear in the page; what is said of other articles, of comments and of updates is
//! left out.

use super::authors;
use super::beside::{self, is_short};
use super::byline;
use super::classes::Topic;
use super::dateline::{self, ends_sentence, tells_no_update, without_update};
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

/// The linked data's, the metas', the values of elements for dates, and what is shown beside the headline: behind it first, and of that what
/// elements for dates show, then lines that are a date.
pub(super) fn published<'p>(
    layout: &'p Layout<'p>,
    metas: &'p Metas<'_>,
    linked: &'p Linked,
    headline: Option<usize>,
) -> impl Iterator<Item = String> + 'p {
    let of_metas = PUBLISHED.iter().filter_map(|name| metas.get(&[name]));
    let places = headline
        .into_iter()
        .flat_map(|headline| [Place::behind(headline), Place::before(headline)]);
    let shown = places.flat_map(|place| {
        let of_elements = beside(layout, place).chain(shown(layout, place));
        of_elements.chain(alone(layout, place))
    });
    linked
        .origin
        .published
        .clone()
        .into_iter()
        .chain(of_metas)
        .chain(of_elements(layout, headline))
        .chain(shown)
        .chain(headline.into_iter().flat_map(|headline| only_updated(layout, headline)))
        .chain(linked.of_page.published.clone())
}

/// One side of the headline.
#[derive(Debug, Clone, Copy)]
struct Place {
    headline: usize,
    is_behind: bool,
}

impl Place {
    fn behind(headline: usize) -> Self {
        let is_behind = true;
        Self { headline, is_behind }
    }

    fn before(headline: usize) -> Self {
        let is_behind = false;
        Self { headline, is_behind }
    }

    /// So many of the blocks there, but for those of another part of the page.
    fn blocks<'p>(
        self,
        layout: &'p Layout<'_>,
        before: usize,
        behind: usize,
    ) -> impl Iterator<Item = &'p Block> + Clone {
        let Self { headline, is_behind } = self;
        let blocks = if is_behind {
            layout.around(headline, 0, behind)
        } else {
            layout.around(headline, before, 0)
        };
        let is_meant = move |block: &&Block| is_behind || !layout.is_elsewhere(block, headline);
        blocks.iter().filter(is_meant)
    }
}

/// Values of elements beside the headline that call themselves updated, in lines that do not say so: themes that have one date name it so.
fn only_updated<'p>(layout: &'p Layout<'p>, headline: usize) -> impl Iterator<Item = String> + 'p {
    let blocks = layout.around(headline, BEFORE, BEHIND);
    let times = layout.times.iter().filter(|time| is_of_update(time.attributes));
    times.filter_map(move |time| {
        let block = line_of(time, blocks)?;
        let line = layout.text_of(block);
        let is_first = is_short(line, LETTERS_MAX) && tells_no_update(line);
        value_of(time).filter(|_| is_first)
    })
}

/// The values of the page's elements for dates, those that say they are the publication first; none from another part of the page.
fn of_elements(layout: &Layout<'_>, headline: Option<usize>) -> Vec<String> {
    let (mut named, mut others) = (Vec::new(), Vec::new());
    let is_elsewhere = |time: &Time<'_>| {
        let block = layout.blocks.partition_point(|block| block.end <= time.start);
        let block = layout.blocks.get(block);
        block.is_some_and(|block| headline.is_some_and(|headline| layout.is_elsewhere(block, headline)))
    };
    let times = layout.times.iter().filter(|time| !is_of_update(time.attributes));
    for time in times.filter(|time| !is_elsewhere(time)) {
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

/// What an element gives for machines, or else as its title, where that is a date.
fn value_of(time: &Time<'_>) -> Option<String> {
    let given = attributes(time.attributes).find(|(key, _)| is_value(key));
    let title = || {
        let mut titles = attributes(time.attributes).filter(|(key, _)| key.eq_ignore_ascii_case("title"));
        titles.find(|(_, title)| date::parse(title).is_some())
    };
    let (_, value) = given.or_else(title)?;
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

/// Longest line that is a date with its label, in letters.
const LETTERS_MAX: usize = 80;
/// How far from the headline a date stands, in blocks.
const BEFORE: usize = 4;
const BEHIND: usize = 10;

/// When a page says that its last version was made: the values of elements for such dates, and what they and lines show beside the headline.
pub(super) fn modified<'p>(layout: &'p Layout<'p>, headline: Option<usize>) -> impl Iterator<Item = String> + 'p {
    let updates = || layout.times.iter().filter(|time| is_of_update(time.attributes));
    let beside = headline.map(|headline| layout.around(headline, BEFORE, BEHIND));
    let shown = updates().filter_map(move |time| {
        let block = line_of(time, beside?)?;
        let end = time.end.unwrap_or(block.end).min(block.end);
        let text = layout.text.get(time.start..end)?.trim();
        is_short(text, LETTERS_MAX).then(|| text.to_owned())
    });
    let places = headline
        .into_iter()
        .flat_map(|headline| [Place::behind(headline), Place::before(headline)]);
    let lines = places.flat_map(move |place| {
        let lines = place
            .blocks(layout, BEFORE, BEHIND)
            .filter(move |block| is_line(layout, block, place));
        lines.filter_map(|block| dateline::updated(layout.text_of(block)).map(str::to_owned))
    });
    updates().filter_map(value_of).chain(shown).chain(lines)
}

/// What elements for dates show beside the headline, where they have no value, up to a mark that parts it from what follows. Lines that
/// are prose are passed over.
fn shown<'p>(layout: &'p Layout<'_>, place: Place) -> impl Iterator<Item = String> + 'p {
    let blocks = place.blocks(layout, BEFORE, BEHIND);
    let times = layout
        .times
        .iter()
        .filter(|time| value_of(time).is_none() && !is_of_update(time.attributes));
    times.filter_map(move |time| {
        let block = blocks
            .clone()
            .find(|block| (block.start..block.end).contains(&time.start))?;
        let line = layout.text_of(block);
        if is_prose(layout, block, time.start) || !is_short(without_update(line)?, LETTERS_MAX) {
            return None;
        }
        let end = time.end.unwrap_or(block.end).min(block.end);
        let rest = layout.text.get(time.start..end)?;
        let first = rest.split(['|', '•', '·']).next().unwrap_or(rest);
        without_update(first.trim()).map(str::to_owned)
    })
}

/// Whether a line is prose, or too long for what is beside the headline. One that ends with what is shortened in the date is none where that
/// date is all of it, or stands behind a byline or a mark.
fn is_prose(layout: &Layout<'_>, block: &Block, date: usize) -> bool {
    const MARKS: [char; 8] = [':', '|', '•', '·', ',', '-', '–', '—'];
    let line = layout.text_of(block);
    let before = layout.text.get(block.start..date).unwrap_or_default().trim();
    let is_apart = || before.is_empty() || byline::begins_with_by(before) || before.ends_with(MARKS);
    !is_short(line, beside::LETTERS_MAX) || ends_sentence(line) || line.ends_with('.') && !is_apart()
}

/// Short lines beside the headline that an element calls a date, and what such elements show within lines.
fn beside<'p>(layout: &'p Layout<'_>, place: Place) -> impl Iterator<Item = String> + 'p {
    place.blocks(layout, BEFORE, BEHIND).flat_map(move |block| {
        let line = layout.text_of(block);
        let is_line =
            is_short(line, beside::LETTERS_MAX) && is_date(layout, block, place) && !begins_with_update(layout, block);
        let whole = Some(line).filter(|_| is_line).and_then(without_update);
        let whole = whole.filter(|line| is_short(line, LETTERS_MAX)).map(str::to_owned);
        within(layout, block, place).into_iter().chain(whole)
    })
}

/// Lines right beside the headline that are a date, but for its label, or begin with one, and the dates of bylines.
fn alone<'p>(layout: &'p Layout<'_>, place: Place) -> impl Iterator<Item = String> + 'p {
    const BEFORE: usize = 2;
    const BEHIND: usize = 5;
    let blocks = place.blocks(layout, BEFORE, BEHIND);
    let lines = blocks.filter(move |block| is_line(layout, block, place) && !begins_with_update(layout, block));
    lines.filter_map(|block| {
        let is_byline = authors::is_named(layout, block);
        let dated = dateline::published(layout.text_of(block), is_byline)?;
        Some(dated.date.to_owned())
    })
}

/// Whether a block may be a line that says when, and is no heading, no quotation and nothing of other articles.
fn is_line(layout: &Layout<'_>, block: &Block, place: Place) -> bool {
    let node = layout.node_of(block);
    let line = layout.text_of(block);
    let is_short =
        is_short(line, beside::LETTERS_MAX) && without_update(line).is_none_or(|line| is_short(line, LETTERS_MAX));
    is_short && !node.tag.is_heading() && !layout.is_apart(block, Some(place.headline)) && !node.is_quoted()
}

/// Whether an element that begins with a line calls itself the date of a later version.
fn begins_with_update(layout: &Layout<'_>, block: &Block) -> bool {
    let mut times = layout.times.iter();
    times.any(|time| time.start == block.start && is_of_update(time.attributes))
}

/// What the elements within a line show that call themselves dates, unless the line is prose, or they stand behind a word for an update.
fn within(layout: &Layout<'_>, block: &Block, place: Place) -> Vec<String> {
    if layout.is_apart(block, Some(place.headline)) || layout.node_of(block).is_quoted() {
        return Vec::new();
    }
    let dates = layout.spans_of(block).filter(|(span, text)| {
        span.names(Topic::Date)
            && is_short(text, LETTERS_MAX)
            && !is_of_update(span.attributes)
            && !is_prose(layout, block, span.start)
    });
    let shown = dates.filter_map(|(span, text)| {
        let before = layout.text.get(block.start..span.start)?;
        Some(without_update(text).filter(|_| tells_no_update(before))?.to_owned())
    });
    shown.collect()
}

fn is_date(layout: &Layout<'_>, block: &Block, place: Place) -> bool {
    let node = layout.node_of(block);
    let is_called = block.leads(Topic::Date) || node.within_topic(Topic::Date).is_some_and(|above| above <= 1);
    is_called && !layout.is_apart(block, Some(place.headline))
}

/// The one of these lines that an element stands in.
fn line_of<'b>(time: &Time<'_>, lines: &'b [Block]) -> Option<&'b Block> {
    lines.iter().find(|line| (line.start..line.end).contains(&time.start))
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
        check("<div class='date'>Updated: 8 March 2024</div>", day);
        check("<p>Published 5 March 2024 | Last updated on 8 March 2024</p>", day);
        check("<p>By Ada Quill (updated 8 March 2024)</p>", day);
        check("<p>The list of piers was updated on 8 March 2024</p>", None);
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
    fn a_label_or_a_byline_may_stand_before_it() {
        let day = Some("2024-03-05");
        for line in [
            "Published: 5 March 2024",
            "Publié le 5 mars 2024",
            "Publicado em 5 de março de 2024",
            "Veröffentlicht am Dienstag, 5. März 2024",
            "Pubblicato il 5 marzo 2024",
            "Gepubliceerd op 5 maart 2024",
            "Data publikacji: 05.03.2024",
            "Giriş Tarihi: 05.03.2024",
            "Опубликовано 5 марта 2024 г.",
            "نشر في: الثلاثاء 5 مارس 2024",
            "प्रकाशित: मंगलवार, 5 मार्च 2024",
            "公開日：2024年3月5日(火)",
            "발행일 2024.03.05",
            "2024-03-05 来源：临江日报 作者：王晓东",
            "By Ada Quill on March 5, 2024",
            "By Ada Quill · March 5, 2024 · 5 min read",
            "By Ada Quill, Staff Writer | Published March 5, 2024",
            "Posted by Ada Quill on March 5, 2024",
            "Posted on March 5, 2024 by Ada Quill",
            "05.03.2024 | Aktualizacja: 08.03.2024",
            "Last updated: 8 March 2024 | Published: 5 March 2024",
            "By Ada Quill March 5, 2024",
            "Par Ada Quill et Ben Ink Publié le 5 mars 2024",
            "来源：临江日报 2024-03-05",
            "作者：王晓东 发布日期：2024-03-05",
            "김민수 기자 입력 2024.03.05",
            "<span class=author>Ada Quill</span> | March 5, 2024",
        ] {
            check(&format!("<p>{line}</p>"), day);
        }
        for line in [
            "Published in 1987",
            "Born 5 March 2024",
            "5 March 2024 – 8 March 2024",
            "The fair, 5 March 2024",
            "The list was published on 5 March 2024",
            "By Ada Quill and born 5 March 2024",
            "Last updated: 8 March 2024 | The fair: 5 March 2024",
            "Unpublished: 5 March 2024",
            "Last updated: 5 March 2024",
        ] {
            check(&format!("<p>{line}</p>"), None);
        }
    }

    #[test]
    fn what_stands_behind_the_headline_is_surer_than_what_stands_before_it() {
        let byline = "<h1>Cranes are back</h1><p>By Ada Quill | 5 March 2024</p><p>The cranes are back at work.</p>";
        let check = |before: &str, expected: Option<&str>| {
            for page in [
                format!("{before}<main>{byline}</main>"),
                format!("{before}<div id=content>{byline}</div>"),
            ] {
                let found = html::clean(&page, &Hints::default()).page.published_at;
                assert_eq!(found.as_deref(), expected, "{page}");
            }
        };
        let day = Some("2024-03-05");
        check("<header><span class=date>Sunday, June 30, 2024</span></header>", day);
        check(
            "<div class=masthead><span class=date>Sunday, June 30, 2024</span></div>",
            day,
        );
        let teaser = "<div><a href=/a>Council delays vote</a> <time datetime=2024-05-01>1 May</time></div>";
        check(&format!("<div class=sidebar-content>{teaser}{teaser}</div>"), day);
        check(
            &format!("<div class=single-post><div class=sidebar>{teaser}</div>"),
            day,
        );
        check(
            "<div class=sidebar><h2>News</h2><div>Vote <span class=date>1 May 2024</span></div></div>",
            day,
        );
        let bare = |page: &str| html::clean(page, &Hints::default()).page.published_at;
        let text = "<h1>Cranes are back</h1><p>The cranes are back at work.</p>";
        let masthead = format!("<header><p class=date>June 30, 2024</p></header><main>{text}</main>");
        assert_eq!(bare(&masthead), None);
        let own = format!("<article><header><p class=date>March 5, 2024</p></header>{text}</article>");
        assert_eq!(bare(&own).as_deref(), day);
        let shared = format!("<div class=with-sidebar><p class=date>March 5, 2024</p>{text}</div>");
        assert_eq!(bare(&shared).as_deref(), day);
    }

    #[test]
    fn elements_of_rdfa_and_microformats_are_read() {
        check(
            "<div><span property='dc:date dc:created' content='2024-03-05T10:15:00+02:00'>Submitted by press</span></div>",
            Some("2024-03-05T10:15:00+02:00"),
        );
        check(
            "<p>Tuesday, 5 March 2024 at <abbr class='published' title='2024-03-05T08:14:00-08:00'>8:14 AM</abbr></p>",
            Some("2024-03-05T08:14:00-08:00"),
        );
        check(
            "<p><abbr class='published' title='Tuesday'>5 March 2024</abbr></p>",
            Some("2024-03-05"),
        );
    }

    #[test]
    fn a_dates_own_dot_ends_no_sentence() {
        let time = Some("2024-03-05T07:30:00");
        check(
            "<div class=byline>By Ada Quill <span class=date>March 5, 2024 at 7:30 a.m.</span></div>",
            time,
        );
        check("<time>5 de marzo de 2024 a las 07:30h.</time>", time);
        check("<p>By Ada Quill | <time>March 5, 2024, 7:30 a.m.</time></p>", time);
        check("<p>The fair opens on <time>5 March 2024 at 7:30 a.m.</time></p>", None);
    }

    #[test]
    fn letters_of_any_script_count_alike() {
        check(
            "<div class=date>Опубликовано 5 марта 2024 г. в 14:05, обновлено 8 марта 2024 г. в 09:00</div>",
            Some("2024-03-05T14:05:00"),
        );
        check(
            "<div class=date>प्रकाशित: मंगलवार, 5 मार्च 2024 10:15 AM IST</div>",
            Some("2024-03-05T10:15:00"),
        );
    }

    #[test]
    fn a_footer_between_headline_and_text_is_the_articles_own() {
        check(
            "<footer><div>By Ada Quill, 5 March 2024</div></footer>",
            Some("2024-03-05"),
        );
        let paragraph = format!("<p>{}</p>", "The harbour is open again, and so is the pier. ".repeat(5));
        check(
            &format!("{paragraph}<footer><div>By Ada Quill, 5 March 2024</div></footer>"),
            None,
        );
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
