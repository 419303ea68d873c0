//! Apache `StormCrawler` tuples as JSON: metadata values are lists, `content` is bytes (often base64).

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "stormcrawler",
    tool: "Apache StormCrawler 2, 3",
    detected_by: &[
        &["metadata.fetch.statusCode"],
        &["metadata.parse.title"],
        &["metadata.fetch.byteLength"],
    ],
    url: &["url", "metadata.canonical"],
    canonical_url: &["metadata.canonical"],
    title: &["metadata.parse.title", "title"],
    body: &[("content", Form::Html), ("html", Form::Html), ("text", Form::Text)],
    authors: &["metadata.parse.author"],
    published_at: &[
        "metadata.parse.publishedDate",
        "metadata.parse.date",
        "metadata.parse.article:published_time",
        "metadata.parse.datepublished",
        "metadata.parse.datePublished",
        "metadata.parse.pubdate",
        "metadata.parse.published",
    ],
    fetched_at: &["metadata.fetch.timestamp", "metadata.discoveryDate"],
    language: &[
        "metadata.parse.lang",
        "metadata.lang",
        "metadata.parse.language",
        "metadata.parse.og:locale",
    ],
    site: &["metadata.parse.og:site_name", "metadata.domain", "metadata.host"],
    charset: &["metadata.content-type", "metadata.Content-Type"],
    status: &["metadata.fetch.statusCode"],
    error: &["metadata.fetch.exception"],
    own_names_only: true,
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn metadata_of_lists_with_dots_in_their_names_is_read() {
        let record = json!({
            "url": "https://example.org/a", "content": "<html><p>Words.</p></html>", "text": "Words.", "metadata": {
                "fetch.statusCode": ["200"], "parse.title": ["T"], "content-type": ["text/html"], "domain": ["example.org"],
            },
        });
        check(
            "stormcrawler",
            record,
            [
                "https://example.org/a",
                "T",
                "html <html><p>Words.</p></html>",
                "",
                "",
                "example.org",
                "",
            ],
        );
    }
}
