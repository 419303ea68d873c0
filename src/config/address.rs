//! Addresses that may hold a secret, as they may be shown.
//!
//! In: an address. Out: the same with its password hidden. Always: where an address cannot be parsed, all before its last `@` is hidden.

use serde::Serializer;

use super::HIDDEN;

/// Names under which an address holds a password behind its `?`: a socket's has no other place for it.
const SECRET_NAMES: [&str; 2] = ["pass", "password"];

/// An address as it may be shown: the password is hidden, before the host or behind the `?`.
pub fn shown_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return without_login(url);
    };
    let Some((rest, query)) = rest.split_once('?') else {
        return format!("{scheme}://{}", shown_place(rest));
    };
    let shown: Vec<String> = query.split('&').map(shown_pair).collect();
    let query = shown.join("&");
    if query.contains('@') {
        // A `?` in a password ends the address before its host.
        return format!("{scheme}://{}", without_login(&query));
    }
    format!("{scheme}://{}?{query}", shown_place(rest))
}

/// What stands before the path, and the path. A login without a `:` may be a password alone.
fn shown_place(place: &str) -> String {
    match place.rsplit_once('@') {
        Some((login, host)) => match login.split_once(':') {
            Some((user, _)) => format!("{user}:{HIDDEN}@{host}"),
            None => format!("{HIDDEN}@{host}"),
        },
        None => place.to_owned(),
    }
}

fn without_login(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, host)) => format!("{HIDDEN}@{host}"),
        None => text.to_owned(),
    }
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
            ("sluice:hunter2@host:1", "(secret)@host:1"),
            ("redis:/sluice:hunter2@host", "(secret)@host"),
            ("redis://hunter2@host", "redis://(secret)@host"),
            ("redis://:hun?ter2@host/1", "redis://(secret)@host/1"),
            ("redis://:hunter2@host:x?db=1", "redis://:(secret)@host:x?db=1"),
            ("unix:///run/v.sock?pass=hun@ter2", "unix:///run/v.sock?pass=(secret)"),
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
