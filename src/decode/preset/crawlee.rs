//! Crawlee's usual dataset items, and those of Apify's Website Content Crawler.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "crawlee",
    tool: "Crawlee 3",
    detected_by: &[&["loadedUrl"], &["bodyHtml", "url"]],
    url: &["url", "loadedUrl"],
    canonical_url: &["canonicalUrl", "canonicalLink"],
    title: &["title", "h1"],
    body: &[
        ("html", Form::Html),
        ("bodyHtml", Form::Html),
        ("body", Form::Guess),
        ("markdown", Form::Markdown),
        ("text", Form::Text),
    ],
    authors: &["author", "authors"],
    published_at: &["publishedAt", "datePublished", "date"],
    fetched_at: &["crawledAt", "scrapedAt", "loadedTime", "timestamp"],
    language: &["language", "languageCode", "lang"],
    // Apify's article extractors say `publisher`.
    site: &["siteName", "site", "publisher"],
    status: &["statusCode", "httpStatusCode"],
    error: &["errorMessages"],
    own_names_only: true,
    ..Preset::EMPTY
};

/// An item of Apify's Website Content Crawler.
pub(super) const APIFY: Preset = Preset {
    name: "apify",
    tool: "Apify Website Content Crawler",
    detected_by: &[
        &["crawl.loadedUrl"],
        &["crawl.httpStatusCode"],
        &["metadata.languageCode", "crawl"],
    ],
    url: &["url", "crawl.loadedUrl", "metadata.canonicalUrl"],
    canonical_url: &["metadata.canonicalUrl"],
    title: &["metadata.title", "title"],
    body: &[("html", Form::Html), ("markdown", Form::Markdown), ("text", Form::Text)],
    authors: &["metadata.author"],
    published_at: &["metadata.datePublished", "metadata.publishedAt"],
    fetched_at: &["crawl.loadedTime"],
    language: &["metadata.languageCode"],
    site: &["metadata.siteName"],
    status: &["crawl.httpStatusCode"],
    bulk: &["screenshotUrl", "debug"],
    own_names_only: true,
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn dataset_items_are_read() {
        let record = json!({
            "url": "https://example.org/a", "loadedUrl": "https://example.org/a", "title": "T", "bodyHtml": "<p>Words.</p>",
        });
        check(
            "crawlee",
            record,
            ["https://example.org/a", "T", "html <p>Words.</p>", "", "", "", ""],
        );
        let record = json!({
            "url": "https://example.org/a", "crawl": {"loadedUrl": "https://example.org/a", "httpStatusCode": 200},
            "metadata": {"title": "T", "author": null, "languageCode": "en-US"}, "text": "Words.", "html": null,
        });
        check(
            "apify",
            record,
            ["https://example.org/a", "T", "text Words.", "", "en", "", ""],
        );
    }
}
