//! What Greenroom starts itself again with: options as arguments, so that both sides of such a start use one type.
//!
//! Each function takes its options apart, field by field: one that is added cannot be forgotten here.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::ValueEnum;

use super::{Bench, DEFAULT_SECONDS, Labelled, Probe, Pythons, Setup};

impl Bench {
    /// The arguments that are read as these options.
    #[must_use]
    pub fn to_args(&self) -> Vec<OsString> {
        let Self {
            scenario,
            compare,
            on,
            setup,
            protocol,
            launches,
            open,
            rate,
            profile,
            load,
            json,
            output,
            pythons,
        } = self;
        let mut words = Words::of("bench");
        words.flag("--json", *json);
        words.number("--protocol", Some(name(protocol)));
        words.number("--launches", *launches);
        words.number("--open", *open);
        words.number("--rate", *rate);
        words.number("--profile", *profile);
        words.number("--load", load.as_ref().map(name));
        words.text("--on", on.as_ref());
        words.flag("--setup", *setup);
        words.text("--output", output.as_ref());
        words.pythons(pythons);
        if let [first, second] = compare.as_slice() {
            // Two values of one option cannot be tied to it; what begins with a dash is no option as a path.
            words.0.extend(["--compare".into(), as_path(first), as_path(second)]);
        }
        words.place(scenario.as_deref())
    }
}

impl Probe {
    /// The arguments that are read as these options.
    #[must_use]
    pub fn to_args(&self) -> Vec<OsString> {
        let Self {
            command,
            seconds,
            runs,
            limit,
            only,
            beside,
            beside_requirements,
            requirements,
            postgresql,
            title,
            json,
            output,
            pythons,
        } = self;
        let mut words = Words::of("probe");
        words.flag("--json", *json);
        #[allow(clippy::float_cmp)] // set to exactly this unless somebody asks for another
        words.number("--seconds", Some(*seconds).filter(|seconds| *seconds != DEFAULT_SECONDS));
        words.number("--runs", *runs);
        words.number("--limit", *limit);
        words.pythons(pythons);
        words.text("--title", title.as_ref());
        words.text("--output", output.as_ref());
        words.flag("--postgresql", *postgresql);
        for column in only {
            words.text("--only", Some(name(column)));
        }
        words.text("--requirements", requirements.as_ref());
        for (option, values) in [("--beside", beside), ("--beside-requirements", beside_requirements)] {
            for Labelled { label, value } in values {
                words.text(option, Some(format!("{label}={value}")));
            }
        }
        words.0.push("--".into());
        words.0.extend(command.iter().map(OsString::from));
        words.0
    }
}

impl Setup {
    /// The arguments that are read as these options.
    #[must_use]
    pub fn to_args(&self) -> Vec<OsString> {
        let Self { deck, allow_build, yes, agreed, pythons } = self;
        let mut words = Words::of("setup");
        words.flag("--allow-build", *allow_build);
        words.flag("--yes", *yes);
        words.number("--agreed", agreed.as_ref());
        words.pythons(pythons);
        words.place(deck.as_deref())
    }
}

/// The name by which `value` is read.
fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn as_path(path: &Path) -> OsString {
    if path.as_os_str().as_encoded_bytes().starts_with(b"-") {
        Path::new(".").join(path).into()
    } else {
        path.into()
    }
}

/// Arguments, as they come to be.
struct Words(Vec<OsString>);

impl Words {
    fn of(verb: &str) -> Self {
        Self(vec![verb.into()])
    }

    fn flag(&mut self, option: &str, is: bool) {
        self.0.extend(is.then(|| option.into()));
    }

    /// An option whose value never begins with a dash.
    fn number(&mut self, option: &str, value: Option<impl ToString>) {
        self.0.extend(value.into_iter().flat_map(|value| [option.into(), value.to_string().into()]));
    }

    /// An option with any text or path.
    fn text(&mut self, option: &str, value: Option<impl AsRef<OsStr>>) {
        self.0.extend(value.map(|value| {
            let mut word = OsString::from(option);
            word.push("=");
            word.push(value);
            word
        }));
    }

    fn pythons(&mut self, Pythons { python, python_ft }: &Pythons) {
        self.text("--python", python.as_ref());
        self.text("--python-ft", python_ft.as_ref());
    }

    /// With a place, which is first among the arguments unless it would be taken for an option.
    fn place(mut self, place: Option<&Path>) -> Vec<OsString> {
        match place {
            Some(place) if place.as_os_str().as_encoded_bytes().starts_with(b"-") => {
                self.0.extend(["--".into(), place.into()]);
            }
            Some(place) => self.0.insert(1, place.into()),
            None => {}
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::Parser;
    use proptest::prelude::*;

    use super::super::{Cli, ColumnName, Command, LoadName, ProtocolName};
    use super::*;

    fn read(args: Vec<OsString>) -> Option<Command> {
        let line = std::iter::once(OsString::from("greenroom")).chain(args);
        Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{error}")).command
    }

    /// Anything that may stand for a path, also what looks like an option.
    fn path() -> impl Strategy<Value = PathBuf> {
        "-{0,2}[a-z /='\"\u{e4}-]{1,12}".prop_map(PathBuf::from)
    }

    fn pythons() -> impl Strategy<Value = Pythons> {
        let one = || proptest::option::of(path());
        (one(), one()).prop_map(|(python, python_ft)| Pythons { python, python_ft })
    }

    fn labelled() -> impl Strategy<Value = Vec<Labelled>> {
        let one = ("-{0,2}[a-z \u{e4}]{1,9}", "-{0,2}[a-z =/\u{e4}]{1,9}");
        let one = one.prop_map(|(label, value)| Labelled { label, value });
        proptest::collection::vec(one, 0..3)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_bench_is_read_as_it_was_written(
            scenario in path(),
            protocol in prop_oneof![Just(ProtocolName::Quick), Just(ProtocolName::Stage), Just(ProtocolName::Full)],
            (open, profile) in (proptest::option::of(1..=3600_u32), proptest::option::of(1..=600_u32)),
            launches in proptest::option::of(1..=50_u32),
            rate in proptest::option::of(0.5..1e6_f64),
            load in proptest::option::of(prop_oneof![Just(LoadName::Oha), Just(LoadName::Wrk), Just(LoadName::K6)]),
            on in proptest::option::of("ssh:[a-z@-]{1,9}"),
            (setup, json) in any::<(bool, bool)>(),
            (output, pythons) in (proptest::option::of(path()), pythons()),
        ) {
            let setup = setup && on.is_some();
            let bench = Bench {
                scenario: Some(scenario), compare: Vec::new(), on, setup, protocol, launches, open, rate, profile, load,
                json, output, pythons,
            };
            let Some(Command::Bench(found)) = read(bench.to_args()) else { panic!("no bench") };
            prop_assert_eq!(found, bench);
        }

        #[test]
        fn a_probe_is_read_as_it_was_written(
            command in proptest::collection::vec("-{0,2}[a-z/=\u{e4}-]{1,9}", 1..4),
            seconds in prop_oneof![Just(DEFAULT_SECONDS), 0.1..100.0_f64],
            runs in proptest::option::of(1..=20_u32),
            limit in proptest::option::of(0.1..100.0_f64),
            only in proptest::collection::vec(
                prop_oneof![Just(ColumnName::Gil), Just(ColumnName::GilPlus), Just(ColumnName::FreeThreaded)], 0..3),
            (postgresql, json) in any::<(bool, bool)>(),
            title in proptest::option::of("-{0,2}[a-z =\u{e4}-]{1,9}"),
            (output, pythons) in (proptest::option::of(path()), pythons()),
            (beside, beside_requirements) in (labelled(), labelled()),
            requirements in proptest::option::of("-{0,2}[a-z =/]{1,9}"),
        ) {
            let probe = Probe {
                command, seconds, runs, limit, only, beside, beside_requirements, requirements, postgresql, title, json,
                output, pythons,
            };
            let Some(Command::Probe(found)) = read(probe.to_args()) else { panic!("no probe") };
            prop_assert_eq!(found, probe);
        }

        #[test]
        fn a_setup_is_read_as_it_was_written(
            (deck, agreed) in (proptest::option::of(path()), proptest::option::of("[0-9a-f]{8}")),
            (allow_build, yes) in any::<(bool, bool)>(),
            pythons in pythons(),
        ) {
            let setup = Setup { deck, allow_build, yes, agreed, pythons };
            let Some(Command::Setup(found)) = read(setup.to_args()) else { panic!("no setup") };
            prop_assert_eq!(found, setup);
        }
    }

    #[test]
    fn two_runs_are_compared_whatever_they_are_called() {
        let compare = vec![PathBuf::from("a b"), PathBuf::from("-c")];
        let Some(Command::Bench(found)) = read(Bench { compare, ..Bench::default() }.to_args()) else {
            panic!("no bench")
        };
        assert_eq!(found.compare, [PathBuf::from("a b"), PathBuf::from("./-c")]);
    }
}
