//! Event Registry (NewsAPI.ai): languages in ISO 639-3, `dateTimePub` from the feed before `dateTime` of the crawler.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "event_registry",
    tool: "Event Registry (NewsAPI.ai)",
    detected_by: &[
        &["uri", "dateTimePub"],
        &["uri", "isDuplicate"],
        &["uri", "dateTime", "lang"],
    ],
    id: &["uri"],
    url: &["url"],
    title: &["title"],
    body: &[("body", Form::Text)],
    authors: &["authors"],
    published_at: &["dateTimePub", "dateTime", "date"],
    fetched_at: &["dateTime"],
    language: &["lang"],
    site: &["source.title", "source.uri"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_is_read() {
        let record = json!({
            "uri": "77", "lang": "deu", "isDuplicate": false, "dateTime": "2024-03-05T08:00:00Z", "dateTimePub":
            "2024-03-05T07:08:09Z", "url": "https://example.org/a", "title": "T", "body": "Words.",
            "source": {"uri": "example.org", "dataType": "news", "title": "Example Post"},
            "authors": [{"uri": "ada@example.org", "name": "Ada Quill", "type": "author", "isAgency": false}],
        });
        let date = "2024-03-05T07:08:09Z";
        check(
            "event_registry",
            record,
            [
                "https://example.org/a",
                "T",
                "text Words.",
                date,
                "de",
                "Example Post",
                "Ada Quill",
            ],
        );
    }
}
