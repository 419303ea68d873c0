//! Media Cloud: a story as its indexer sees it, its extracted part alone, and an item of its API's story list.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "mediacloud",
    tool: "Media Cloud story-indexer, mediacloud-metadata",
    detected_by: &[
        &["content_metadata"],
        &["rss_entry", "raw_html"],
        &["text_content", "article_title"],
        &["text_content", "text_extraction_method"],
    ],
    url: &[
        "content_metadata.original_url",
        "content_metadata.url",
        "original_url",
        "url",
        "rss_entry.link",
        "http_metadata.final_url",
    ],
    canonical_url: &["content_metadata.canonical_url", "canonical_url"],
    title: &["content_metadata.article_title", "article_title", "rss_entry.title"],
    body: &[
        ("raw_html.html", Form::Html),
        ("content_metadata.text_content", Form::Text),
        ("text_content", Form::Text),
    ],
    published_at: &[
        "content_metadata.publication_date",
        "publication_date",
        "rss_entry.pub_date",
    ],
    fetched_at: &["http_metadata.fetch_timestamp", "rss_entry.fetch_date"],
    language: &[
        "content_metadata.language",
        "content_metadata.full_language",
        "language",
        "full_language",
    ],
    site: &[
        "content_metadata.canonical_domain",
        "canonical_domain",
        "rss_entry.domain",
    ],
    status: &["http_metadata.response_code"],
    charset: &["raw_html.encoding", "http_metadata.encoding"],
    bulk: &["raw_html"],
    ..Preset::EMPTY
};

/// An item of the API's story list: no text.
pub(super) const LISTED: Preset = Preset {
    name: "mediacloud_list",
    tool: "Media Cloud API, story list",
    detected_by: &[
        &["media_name", "media_url", "publish_date"],
        &["media_name", "indexed_date"],
    ],
    id: &["id", "stories_id"],
    url: &["url"],
    title: &["title"],
    body: &[("text", Form::Text)],
    published_at: &["publish_date"],
    language: &["language"],
    site: &["media_name", "media_url"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn a_story_and_a_listed_story_are_read() {
        let story = json!({
            "rss_entry": {"link": "https://example.org/a", "title": "From the feed", "domain": "example.org"},
            "raw_html": {"html": "<html><p>Words.</p></html>", "encoding": "utf-8"},
            "http_metadata": {"response_code": 200, "fetch_timestamp": 1_709_622_489.25},
            "content_metadata": {
                "original_url": "https://example.org/a", "publication_date": "2024-03-05T00:00:00", "language": "pt",
                "article_title": "From the page", "text_content": "Words.", "canonical_domain": "example.org",
            },
        });
        let page = "html <html><p>Words.</p></html>";
        check(
            "mediacloud",
            story,
            [
                "https://example.org/a",
                "From the page",
                page,
                "2024-03-05",
                "pt",
                "example.org",
                "",
            ],
        );
        let listed = json!({
            "id": "77", "media_name": "Example Post", "media_url": "example.org", "title": "T", "publish_date": "2024-03-05",
            "url": "https://example.org/b", "language": "en", "indexed_date": "2024-03-05T12:00:00.5",
        });
        check(
            "mediacloud_list",
            listed,
            [
                "https://example.org/b",
                "T",
                "none",
                "2024-03-05",
                "en",
                "Example Post",
                "",
            ],
        );
    }
}
