//! No-poison: what the fuzzer asserts of any bytes holds of every sample, of each cut short, and of several in one input. The fuzzer
//! itself is in `fuzz/`, a workspace of its own; this also keeps its checks compiling.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(dead_code, unreachable_pub, reason = "the library of another workspace")]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use fuzz::{BETWEEN, checks};

fn samples() -> Vec<Vec<u8>> {
    let files = std::fs::read_dir("samples").unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 30, "the samples are not there");
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn check(data: &[u8]) {
    checks::decode(data);
    checks::pipeline(data);
    checks::memory(data);
}

#[test]
fn no_poison_in_any_sample_whole_or_cut_short() {
    for sample in samples() {
        for part in 1..=4 {
            check(&sample[..sample.len() * part / 4]);
        }
    }
}

#[test]
fn no_poison_in_several_samples_of_one_input() {
    for pair in samples().windows(3) {
        check(&pair.join(BETWEEN));
    }
}
