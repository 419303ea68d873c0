//! Norconex committers: `reference` is the URL, metadata values are lists.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "norconex",
    tool: "Norconex HTTP Collector 2, 3",
    detected_by: &[&["reference", "metadata"], &["reference", "content"]],
    url: &["reference", "metadata.document.reference"],
    canonical_url: &["metadata.og:url"],
    title: &["metadata.title", "metadata.dc:title", "metadata.og:title", "title"],
    body: &[("content", Form::Guess)],
    authors: &["metadata.author", "metadata.dc:creator"],
    published_at: &[
        "metadata.article:published_time",
        "metadata.date",
        "metadata.dcterms:created",
    ],
    modified_at: &["metadata.article:modified_time", "metadata.Last-Modified"],
    fetched_at: &["metadata.collector.crawl-date"],
    language: &[
        "metadata.document.language",
        "metadata.Content-Language",
        "metadata.og:locale",
    ],
    site: &["metadata.og:site_name"],
    charset: &["metadata.document.contentEncoding"],
    own_names_only: true,
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn a_document_is_read() {
        let record = json!({
            "reference": "https://example.org/a", "content": "Words.", "metadata": {
                "document.reference": ["https://example.org/a"], "title": ["T"], "document.language": ["ru"],
            },
        });
        check(
            "norconex",
            record,
            ["https://example.org/a", "T", "text Words.", "", "ru", "", ""],
        );
    }
}
