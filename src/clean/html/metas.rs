//! The `meta` and `link` elements of a page, by name.

use super::token::attributes;
use crate::clean::normalize::fold;
use crate::dedupe::address_key;

/// `meta` and `link` elements by name, in the page's order.
#[derive(Debug, Default)]
pub(super) struct Metas<'a> {
    named: Vec<(String, &'a str)>,
    links: Vec<(String, &'a str)>,
}

/// Elements beyond this are not read: a bound against pages made of them.
const METAS_MAX: usize = 400;

impl<'a> Metas<'a> {
    pub(super) fn read(elements: &[&'a str]) -> Self {
        let mut metas = Self::default();
        for element in elements.iter().take(METAS_MAX) {
            let (mut name, mut content, mut rel, mut href) = (None, None, None, None);
            let mut is_list = false;
            for (key, value) in attributes(element) {
                let slot = match key.to_ascii_lowercase().as_str() {
                    "name" | "property" | "itemprop" | "http-equiv" => {
                        is_list |= name.is_none() && key.eq_ignore_ascii_case("property");
                        &mut name
                    }
                    "content" => &mut content,
                    "rel" => &mut rel,
                    "href" => &mut href,
                    _ => continue,
                };
                slot.get_or_insert(value);
            }
            if let (Some(name), Some(content)) = (name, content) {
                metas.name(name, is_list, content);
            } else if let (Some(rel), Some(href)) = (rel, href) {
                metas.links.push((rel.to_ascii_lowercase(), href));
            }
        }
        metas
    }

    /// A property of RDFa may list several names for one value: each counts once.
    fn name(&mut self, name: &str, is_list: bool, content: &'a str) {
        const LISTED_MAX: usize = 8;
        let name = name.to_ascii_lowercase();
        if !is_list || !name.contains(' ') {
            return self.named.push((name, content));
        }
        let mut listed: Vec<&str> = name.split(' ').take(LISTED_MAX).collect();
        listed.sort_unstable();
        listed.dedup();
        self.named
            .extend(listed.into_iter().map(|name| (name.to_owned(), content)));
    }

    /// The first value that is not empty, of the first of these names that has one; decoded, white space folded.
    pub(super) fn get(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|wanted| self.all(wanted).next())
    }

    pub(super) fn all<'m>(&'m self, wanted: &'m str) -> impl Iterator<Item = String> + 'm {
        self.named
            .iter()
            .filter(move |(name, _)| name == wanted)
            .map(|(_, content)| fold(&htmlize::unescape_attribute(*content)))
            .filter(|content| !content.is_empty())
    }

    /// The page's addresses, where it was fetched from and what it calls itself, as [`address_key`] tells them.
    pub(super) fn addresses(&self, fetched: Option<&str>) -> Vec<u64> {
        let own = self.link("canonical").into_iter().chain(self.get(&["og:url"]));
        let keys = own.map(|url| address_key(&url)).chain(fetched.map(address_key));
        keys.filter(|key| *key != 0).collect()
    }

    pub(super) fn link(&self, wanted: &str) -> Option<String> {
        self.links
            .iter()
            .find(|(rel, href)| rel.split_ascii_whitespace().any(|r| r == wanted) && !href.trim().is_empty())
            .map(|(_, href)| htmlize::unescape_attribute(href.trim()).into_owned())
    }
}

pub(super) fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}
