//! What a record says of its article, and what the page in it says of itself → one answer.
//!
//! In: a [`RawArticle`] and the [`Page`] that cleaning found. Out: both, completed from each other. Always: the record's word
//! wins; the page fills what is missing, or makes it more exact without contradicting it.

use super::{address, names};
use crate::article::RawArticle;
use crate::clean::Page;
use crate::date;

/// Complete the record's fields by the page's, and the page's by the record's.
pub fn merge(raw: &mut RawArticle, page: &mut Page) {
    let mut authors = names::Names::default();
    page.authors.iter().for_each(|byline| names::add(byline, &mut authors));
    page.authors = authors.list;
    if raw.authors.is_empty() {
        raw.authors.clone_from(&page.authors);
    }
    raw.title = raw.title.take().or_else(|| page.title.clone());
    let canonical = page.canonical_url.as_deref().filter(|u| address::is_url(u));
    raw.url = raw.url.take().or_else(|| canonical.map(str::to_owned));
    raw.published_at = published(raw.published_at.take(), page.published_at.as_deref());
    raw.site = site(raw.site.take(), page.site.as_deref(), raw.url.as_deref());
    page.canonical_url = page.canonical_url.take().or_else(|| raw.canonical_url.clone());
    page.modified_at = page.modified_at.take().or_else(|| raw.modified_at.clone());
}

/// The record's date; the page's where the record has none or only its day.
fn published(raw: Option<String>, page: Option<&str>) -> Option<String> {
    let page = page.and_then(date::parse).map(|d| d.text);
    match (raw, page) {
        (Some(day), Some(time)) if day.len() == 10 && time.starts_with(&day) => Some(time),
        (raw, page) => raw.or(page),
    }
}

/// A name before a host: the record's name, the page's, the record's host, the host of the URL.
fn site(raw: Option<String>, page: Option<&str>, url: Option<&str>) -> Option<String> {
    let is_host =
        |s: &str| !s.contains(char::is_whitespace) && s.contains('.') && s.bytes().all(|b| !b.is_ascii_uppercase());
    let page = page.map(str::trim).filter(|s| !s.is_empty());
    match (raw, page) {
        (Some(host), Some(page)) if is_host(&host) => Some(page.to_owned()),
        (Some(raw), _) => Some(raw),
        (None, Some(page)) => Some(page.to_owned()),
        (None, None) => {
            let host = address::host(url?)?;
            Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> Option<String> {
        Some(s.to_owned())
    }

    #[test]
    fn the_record_wins_and_the_page_fills_what_is_missing() {
        let mut raw = RawArticle {
            title: text("Of the record"),
            published_at: text("2024-03-05"),
            ..RawArticle::default()
        };
        let mut page = Page {
            title: text("Of the page"),
            authors: vec!["By Ada Quill".to_owned(), "https://example.org/ada".to_owned()],
            published_at: text("2024-03-05T07:08:09Z"),
            canonical_url: text("https://example.org/a"),
            ..Page::default()
        };
        merge(&mut raw, &mut page);
        assert_eq!(raw.title, text("Of the record"));
        assert_eq!(raw.published_at, text("2024-03-05T07:08:09Z"));
        assert_eq!(raw.url, text("https://example.org/a"));
        assert_eq!(raw.authors, ["Ada Quill"]);
        assert_eq!(raw.site, text("example.org"));
    }

    #[test]
    fn a_site_is_a_name_before_a_host() {
        let check = |raw: Option<&str>, page: Option<&str>, url: Option<&str>, expected: Option<&str>| {
            assert_eq!(site(raw.map(str::to_owned), page, url).as_deref(), expected);
        };
        let url = Some("https://www.example.org/a");
        check(Some("Example Post"), Some("The Page"), url, Some("Example Post"));
        check(Some("www.example.org"), Some("The Page"), url, Some("The Page"));
        check(Some("www.example.org"), None, url, Some("www.example.org"));
        check(None, None, url, Some("example.org"));
        check(None, None, None, None);
    }

    #[test]
    fn a_page_of_another_day_does_not_change_the_records_date() {
        assert_eq!(
            published(text("2024-03-05"), Some("2024-03-06T07:08:09Z")),
            text("2024-03-05")
        );
        assert_eq!(published(None, Some("March 6, 2024")), text("2024-03-06"));
    }
}
