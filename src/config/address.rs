//! Addresses that may hold a secret, as they may be shown.
//!
//! In: an address. Out: the same with its password hidden. Always: what cannot be parsed is shown as it is, but for what looks like one.

use serde::Serializer;

use super::HIDDEN;

/// Names under which an address holds a password behind its `?`: a socket's has no other place for it.
const SECRET_NAMES: [&str; 2] = ["pass", "password"];

/// An address as it may be shown: the password is hidden, before the host or behind the `?`.
pub fn shown_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (rest, query) = rest
        .split_once('?')
        .map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let place = match rest.rsplit_once('@') {
        Some((login, place)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{user}:{HIDDEN}@{place}")
        }
        None => rest.to_owned(),
    };
    let Some(query) = query else {
        return format!("{scheme}://{place}");
    };
    let shown: Vec<String> = query.split('&').map(shown_pair).collect();
    format!("{scheme}://{place}?{}", shown.join("&"))
}

fn shown_pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, _)) if SECRET_NAMES.iter().any(|secret| name.eq_ignore_ascii_case(secret)) => {
            format!("{name}={HIDDEN}")
        }
        _ => pair.to_owned(),
    }
}

/// Write an address without its password.
pub(super) fn without_password<S: Serializer>(url: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&shown_url(url))
}

/// The words of a mistake in a file without the line that they point at, which may hold a secret.
pub(super) fn without_source(words: &str) -> String {
    let is_source = |line: &&str| {
        line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit())
            .starts_with('|')
    };
    let told: Vec<&str> = words.lines().filter(|line| !is_source(line)).collect();
    told.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_shown_nowhere() {
        for (url, shown) in [
            ("redis://localhost:6379/2", "redis://localhost:6379/2"),
            ("redis://sluice:hunter2@host:1", "redis://sluice:(secret)@host:1"),
            ("redis://:hunter2@host", "redis://:(secret)@host"),
            (
                "unix:///run/v.sock?db=1&pass=hunter2",
                "unix:///run/v.sock?db=1&pass=(secret)",
            ),
            ("https://user:p@ss@host:4318/v1", "https://user:(secret)@host:4318/v1"),
            ("http://localhost:4318", "http://localhost:4318"),
            ("no address", "no address"),
        ] {
            assert_eq!(shown_url(url), shown);
        }
    }

    #[test]
    fn a_mistake_is_told_without_the_line_that_holds_it() {
        let words = "TOML parse error at line 3, column 20\n  |\n3 | password = \"hunter2\n  |            ^\ninvalid basic string";
        assert_eq!(
            without_source(words),
            "TOML parse error at line 3, column 20\ninvalid basic string"
        );
    }
}
