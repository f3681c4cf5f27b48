//! What a lock file may hold, and what it may not.

use super::*;
use crate::requirement::text;

const HASH: &str = "--hash=sha256:b5d2d9e35295065d13b1927b3f19a59bd119f737aa6299def14ccca1ae3c8c0d";

fn wrong(text: &str) -> String {
    let problems = read("demos/locks/requirements.txt", text.as_bytes()).unwrap_err();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_uv_and_pip_compile_write_is_read_and_written_anew() {
    let source = format!(
        "\u{feff}# made by\r\n#    uv pip compile --index-url https://example.org\r\nDjango==6.1.3 \\\r\n    {HASH} \\\r\n    \
         {HASH}\r\n    # via -r requirements.in\n\nuvloop==0.23.0 ; python_full_version >= '3.13' and (sys_platform != \
         \"win32\" or os_name not in 'a b') \\\n\t{HASH}  # via x\na==1;python_version<'4' {HASH}\na==2 ; \
         python_version >= '4' {HASH}"
    );
    let entries = read("r", source.as_bytes()).unwrap();
    let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
    let expected = [
        "Django==6.1.3",
        "uvloop==0.23.0 ; python_full_version >= '3.13' and ( sys_platform != \"win32\" or os_name not in 'a b' )",
        "a==1 ; python_version < '4'",
        "a==2 ; python_version >= '4'",
    ];
    assert_eq!(lines, expected);
    assert_eq!(entries[0].hashes.len(), 1);
    let again = text(&entries);
    assert!(again.starts_with(&format!("Django==6.1.3 \\\n    {HASH}\nuvloop")), "{again}");
    assert_eq!(read("r", again.as_bytes()).unwrap(), entries, "what is written anew says the same");
    assert_eq!(read("r", b"# nothing\n\n").unwrap(), []);
}

/// Lines that are not understood, and what is said of them.
const REFUSED: &[(&str, &str)] = &[
    ("--index-url http://x/${MY_SECRET_TOKEN}/simple", "`--index-url` is an option"),
    ("--index-url http://x/simple", "`--index-url` is an option"),
    ("--index-url=http://x/simple", "`--index-url` is an option"),
    ("-i http://x/simple", "`-i` is an option"),
    ("--extra-index-url http://x", "is an option"),
    ("--find-links ./wheels", "is an option"),
    ("--trusted-host x", "is an option"),
    ("-r ../token", "`-r` is an option"),
    ("-rother.txt", "is an option"),
    ("--requirement=other.txt", "is an option"),
    ("-c constraints.txt", "is an option"),
    ("-e .", "is an option"),
    ("--no-binary :all:", "is an option"),
    ("evil @ http://x/evil-1.0-py3-none-any.whl", "an address"),
    ("evil@http://x/evil-1.0-py3-none-any.whl", "an address"),
    ("evil@file:///x.whl", "an address"),
    ("git+https://x/y.git", "an address"),
    ("http://x/y.whl", "an address"),
    ("./evil.whl", "a path"),
    ("/tmp/evil.whl", "a path"),
    ("..\\evil", "a path"),
    ("evil", "name==version"),
    ("evil>=1", "name==version"),
    ("evil===1", "name==version"),
    ("evil==1.*", "name==version"),
    ("evil==1,==2", "name==version"),
    ("evil == 1", "name==version"),
    ("evil==${V}", "a variable"),
    ("evil[x]==1", "names extras"),
    ("evil==1 other==2", "name==version"),
    ("evil==1 ; extra == 'x'", "no condition"),
    ("evil==1 ;", "no condition"),
    ("evil==1 ; 'a' == 'b'", "no condition"),
    ("evil==1 ; (os_name == 'a'", "no condition"),
    ("evil==1 ; os_name == '${TOKEN}'", "no condition"),
    ("${TOKEN}==1", "a variable"),
    ("$TOKEN==1", "name==version"),
    ("evil==1 ; os_name == 'a", "no condition"),
    ("évil==1", "name==version"),
    ("e\u{202e}vil==1", "name==version"),
];

#[test]
fn h1_nothing_but_packages_with_hashes_is_understood() {
    for &(line, says) in REFUSED {
        for line in [line.to_owned(), format!("{line} {HASH}"), format!("{line} \\\n  {HASH}")] {
            let text = wrong(&format!("good==1 {HASH}\n{line}\n"));
            assert!(text.contains(says), "{line}: {text}");
            assert!(text.starts_with("demos/locks/requirements.txt:2:"), "{line}: {text}");
        }
    }
    assert!(wrong("evil==1\n").contains("`evil==1`") || wrong("evil==1\n").contains("has no hash"));
    for hash in
        ["--hash=sha256:00", "--hash=md5:d41d8cd98f00b204e9800998ecf8427e", "--hash", "--hash=sha512:0"]
    {
        assert!(wrong(&format!("a==1 {hash}")).contains("a hash reads"), "{hash}");
    }
    let text = wrong(&format!("a==1 {HASH} --index-url http://x\n"));
    assert!(text.starts_with("demos/locks/requirements.txt:1:85: `--index-url` is an option"), "{text}");
    assert!(wrong(&format!("a==1 {HASH}\nA==1 {HASH}")).contains("names A twice"));
    assert!(wrong(&format!("a==1 {HASH} # \u{1b}]52;c;x\u{7}")).contains("control character (U+001B)"));
    assert!(wrong(&format!("a==1 \\\r{HASH}")).contains("control character (U+000D)"));
    assert!(read("r", b"a==1 \xff").unwrap_err()[0].message.contains("UTF-8"));
    let many: String = (0..=MAX).fold(String::new(), |text, number| text + &format!("a{number}==1 {HASH}\n"));
    assert!(wrong(&many).contains("more than 5000"));
    assert_eq!(wrong(&"-r x\n".repeat(1000)).lines().count(), MAX_PROBLEMS);
}

#[test]
fn the_built_in_deck_has_such_a_lock_file() {
    let source = include_bytes!("../../../../deck/demos/locks/requirements.txt");
    let entries = read("requirements.txt", source).unwrap();
    assert!(entries.iter().any(|entry| entry.name == "django"), "{entries:?}");
}

proptest::proptest! {
    #[test]
    fn anything_is_read_without_a_panic_and_what_is_read_holds_no_surprise(bytes: Vec<u8>, line in "[ -~\n\\\\]{0,120}") {
        let _ = read("r", &bytes);
        if let Ok(entries) = read("r", format!("{line}\na==1 {HASH}").as_bytes()) {
            let again = text(&entries);
            proptest::prop_assert!(!again.contains(['$', '/', '@', '[']), "{again}");
            proptest::prop_assert_eq!(read("r", again.as_bytes()).unwrap(), entries);
        }
    }
}
