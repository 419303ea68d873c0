//! Lines of text and their features, for `tools/fit_text_lines.py`.
//!
//! In: one JSON object `{"id", "text"}` a line on standard input. Out, for each: the number of lines and of features (u32, little
//! endian), then for each line its start and end (u32), its place among the repeats (u32, 1 = taken away), and then all features (f32).

#![allow(
    dead_code,
    unused_imports,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a tool for fitting, beside the product"
)]

use std::io::{BufRead, Write};

#[path = "../src/clean/text/context.rs"]
mod context;
#[path = "../src/fast/mod.rs"]
mod fast;
#[path = "../src/clean/text/features.rs"]
mod features;
#[path = "../src/clean/text/lines.rs"]
mod lines;
#[path = "../src/clean/text/numbers.rs"]
mod numbers;
#[path = "../src/clean/text/phrases.rs"]
mod phrases;
#[path = "../src/clean/text/repeat.rs"]
mod repeat;
#[path = "../src/clean/text/shapes.rs"]
mod shapes;
#[path = "../src/clean/text/whole.rs"]
mod whole;

/// Steps are counted in the product's tests only.
mod clean {
    pub mod work {
        pub fn note(_steps: usize) {}
    }
}

fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for row in std::io::stdin().lock().lines() {
        let value: serde_json::Value = serde_json::from_str(&row.unwrap()).unwrap();
        let text = value["text"].as_str().unwrap();
        let lines = lines::split(text).list;
        let hits = phrases::find(text, &lines);
        let shapes = shapes::shapes(text, &lines);
        let all: Vec<u32> = (0..lines.len() as u32).collect();
        let repeats = repeat::find(text, &lines, &repeat::sentences(text, &lines), &all);
        let gone = repeat::collapse(text, &lines, &repeats, &all);
        let kept: Vec<u32> = all.iter().copied().filter(|&i| !gone[i as usize]).collect();
        let repeats: Vec<_> = kept.iter().map(|&i| repeats[i as usize]).collect();
        let around = features::around(&lines, &shapes, &repeats, &hits, &kept);
        let head = [kept.len() as u32, features::WIDTH as u32];
        head.iter().for_each(|n| out.write_all(&n.to_le_bytes()).unwrap());
        for &i in &kept {
            out.write_all(&(lines[i as usize].start as u32).to_le_bytes()).unwrap();
            out.write_all(&(lines[i as usize].end as u32).to_le_bytes()).unwrap();
        }
        let mut own = [0.0; features::OWN];
        for (&i, around) in kept.iter().zip(&around) {
            let i = i as usize;
            features::own(&lines[i], &shapes.lines[i], &hits[i], &mut own);
            let row = own.iter().chain(around);
            row.for_each(|n| out.write_all(&n.to_le_bytes()).unwrap());
        }
    }
}
