//! A page → its main text and what it says of itself.
//!
//! In: a page as text, and what the record said of it. Out: [`Cleaned`]: the article's blocks, one a line, the spans of the page
//! that went with their reasons, and the page's metadata. Always: pure, linear in the page, no recursion; every character of the
//! text but white space is in the page (its character references decoded), in order.
//!
//! The way: [`token`] → [`blocks`], with what [`attributes`] say, into a [`layout`] → [`wrappers`] → [`features`] → [`model`], twice → [`reading`], where these are in doubt →
//! [`mod@choose`] → [`doubt`] → [`leave_out`] → [`unnamed`], where nothing is left → [`own`], where nothing is or all is of others → [`repeats`]. The first model sees a block, its place and its neighbours; the second also what the first says of all others; the choice
//! is made for the page and not block by block.

mod attributes;
mod authors;
mod beside;
mod blocks;
mod byline;
mod choose;
mod classes;
mod dateline;
mod dates;
mod doubt;
mod features;
mod layout;
mod leave_out;
mod linked;
mod meta;
mod metas;
mod model;
mod own;
mod phrases;
mod reading;
mod reason;
mod repeats;
mod stats;
mod tags;
mod titles;
mod token;
mod unnamed;
mod wrappers;

use std::ops::Range;
use std::sync::LazyLock;

use self::choose::Said;
use self::features::{Page as Rows, Passed};
use self::layout::{Block, Layout};
use self::linked::Linked;
use self::metas::Metas;
use self::model::{Model, Waiting};
use self::stats::Stats;
use self::tags::Tag;
use self::titles::Titles;
use super::text::is_furniture;
use super::{Cleaned, Hints, weights};
use crate::article::Removed;

static FIRST: LazyLock<Model> =
    LazyLock::new(|| whole(Model::read(weights::file("first.bin", include_bytes!("first.bin")))));
static SECOND: LazyLock<Model> =
    LazyLock::new(|| whole(Model::read(weights::file("second.bin", include_bytes!("second.bin")))));

fn whole(model: Option<Model>) -> Model {
    model.expect("the model is whole, as a test shows")
}

/// The main text of a page.
pub fn clean(page: &str, hints: &Hints<'_>) -> Cleaned {
    let mut read = Read::new(page, hints.url);
    let mut kept = judge(&read);
    if let Some(others) = unnamed::again(&mut read, &kept, judge) {
        kept = others;
    }
    let Read {
        layout, metas, linked, ..
    } = &read;
    if !kept.contains(&true) {
        kept = if is_piece(page, layout) {
            keep_all(layout)
        } else {
            own::paragraphs(&read)
        };
    } else if own::is_passed_by(&read, &kept) {
        kept = own::paragraphs(&read);
    }
    let repeated = repeats::take(layout, &read.prose, &mut kept);
    let mut cleaned = write(layout, &kept, &repeated);
    if let Some(body) = linked
        .body
        .as_deref()
        .filter(|body| is_missing(layout, &cleaned.text, body))
    {
        cleaned.text = lines_of(body);
        cleaned.places.clear();
    }
    cleaned.page = meta::page(layout, metas, linked, read.headline, &cleaned.text, hints);
    cleaned
}

/// Which blocks are kept.
fn judge(read: &Read<'_>) -> Vec<bool> {
    choose(read, &said(read))
}

/// What is said of each block.
fn said(read: &Read<'_>) -> Vec<Said> {
    let layout = &read.layout;
    let mut rows = read.rows();
    let first = first_view(layout, &rows);
    rows.first_said(&first);
    let second = second_view(layout, &rows, &first);
    let views = first.iter().zip(&second);
    let blocks = layout.blocks.iter().zip(&read.prose);
    let mut said: Vec<Said> = views
        .zip(blocks)
        .map(|((&first, &second), (block, prose))| Said {
            first,
            second,
            bytes: block.bytes(),
            is_prose: *prose > 0.0,
            read: None,
        })
        .collect();
    if choose::is_worth_reading(&said) {
        let hopeful = (0..said.len()).filter(|index| is_hopeful(&first, *index)).collect();
        reading::read(layout, hopeful, &mut said);
    }
    said
}

/// Whether the page shows too little of what its JSON-LD says is its body: the rest comes by script only.
fn is_missing(layout: &Layout<'_>, text: &str, body: &str) -> bool {
    const BODY_BYTES_MIN: usize = 600;
    let shows_nothing = layout.text.len() < body.len() / 4;
    (shows_nothing || body.len() >= BODY_BYTES_MIN) && text.len() < body.len() / 4 && layout.text.len() < body.len()
}

/// Whether this is no page but a piece of one, as feeds give their summaries: small, and without what every page has.
fn is_piece(page: &str, layout: &Layout<'_>) -> bool {
    const BYTES_MAX: usize = 4096;
    let has = |tag: &str| {
        page.as_bytes()
            .windows(tag.len())
            .any(|w| w.eq_ignore_ascii_case(tag.as_bytes()))
    };
    page.len() <= BYTES_MAX && layout.title.is_empty() && !["<html", "<head", "<body"].into_iter().any(has)
}

/// Whatever is not furniture by its words stays.
fn keep_all(layout: &Layout<'_>) -> Vec<bool> {
    let lines = layout.blocks.iter().map(|block| layout.text_of(block));
    lines.map(|line| !is_furniture(line)).collect()
}

/// The lines of an `articleBody`, which may hold markup.
fn lines_of(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    for line in body.lines() {
        let layout = blocks::blocks(line);
        let lines = layout.blocks.iter().map(|block| layout.text_of(block));
        for line in lines.filter(|line| !is_furniture(line)) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    }
    text
}

/// A page as it is read, before any of it is judged.
struct Read<'a> {
    layout: Layout<'a>,
    metas: Metas<'a>,
    linked: Linked,
    titles: Titles,
    headline: Option<usize>,
    stats: Vec<Stats>,
    /// Of each block its weight if it reads like a paragraph.
    prose: Vec<f32>,
}

impl<'a> Read<'a> {
    fn new(page: &'a str, url: Option<&str>) -> Self {
        let mut layout = blocks::blocks(page);
        let metas = Metas::read(&layout.metas);
        let mut linked = linked::read(&layout.linked_data, &metas.addresses(url));
        let tab = htmlize::unescape(layout.title).into_owned();
        let others = [metas.get(&["og:title"]), linked.headline.clone()];
        let titles: Vec<String> = std::iter::once(tab).chain(others.into_iter().flatten()).collect();
        let titles = Titles::new(&titles.join("\n"));
        let lines = layout.blocks.iter().map(|block| layout.text_of(block));
        let stats: Vec<Stats> = lines.map(stats::stats).collect();
        let blocks = layout.blocks.iter().zip(&stats);
        let prose: Vec<f32> = blocks.map(|(block, stats)| stats.prose(block.link_share())).collect();
        let headline = titles.headline(&layout);
        if let Some(block) = headline.and_then(|headline| layout.blocks.get(headline)) {
            linked.take_work(layout.text_of(block));
        }
        wrappers::forget_names(&mut layout, &prose, headline);
        Self {
            layout,
            metas,
            linked,
            titles,
            headline,
            stats,
            prose,
        }
    }

    fn rows(&self) -> Rows<'_> {
        let summary = self
            .metas
            .get(&["og:description", "description", "twitter:description"]);
        Rows::new(
            &self.layout,
            &self.stats,
            &self.titles,
            self.headline,
            self.linked.body.as_deref(),
            summary.as_deref(),
        )
    }
}

fn first_view(layout: &Layout<'_>, rows: &Rows<'_>) -> Vec<f32> {
    let mut said = vec![0.0; layout.blocks.len()];
    let mut waiting = Waiting::of(&FIRST);
    let mut passed = Passed::default();
    for index in 0..layout.blocks.len() {
        rows.first_row(index, &passed, waiting.row(index, &mut said));
        rows.pass(index, &mut passed);
    }
    waiting.ask(&mut said);
    said
}

/// Below this first view a block, with all within two around it, is not looked at again.
const HOPELESS: f32 = 0.004;

fn is_hopeful(first: &[f32], index: usize) -> bool {
    let around = &first[index.saturating_sub(2)..first.len().min(index + 3)];
    around.iter().any(|p| *p > HOPELESS)
}

fn second_view(layout: &Layout<'_>, rows: &Rows<'_>, first: &[f32]) -> Vec<f32> {
    let mut said = vec![0.0; layout.blocks.len()];
    let mut waiting = Waiting::of(&SECOND);
    let mut passed = Passed::default();
    let mut passed_kept = 0.0;
    for index in 0..layout.blocks.len() {
        if is_hopeful(first, index) {
            let row = waiting.row(index, &mut said);
            rows.first_row(index, &passed, row);
            rows.second_row(index, first, passed_kept, row);
        }
        rows.pass(index, &mut passed);
        passed_kept += first[index] * rows.weight(index);
    }
    waiting.ask(&mut said);
    said
}

fn choose(read: &Read<'_>, said: &[Said]) -> Vec<bool> {
    let layout = &read.layout;
    let odds: Vec<f32> = said.iter().map(choose::odds).collect();
    let mut kept = choose::choose(said, &odds);
    doubt::give(read, said, &odds, &mut kept);
    for (block, kept) in layout.blocks.iter().zip(&mut kept) {
        *kept = *kept && !is_furniture(layout.text_of(block));
    }
    leave_out::hidden(layout, read.headline, &mut kept);
    leave_out::next(layout, read.headline, &mut kept);
    leave_out::others(read, &mut kept);
    leave_out::teasers(layout, &mut kept);
    leave_out::of_mail(layout, &mut kept);
    leave_out::origin(read, &mut kept);
    kept
}

/// The kept blocks as lines (cells of one table row share a line), and the spans of all others.
fn write(layout: &Layout<'_>, kept: &[bool], repeated: &[bool]) -> Cleaned {
    let mut text = String::new();
    let (mut places, mut removed): (Vec<Range<usize>>, Vec<Removed>) = (Vec::new(), Vec::new());
    let mut row_before = None;
    for (number, ((block, is_kept), is_repeat)) in layout.blocks.iter().zip(kept).zip(repeated).enumerate() {
        if !is_kept {
            let reason = if *is_repeat {
                "repeated"
            } else {
                reason::reason(layout, block)
            };
            match removed.last_mut() {
                Some(last) if last.reason == reason && last.end <= block.source_start => last.end = block.source_end,
                _ => removed.push(Removed {
                    reason,
                    start: block.source_start,
                    end: block.source_end,
                }),
            }
            continue;
        }
        // A kept block ends the span before it.
        removed.push(Removed {
            reason: "",
            start: 0,
            end: 0,
        });
        let row = row_of(layout, number);
        let goes_on = row.is_some() && row == row_before;
        if !text.is_empty() {
            text.push(if goes_on { ' ' } else { '\n' });
        }
        text.push_str(layout.text_of(block));
        let breaks = layout.text_of(block).matches('\n').count();
        match places.last_mut() {
            Some(place) if goes_on && breaks == 0 => place.end = block.source_end,
            // Lines of one block have no places of their own.
            Some(place) if goes_on => *place = 0..0,
            _ if breaks > 0 => places.push(0..0),
            _ => places.push(block.source_start..block.source_end),
        }
        places.extend(std::iter::repeat_n(0..0, breaks));
        row_before = row;
    }
    removed.retain(|r| r.start < r.end);
    Cleaned {
        text,
        places,
        removed,
        ..Cleaned::default()
    }
}

/// A block of this many bytes is no entry of a table, and a line of its own.
const ENTRY_BYTES_MAX: usize = 80;

/// The table row that holds the block of this number in one of its cells, unless that holds paragraphs.
fn row_of(layout: &Layout<'_>, number: usize) -> Option<u32> {
    let block = layout.blocks.get(number)?;
    let cell = layout.nodes.get(block.node as usize)?;
    let is_cell = cell.tag == Tag::Cell && layout.nodes.get(cell.parent as usize)?.tag == Tag::Row;
    let is_long = |block: &Block| block.bytes() > ENTRY_BYTES_MAX;
    let is_within = |beside: &&Block| beside.node == block.node || layout.node_of(beside).parent == block.node;
    let beside = [number.checked_sub(1), Some(number + 1)];
    let beside = beside
        .into_iter()
        .flatten()
        .filter_map(|number| layout.blocks.get(number));
    let is_paragraph = beside.filter(is_within).any(|beside| is_long(beside) || is_long(block));
    (is_cell && !is_paragraph).then_some(cell.parent)
}

/// The blocks of a page with their rows of features, for fitting the models: text, source span, row. `first` is what the first
/// model says of each block, in which case the rows are those of the second.
#[doc(hidden)]
pub fn rows_for_fitting(page: &str, first: Option<&[f32]>) -> Vec<(String, Vec<f32>)> {
    let read = Read::new(page, None);
    let layout = &read.layout;
    let mut rows = read.rows();
    let first_said = first.unwrap_or_default();
    if first.is_some() {
        rows.first_said(first_said);
    }
    let mut passed = Passed::default();
    let mut passed_kept = 0.0;
    (0..layout.blocks.len())
        .map(|index| {
            let mut row = Vec::new();
            rows.first_row(index, &passed, &mut row);
            if first.is_some() {
                rows.second_row(index, first_said, passed_kept, &mut row);
                passed_kept += first_said.get(index).copied().unwrap_or(0.0) * rows.weight(index);
            }
            rows.pass(index, &mut passed);
            let block = &layout.blocks[index];
            (layout.text_of(block).to_owned(), row)
        })
        .collect()
}

/// The blocks of a page, whether each is kept, and its log-odds, for fitting others to what is sure.
#[doc(hidden)]
pub fn judged_for_fitting(page: &str) -> Vec<(String, bool, f32)> {
    let read = Read::new(page, None);
    let said = said(&read);
    let kept = choose(&read, &said);
    let blocks = read
        .layout
        .blocks
        .iter()
        .map(|block| read.layout.text_of(block).to_owned());
    let judged = blocks.zip(kept).zip(said.iter().map(choose::odds));
    judged.map(|((text, kept), odds)| (text, kept, odds)).collect()
}

#[cfg(test)]
mod tests;
