//! Items of feeds as feedparser (Python) and rss-parser (Node) give them: `content` is a list of objects in the one, HTML in the other; ROME (Java)
//! calls it `contents`, and xmltodict leaves elements with attributes as objects.

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
    // Feedburner's own link only leads to the page.
    url: &[
        "feedburner_origlink",
        "feedburner:origLink",
        "link",
        "links.href",
        "id",
        "guid",
    ],
    title: &["title", "title_detail.value"],
    body: &[
        ("content:encoded", Form::Guess),
        ("content_encoded", Form::Guess),
        ("content", Form::Guess),
        ("contents", Form::Guess),
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
        "published_parsed",
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

    #[test]
    fn items_of_rome_and_xmltodict_are_read() {
        let entry = json!({
            "title": "T", "titleEx": {"type": null, "value": "T"}, "link": "https://example.org/a", "uri": "tag:1", "author": "Ada Quill",
            "authors": [], "publishedDate": 1_709_622_489_000_u64, "description": {"type": "text/html", "value": "Less."},
            "contents": [{"type": "html", "mode": null, "value": "<p>Words.</p>"}], "links": [],
        });
        let (url, body, date) = ("https://example.org/a", "html <p>Words.</p>", "2024-03-05T07:08:09Z");
        check("rss_item", entry, [url, "T", body, date, "", "", "Ada Quill"]);
        let item = json!({
            "title": {"@type": "html", "#text": "T"}, "link": "https://example.org/a", "guid": {"@isPermaLink": "false", "#text": "1"},
            "pubDate": {"#text": "Tue, 05 Mar 2024 07:08:09 GMT"}, "dc:creator": {"@xmlns:dc": "x", "#text": "Ada Quill"},
            "content:encoded": {"@xmlns:content": "x", "#text": "<p>Words.</p>"}, "source": {"@url": "https://example.org/rss", "#text": "The Gull"},
        });
        check("rss_item", item, [url, "T", body, date, "", "The Gull", "Ada Quill"]);
        let entry = json!({
            "title": "T", "link": [{"@rel": "self", "@href": "https://example.org/feed"}, {"@rel": "alternate", "@href": "https://example.org/a"}],
            "id": "tag:1", "published": "2024-03-05T07:08:09Z", "content": {"@type": "html", "#text": "<p>Words.</p>"},
        });
        check("rss_item", entry, [url, "T", body, date, "", "", ""]);
    }

    #[test]
    fn a_zone_beside_a_date_is_its_own() {
        let item = |date: &str, zone: &str| {
            let item = json!({"title": "T", "link": "https://example.org/a", "content": "Words.", "pubDate": date, "pubDateTZ": zone});
            super::super::testing::read("rss_item", item).published_at
        };
        let check = |date: &str, zone: &str, expected: &str| assert_eq!(item(date, zone).as_deref(), Some(expected));
        check("2024-03-05 07:08:09", "UTC", "2024-03-05T07:08:09Z");
        check("2024-03-05 07:08:09", "America/New_York", "2024-03-05T07:08:09");
        check("2024-03-05T07:08:09+01:00", "UTC", "2024-03-05T07:08:09+01:00");
    }
}
