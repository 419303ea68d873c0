//! A page → its main text and what it says of itself.
//!
//! In: a page as text, and what the record said of it. Out: [`Cleaned`]: the article's blocks, one a line, the spans of the page
//! that went with their reasons, and the page's metadata. Always: pure, linear in the page, no recursion; every character of the
//! text but white space is in the page (its character references decoded), in order.
//!
//! The way: [`token`] → [`blocks`] → [`features`] → [`model`], twice. The first model sees a block, its place and its neighbours;
//! the second also what the first says of all others, so that the choice is made for the page and not block by block.

mod blocks;
mod classes;
mod features;
mod linked;
mod model;
mod phrases;
mod reason;
mod stats;
mod tags;
mod token;

use std::sync::LazyLock;

use self::blocks::{Block, Layout};
use self::features::{Page as Rows, Passed};
use self::model::Model;
use self::tags::Tag;
use super::{Cleaned, Hints};
use crate::article::Removed;

static FIRST: LazyLock<Model> = LazyLock::new(|| Model::read(include_bytes!("first.bin")));
static SECOND: LazyLock<Model> = LazyLock::new(|| Model::read(include_bytes!("second.bin")));

/// A block is kept from this probability on.
const KEEP: f32 = 0.55;

/// The main text of a page.
pub fn clean(page: &str, _hints: &Hints<'_>) -> Cleaned {
    let layout = blocks::blocks(page);
    let linked = linked::read(&layout.linked_data);
    let mut rows = rows(&layout, &linked);
    let first = first_view(&layout, &rows.0, &mut rows.1);
    rows.0.first_said(&first);
    let kept = second_view(&layout, &rows.0, &first);
    let (text, removed) = write(&layout, &kept);
    Cleaned {
        text,
        removed,
        ..Cleaned::default()
    }
}

fn rows<'a>(layout: &'a Layout<'a>, linked: &linked::Linked) -> (Rows<'a>, Vec<f32>) {
    let title = htmlize::unescape(layout.title);
    (
        Rows::new(layout, &title, linked.body.as_deref(), None),
        Vec::with_capacity(256),
    )
}

fn first_view(layout: &Layout<'_>, rows: &Rows<'_>, row: &mut Vec<f32>) -> Vec<f32> {
    let mut passed = Passed::default();
    (0..layout.blocks.len())
        .map(|index| {
            row.clear();
            rows.first_row(index, &passed, row);
            rows.pass(index, &mut passed);
            FIRST.probability(row)
        })
        .collect()
}

/// Below this first view a block, with all within four around it, is not looked at again.
const HOPELESS: f32 = 0.004;

fn second_view(layout: &Layout<'_>, rows: &Rows<'_>, first: &[f32]) -> Vec<bool> {
    let mut passed = Passed::default();
    let mut passed_kept = 0.0;
    let mut row = Vec::with_capacity(256);
    (0..layout.blocks.len())
        .map(|index| {
            let around = &first[index.saturating_sub(2)..first.len().min(index + 3)];
            let keep = around.iter().any(|p| *p > HOPELESS) && {
                row.clear();
                rows.first_row(index, &passed, &mut row);
                rows.second_row(index, first, passed_kept, &mut row);
                SECOND.probability(&row) > KEEP
            };
            rows.pass(index, &mut passed);
            passed_kept += first[index] * rows.weight(index);
            keep
        })
        .collect()
}

/// The kept blocks as lines (cells of one table row share a line), and the spans of all others.
fn write(layout: &Layout<'_>, kept: &[bool]) -> (String, Vec<Removed>) {
    let mut text = String::new();
    let mut removed: Vec<Removed> = Vec::new();
    let mut row_before = None;
    for (block, keep) in layout.blocks.iter().zip(kept) {
        if !keep {
            let reason = reason::reason(layout, block);
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
        let row = row_of(layout, block);
        if !text.is_empty() {
            text.push(if row.is_some() && row == row_before { ' ' } else { '\n' });
        }
        text.push_str(&layout.text[block.start..block.end]);
        row_before = row;
    }
    removed.retain(|r| r.start < r.end);
    (text, removed)
}

/// The table row that holds the block as the only content of one of its cells.
fn row_of(layout: &Layout<'_>, block: &Block) -> Option<u32> {
    let cell = &layout.nodes[block.node as usize];
    (cell.tag == Tag::Cell && layout.nodes[cell.parent as usize].tag == Tag::Row).then_some(cell.parent)
}

/// The blocks of a page with their rows of features, for fitting the models: text, source span, row. `first` is what the first
/// model says of each block, in which case the rows are those of the second.
#[doc(hidden)]
pub fn rows_for_fitting(page: &str, first: Option<&[f32]>) -> Vec<(String, Vec<f32>)> {
    let layout = blocks::blocks(page);
    let linked = linked::read(&layout.linked_data);
    let (mut rows, _) = rows(&layout, &linked);
    let own;
    let first_said = match first {
        Some(said) => {
            rows.first_said(said);
            said
        }
        None => {
            own = vec![];
            &own
        }
    };
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
            (layout.text[block.start..block.end].to_owned(), row)
        })
        .collect()
}
