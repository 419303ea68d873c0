//! The failure that ends a process.

/// The outside world failed in a way that only a restart or an operator can mend.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What was attempted, on which thing, and a hint where there is a remedy.
    pub message: String,
    /// A right is missing: whoever asks again hears the same.
    pub is_denied: bool,
}

impl Failure {
    /// A failure with these words.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            is_denied: false,
        }
    }
}
