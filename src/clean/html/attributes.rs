//! What an element's attributes say of it: its topics, whether it is shown, whether it says when.
//!
//! In: what stands in a start tag behind the name. Out: [`Said`]. Always: one pass over it, and each class is looked at once in a page; of
//! attributes that stand there twice the first counts, as it does for browsers.

use super::super::work;
use super::classes::{self, Topic};
use super::token::attributes;
use crate::fast::hashed::Map;

/// What each class attribute seen so far says, by its hash: most of a page's elements share a few.
pub(super) type Classes = Map<Class>;

/// What a class says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Class {
    /// Its hash, without what the element is about. 0 where there is none.
    pub(super) hash: u64,
    /// A bit for each topic.
    topics: u32,
    /// It is one of a date of publication.
    is_published: bool,
    /// It is one of a date of a later version.
    is_updated: bool,
    /// It is one of what screen readers or editors alone are shown.
    is_unseen: bool,
    /// It is one of a reader's or an author's name.
    is_username: bool,
}

/// What an element's attributes say of it.
#[derive(Debug, Default)]
pub(super) struct Said<'a> {
    pub(super) class: Class,
    /// What it is called beside its class: id, role, label …
    names: [&'a str; 5],
    item: &'a str,
    property: &'a str,
    style: &'a str,
    hidden: Option<&'a str>,
    is_hidden_from_readers: bool,
    has_title: bool,
    /// It leads somewhere, or does something.
    leads: bool,
    /// Links may lead to it.
    is_named: bool,
    pub(super) is_open: bool,
}

impl<'a> Said<'a> {
    pub(super) fn of(text: &'a str, classes: &mut Classes) -> Self {
        // The shortest that says something.
        const BYTES_MIN: usize = " id=x".len();
        let mut said = Self::default();
        if text.len() < BYTES_MIN {
            return said;
        }
        work::note(text.len());
        for (name, value) in attributes(text) {
            said.take(name, value, classes);
        }
        said
    }

    fn take(&mut self, name: &str, value: &'a str, classes: &mut Classes) {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let first = |place: &mut &'a str| {
            if place.is_empty() {
                *place = value;
            }
        };
        let [id, role, test, component, label] = &mut self.names;
        // By length, since most are none of these.
        match name.len() {
            2 if is("id") => {
                first(id);
                self.is_named = true;
            }
            4 if is("href") => self.leads = true,
            4 if is("name") => self.is_named = true,
            4 if is("role") => first(role),
            4 if is("open") => self.is_open = true,
            5 if is("class") && self.class.hash == 0 => self.class = Class::of(value, classes),
            5 if is("style") => first(&mut self.style),
            5 if is("title") => self.has_title = true,
            6 if is("hidden") => self.hidden = self.hidden.or(Some(value)),
            7 if is("onclick") => self.leads = true,
            8 if is("itemprop") => first(&mut self.item),
            8 if is("property") => first(&mut self.property),
            10 if is("aria-label") => first(label),
            11 if is("aria-hidden") => self.is_hidden_from_readers |= value == "true",
            11 if is("data-testid") => first(test),
            14 if is("data-component") => first(component),
            _ => {}
        }
    }

    /// The topics it names, a bit for each.
    pub(super) fn topics(&self) -> u32 {
        let named = self.names.iter().chain([&self.item]).filter(|name| !name.is_empty());
        let topics = named.fold(self.class.topics, |topics, name| topics | classes::topics(name));
        let is_hidden = self.hidden.is_some() || self.is_hidden_from_readers || hides(self.style);
        topics | u32::from(is_hidden) << Topic::Hidden as u8
    }

    /// Whether it is not shown until something is done. A class says little of that: what it hides depends on the screen.
    pub(super) fn is_hidden(&self) -> bool {
        // A search finds what is hidden until it is found.
        let is_until_found = |value: &str| value.eq_ignore_ascii_case("until-found");
        self.hidden.is_some_and(|value| !is_until_found(value)) || hides(self.style)
    }

    /// Of author and date what an element within a line calls itself: a name, within what is the author's, is that of one.
    pub(super) fn topics_within_line(&self, is_authors: impl Fn() -> bool) -> u32 {
        let is_name = self.class.is_username || self.item == "name" && is_authors();
        let topics = self.class.topics | classes::topics(self.item) | u32::from(is_name) << Topic::Author as u8;
        topics & (1 << Topic::Author as u8 | 1 << Topic::Date as u8)
    }

    /// Whether it calls itself the date of publication, or of a later version.
    pub(super) fn is_time(&self) -> bool {
        // As microdata say it, RDFa, and microformats: there the element's title is the date.
        self.class.is_updated
            || self.class.is_published && self.has_title
            || !self.item.is_empty() && (self.item.contains("datePublished") || classes::is_of_update(self.item))
            || !self.property.is_empty()
                && ["dc:date", "datePublished"]
                    .iter()
                    .any(|date| self.property.contains(date))
    }

    /// Whether an element within a line is there for screen readers or editors alone ("(opens in a new tab)", an edit link), or not at all.
    pub(super) fn is_unseen(&self) -> bool {
        self.class.is_unseen || self.hidden.is_some() || hides(self.style)
    }

    /// Whether an `a` only names the place where it stands, to which links lead.
    pub(super) fn is_place(&self) -> bool {
        self.is_named && !self.leads
    }
}

impl Class {
    fn of(value: &str, classes: &mut Classes) -> Self {
        const UNSEEN: [&str; 7] = [
            "sr-only",
            "visually-hidden",
            "visuallyhidden",
            "screen-reader-text",
            "element-invisible",
            "mw-editsection",
            "tooltiptext",
        ];
        let hash = xxhash_rust::xxh3::xxh3_64(value.as_bytes());
        *classes.entry(hash).or_insert_with(|| {
            let class = classes::class(value);
            Self {
                hash: xxhash_rust::xxh3::xxh3_64(class.own.as_bytes()),
                topics: class.topics,
                is_published: value == "published",
                is_updated: class.is_of_update,
                is_unseen: value.split_ascii_whitespace().any(|class| UNSEEN.contains(&class)),
                is_username: value == "username",
            }
        })
    }
}

fn hides(style: &str) -> bool {
    !style.is_empty()
        && style
            .find("display")
            .and_then(|at| style.get(at + "display".len()..))
            .is_some_and(|rest| rest.trim_start_matches([' ', ':']).starts_with("none"))
}
