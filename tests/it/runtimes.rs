//! Interpreters and environments: real ones, and a uv that is made for each test where it must fail.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::needs::{skip, skip_optional};
use crate::support::place::{Place, locked, said, says, until};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

#[test]
fn interpreters_describe_themselves() {
    let Some(place) = Place::open() else { return };
    let output = place
        .greenroom()
        .args(["doctor", "deck", "--format", "json"])
        .env("GREENROOM_PYTHON", &place.gil)
        .env("GREENROOM_PYTHON_FT", &place.free_threaded)
        .env("PYTHON_GIL", "1")
        .env("DATABASE_URL", "postgres://me:secret@db/x")
        .output()
        .unwrap();
    says(&output, 0, &["PYTHON_GIL=1 is set", "greenroom setup deck"]);
    assert!(!said(&output).contains("secret"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (gil, free) = (&report["runtimes"]["gil"], &report["runtimes"]["free_threaded"]);
    assert_eq!((&gil["free_threaded"], &gil["gil_enabled"]), (&false.into(), &true.into()));
    assert_eq!((&free["free_threaded"], &free["gil_enabled"]), (&true.into(), &false.into()));
    assert_eq!((&gil["origin"], &gil["implementation"]), (&"variable".into(), &"CPython".into()));
    for runtime in [gil, free] {
        let args = runtime["config_args"].as_str().unwrap();
        assert_eq!(runtime["optimized"].as_bool().unwrap(), args.contains("--enable-optimizations"));
    }
}

#[test]
fn a_setup_is_made_once_and_mended() {
    let Some(place) = Place::open() else { return };
    let output = place.setup().output().unwrap();
    says(&output, 0, &["✓ GIL: CPython", "✓ free threaded: CPython", "GIL off", "Ready"]);
    assert_eq!(place.ready(), 2);
    let calls = place.log();
    assert_eq!(calls.len(), 4, "{calls:?}");
    assert!(calls[1].starts_with("pip sync --require-hashes --python "), "{calls:?}");
    says(&place.setup().output().unwrap(), 0, &["Ready"]);
    assert_eq!(place.log().len(), 4, "what is ready is left alone");
    // One that was interrupted has no stamp.
    let envs = fs::read_dir(place.at(".cache/greenroom/envs")).unwrap().flatten();
    let one = envs.map(|entry| entry.path()).find(|path| path.is_dir()).unwrap();
    fs::remove_file(one.join("greenroom.json")).unwrap();
    fs::write(one.join("half"), "").unwrap();
    says(&place.setup().output().unwrap(), 0, &["Ready"]);
    assert_eq!((place.log().len(), one.join("half").exists()), (6, false));
    // Another lock file is another environment.
    fs::write(place.at("deck/demos/locks/requirements.txt"), locked("django==6.1.4")).unwrap();
    says(&place.setup().output().unwrap(), 0, &["Ready"]);
    assert_eq!(place.ready(), 4);
}

#[test]
fn what_goes_wrong_is_told_and_the_rest_stays() {
    let Some(place) = Place::open() else { return };
    for (does, tells) in [
        ("echo '  cause: dns error' >&2; exit 1", "the package index cannot be reached"),
        ("echo 'error: No space left on device (os error 28)' >&2; exit 2", "the disk is full"),
        ("echo 'Hash mismatch for django' >&2; exit 1", "is not the file that the lock file names"),
        ("echo 'odd \x1b[31mthing' >&2; exit 1", "failed\n    odd [31mthing"),
        ("kill -9 $$", "it was killed by signal 9"),
    ] {
        place.uv(does);
        says(&place.setup().output().unwrap(), 1, &[tells]);
        assert_eq!(place.ready(), 0);
    }
    place.uv(":");
    let wrong = place.setup().arg("--python-ft").arg(&place.gil).output().unwrap();
    says(&wrong, 2, &["cannot be used multiple times"]);
    let mut wrong = place.greenroom();
    wrong.args(["setup", "deck", "--yes", "--python"]).arg(&place.gil).arg("--python-ft").arg(&place.gil);
    says(
        &wrong.output().unwrap(),
        1,
        &["✓ GIL", "✗ free threaded: --python-ft ", "it is a GIL build of Python"],
    );
    assert_eq!(place.ready(), 1);
    // Only one of the two, and the other is not to be had.
    let mut one = place.greenroom();
    one.args(["setup", "deck", "--yes"]).env("GREENROOM_PYTHON", &place.gil);
    says(
        &one.output().unwrap(),
        1,
        &["✓ GIL", "could not install one; name one with --python-ft PATH", "dns error"],
    );
    let missing =
        place.greenroom().args(["setup", "deck", "--yes", "--python", "/nowhere/python"]).output().unwrap();
    says(&missing, 1, &["--python /nowhere/python: it cannot be run: No such file"]);
    // Without uv, and without anything that could install it.
    fs::remove_file(place.at("bin/uv")).unwrap();
    let mut bare = place.greenroom();
    bare.args(["setup", "deck", "--yes"]).env("PATH", place.at("bin"));
    says(&bare.output().unwrap(), 1, &["uv is not in PATH, and there is no Python 3.9 or newer"]);
}

#[test]
fn an_interrupted_setup_leaves_nothing_running_and_nothing_ready() {
    let Some(place) = Place::open() else { return };
    place.uv("echo $$ > \"$(dirname \"$0\")/pid\"; sleep 600");
    let child = place.setup().stderr(Stdio::piped()).spawn().unwrap();
    let pid = || fs::read_to_string(place.at("bin/pid")).ok()?.trim().parse().ok().and_then(Pid::from_raw);
    until("the installation", || pid().is_some());
    let uv = pid().unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    says(&output, 130, &["stopped; what was ready stays ready"]);
    assert!(test_kill_process(uv).is_err(), "uv still runs");
    assert_eq!(place.ready(), 0);
    place.uv(":");
    says(&place.setup().output().unwrap(), 0, &["Ready"]);
}

#[test]
fn two_setups_do_not_meet() {
    let Some(place) = Place::open() else { return };
    // The first installation lasts until the second setup waits for it.
    place.uv("while [ ! -e \"$(dirname \"$0\")/go\" ]; do sleep 0.02; done");
    let first = place.setup().stderr(Stdio::piped()).spawn().unwrap();
    until("the first installation", || place.log().len() == 2);
    let mut second = place.setup().stderr(Stdio::piped()).spawn().unwrap();
    let mut heard = String::new();
    let mut stderr = second.stderr.take().unwrap();
    while !heard.contains("waiting for another greenroom setup") {
        let mut part = [0; 256];
        let count = stderr.read(&mut part).unwrap();
        assert!(count > 0, "it did not wait: {heard}");
        heard.push_str(&String::from_utf8_lossy(&part[..count]));
    }
    fs::write(place.at("bin/go"), "").unwrap();
    stderr.read_to_string(&mut heard).unwrap();
    assert!(
        second.wait().unwrap().success() && first.wait_with_output().unwrap().status.success(),
        "{heard}"
    );
    assert_eq!((place.ready(), place.log().len()), (2, 4));
}

/// Makes wheels in `folder` with the standard library: one that is well, one that raises, one that crashes, and one
/// whose C extension says nothing about the GIL.
const WHEELS: &str = r#"
import os, subprocess, sys, sysconfig, zipfile
folder = sys.argv[1]
os.makedirs(folder)

def wheel(name, files, tag="py3-none-any"):
    info = name + "-1.0.dist-info/"
    files = dict(files)
    files[info + "METADATA"] = b"Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n" % name.encode()
    files[info + "WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: " + tag.encode() + b"\n"
    files[info + "RECORD"] = "".join("%s,,\n" % path for path in [*files, info + "RECORD"]).encode()
    with zipfile.ZipFile("%s/%s-1.0-%s.whl" % (folder, name, tag), "w") as out:
        for path, data in files.items():
            out.writestr(path, data)

wheel("quiet", {"quiet/__init__.py": b"print('hello')"})
wheel("raises", {"raises.py": b"raise OSError('no\x1b[1m luck')"})
wheel("crashes", {"crashes.py": b"import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"})
with open(folder + "/locks.c", "w") as out:
    out.write('''#include <Python.h>
static PyModuleDef_Slot slots[] = {{0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "locks._it", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit__it(void) { return PyModuleDef_Init(&def); }
''')
suffix = sysconfig.get_config_var("EXT_SUFFIX")
include = os.path.join(sys.base_prefix, "include", os.path.basename(sysconfig.get_path("include")))
subprocess.run(["cc", "-shared", "-fPIC", "-I" + include, "-o", folder + "/it.so", folder + "/locks.c"], check=True)
with open(folder + "/it.so", "rb") as built:
    wheel("locks", {"locks/__init__.py": b"", "locks/_it" + suffix: built.read()}, "cp314-cp314t-linux_x86_64")
"#;

#[test]
fn a_project_is_judged_by_its_imports() {
    let Some(place) = Place::open() else { return };
    fs::remove_file(place.at("bin/uv")).unwrap();
    let wheels = place.at("wheels");
    let made = Command::new(&place.free_threaded).args(["-I", "-c", WHEELS]).arg(&wheels).output().unwrap();
    if !made.status.success() {
        return skip(&format!("a C compiler and Python's headers: {}", said(&made)));
    }
    let project = place.at("project");
    fs::create_dir_all(&project).unwrap();
    let list =
        "--no-index\n--find-links ../wheels\nquiet >= 1\nraises # a comment\ncrashes\nlocks\nnowhere\n-e .\n";
    fs::write(project.join("requirements.txt"), list.replace("../wheels", wheels.to_str().unwrap())).unwrap();
    let mut unasked = place.greenroom();
    unasked.args(["doctor", "--project", "project", "--python-ft"]).arg(&place.free_threaded);
    says(&unasked.output().unwrap(), 2, &["imports them", "  quiet>=1", "--yes agrees to it"]);
    // uv is kept from one run of this test to the next.
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    let mut command = place.greenroom();
    command.args(["doctor", "--project", "project", "--yes", "--format", "json", "--python-ft"]);
    command.arg(&place.free_threaded).env("XDG_CACHE_HOME", &cache);
    for inherited in ["PATH", "PIP_INDEX_URL", "PIP_CERT", "PIP_FIND_LINKS", "HTTPS_PROXY", "SSL_CERT_FILE"] {
        command.envs(std::env::var_os(inherited).map(|value| (inherited, value)));
    }
    let output = command.output().unwrap();
    if said(&output).contains("installing uv") && output.stdout.is_empty() {
        return skip_optional(&format!("uv or the package index: {}", said(&output)));
    }
    says(&output, 1, &[]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let packages = report["packages"].as_array().unwrap();
    let found: Vec<_> =
        packages.iter().map(|one| ["package", "wheel", "verdict"].map(|key| text(one, key))).collect();
    let expected = [
        ["crashes", "pure", "crashes"],
        ["locks", "built, cp314t", "switches-on"],
        ["nowhere", "-", "does-not-install"],
        ["quiet", "pure", "stays-off"],
        ["raises", "pure", "fails-to-import"],
    ];
    assert_eq!(found, expected.map(|row| row.map(str::to_owned)));
    let detail = |name: &str| text(packages.iter().find(|one| one["package"] == name).unwrap(), "detail");
    assert_eq!(detail("locks"), "locks._it");
    assert_eq!(detail("crashes"), "crashes: signal 11");
    assert_eq!(detail("raises"), "raises: OSError: no[1m luck");
    assert_eq!(report["notes"][0], "left out: -e .");
    let left = fs::read_dir(cache.join("greenroom/envs")).unwrap().flatten();
    assert_eq!(left.filter(|entry| entry.file_name().to_string_lossy().starts_with("project-")).count(), 0);
}
