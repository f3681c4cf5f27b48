//! The executable: arguments in, exit code out.
#![allow(clippy::disallowed_methods)] // it begins with the arguments

use std::process::ExitCode;

use greenroom::cli::{Cli, Command};
use greenroom::cmd;
use greenroom::decks::pack;
use greenroom_system::{file_limit, say};

fn main() -> ExitCode {
    say::panics_end();
    if let Some(code) = cmd::helper::helper(std::env::args_os().skip(1)) {
        return code;
    }
    // Nothing is done by a packed talk that is not as it was packed.
    if let Err(error) = pack::check_this_program() {
        say::failure(&error);
        return ExitCode::from(1);
    }
    greenroom_system::os::raise_descriptors();
    file_limit::outlive();
    cmd::begin(std::env::args_os().nth(1).as_deref());
    let mut cli: Cli = match say::arguments(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(cli) => cli,
        Err(code) => return ExitCode::from(code),
    };
    if let Err(error) = cmd::take_input(&mut cli) {
        return cmd::failed(&error);
    }
    let result = match cli.command {
        None if cli.about => cmd::pack::about(),
        None => cmd::present::run(&cli.present),
        Some(Command::Present(options)) => cmd::present::run(&options),
        Some(Command::Rehearse(options)) => cmd::rehearse::run(&options),
        Some(Command::Notes(options)) => cmd::notes::run(&options),
        Some(Command::Follow(options)) => cmd::follow::run(&options),
        Some(Command::Bench(options)) => cmd::bench::run(&options),
        Some(Command::Load(options)) => cmd::load::run(&options),
        Some(Command::Probe(options)) => cmd::probe::run(&options),
        Some(Command::Check(options)) => cmd::check::run(&options),
        Some(Command::Preflight(options)) => cmd::preflight::run(&options),
        Some(Command::Export(options)) => cmd::export::run(&options),
        Some(Command::Record(options)) => cmd::record::run(&options),
        Some(Command::Recordings(options)) => cmd::recordings::run(&options),
        Some(Command::Play(options)) => cmd::play::run(&options),
        Some(Command::Schema { what, scenario, theme }) => cmd::texts::schema(what, scenario, theme),
        Some(Command::Config(options)) => cmd::config::run(&options),
        Some(Command::Themes { name }) => cmd::texts::themes(name.as_deref()),
        Some(Command::Setup(options)) => cmd::setup::run(&options),
        Some(Command::Draw(options)) => cmd::draw::run(&options),
        Some(Command::Doctor(options)) => cmd::doctor::run(&options),
        Some(Command::New(options)) => cmd::new::run(&options),
        Some(Command::Pack(options)) => cmd::pack::pack(&options),
        Some(Command::Unpack(options)) => cmd::pack::unpack(&options),
        Some(Command::Completions { shell }) => cmd::texts::completions(shell),
        Some(Command::Man) => cmd::texts::man(),
    };
    result.unwrap_or_else(|error| cmd::failed(&error))
}
