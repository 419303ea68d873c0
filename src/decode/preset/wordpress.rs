//! Posts of the `WordPress` REST API: texts are objects with `rendered`, `author` is a number.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "wordpress",
    tool: "WordPress REST API, posts",
    detected_by: &[&["content.rendered"], &["title.rendered", "link"]],
    id: &["guid.rendered", "id"],
    url: &["link", "guid.rendered"],
    title: &["title.rendered", "title"],
    body: &[("content", Form::Html)],
    teasers: &[("excerpt", Form::Html)],
    authors: &["_embedded.author", "yoast_head_json.author"],
    published_at: &["yoast_head_json.article_published_time", "date_gmt", "date"],
    modified_at: &["yoast_head_json.article_modified_time", "modified_gmt", "modified"],
    language: &["yoast_head_json.og_locale", "lang"],
    site: &["yoast_head_json.og_site_name"],
    bulk: &["_links", "_embedded", "yoast_head", "yoast_head_json"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn a_post_is_read() {
        let record = json!({
            "id": 7, "date": "2024-03-05T07:08:09", "date_gmt": "2024-03-05T12:08:09", "link": "https://example.org/a", "title": {"rendered": "It doesn&#8217;t"},
            "content": {"rendered": "<p>Words.</p>", "protected": false}, "excerpt": {"rendered": "<p>W</p>"}, "author": 5,
            "_embedded": {"author": [{"id": 5, "name": "Ada Quill"}]},
        });
        let date = "2024-03-05T12:08:09Z";
        check(
            "wordpress",
            record,
            [
                "https://example.org/a",
                "It doesn’t",
                "html <p>Words.</p>",
                date,
                "",
                "",
                "Ada Quill",
            ],
        );
    }
}
