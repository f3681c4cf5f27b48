//! What a program is started with, as a value that can be handed to a guard.
//!
//! The methods are those of [`std::process::Command`], which does not tell whether its environment was cleared, and so
//! cannot be handed on.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The system starts no program with more than this in its environment.
const MAX_ENVIRONMENT: usize = 8 * 1024 * 1024;

/// A program, its arguments, where it runs and what changes in its environment.
#[derive(Debug, Clone)]
pub struct Command {
    program: OsString,
    arg0: Option<OsString>,
    args: Vec<OsString>,
    directory: Option<PathBuf>,
    environment: Environment,
}

impl Command {
    /// A name to be looked up in `PATH`, or a path.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref().to_owned();
        Self { program, arg0: None, args: Vec::new(), directory: None, environment: Environment::default() }
    }

    /// The name that it finds itself called by, where that is not the program's. A guard's program always finds its own.
    pub fn arg0(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.arg0 = Some(name.as_ref().to_owned());
        self
    }

    /// One more argument.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// More arguments.
    pub fn args<S: AsRef<OsStr>>(&mut self, args: impl IntoIterator<Item = S>) -> &mut Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Where it runs; here, when nothing is said.
    pub fn current_dir(&mut self, directory: impl AsRef<Path>) -> &mut Self {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// A variable of its environment.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.environment.set(name, value);
        self
    }

    /// Variables of its environment.
    pub fn envs<N: AsRef<OsStr>, V: AsRef<OsStr>>(
        &mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> &mut Self {
        for (name, value) in variables {
            self.environment.set(name, value);
        }
        self
    }

    /// A variable that it does not get from Greenroom.
    pub fn env_remove(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.environment.remove(name);
        self
    }

    /// It gets nothing of Greenroom's environment, but what is set after this.
    pub fn env_clear(&mut self) -> &mut Self {
        self.environment = Environment { cleared: true, changes: BTreeMap::new() };
        self
    }

    /// The program.
    #[must_use]
    pub fn get_program(&self) -> &OsStr {
        &self.program
    }

    /// The name that it finds itself called by, if that was said.
    #[must_use]
    pub(crate) fn get_arg0(&self) -> Option<&OsStr> {
        self.arg0.as_deref()
    }

    /// Its arguments.
    pub(crate) fn get_args(&self) -> impl Iterator<Item = &OsStr> {
        self.args.iter().map(OsString::as_os_str)
    }

    /// What changes in its environment; no value where a variable is removed.
    pub fn get_envs(&self) -> impl Iterator<Item = (&OsStr, Option<&OsStr>)> {
        self.environment.changes.iter().map(|(name, value)| (name.as_os_str(), value.as_deref()))
    }

    /// Where it runs, if that was said.
    #[must_use]
    pub(crate) fn get_current_dir(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// What changes in its environment.
    #[must_use]
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }
}

/// How a program's environment differs from Greenroom's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    cleared: bool,
    /// No value: the variable is removed.
    changes: BTreeMap<OsString, Option<OsString>>,
}

impl Environment {
    /// Sets a variable.
    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.changes.insert(name.as_ref().to_owned(), Some(value.as_ref().to_owned()));
    }

    /// Removes a variable.
    pub fn remove(&mut self, name: impl AsRef<OsStr>) {
        self.changes.insert(name.as_ref().to_owned(), None);
    }

    /// Changes what `command` is started with.
    pub fn apply(&self, command: &mut std::process::Command) {
        if self.cleared {
            command.env_clear();
        }
        for (name, value) in &self.changes {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }

    /// As bytes: their number, a mark, and then each change, ended by a zero byte, which no variable holds.
    ///
    /// # Errors
    /// For a name or a value that the system has no room for.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![if self.cleared { b'=' } else { b'+' }];
        for (name, value) in &self.changes {
            let (name, value) = (name.as_bytes(), value.as_ref().map(|value| value.as_bytes()));
            if name.is_empty()
                || name.contains(&b'=')
                || [name, value.unwrap_or_default()].concat().contains(&0)
            {
                let name = String::from_utf8_lossy(name).escape_default().to_string();
                let message = format!("\"{name}\" cannot be a variable of an environment");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
            bytes.extend_from_slice(name);
            if let Some(value) = value {
                bytes.push(b'=');
                bytes.extend_from_slice(value);
            }
            bytes.push(0);
        }
        if bytes.len() > MAX_ENVIRONMENT {
            return Err(io::Error::new(io::ErrorKind::ArgumentListTooLong, "the environment is too large"));
        }
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        Ok([&length.to_le_bytes(), bytes.as_slice()].concat())
    }

    /// Reads what [`Environment::to_bytes`] has written.
    ///
    /// # Errors
    /// When that is not all there.
    pub(crate) fn read(from: &mut dyn Read) -> io::Result<Self> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?;
        if length > MAX_ENVIRONMENT {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        from.read_exact(&mut bytes)?;
        let (mark, changes) = bytes.split_first().ok_or(io::ErrorKind::InvalidData)?;
        let mut environment = Self { cleared: *mark == b'=', changes: BTreeMap::new() };
        for change in changes.split(|byte| *byte == 0).filter(|change| !change.is_empty()) {
            let at = change.iter().position(|byte| *byte == b'=').unwrap_or(change.len());
            let (name, value) = change.split_at(at);
            let value = value.get(1..).map(|value| OsString::from_vec(value.to_vec()));
            environment.changes.insert(OsString::from_vec(name.to_vec()), value);
        }
        Ok(environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_survives_the_pipe() {
        let mut command = Command::new("x");
        command.env("LOST", "1").env_clear().env("A", "a=b\n\u{1}").env("EMPTY", "").env_remove("GONE");
        command.env("BYTES", OsStr::from_bytes(b"\xff"));
        for environment in [command.environment().clone(), Environment::default()] {
            let bytes = environment.to_bytes().unwrap();
            assert_eq!(Environment::read(&mut bytes.as_slice()).unwrap(), environment);
            assert!(Environment::read(&mut &bytes[..bytes.len() - 1]).is_err());
        }
        for (name, value) in [("", "x"), ("A=B", "x"), ("A\0", "x"), ("A", "\0")] {
            let mut environment = Environment::default();
            environment.set(name, value);
            assert!(environment.to_bytes().is_err(), "{name:?} {value:?}");
        }
    }
}
