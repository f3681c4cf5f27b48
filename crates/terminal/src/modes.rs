//! A terminal's modes, by the C library: it asks as every kernel and emulator knows. `rustix` asks Linux for more than that (`TCGETS2`, any
//! speed of a line), which qemu's emulation of Linux does not have.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// The modes of a terminal.
#[derive(Clone, Copy)]
pub(crate) struct Modes(libc::termios);

impl Modes {
    /// Those of `terminal`.
    ///
    /// # Errors
    /// What the system says, as when it is none.
    pub(crate) fn of(terminal: BorrowedFd<'_>) -> io::Result<Self> {
        // SAFETY: the structure is plain numbers, which the call fills in; the descriptor is borrowed.
        unsafe {
            let mut modes: libc::termios = std::mem::zeroed();
            if libc::tcgetattr(terminal.as_raw_fd(), &raw mut modes) != 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(Self(modes))
        }
    }

    /// The same, but every byte comes as it is typed, and leaves as it is written.
    pub(crate) fn raw(mut self) -> Self {
        // SAFETY: changes the structure that it is given.
        unsafe { libc::cfmakeraw(&raw mut self.0) };
        self
    }

    /// Whether bytes are neither gathered to lines nor made signals of, and leave as they are written.
    pub(crate) fn is_raw(&self) -> bool {
        self.0.c_lflag & (libc::ICANON | libc::ISIG) == 0 && self.0.c_oflag & libc::OPOST == 0
    }

    /// Sets them at once.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn set(&self, terminal: BorrowedFd<'_>) -> io::Result<()> {
        // SAFETY: the descriptor is borrowed, and the structure is a whole one.
        let done = unsafe { libc::tcsetattr(terminal.as_raw_fd(), libc::TCSANOW, &raw const self.0) };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

impl std::fmt::Debug for Modes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Modes").field(&self.0.c_iflag).field(&self.0.c_oflag).field(&self.0.c_lflag).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn modes_are_read_changed_and_given_back() {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let terminal = std::fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let before = Modes::of(terminal.as_fd()).unwrap();
        assert!(!before.is_raw());
        before.raw().set(terminal.as_fd()).unwrap();
        assert!(Modes::of(terminal.as_fd()).unwrap().is_raw());
        before.set(terminal.as_fd()).unwrap();
        assert_eq!(format!("{:?}", Modes::of(terminal.as_fd()).unwrap()), format!("{before:?}"));
        let (pipe, _) = std::io::pipe().unwrap();
        assert!(Modes::of(pipe.as_fd()).is_err());
    }
}
