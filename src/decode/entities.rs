//! HTML's character references in a title → characters.
//!
//! In: a title that feeds and pages may have escaped once too often. Out: the same with references decoded. Always: a reference
//! that is not known stays as it is.

use std::borrow::Cow;

/// Longest reference between `&` and `;`.
const NAME_BYTES_MAX: usize = 32;

/// Decode the references in `s`.
pub(super) fn decoded(s: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', s.as_bytes()).is_none() {
        return Cow::Borrowed(s);
    }
    let mut out = String::with_capacity(s.len());
    let mut rest = s;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        if let Some((length, left)) = reference(after) {
            let raw = &rest[before.len()..before.len() + length];
            out.push_str(&htmlize::unescape(raw).replace('\u{a0}', " "));
            rest = left;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// How many bytes the reference takes whose `&` stands before `after`, and what follows it.
fn reference(after: &str) -> Option<(usize, &str)> {
    let name = after.get(..after.bytes().take(NAME_BYTES_MAX).position(|b| b == b';')?)?;
    let is_known = match name.strip_prefix('#').map(|n| n.strip_prefix(['x', 'X']).ok_or(n)) {
        Some(Ok(hex)) => u32::from_str_radix(hex, 16)
            .ok()
            .and_then(char::from_u32)
            .is_some_and(|c| !c.is_control()),
        Some(Err(decimal)) => decimal
            .parse()
            .ok()
            .and_then(char::from_u32)
            .is_some_and(|c| !c.is_control()),
        None => {
            let raw = format!("&{name};");
            name.bytes().all(|b| b.is_ascii_alphanumeric()) && !htmlize::unescape(&*raw).contains(['&', ';'])
                || name == "amp"
                || name == "semi"
        }
    };
    is_known.then(|| (name.len() + 2, &after[name.len() + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_references_are_decoded_and_others_stay() {
        let check = |raw: &str, expected: &str| assert_eq!(decoded(raw), expected);
        check("A &amp; B", "A & B");
        check("It doesn&#8217;t", "It doesn’t");
        check("It doesn&#x2019;t", "It doesn’t");
        check("&ldquo;Words&rdquo; &mdash; more", "“Words” — more");
        check("AT&T; R&D &nope; &#0; & done", "AT&T; R&D &nope; &#0; & done");
        check("plain", "plain");
    }
}
