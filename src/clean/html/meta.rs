//! What a page says of itself → [`Page`].
//!
//! In: the layout (with its `meta` and `link` elements) and the JSON-LD. Out: the page's metadata. Always: a date that is after
//! the fetch, or cannot be read, is no date; a title is one that the page gives itself.

use super::authors;
use super::byline;
use super::dates;
use super::layout::{Layout, Link};
use super::linked::Linked;
use super::metas::{Metas, is_url};
use super::titles;
use super::token::attributes;
use crate::clean::normalize::fold;
use crate::clean::{Hints, Page};
use crate::date;
use crate::headline::letters;

/// Collect what the page says; `text` is its main text.
pub(super) fn page(
    layout: &Layout<'_>,
    metas: &Metas<'_>,
    linked: &Linked,
    headline: Option<usize>,
    text: &str,
    hints: &Hints<'_>,
) -> Page {
    let site = metas
        .get(&["og:site_name", "application-name"])
        .or_else(|| linked.site.clone())
        .or_else(|| linked.publisher.clone());
    let latest = hints.fetched_at.and_then(date::parse).map(|d| d.millis);
    let read = |raw: String| {
        // Where no zone was given, it may be one that has its mornings first.
        let ahead = |date: &date::Date| if date.has_zone() { 0 } else { FIRST_ZONE_MS };
        date::parse(&raw)
            .filter(|d| latest.is_none_or(|l| d.millis - ahead(d) <= l))
            .map(|d| d.text)
    };
    let of_metas = MODIFIED.iter().filter_map(|name| metas.get(&[name]));
    let modified = linked.origin.modified.clone().into_iter().chain(of_metas);
    let shown = modified.chain(dates::modified(layout, headline));
    let mut modified = shown.chain(linked.of_page.modified.clone());
    let images = ["og:image", "og:image:url", "twitter:image"]
        .into_iter()
        .filter_map(|name| metas.get(&[name]));
    let canonical_url = in_full(
        metas.link("canonical").into_iter().chain(metas.get(&["og:url"])),
        hints.url,
    );
    let address = hints.url.filter(|url| is_url(url)).or(canonical_url.as_deref());
    Page {
        image: in_full(images.chain(linked.image.clone()), address),
        title: title(layout, metas, linked),
        authors: authors::authors(layout, metas, linked, site.as_deref(), headline),
        published_at: dates::published(layout, metas, linked, headline).find_map(read),
        modified_at: modified.find_map(read),
        language: language(layout, metas, linked),
        section: linked
            .section
            .clone()
            .or_else(|| metas.get(&["article:section", "section"])),
        canonical_url,
        kind: kind(metas, linked, text),
        rights: rights(layout, metas, linked),
        site,
    }
}

/// Names of metas that hold the date of the last version.
const MODIFIED: [&str; 8] = [
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "article:modified",
    "last-modified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
];

/// How far the easternmost zone is ahead of UTC: 14 hours.
const FIRST_ZONE_MS: i64 = 14 * 3_600_000;

/// The first of these that is given in full, else the first that can be completed.
fn in_full(urls: impl Iterator<Item = String>, page: Option<&str>) -> Option<String> {
    let urls: Vec<String> = urls.collect();
    let full = urls.iter().position(|url| is_url(url));
    match full {
        Some(at) => urls.into_iter().nth(at),
        None => urls.into_iter().find_map(|url| absolute(&url, page)),
    }
}

/// A URL in full: scheme and host are those of the page where it leaves them out. `None` for what is no URL, or relative to a path.
fn absolute(url: &str, page: Option<&str>) -> Option<String> {
    let page = page.filter(|page| is_url(page))?;
    let host = page.find("://")? + 3;
    if let Some(other) = url.strip_prefix("//") {
        return (!other.is_empty()).then(|| format!("{}{url}", page.get(..host - 2).unwrap_or_default()));
    }
    let end = page
        .get(host..)?
        .find(['/', '?', '#'])
        .map_or(page.len(), |path| host + path);
    url.starts_with('/')
        .then(|| format!("{}{url}", page.get(..end).unwrap_or_default()))
}

/// The `lang` of the page's root, a meta tag's or the JSON-LD's: the ISO 639-1 part.
fn language(layout: &Layout<'_>, metas: &Metas<'_>, linked: &Linked) -> Option<String> {
    let of_root = attributes(layout.html_attributes)
        .find(|(key, value)| matches!(*key, "lang" | "xml:lang" | "LANG") && !value.is_empty())
        .map(|(_, value)| value.to_owned());
    of_root
        .or_else(|| metas.get(&["content-language", "og:locale", "language", "dc.language"]))
        .or_else(|| linked.language.clone())
        .map(|found| {
            found
                .split(['-', '_', ','])
                .next()
                .unwrap_or("")
                .trim()
                .to_ascii_lowercase()
        })
        .filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase()))
}

fn rights(layout: &Layout<'_>, metas: &Metas<'_>, linked: &Linked) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for robots in metas.all("robots").chain(metas.all("googlebot")) {
        let robots = robots.to_ascii_lowercase();
        let words = robots.split([',', ' ']).filter(|word| !word.is_empty());
        // Behind another crawler's name (`otherbot: noai`) the words are for that one.
        let is_crawler =
            |word: &str| word.ends_with(':') && !word.starts_with("max-") && !word.starts_with("unavailable_after");
        for word in words.take_while(|word| !is_crawler(word)) {
            if matches!(word, "noai" | "noimageai" | "noarchive") {
                found.push(word.to_owned());
            }
        }
    }
    if metas.get(&["tdm-reservation"]).is_some_and(|value| value == "1") {
        found.push("tdm-reservation".to_owned());
    }
    found.extend(metas.get(&["tdm-policy"]));
    let licence = metas.link("license").or_else(|| linked.licence.clone());
    found.extend(licence.or_else(|| shown_licence(layout)));
    let mut seen = Vec::with_capacity(found.len());
    for signal in found {
        if !seen.contains(&signal) {
            seen.push(signal);
        }
    }
    seen
}

/// Where the first link leads that calls what it leads to the licence of this page, and not of an image or of what readers say.
fn shown_licence(layout: &Layout<'_>) -> Option<String> {
    // Hardly any link has the word at all.
    let is_licence = |link: &Link<'_>| link.attributes.contains("license") && link.leads_to("license");
    let is_of_page = |end: usize| {
        let block = layout.blocks.partition_point(|block| block.end < end);
        layout.blocks.get(block).is_some_and(|block| {
            let node = layout.node_of(block);
            !node.is_of_picture() && !node.is_of_others()
        })
    };
    let mut licences = layout
        .links
        .iter()
        .filter(|link| is_licence(link) && is_of_page(link.end));
    let href = licences.next()?.address()?;
    let href = htmlize::unescape_attribute(href.trim()).into_owned();
    (!href.is_empty()).then_some(href)
}

/// Bytes of main text below which a page that does not call itself an article is none.
const ARTICLE_BYTES_MIN: usize = 200;

fn kind(metas: &Metas<'_>, linked: &Linked, text: &str) -> Option<&'static str> {
    let says_article = linked.is_article
        || metas
            .get(&["og:type"])
            .is_some_and(|t| t.eq_ignore_ascii_case("article"));
    let is_locked = linked.is_paywalled
        || metas
            .get(&["article:content_tier"])
            .is_some_and(|t| matches!(&*t, "locked" | "metered"));
    if is_locked {
        Some("paywalled")
    } else if linked.is_gallery {
        Some("gallery")
    } else if says_article {
        Some("article")
    } else if linked.is_list {
        Some("list")
    } else if text.len() < ARTICLE_BYTES_MIN {
        Some("not-an-article")
    } else {
        None
    }
}

/// The first of these: the linked data's headline, a heading that the tab's title holds, the title meant for others, the only heading of the
/// first level where it is like the tab's or the tab tells no title, the tab's. Without the outlet's name, where a heading does without.
fn title(layout: &Layout<'_>, metas: &Metas<'_>, linked: &Linked) -> Option<String> {
    let tab = fold(&htmlize::unescape(layout.title));
    let site = metas.get(&["og:site_name"]).or_else(|| linked.site.clone());
    let is_outlet = |heading: &str| titles::is_outlet(heading, &tab, site.as_deref(), layout);
    let heading = || {
        let mut held = layout
            .first_headings()
            .map(|block| layout.text_of(block))
            .filter(|heading| heading.len() >= 12 && titles::beginning(&tab).contains(*heading))
            .filter(|heading| !is_outlet(heading));
        let first = held.next()?;
        // Where another is what the tab begins with, the first is the outlet's name in its masthead.
        let is_masthead = !tab.starts_with(first) && held.any(|other| tab.starts_with(other));
        let chosen = if is_masthead { tab.clone() } else { first.to_owned() };
        // Where the title meant for others shares no word with it, it is a masthead's.
        let mut meant = metas.all("og:title").take(1).peekable();
        (meant.peek().is_none() || meant.any(|title| is_like(&chosen, &title))).then_some(chosen)
    };
    // Some write there what the thing is: "constitutional monarchy in Oceania".
    let is_shown = |headline: &String| {
        let headings = layout
            .first_headings()
            .take(HEADINGS_MAX)
            .map(|block| layout.text_of(block).to_owned());
        let others = metas.all("og:title").take(1).chain([tab.clone()]).chain(headings);
        let mut others = others.filter(|title| !title.is_empty()).peekable();
        others.peek().is_none() || others.any(|title| is_like(headline, &title))
    };
    linked
        .headline
        .as_deref()
        .map(fold)
        .filter(|headline| !headline.is_empty() && is_shown(headline))
        .or_else(heading)
        .or_else(|| metas.get(&["og:title", "twitter:title"]))
        .or_else(|| {
            only_heading(layout)
                .filter(|heading| !is_outlet(heading))
                .filter(|heading| is_like(heading, &tab) || tells_no_title(&tab, metas, layout))
                .map(|heading| titles::without_kicker(heading, &tab).unwrap_or(heading).to_owned())
        })
        .or_else(|| (!tab.is_empty()).then_some(tab.clone()))
        .map(|title| titles::without_outlet(&title, layout).map_or(title, str::to_owned))
}

/// Whether the tab's title is empty, the outlet's name, or what an editor's program writes there: a few words that the page does not show as
/// it shows a headline.
fn tells_no_title(tab: &str, metas: &Metas<'_>, layout: &Layout<'_>) -> bool {
    const WORDS_MAX: usize = 3;
    let is_name = || metas.all("og:site_name").any(|name| fold(&name) == tab);
    let is_shown = || layout.blocks.iter().any(|block| layout.text_of(block) == tab);
    tab.is_empty() || is_name() || tab.split_whitespace().count() <= WORDS_MAX && !is_shown()
}

/// More headings of the first level are not looked at.
const HEADINGS_MAX: usize = 8;

/// The heading of the first level, where the page has one of at least three words.
fn only_heading<'a>(layout: &'a Layout<'_>) -> Option<&'a str> {
    let mut headings = layout.first_headings().map(|block| layout.text_of(block));
    let only = headings.next().filter(|_| headings.next().is_none())?;
    (only.split_whitespace().count() >= 3).then_some(only)
}

/// Whether more than a third of a title's words stand in another.
fn is_like(title: &str, other: &str) -> bool {
    let letters_of = |text: &str| letters(text).collect::<String>();
    let (title, other) = (titles::beginning(title), letters_of(titles::beginning(other)));
    // Where no blanks part the words, another wording shares none.
    if title.chars().any(byline::is_unspaced) {
        return true;
    }
    let words = title.split_whitespace().map(letters_of).filter(|word| word.len() > 2);
    let (mut all, mut found) = (0, 0);
    for word in words {
        all += 1;
        found += usize::from(other.contains(&word));
    }
    found * 3 > all || all == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::html::{blocks, linked};

    fn read(html: &str, hints: &Hints<'_>) -> Page {
        let layout = blocks::blocks(html);
        let metas = Metas::read(&layout.metas);
        let linked = linked::read(&layout.linked_data, &metas.addresses(hints.url));
        let headline = titles::Titles::new("").headline(&layout);
        page(&layout, &metas, &linked, headline, "", hints)
    }

    #[test]
    fn a_title_keeps_the_outlets_name_unless_a_heading_does_without() {
        let check = |html: &str, expected: &str| {
            assert_eq!(read(html, &Hints::default()).title.as_deref(), Some(expected), "{html}");
        };
        let tab = "<title>Ferries late again | The Harbour Post</title>";
        check(tab, "Ferries late again | The Harbour Post");
        check(&format!("{tab}<h1>Ferries late again</h1>"), "Ferries late again");
        check(
            &format!("{tab}<h1>The other story of today</h1>"),
            "Ferries late again | The Harbour Post",
        );
        check(
            &format!("{tab}<h1>The Harbour Post</h1><meta property='og:title' content='Ferries late again'>"),
            "Ferries late again",
        );
        check(
            &format!("{tab}<h1>Why ferries are late again and again</h1>"),
            "Why ferries are late again and again",
        );
        check(
            &format!("{tab}<meta property='og:title' content='Late ferries'>"),
            "Late ferries",
        );
        for untold in [
            "",
            "<title></title>",
            "<title>The Harbour Post</title>",
            "<title>Untitled Document</title>",
        ] {
            check(
                &format!("{untold}<h1>Old pier closed in autumn</h1>"),
                "Old pier closed in autumn",
            );
        }
        for heading in [
            "<span>Transport</span><span>Ferries late again</span>",
            "<span>Transport</span> Ferries late again",
        ] {
            check(&format!("{tab}<h1>{heading}</h1>"), "Ferries late again");
            check(
                &format!("<title>Ferries late again</title><h1>{heading}</h1>"),
                "Ferries late again",
            );
        }
        check(
            "<title>Late again | The Harbour Post</title><h1>Ferries late again</h1>",
            "Ferries late again",
        );
        check(
            "<title>Storm closes harbour</title><h1>The Harbour Post</h1><h2>Storm closes harbour</h2>",
            "Storm closes harbour",
        );
        check(
            "<title>The Post of the Northern Harbour</title><meta property='og:site_name' content='The Post of the Northern Harbour'>\
             <h1>Old pier closed in autumn</h1>",
            "Old pier closed in autumn",
        );
        let linked = |headline: &str| {
            format!("<script type='application/ld+json'>{{\"@type\":\"Article\",\"headline\":\"{headline}\"}}</script>")
        };
        let late = "Ferries late again, and again";
        check(&format!("{tab}{}", linked(late)), late);
        check(
            &format!("{tab}<h1>Ferries late again</h1>{}", linked("transport by water")),
            "Ferries late again",
        );
        check(
            &format!("{tab}<meta property='dc:title og:title' content='Late ferries'>"),
            "Late ferries",
        );
        check(
            &format!("{tab}<h1>The Harbour Post</h1><h1>Ferries late again</h1>"),
            "Ferries late again",
        );
    }

    #[test]
    fn an_outlets_name_in_front_of_the_headline_is_no_title() {
        let check = |tab: &str, behind: &str, expected: &str| {
            let page = format!("<title>{tab}</title>{behind}");
            assert_eq!(
                read(&page, &Hints::default()).title.as_deref(),
                Some(expected),
                "{page}"
            );
        };
        let closed = "Old pier closed until the spring";
        let blog = format!("<header><h1>The Harbour Post</h1></header><div><h3>{closed}</h3></div>");
        for separator in [": ", " - ", " | "] {
            check(&format!("The Harbour Post{separator}{closed}"), &blog, closed);
        }
        let meant = format!("<meta property='og:title' content='{closed}'>");
        check(
            &format!("The Harbour Post: {closed}"),
            &format!("{meant}{blog}"),
            closed,
        );
        let (name, headline) = ("临江日报新闻网", "临江老桥修缮完工六月起恢复通车");
        let blog = format!("<h1>{name}</h1><h3>{headline}</h3>");
        check(&format!("{name}：{headline}"), &blog, headline);
        check(&format!("{name}: {headline}"), &blog, headline);
        // A headline may be longer than the name behind it, or have one behind it that stands above.
        let late = "Ferries late again";
        check(
            &format!("{late} - The Harbour Post"),
            &format!("<h1>{late}</h1><h2>The Harbour Post</h2>"),
            late,
        );
        let post = "The Post of the Northern Harbour";
        check(
            &format!("{late} - {post}"),
            &format!("<h2>{post}</h2><h1>{late}</h1>"),
            late,
        );
    }

    #[test]
    fn an_outlet_of_a_script_without_blanks_stands_behind_a_mark_without_blanks() {
        let check = |tab: &str, heading: &str, expected: &str| {
            let page = format!("<title>{tab}</title><h3>{heading}</h3>");
            assert_eq!(
                read(&page, &Hints::default()).title.as_deref(),
                Some(expected),
                "{page}"
            );
        };
        let strike = "法国全国大罢工再次严重影响交通";
        for outlet in ["-新华网", "_证券时报网", "｜NHKニュース", "__网易"] {
            check(&format!("{strike}{outlet}"), strike, strike);
        }
        // More than a name, and a compound of words with blanks.
        let more = format!("{strike}-政府表示将在下周与工会继续就退休制度改革进行谈判");
        check(&more, strike, &more);
        check(
            "The port and its trade-off",
            "The port and its trade",
            "The port and its trade-off",
        );
    }

    #[test]
    fn a_heading_of_any_level_does_without_the_outlets_name() {
        let check = |html: &str, expected: &str| {
            assert_eq!(read(html, &Hints::default()).title.as_deref(), Some(expected), "{html}");
        };
        let tab = "<title>Ferries late again - The Harbour Post</title>";
        let late = "Ferries late again";
        check(&format!("{tab}<h3>{late}</h3>"), late);
        // Outlets may stand in front, and what is shown as part of a title may be what it is about.
        check(
            "<title>The Port Amsel Gull - Bridge closed</title><h1>Bridge closed</h1>",
            "Bridge closed",
        );
        let song = "Ada and the Piers – Grey Rain on the Quay";
        check(
            &format!("<title>{song}</title><h2>Ada and the Piers</h2><h1>Grey Rain</h1>"),
            song,
        );
        check(
            &format!("<title>{song}</title><h1>{song}</h1><aside><h3>Ada and the Piers</h3></aside>"),
            song,
        );
        check(&format!("{tab}<h1>The Harbour Post</h1><h2>{late}</h2>"), late);
        check(
            &format!(
                "<script type='application/ld+json'>{{\"@type\":\"Article\",\"headline\":\"{late} | The Harbour Post\"}}</script>\
                 {tab}<h1>{late}</h1>"
            ),
            late,
        );
        check(
            &format!("<meta property='og:title' content='{late} – The Harbour Post'><h2>{late}</h2>"),
            late,
        );
        check(
            "<title>Ferries late again and again, and nobody knows why - The Harbour Post</title><h1>The Harbour Post</h1>",
            "Ferries late again and again, and nobody knows why - The Harbour Post",
        );
        // The outlet may stand first.
        check(
            &format!("<title>The Harbour Post - {late}</title><h1>{late}</h1>"),
            late,
        );
        // A few words with a stroke behind them may be what the title is about.
        check(
            "<title>Interview - Ada Quill</title><h1>Interview</h1>",
            "Interview - Ada Quill",
        );
    }

    #[test]
    fn what_is_said_of_other_articles_is_not_said_of_this_one() {
        let teaser = "<meta itemprop='datePublished' content='2019-01-01'><time datetime='2019-01-02'>Old</time>";
        for place in ["aside", "nav", "footer", "header", "div class='related'"] {
            let element = place.split(' ').next().unwrap_or_default();
            let html =
                format!("<{place}>{teaser}</{element}><article><time datetime='2024-05-02'>2 May</time></article>");
            let found = read(&html, &Hints::default()).published_at;
            assert_eq!(found.as_deref(), Some("2024-05-02"), "{place}");
        }
        for own in [
            "<article><footer class='entry-footer'><time datetime='2024-05-02'>2 May</time></footer></article>",
            "<article><aside class='meta'><time datetime='2024-05-02'>2 May</time></aside></article>",
            "<div class='post hentry'><header class='entry-header'><time datetime='2024-05-02'>2 May</time></header></div>",
        ] {
            assert_eq!(
                read(own, &Hints::default()).published_at.as_deref(),
                Some("2024-05-02"),
                "{own}"
            );
        }
    }

    #[test]
    fn authors_come_from_the_first_that_names_any() {
        let check =
            |html: &str, expected: &[&str]| assert_eq!(read(html, &Hints::default()).authors, expected, "{html}");
        let profile = "<meta property='article:author' content='https://social.example/gull'>";
        let byline = "<article><p class='byline'>By Ann Pier</p></article>";
        check(&format!("{profile}{byline}"), &["Ann Pier"]);
        let two = "<meta name='author' content='Ann Pier'><meta name='author' content='Ben Quay'>";
        check(&format!("{two}{byline}"), &["Ann Pier", "Ben Quay"]);
    }

    #[test]
    fn a_person_is_named_before_the_outlet() {
        let check =
            |html: &str, expected: &[&str]| assert_eq!(read(html, &Hints::default()).authors, expected, "{html}");
        let byline = "<article><p class='byline'>By Ann Pier</p></article>";
        let linked = |author: &str| {
            format!("<script type='application/ld+json'>{{\"@type\":\"Article\",\"author\":{author}}}</script>")
        };
        let gull = linked(r#"[{"@type":"NewsMediaOrganization","name":"The Gull"}]"#);
        check(
            &format!("{gull}<meta name=author content='The Gull'>{byline}"),
            &["Ann Pier"],
        );
        check(&gull, &["The Gull"]);
        let site = "<meta property='og:site_name' content='The Gull'><meta name=author content='the gull'>";
        check(&format!("{site}{byline}"), &["Ann Pier"]);
        check(
            &format!("{site}<meta name='dc.creator' content='Ben Quay'>{byline}"),
            &["Ben Quay"],
        );
        check(site, &["the gull"]);
        let mixed = linked(r#"[{"@type":"Organization","name":"The Gull"},{"@type":"Person","name":"Ben Quay"}]"#);
        check(&format!("{mixed}{byline}"), &["The Gull", "Ben Quay"]);
    }

    #[test]
    fn names_of_many_publishers_are_known() {
        for name in ["DC.Date.Created", "og:pubdate", "publication_date", "article:published"] {
            let found = read(&format!("<meta name='{name}' content='2024-05-02'>"), &Hints::default());
            assert_eq!(found.published_at.as_deref(), Some("2024-05-02"), "{name}");
        }
        for name in ["og:article:author", "citation_author", "dc:creator"] {
            let found = read(&format!("<meta name='{name}' content='Ann Pier'>"), &Hints::default());
            assert_eq!(found.authors, ["Ann Pier"], "{name}");
        }
    }

    #[test]
    fn meta_tags_and_links_are_read() {
        let html = r#"<html lang="en-GB"><head><meta property="og:site_name" content="Gull &amp; Co"><meta name=author content="By Ann Pier">
            <link rel="canonical" href="https://gull.example/a"><meta name="robots" content="index, noai,noarchive">
            <meta name="tdm-reservation" content="1"><title>Tides - Gull &amp; Co</title>"#;
        let found = read(html, &Hints::default());
        assert_eq!(found.title.as_deref(), Some("Tides - Gull & Co"));
        assert_eq!(found.site.as_deref(), Some("Gull & Co"));
        assert_eq!(found.authors, ["Ann Pier"]);
        assert_eq!(found.language.as_deref(), Some("en"));
        assert_eq!(found.canonical_url.as_deref(), Some("https://gull.example/a"));
        assert_eq!(found.rights, ["noai", "noarchive", "tdm-reservation"]);
    }

    #[test]
    fn addresses_are_given_in_full() {
        let html = "<link rel=canonical href=/tides><meta property='og:image' content='//img.gull.example/pier.jpg'>";
        let of = |url| {
            let found = read(
                html,
                &Hints {
                    url,
                    ..Hints::default()
                },
            );
            (found.canonical_url, found.image)
        };
        let full = (
            Some("https://gull.example/tides".to_owned()),
            Some("https://img.gull.example/pier.jpg".to_owned()),
        );
        assert_eq!(of(Some("https://gull.example?id=7")), full);
        assert_eq!(of(Some("https://gull.example/a/b")), full);
        assert_eq!(of(None), (None, None));
        let known =
            "<link rel=canonical href=https://gull.example/tides><meta property='og:image' content='/pier.jpg'>";
        let image = read(known, &Hints::default()).image;
        assert_eq!(image.as_deref(), Some("https://gull.example/pier.jpg"));
        let home = "<link rel=canonical href=/><meta property='og:url' content='https://gull.example/a'>";
        let url = Some("https://gull.example/a");
        assert_eq!(
            read(
                home,
                &Hints {
                    url,
                    ..Hints::default()
                }
            )
            .canonical_url
            .as_deref(),
            url
        );
        let named = r#"<link rel="canonical" href="https://gull.example/new"><script type="application/ld+json">
            [{"@type":"Article","url":"https://gull.example/old","headline":"Old"},{"@type":"Article","url":"https://gull.example/new","headline":"New"}]</script>"#;
        assert_eq!(read(named, &Hints::default()).title.as_deref(), Some("New"));
    }

    #[test]
    fn a_licence_may_be_a_link_on_the_page() {
        let rights = |html: &str| read(html, &Hints::default()).rights;
        let link = "<a class=x rel='license noopener' href='https://licence.example/by'>CC BY</a>";
        assert_eq!(
            rights(&format!("<p>Text.</p><footer>{link}</footer>")),
            ["https://licence.example/by"]
        );
        assert_eq!(
            rights(&format!("<figure><figcaption>Pier: {link}</figcaption></figure>")),
            [""; 0]
        );
        assert_eq!(rights("<a rel=nofollow href='/license'>Licence</a>"), [""; 0]);
    }

    #[test]
    fn words_for_another_crawler_are_not_for_all() {
        let rights = |content: &str| read(&format!("<meta name=robots content='{content}'>"), &Hints::default()).rights;
        assert_eq!(rights("noarchive, otherbot: noai"), ["noarchive"]);
        assert_eq!(rights("unavailable_after: 2030-01-01, max-snippet: -1, noai"), ["noai"]);
    }

    #[test]
    fn a_date_after_the_fetch_is_no_date() {
        let html = r#"<meta property="article:published_time" content="2024-05-02T10:00:00Z">"#;
        let fetched = |at| Hints {
            fetched_at: Some(at),
            ..Hints::default()
        };
        assert!(read(html, &fetched("2024-05-03T00:00:00Z")).published_at.is_some());
        assert_eq!(read(html, &fetched("2024-05-01T00:00:00Z")).published_at, None);
        // Where no zone was given, it may be morning there already.
        let local = r#"<meta property="article:published_time" content="2024-05-02T10:00:00">"#;
        assert!(read(local, &fetched("2024-05-02T01:30:00Z")).published_at.is_some());
        assert_eq!(read(local, &fetched("2024-05-01T01:30:00Z")).published_at, None);
    }
}
