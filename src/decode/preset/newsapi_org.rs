//! NewsAPI.org: `content` is cut by the service and says so (`[+1234 chars]`).

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "newsapi_org",
    tool: "NewsAPI.org v2, GNews",
    detected_by: &[
        &["urlToImage", "publishedAt"],
        &["source.name", "publishedAt", "description"],
    ],
    url: &["url"],
    title: &["title"],
    body: &[("content", Form::Guess)],
    teasers: &[("description", Form::Guess)],
    authors: &["author"],
    published_at: &["publishedAt"],
    language: &["language", "lang"],
    site: &["source.name", "source.url", "source.id", "source"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_is_read() {
        let record = json!({
            "source": {"id": null, "name": "Example Post"}, "author": "Ada Quill", "title": "T", "description": "W",
            "url": "https://example.org/a", "urlToImage": null, "publishedAt": "2024-03-05T07:08:09Z", "content": "Words… [+99 chars]",
        });
        let body = "text Words…";
        let date = "2024-03-05T07:08:09Z";
        check(
            "newsapi_org",
            record,
            [
                "https://example.org/a",
                "T",
                body,
                date,
                "",
                "Example Post",
                "Ada Quill",
            ],
        );
    }
}
