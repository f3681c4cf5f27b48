//! A run in a few words, for the border of its pane.

use greenroom_base::clock::Elapsed;
use greenroom_base::run::Exit;

/// `text` from a tape's header as part of a title: short, and without control characters.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// `04:05`, or `1:04:05`.
pub(super) fn clock(at: Elapsed) -> String {
    let (hours, minutes, seconds) = (at.secs() / 3600, at.secs() / 60 % 60, at.secs() % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// The end of a run, in a few words.
pub(super) fn says(exit: &Exit) -> String {
    match exit {
        Exit::Status(status) => format!("exit {status}"),
        Exit::Signal(signal) => match signal_name(*signal) {
            Some(name) => format!("killed by {name}"),
            None => format!("killed by signal {signal}"),
        },
        Exit::TimedOut => "time limit reached".to_owned(),
        Exit::Stopped => "stopped".to_owned(),
        Exit::Failed(_) => "not started".to_owned(),
    }
}

/// The names of the signals that have the same number everywhere.
const fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => return None,
    })
}
