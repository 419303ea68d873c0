//! Any other object: Sluice's own names first, then what scrapy items and home-made scrapers use.

use super::{Form, Paths, Preset};

/// An object with our own names for the body.
pub(super) const OWN: Preset = Preset {
    name: "sluice",
    tool: "Sluice's own names",
    detected_by: &[&["text"], &["html"]],
    ..PRESET
};

/// An object of which nothing is known.
pub(in super::super) const PRESET: Preset = Preset {
    name: "item",
    tool: "scrapy items, home-made scrapers",
    id: &[
        "id",
        "_id",
        "uuid",
        "guid",
        "article_id",
        "articleId",
        "doc_id",
        "item_id",
    ],
    url: URL,
    canonical_url: &["canonical_url", "canonicalUrl", "canonical"],
    title: &[
        "title",
        "headline",
        "article_title",
        "heading",
        "h1",
        "page_title",
        "webTitle",
        "name",
        "title_text",
    ],
    body: BODY,
    teasers: &[
        ("description", Form::Guess),
        ("summary", Form::Guess),
        ("abstract", Form::Guess),
        ("excerpt", Form::Guess),
        ("snippet", Form::Guess),
    ],
    authors: &[
        "authors",
        "author",
        "byline",
        "creator",
        "dc:creator",
        "writer",
        "journalist",
        "author_name",
        "by",
        // Perigon's.
        "matchedAuthors",
        "authorsByline",
    ],
    published_at: PUBLISHED,
    modified_at: &[
        "modified_at",
        "updated_at",
        "updatedAt",
        "date_modified",
        "dateModified",
        "modified",
        "updated",
        "last_modified",
    ],
    fetched_at: &[
        "fetched_at",
        "scraped_at",
        "crawled_at",
        "fetchedAt",
        "scrapedAt",
        "crawledAt",
        "retrieved_at",
        "collected_at",
        "downloaded_at",
        "download_date",
        "crawl_date",
        "scrape_date",
        "date_download",
        "timestamp",
        "@timestamp",
        // Feedly's.
        "crawled",
    ],
    language: &[
        "language",
        "lang",
        "inLanguage",
        "language_code",
        "languageCode",
        "locale",
    ],
    site: &[
        "site",
        "site_name",
        "siteName",
        "source_name",
        "name_source",
        "outlet",
        "publisher",
        "publication",
        "media_name",
        "source",
        "newspaper",
        "domain",
        "hostname",
        "host",
        "source_domain",
        "website",
        // Feedly's, and Miniflux's.
        "origin.title",
        "feed.title",
    ],
    charset: &[
        "headers.Content-Type",
        "headers.content-type",
        "content_type",
        "encoding",
        "charset",
    ],
    status: &[
        "status_code",
        "statusCode",
        "http_status",
        "response_code",
        "status",
        "response_status",
        "http_status_code",
        "http_code",
        "httpStatus",
        "httpStatusCode",
        "responseStatus",
        "responseCode",
        "response_status_code",
        "http_response_code",
        "response.status",
        "response.status_code",
        "http.status",
    ],
    success: &["success", "ok", "is_success", "isSuccess", "fetch_success"],
    error: &["error", "error_message", "exception"],
    bulk: &["response_headers", "request_headers", "headers", "screenshot", "pdf"],
    strict: true,
    ..Preset::EMPTY
};

const URL: Paths = &[
    "url",
    "link",
    "article_url",
    "page_url",
    "source_url",
    "sourceUrl",
    "original_url",
    "permalink",
    "href",
    "web_url",
    "webUrl",
    "loc",
    "uri",
    "request_url",
    "response_url",
    "final_url",
    "_id",
    "id",
    "guid",
    "alternate",
    // Aylien's, and of documents for language models.
    "links.permalink",
    "links.canonical",
    "metadata.source",
];

const PUBLISHED: Paths = &[
    "published_at",
    "publishedAt",
    "published",
    "date_published",
    "datePublished",
    "publish_date",
    "publishDate",
    "published_date",
    "publishedDate",
    "pub_date",
    "pubDate",
    "pubdate",
    "publication_datetime",
    "publication_date",
    "publicationDate",
    "publish_time",
    "publishTime",
    "pub_time",
    "pubtime",
    "published_on",
    "publish_datetime",
    "published_datetime",
    "published_time",
    "publishedTime",
    "article:published_time",
    "webPublicationDate",
    "date_gmt",
    "date",
    "datetime",
    "post_date",
    "posted_at",
    "article_date",
    "release_date",
    // Of ninjs.
    "firstcreated",
    "versioncreated",
    "created_at",
    "createdAt",
    "time",
];

const BODY: &[(&str, Form)] = &[
    ("html", Form::Html),
    ("raw_html", Form::Html),
    ("rawHtml", Form::Html),
    ("body_html", Form::Html),
    ("bodyHtml", Form::Html),
    ("content_html", Form::Html),
    ("contentHtml", Form::Html),
    ("page_html", Form::Html),
    ("article_html", Form::Html),
    ("page_source", Form::Html),
    ("source_html", Form::Html),
    ("browserHtml", Form::Html),
    ("httpResponseBody", Form::Html),
    ("markdown", Form::Markdown),
    ("content_markdown", Form::Markdown),
    ("md", Form::Markdown),
    ("text", Form::Text),
    ("body", Form::Guess),
    // Beside it `content` is a snippet, as in Tavily's answers.
    ("raw_content", Form::Guess),
    ("content", Form::Guess),
    ("article_text", Form::Text),
    ("articleText", Form::Text),
    ("article_body", Form::Guess),
    ("articleBody", Form::Guess),
    ("full_text", Form::Text),
    ("fullText", Form::Text),
    ("fulltext", Form::Text),
    ("main_text", Form::Text),
    ("maintext", Form::Text),
    ("plain_text", Form::Text),
    ("clean_text", Form::Text),
    ("content_text", Form::Text),
    ("text_content", Form::Text),
    ("body_text", Form::Text),
    ("bodyText", Form::Text),
    ("raw_text", Form::Text),
    ("story", Form::Guess),
    ("article", Form::Guess),
    ("paragraphs", Form::Text),
    ("fields.body", Form::Guess),
    ("fields.bodyText", Form::Text),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn our_own_names_are_read() {
        let record = json!({
            "id": "7", "url": "https://example.org/a", "title": "T", "text": "Words.", "published_at": "2024-03-05T07:08:09Z",
            "site": "Example Post", "language": "en", "anything": {"else": 1},
        });
        let date = "2024-03-05T07:08:09Z";
        check(
            "sluice",
            record.clone(),
            [
                "https://example.org/a",
                "T",
                "text Words.",
                date,
                "en",
                "Example Post",
                "",
            ],
        );
        let article = super::super::testing::read("sluice", record);
        assert_eq!(article.id.as_deref(), Some("7"));
        assert_eq!(
            serde_json::Value::Object(article.extra),
            json!({"anything": {"else": 1}})
        );
    }

    #[test]
    fn articles_of_perigon_and_feedly_are_read() {
        let record = json!({
            "url": "https://example.org/a", "title": "T", "content": "Words.", "description": "Less.", "summary": "Less.", "language": "en",
            "pubDate": "2024-03-05T07:08:09+00:00", "source": {"domain": "example.org", "location": null}, "medium": "Article",
            "authorsByline": "Ada Quill, Ben Ink", "matchedAuthors": [{"id": "1", "name": "Ada Quill"}, {"id": null, "name": "Ben Ink"}],
        });
        let date = "2024-03-05T07:08:09Z";
        let (url, authors) = ("https://example.org/a", "Ada Quill; Ben Ink");
        check(
            "item",
            record.clone(),
            [url, "T", "text Words.", date, "en", "example.org", authors],
        );
        let mut unmatched = record;
        unmatched["matchedAuthors"] = json!([]);
        unmatched["authorsByline"] = "Ada Quill and Ben Ink".into();
        check(
            "item",
            unmatched,
            [url, "T", "text Words.", date, "en", "example.org", authors],
        );
        let entry = json!({
            "id": "x=_1", "originId": "https://example.org/?p=1", "title": "T", "author": "Ada Quill", "published": 1_709_622_489_000_u64,
            "crawled": 1_709_622_500_000_u64, "content": {"content": "<p>Words.</p>"}, "summary": {"content": "<p>Less.</p>"},
            "alternate": [{"href": "https://example.org/a", "type": "text/html"}],
            "origin": {"streamId": "feed/https://example.org/rss", "title": "The Gull", "htmlUrl": "https://example.org"},
        });
        let body = "html <p>Words.</p>";
        check(
            "item",
            entry.clone(),
            [url, "T", body, date, "", "The Gull", "Ada Quill"],
        );
        let entry = super::super::testing::read("item", entry);
        assert_eq!(entry.fetched_at.as_deref(), Some("2024-03-05T07:08:20Z"));
    }

    #[test]
    fn names_of_home_made_scrapers_are_read() {
        let record = json!({
            "link": "https://example.org/a", "headline": "T", "content": "Words.", "byline": "By Ada Quill", "date": "March 5, 2024",
            "source": {"name": "Example Post"}, "scraped_at": 1_709_622_489, "status": 200,
        });
        check(
            "item",
            record,
            [
                "https://example.org/a",
                "T",
                "text Words.",
                "2024-03-05",
                "",
                "Example Post",
                "Ada Quill",
            ],
        );
    }
}
