//! crawl4ai `CrawlResult`: `markdown` is a string or an object of several; screenshots and copies of the page do not pass through.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "crawl4ai",
    tool: "crawl4ai 0.4 to 0.9",
    detected_by: &[
        &["cleaned_html", "success"],
        &["success", "status_code", "markdown"],
        &["fit_html", "url"],
        &["markdown.raw_markdown"],
    ],
    url: &["url", "redirected_url", "metadata.og:url"],
    canonical_url: &["metadata.og:url"],
    title: &["metadata.title", "metadata.og:title", "metadata.twitter:title", "title"],
    body: &[
        ("html", Form::Html),
        ("cleaned_html", Form::Html),
        ("markdown.raw_markdown", Form::Markdown),
        ("markdown.fit_markdown", Form::Markdown),
        ("markdown", Form::Markdown),
        ("fit_html", Form::Html),
        ("fit_markdown", Form::Markdown),
        ("markdown_v2.raw_markdown", Form::Markdown),
        ("extracted_content", Form::Extracted),
    ],
    authors: &["metadata.author", "metadata.article:author"],
    published_at: &[
        "metadata.article:published_time",
        "metadata.date",
        "metadata.og:published_time",
    ],
    modified_at: &["metadata.article:modified_time", "metadata.og:updated_time"],
    fetched_at: &["cached_at", "response_headers.Date", "response_headers.date"],
    language: &["metadata.og:locale", "metadata.language"],
    site: &["metadata.og:site_name"],
    status: &["status_code", "redirected_status_code"],
    success: &["success"],
    error: &["error_message"],
    charset: &["response_headers.Content-Type", "response_headers.content-type"],
    bulk: &[
        "screenshot",
        "pdf",
        "mhtml",
        "media",
        "links",
        "markdown",
        "markdown_v2",
        "ssl_certificate",
        "network_requests",
        "console_messages",
        "dispatch_result",
        "response_headers",
        "js_execution_result",
        "tables",
    ],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;
    use crate::article::Body;

    #[test]
    fn markdown_in_an_object_is_read() {
        let record = json!({
            "url": "https://example.org/a", "html": "", "success": true, "cleaned_html": null, "status_code": 200,
            "markdown": {"raw_markdown": "# T\n\nWords.", "fit_markdown": ""}, "metadata": {
                "title": "T", "author": null, "og:site_name": "Example Post", "og:locale": "fr_FR",
                "article:published_time": "2024-03-05T07:08:09+00:00",
            },
        });
        let body = "markdown # T\n\nWords.";
        check(
            "crawl4ai",
            record,
            [
                "https://example.org/a",
                "T",
                body,
                "2024-03-05T07:08:09Z",
                "fr",
                "Example Post",
                "",
            ],
        );
    }

    #[test]
    fn what_was_extracted_is_read_where_nothing_else_is_there() {
        let body = |extracted: &str| {
            let record = json!({
                "url": "https://example.org/a", "html": "", "success": true, "cleaned_html": "", "metadata": {"title": "T"},
                "extracted_content": extracted,
            });
            super::super::testing::read("crawl4ai", record).body
        };
        let check = |extracted: &str, text: &str| assert_eq!(body(extracted), Body::Text(text.into()), "{extracted}");
        check(
            r#"[{"index":0,"tags":["x"],"content":["One.","Two."],"error":false},{"index":1,"error":true,"content":"No."},{"content":"Three."}]"#,
            "One.\nTwo.\nThree.",
        );
        check(r#"{"headline":"T","body":"Words."}"#, "Words.");
        check("Words.", "Words.");
        assert_eq!(body(r#"[{"name":"T","price":7}]"#), Body::None);
        assert_eq!(body(r#"{"html":"<p>Words.</p>"}"#), Body::Html("<p>Words.</p>".into()));
    }
}
