//! Where a command writes, whose reader may have seen enough.
//!
//! In: what is written, and what came of it. Out: a failure where it could not be. Always: a pipe that its reader closed is no failure.

use std::io;

use crate::failure::Failure;

/// What came of writing the output. Whoever reads it may have seen enough, which is no failure.
pub fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("could not write the output: {e}")))
        }
        _ => Ok(()),
    }
}

/// Output of a command whose status tells more than what it writes: once its reader has seen enough and closed the pipe, the rest goes
/// nowhere, and the command ends as it would have.
pub(crate) struct UntilClosed<W> {
    out: W,
    is_closed: bool,
}

impl<W: io::Write> UntilClosed<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, is_closed: false }
    }

    fn unless_closed<T>(&mut self, instead: T, write: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if self.is_closed {
            return Ok(instead);
        }
        match write(&mut self.out) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(instead)
            }
            result => result,
        }
    }
}

impl<W: io::Write> io::Write for UntilClosed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), io::Write::flush)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Takes so many bytes, then gives this error.
    struct Full(usize, io::ErrorKind);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(self.1.into());
            }
            let count = bytes.len().min(self.0);
            self.0 -= count;
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            if self.0 == 0 { Err(self.1.into()) } else { Ok(()) }
        }
    }

    #[test]
    fn what_nobody_reads_any_more_goes_nowhere_and_a_full_disk_is_told() {
        let mut closed = UntilClosed::new(Full(3, io::ErrorKind::BrokenPipe));
        assert!(closed.write_all(b"a report").and_then(|()| closed.flush()).is_ok());
        let mut full = UntilClosed::new(Full(3, io::ErrorKind::StorageFull));
        let told = full.write_all(b"a report").unwrap_err();
        assert_eq!(told.kind(), io::ErrorKind::StorageFull);
        assert!(written(Err(told)).is_err());
    }
}
