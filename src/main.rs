//! The executable.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|verb| verb == greenroom::edge::guard::SUBCOMMAND) {
        return greenroom::edge::guard::guard_main(args);
    }
    ExitCode::SUCCESS
}
