//! JSON-LD → what a page says of its article.
//!
//! In: the contents of a page's `application/ld+json` scripts. Out: [`Linked`]. Always: a script that cannot be read is passed
//! over; the first value found of each kind counts, that of an article before all others.

use serde_json::Value;

/// What the scripts say.
#[derive(Debug, Default, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that a page may say of itself"
)]
pub(super) struct Linked {
    pub(super) body: Option<String>,
    pub(super) headline: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
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

/// Read the scripts' contents.
pub(super) fn read(scripts: &[&str]) -> Linked {
    let mut linked = Linked::default();
    for script in scripts.iter().take(32) {
        let mut script = script.trim();
        for start in ["//", "/*", "<![CDATA[", "*/", "<!--"] {
            script = script.strip_prefix(start).unwrap_or(script).trim_start();
        }
        let values = serde_json::Deserializer::from_str(script).into_iter::<Value>();
        let mut values = values.map_while(Result::ok).peekable();
        if values.peek().is_some() {
            values.for_each(|value| walk(&value, &mut linked));
        } else if script.contains(['\n', '\t']) {
            // Raw line breaks inside strings are the usual fault.
            let mended = script.replace(['\n', '\r', '\t'], " ");
            if let Ok(value) = serde_json::from_str::<Value>(&mended) {
                walk(&value, &mut linked);
            }
        }
    }
    linked
}

fn is_type(value: &Value, wanted: impl Fn(&str) -> bool) -> bool {
    match &value["@type"] {
        Value::String(kind) => wanted(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(wanted),
        _ => false,
    }
}

/// Depth is bounded by what `serde_json` reads (128).
fn walk(value: &Value, linked: &mut Linked) {
    match value {
        Value::Array(values) => values.iter().for_each(|v| walk(v, linked)),
        Value::Object(_) => {
            let article = is_type(value, |kind| {
                kind.ends_with("Article") || matches!(kind, "BlogPosting" | "Report" | "LiveBlogPosting" | "Review")
            });
            if article {
                take_article(value, linked);
            }
            linked.is_list |= is_type(value, |kind| matches!(kind, "CollectionPage" | "ItemList"));
            linked.is_gallery |= is_type(value, |kind| matches!(kind, "ImageGallery" | "MediaGallery"));
            if is_type(value, |kind| kind == "WebSite") && linked.site.is_none() {
                linked.site = text(&value["name"]);
            }
            for inner in ["@graph", "mainEntity", "mainEntityOfPage"] {
                if let Some(inner) = value.get(inner) {
                    walk(inner, linked);
                }
            }
        }
        _ => {}
    }
}

fn take_article(value: &Value, linked: &mut Linked) {
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
    if linked.authors.is_empty() {
        linked.authors = names(&value["author"]);
    }
    first(
        &mut linked.published,
        text(&value["datePublished"]).or_else(|| text(&value["dateCreated"])),
    );
    first(&mut linked.modified, text(&value["dateModified"]));
    first(&mut linked.section, names(&value["articleSection"]).into_iter().next());
    let image = &value["image"];
    let image = if let Value::Array(all) = image {
        all.first().unwrap_or(image)
    } else {
        image
    };
    first(&mut linked.image, text(image).or_else(|| text(&image["url"])));
    first(&mut linked.publisher, text(&value["publisher"]["name"]));
    first(&mut linked.language, text(&value["inLanguage"]));
    first(&mut linked.licence, text(&value["license"]));
    linked.is_paywalled |= matches!(&value["isAccessibleForFree"], Value::Bool(false))
        || value["isAccessibleForFree"]
            .as_str()
            .is_some_and(|s| s.to_ascii_lowercase().ends_with("false"));
}

fn text(value: &Value) -> Option<String> {
    let found = htmlize::unescape(value.as_str()?.trim());
    (!found.is_empty()).then(|| found.into_owned())
}

/// The names in a string, an object with a `name`, or a list of these.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(_) => text(value).into_iter().collect(),
        Value::Object(_) => match &value["name"] {
            Value::Array(all) => all.iter().filter_map(text).collect(),
            name => text(name).into_iter().collect(),
        },
        Value::Array(all) => all
            .iter()
            .filter_map(|v| text(v).or_else(|| text(&v["name"])))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_in_a_graph_is_found() {
        let found = read(&[
            r#"{"@graph":[{"@type":"WebSite","name":"The Gull"},{"@type":["NewsArticle"],"headline":"Tide &amp; time","author":[{"name":"A. Pier"}],"isAccessibleForFree":"False"}]}"#,
        ]);
        assert_eq!(found.headline.as_deref(), Some("Tide & time"));
        assert_eq!(found.authors, ["A. Pier"]);
        assert_eq!(found.site.as_deref(), Some("The Gull"));
        assert!(found.is_article && found.is_paywalled);
    }

    #[test]
    fn a_broken_script_is_passed_over() {
        assert_eq!(read(&["{", "", "null", "[1]"]), Linked::default());
    }
}
