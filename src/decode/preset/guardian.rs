//! The Guardian's Open Platform: what an article says stands in `fields`, who wrote it in a byline there or among the `tags`.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "guardian",
    tool: "The Guardian Open Platform, content API",
    detected_by: &[&["webTitle", "webPublicationDate"], &["webTitle", "webUrl"]],
    id: &["id"],
    url: &["webUrl", "fields.shortUrl"],
    title: &["fields.headline", "webTitle"],
    body: &[("fields.body", Form::Html), ("fields.bodyText", Form::Text)],
    teasers: &[("fields.standfirst", Form::Guess), ("fields.trailText", Form::Guess)],
    authors: &["fields.byline", "tags"],
    published_at: &["webPublicationDate", "fields.firstPublicationDate"],
    modified_at: &["fields.lastModified"],
    language: &["fields.lang"],
    site: &["fields.publication"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{check, read};

    #[test]
    fn fields_and_contributors_are_read() {
        let article = json!({
            "id": "world/2024/mar/05/t", "type": "article", "webTitle": "T", "webUrl": "https://example.org/a",
            "webPublicationDate": "2024-03-05T07:08:09Z",
            "fields": {
                "headline": "T", "bodyText": "Words.", "byline": "Ada Quill and Ben Ink", "trailText": "Less.", "lang": "en",
                "publication": "The Gull", "lastModified": "2024-03-05T09:00:00Z",
            },
            "tags": [
                {"id": "tone/news", "type": "tone", "webTitle": "News"},
                {"id": "profile/ada", "type": "contributor", "webTitle": "Ada Quill"},
                {"id": "profile/ben", "type": "contributor", "webTitle": "Ben Ink"},
            ],
        });
        let date = "2024-03-05T07:08:09Z";
        let (url, authors) = ("https://example.org/a", "Ada Quill; Ben Ink");
        let expected = [url, "T", "text Words.", date, "en", "The Gull", authors];
        check("guardian", article.clone(), expected);
        let mut unsigned = article;
        unsigned["fields"]["byline"] = json!(null);
        check("guardian", unsigned.clone(), expected);
        let unsigned = read("guardian", unsigned);
        assert_eq!(unsigned.modified_at.as_deref(), Some("2024-03-05T09:00:00Z"));
        assert!(unsigned.extra.contains_key("tags"));
    }
}
