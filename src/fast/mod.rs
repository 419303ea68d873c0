//! What makes the other rooms fast, and knows nothing of articles.
//!
//! Always: the same on every machine as the plain way to do it.

pub(crate) mod bits;
pub(crate) mod eight;
pub(crate) mod forest;
pub(crate) mod hashed;
pub(crate) mod json_text;
pub(crate) mod trees;
