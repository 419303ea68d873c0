//! How often a run is taken up again.
//!
//! In: what an attempt ended with. Out: that the run is taken up again, or what it ends with. Always: once an attempt has been assembled,
//! whatever ends the run names its id.

use super::super::CommandError;
use crate::failure::Failure;
use crate::replay::RunId;

/// Attempts in a row that came no further after which the replay gives up; a start under the same run id goes on.
const ATTEMPTS_MAX: u32 = 10;

/// The attempts of one run.
#[derive(Debug)]
pub(super) struct Attempts {
    run: RunId,
    /// Those that came no further.
    count: u32,
    has_begun: bool,
}

impl Attempts {
    pub(super) fn new(run: RunId) -> Self {
        Self {
            run,
            count: 0,
            has_begun: false,
        }
    }

    /// An attempt begins to read.
    pub(super) fn begun(&mut self) {
        self.has_begun = true;
    }

    /// An attempt could not be assembled. The first one has failed as a start does; before a later one the brokers may be away once more.
    pub(super) fn not_assembled(&mut self, error: CommandError) -> Result<(), CommandError> {
        if !self.has_begun {
            return Err(error);
        }
        let may_pass = matches!(&error, CommandError::Start(failure) if !failure.is_denied);
        self.again(may_pass, false, &error.to_string())
    }

    /// An attempt has failed. It may be made again after an abort.
    pub(super) fn failed(&mut self, failure: &Failure, is_abort: bool, is_ahead: bool) -> Result<(), CommandError> {
        self.again(is_abort, is_ahead, &failure.message)
    }

    fn again(&mut self, may_pass: bool, is_ahead: bool, why: &str) -> Result<(), CommandError> {
        self.count = if is_ahead { 1 } else { self.count + 1 };
        if !may_pass || self.count >= ATTEMPTS_MAX {
            return Err(self.interrupted(why).into());
        }
        tracing::warn!(error = why, "taking the run up again");
        Ok(())
    }

    /// The run ends before its range does.
    pub(super) fn interrupted(&self, why: &str) -> Failure {
        let id = self.run.as_str();
        let hint = format!("what is published is whole; the same command with `--run-id {id}` goes on from there");
        Failure::new(format!("{why}\nhint: {hint}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> CommandError {
        CommandError::Start(Failure::new("the brokers are away"))
    }

    fn attempts() -> Attempts {
        Attempts::new("week-47".parse().unwrap())
    }

    /// It ends with status 1 and names the run.
    fn assert_interrupted(ended: Result<(), CommandError>, why: &str) {
        let error = ended.unwrap_err();
        assert_eq!(error.exit_status(), 1);
        let words = error.to_string();
        assert!(
            words.starts_with(why) && words.contains("`--run-id week-47`"),
            "{words}"
        );
    }

    #[test]
    fn only_the_first_attempt_fails_as_a_start_does() {
        let mut attempts = attempts();
        assert_eq!(attempts.not_assembled(away()).unwrap_err().exit_status(), 3);
        attempts.begun();
        for _ in 1..ATTEMPTS_MAX {
            attempts.not_assembled(away()).unwrap();
        }
        assert_interrupted(attempts.not_assembled(away()), "the brokers are away");
    }

    #[test]
    fn attempts_are_counted_from_the_last_commit() {
        let (mut attempts, aborted) = (attempts(), Failure::new("aborted"));
        attempts.begun();
        for _ in 0..3 {
            attempts.failed(&aborted, true, true).unwrap();
            for _ in 2..ATTEMPTS_MAX {
                attempts.not_assembled(away()).unwrap();
            }
        }
        assert_interrupted(attempts.failed(&aborted, true, false), "aborted");
    }

    #[test]
    fn no_poison_each_article_that_is_refused_is_a_step_ahead() {
        let (mut attempts, refused) = (attempts(), Failure::new("too large"));
        attempts.begun();
        for _ in 0..5 * ATTEMPTS_MAX {
            attempts.failed(&refused, true, true).unwrap();
        }
    }

    #[test]
    fn what_does_not_pass_ends_the_run_at_once_and_names_it() {
        let mut attempts = attempts();
        attempts.begun();
        let denied = CommandError::Start(Failure {
            is_denied: true,
            ..Failure::new("not allowed")
        });
        assert_interrupted(attempts.not_assembled(denied), "not allowed");
        assert_interrupted(attempts.not_assembled(CommandError::Usage("no room".into())), "no room");
        assert_interrupted(attempts.failed(&Failure::new("too large"), false, true), "too large");
    }
}
