//! Which version of each step made an output.

use schemars::JsonSchema;
use serde::Serialize;

// A field that is added to the output changes the version of the step that fills it.
/// The version of each step. A step's version changes when its output for some article may.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Versions<'a> {
    pub sluice: &'a str,
    pub decode: &'a str,
    pub clean: &'a str,
    pub fingerprint: &'a str,
    pub taxonomy: &'a str,
}
