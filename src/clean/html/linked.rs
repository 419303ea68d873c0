//! JSON-LD → what a page says of its article.
//!
//! In: the contents of a page's `application/ld+json` scripts, and the page's addresses. Out: [`Linked`]. Always: a script that cannot
//! be read is passed over; where an article names one of the page's addresses, those that name others are others; of each kind the
//! first value found counts.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::decode::names::NAMES_MAX;
use crate::dedupe::address_key;
use crate::headline::letters;

/// Where a thing comes from.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Origin {
    pub(super) authors: Vec<String>,
    /// All of the authors are called organizations.
    pub(super) is_by_outlet: bool,
    /// Who made it, which may be who put it up.
    pub(super) creators: Vec<String>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
}

/// What is no article, and may be what the page is about: a recipe, an episode, a gallery.
#[derive(Debug, Default, Clone, PartialEq)]
struct Work {
    name: String,
    origin: Origin,
    publisher: Option<String>,
}

/// What the scripts say.
#[derive(Debug, Default, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that a page may say of itself"
)]
pub(super) struct Linked {
    pub(super) body: Option<String>,
    pub(super) headline: Option<String>,
    pub(super) origin: Origin,
    /// What is said of the page, and not of its article.
    pub(super) of_page: Origin,
    works: Vec<Work>,
    pub(super) section: Option<String>,
    pub(super) image: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) language: Option<String>,
    pub(super) licence: Option<String>,
    pub(super) site: Option<String>,
    pub(super) is_article: bool,
    pub(super) is_list: bool,
    pub(super) is_gallery: bool,
    pub(super) is_paywalled: bool,
}

impl Linked {
    /// Take what is said of the work that the page's headline names, behind what is said of the page.
    pub(super) fn take_work(&mut self, headline: &str) {
        let letters_of = |text: &str| letters(text).collect::<String>();
        let name = letters_of(headline);
        let works = std::mem::take(&mut self.works);
        let Some(work) = works.into_iter().find(|work| letters_of(&work.name) == name) else {
            return;
        };
        let Origin {
            authors,
            is_by_outlet,
            creators,
            published,
            modified,
        } = work.origin;
        let page = &mut self.of_page;
        if page.authors.is_empty() {
            (page.authors, page.is_by_outlet) = (authors, is_by_outlet);
        }
        if page.creators.is_empty() {
            page.creators = creators;
        }
        page.published = page.published.take().or(published);
        page.modified = page.modified.take().or(modified);
        self.publisher = self.publisher.take().or(work.publisher);
    }
}

/// Read the scripts' contents. `addresses` are those of the page, as [`address_key`] tells them.
pub(super) fn read(scripts: &[&str], addresses: &[u64]) -> Linked {
    let values: Vec<Value> = scripts.iter().take(32).flat_map(|script| parse(script)).collect();
    let mut things = Things::default();
    for value in &values {
        things.add(value);
    }
    let mut linked = Linked::default();
    let is_own = |article: &&Value| own_addresses(article).any(|key| addresses.contains(&key));
    let (own, others): (Vec<&Value>, Vec<&Value>) = things.articles.iter().copied().partition(is_own);
    // What names no address may be said of the same article.
    let is_another = |article: &Value| !own.is_empty() && own_addresses(article).next().is_some();
    for article in own
        .iter()
        .copied()
        .chain(others.into_iter().filter(|article| !is_another(article)))
    {
        things.take_article(article, &mut linked);
    }
    // What is said of the page may be of its article, unless it is another page.
    let is_of_page = |value: &Value| addresses.is_empty() || own_addresses(value).next().is_none() || is_own(&value);
    let is_page = |value: &Value| is_type(value, |kind| matches!(kind, "WebPage" | "ItemPage"));
    for value in things.others.iter().copied().filter(|other| is_of_page(other)) {
        if is_page(value) {
            things.take_origin(value, &mut linked.of_page);
        } else if !linked.is_article && is_work(value) {
            linked.works.extend(things.work(value));
        }
    }
    for other in &things.others {
        linked.is_list |= is_type(other, |kind| matches!(kind, "CollectionPage" | "ItemList"));
        linked.is_gallery |= is_type(other, |kind| matches!(kind, "ImageGallery" | "MediaGallery"));
        if linked.site.is_none() && is_type(other, |kind| kind == "WebSite") {
            linked.site = text(&other["name"]);
        }
    }
    linked
}

fn parse(script: &str) -> Vec<Value> {
    let mut script = script.trim_start_matches('\u{feff}').trim();
    for start in ["//", "/*", "<![CDATA[", "*/", "<!--"] {
        script = script.strip_prefix(start).unwrap_or(script).trim_start();
    }
    let values = serde_json::Deserializer::from_str(script).into_iter::<Value>();
    let mut values: Vec<Value> = values.map_while(Result::ok).collect();
    if values.is_empty() && script.contains(['\n', '\t', ',', '\\']) {
        values.extend(serde_json::from_str::<Value>(&mended(script)).ok());
    }
    values
}

/// A script without the usual faults: raw line breaks inside strings, a comma behind the last of a list or an object, and a backslash
/// before what needs none.
fn mended(script: &str) -> String {
    let mut mended = String::with_capacity(script.len());
    let (mut is_string, mut is_escaped) = (false, false);
    // Where a comma stands with nothing but blanks behind it.
    let mut comma = None;
    for c in script.chars() {
        let c = if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
        if matches!(c, '}' | ']')
            && !is_string
            && let Some(at) = comma.take()
        {
            mended.truncate(at);
        }
        match c {
            ',' if !is_string => comma = Some(mended.len()),
            ' ' => {}
            _ => comma = None,
        }
        if is_escaped && !matches!(c, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u' | 'x') {
            mended.pop();
        }
        is_string ^= c == '"' && !is_escaped;
        is_escaped = is_string && c == '\\' && !is_escaped;
        mended.push(c);
    }
    mended
}

fn is_type(value: &Value, wanted: impl Fn(&str) -> bool) -> bool {
    is_of(&value["@type"], wanted)
}

/// Whether one of a thing's types is wanted: its name behind that of its vocabulary.
fn is_of(types: &Value, wanted: impl Fn(&str) -> bool) -> bool {
    let is_wanted = |kind: &str| wanted(kind.rsplit(['/', '#', ':']).next().unwrap_or(kind));
    match types {
        Value::String(kind) => is_wanted(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is_wanted),
        _ => false,
    }
}

fn is_article(value: &Value) -> bool {
    is_type(value, |kind| {
        kind.ends_with("Article") || matches!(kind, "BlogPosting" | "Report" | "LiveBlogPosting" | "Review")
    })
}

/// Whether a thing is a work that a page may be about, and is no article.
fn is_work(value: &Value) -> bool {
    const KINDS: [&str; 15] = [
        "AudioObject",
        "CreativeWork",
        "DiscussionForumPosting",
        "HowTo",
        "ImageGallery",
        "Interview",
        "MediaGallery",
        "MediaObject",
        "PodcastEpisode",
        "Question",
        "QAPage",
        "RadioEpisode",
        "Recipe",
        "SocialMediaPosting",
        "VideoObject",
    ];
    is_type(value, |kind| KINDS.contains(&kind))
}

/// What an article names as its own address, as [`address_key`] tells it.
fn own_addresses(article: &Value) -> impl Iterator<Item = u64> {
    // Some give a list of one.
    let [url, page] = ["url", "mainEntityOfPage"].map(|name| {
        let value = &article[name];
        value.get(0).unwrap_or(value)
    });
    let all = [url, &article["@id"], page, &page["@id"], &page["url"]];
    let keys = all.into_iter().filter_map(Value::as_str).map(address_key);
    keys.filter(|key| *key != 0)
}

/// What the scripts describe, in their order.
#[derive(Default)]
struct Things<'a> {
    articles: Vec<&'a Value>,
    others: Vec<&'a Value>,
    /// By the name that others call them by.
    by_id: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Things<'a> {
    /// Depth is bounded by what `serde_json` reads (128).
    fn add(&mut self, value: &'a Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|v| self.add(v)),
            Value::Object(_) => {
                if is_article(value) {
                    self.articles.push(value);
                } else {
                    self.others.push(value);
                }
                if let Some(id) = value["@id"].as_str().filter(|_| value.get("@type").is_some()) {
                    self.by_id.entry(id).or_insert(value);
                }
                for inner in ["@graph", "mainEntity", "mainEntityOfPage"] {
                    if let Some(inner) = value.get(inner) {
                        self.add(inner);
                    }
                }
            }
            _ => {}
        }
    }

    /// A thing's own field; where it has none and is called by an id, that of the thing with the id.
    fn field(&self, value: &'a Value, name: &str) -> &'a Value {
        let named = || self.by_id.get(value["@id"].as_str()?)?.get(name);
        value.get(name).or_else(named).unwrap_or(&Value::Null)
    }

    fn take_article(&self, value: &'a Value, linked: &mut Linked) {
        let first = |slot: &mut Option<String>, found: Option<String>| {
            if slot.is_none() {
                *slot = found;
            }
        };
        linked.is_article = true;
        let body = text(&value["articleBody"]).or_else(|| text(&value["reviewBody"]));
        if body.as_ref().map_or(0, String::len) > linked.body.as_ref().map_or(0, String::len) {
            linked.body = body;
        }
        first(
            &mut linked.headline,
            text(&value["headline"]).or_else(|| text(&value["name"])),
        );
        self.take_origin(value, &mut linked.origin);
        first(
            &mut linked.section,
            self.names(&value["articleSection"]).into_iter().next(),
        );
        let image = &value["image"];
        let image = image.get(0).unwrap_or(image);
        first(
            &mut linked.image,
            text(image).or_else(|| text(self.field(image, "url"))),
        );
        first(&mut linked.publisher, text(self.field(&value["publisher"], "name")));
        first(&mut linked.language, text(&value["inLanguage"]));
        first(&mut linked.licence, text(&value["license"]));
        linked.is_paywalled |= matches!(&value["isAccessibleForFree"], Value::Bool(false))
            || value["isAccessibleForFree"]
                .as_str()
                .is_some_and(|s| s.to_ascii_lowercase().ends_with("false"));
    }

    /// A work with a name, and something said of it.
    fn work(&self, value: &'a Value) -> Option<Work> {
        let mut origin = Origin::default();
        self.take_origin(value, &mut origin);
        let name = text(&value["headline"]).or_else(|| text(&value["name"]))?;
        let publisher = text(self.field(&value["publisher"], "name"));
        Some(Work {
            name,
            origin,
            publisher,
        })
    }

    /// Who made an article or its page, and when.
    fn take_origin(&self, value: &'a Value, origin: &mut Origin) {
        if origin.authors.is_empty() {
            origin.authors = self.names(&value["author"]);
            origin.is_by_outlet = !origin.authors.is_empty() && self.is_outlet(&value["author"]);
        }
        if origin.creators.is_empty() {
            origin.creators = self.names(&value["creator"]);
        }
        if origin.published.is_none() {
            origin.published = date(&value["datePublished"]).or_else(|| date(&value["dateCreated"]));
        }
        if origin.modified.is_none() {
            origin.modified = date(&value["dateModified"]);
        }
    }

    /// Whether a thing, or all of a list, is called an organization.
    fn is_outlet(&self, value: &'a Value) -> bool {
        let is_one = |value: &'a Value| is_of(self.field(value, "@type"), |kind| kind.ends_with("Organization"));
        match value {
            Value::Array(all) => all.iter().all(is_one),
            _ => is_one(value),
        }
    }

    /// The names in a string, an object with a `name`, or a list of these: of a list the first.
    fn names(&self, value: &'a Value) -> Vec<String> {
        let in_parts = |value: &'a Value| {
            let part = |name| text(self.field(value, name));
            Some(format!("{} {}", part("givenName")?, part("familyName")?))
        };
        let of_one = |value| {
            let name = || text(self.field(value, "name"));
            text(value).or_else(name).or_else(|| in_parts(value))
        };
        match value {
            Value::Object(_) if value.get("@list").is_some() => self.names(&value["@list"]),
            Value::Object(_) => match self.field(value, "name") {
                Value::Null => of_one(value).into_iter().collect(),
                Value::Array(all) => all.iter().filter_map(text).take(NAMES_MAX).collect(),
                name => text(name).into_iter().collect(),
            },
            Value::Array(all) => all.iter().filter_map(of_one).take(NAMES_MAX).collect(),
            _ => of_one(value).into_iter().collect(),
        }
    }
}

/// A text, which may be given with its language or its type.
fn text(value: &Value) -> Option<String> {
    let value = value.get("@value").unwrap_or(value);
    let found = htmlize::unescape(value.as_str()?.trim());
    (!found.is_empty()).then(|| found.into_owned())
}

/// A date, which may be a number since the epoch; of a list the first.
fn date(value: &Value) -> Option<String> {
    let value = value.get(0).unwrap_or(value);
    text(value).or_else(|| value.as_number().map(ToString::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_in_a_graph_is_found() {
        let found = read(
            &[
                r#"{"@graph":[{"@type":"WebSite","name":"The Gull"},{"@type":["NewsArticle"],"headline":"Tide &amp; time","author":[{"name":"A. Pier"}],"isAccessibleForFree":"False"}]}"#,
            ],
            &[],
        );
        assert_eq!(found.headline.as_deref(), Some("Tide & time"));
        assert_eq!(found.origin.authors, ["A. Pier"]);
        assert_eq!(found.site.as_deref(), Some("The Gull"));
        assert!(found.is_article && found.is_paywalled);
    }

    #[test]
    fn the_usual_faults_of_scripts_are_mended() {
        let found = read(
            &[
                "{\"@type\":\"Article\",\"headline\":\"Tide,\ntime,] \\\"and\\\",}\",\"author\":[{\"name\":\"A. Pier\",},\n],\n}",
            ],
            &[],
        );
        assert_eq!(found.headline.as_deref(), Some("Tide, time,] \"and\",}"));
        assert_eq!(found.origin.authors, ["A. Pier"]);
        for script in [
            r#"{"@type":"Article","headline":"Tides",}"#,
            r#"{"@type":"Article","headline":"Ti\des"}"#,
            "\u{feff}{\"@type\":\"Article\",\"headline\":\"Tides\"}",
        ] {
            assert_eq!(read(&[script], &[]).headline.as_deref(), Some("Tides"), "{script}");
        }
    }

    #[test]
    fn what_is_said_of_the_page_stands_apart_from_its_article() {
        let page = r##"{"@graph":[{"@type":"WebPage","url":"https://gull.example/new","datePublished":"2024-05-02","dateModified":"2024-05-03",
            "author":{"@id":"#ann"}},{"@type":"Person","@id":"#ann","name":"Ann Pier"}]}"##;
        let of = |url: &str| read(&[page], &[address_key(url)]);
        let own = of("https://gull.example/new");
        assert_eq!(own.of_page.authors, ["Ann Pier"]);
        assert_eq!(own.of_page.published.as_deref(), Some("2024-05-02"));
        assert_eq!(own.of_page.modified.as_deref(), Some("2024-05-03"));
        assert_eq!((own.is_article, own.origin), (false, Origin::default()));
        assert_eq!(of("https://gull.example/old").of_page, Origin::default());
        let article = r#"{"@type":"Article","creator":["Ben Quay"],"datePublished":1714608000}"#;
        let both = read(&[page, article], &[]);
        assert_eq!(both.origin.creators, ["Ben Quay"]);
        assert_eq!(both.origin.published.as_deref(), Some("1714608000"));
    }

    #[test]
    fn a_kind_may_be_named_with_its_vocabulary() {
        for kind in [
            "https://schema.org/BlogPosting",
            "schema:BlogPosting",
            "http://schema.org#NewsArticle",
        ] {
            let script = format!(r#"{{"@type":"{kind}","author":"Ann Pier"}}"#);
            assert_eq!(read(&[&script], &[]).origin.authors, ["Ann Pier"], "{kind}");
        }
    }

    #[test]
    fn a_work_that_the_headline_names_tells_its_origin() {
        let recipe = r#"{"@type":"Recipe","name":"Harbour soup","author":{"name":"Ann Pier"},"datePublished":"2024-05-02",
            "publisher":{"name":"The Gull"}}"#;
        let video = r#"{"@type":"VideoObject","name":"How ferries turn","author":"Ben Quay"}"#;
        let of = |scripts: &[&str], headline: &str| {
            let mut linked = read(scripts, &[]);
            linked.take_work(headline);
            linked
        };
        let found = of(&[video, recipe], "Harbour Soup");
        assert_eq!(found.of_page.authors, ["Ann Pier"]);
        assert_eq!(found.of_page.published.as_deref(), Some("2024-05-02"));
        assert_eq!(found.publisher.as_deref(), Some("The Gull"));
        assert_eq!(of(&[video, recipe], "Ferries late again").of_page, Origin::default());
        let article = r#"{"@type":"Article","headline":"Harbour soup"}"#;
        assert_eq!(of(&[recipe, article], "Harbour soup").of_page, Origin::default());
    }

    #[test]
    fn names_and_dates_have_several_forms() {
        let authors = |author: &str| {
            let script = format!(r#"{{"@type":"Article","author":{author}}}"#);
            read(&[&script], &[]).origin.authors
        };
        assert_eq!(
            authors(r#"{"@list":[{"name":"Ann Pier"},"Ben Quay"]}"#),
            ["Ann Pier", "Ben Quay"]
        );
        assert_eq!(
            authors(r#"{"@type":"Person","givenName":"Ann","familyName":"Pier"}"#),
            ["Ann Pier"]
        );
        assert_eq!(authors(r#"[{"name":{"@value":"Ann Pier"}}]"#), ["Ann Pier"]);
        for date in [r#"["2024-05-02"]"#, r#"{"@type":"Date","@value":"2024-05-02"}"#] {
            let script = format!(r#"{{"@type":"Article","datePublished":{date}}}"#);
            assert_eq!(
                read(&[&script], &[]).origin.published.as_deref(),
                Some("2024-05-02"),
                "{date}"
            );
        }
    }

    #[test]
    fn a_broken_script_is_passed_over() {
        assert_eq!(read(&["{", "", "null", "[1]"], &[]), Linked::default());
    }

    #[test]
    fn an_article_that_names_the_pages_address_is_told_from_others() {
        let scripts = [
            r#"{"@type":"NewsArticle","url":"https://gull.example/old","headline":"The old pier","author":"Ben Quay","datePublished":"2019-01-01","articleSection":"Past"}"#,
            r#"{"@type":"NewsArticle","mainEntityOfPage":{"@id":"https://gull.example/new#page"},"headline":"The new pier","author":"Ann Pier"}"#,
        ];
        let of = |url: &str| read(&scripts, &[address_key(url)]);
        let own = of("http://www.gull.example/new/?utm_source=feed");
        assert_eq!(own.headline.as_deref(), Some("The new pier"));
        assert_eq!(
            (own.origin.authors, own.origin.published, own.section),
            (vec!["Ann Pier".to_owned()], None, None)
        );
        let apart = [
            r#"{"@type":"Article","url":"https://gull.example/a"}"#,
            r#"{"@type":"NewsArticle","author":"Ann Pier"}"#,
        ];
        assert_eq!(
            read(&apart, &[address_key("https://gull.example/a")]).origin.authors,
            ["Ann Pier"]
        );
        assert_eq!(
            of("https://gull.example/other").headline.as_deref(),
            Some("The old pier")
        );
    }

    #[test]
    fn what_is_called_by_its_id_stands_elsewhere_in_the_graph() {
        let found = read(
            &[
                r##"{"@graph":[{"@type":"Article","headline":"Tides","author":{"@id":"#ann"},"publisher":{"@id":"#gull"},"image":{"@id":"#pier"}},
                {"@type":"Organization","@id":"#gull","name":"The Gull"},{"@type":"Person","@id":"#ann","name":"Ann Pier"},
                {"@type":"ImageObject","@id":"#pier","url":"https://gull.example/pier.jpg"}]}"##,
            ],
            &[],
        );
        assert_eq!(found.origin.authors, ["Ann Pier"]);
        assert_eq!(found.publisher.as_deref(), Some("The Gull"));
        assert_eq!(found.image.as_deref(), Some("https://gull.example/pier.jpg"));
        let named = read(
            &[
                r##"[{"@type":"Article","author":[{"@id":"#ann","name":"Ann Pier"},{"@id":"#nobody"}]},{"@type":"Person","@id":"#ann"}]"##,
            ],
            &[],
        );
        assert_eq!(named.origin.authors, ["Ann Pier"]);
    }
}
