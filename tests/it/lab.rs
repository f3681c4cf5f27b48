//! The lab's README against what its probes said when they were recorded.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use greenroom_bench::probe::{Finding, Kind, ProbeSummary};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deck").join(path)).unwrap()
}

/// What the README's tables say of each probe, a class for each of the three columns.
fn claimed() -> BTreeMap<String, Vec<String>> {
    let class = |cell: &str| {
        let word = cell.trim().trim_start_matches('*').split(['*', ' ', '<']).next().unwrap_or_default();
        ["anomalies", "none", "crash", "hang"].contains(&word).then(|| word.to_owned())
    };
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let [name, _, one, two, three] = cells[..] else { return None };
        let name = name.trim().strip_prefix('`')?.strip_suffix('`')?.to_owned();
        Some((name, [one, two, three].map(class).into_iter().collect::<Option<Vec<_>>>()?))
    };
    read("demos/lab/README.md").lines().filter_map(row).collect()
}

#[test]
fn the_labs_readme_agrees_with_the_recordings() {
    let (claimed, mut compared) = (claimed(), 0);
    assert!(claimed.len() > 20, "{claimed:?}");
    let outline = read("talk.yaml");
    for (script, classes) in &claimed {
        let command = format!("command: [python, demos/lab/{script}.py]");
        let Some((_, rest)) = outline.split_once(&command) else { continue };
        let tape = rest.lines().find_map(|line| line.trim().strip_prefix("tape: ")).unwrap();
        let mut board = ProbeSummary::default();
        read(tape).lines().for_each(|line| board.feed_line(line).unwrap());
        for (kind, claimed) in Kind::PYTHON.into_iter().zip(classes) {
            let column = board.columns.iter().find(|column| column.kind == kind).unwrap();
            let found = match Finding::of(column) {
                Finding::Clean => "none",
                Finding::Anomalies => "anomalies",
                Finding::Crash(_) => "crash",
                Finding::Hang => "hang",
                other => panic!("{tape}: {other:?}"),
            };
            assert_eq!(found, claimed, "{script}, {}: {tape} and the README", kind.name());
            compared += 1;
        }
    }
    assert!(compared >= 24, "only {compared} cells have a recording");
}

#[test]
fn every_probe_of_the_lab_says_what_it_is_about() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deck/demos/lab");
    let readme = read("demos/lab/README.md");
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".py").filter(|stem| !stem.starts_with('_')) else { continue };
        let text = fs::read_to_string(entry.path()).unwrap();
        assert!(text.starts_with("\"\"\""), "{name} has no docstring");
        assert!(readme.contains(&format!("`{stem}`")), "the README says nothing of {name}");
    }
}
