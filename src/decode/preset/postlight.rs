//! Postlight (Mercury) Parser: `content` is HTML, Markdown or text, as it was asked for.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "postlight",
    tool: "@postlight/parser 2, Mercury Parser",
    detected_by: &[
        &["date_published", "lead_image_url"],
        &["rendered_pages", "content"],
        &["dek", "next_page_url"],
    ],
    url: &["url"],
    title: &["title"],
    body: &[("content", Form::Guess)],
    authors: &["author"],
    published_at: &["date_published"],
    site: &["site_name", "domain"],
    error: &["message"],
    success: &["success"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn the_three_forms_of_content_are_told_apart() {
        for (content, body) in [
            ("<div><p>Words.</p></div>", "html <div><p>Words.</p></div>"),
            (
                "Words, [linked](https://example.org).",
                "markdown Words, [linked](https://example.org).",
            ),
            ("Words.", "text Words."),
        ] {
            let record = json!({
                "title": "T", "author": null, "date_published": "2024-03-05T07:08:09.000Z", "dek": null, "lead_image_url": null,
                "content": content, "url": "https://example.org/a", "domain": "example.org", "rendered_pages": 1,
            });
            let date = "2024-03-05T07:08:09.000Z";
            check(
                "postlight",
                record,
                ["https://example.org/a", "T", body, date, "", "example.org", ""],
            );
        }
    }
}
