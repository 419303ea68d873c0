//! `sluice demo`.
