//! A trial of one row: what happens is done, and the four judgements are made.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use greenroom::practice::Practice;
use rustix::process::{Signal, kill_process};
use tempfile::TempDir;

use super::processes::{self, MARK, marked, with_role};
use super::pty::{Pty, SIZE};
use super::row::{Do, GoesOn, Kept, Role, Row, Told};
use crate::support::needs::{require, skip};
use crate::support::{unique, write_executable};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long what a killed talk leaves may live on.
const LEFT: Duration = Duration::from_secs(20);
/// Where a test is told that it has a disk of its own to mount things in.
const MOUNTS: &str = "GREENROOM_TEST_MOUNTS";
/// What makes such a place, without being root.
const UNSHARE: [&str; 3] = ["--map-root-user", "--mount", "--"];

/// Tries the row of the test at `path`.
pub(super) fn run(rows: &[Row], path: &str) {
    let (module, name) = path.rsplit_once("::").unwrap();
    let row = rows.iter().find(|row| row.name == name).unwrap();
    if !row.needs.iter().all(|program| require(program)) {
        return;
    }
    if row.disk.is_some() && std::env::var_os(MOUNTS).is_none() {
        let (_, module) = module.split_once("::").unwrap();
        return with_mounts(&format!("{module}::{name}"));
    }
    let mut trial = Trial::of(row);
    for step in row.steps {
        trial.perform(step);
    }
    trial.person_is_told();
    trial.talk_goes_on();
    trial.nothing_is_left();
    trial.nothing_is_lost();
}

/// Runs this test again where it may mount a disk that nobody else sees.
fn with_mounts(test: &str) {
    if !Command::new("unshare").args(UNSHARE).arg("true").status().is_ok_and(|status| status.success()) {
        return skip("to mount a disk (unshare --map-root-user --mount)");
    }
    let mut again = Command::new("unshare");
    again.args(UNSHARE).arg(std::env::current_exe().unwrap()).args(["--exact", test]).env(MOUNTS, "1");
    let output = again.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

struct Trial<'a> {
    row: &'a Row,
    home: TempDir,
    mark: String,
    /// The stage's terminal.
    stage: Option<Pty>,
    /// The presenter view's.
    view: Option<Pty>,
    /// A port that somebody else has.
    taken: Option<TcpListener>,
    /// The deck as it was.
    before: BTreeMap<PathBuf, Vec<u8>>,
}

impl<'a> Trial<'a> {
    fn of(row: &'a Row) -> Self {
        let (home, mark) = (tempfile::tempdir().unwrap(), unique("fault"));
        let mut trial =
            Self { row, home, mark, stage: None, view: None, taken: None, before: BTreeMap::new() };
        for folder in ["deck", "state", "data", "cache", "config", "run", "tmp", "out"] {
            fs::create_dir(trial.at(folder)).unwrap();
        }
        fs::set_permissions(trial.at("run"), fs::Permissions::from_mode(0o700)).unwrap();
        if let Some(disk) = row.disk {
            let mut mount = Command::new("mount");
            mount.args(["-t", "tmpfs", "-o", "size=512k", "small"]).arg(trial.at(disk));
            assert!(mount.status().unwrap().success());
        }
        if row.steps.iter().any(|step| matches!(step, Do::TakePort)) {
            trial.taken = Some(TcpListener::bind("127.0.0.1:0").unwrap());
        }
        let outline = format!("title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n{}\n", row.demos);
        for (path, text) in [("deck/talk.yaml", &*outline), ("deck/s.md", row.slides)].iter().chain(row.files)
        {
            trial.write(path, text);
        }
        if row.steps.iter().any(|step| matches!(step, Do::Clock(_))) {
            trial.make_clock();
        }
        trial.before = trial.deck();
        trial.stage = Some(Pty::start(&trial.shell(row.line), row.terminal, row.size));
        trial
    }

    fn at(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    /// What stands in lines, files and variables for what a trial has of its own.
    fn filled(&self, text: &str) -> String {
        let port = self.taken.as_ref().map_or(0, |taken| taken.local_addr().unwrap().port());
        text.replace("BINARY", env!("CARGO_BIN_EXE_greenroom"))
            .replace("HOME", &self.home.path().display().to_string())
            .replace("PORT", &port.to_string())
    }

    fn write(&self, path: &str, text: &str) {
        let (file, text) = (self.at(path), self.filled(text));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        if file.extension().is_some_and(|extension| extension == "sh") {
            return write_executable(&file, text.as_bytes());
        }
        fs::write(file, text).unwrap();
    }

    /// A shell that runs `line`, and says at last how it ended.
    fn shell(&self, line: &str) -> Command {
        let greenroom =
            |line: &str| line.replace("greenroom ", concat!(env!("CARGO_BIN_EXE_greenroom"), " "));
        let line = format!("{}; echo ended $?", greenroom(&self.filled(line)));
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).current_dir(self.home.path());
        for (variable, folder) in [
            ("HOME", "."),
            ("XDG_STATE_HOME", "state"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ] {
            shell.env(variable, self.at(folder));
        }
        for variable in [
            "TMUX",
            "STY",
            "NO_COLOR",
            "COLORTERM",
            "TERM_PROGRAM",
            "GREENROOM_PYTHON",
            "GREENROOM_PYTHON_FT",
        ] {
            shell.env_remove(variable);
        }
        shell.env("TERM", "xterm-256color").env(MARK, &self.mark);
        for (variable, value) in self.row.env {
            match *value {
                "" => shell.env_remove(variable),
                value => shell.env(variable, self.filled(value)),
            };
        }
        shell
    }

    fn stage(&self) -> &Pty {
        self.stage.as_ref().expect("the stage has a terminal")
    }

    fn view(&self) -> &Pty {
        self.view.as_ref().expect("there is a presenter view")
    }

    /// Waits until it is so.
    #[track_caller]
    fn until(&self, what: &str, met: impl Fn(&Self) -> bool) {
        self.within(PATIENCE, what, met);
    }

    #[track_caller]
    fn within(&self, patience: Duration, what: &str, met: impl Fn(&Self) -> bool) {
        let end = Instant::now() + patience;
        while !met(self) {
            let view = self.view.as_ref().map(Pty::text).unwrap_or_default();
            let stage = self.stage.as_ref().map(Pty::text).unwrap_or_default();
            assert!(
                Instant::now() < end,
                "{}: no {what}\nthe stage:\n{stage}\nthe view:\n{view}\n{:#?}",
                self.row.name,
                marked(&self.mark)
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[track_caller]
    fn see(&self, text: &str) {
        let text = &self.filled(text);
        self.until(&format!("{text:?}"), |trial| plain(&trial.stage().text()).contains(&plain(text)));
    }

    fn perform(&mut self, step: &Do) {
        match step {
            Do::Press(keys) | Do::Send(keys) => self.stage().write(keys.as_bytes()),
            Do::See(text) => self.see(text),
            Do::Agree => self.agree(),
            Do::Kill(roles) => self.kill(roles),
            Do::Remove(path) => {
                let path = self.at(path);
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
            }
            Do::Fill(folder) => {
                let (filling, filler) = (self.at(folder).join("filling"), self.at(folder).join("filler"));
                let mut file = File::create(&filling).unwrap();
                while file.write_all(&[b'x'; 512]).is_ok() {}
                fs::rename(filling, filler).unwrap();
            }
            Do::Free(folder) => fs::remove_file(self.at(folder).join("filler")).unwrap(),
            Do::Resize(columns, rows) => self.stage().resize((*columns, *rows)),
            Do::Resizes(count) => {
                for number in 0..*count {
                    self.stage().resize((20 + number % 150, 5 + number % 45));
                }
                self.stage().resize(SIZE);
            }
            Do::Saves(path, count, last) => {
                for number in 0..*count {
                    self.write(path, &format!("{last}\n\n<!-- {number} -->\n"));
                }
                self.write(path, last);
            }
            Do::Clock(seconds) => fs::write(self.at("clock"), seconds.to_string()).unwrap(),
            Do::Limit(what, more) => processes::limit(self.only(Role::Stage), *what, *more),
            Do::HangUp => self.stage.as_mut().expect("the stage has a terminal").close(),
            Do::TakePort => assert!(self.taken.is_some()),
            Do::Follow => {
                let line = self.shell("greenroom notes deck");
                self.view = Some(Pty::start(&line, super::pty::Manner::Usual, SIZE));
            }
            Do::ViewSees(text) => {
                self.until(&format!("{text:?} in the view"), |trial| trial.view().text().contains(text));
            }
            Do::Pause(millis) => std::thread::sleep(Duration::from_millis(*millis)),
            Do::Remembered(slide) => {
                self.until(&format!("place {slide}"), |trial| trial.place().contains(&place(*slide)));
            }
            Do::Gone(path) => assert!(!self.at(path).exists(), "{}: {path} is there", self.row.name),
        }
    }

    /// Says yes to the commands. What is typed in the moment in which the card is drawn is no answer.
    fn agree(&self) {
        const CARD: &str = "Run these commands?";
        self.see(CARD);
        let began = Instant::now();
        while self.stage().text().contains(CARD) {
            assert!(began.elapsed() < PATIENCE, "{}: no agreement\n{}", self.row.name, self.stage().text());
            self.stage().write(b"y");
            let end = Instant::now() + Duration::from_secs(2);
            while self.stage().text().contains(CARD) && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }

    fn find(&self, role: Role) -> Vec<rustix::process::Pid> {
        with_role(&marked(&self.mark), role)
    }

    #[track_caller]
    fn only(&self, role: Role) -> rustix::process::Pid {
        self.until(&format!("{role:?}"), |trial| trial.find(role).len() == 1);
        self.find(role)[0]
    }

    fn kill(&self, roles: &[Role]) {
        let found: Vec<_> = roles.iter().map(|role| self.only(*role)).collect();
        // From the last named to the first: a guard ends by itself once the stage, which is named before it, is gone.
        for pid in found.into_iter().rev() {
            kill_process(pid, Signal::KILL).unwrap();
        }
    }

    /// Lets every program of the trial that asks for the time of day be told `clock` seconds more.
    fn make_clock(&self) {
        let source = "#define _GNU_SOURCE\n#include <fcntl.h>\n#include <stdlib.h>\n#include <sys/syscall.h>\n#include <time.h>\n\
             #include <unistd.h>\n\
             int clock_gettime(clockid_t clock, struct timespec *time) {\n\
               int done = syscall(SYS_clock_gettime, clock, time);\n\
               if (done != 0 || clock != CLOCK_REALTIME) return done;\n\
               char text[32] = {0}; int file = open(getenv(\"TRIAL_CLOCK\"), O_RDONLY | O_CLOEXEC);\n\
               if (file >= 0) { if (read(file, text, 31) > 0) time->tv_sec += atol(text); close(file); }\n\
               return 0;\n}\n";
        fs::write(self.at("clock.c"), source).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(self.at("clock.so")).arg(self.at("clock.c"));
        assert!(compiler.status().unwrap().success());
        fs::write(self.at("clock"), "0").unwrap();
    }

    // The judgements

    fn person_is_told(&self) {
        match self.row.told {
            Told::OnScreen(texts) => texts.iter().for_each(|text| self.see(text)),
            Told::InView(texts) => texts.iter().for_each(|text| {
                self.until(&format!("{text:?} in the view"), |trial| trial.view().text().contains(text));
            }),
            // When it has ended, which the next judgement sees to.
            Told::AtEnd(_) | Told::NotNeeded(_) => {}
        }
    }

    fn talk_goes_on(&mut self) {
        match &self.row.goes_on {
            GoesOn::NextSlide => self.next_slide_and_out(),
            GoesOn::TakenUp { status, line } => {
                self.has_ended(status);
                self.is_told_at_end();
                self.stage = Some(Pty::start(&self.shell(line), super::pty::Manner::Usual, SIZE));
                // What a killed talk has left of its demos goes when the next one runs any.
                if self.row.steps.iter().any(|step| matches!(step, Do::Agree)) {
                    self.see("x runs it");
                    self.perform(&Do::Press("x"));
                    self.see("it runs");
                }
                self.next_slide_and_out();
            }
            GoesOn::Again { status, then, line } => {
                self.has_ended(status);
                self.is_told_at_end();
                for step in *then {
                    self.perform(step);
                }
                self.stage = Some(Pty::start(&self.shell(line), super::pty::Manner::Usual, SIZE));
                self.has_ended("0");
            }
        }
        if matches!(self.row.goes_on, GoesOn::NextSlide) {
            self.is_told_at_end();
        }
        if let Some(view) = self.view.take_if(|view| !view.text().contains("ended ")) {
            view.write(b"q");
            self.view = Some(view);
            self.until("end of the view", |trial| trial.view().text().contains("ended 0"));
        }
        let raw = self.view.as_ref().map(Pty::not_given_back).unwrap_or_default();
        assert!(raw.is_empty(), "{}: the view leaves its terminal with {raw:?}", self.row.name);
    }

    /// The next slide comes by key, and two keys leave the talk.
    fn next_slide_and_out(&mut self) {
        self.see("3 / 4");
        self.perform(&Do::Press("\x1b[C"));
        self.see("The talk goes on.");
        self.perform(&Do::Press("q"));
        self.see("q again leaves");
        self.perform(&Do::Press("q"));
        self.has_ended("0");
    }

    /// What runs in the stage's terminal has ended so, and has given that back; how it ended is not seen where nobody is left to say it.
    fn has_ended(&self, status: &str) {
        if status.is_empty() {
            let of_talk = [Role::Keeper, Role::Stage, Role::Guard];
            self.until("end", |trial| of_talk.iter().all(|role| trial.find(*role).is_empty()));
        } else {
            self.until(&format!("end with {status}"), |trial| {
                trial.stage().text().lines().any(|line| line.ends_with(&format!("ended {status}")))
            });
        }
        let raw = self.stage().not_given_back();
        assert!(raw.is_empty(), "{}: the terminal is left with {raw:?}", self.row.name);
    }

    fn is_told_at_end(&self) {
        if let Told::AtEnd(texts) = self.row.told {
            for text in texts {
                self.see(text);
            }
        }
    }

    fn nothing_is_left(&self) {
        self.within(LEFT, "end of everything", |trial| marked(&trial.mark).is_empty());
        for folder in ["tmp", "run"] {
            let files = files(&self.at(folder));
            assert!(files.is_empty(), "{}: {folder} still has {files:?}", self.row.name);
        }
        self.within(LEFT, "end of the session's copies", |trial| {
            !files(&trial.at("cache")).iter().any(|path| is_of_session(path))
        });
    }

    fn nothing_is_lost(&self) {
        let (mut before, mut after) = (self.before.clone(), self.deck());
        for path in self.row.changed {
            before.remove(Path::new(path));
            after.remove(Path::new(path));
        }
        let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&before), names(&after), "{}: files of the deck", self.row.name);
        assert!(before == after, "{}: a file of the deck has changed", self.row.name);
        self.row.kept.iter().for_each(|kept| self.is_kept(kept));
    }

    fn is_kept(&self, kept: &Kept) {
        let name = self.row.name;
        match kept {
            Kept::Place(slide) => {
                let left = self.place();
                assert!(left.contains(&place(*slide)), "{name}: not left at slide {slide}: {left}");
            }
            Kept::Practice(slides) => {
                let texts: Vec<String> = files(&self.at("data")).into_iter().map(read).collect();
                let practices = texts.iter().filter_map(|text| Practice::read(text).ok());
                let visits: Vec<u64> =
                    practices.flat_map(|practice| practice.visits).map(|visit| visit.ms).collect();
                assert!(visits.len() >= *slides, "{name}: {visits:?} of {texts:?}");
                let most = 10 * 60 * 1000;
                assert!(visits.iter().all(|ms| *ms < most), "{name}: times of the practice: {visits:?}");
            }
            Kept::File(path, text) => {
                let found = read(self.at(path));
                assert!(found.contains(text), "{name}: no {text:?} in {path}: {found}");
            }
            Kept::NoFile(path) => assert!(!self.at(path).exists(), "{name}: {path} is there"),
        }
    }

    /// What is written of the talk's place.
    fn place(&self) -> String {
        files(&self.at("state/greenroom/places")).into_iter().map(read).collect()
    }

    /// The deck's files.
    fn deck(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let top = self.at("deck");
        files(&top)
            .into_iter()
            .map(|path| (path.strip_prefix(&top).unwrap().to_owned(), fs::read(&path).unwrap_or_default()))
            .collect()
    }
}

impl Drop for Trial<'_> {
    /// One that fails leaves nothing either.
    fn drop(&mut self) {
        for process in marked(&self.mark) {
            if let Some(pid) = rustix::process::Pid::from_raw(process.pid.try_into().unwrap()) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}

/// How a place is written: `slide` is counted from 1.
fn place(slide: u32) -> String {
    format!("\"slide\":{},", slide - 1)
}

fn read(path: PathBuf) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

/// Text without frames and blanks, however it is wrapped.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"│┃".contains(*c)).collect()
}

/// Every file and socket below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// Whether it lies in what a session copies of its deck.
fn is_of_session(path: &Path) -> bool {
    path.components()
        .any(|part| part.as_os_str().to_string_lossy().trim_start_matches('.').starts_with("run-"))
}
