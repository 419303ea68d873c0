//! What an element's class, id and role say it is: navigation, share bar, caption, body, …
//!
//! In: attribute values. Out: a set of [`Topic`]s, as bits. Always: one pass over the value.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::fast::heads::Heads;

macro_rules! topics {
    ($($name:ident: $words:literal),* $(,)?) => {
        /// What a page's author may call a part of the page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Topic { $($name),* }
        /// For each topic its words: `=word` stands by itself, `word` anywhere in a name.
        const WORDS: &[(Topic, &str)] = &[$((Topic::$name, $words)),*];
    };
}

topics! {
    Navigation: "=nav navbar navigation navi- main-nav =menu menu- submenu breadcrumb crumb",
    Footer: "footer =foot foot- colophon",
    Header: "header masthead =head topbar top-bar",
    Sidebar: "sidebar side-bar =aside =rail rightcol leftcol right-col left-col right-column left-column =side",
    Share: "share sharing social addthis addtoany =follow sharedaddy",
    Related: "related recommend =more readmore read-more also-read alsoread =popular most-read mostread trending taboola outbrain suggested =next =prev zergnet similar readnext",
    Comments: "comment disqus respond =replies livefyre discussion",
    Author: "author byline =bio biography writer contributor =by",
    Date: "=date datetime =time timestamp published pubdate posted-on =meta entry-meta post-meta postmeta article-meta",
    Caption: "caption credit wp-caption copyright photographer",
    Image: "image =img photo gallery slideshow carousel slider thumb picture",
    Consent: "cookie consent gdpr privacy ccpa",
    Newsletter: "newsletter subscribe subscription signup sign-up mailchimp optin opt-in mailing",
    Promotion: "promo =ad =ads advert sponsor banner =cta call-to-action adsense dfp affiliate =offer =deal",
    Labels: "=tags =tag taglist tag-list tag-links post-tags categor keyword =topics =labels =label",
    Overlay: "popup pop-up modal overlay lightbox tooltip dropdown drop-down toast",
    Hidden: "hidden sr-only screen-reader screenreader visually invisible =hide assistive offscreen noprint skip-link",
    Body: "articlebody article-body article_body story-body storybody story_body entry-content post-content postcontent article-content articlecontent body-copy post-body postbody article-text articletext article__body article__content main-content rich-text richtext =prose",
    Content: "content =text =body =entry =copy wysiwyg",
    Article: "article =post story blog-post blogpost",
    Title: "title headline heading",
    Summary: "summary =lead =lede =dek excerpt standfirst subtitle sub-title subhead description abstract =intro teaser",
    Listing: "=list =grid =card cards =items tiles feed =loop =row",
    Paging: "pagination pager paging page-nav post-nav",
    Contents: "=toc table-of-contents tableofcontents toc- jump-link",
    Quote: "quote embed twitter tweet instagram facebook",
    Legal: "legal disclaimer disclosure =terms",
    Paywall: "paywall premium =login log-in signin sign-in =locked piano",
    Search: "search =form",
    Widget: "widget =module =box callout infobox",
    Tools: "tools toolbar =print =button =btn actions utility",
    Reference: "footnote reference =faq accordion =notes bibliography citation",
}

/// The number of topics.
pub(super) const TOPIC_COUNT: usize = 32;

/// What a class may say beside topics, and the words of each, as they are written.
const SUBJECT: (u64, [&str; 2]) = (1 << TOPIC_COUNT, ["hentry", "type-post"]);
const UPDATE: (u64, [&str; 2]) = (2 << TOPIC_COUNT, ["updated", "odified"]);

/// The words of all topics, and the others: the bit, and whether it must stand by itself.
static FINDER: LazyLock<Heads<(u64, bool)>> = LazyLock::new(|| {
    let topics = WORDS.iter().flat_map(|(topic, words)| {
        words.split(' ').map(|word| {
            let own = word.trim_start_matches('=');
            (own.to_owned(), (1 << *topic as u8, own.len() < word.len()))
        })
    });
    let others = [SUBJECT, UPDATE].into_iter();
    let others = others.flat_map(|(bit, words)| words.map(|word| (word.to_owned(), (bit, false))));
    Heads::new(topics.chain(others))
});

/// What the words of a class say.
pub(super) struct ClassWords<'a> {
    /// Without what the element is about.
    pub(super) own: Cow<'a, str>,
    pub(super) topics: u32,
    /// It is one of a later version.
    pub(super) is_of_update: bool,
}

/// Read a class attribute.
pub(super) fn class(value: &str) -> ClassWords<'_> {
    let found = find(value);
    let says = |(bit, words): (u64, [&str; 2])| found & bit != 0 && words.iter().any(|word| value.contains(word));
    let (own, topics) = if says(SUBJECT) {
        let own = without_subject(value);
        let topics = topics(&own);
        (Cow::Owned(own), topics)
    } else {
        (Cow::Borrowed(value), found as u32)
    };
    ClassWords {
        own,
        topics,
        is_of_update: says(UPDATE),
    }
}

/// Whether a name is that of a later version.
pub(super) fn is_of_update(value: &str) -> bool {
    UPDATE.1.iter().any(|word| value.contains(word))
}

/// WordPress writes a post's number, categories and tags beside its class: these are what it is about, and not what it is.
fn without_subject(value: &str) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let of_post = |class: &str| {
        ["category-", "tag-", "post_tag-"]
            .iter()
            .any(|of| class.starts_with(of))
            || ["has-post-thumbnail", "sticky"].contains(&class)
            || class.strip_prefix("post-").is_some_and(is_number)
    };
    let of_element = |class: &&str| !of_post(class);
    let classes: Vec<&str> = value.split_ascii_whitespace().filter(of_element).collect();
    classes.join(" ")
}

/// The topics that a class, id or role names.
pub(super) fn topics(value: &str) -> u32 {
    find(value) as u32
}

/// The bits of all words in a value.
fn find(value: &str) -> u64 {
    let bytes = value.as_bytes();
    let mut bits = 0;
    FINDER.find(bytes, 0..bytes.len(), |start, (bit, alone), length| {
        if bits & bit == 0 && (!alone || stands_alone(bytes, start, start + length)) {
            bits |= bit;
        }
    });
    bits
}

/// Whether the word is bounded by the value's ends, a mark, or a change to upper case (`postNav`).
fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let before = start == 0 || !bytes[start - 1].is_ascii_alphabetic() || bytes[start].is_ascii_uppercase();
    let after = bytes.get(end).is_none_or(|b| !b.is_ascii_lowercase());
    before && after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: &[Topic]) {
        let bits = expected.iter().fold(0, |bits, topic| bits | 1 << *topic as u8);
        assert_eq!(class(value).topics, bits, "{value}");
    }

    #[test]
    fn short_words_count_only_by_themselves() {
        check("thread", &[]);
        check("ad-slot", &[Topic::Promotion]);
        check("mainNav", &[Topic::Navigation]);
        check("navy", &[]);
        check("post category-newsletter tag-footer hentry", &[Topic::Article]);
    }

    #[test]
    fn what_an_element_is_about_is_told_from_what_it_is() {
        let class = |value| {
            let class = class(value);
            (class.own.into_owned(), class.is_of_update)
        };
        assert_eq!(class("post-7 tag-harbour hentry"), ("hentry".to_owned(), false));
        assert_eq!(class("post-7 tag-harbour"), ("post-7 tag-harbour".to_owned(), false));
        assert!(class("entry-date updated").1 && class("post-7 type-post dateModified").1);
        assert!(class("updated").1 && is_of_update("dateModified") && !is_of_update("datePublished"));
    }

    #[test]
    fn there_are_as_many_topics_as_bits() {
        assert_eq!(WORDS.len(), TOPIC_COUNT);
    }
}
