//! Addresses of the web.

/// An absolute address of the web.
pub(super) fn is_url(s: &str) -> bool {
    let starts = |scheme: &str| {
        s.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    (starts("http://") || starts("https://")) && s.len() > 10 && !s.contains(char::is_whitespace)
}

/// The host of an address, without its port.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?;
    let host = host.split(':').next()?;
    (host.contains('.') && !host.contains(char::is_whitespace)).then_some(host)
}

/// A URL of the web in full: one without a scheme (`//`, `www.`) is https, and a blank within is written as URLs do.
pub(super) fn absolute(url: &str) -> Option<String> {
    let full = if url.starts_with("//") {
        format!("https:{url}")
    } else if url.starts_with("www.") {
        format!("https://{url}")
    } else {
        url.to_owned()
    };
    // Not of two in one string.
    let blanks = full.contains(' ') && full.matches("://").count() == 1;
    let full = if blanks { full.replace(' ', "%20") } else { full };
    is_url(&full).then_some(full)
}
