//! Packages that are built where that can be, and what is said where it cannot.
#![cfg(target_os = "linux")]

use std::fs;

use crate::support::needs::{has, skip};
use crate::support::place::{Place, locked, says, script};

/// A place whose deck wants psycopg-c built.
fn place() -> Option<Place> {
    let place = Place::open()?;
    fs::write(place.at("deck/demos/locks/sources.txt"), locked("psycopg-c==3.3.8")).unwrap();
    fs::write(place.at("deck/demos/locks/build.txt"), locked("setuptools==83.0.0")).unwrap();
    Some(place)
}

#[test]
fn h1_a_strangers_deck_builds_nothing_unless_somebody_says_so() {
    let Some(place) = place() else { return };
    says(&place.setup().output().unwrap(), 0, &["psycopg-c==3.3.8 is not built", "--allow-build", "Ready"]);
    assert!(place.log().iter().all(|call| !call.contains("pip install")), "{:?}", place.log());
    // Neither may its own lock files say more than packages.
    fs::write(place.at("deck/demos/locks/build.txt"), "--index-url http://127.0.0.1:9/\n").unwrap();
    says(
        &place.setup().arg("--allow-build").output().unwrap(),
        1,
        &["build.txt:1:1", "nothing was installed"],
    );
}

#[test]
fn what_a_build_lacks_is_said_and_the_rest_is_prepared() {
    let Some(place) = place() else { return };
    script(&place.at("bin/pg_config"), "echo /nowhere/include");
    let words =
        ["psycopg-c==3.3.8 is not built: this needs", "/nowhere/include/libpq-fe.h", "libpq-dev", "Ready"];
    says(&place.setup().arg("--allow-build").output().unwrap(), 0, &words);
    assert_eq!(place.ready(), 2);
    // The environments of this uv are links alone, which doctor finds broken.
    says(&place.doctor().output().unwrap(), 1, &["is not built: this needs", "/nowhere/include/libpq-fe.h"]);
}

#[test]
fn what_is_built_is_locked_to_its_tools_and_built_once() {
    let Some(place) = place() else { return };
    if !has("cc") && !has("gcc") {
        return skip("a C compiler");
    }
    script(&place.at("bin/pg_config"), &format!("echo {}", place.at("include").display()));
    fs::create_dir_all(place.at("include")).unwrap();
    fs::write(place.at("include/libpq-fe.h"), "").unwrap();
    let mut unasked = place.greenroom();
    unasked.args(["setup", "deck", "--allow-build"]).env("GREENROOM_PYTHON", &place.gil);
    unasked.env("GREENROOM_PYTHON_FT", &place.free_threaded);
    let asked = ["psycopg-c==3.3.8 from its source", "setuptools==83.0.0 to build it with", "--yes"];
    says(&unasked.output().unwrap(), 2, &asked);
    says(&place.setup().arg("--allow-build").output().unwrap(), 0, &["Ready"]);
    let log = place.log();
    let calls: Vec<&String> = log.iter().filter(|call| call.starts_with("pip install")).collect();
    assert_eq!(calls.len(), 4, "{calls:?}");
    assert!(calls.iter().all(|call| call.contains("--require-hashes --no-deps")), "{calls:?}");
    assert!(
        calls[0].contains("--no-build --python") && calls[1].contains("--no-build-isolation"),
        "{calls:?}"
    );
    says(&place.setup().arg("--allow-build").output().unwrap(), 0, &["Ready"]);
    assert_eq!(place.log().len(), log.len(), "what is built is left alone");
    // A build that fails is a failure, is told, and is tried again.
    fs::write(place.at("deck/demos/locks/sources.txt"), locked("psycopg-c==3.3.9")).unwrap();
    place.uv("echo 'error: gcc failed' >&2; exit 1");
    says(&place.setup().arg("--allow-build").output().unwrap(), 1, &["gcc failed"]);
    place.uv(":");
    says(&place.setup().arg("--allow-build").output().unwrap(), 0, &["Ready"]);
}
