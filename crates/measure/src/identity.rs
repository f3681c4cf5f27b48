//! Who answers: the process, its interpreter, and whether the GIL is on in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::client::{Address, Client};
use greenroom_bench::{Identity, Moment};

/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest text that is taken from an answer.
const MAX_TEXT: usize = 2000;
/// Texts that are taken from an answer.
const MAX_SAYS: usize = 40;

/// What is known of a variant's runtime.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Its version.
    pub python: String,
    /// Whether it is a free-threaded build.
    pub free_threaded: Option<bool>,
    /// Whether it was built with profile-guided optimisation.
    pub optimized: Option<bool>,
    /// Whether it was built with link-time optimisation.
    pub lto: Option<bool>,
    /// Its configure flags.
    pub config_args: String,
    /// Versions of packages.
    pub packages: Vec<(String, String)>,
    /// The interpreter to take its profile with.
    pub profiler: Option<PathBuf>,
}

impl Facts {
    /// Fills in what a worker says of itself.
    pub(crate) fn complete(&mut self, found: Option<WorkerIdentity>) {
        let Some(found) = found else { return };
        if !found.python.is_empty() {
            self.python = found.python;
        }
        self.free_threaded = found.free_threaded.or(self.free_threaded);
        self.optimized = self.optimized.or(found.optimized);
        self.lto = self.lto.or(found.lto);
        if self.packages.is_empty() {
            self.packages = found.packages;
        }
    }
}

/// What a worker says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct WorkerIdentity {
    /// Its process; 0 when it does not say.
    pub pid: u32,
    gil: Option<bool>,
    free_threaded: Option<bool>,
    optimized: Option<bool>,
    lto: Option<bool>,
    python: String,
    packages: Vec<(String, String)>,
    /// Every text at the top of its answer.
    says: BTreeMap<String, String>,
    /// What it says of its settings, as text.
    settings: BTreeMap<String, String>,
}

impl WorkerIdentity {
    /// As a record: with its settings, and with what the scenario verifies.
    #[must_use]
    pub(crate) fn record(
        &self,
        variant: usize,
        moment: Moment,
        verify: &BTreeMap<String, String>,
    ) -> Identity {
        let mut says = self.settings.clone();
        says.extend(verify.keys().filter_map(|key| Some((key.clone(), self.said(key)?.to_owned()))));
        let (pid, gil, free_threaded) = (self.pid, self.gil, self.free_threaded);
        Identity { variant, moment, pid, gil, free_threaded, says }
    }

    fn said(&self, key: &str) -> Option<&str> {
        self.says.get(key).or_else(|| self.settings.get(key)).map(String::as_str)
    }

    /// Why it is not what the scenario says of it, if that is so.
    pub(crate) fn differs(&self, verify: &BTreeMap<String, String>) -> Option<String> {
        let differs = |(key, wanted): (&String, &String)| {
            let said = self.said(key).unwrap_or("nothing");
            (said != wanted).then(|| format!("`{key}` should be {wanted}, and it says {said}"))
        };
        verify.iter().find_map(differs)
    }
}

/// Asks a server who it is; nothing when it does not say in JSON.
pub(crate) fn ask(client: &Client, address: &Address, path: &str) -> Option<WorkerIdentity> {
    let answer = client.once(address, path, ANSWER_TIMEOUT).ok()?;
    Some(read(&serde_json::from_slice(&answer.body).ok()?))
}

fn read(value: &Value) -> WorkerIdentity {
    let flag = |key: &str| value.get(key).and_then(Value::as_bool);
    let plain = |text: &str| -> String { text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect() };
    let text = |value: &Value| plain(value.as_str().unwrap_or_default());
    // A number or a truth is as good as a text; what is null is not set.
    let setting = |value: &Value| match value {
        Value::String(text) => Some(plain(text)),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let settings = value.get("settings").and_then(Value::as_object);
    let packages = value.get("packages").and_then(Value::as_object);
    WorkerIdentity {
        pid: value.get("pid").and_then(Value::as_u64).and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0),
        gil: flag("gil"),
        free_threaded: flag("free_threaded"),
        optimized: flag("optimized"),
        lto: flag("lto"),
        python: value.get("python").map(text).unwrap_or_default(),
        says: value
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| value.is_string())
            .take(MAX_SAYS)
            .map(|(key, value)| (key.clone(), text(value)))
            .collect(),
        settings: settings
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), setting(value)?)))
            .take(MAX_SAYS)
            .collect(),
        packages: packages
            .map(|map| map.iter().take(40).map(|(name, version)| (name.clone(), text(version))).collect())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_is_not_what_the_scenario_says_is_found_out() {
        let found = read(&serde_json::json!({"pid": 7, "psycopg": "python", "gil": true}));
        let verify = |wanted: &str| BTreeMap::from([("psycopg".to_owned(), wanted.to_owned())]);
        assert_eq!(found.differs(&verify("python")), None);
        let why = found.differs(&verify("c")).unwrap();
        assert_eq!(why, "`psycopg` should be c, and it says python");
        let record = found.record(1, Moment::Start, &verify("python"));
        assert_eq!(record.says, verify("python"));
        let silent = WorkerIdentity::default();
        assert!(silent.differs(&verify("c")).unwrap().ends_with("says nothing"));
        assert_eq!(silent.differs(&BTreeMap::new()), None);
    }

    #[test]
    fn settings_are_recorded_and_can_be_verified() {
        let settings =
            serde_json::json!({"debug": false, "optimize": 2, "psycopg": "c", "cache": null, "more": {}});
        let found = read(&serde_json::json!({"pid": 7, "thread": "Thread-3", "settings": settings}));
        let record = found.record(0, Moment::Start, &BTreeMap::new());
        let expected = [("debug", "false"), ("optimize", "2"), ("psycopg", "c")];
        assert_eq!(record.says, expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
        assert_eq!(found.differs(&BTreeMap::from([("debug".to_owned(), "false".to_owned())])), None);
    }
}
