//! Scenarios of benches, and what is wrong with them.

use super::*;

const GOOD: &str = r#"title: pure Python
directory: site
path: /cpu/
identity: /healthz
check: {contains: "done"}
load: {connections: 16}
prepare:
  - [python, manage.py, migrate]
variants:
  - name: GIL threads
    runtime: gil
    command: [granian, --uds, "{socket}", "site.wsgi:application"]
  - name: Node
    command: [env, "PORT={port}", node, server.js, '{"a": 1}']
"#;

fn read(yaml: &str) -> greenroom_base::diag::Warned<greenroom_deck::Scenario> {
    super::super::scenario(&MemoryFiles::new().with("demos/b.yaml", yaml.to_owned()), "demos/b.yaml")
}

fn said(yaml: &str) -> String {
    read(yaml).problems.iter().map(|problem| problem.render(false)).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_scenario_is_read_as_it_is_written() {
    let read = read(GOOD);
    assert!(read.problems.is_empty(), "{}", said(GOOD));
    assert_eq!((read.value.path.as_str(), read.value.load.connections), ("/cpu/", 16));
    assert_eq!(read.value.variants.len(), 2);
    assert_eq!(read.value.variants[1].command[1], "PORT={port}");
    assert_eq!(read.value.check.status, 200);
    let untitled = super::super::scenario(&MemoryFiles::new().with("b.yaml", "path: /"), "b.yaml");
    assert_eq!(untitled.value.title, "b");
}

#[test]
fn every_mistake_in_a_scenario_has_its_place() {
    let yaml = r#"titel: X
directory: ../..
path: cpu
identity: /heal thz
check: {status: 99, contians: x}
load: {connections: 0}
prepare: [[], python x.py]
env: {PORT: 8000}
variants:
  - name: one
    runtime: freethreaded
    command: [granian, --port, "{prot}"]
  - name: one
    command: [granian, "{port}", "{workers}"]
  - command: []
  - name: three
    against: oen
    command: [granian, --port, "8000"]
    path: x
  - name: a name that nobody could read on a slide beside others
    command: ["{socket}"]
  - {name: five, command: ["{socket}"]}
  - {name: six, command: ["{socket}"]}
"#;
    insta::assert_snapshot!(said(yaml));
    assert_eq!(read(yaml).value.variants.len(), 6);
    assert_eq!(read(yaml).value.load.connections, 8);
}

#[test]
fn scenarios_that_are_none() {
    let all = [
        "",
        "just text",
        "variants: []\npath: /\n",
        "path: /\nvariants:\n  - {name: a, command: [\"{port}\"]}\n",
        "a: [b",
    ];
    let missing = super::super::scenario(&MemoryFiles::new().with("bench.yaml", ""), "bnch.yaml");
    let missing = missing.problems.iter().map(|problem| problem.render(false));
    let said = all.iter().map(|yaml| format!("{yaml:?}\n{}", said(yaml))).chain(missing);
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n\n\n"));
}

#[test]
fn a_deck_knows_the_scenarios_that_its_demos_name() {
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\nsections: [{title: A, file: a.md}]\ndemos:\n  b: {kind: bench, scenario: demos/b.yaml}\n")
        .with("a.md", "# A\n```pane\nkind: bench\nscenario: broken.yaml\n```\n")
        .with("broken.yaml", "pathh: /\n")
        .with("demos/b.yaml", GOOD);
    let deck = super::super::deck(&files, "talk.yaml");
    assert_eq!(deck.scenarios["demos/b.yaml"].variants[0].name, "GIL threads");
    let places: Vec<String> =
        deck.problems.iter().map(|problem| problem.place.as_ref().unwrap().to_string()).collect();
    assert!(places.iter().all(|place| place.starts_with("broken.yaml:1:")), "{}", printed(&deck));
    assert!(printed(&deck).contains("did you mean `path`?"), "{}", printed(&deck));
}

#[test]
fn the_schema_of_scenarios_is_up_to_date() {
    let schema = super::super::scenario_schema();
    assert!(
        schema == include_str!("../../../../assets/scenario.schema.json"),
        "assets/scenario.schema.json is out of date; it should be:\n{schema}"
    );
}
