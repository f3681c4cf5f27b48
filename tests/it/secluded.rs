//! What the other users of a computer can reach while a private PostgreSQL runs (C2).

use std::fs;
use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use crate::support::needs::{has, skip};

/// Looks around while the server runs, and says what it sees, a line each.
const LOOK: &str = r#"
dir=${DATABASE_URL#*host=}; dir=${dir%%&*}
secret=${DATABASE_URL#*greenroom:}; secret=${secret%%@*}
echo "mode $(stat -c %a "$dir")"
echo "socket $(stat -c %F "$dir/.s.PGSQL.5432")"
grep -rlF "$secret" "$dir" >/dev/null 2>&1 && echo "password on disk"
psql=$(command -v psql || ls /usr/lib/postgresql/*/bin/psql | tail -1)
echo "asked $("$psql" "$DATABASE_URL" -Atc 'select 6 * 7')"
echo "listens on '$("$psql" "$DATABASE_URL" -Atc 'show listen_addresses')'"
echo "without a password: $("$psql" -w "host=$dir user=greenroom dbname=other" -Atc 'select 1' 2>&1 | grep -c 'no password supplied')"
if [ "$(id -u)" = 0 ]; then
    other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
    other ls "$dir" >/dev/null 2>&1 && echo "another user lists it"
    other "$psql" "$DATABASE_URL" -Atc 'select 1' >/dev/null 2>&1 && echo "another user is let in"
    echo "tried as another user"
fi
echo looked
"#;

#[test]
fn c2_no_other_user_reaches_the_private_postgresql() {
    if !Path::new("/usr/lib/postgresql").is_dir() && !has("initdb") {
        return skip("PostgreSQL");
    }
    let home = TempDir::new().unwrap();
    // Temporary files are in a place of the test's own, which everybody may enter, as /tmp is.
    let place = TempDir::new().unwrap();
    for folder in [home.path(), place.path()] {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    }
    fs::write(home.path().join("look.sh"), LOOK).unwrap();
    let output = Command::new(cargo_bin("greenroom"))
        .args(["probe", "--postgresql", "--only=plain", "--seconds=20", "--", "sh", "look.sh"])
        .current_dir(home.path())
        .env("HOME", home.path())
        .env("TMPDIR", place.path())
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for line in ["mode 700", "socket socket", "asked 42", "listens on ''", "without a password: 1", "looked"]
    {
        assert!(said.contains(line), "no {line:?} in:\n{said}");
    }
    for line in ["password on disk", "another user lists", "another user is let in"] {
        assert!(!said.contains(line), "{line:?} in:\n{said}");
    }
    if rustix::process::geteuid().is_root() {
        assert!(said.contains("tried as another user"), "{said}");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "something is left behind");
}
