//! Whole records through [`decode`], one table for each promise.

use std::sync::Arc;

use super::*;
use crate::article::Origin;

pub(super) fn record(value: &[u8], headers: &[(&str, &str)], key: Option<&str>) -> Record {
    Record {
        origin: Origin {
            topic: Arc::from("t"),
            partition: 0,
            offset: 0,
            position: 0,
        },
        key: key.map(|k| k.as_bytes().to_vec()),
        value: Some(value.to_vec()),
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), Some(v.as_bytes().to_vec())))
            .collect(),
        timestamp_ms: None,
    }
}

fn read(value: &[u8], headers: &[(&str, &str)], key: Option<&str>) -> Result<Articles, Reject> {
    decode(&record(value, headers, key), &Options::default())
}

fn one(value: &str, headers: &[(&str, &str)], key: Option<&str>) -> RawArticle {
    let mut articles = read(value.as_bytes(), headers, key).expect("a readable record");
    assert_eq!(articles.len(), 1);
    articles.remove(0).expect("an article")
}

fn refused(value: &str) -> (&'static str, String) {
    let why = match read(value.as_bytes(), &[], None) {
        Err(why) => why,
        Ok(mut articles) => articles.remove(0).expect_err("a refused article"),
    };
    assert_eq!(why.step, "decode");
    (why.code, why.message)
}

#[test]
fn a_record_with_a_header_that_cannot_be_read_is_refused() {
    let read = read(b"{\"text\": \"x\"}", &[(UNREADABLE_HEADERS, "")], None);
    assert_eq!(read.unwrap_err().code, "unreadable-headers");
}

#[test]
fn bad_input_gets_a_reason() {
    let check = |value: &str, code: &str, part: &str| {
        let (found, message) = refused(value);
        assert_eq!(found, code, "{value}: {message}");
        assert!(message.contains(part), "{value}: {message}");
    };
    check("{\"text\": \"x\"", "not-json", "line 1 column 12");
    check("{'text': 'x'}", "not-json", "column 2");
    check("]", "not-json", "`]`");
    check(" },\n]", "not-json", "parted at its lines");
    check("12", "not-an-object", "a number");
    check("true", "not-an-object", "a boolean");
    check("null", "null-value", "null");
    check("", "no-body", "empty");
    check("  \n ", "no-body", "empty");
    check("{}", "no-body", "text");
    check("[]", "no-body", "no article");
    check(r#"{"url": "https://example.org/a"}"#, "no-body", "no text");
    check(r#"{"text": 5}"#, "wrong-type", "`text` is a number");
    check(r#"{"text": "Words.", "title": 5}"#, "wrong-type", "`title` is a number");
    check(r#"{"text": "Words.", "url": 5}"#, "wrong-type", "`url` is a number");
    check(
        r#"{"text": {"a": 1}, "title": "T"}"#,
        "wrong-type",
        "`text` is an object",
    );
    check(
        r#"{"text": "Words.", "title": {"a": 1}}"#,
        "wrong-type",
        "`title` is an object",
    );
    check(r#"{"text": "Words.", "url": true}"#, "wrong-type", "`url` is a boolean");
    check(
        r#"{"url": "https://example.org/a", "success": false, "error": "timed out"}"#,
        "fetch-failed",
        "timed out",
    );
    check(
        r#"{"url": "https://example.org/a", "text": "Not here.", "status": 404}"#,
        "fetch-failed",
        "404",
    );
    check(
        &format!(r#"{{"id": "{}", "text": "Not here."}}"#, "x".repeat(20_000)),
        "too-large",
        "an id of 20000 bytes",
    );
    for status in [
        r#""status": "404 Not Found""#,
        r#""status": "HTTP/1.1 503 Service Unavailable""#,
        r#""http_status_code": 404"#,
        r#""responseStatus": "403""#,
        r#""response": {"status": 500}"#,
        r#""status": "failed", "error": "no answer""#,
        r#""ok": false, "error_message": "no answer""#,
        r##""#error": true"##,
    ] {
        let value = format!(r#"{{"url": "https://example.org/a", "title": "Forbidden", {status}}}"#);
        check(&value, "fetch-failed", "");
    }
    for status in [r#""status": "failed""#, r#""ok": false"#] {
        check(
            &format!(r#"{{"url": "https://example.org/a", {status}}}"#),
            "fetch-failed",
            "",
        );
    }
    check("json failed to parse", "producer-marker", "scrapy-cluster");
    check(r#""json failed to parse""#, "producer-marker", "scrapy-cluster");
    check("\0\0\0\0\u{7}Hfoo", "binary", "schema id 7");
    check(&"[".repeat(100_000), "too-deep", "127");
    check(
        &format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000)),
        "too-deep",
        "127",
    );
}

#[test]
fn numbers_pass_through_digit_for_digit() {
    let numbers = r#"{"big":123456789012345678901234567890,"price":1.10,"far":1e+400,"zero":-0.0}"#;
    let value = format!(r#"{{"text": "Words.", "numbers": {numbers}}}"#);
    let read = decode(&record(value.as_bytes(), &[], None), &Options::default()).unwrap();
    let article = read.into_iter().next().unwrap().unwrap();
    assert_eq!(article.extra["numbers"].to_string(), numbers);
}

#[test]
fn a_null_and_a_huge_value_are_refused() {
    let mut null = record(b"", &[], None);
    null.value = None;
    assert_eq!(decode(&null, &Options::default()).unwrap_err().code, "null-value");
    let small = Options {
        value_bytes_max: 10,
        ..Options::default()
    };
    assert_eq!(
        decode(&record(b"hello, world", &[], None), &small).unwrap_err().code,
        "too-large"
    );
}

#[test]
fn a_value_that_is_no_json_is_a_page_or_a_text() {
    let check = |value: &str, headers: &[(&str, &str)], body: Body| {
        let article = one(value, headers, None);
        assert_eq!((article.body, article.preset), (body, "plain"));
    };
    check(
        "<html><p>Words.</p></html>",
        &[],
        Body::Html("<html><p>Words.</p></html>".into()),
    );
    check("Words.", &[], Body::Text("Words.".into()));
    check("[Example] Words.", &[], Body::Text("[Example] Words.".into()));
    check(
        "# T",
        &[("Content-Type", "text/markdown")],
        Body::Markdown("# T".into()),
    );
    check("\"A page: <p>x</p>\"", &[], Body::Html("A page: <p>x</p>".into()));
}

#[test]
fn the_url_beside_a_value_is_used_where_the_value_has_none() {
    let url = "https://example.org/a";
    assert_eq!(one("Words.", &[("x-url", url)], None).url.as_deref(), Some(url));
    assert_eq!(one("Words.", &[], Some(url)).url.as_deref(), Some(url));
    assert_eq!(one("Words.", &[], Some("desk-7")).url, None);
    let own = one(r#"{"text":"Words.","url":"https://example.org/b"}"#, &[], Some(url));
    assert_eq!(own.url.as_deref(), Some("https://example.org/b"));
}

#[test]
fn envelopes_are_opened() {
    let check = |value: &str, headers: &[(&str, &str)]| {
        let article = one(value, headers, None);
        let Body::Text(text) = &article.body else {
            panic!("{article:?}")
        };
        assert_eq!(
            (text.as_str(), article.url.as_deref()),
            ("Words.", Some("https://example.org/a")),
            "{value}"
        );
    };
    let inner = r#"{"url":"https://example.org/a","text":"Words."}"#;
    let wrap = |before: &str, after: &str| format!("{before}{inner}{after}");
    check(
        inner,
        &[("ce_id", "1"), ("ce_type", "x"), ("content-type", "application/json")],
    );
    check(
        &wrap(r#"{"specversion":"1.0","type":"t","source":"s","id":"1","data":"#, "}"),
        &[],
    );
    check(&wrap(r#"{"schema":null,"payload":"#, "}"), &[]);
    check(&wrap(r#"{"schema":{"type":"struct"},"payload":"#, "}"), &[]);
    check(&wrap(r#"{"before":null,"op":"c","after":"#, "}"), &[]);
    check(&wrap(r#"{"success":true,"data":"#, "}"), &[]);
    check(&wrap(r#"{"success":true,"data":["#, "]}"), &[]);
    check(&wrap(r#"{"status":"ok","articles":["#, "]}"), &[]);
    check(&wrap(r#"{"_index":"i","_id":"1","_source":"#, "}"), &[]);
    check(&wrap("[", "]"), &[]);
    check(&wrap(r#"{"operationType":"insert","ns":{},"fullDocument":"#, "}"), &[]);
    check(&wrap(r#"[{"upsert":"#, "}]"), &[]);
    check(&wrap(r#"{"recentActivityArticles":{"activity":["#, "]}}"), &[]);
    check(&wrap(r#"{"response":{"status":"ok","total":1,"content":"#, "}}"), &[]);
    check(
        &wrap(r#"{"rss":{"@version":"2.0","channel":{"title":"E","item":["#, "]}}}"),
        &[],
    );
    check(
        &wrap(r#"{"rss":{"@version":"2.0","channel":{"title":"E","item":"#, "}}}"),
        &[],
    );
    check(&wrap(r#"{"feed":{"title":"E","entry":"#, "}}"), &[]);
    check(&serde_json::to_string(inner).unwrap(), &[]);
    check(
        r#"{"specversion":"1.0","type":"t","source":"s","id":"1","subject":"https://example.org/a","datacontenttype":"text/plain",
            "data":"Words."}"#,
        &[],
    );
    check(
        r#"{"specversion":"1.0","type":"t","source":"s","id":"1","subject":"https://example.org/a","data_base64":"V29yZHMu"}"#,
        &[],
    );
}

#[test]
fn what_queues_shippers_and_pipelines_carry_is_read() {
    let check = |value: &str| {
        let article = one(value, &[], None);
        let body = Body::Text("Words.".into());
        let url = Some("https://example.org/a");
        assert_eq!(
            (article.title.as_deref(), &article.body, article.url.as_deref()),
            (Some("T"), &body, url),
            "{value}"
        );
    };
    let inner = r#"{"title":"T","url":"https://example.org/a","text":"Words."}"#;
    let quoted = serde_json::to_string(inner).unwrap();
    for (before, after) in [
        (r#"{"topic":"t","partition":0,"offset":1,"key":null,"payload":"#, "}"),
        (
            r#"{"Type":"Notification","TopicArn":"arn:t","Timestamp":"2024-03-05T07:08:09Z","Message":"#,
            "}",
        ),
        (r#"{"Records":[{"messageId":"1","eventSource":"q","body":"#, "}]}"),
        (
            r#"{"@timestamp":"2024-03-05T07:08:09Z","@version":"1","host":{"name":"h"},"message":"#,
            "}",
        ),
        (r#"{"stream":"stdout","time":"2024-03-05T07:08:09Z","log":"#, "}"),
        (r#"{"body":"#, "}"),
    ] {
        check(&format!("{before}{quoted}{after}"));
        check(&format!("{before}{inner}{after}"));
    }
    for (before, after) in [
        (r#"{"records":[{"key":null,"value":"#, "}]}"),
        (
            r#"{"version":"0","id":"1","detail-type":"article","source":"s","detail":"#,
            "}",
        ),
        (
            r#"{"_airbyte_ab_id":"1","_airbyte_emitted_at":1709622489000,"_airbyte_data":"#,
            "}",
        ),
        (
            r#"{"type":"RECORD","record":{"stream":"s","emitted_at":1709622489000,"data":"#,
            "}}",
        ),
        (r#"{"spider":"s","item":"#, "}"),
        (r#"{"event_type":"save_entry","entry":"#, "}"),
        (r#"{"data":[{"type":"article","id":"1","attributes":"#, "}]}"),
        (r#"{"op":"c","source":{"connector":"m"},"after":"#, "}"),
        (r#"{"op":"c","before":null,"after":{"db.articles.Value":"#, "}}"),
        (r#"{"table":"T","op_type":"I","after":"#, "}"),
        (r#"{"objects":["#, "]}"),
    ] {
        check(&format!("{before}{inner}{after}"));
    }
    check(r#"{"url":"https://example.org/a","doc":{"title":"T","text":"Words."}}"#);
    check(
        r#"{"title":{"string":"T"},"url":{"string":"https://example.org/a"},"text":{"string":"Words."},"n":{"long":1}}"#,
    );
    check(
        r#"{"message":{"messageId":"1","data":"eyJ0aXRsZSI6IlQiLCJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnL2EiLCJ0ZXh0IjoiV29yZHMuIn0="},
            "subscription":"s"}"#,
    );
}

#[test]
fn what_only_looks_like_an_envelope_is_an_article() {
    for value in [
        r#"{"title":"T","text":"Words.","item":{"title":"Another"}}"#,
        r#"{"text":"Words.","item":{"title":"Another","text":"No."}}"#,
        r#"{"text":"{\"a\": 1}"}"#,
        r#"{"content":{"text":"Words."}}"#,
        r#"{"Url":"https://example.org/a","Title":"T","Text":"Words.","Author":"Ada Quill","result":{"title":"Another"}}"#,
        r#"{"article_title":"T","article_body":"Words.","item":{"title":"Another"}}"#,
        r#"{"heading":"T","full_text":"Words.","attributes":{"title":"Another"}}"#,
        r#"{"name":"T","page_html":"<p>Words.</p>","log":{"message":{"text":"No."}}}"#,
        r#"{"name":"T","description":"Words.","item":{"title":"Another"}}"#,
        r#"{"link":"https://example.org/a","paragraphs":["Words."],"item":{"title":"Another"}}"#,
        r#"{"title":"T","articleText":"Words.","objects":[{"title":"Another"}]}"#,
        r#"{"url":"https://example.org/a","articleText":"Words.","Records":[]}"#,
        r#"{"articleText":"Words.","records":[{"title":"Another"}]}"#,
        r#"{"articleText":"Words.","objects":[{"label":"car"}]}"#,
        r#"{"articleText":"Words.","op":"c","source":"s","after":"Another"}"#,
    ] {
        let article = one(value, &[], None);
        assert_ne!(article.title.as_deref(), Some("Another"), "{value}");
        assert_ne!(article.body, Body::None, "{value}");
        assert_ne!(article.body, Body::Text("No.".into()), "{value}");
    }
}

#[test]
fn what_carries_a_whole_article_may_have_words_of_its_own() {
    for value in [
        r#"{"name":"crawler","payload":{"title":"Ours","text":"Words."}}"#,
        r#"{"name":"crawler","level":30,"message":"{\"title\":\"Ours\",\"text\":\"Words.\"}"}"#,
        r#"{"attributes":{"title":"Ours","body":"Words."},"summary":"short"}"#,
        r#"{"title":"Ours","type":"article","humanLanguage":"en","objects":[{"title":"Ours","text":"Words."}]}"#,
        r#"{"records":[{"Headline":"Ours","articleText":"Words."}]}"#,
        r#"{"title":"","records":[{"title":"Ours","text":"Words."}]}"#,
    ] {
        let article = one(value, &[], None);
        assert_eq!(article.title.as_deref(), Some("Ours"), "{value}");
        assert_eq!(article.body, Body::Text("Words.".into()), "{value}");
    }
}

#[test]
fn a_failed_fetch_with_a_crawlers_name_or_other_words_for_it_is_none() {
    for value in [
        r#"{"url":"https://example.org/a","name":"spider-3","status":"failed"}"#,
        r#"{"url":"https://example.org/a","status":"403 Access Denied","text":"Access denied"}"#,
        r#"{"url":"https://example.org/a","status":"404 page not found","text":"Nothing here"}"#,
    ] {
        assert_eq!(refused(value).0, "fetch-failed", "{value}");
    }
}

/// Any number of names may mean a time of making, by what joins their words.
#[test]
fn many_names_for_one_thing_are_no_burden() {
    let joined = |n: u32| {
        (0..10)
            .map(|digit| ['_', '-', '.'][(n / 3u32.pow(digit) % 3) as usize])
            .collect::<String>()
    };
    let names = (0..20_000).map(|n| format!(r#""create{}time": {n}"#, joined(n)));
    let value = format!(
        r#"{{"title":"T","text":"Words.",{}}}"#,
        names.collect::<Vec<_>>().join(",")
    );
    assert_eq!(one(&value, &[], None).title.as_deref(), Some("T"));
}

#[test]
fn an_article_whose_workflow_failed_is_one() {
    for status in [
        r#""status": "failed""#,
        r#""status": "error", "error": null"#,
        r#""ok": false"#,
        r#""isSuccess": "false", "error": """#,
        r#""status": "450 comments""#,
        r#""status": "500 words""#,
        r#""status": "404""#,
    ] {
        for words in [
            r#""title": "T""#,
            r#""text": "Words.""#,
            r#""Content": "Words.""#,
            r#""newsTitle": "T""#,
        ] {
            let value = format!(r#"{{"url": "https://example.org/a", {words}, {status}}}"#);
            let is_read = read(value.as_bytes(), &[], None).is_ok_and(|all| all.iter().all(Result::is_ok));
            assert_eq!(is_read, status != r#""status": "404""#, "{value}");
        }
    }
}

#[test]
fn a_row_that_was_deleted_is_no_article() {
    for value in [
        r#"{"title":"T","text":"Words.","__deleted":"true"}"#,
        r#"{"database":"d","table":"t","type":"delete","data":{"title":"T","text":"Words."}}"#,
        r#"{"database":"d","table":"t","type":"DELETE","data":[{"title":"T","text":"Words."}]}"#,
    ] {
        assert_eq!(refused(value).0, "no-document", "{value}");
    }
    assert_eq!(
        one(r#"{"title":"T","__deleted":"false"}"#, &[], None).title.as_deref(),
        Some("T")
    );
}

#[test]
fn of_a_pages_linked_data_the_articles_count() {
    let publisher = r#"{"@context":"https://schema.org","@type":"Organization","name":"Example Post"}"#;
    let article = r#"{"@type":"NewsArticle","headline":"T","url":"https://example.org/a","articleBody":"Words."}"#;
    for value in [
        format!("[{publisher},{article}]"),
        format!(r#"{{"json-ld":[{publisher},{article}],"microdata":[]}}"#),
    ] {
        assert_eq!(one(&value, &[], None).title.as_deref(), Some("T"), "{value}");
    }
}

#[test]
fn who_is_named_by_id_is_found_in_the_graph() {
    let people = r#"{"@type":"Organization","@id":"https://example.org/#organization","name":"The Gull"},
        {"@type":"Person","@id":"https://example.org/#/schema/person/1","name":"Ada Quill"}"#;
    let person = r#"{"@id":"https://example.org/#/schema/person/1"}"#;
    let article = |author: &str| {
        format!(
            r#"{{"@type":"Article","@id":"https://example.org/a/#article","headline":"T","articleBody":"Words.","author":{author},
            "publisher":{{"@id":"https://example.org/#organization"}}}}"#
        )
    };
    let graph = |author: &str| format!(r#"{{"@graph":[{},{people}]}}"#, article(author));
    for value in [
        graph(person),
        graph(&format!("[{person}]")),
        format!("[{},{people}]", article(person)),
        format!(r#"{{"json-ld":[{},{{"@type":"BreadcrumbList"}}]}}"#, graph(person)),
    ] {
        let article = one(&value, &[], None);
        assert_eq!(article.authors, ["Ada Quill"], "{value}");
        assert_eq!(article.site.as_deref(), Some("The Gull"), "{value}");
    }
    let own = one(
        &graph(r#"{"@id":"https://example.org/#/schema/person/1","name":"A. Quill"}"#),
        &[],
        None,
    );
    assert_eq!(own.authors, ["A. Quill"]);
    let nobody = one(&graph(r#"{"@id":"https://example.org/#/schema/person/2"}"#), &[], None);
    assert!(nobody.authors.is_empty());
}

#[test]
fn names_that_a_preset_does_not_know_are_read_as_in_any_object() {
    let url = "https://example.org/a";
    let check = |value: &str, preset: &str, body: &str, date: &str| {
        let article = one(value, &[], None);
        let said = (article.preset, article.url.as_deref(), article.published_at.as_deref());
        assert_eq!(said, (preset, Some(url), Some(date)), "{value}");
        assert_eq!(article.body, Body::Text(body.into()), "{value}");
    };
    let date = "2024-03-05T07:08:09Z";
    check(
        r#"{"link":"https://example.org/a","title":"T","description":"Less.","text":"Words.","published_at":"2024-03-05T07:08:09Z"}"#,
        "rss_item",
        "Words.",
        date,
    );
    check(
        r#"{"headline":"T","datePublished":"2024-03-05T07:08:09Z","body":"Words.","url":"https://example.org/a"}"#,
        "schema_org",
        "Words.",
        date,
    );
    check(
        r#"{"byline":"J","siteName":"E","url":"https://example.org/a","title":"T","text":"Words.","date":"2024-03-05T07:08:09Z"}"#,
        "mozilla_readability",
        "Words.",
        date,
    );
}

#[test]
fn names_that_crawlers_pass_on_from_pages_are_read() {
    let check = |value: &str| {
        let article = one(value, &[], None);
        assert_eq!(article.published_at.as_deref(), Some("2024-03-05T07:08:09Z"), "{value}");
        assert_eq!(article.url.as_deref(), Some("https://example.org/a"), "{value}");
    };
    check(
        r#"{"url":"https://example.org/a","content":"<p>Words.</p>",
            "metadata":{"fetch.statusCode":["200"],"parse.datepublished":["2024-03-05T07:08:09Z"]}}"#,
    );
    check(
        r#"{"url":["https://example.org/a"],"content":["Words."],"digest":["d"],"tstamp":["2024-03-06T00:00:00Z"],
            "metatag.datepublished":["2024-03-05T07:08:09Z"]}"#,
    );
    check(
        r#"{"markdown":"Words.","metadata":{"sourceURL":"https://example.org/a","parsely-pub-date":"2024-03-05T07:08:09Z"}}"#,
    );
    check(
        r#"{"url":"https://example.org/a","success":true,"status_code":200,"markdown":{"raw_markdown":"Words."},
            "metadata":{"dc.date.issued":"2024-03-05T07:08:09Z"}}"#,
    );
    check(
        r#"{"title":"T","link":"https://feeds.example.net/1","feedburner_origlink":"https://example.org/a","summary":"Words.",
            "published":"Tue, 05 Mar 2024 07:08:09 GMT"}"#,
    );
    let gone = r#"{"url":"https://example.org/a","success":true,"status_code":301,"redirected_status_code":404,"markdown":{"raw_markdown":"No."}}"#;
    assert_eq!(refused(gone).0, "fetch-failed");
}

#[test]
fn names_that_are_like_those_that_are_known_are_read() {
    let check = |value: &str| {
        let article = one(value, &[], None);
        let found = [
            &article.title,
            &article.url,
            &article.published_at,
            &article.language,
            &article.site,
        ];
        let expected = ["T", "https://example.org/a", "2024-03-05T07:08:09Z", "fr", "The Gull"];
        assert_eq!(
            found.map(|role| role.as_deref().unwrap_or_default()),
            expected,
            "{value}"
        );
        assert_eq!(article.authors, ["Ada Quill"], "{value}");
        assert_eq!(article.body, Body::Text("Words.".into()), "{value}");
    };
    check(
        r#"{"Title":"T","URL":"https://example.org/a","Publish Date":"2024-03-05T07:08:09Z","Language":"fr","Source":"The Gull",
            "Author":"Ada Quill","Content":"Words."}"#,
    );
    check(
        r#"{"news_title":"T","newsUrl":"https://example.org/a","publish_time":"2024-03-05T07:08:09Z","created_at":"2024-03-06",
            "langCode":"fr","feed_title":"The Gull","authorName":"Ada Quill","news_content":"Words.","summary":"Less."}"#,
    );
    check(
        r#"{"page_content":"Words.","metadata":{"source":"https://example.org/a","title":"T","author":"Ada Quill","language":"fr",
            "published_date":"2024-03-05T07:08:09Z","og:site_name":"The Gull"}}"#,
    );
    // Diffbot's, Miniflux's and Tavily's.
    check(
        r#"{"type":"article","title":"T","text":"Words.","pageUrl":"https://example.org/a","date":"Tue, 05 Mar 2024 07:08:09 GMT",
            "humanLanguage":"fr","siteName":"The Gull","author":"Ada Quill","estimatedDate":"Tue, 05 Mar 2024 00:00:00 GMT"}"#,
    );
    check(
        r#"{"title":"T","url":"https://example.org/a","published_at":"2024-03-05T07:08:09Z","language":"fr","content":"Words.",
            "author":"Ada Quill","feed":{"title":"The Gull","site_url":"https://example.org"},"status":"unread"}"#,
    );
    check(
        r#"{"title":"T","url":"https://example.org/a","published_date":"2024-03-05T07:08:09Z","language":"fr","content":"Less.",
            "raw_content":"Words.","news_source":"The Gull","writers":["Ada Quill"]}"#,
    );
    // What it holds beside its text says nothing that it says itself.
    let own = one(
        r#"{"title":"T","text":"Words.","metadata":{"title":"Another","text":"No."}}"#,
        &[],
        None,
    );
    assert_eq!(own.title.as_deref(), Some("T"));
    assert!(own.extra.contains_key("metadata"));
}

#[test]
fn a_side_field_of_another_type_passes_through_or_is_read() {
    let value = r#"{"text":"Words.","authors":17,"published":true,"language":{"code":"en"},"source":{"id":7},
        "modified_at":{"date":"2024-03-05 07:08:09.000000","timezone_type":3,"timezone":"UTC"},"date":{"$date":{"$numberLong":"1709622489000"}}}"#;
    let article = one(value, &[], None);
    assert_eq!(article.language.as_deref(), Some("en"));
    assert_eq!(article.published_at.as_deref(), Some("2024-03-05T07:08:09Z"));
    assert_eq!(article.modified_at.as_deref(), Some("2024-03-05T07:08:09.000000Z"));
    assert_eq!((article.authors.len(), article.site), (0, None));
    let mut left: Vec<&str> = article.extra.keys().map(String::as_str).collect();
    left.sort_unstable();
    assert_eq!(left, ["authors", "published", "source"]);
    let reader =
        r#"{"id":"tag:1","title":"T","canonical":[{"href":"https://example.org/a"}],"summary":{"content":"Words."}}"#;
    let article = one(reader, &[], None);
    assert_eq!(article.url.as_deref(), Some("https://example.org/a"));
    assert_eq!(
        (article.id.as_deref(), article.body),
        (Some("tag:1"), Body::Text("Words.".into()))
    );
}

#[test]
fn an_id_that_is_no_url_and_words_about_http_refuse_nothing() {
    let check = |value: &str, text: &str| assert_eq!(one(value, &[], None).body, Body::Text(text.into()), "{value}");
    check(r#"{"id":7,"title":"T","text":"Words."}"#, "Words.");
    check(
        r#"{"guid":12345,"title":"T","description":"Words.","pubDate":"2024-03-05"}"#,
        "Words.",
    );
    check(r#"{"_id":{"a":1},"title":"T","text":"Words."}"#, "Words.");
    check(
        r#"{"text":"HTTP/2 was published in 2015."}"#,
        "HTTP/2 was published in 2015.",
    );
    check(
        r#"{"text":"HTTP/1.1 404 errors rose by half.\n\nMore words."}"#,
        "HTTP/1.1 404 errors rose by half.\n\nMore words.",
    );
    check(r#"{"text":"HTTP/1.1 200 OK\nServer: x\n\nWords."}"#, "Words.");
    let beside = r#"{"title":"T","url":"https://example.org/a","description":"Words.","json-ld":[{"@type":"Organization","name":"O"}]}"#;
    check(beside, "Words.");
}

#[test]
fn a_list_gives_up_only_what_has_no_words() {
    let article = r#"{"@type":"NewsArticle","headline":"T","articleBody":"Words."}"#;
    let video = r#"{"@type":"VideoObject","name":"V","description":"A film."}"#;
    let value = format!(r#"[{{"@type":"Organization","name":"O"}},{video},{article}]"#);
    assert_eq!(read(value.as_bytes(), &[], None).unwrap().len(), 2);
}

#[test]
fn a_url_may_lack_its_scheme_or_hold_a_blank() {
    let check = |url: &str, expected: Option<&str>| {
        let value = format!(r#"{{"text":"Words.","url":"{url}"}}"#);
        assert_eq!(one(&value, &[], None).url.as_deref(), expected, "{url}");
    };
    check("//example.org/a", Some("https://example.org/a"));
    check("www.example.org/a", Some("https://www.example.org/a"));
    check("https://example.org/a b", Some("https://example.org/a%20b"));
    check("https://example.org/a https://example.org/b", None);
    check("/a", None);
}

#[test]
fn references_and_sections_that_were_left_in_are_read() {
    let check = |value: &str, title: &str, body: Body| {
        let article = one(value, &[], None);
        assert_eq!((article.title.as_deref(), article.body), (Some(title), body), "{value}");
    };
    check(
        r#"{"title":"Le c&oelig;ur de N&icirc;mes","text":"It&#8217;s &quot;done&quot;.&nbsp;Words &amp; more &nope;"}"#,
        "Le cœur de Nîmes",
        Body::Text("It’s \"done\". Words & more &nope;".into()),
    );
    check(
        r#"{"title":"<em>Council</em> CO<sub>2</sub>","link":"https://example.org/a","description":"&lt;p&gt;Words.&lt;/p&gt;"}"#,
        "Council CO2",
        Body::Html("<p>Words.</p>".into()),
    );
    check(
        r#"{"title":"T","text":"A <b>small</b> fix: use the &lt;b&gt;.<br>Words."}"#,
        "T",
        Body::Text("A small fix: use the <b>.\nWords.".into()),
    );
    check(
        r#"{"title":"<![CDATA[One]]><![CDATA[ two]]>","link":"https://example.org/a","description":"<![CDATA[Some]]><![CDATA[ words.]]>"}"#,
        "One two",
        Body::Text("Some words.".into()),
    );
    check(
        r#"{"title":"T","url":"https://example.org/a","content":"One.\nUse the &lt;b&gt; tag.\nThree."}"#,
        "T",
        Body::Text("One.\nUse the <b> tag.\nThree.".into()),
    );
    check(
        r#"{"title":"<![CDATA[One < two]]>","link":"https://example.org/a","description":"<![CDATA[<p>Words.</p>]]>"}"#,
        "One < two",
        Body::Html("<p>Words.</p>".into()),
    );
}

#[test]
fn a_body_in_pieces_is_whole() {
    let check = |content: &str, body: Body| {
        let value = format!(r#"{{"url":"https://example.org/a","title":"T","content":{content}}}"#);
        assert_eq!(one(&value, &[], None).body, body, "{content}");
    };
    check(
        r#"[{"type":"image","src":"i.jpg"},{"type":"paragraph","text":"One."},{"type":"paragraph","text":"Two."}]"#,
        Body::Text("One.\nTwo.".into()),
    );
    check(
        r#"[{"type":"text/plain","value":"Words, and more than there."},{"type":"text/html","value":"<p>Words.</p>"}]"#,
        Body::Html("<p>Words.</p>".into()),
    );
    check(
        r#"[{"type":"paragraph","text":"One."},{"type":"image/jpeg","value":"https://example.org/i.jpg"},{"type":"paragraph","text":"Two."}]"#,
        Body::Text("One.\nTwo.".into()),
    );
    check(
        r#"[{"type":"text/plain","value":"One."},{"type":"text/plain","value":"Two."}]"#,
        Body::Text("One.\nTwo.".into()),
    );
    check(
        r#"["One.",{"type":"image"},{"text":"Two."}]"#,
        Body::Text("One.\nTwo.".into()),
    );
}

#[test]
fn behind_a_page_its_text_is_kept_for_when_the_page_shows_nothing() {
    let value = r#"{"html":"<div id=root></div>","text":"Words.","markdown":"Words."}"#;
    let article = one(value, &[], None);
    assert_eq!(article.body, Body::Html("<div id=root></div>".into()));
    assert_eq!(article.instead, Body::Markdown("Words.".into()));
    assert!(article.extra.is_empty());
    let check = |beside: &str, text: &str| {
        let value = format!(r#"{{"html":"<div id=root>Loading…</div>",{beside}}}"#);
        assert_eq!(one(&value, &[], None).instead, Body::Text(text.into()), "{value}");
    };
    check(r#""text":["One.","Two."]"#, "One.\nTwo.");
    check(
        r#""content":[{"type":"paragraph","text":"One."},{"text":"Two."}]"#,
        "One.\nTwo.",
    );
    check(r#""body":{"value":"Words."}"#, "Words.");
    check(r#""text":[],"content":{"a":1},"body":"Words.""#, "Words.");
}

#[test]
fn what_a_service_writes_for_nothing_is_nothing() {
    let removed = r#"{"source":{"id":null,"name":"[Removed]"},"title":"[Removed]","description":"[Removed]","url":"https://removed.com","urlToImage":null,
        "publishedAt":"1970-01-01T00:00:00Z","content":"[Removed]"}"#;
    assert_eq!(refused(removed).0, "no-body");
    let unpaid = r#"{"title":"T","link":"https://example.org/a","description":"Words.","content":"ONLY AVAILABLE IN PAID PLANS","pubDate":"2024-03-05"}"#;
    assert_eq!(one(unpaid, &[], None).body, Body::Text("Words.".into()));
}

#[test]
fn a_value_of_several_articles_fans_out_and_one_bad_does_not_spoil_the_others() {
    let value = br#"{"articles":{"results":[{"title":"A","text":"a"},{"text":5},{"title":"C","text":"c"}]}}"#;
    let articles = read(value, &[], Some("https://example.org/key")).unwrap();
    let titles: Vec<_> = articles
        .iter()
        .map(|a| a.as_ref().map(|a| a.title.clone().unwrap_or_default()))
        .collect();
    assert_eq!(titles[0].as_deref(), Ok("A"));
    assert_eq!(titles[1].as_ref().map_err(|e| e.code), Err("wrong-type"));
    assert_eq!(titles[2].as_deref(), Ok("C"));
    assert!(articles.iter().flatten().all(|a| a.url.is_none()));
    let two = Options {
        articles_max: 2,
        ..Options::default()
    };
    assert_eq!(decode(&record(value, &[], None), &two).unwrap_err().code, "too-large");
}

#[test]
fn bounded_what_is_beside_the_value_is_not_copied_without_end() {
    let list = format!("[{}]", vec![r#"{"text":"Words."}"#; 1_000].join(","));
    let with_header = |bytes: usize, value: &str| {
        let mut record = record(value.as_bytes(), &[], None);
        record.headers.push(("h".into(), Some(vec![b'x'; bytes])));
        decode(&record, &Options::default()).map(|articles| articles.len())
    };
    assert_eq!(with_header(10_000, &list), Ok(1_000));
    assert_eq!(with_header(100_000, &list).unwrap_err().code, "too-large");
    assert_eq!(with_header(100_000_000, r#"{"text":"Words."}"#), Ok(1));
    let subject = |bytes: usize| {
        let url = format!("https://example.org/{}", "x".repeat(bytes));
        let event =
            format!(r#"{{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"{url}","data":{list}}}"#);
        let articles = decode(&record(event.as_bytes(), &[], None), &Options::default()).unwrap();
        articles[999].as_ref().unwrap().url.is_some()
    };
    assert!(subject(1_000) && !subject(10_000));
    let carrier = |bytes: usize| {
        let url = format!("https://example.org/{}", "x".repeat(bytes));
        let value = format!(r#"{{"url":"{url}","item":{{"value":{{"title":"T","text":"Words."}}}}}}"#);
        one(&value, &[], None).url.is_some()
    };
    assert!(carrier(1_000) && !carrier(10_000));
}

#[test]
fn the_users_own_names_and_preset_come_first() {
    let value = br#"{"meta":{"where":["https://example.org/a"]},"what":{"head":"T","long":"<p>Words.</p>"},"title":"Not this"}"#;
    let own = |path: &str| vec!["nope.nope".to_owned(), path.to_owned()];
    let options = Options {
        fields: Aliases {
            url: own("meta.where"),
            title: own("what.head"),
            body: own("what.long"),
            ..Aliases::default()
        },
        preset: Some("item".to_owned()),
        ..Options::default()
    };
    let article = decode(&record(value, &[], None), &options).unwrap().remove(0).unwrap();
    assert_eq!(article.url.as_deref(), Some("https://example.org/a"));
    assert_eq!(article.title.as_deref(), Some("T"));
    assert_eq!(article.body, Body::Html("<p>Words.</p>".into()));
}

#[test]
fn surrogates_nuls_and_invalid_bytes_are_read_as_well_as_can_be() {
    assert_eq!(
        one(r#"{"text":"a\ud800b\u0000c"}"#, &[], None).body,
        Body::Text("a\u{fffd}bc".into())
    );
    let articles = read(b"{\"text\":\"gr\xc3\xb6\xc3\x9fer \xff\"}", &[], None).unwrap();
    assert_eq!(articles[0].as_ref().unwrap().body, Body::Text("größer \u{fffd}".into()));
    let articles = read(
        b"caf\xe9 cr\xe8me",
        &[("content-type", "text/plain; charset=latin1")],
        None,
    )
    .unwrap();
    assert_eq!(articles[0].as_ref().unwrap().body, Body::Text("café crème".into()));
}

#[test]
fn a_record_tells_its_preset() {
    let check = |value: &str, name: &str| {
        assert_eq!(
            detect(&record(value.as_bytes(), &[], None), &Options::default()).unwrap(),
            name
        );
    };
    check(r#"{"maintext":"x","source_domain":"example.org"}"#, "news_please");
    check(r#"[{"text":"x"},{"content":"y"}]"#, "sluice");
    check("Words.", "plain");
    assert!(
        presets()
            .iter()
            .any(|p| p.name == "firecrawl" && p.detected_by.contains("metadata.sourceURL"))
    );
}

mod properties {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    /// Any JSON, with the names that presets know.
    fn any_json() -> impl Strategy<Value = Value> {
        let names = prop::sample::select(vec![
            "text",
            "html",
            "url",
            "title",
            "metadata",
            "content",
            "data",
            "articles",
            "payload",
            "schema",
            "authors",
            "thread",
            "markdown",
            "published_at",
            "@type",
            "raw_html",
            "value",
            "name",
            "link",
            "summary",
            "uri",
            "a.b",
            "specversion",
            "type",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            Just(json!("https://example.org/a")),
            Just(json!("2024-03-05T07:08:09Z")),
            Just(json!("<p>Words.</p>")),
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((names.clone(), inner), 0..6).prop_map(|fields| Value::Object(
                    fields
                        .into_iter()
                        .map(|(n, v)| (n.to_owned(), v))
                        .collect::<Map<_, _>>()
                )),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(value in prop::collection::vec(any::<u8>(), 0..300), key in prop::collection::vec(any::<u8>(), 0..20)) {
            let mut any = record(&value, &[("content-type", "text/html; charset=x")], None);
            any.key = Some(key);
            let _ = decode(&any, &Options::default());
        }

        #[test]
        fn any_broken_json_is_read_or_refused(value in any_json(), cut in 0_usize..200, odd in any::<u8>()) {
            let mut bytes = value.to_string().into_bytes();
            if let Some(byte) = bytes.get_mut(cut) {
                *byte = odd;
            }
            let _ = read(&bytes, &[], None);
        }

        #[test]
        fn nothing_is_invented(value in any_json()) {
            let written = value.to_string();
            let Ok(articles) = read(written.as_bytes(), &[], None) else { return Ok(()) };
            for article in articles.into_iter().flatten() {
                let within = |s: &str| {
                    let words: String = written.split_whitespace().collect();
                    s.split_whitespace().all(|w| words.contains(json!(w).to_string().trim_matches('"')))
                };
                prop_assert!(article.url.as_deref().is_none_or(within));
                prop_assert!(article.title.as_deref().is_none_or(within));
                prop_assert!(article.authors.iter().all(|a| within(a)));
            }
        }
    }
}

/// As base64, what `pack` makes of a body.
fn packed_body(body: &str, pack: impl Fn(&[u8]) -> Vec<u8>) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(pack(body.as_bytes()))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("a list takes all");
    encoder.finish().expect("a list takes all")
}

#[test]
fn packed_bodies_are_unpacked() {
    let page = "<html><body><p>The old pier was closed on Monday.</p></body></html>";
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 3).expect("bytes are packed");
    for packed in [packed_body(page, gzip), packed_body(page, zstd)] {
        for field in ["html", "body", "content", "text"] {
            let article = one(
                &format!(r#"{{"url": "https://example.org/a", "{field}": "{packed}"}}"#),
                &[],
                None,
            );
            assert_eq!(article.body, Body::Html(page.to_owned()), "{field}");
        }
    }
    let bytes = serde_json::to_string(&gzip(page.as_bytes())).expect("numbers");
    for list in [bytes.clone(), format!(r#"{{"type": "Buffer", "data": {bytes}}}"#)] {
        let article = one(
            &format!(r#"{{"url": "https://example.org/a", "html": {list}}}"#),
            &[],
            None,
        );
        assert_eq!(article.body, Body::Html(page.to_owned()));
    }
}

#[test]
fn bodies_without_text_are_refused_unless_another_holds_some() {
    let pdf = packed_body("%PDF-1.7 of some length, with pages and pages", <[u8]>::to_vec);
    let noise = packed_body("", |_| (0..300_u32).map(|n| (n * n / 7) as u8).collect());
    for body in [&pdf, &noise] {
        assert_eq!(
            refused(&format!(r#"{{"title": "Pier", "html": "{body}"}}"#)).0,
            "binary"
        );
    }
    let cut = packed_body("The old pier was closed on Monday, and nobody knew why.", |bytes| {
        gzip(bytes)[..40].to_vec()
    });
    assert_eq!(
        refused(&format!(r#"{{"title": "Pier", "html": "{cut}"}}"#)).0,
        "not-unpacked"
    );
    let article = one(
        &format!(r#"{{"html": "{pdf}", "text": "The old pier was closed."}}"#),
        &[],
        None,
    );
    assert_eq!(article.body, Body::Text("The old pier was closed.".to_owned()));
}

#[test]
fn bodies_in_sixteen_bits_are_read() {
    let page = "<p>The old pier was closed on Monday.</p>";
    for charset in ["utf-16le", "utf-16be"] {
        let bytes = |text: &[u8]| {
            let each = std::str::from_utf8(text).expect("a page").encode_utf16();
            let pair = |unit: u16| {
                if charset == "utf-16le" {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            };
            each.flat_map(pair).collect()
        };
        let value = serde_json::json!({ "url": "https://example.org/a", "html": packed_body(page, bytes), "encoding": charset });
        assert_eq!(
            one(&value.to_string(), &[], None).body,
            Body::Html(page.to_owned()),
            "{charset}"
        );
    }
}

#[test]
fn a_body_that_unpacks_to_far_more_is_refused() {
    let body = packed_body(&format!("<p>{}</p>", "a".repeat(4 << 20)), gzip);
    assert_eq!(
        refused(&format!(r#"{{"title": "Pier", "html": "{body}"}}"#)).0,
        "too-large"
    );
}

#[test]
fn places_of_a_decoded_body_are_found_in_the_record() {
    let check = |field: &str, source: &str, piece: &str, expected: &str| {
        let value = serde_json::json!({ "title": "Pier", field: source });
        let article = one(&value.to_string(), &[], None);
        let (Body::Html(body) | Body::Text(body)) = &article.body else {
            panic!("{source:?}: {:?}", article.body);
        };
        let start = body.find(piece).unwrap_or_else(|| panic!("{piece:?} in {body:?}"));
        let span = start..start + piece.len();
        let places = &article.places;
        assert_eq!(source.get(places.in_source(span.clone())), Some(expected), "{source:?}");
        assert_eq!(places.in_body(places.in_source(span.clone())), span, "{source:?}");
    };
    check("text", "R&amp;D &quot;pier&quot;\nShare", "Share", "Share");
    check(
        "text",
        "R&amp;D &quot;pier&quot;\nShare",
        "\"pier\"",
        "&quot;pier&quot;",
    );
    check(
        "text",
        "The <b>pier</b> is <a href='/x'>closed</a>.\nShare",
        "Share",
        "Share",
    );
    check("text", "A<br>B &amp; C<br>Share", "Share", "Share");
    check("text", "\0\0The pier\0 is closed.\nShare", "Share", "Share");
    check("body", "  <![CDATA[The pier is closed.\nShare]]>", "Share", "Share");
    check(
        "html",
        "<![CDATA[<p>The pier]]> and <![CDATA[quay</p><p>Share</p>]]>",
        "Share",
        "Share",
    );
    check(
        "html",
        "&lt;p&gt;A&lt;/p&gt;&lt;p&gt;Share&lt;/p&gt;",
        "<p>Share</p>",
        "&lt;p&gt;Share&lt;/p&gt;",
    );
    check(
        "body",
        "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nThe pier is closed.\nShare",
        "Share",
        "Share",
    );
}

#[test]
fn markup_that_was_escaped_in_a_text_is_no_text() {
    let text = |text: &str| {
        one(
            &serde_json::json!({ "title": "Pier", "text": text }).to_string(),
            &[],
            None,
        )
        .body
    };
    let check = |written: &str, expected: &str| assert_eq!(text(written), Body::Text(expected.to_owned()));
    check(
        "The pier&lt;br&gt;is closed &amp;amp; empty.",
        "The pier\nis closed &amp; empty.",
    );
    check(
        "Write &lt;b&gt; for bold, and close the HTML tag.",
        "Write <b> for bold, and close the HTML tag.",
    );
    let paragraphs = "&lt;p&gt;The pier is closed.&lt;/p&gt;&lt;p&gt;It opens in May.&lt;/p&gt;";
    assert_eq!(
        text(paragraphs),
        text("<p>The pier is closed.</p><p>It opens in May.</p>")
    );
}

#[test]
fn a_feed_fetched_as_a_page_is_no_article() {
    let item = "<item><title>Pier closed</title><description>The pier was closed.</description></item>";
    for feed in [
        format!("<?xml version=\"1.0\"?>\n<!-- made by hand -->\n<rss version=\"2.0\"><channel>{item}</channel></rss>"),
        format!("\u{feff}<rss><channel>{item}</channel></rss>"),
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title>Pier closed</title></entry></feed>".to_owned(),
        "<?xml version=\"1.0\"?><urlset xmlns=\"x\"><url><loc>https://example.org/a</loc></url></urlset>".to_owned(),
    ] {
        assert_eq!(refused(&feed).0, "feed", "{feed}");
        let record = serde_json::json!({ "url": "https://example.org/feed", "html": feed });
        assert_eq!(refused(&record.to_string()).0, "feed", "{feed}");
    }
    let page = "<?xml version=\"1.0\"?><!DOCTYPE html><html><body><p>The pier was closed.</p></body></html>";
    assert_eq!(one(page, &[], None).body, Body::Html(page.to_owned()));
}
