//! Measuring processes: their records on one pipe, what they say on another, and nothing of them is left.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, Phase, Size, What};
use greenroom_base::source::{Control, EventSource as _, SourceError};
use greenroom_pane::BenchView;
use greenroom_system::pty::Spec;
use rustix::process::{Pid, Signal, kill_process};

use crate::children::{
    ESCAPE, ESCAPED, PATIENCE, Run, held, mark, marked, peak_memory, shell, until_blocked, until_gone,
    until_marked,
};
use crate::support::alone::in_own_process;
use crate::support::needs::require;

#[test]
fn a_program_on_pipes_has_two_outputs_and_neither_input_nor_terminal() {
    let script = "echo out; echo err >&2; read line || echo no input; \
        (: </dev/tty) 2>/dev/null || echo no terminal; [ -t 1 ] || echo no tty; printf last; exit 3";
    let mut run = Run::on_pipes(&shell(script, &mark("pipes")));
    let lost = run.ask(Control::Input(Bytes::from_static(b"x")));
    assert!(matches!(lost, Err(SourceError::Unable(_) | SourceError::Ended)), "{lost:?}");
    let _ = run.ask(Control::Resize(Size { columns: 10, rows: 4 }));
    assert_eq!(run.until_ends(), Exit::Status(3));
    assert_eq!(run.text(), "out\nno input\nno terminal\nno tty\nlast");
    assert_eq!(String::from_utf8_lossy(&run.errors), "err\n");
    assert_eq!(run.phases, [Phase::Starting, Phase::Running]);
    let mut run = Run::on_pipes(&shell("kill -SEGV $$", &mark("pipes")));
    assert_eq!(run.until_ends(), Exit::Signal(11));
    let mut run = Run::on_pipes(&Spec {
        timeout: Some(Duration::from_millis(300)),
        ..shell("sleep 1000", &mark("pipes"))
    });
    assert_eq!(run.until_ends(), Exit::TimedOut);
}

#[test]
fn everything_on_pipes_ends_with_its_run() {
    let stopped = mark("pipes-stop");
    let mut run = Run::on_pipes(&shell(&format!("{ESCAPE} exec sleep 1000"), &stopped));
    until_marked(&stopped, ESCAPED);
    run.ask(Control::Stop).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
    assert_eq!(marked(&stopped), Vec::<String>::new());
    assert!(run.live.take_notice().unwrap().contains("was killed: "));

    let dropped = mark("pipes-drop");
    let run = Run::on_pipes(&shell(&format!("{ESCAPE} yes"), &dropped));
    until_marked(&dropped, ESCAPED + 1);
    drop(run);
    assert_eq!(marked(&dropped), Vec::<String>::new());

    let left = mark("pipes-left");
    let mut run = Run::on_pipes(&shell("sleep 1000 & setsid sleep 1000 & echo bye; exit 7", &left));
    assert_eq!((run.until_ends(), run.text().as_str()), (Exit::Status(7), "bye\n"));
    assert_eq!(marked(&left), Vec::<String>::new());
    assert!(run.live.take_notice().unwrap().contains("left behind"));
}

#[test]
fn a_guard_of_a_program_on_pipes_that_is_killed_leaves_nothing() {
    in_own_process(|| {
        let mark = mark("pipes-guard");
        // What escapes writes without end, and holds the pipes open.
        let script = "setsid sh -c 'yes >&2' & setsid yes & sleep 1000";
        let mut run = Run::on_pipes(&shell(script, &mark));
        until_marked(&mark, 4);
        let guard = Pid::from_raw(run.live.guard().try_into().unwrap()).unwrap();
        kill_process(guard, Signal::KILL).unwrap();
        assert!(matches!(run.until_ends(), Exit::Failed(_)));
        assert_eq!(marked(&mark), Vec::<String>::new());
        assert_eq!(held().2, 0, "no zombie is left to this process");
    });
}

#[test]
fn nothing_of_what_was_written_is_lost_however_late_it_is_read() {
    let mark = mark("pipes-late");
    let script = "head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2; head -c 60000 /dev/zero; \
        head -c 50000 /dev/zero >&2; exit 5";
    let mut run = Run::on_pipes(&shell(script, &mark));
    // Nobody polls: it waits, and nothing is dropped.
    until_blocked(&mark);
    let mut rested = 0;
    run.until("its end", |run| {
        // What is left of it is in the pipes by now, and stays there for longer than a guard is waited for.
        if rested < 3 && marked(&mark).is_empty() {
            rested += 1;
            std::thread::sleep(Duration::from_millis(400));
        }
        run.exit.is_some()
    });
    assert_eq!(run.exit, Some(Exit::Status(5)));
    assert_eq!((run.bytes, run.errors.len()), (360_000, 250_000));

    if !require("python3") {
        return;
    }
    // A pipe may be made larger than what is read in one go.
    let script =
        "exec python3 -c 'import fcntl, os; fcntl.fcntl(1, 1031, 1 << 20); os.write(1, b\"x\" * 1000000)'";
    let mut run = Run::on_pipes(&shell(script, &mark));
    run.until("the first of it", |run| run.bytes > 0);
    until_gone(&mark);
    // Longer than the terminal of a program that has ended is waited for.
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!((run.until_ends(), run.bytes), (Exit::Status(0), 1_000_000));
}

/// What a run has given so far, in bytes.
fn taken(run: &Run) -> u64 {
    run.bytes + u64::try_from(run.errors.len()).unwrap()
}

#[test]
fn a_flood_on_either_pipe_waits_for_the_stage_takes_no_memory_and_is_stopped() {
    in_own_process(|| {
        for (name, script) in [("out", "exec yes"), ("err", "exec yes >&2"), ("both", "yes & exec yes >&2")] {
            let mark = mark(name);
            let before = peak_memory();
            let mut run = Run::on_pipes(&shell(script, &mark));
            until_marked(&mark, 1);
            until_blocked(&mark);
            let mut most = 0;
            for _ in 0..200 {
                let had = taken(&run);
                run.poll();
                most = most.max(taken(&run) - had);
                run.errors.clear();
            }
            assert!(most > 0 && most <= 128 * 1024, "{name}: one call gave {most}");
            let grown = peak_memory() - before;
            assert!(grown < 20_000, "{name}: {grown} kB");
            // A stage that does not look at it any more can stop it all the same.
            until_blocked(&mark);
            run.ask(Control::Stop).unwrap();
            until_gone(&mark);
            assert_eq!(run.until_ends(), Exit::Stopped, "{name}");
        }
    });
}

#[test]
fn a_program_that_closes_its_records_and_lives_on_is_spoken_of_and_can_be_stopped() {
    let mark = mark("pipes-close");
    let mut run = Run::on_pipes(&shell("echo bye; exec >&-; echo still here >&2; exec sleep 1000", &mark));
    run.until_says("bye");
    let mut said = None;
    run.until("a word about it", |run| {
        said = said.take().or_else(|| run.live.take_notice());
        said.is_some()
    });
    assert_eq!(said.unwrap(), "the program closed its output and runs on: {stop} stops it");
    assert_eq!((run.exit.as_ref(), String::from_utf8_lossy(&run.errors).as_ref()), (None, "still here\n"));
    run.ask(Control::Stop).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
    assert_eq!(marked(&mark), Vec::<String>::new());
}

/// A bench of two servers that print on both of their outputs, as the stage starts it.
fn bench(folder: &Path, more: &[&str]) -> Spec {
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/server.py");
    let script =
        format!("echo '{{\"at\":0}}'; echo noise; echo noise >&2; exec python3 {} $0", server.display());
    let server = format!("command: [sh, -c, {script:?}, \"{{port}}\"]");
    let text = format!(
        "title: t\npath: /\nload: {{connections: 2}}\nvariants:\n- {{name: one, {server}}}\n- {{name: other, {server}}}\n"
    );
    fs::write(folder.join("s.yaml"), text).unwrap();
    let args = ["bench", "s.yaml", "--json", "--protocol", "quick"].iter().chain(more);
    Spec {
        program: env!("CARGO_BIN_EXE_greenroom").to_owned(),
        args: args.map(|word| (*word).to_owned()).collect(),
        directory: folder.to_owned(),
        grace: Some(Duration::from_secs(6)),
        ..shell("", &mark(&folder.display().to_string()))
    }
}

/// The processes that carry `mark`, as far as they have the pipe with this inode open.
fn holders(mark: &str, inode: u64) -> Vec<String> {
    let holds = |folder: &PathBuf| {
        let open = fs::read_dir(folder.join("fd")).into_iter().flatten().flatten();
        open.filter_map(|fd| fs::metadata(fd.path()).ok()).any(|found| found.ino() == inode)
    };
    let line = |folder: PathBuf| fs::read_to_string(folder.join("cmdline")).unwrap_or_default();
    crate::children::processes(mark).into_iter().filter(holds).map(line).collect()
}

fn fold(run: &Run) -> BenchView {
    let mut view = BenchView::default();
    let output = Bytes::from(run.text());
    view.fold(&Event { at: Elapsed::ZERO, what: What::Output(output) });
    view.fold(&Event { at: Elapsed::ZERO, what: What::Exit(run.exit.clone().unwrap()) });
    view
}

#[test]
fn no_server_has_the_records_pipe_and_a_bench_that_is_stopped_ends_in_order() {
    if !require("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let spec = bench(folder.path(), &["--open", "600"]);
    let mark = mark(&folder.path().display().to_string());
    let mut run = Run::on_pipes(&spec);
    run.until_says("\"kind\":\"measure\"");
    let measuring = crate::children::processes(&mark).into_iter().find(|folder| {
        fs::read_to_string(folder.join("cmdline")).unwrap_or_default().contains("bench\0s.yaml")
    });
    let measuring = measuring.expect("the measuring process");
    let inode = fs::read_dir(measuring.join("fd"))
        .unwrap()
        .flatten()
        .filter(|fd| !["0", "1", "2"].iter().any(|number| fd.file_name() == *number))
        .filter(|fd| fs::read_link(fd.path()).is_ok_and(|to| to.to_string_lossy().starts_with("pipe:")))
        .find_map(|fd| {
            // The one that it may write to and nobody reads in this process but the worker of the run.
            let flags = fs::read_to_string(measuring.join("fdinfo").join(fd.file_name())).ok()?;
            let writes = flags.lines().any(|line| line.starts_with("flags:") && line.ends_with('1'));
            let ours = fs::read_dir("/proc/self/fd").unwrap().flatten();
            let inode = fs::metadata(fd.path()).ok()?.ino();
            let mut inodes = ours.filter_map(|own| fs::metadata(own.path()).ok()).map(|found| found.ino());
            (writes && inodes.any(|own| own == inode)).then_some(inode)
        });
    let holders = holders(&mark, inode.expect("its records pipe"));
    assert_eq!(holders.len(), 1, "{holders:?}");
    run.ask(Control::Stop).unwrap();
    assert_eq!(run.until_ends(), Exit::Stopped);
    assert_eq!(marked(&mark), Vec::<String>::new());
    // Its last record says that it was stopped, and everything before it is a record.
    let view = fold(&run);
    assert_eq!(view.doubts(), Vec::<String>::new());
    assert!(view.board().end.as_ref().is_some_and(|end| !end.ok), "{}", run.text());
    assert!(view.board().faults.iter().any(|fault| fault.message == "interrupted"));
    // What servers print is told in records, and nowhere else.
    assert!(view.board().sides[0].out.iter().any(|line| line == "noise"), "{:?}", view.board().sides[0].out);
    assert_eq!(String::from_utf8_lossy(&run.errors), "greenroom: interrupted\n");
}

#[test]
fn a_bench_whose_reader_has_stopped_ends_when_it_is_told_to() {
    if !require("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let spec = bench(folder.path(), &["--open", "600"]);
    let mut command = Command::new(&spec.program);
    command.args(&spec.args).current_dir(&spec.directory).envs(&spec.env);
    let mut bench = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mark = mark(&folder.path().display().to_string());
    {
        // It measures, and from here on nobody reads: the pipe fills, and it waits for somebody.
        let pipe = bench.stdout.as_mut().unwrap();
        rustix::pipe::fcntl_setpipe_size(&*pipe, 4096).unwrap();
        let mut lines = BufReader::with_capacity(512, pipe).lines();
        assert!(lines.any(|line| line.unwrap().contains("\"kind\":\"measure\"")));
    }
    let waits = PathBuf::from(format!("/proc/{}", bench.id()));
    let written = || fs::read_to_string(waits.join("io")).unwrap();
    let (mut before, mut same) = (written(), 0);
    let deadline = Instant::now() + PATIENCE;
    while same < 20 {
        assert!(Instant::now() < deadline, "it goes on");
        std::thread::sleep(Duration::from_millis(50));
        same = if written() == before { same + 1 } else { 0 };
        before = written();
    }
    let began = Instant::now();
    kill_process(Pid::from_child(&bench), Signal::INT).unwrap();
    assert_eq!(bench.wait().unwrap().code(), Some(1));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(marked(&mark), Vec::<String>::new());
    let said = std::io::read_to_string(bench.stderr.take().unwrap()).unwrap();
    assert!(said.contains("the records cannot be written: nobody reads them"), "{said}");
}

#[test]
fn what_a_server_prints_cannot_break_the_seal_of_the_records() {
    use greenroom_bench::{Out, Record};
    let text = "a \u{202e} name \u{200b} of \u{9b}2J".to_owned();
    let line = Record { at: 1, what: greenroom_bench::What::Out(Out { variant: 0, text }) }.to_line();
    assert!(line.trim_end().chars().all(|c| !greenroom_base::plain::is_unfit(c)), "{line}");
    assert_eq!(greenroom_base::plain::json(&line), line, "it is the same wherever it is printed");
}
