//! A title → its headline, without the outlet's name.
//!
//! In: a title, and what names the outlet: its site, the article's address. Out: the title, up to the last separator where the
//! outlet's name alone stands behind it. Always: pure; never empty where the title is not; byte offsets are those of the title.
//!
//! Outlets are named after what they write about ("Trade Winds", "Foreign Policy"): their names are no subject of an article.

use crate::dedupe::host;

/// What stands between a headline and a name.
const SEPARATORS: [&str; 8] = [" | ", " - ", " – ", " — ", " · ", " » ", " :: ", " « "];

/// A name is known by no fewer letters than this.
const LETTERS_MIN: usize = 3;

/// The headline of `title`.
pub fn headline<'t>(title: &'t str, site: Option<&str>, url: Option<&str>) -> &'t str {
    match last_parts(title) {
        Some((before, name)) if !before.trim().is_empty() && is_outlet(&name_of(name), site, url) => before.trim_end(),
        _ => title,
    }
}

/// What stands before the last separator, and behind it.
fn last_parts(title: &str) -> Option<(&str, &str)> {
    title.rmatch_indices(' ').find_map(|(at, _)| {
        let (before, rest) = title.split_at_checked(at)?;
        let behind = SEPARATORS.iter().find_map(|separator| rest.strip_prefix(separator))?;
        Some((before, behind))
    })
}

/// Whether a name is the site's, perhaps with a word behind it ("Slate Magazine"), or a part of a host's name.
fn is_outlet(name: &str, site: Option<&str>, url: Option<&str>) -> bool {
    let is_of_host_of = |address: &str| host(address).is_some_and(|host| is_of_host(name, &host));
    let is_site = |site: &str| {
        let own = name_of(site);
        own.len() > LETTERS_MIN && name.starts_with(&own) || own == name || is_of_host_of(site)
    };
    name.len() >= LETTERS_MIN && (site.is_some_and(is_site) || url.is_some_and(is_of_host_of))
}

/// Whether the name is one part of the host's name ("edition.gull.example"), or its first ones together ("Gull.example").
fn is_of_host(name: &str, host: &str) -> bool {
    let mut first = String::new();
    host.split('.').map(name_of).any(|part| {
        first.push_str(&part);
        part == name || first == name
    })
}

/// An outlet's name to be compared: its letters, without an article in front.
fn name_of(text: &str) -> String {
    let text = text.trim_start();
    let the = text.get(..4).filter(|the| the.eq_ignore_ascii_case("the "));
    letters(&text[the.map_or(0, str::len)..]).collect()
}

/// What titles and names are compared by: letters and digits, small.
pub(crate) fn letters(text: &str) -> impl DoubleEndedIterator<Item = char> {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, site: Option<&str>, url: Option<&str>, expected: &str) {
        assert_eq!(headline(title, site, url), expected, "{title:?} {site:?} {url:?}");
    }

    #[test]
    fn an_outlets_name_behind_the_headline_is_no_part_of_it() {
        let (site, url) = (Some("The Harbour Post"), Some("https://www.harbourpost.example/a/1"));
        check("Ferries late | Harbour Post", site, None, "Ferries late");
        check("Ferries late - The Harbour Post", None, url, "Ferries late");
        check("Ferries late – Harbour Post Online", site, url, "Ferries late");
        check(
            "Ferries late - North | Harbour Post",
            site,
            None,
            "Ferries late - North",
        );
        check(
            "Ferries late :: Gull",
            None,
            Some("https://edition.gull.example:8080?p=1"),
            "Ferries late",
        );
        check(
            "Ferries late | gull.example",
            Some("gull.example"),
            None,
            "Ferries late",
        );
        check(
            "항구 다시 열려 | 갈매기신문",
            Some("갈매기 신문"),
            None,
            "항구 다시 열려",
        );
    }

    #[test]
    fn all_else_is_the_headline() {
        let (site, url) = (Some("China Daily"), Some("https://www.chinadaily.example/a"));
        check("Exports rise - China", site, url, "Exports rise - China");
        check("Ferries - a history", site, url, "Ferries - a history");
        check("China Daily", site, url, "China Daily");
        check(" | China Daily", site, url, " | China Daily");
        check("China Daily | Exports rise", site, url, "China Daily | Exports rise");
        check("Ferries late | ", Some(""), Some(""), "Ferries late | ");
        check("Ferries late - A", Some("A"), None, "Ferries late - A");
        check("", None, None, "");
    }
}
