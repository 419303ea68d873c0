//! Webz.io (Webhose) news API: languages by English name, entities and syndication pass through.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "webz",
    tool: "Webz.io (Webhose) news API",
    detected_by: &[&["thread.uuid", "ord_in_thread"], &["thread.site_full", "text"]],
    id: &["uuid", "thread.uuid"],
    url: &["url", "thread.url"],
    title: &["title", "thread.title_full", "thread.title"],
    body: &[("text", Form::Text), ("highlightText", Form::Text)],
    authors: &["author"],
    published_at: &["published", "thread.published"],
    modified_at: &["updated"],
    fetched_at: &["crawled"],
    language: &["language"],
    site: &["thread.site_full", "thread.site"],
    bulk: &["highlightTitle", "highlightThreadTitle"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn a_post_of_a_thread_is_read() {
        let record = json!({
            "thread": {"uuid": "u", "url": "https://example.org/a", "site_full": "www.example.org", "site": "example.org"},
            "uuid": "u", "url": "https://example.org/a", "ord_in_thread": 0, "author": "", "title": "T", "text": "Words.",
            "published": "2024-03-05T07:08:09.018+03:00", "language": "german", "rating": null,
        });
        let site = "www.example.org";
        check(
            "webz",
            record,
            [
                "https://example.org/a",
                "T",
                "text Words.",
                "2024-03-05T07:08:09.018+03:00",
                "de",
                site,
                "",
            ],
        );
    }
}
