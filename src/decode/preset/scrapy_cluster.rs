//! scrapy-cluster: pages from `{prefix}.crawled_firehose`. The body may be base64; `timestamp` is UTC without a zone.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "scrapy_cluster",
    tool: "scrapy-cluster 1.2",
    detected_by: &[
        &["crawlid", "appid", "response_url"],
        &["crawlid", "appid", "url", "body"],
    ],
    url: &["url", "response_url"],
    title: &["attrs.title"],
    body: &[("body", Form::Html)],
    fetched_at: &["timestamp"],
    fetched_in_utc: true,
    charset: &[
        "encoding",
        "response_headers.Content-Type",
        "response_headers.content-type",
        "headers.Content-Type",
    ],
    status: &["status_code"],
    success: &["success"],
    error: &["exception", "status_msg"],
    bulk: &["request_headers", "response_headers", "headers", "links"],
    own_names_only: true,
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn a_page_in_base64_is_read() {
        let record = json!({
            "crawlid": "c1", "appid": "desk", "url": "https://example.org/a", "response_url": "https://example.org/a?r",
            "status_code": 200, "body": "PGh0bWw+PGJvZHk+PHA+QSBzbWFsbCBwYWdlLjwvcD48L2JvZHk+PC9odG1sPg==",
            "timestamp": "2024-03-05T07:08:09.5", "encoding": "utf-8", "success": true, "exception": null,
        });
        let page = "html <html><body><p>A small page.</p></body></html>";
        check(
            "scrapy_cluster",
            record.clone(),
            ["https://example.org/a", "", page, "", "", "", ""],
        );
        let fetched_at = super::super::testing::read("scrapy_cluster", record).fetched_at;
        assert_eq!(fetched_at.as_deref(), Some("2024-03-05T07:08:09.5Z"));
    }
}
