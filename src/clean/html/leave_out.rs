//! What is kept by how it looks, and yet is no part of the article by what the page says of it.
//!
//! In: a page as it is read, and which of its blocks are kept. Out: fewer of them: without what the page hides, the articles that follow its own, a
//! mail's footer, and lines that say only who wrote the article, or when. Always: linear in the blocks; nothing comes back.

use std::collections::BTreeMap;

use super::classes::Topic;
use super::layout::{Block, Layout};
use super::tags::Tag;
use super::{Read, byline, dateline, own};

/// What a page hides goes. What it hides of the headline's `article` stays, as the rest behind a "read more" and the answers that are opened
/// one by one; without such an element, so does what is a good part of what was kept.
pub(super) fn hidden(layout: &Layout<'_>, headline: Option<usize>, kept: &mut [bool]) {
    let own = layout.article_around(headline);
    let is_hidden = |block: &Block| {
        let node = layout.node_of(block);
        node.is_hidden && own != Some(node.article)
    };
    let kept_blocks = layout.blocks.iter().zip(&*kept).filter(|(_, kept)| **kept);
    let (mut hidden, mut all) = (0, 0);
    for (block, _) in kept_blocks {
        let bytes = block.bytes();
        all += bytes;
        hidden += if is_hidden(block) { bytes } else { 0 };
    }
    if hidden * 4 < all {
        for (block, kept) in layout.blocks.iter().zip(kept) {
            *kept &= !is_hidden(block);
        }
    }
}

/// The articles that a page shows behind its own as the reader goes on scrolling go: each in an element like that around the headline, under
/// a heading of the first or second level.
pub(super) fn next(layout: &Layout<'_>, headline: Option<usize>, kept: &mut [bool]) {
    let (Some(place), Some(own)) = (headline, layout.article_around(headline)) else {
        return;
    };
    if layout.node_of(&layout.blocks[place]).tag != Tag::Heading1 {
        return;
    }
    let mut bytes: BTreeMap<u32, usize> = BTreeMap::new();
    for (block, _) in layout.blocks.iter().zip(&*kept).filter(|(_, kept)| **kept) {
        *bytes.entry(layout.node_of(block).article).or_default() += block.bytes();
    }
    let template = |article: u32| layout.nodes.get(article as usize).map(|node| node.own_template);
    let is_one = |article: u32| {
        bytes.get(&article).is_some_and(|bytes| *bytes >= own::BYTES_MIN) && template(article) == template(own)
    };
    if !is_one(own) {
        return;
    }
    // The element seen last, and whether it is another article.
    let mut seen = (own, false);
    for (block, kept) in layout.blocks.iter().zip(kept).skip(place + 1) {
        let node = layout.node_of(block);
        if node.article != seen.0 {
            seen = (node.article, false);
        }
        // What stands before its heading is a mark or a picture's.
        let is_headline = matches!(node.tag, Tag::Heading1 | Tag::Heading2);
        seen.1 |= node.article != own && node.article != 0 && is_headline && is_one(node.article);
        *kept &= !seen.1;
    }
}

/// A list of teasers has so many at least, and stands no more elements than this below one that says what it is.
const TEASERS_MIN: usize = 3;
const RELATED_LEVELS: u8 = 4;

/// The items of a list go that calls itself related, where each begins with a link: they tell of other articles, however much they say of them.
pub(super) fn teasers(layout: &Layout<'_>, kept: &mut [bool]) {
    let list = |block: &Block| {
        let item = layout.item_of(block)?;
        let levels = layout.node_of(block).within_topic(Topic::Related)?;
        (levels <= RELATED_LEVELS && layout.begins_with_link(block)).then_some(item.parent)
    };
    let lists: Vec<Option<u32>> = layout.blocks.iter().map(list).collect();
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for list in lists.iter().flatten() {
        *counts.entry(*list).or_default() += 1;
    }
    for (list, kept) in lists.iter().zip(kept) {
        *kept &= !list.is_some_and(|list| counts[&list] >= TEASERS_MIN);
    }
}

/// A line that says when or who stands within so many blocks behind an article's headline.
const DATED_WITHIN: usize = 6;

/// Articles that stand whole behind the page's own, in no elements of their own, go: from another heading of the first level on that a
/// date or a byline follows, as none follows a heading within an article.
pub(super) fn others(read: &Read<'_>, kept: &mut [bool]) {
    let layout = &read.layout;
    let is_first = |block: &Block| layout.node_of(block).tag == Tag::Heading1;
    let Some(own) = read.headline.filter(|own| is_first(&layout.blocks[*own])) else {
        return;
    };
    let is_dated = |heading: usize| {
        let behind = layout
            .blocks
            .iter()
            .zip(&read.prose)
            .skip(heading + 1)
            .take(DATED_WITHIN);
        let mut lines = behind.take_while(|(block, prose)| **prose <= 0.0 && !is_first(block));
        lines.any(|(block, _)| tells_origin(layout.text_of(block)))
    };
    let bytes = |place: usize| {
        if kept[place] { layout.blocks[place].bytes() } else { 0 }
    };
    let all: usize = (own..kept.len()).map(bytes).sum();
    let mut before = 0;
    let other = (own..kept.len()).find(|place| {
        let block = &layout.blocks[*place];
        let may_part = before >= own::BYTES_MIN && all - before >= own::BYTES_MIN;
        before += bytes(*place);
        may_part && is_first(block) && !read.titles.hold(layout.text_of(block)) && is_dated(*place)
    });
    if let Some(other) = other {
        kept[other..].fill(false);
    }
}

/// Whether a line says who wrote an article, or when, and nothing else.
fn tells_origin(line: &str) -> bool {
    byline::is_byline(line) || dateline::is_date(line) || dateline::is_dated_byline(line)
}

/// How a mail's footer begins to say why the reader got it, and what it says behind that.
const RECEIVED: [(&str, &str); 17] = [
    ("You are receiving this ", "because"),
    ("You're receiving this ", "because"),
    ("You’re receiving this ", "because"),
    ("You received this email", "because"),
    ("This email was sent to ", ""),
    ("Sie erhalten diese", "Mail"),
    ("Sie erhalten diesen Newsletter", "weil"),
    ("Vous recevez ce", "mail"),
    ("Vous recevez cette", "newsletter"),
    ("Recibes este ", "porque"),
    ("Recibe este ", "porque"),
    ("Você está recebendo este ", "porque"),
    ("Ricevi questa ", "mail"),
    ("Je ontvangt deze ", "omdat"),
    ("U ontvangt deze ", "omdat"),
    ("Otrzymujesz tę wiadomość", "ponieważ"),
    ("Вы получили это письмо", "потому"),
];
/// What its link says that leads out of the list.
const UNSUBSCRIBE: [&str; 14] = [
    "unsubscribe",
    "abmelden",
    "newsletter abbestellen",
    "se désabonner",
    "se désinscrire",
    "darse de baja",
    "cancelar suscripción",
    "cancelar inscrição",
    "disiscriviti",
    "annulla iscrizione",
    "uitschrijven",
    "afmelden",
    "wypisz się",
    "отписаться",
];

/// The lines of a mail's footer go: why the reader got it, and how not to get another.
pub(super) fn of_mail(layout: &Layout<'_>, kept: &mut [bool]) {
    for (block, kept) in layout.blocks.iter().zip(kept).filter(|(_, kept)| **kept) {
        let line = layout.text_of(block);
        let tells_why = || {
            let mut rests = RECEIVED
                .iter()
                .filter_map(|(begin, why)| Some((line.strip_prefix(begin)?, why)));
            rests.any(|(rest, why)| rest.contains(why))
        };
        let unsubscribes = |small: String| UNSUBSCRIBE.iter().any(|word| small.starts_with(word));
        let leads_out = || block.link_share() >= 0.5 && unsubscribes(line.to_lowercase());
        *kept = line.len() > MAIL_BYTES_MAX || !(tells_why() || leads_out());
    }
}

/// Such a line is no longer than this, in bytes.
const MAIL_BYTES_MAX: usize = 250;

/// How far behind the headline a line may stand that says who wrote the article, or when, in blocks; and how long it is at most, in bytes.
const BEHIND: usize = 8;
const LINE_BYTES_MAX: usize = 150;

/// The headline goes where it is no heading, and lines between it and the first paragraph that say who wrote the article, or when, and
/// nothing else.
pub(super) fn origin(read: &Read<'_>, kept: &mut [bool]) {
    let Some(headline) = read.headline else { return };
    let layout = &read.layout;
    if read.prose[headline] <= 0.0 && read.titles.hold(layout.text_of(&layout.blocks[headline])) {
        kept[headline] = false;
    }
    let behind = layout.blocks.iter().zip(&read.prose).zip(kept);
    let lines = behind.skip(headline + 1).take(BEHIND);
    for ((block, _), kept) in lines.take_while(|((_, prose), _)| **prose <= 0.0) {
        let line = layout.text_of(block);
        let is_line = line.len() <= LINE_BYTES_MAX && !layout.node_of(block).tag.is_heading();
        *kept = *kept && !(is_line && tells_origin(line));
    }
}
