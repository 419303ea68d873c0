//! Blocks that the choice left out, and that what stands around them says are the article's: they get the benefit of the doubt.
//!
//! In: a page as it is read, what is said of its blocks, and which of these are kept. Out: more of them. Always: linear in the blocks; a block
//! within an element that calls itself furniture, or with odds too bad, does not stay.
//!
//! The trees judge an element by others like it, so that one of its own (a closing paragraph with another class, the only note, a box) is
//! doubtful wherever it stands.

use std::collections::{BTreeMap, BTreeSet};

use super::super::work;
use super::Read;
use super::choose::Said;
use super::classes::Topic;
use super::layout::{Block, Layout};
use super::phrases;
use super::reason;
use super::tags::Tag;

/// Log-odds from which on a block may stay: as an item of a list or between two that are kept; a paragraph behind one; a note; a heading.
const ITEM: f32 = -2.0;
const BETWEEN: f32 = -2.0;
const PARAGRAPH: f32 = -1.5;
const NOTE: f32 = -4.5;
const HEADING: f32 = -3.0;
/// ... what is alike; a table by the mean of its cells, and each of these.
const ALIKE: f32 = -2.0;
const TABLE: f32 = -1.5;
const CELL: f32 = -4.5;

/// No paragraph stays, and nothing between two blocks, whose words alone have log-odds below this.
const WORDS: f32 = -2.0;

/// How far behind a kept block a paragraph stands at most, and a note, in blocks: marks and buttons may stand between.
const PARAGRAPH_BEHIND: usize = 2;
const NOTE_BEHIND: usize = 4;
/// A sentence has this weight at least, and a heading of prose so many words.
const SENTENCE_WEIGHT: f32 = 20.0;
const HEADING_WORDS: f32 = 10.0;
/// How far from a kept block such a heading stands at most, in blocks and in elements.
const HEADING_BESIDE: usize = 6;
const HEADING_LEVELS: usize = 4;
/// A table has so many cells at least, of which one in so many has more than so many bytes at most.
const CELLS_MIN: usize = 4;
const LONG_PART: usize = 4;
const CELL_BYTES: usize = 80;
/// How many elements up from a block its cell stands at most, and from that the table.
const CELL_LEVELS: usize = 3;
const TABLE_LEVELS: usize = 4;
/// How far behind a kept block a table begins at most, in blocks.
const TABLE_BEHIND: usize = 2;
/// How many elements up from each of three blocks in a row one stands at most that holds them.
const BETWEEN_LEVELS: usize = 3;
/// Blocks with more than this share of their text in links are none of prose.
const LINK_SHARE_MAX: f32 = 0.05;

/// Keep what is in doubt where its surroundings are kept.
pub(super) fn give(read: &Read<'_>, said: &[Said], odds: &[f32], kept: &mut [bool]) {
    let page = Page { read, said, odds };
    page.items(kept);
    page.tables(kept);
    page.paragraphs(kept);
    page.headings(kept);
    page.between(kept);
    page.alike(kept);
}

struct Page<'p> {
    read: &'p Read<'p>,
    said: &'p [Said],
    odds: &'p [f32],
}

impl<'p> Page<'p> {
    fn layout(&self) -> &'p Layout<'p> {
        &self.read.layout
    }

    fn block(&self, index: usize) -> &'p Block {
        &self.layout().blocks[index]
    }

    fn tag(&self, index: usize) -> Tag {
        self.layout().node_of(self.block(index)).tag
    }

    /// Items without a link stay in a list of which half stays.
    fn items(&self, kept: &mut [bool]) {
        let lists: Vec<Option<u32>> = self
            .layout()
            .blocks
            .iter()
            .map(|block| self.layout().item_of(block).map(|item| item.parent))
            .collect();
        // Of each list, how many blocks it has, and how many stay.
        let mut counts: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for (list, kept) in lists.iter().zip(&*kept) {
            if let Some(list) = list {
                let (all, stay) = counts.entry(*list).or_default();
                *all += 1;
                *stay += usize::from(*kept);
            }
        }
        let is_kept = |list: &u32| counts.get(list).is_some_and(|(all, stay)| 2 * stay >= *all);
        for (index, list) in lists.iter().enumerate() {
            let is_item = list.as_ref().is_some_and(is_kept) && self.block(index).link_bytes == 0;
            kept[index] |= is_item && self.odds[index] > ITEM;
        }
    }

    /// A table is one: its cells stay where one of them does, or what stands right before it, and they are in doubt on the average. One of long
    /// cells lays out a page, and is none.
    fn tables(&self, kept: &mut [bool]) {
        let mut tables: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for index in 0..kept.len() {
            if let Some(table) = self.table_around(index) {
                tables.entry(table).or_default().push(index);
            }
        }
        for cells in tables.values() {
            let long = cells
                .iter()
                .filter(|cell| self.block(**cell).bytes() > CELL_BYTES)
                .count();
            let mean = cells.iter().map(|cell| self.odds[*cell]).sum::<f32>() / cells.len() as f32;
            let before = cells[0].saturating_sub(TABLE_BEHIND)..cells[0];
            let is_beside = before.chain(cells.iter().copied()).any(|index| kept[index]);
            if cells.len() < CELLS_MIN || long * LONG_PART > cells.len() || mean <= TABLE || !is_beside {
                continue;
            }
            for &cell in cells {
                kept[cell] |= self.odds[cell] > CELL && !reason::is_told(self.layout(), self.block(cell));
            }
        }
    }

    /// The table of which a block is a cell, or a line of one.
    fn table_around(&self, index: usize) -> Option<u32> {
        let layout = self.layout();
        let tag = |element: &u32| layout.nodes[*element as usize].tag;
        let mut around = elements(layout, self.block(index)).take(CELL_LEVELS + TABLE_LEVELS);
        around
            .by_ref()
            .take(CELL_LEVELS)
            .find(|element| tag(element) == Tag::Cell)?;
        around.find(|element| tag(element) == Tag::Table)
    }

    /// Whether a block is a sentence or more with hardly a link, in an element that calls itself no furniture.
    fn is_prose(&self, index: usize) -> bool {
        let stats = &self.read.stats[index];
        stats.ends_sentence
            && stats.weight >= SENTENCE_WEIGHT
            && self.block(index).link_share() <= LINK_SHARE_MAX
            && self.may_stay(index)
    }

    /// Whether nothing around a block says that it is furniture, and it does not ask the reader to subscribe.
    fn may_stay(&self, index: usize) -> bool {
        let (layout, block) = (self.layout(), self.block(index));
        let is_control = [Tag::Button, Tag::Form]
            .into_iter()
            .any(|tag| layout.node_of(block).within(tag).is_some());
        !is_control && !reason::is_told(layout, block) && !phrases::hints(layout.text_of(block)).ask_to_subscribe()
    }

    fn words_speak_against(&self, index: usize) -> bool {
        self.said[index].read.is_some_and(|read| read < WORDS)
    }

    /// A paragraph stays behind what is kept of its own element or `article`, and so does a note.
    fn paragraphs(&self, kept: &mut [bool]) {
        let mut kept_before = None;
        for (index, kept) in kept.iter_mut().enumerate() {
            if let Some(before) = kept_before.filter(|_| !*kept) {
                let is_note = is_note(self.layout(), self.block(index));
                let (behind, odds_min) = if is_note {
                    (NOTE_BEHIND, NOTE)
                } else {
                    (PARAGRAPH_BEHIND, PARAGRAPH)
                };
                *kept = index - before <= behind
                    && self.odds[index] > odds_min
                    && self.is_prose(index)
                    && (is_note || !self.words_speak_against(index))
                    && self.are_of_one(before, index);
            }
            if *kept {
                kept_before = Some(index);
            }
        }
    }

    /// Whether two blocks stand in one element, or in one `article`.
    fn are_of_one(&self, one: usize, other: usize) -> bool {
        let article = |index: usize| self.layout().node_of(self.block(index)).article;
        article(one) != 0 && article(one) == article(other) || self.are_near(one, other, 1)
    }

    /// Headings that are sentences stay beside what is kept: some pages set their paragraphs so.
    fn headings(&self, kept: &mut [bool]) {
        let chosen = kept.to_vec();
        for index in 0..kept.len() {
            let tag = self.tag(index);
            let is_heading = tag.is_heading() && tag != Tag::Heading1;
            let is_prose = is_heading && self.read.stats[index].words >= HEADING_WORDS && self.is_prose(index);
            if kept[index] || !is_prose || self.odds[index] <= HEADING || self.is_title(index) {
                continue;
            }
            let mut before = (index.saturating_sub(HEADING_BESIDE)..index).filter(|other| kept[*other]);
            let mut behind = (index + 1..kept.len().min(index + 1 + HEADING_BESIDE)).filter(|other| chosen[*other]);
            let is_near = |other: usize| self.are_near(other, index, HEADING_LEVELS);
            kept[index] = before.any(is_near) || behind.any(is_near);
        }
    }

    fn is_title(&self, index: usize) -> bool {
        self.read.titles.hold(self.layout().text_of(self.block(index)))
    }

    /// What stands between two kept blocks of its own element, or of one near above, stays unless it leads elsewhere.
    fn between(&self, kept: &mut [bool]) {
        let chosen = kept.to_vec();
        for index in 1..kept.len().saturating_sub(1) {
            let (before, behind) = (index - 1, index + 1);
            let is_between = !chosen[index] && chosen[before] && chosen[behind];
            let pairs = [(before, behind), (before, index), (index, behind)];
            kept[index] |= is_between
                && self.block(index).link_bytes == 0
                && self.odds[index] > BETWEEN
                && !self.words_speak_against(index)
                && self.may_stay(index)
                && pairs
                    .into_iter()
                    .all(|(one, other)| self.are_near(one, other, BETWEEN_LEVELS));
        }
    }

    /// What stands within the article in the same elements, called the same, as something that is kept stays unless it leads elsewhere: the fourth
    /// card of ten.
    fn alike(&self, kept: &mut [bool]) {
        let template = |index: usize| self.layout().node_of(self.block(index)).template;
        let is_kept = |index: &usize| kept[*index];
        let (Some(first), Some(last)) = ((0..kept.len()).find(is_kept), (0..kept.len()).rfind(is_kept)) else {
            return;
        };
        let templates: BTreeSet<u64> = (first..=last).filter(is_kept).map(template).collect();
        for (index, kept) in kept.iter_mut().enumerate().take(last).skip(first) {
            *kept |= self.odds[index] > ALIKE
                && self.block(index).link_bytes == 0
                && templates.contains(&template(index))
                && !reason::is_told(self.layout(), self.block(index));
        }
    }

    /// Whether one element is around two blocks, and no more than so many above that of each.
    fn are_near(&self, one: usize, other: usize, levels: usize) -> bool {
        work::note(levels);
        let mut above = elements(self.layout(), self.block(one)).take(levels + 1);
        above.any(|element| {
            elements(self.layout(), self.block(other))
                .take(levels + 1)
                .any(|other| other == element)
        })
    }
}

/// The elements around a block, from its own outwards, without the page itself.
fn elements<'l>(layout: &'l Layout<'_>, block: &Block) -> impl Iterator<Item = u32> + 'l {
    let parent = |place: &u32| layout.nodes.get(*place as usize).map(|node| node.parent);
    std::iter::successors(Some(block.node), parent).take_while(|place| *place != 0)
}

/// Whether a block stands in what calls itself a note.
fn is_note(layout: &Layout<'_>, block: &Block) -> bool {
    const LEVELS_MAX: u8 = 2;
    layout
        .node_of(block)
        .within_topic(Topic::Reference)
        .is_some_and(|levels| levels <= LEVELS_MAX)
}

#[cfg(test)]
mod tests {
    use super::super::choose;
    use super::*;

    const PARAGRAPH: &str =
        "<p>The harbour authority said on Monday that all eleven cranes would be back at work within the week.</p>";

    fn said(odds: f32, read: Option<f32>) -> Said {
        let probability = 1.0 / (1.0 + (-odds).exp());
        Said {
            first: probability,
            second: probability,
            bytes: 60,
            is_prose: true,
            read,
        }
    }

    fn give_of(read: &Read<'_>, said: &[Said], kept: &mut [bool]) {
        let odds: Vec<f32> = said.iter().map(choose::odds).collect();
        give(read, said, &odds, kept);
    }

    #[test]
    fn a_paragraph_whose_words_speak_against_it_does_not_stay() {
        let page = format!("<div>{PARAGRAPH}<div>They should have closed it long ago!</div></div>");
        let read = Read::new(&page, None);
        for (words, expected) in [(Some(-1.0), true), (Some(-3.0), false)] {
            let mut kept = [true, false];
            give_of(&read, &[said(3.0, None), said(0.3, words)], &mut kept);
            assert_eq!(kept, [true, expected]);
        }
    }

    /// Which blocks of a page stay, if these do already (`#`) and the others are in doubt by these log-odds.
    fn check(page: &str, odds: f32, chosen: &str, expected: &str) {
        let read = Read::new(page, None);
        let mut kept: Vec<bool> = chosen.chars().map(|c| c == '#').collect();
        assert_eq!(read.layout.blocks.len(), kept.len(), "{page}");
        give_of(&read, &vec![said(odds, None); kept.len()], &mut kept);
        let kept: String = kept.iter().map(|kept| if *kept { '#' } else { '.' }).collect();
        assert_eq!(kept, expected, "{odds} {page}");
    }

    #[test]
    fn a_paragraph_stays_behind_what_is_kept_of_its_element_or_article() {
        let closing = "<p class='end'>The ferry goes again on Friday.</p>";
        check(&format!("<div>{PARAGRAPH}{closing}</div>"), -1.0, "#.", "##");
        check(&format!("<div>{PARAGRAPH}{closing}</div>"), -2.0, "#.", "#.");
        let apart = format!("<section><div>{PARAGRAPH}</div></section><button>Share</button>{closing}");
        check(&format!("<article>{apart}</article>"), -1.0, "#..", "#.#");
        check(&apart, -1.0, "#..", "#..");
        for other in [
            "<p>About the pier</p>",
            "<p><a href='/f'>The ferry goes again on Friday.</a></p>",
            "<p class='newsletter'>The ferry goes again on Friday.</p>",
            "<aside><p>The ferry goes again on Friday.</p></aside>",
            "<p>Sign up for the news of Friday's ferry.</p>",
        ] {
            check(&format!("<article>{PARAGRAPH}{other}</article>"), -1.0, "#.", "#.");
        }
    }

    #[test]
    fn a_note_stays_behind_marks() {
        let note =
            "<div class='footnote'><a href='#m1'>1</a><div><p>She says so in a letter to her sister.</p></div></div>";
        check(
            &format!("<article>{PARAGRAPH}<p>Share</p>{note}</article>"),
            -3.5,
            "#...",
            "#..#",
        );
        let other = note.replace("footnote", "x");
        check(
            &format!("<article>{PARAGRAPH}<p>Share</p>{other}</article>"),
            -3.5,
            "#...",
            "#...",
        );
    }

    #[test]
    fn items_stay_where_half_of_their_list_does() {
        let list = "<ul><li><p>Two new cranes</p><li>Four berths<li><a href='/q'>A quay</a><li>A shed</ul>";
        check(list, -1.5, "##..", "##.#");
        check(list, -1.5, "#...", "#...");
        check(list, -2.5, "##..", "##..");
    }

    #[test]
    fn a_table_stays_whole_beside_what_is_kept() {
        let table = "<table><tr><th>Pier<th>Opened<tr><td>Port Amsel<td>1904<tr><td>Gull Bay<td>1911</table>";
        check(&format!("<div>{PARAGRAPH}{table}</div>"), -1.4, "#......", "#######");
        check(&format!("<div>{PARAGRAPH}{table}</div>"), -1.6, "#......", "#......");
        check(&format!("<div>{table}{PARAGRAPH}</div>"), -1.4, "#.....#", "#######");
        check(&format!("<div>{table}{PARAGRAPH}</div>"), -1.4, "......#", "......#");
        let cookies = format!("<div>{PARAGRAPH}<div class='cookie-consent'>{table}</div></div>");
        check(&cookies, -1.4, "#......", "#......");
        let layout = table.replace("Gull Bay", PARAGRAPH).replace("1911", PARAGRAPH);
        check(&format!("<div>{PARAGRAPH}{layout}</div>"), -1.4, "#......", "#......");
    }

    #[test]
    fn what_is_called_as_something_kept_stays_within_the_article() {
        let card = |text: &str| format!("<div class='card'><div class='name'>{text}</div></div>");
        let cards = |last: &str| [card("Port Amsel"), card("Gull Bay"), card("Old Quay"), last.to_owned()].concat();
        check(&format!("<div>{}</div>", cards(PARAGRAPH)), -1.9, "#..#", "####");
        check(&format!("<div>{}</div>", cards(PARAGRAPH)), -2.1, "#..#", "#..#");
        check(&format!("<div>{}</div>", cards(PARAGRAPH)), -1.9, "...#", "...#");
        check(&format!("<div>{}</div>", cards("")), -1.9, "#..", "#..");
        let linked = cards(PARAGRAPH).replace("Old Quay", "<a href='/quay'>Old Quay</a>");
        check(&format!("<div>{linked}</div>"), -1.9, "#..#", "##.#");
        let paragraphs = format!("<div>{PARAGRAPH}<p>One</p><p>Two</p>{PARAGRAPH}</div>");
        check(&paragraphs, -1.5, "#..#", "####");
    }

    #[test]
    fn headings_of_prose_stay_beside_what_is_kept() {
        let heading = "<h3>The ferry goes again on Friday, and nobody at the pier could say why it had stopped.</h3>";
        let list = format!("<div>{heading}<p>Photo</p><p>Via a friend</p>{heading}<p>Photo</p></div>");
        check(&format!("<div>{PARAGRAPH}{list}</div>"), -2.5, "#.....", "##..#.");
        check(&format!("<div>{list}{PARAGRAPH}</div>"), -2.5, ".....#", "#..#.#");
        check(&list, -2.5, ".....", ".....");
        let linked = heading.replace("<h3>", "<h3><a href='/f'>");
        check(&format!("<div>{PARAGRAPH}{linked}</div>"), -2.5, "#.", "#.");
        check(
            &format!("<div>{PARAGRAPH}<h3>The ferry goes again.</h3></div>"),
            -2.5,
            "#.",
            "#.",
        );
    }

    #[test]
    fn what_stands_between_two_kept_blocks_stays() {
        let page = |between: &str| format!("<div>{PARAGRAPH}{between}{PARAGRAPH}</div>");
        check(&page("<div class='x'>A long debate</div>"), -1.5, "#.#", "###");
        check(&page("<div class='x'>A long debate</div>"), -2.5, "#.#", "#.#");
        check(&page("<div class='share'>A long debate</div>"), -1.5, "#.#", "#.#");
        check(
            &page("<div class='x'>A <a href='/d'>debate</a></div>"),
            -1.5,
            "#.#",
            "#.#",
        );
        let two = "<div class='x'>One</div><div class='x'>Two</div>";
        check(&page(two), -1.5, "#..#", "#..#");
    }
}
