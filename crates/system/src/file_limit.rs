//! Files that may not become larger (`ulimit -f`). The system tells who writes one by a signal that ends the process, and where it does not
//! end, by an error like that of a full disk: that is enough, and somebody is told.

use std::sync::atomic::{AtomicI32, Ordering};

/// The process that sent the last SIGXFSZ; 0 when there was none, or the system does not say.
static SENDER: AtomicI32 = AtomicI32::new(0);

/// From now on a file that may not become larger is an error to who writes it. A program that is started does not inherit this.
pub fn outlive() {
    let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = note;
    // SAFETY: the structure is plain data that is filled in, and the handler does nothing but store a number.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(libc::SIGXFSZ, &raw const action, std::ptr::null_mut());
    }
}

/// Whether another process has sent the last SIGXFSZ, and no file of this one was the reason.
#[must_use]
pub fn was_sent() -> bool {
    let this = rustix::process::getpid().as_raw_nonzero().get();
    ![0, this].contains(&SENDER.load(Ordering::Relaxed))
}

extern "C" fn note(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: the system hands over what it tells of the signal.
    let sender = unsafe { info.as_ref().map_or(0, |info| info.si_pid()) };
    SENDER.store(sender, Ordering::Relaxed);
}
