//! Items of feeds as feedparser (Python) and rss-parser (Node) give them: `content` is a list of objects in the one, HTML in the other.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "rss_item",
    tool: "feedparser 6, rss-parser 3, and other feed readers",
    detected_by: &[
        &["link", "summary"],
        &["link", "pubDate"],
        &["link", "published"],
        &["link", "content:encoded"],
        &["link", "isoDate"],
        &["link", "guid"],
        &["link", "description"],
        &["title_detail"],
    ],
    id: &["guid", "id", "guid._", "guid.#text"],
    url: &["link", "links.href", "id", "guid"],
    title: &["title", "title_detail.value"],
    body: &[
        ("content:encoded", Form::Guess),
        ("content_encoded", Form::Guess),
        ("content", Form::Guess),
        ("content:encodedSnippet", Form::Text),
        ("contentSnippet", Form::Text),
    ],
    teasers: &[
        ("summary", Form::Guess),
        ("summary_detail.value", Form::Guess),
        ("description", Form::Guess),
    ],
    authors: &["authors", "author_detail", "author", "dc:creator", "creator"],
    published_at: &[
        "isoDate",
        "published",
        "pubDate",
        "pubdate",
        "dc:date",
        "date",
        "updated",
    ],
    modified_at: &["updated"],
    language: &[
        "content.language",
        "language",
        "title_detail.language",
        "summary_detail.language",
    ],
    site: &["source.title", "source"],
    bulk: &[
        "summary_detail",
        "title_detail",
        "published_parsed",
        "updated_parsed",
        "content:encodedSnippet",
        "contentSnippet",
    ],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn items_of_both_readers_are_read() {
        let item = json!({
            "title": "T", "link": "https://example.org/a", "id": "https://example.org/?p=1", "published": "Tue, 05 Mar 2024 07:08:09 -0500",
            "authors": [{"name": "Ada Quill"}], "author": "Ada Quill", "summary": "<p>W</p>",
            "content": [{"type": "text/html", "language": "pt", "value": "<p>Words.</p>"}],
        });
        let date = "2024-03-05T07:08:09-05:00";
        let expected = [
            "https://example.org/a",
            "T",
            "html <p>Words.</p>",
            date,
            "pt",
            "",
            "Ada Quill",
        ];
        check("rss_item", item, expected);
        let item = json!({
            "creator": "Ada Quill", "title": "T", "link": "https://example.org/a", "pubDate": "Tue, 05 Mar 2024 07:08:09 -0500",
            "content:encoded": "<p>Words.</p>", "content": "<p>W</p>", "contentSnippet": "W", "guid": "g",
            "isoDate": "2024-03-05T12:08:09.000Z",
        });
        let expected = [
            "https://example.org/a",
            "T",
            "html <p>Words.</p>",
            "2024-03-05T12:08:09.000Z",
            "",
            "",
            "Ada Quill",
        ];
        check("rss_item", item, expected);
    }
}
