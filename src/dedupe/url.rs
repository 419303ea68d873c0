//! URL, id and outlet → keys.
//!
//! In: what the record says. Out: 64-bit keys, 0 for nothing. Always: forms of one address (scheme, `www.`, mobile and AMP variants,
//! tracking parameters, fragments, trailing slash, case of the host) have one key.

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Query parameters that say where the reader came from and not what is read.
const TRACKING: [&str; 24] = [
    "fbclid",
    "gclid",
    "dclid",
    "msclkid",
    "yclid",
    "twclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "ref",
    "ref_src",
    "ref_url",
    "referrer",
    "cmpid",
    "cmp",
    "ito",
    "ocid",
    "smid",
    "sr_share",
    "share",
    "amp",
    "outputtype",
    "ns_campaign",
    "ns_mchannel",
];
const TRACKING_PREFIXES: [&str; 6] = ["utm_", "at_", "pk_", "mtm_", "hsa_", "_hs"];

/// Key of any other text, 0 for an empty one.
pub(crate) fn text_key(text: &str) -> u64 {
    let text = text.trim();
    if text.is_empty() {
        0
    } else {
        xxh3_64(text.as_bytes()).max(1)
    }
}

/// Host (lower case, without `www.`, `m.`, `mobile.` or `amp.`) and the rest of an address, without scheme and fragment.
fn split(url: &str) -> Option<(String, &str)> {
    let rest = url.trim();
    let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end)?;
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host
        .strip_suffix(":80")
        .or_else(|| host.strip_suffix(":443"))
        .unwrap_or(host);
    let mut host = host.to_lowercase();
    for prefix in ["www.", "m.", "mobile.", "amp."] {
        if let Some(bare) = host.strip_prefix(prefix).filter(|bare| bare.contains('.')) {
            host = String::from(bare);
        }
    }
    (!host.is_empty() && host.contains('.')).then_some((host, path))
}

/// Key of an address; 0 where it names no page (no host, or a bare host).
pub(crate) fn key(url: &str) -> u64 {
    let Some((host, rest)) = split(url) else {
        return 0;
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    if let Some(last) = segments.last_mut() {
        *last = last
            .strip_suffix(".amp")
            .or_else(|| last.strip_suffix(".amp.html"))
            .unwrap_or(last);
        *last = last
            .strip_suffix(".html")
            .or_else(|| last.strip_suffix(".htm"))
            .unwrap_or(last);
        if matches!(*last, "amp" | "index" | "") {
            segments.pop();
        }
    }
    if segments.first() == Some(&"amp") {
        segments.remove(0);
    }
    let mut parameters: Vec<&str> = query.split('&').filter(|p| !is_tracking(p)).collect();
    parameters.sort_unstable();
    if segments.is_empty() && parameters.is_empty() {
        return 0;
    }
    let mut hasher = Xxh3::new();
    hasher.update(host.as_bytes());
    for segment in segments {
        hasher.update(b"/");
        hasher.update(segment.as_bytes());
    }
    for parameter in parameters {
        hasher.update(b"&");
        hasher.update(parameter.as_bytes());
    }
    hasher.digest().max(1)
}

fn is_tracking(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.is_empty()
        || TRACKING.contains(&name.as_str())
        || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The host that an address names, with a scheme or without, in small letters and without what says that the page is for phones.
pub(crate) fn host(address: &str) -> Option<String> {
    split(address).map(|(host, _)| host)
}

/// Key of the outlet: its site where the record names one, else the URL's host; 0 where neither is there.
pub(crate) fn site_key(site: Option<&str>, url: Option<&str>) -> u32 {
    let name = match site.map(str::trim).filter(|s| !s.is_empty()) {
        Some(site) => host(site).or_else(|| Some(site.to_lowercase())),
        None => url.and_then(host),
    };
    name.map_or(0, |name| (text_key(&name) >> 32) as u32)
}
