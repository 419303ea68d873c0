//! Low-level helpers that make the other rooms fast: classes of bytes eight at a time, hash maps and filters, short patterns, JSON, ensembles of trees. They know nothing of articles.
//!
//! Always: the same on every machine as the plain way to do it.

pub(crate) mod bits;
pub(crate) mod eight;
pub(crate) mod filter;
pub(crate) mod forest;
pub(crate) mod hashed;
pub(crate) mod heads;
pub(crate) mod json_object;
pub(crate) mod json_text;
pub(crate) mod keep;
pub(crate) mod trees;
