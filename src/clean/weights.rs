//! Files of weights that the cleaning was fitted to: those that ship, or others in their place, which were fitted without some sites.
//!
//! In: a file's name. Out: its bytes. Always: the same ones for as long as the process lives.

use std::collections::BTreeMap;
use std::sync::OnceLock;

static OTHERS: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();

/// Clean with these files, by their names (`first.bin`, `weights.bin`, …), instead of those that ship. For `tools/cross_validate.py`.
///
/// # Errors
/// The files, where others were named before.
pub fn take(files: BTreeMap<String, Vec<u8>>) -> Result<(), BTreeMap<String, Vec<u8>>> {
    OTHERS.set(files)
}

/// The file of this name, which ships with these bytes.
pub(super) fn file(name: &str, ships: &'static [u8]) -> &'static [u8] {
    let other = OTHERS.get().and_then(|others| others.get(name));
    other.map_or(ships, Vec::as_slice)
}
