use super::*;

const LONG: Duration = Duration::from_mins(1);

fn sh(script: &str, deadline: Duration) -> Subprocess {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    Subprocess::new(command, deadline)
}

#[test]
fn output_and_status_come_back() {
    let mut lines = Vec::new();
    let finished = sh("echo out; printf 'a\\033[1m\\nb\\nend' >&2; exit 3", LONG).run_watched(&mut |said| {
        lines.extend(said.and_then(|said| match said {
            Said::Err(line) => Some(line.to_owned()),
            Said::Out(_) => None,
        }));
        ControlFlow::Continue(())
    });
    let finished = finished.unwrap();
    assert_eq!((finished.end, finished.stdout.as_slice()), (End::Status(3), b"out\n".as_slice()));
    assert_eq!(lines, ["a\u{1b}[1m", "b", "end"]);
    assert_eq!((finished.last_lines(3).as_str(), &*finished.text()), ("a[1m\nb\nend", "out\n"));
    assert_eq!(sh("kill -9 $$", LONG).run().unwrap().end, End::Signal(9));
}

#[test]
fn what_hangs_talks_or_is_left_behind_is_ended() {
    let end = |subprocess: Subprocess| subprocess.run().unwrap().end;
    assert_eq!(end(sh("sleep 600", Duration::from_millis(50))), End::TimedOut);
    let loud = sh("yes", Duration::from_millis(300)).run().unwrap();
    assert!(loud.end == End::TimedOut && loud.stdout.len() == MAX_OUTPUT);
    // The one in the background keeps the pipes open.
    assert_eq!(end(sh("sleep 600 & exit 0", LONG)), End::Status(0));
    let stopped = sh("sleep 600", LONG).run_watched(&mut |_| ControlFlow::Break(()));
    assert_eq!(stopped.unwrap().end, End::Interrupted);
    assert!(Subprocess::new(Command::new("/nowhere/at/all"), LONG).run().is_err());
}

#[test]
fn a_program_that_says_more_than_is_kept_is_ended() {
    let most = sh("yes", LONG).keep_stdout(Keep::All(1000)).run().unwrap();
    assert!(most.end == End::TooMuch && most.stdout.len() <= 1000, "{most:?}");
    // Also when it ends before anybody could end it.
    assert_eq!(sh("echo 12345", LONG).keep_stdout(Keep::All(5)).run().unwrap().end, End::TooMuch);
    let fits = sh("printf 12345", LONG).keep_stdout(Keep::All(5)).run().unwrap();
    assert_eq!((fits.end, &*fits.text()), (End::Status(0), "12345"));
    let last =
        sh("printf 123456789; printf abc >&2", LONG).keep_stdout(Keep::End(4)).keep_stderr(Keep::Nothing);
    let last = last.run().unwrap();
    assert_eq!((&*last.text(), last.stderr.len()), ("6789", 0));
}

#[test]
fn long_lines_are_cut_for_a_watch_and_bytes_that_are_no_text_do_no_harm() {
    let mut lines = Vec::new();
    let script = "printf 'abcdefgh\\n\\nx\\377y\\nlast'";
    let _ = sh(script, LONG).longest_line(5).run_watched(&mut |said| {
        if let Some(Said::Out(line)) = said {
            lines.push(line.to_owned());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(lines, ["abcde", "", "x\u{fffd}y", "last"]);
}

#[test]
fn input_is_read_as_far_as_the_program_likes() {
    let large = vec![b'x'; 3 << 20];
    let counted = sh("wc -c", LONG).input(large.clone()).run().unwrap();
    assert_eq!(counted.text().trim(), large.len().to_string());
    let copied = sh("cat", LONG).input(large.clone()).keep_stdout(Keep::All(4 << 20)).run().unwrap();
    assert!(copied.is_success() && copied.stdout == large);
    assert_eq!(sh("head -c 3", LONG).input(large.clone()).run().unwrap().stdout, b"xxx");
    // One that never reads is ended like any other.
    let deaf = sh("sleep 600", Duration::from_millis(100)).input(large).run().unwrap();
    assert_eq!(deaf.end, End::TimedOut);
    assert_eq!(sh("cat", LONG).run().unwrap().stdout, b"", "nothing is an end at once");
}

#[test]
fn both_outputs_may_go_into_one_or_somewhere_else() {
    let both = sh("echo a; echo b >&2; echo c", LONG).together().run().unwrap();
    assert_eq!((&*both.text(), both.stderr.len()), ("a\nb\nc\n", 0));
    let (mut there, side) = io::pipe().unwrap();
    let sent = sh("echo away; echo here >&2", LONG).keep_stdout(Keep::Elsewhere(side.into())).run().unwrap();
    let mut text = String::new();
    io::Read::read_to_string(&mut there, &mut text).unwrap();
    assert_eq!(
        (text.as_str(), sent.stderr.as_slice(), sent.stdout.len()),
        ("away\n", b"here\n".as_slice(), 0)
    );
    let (from, mut to) = io::pipe().unwrap();
    io::Write::write_all(&mut to, b"given").unwrap();
    drop(to);
    assert_eq!(sh("cat", LONG).input_from(from.into()).run().unwrap().stdout, b"given");
}

#[test]
fn a_program_without_a_guard_keeps_to_its_limits() {
    let limits = || Limits { cpu_seconds: Some(1), no_core: true, memory: None };
    let spun = sh("while :; do :; done", LONG).without_guard(limits()).run().unwrap();
    assert!(matches!(spun.end, End::Signal(9 | 24)), "{spun:?}");
    let said = sh("ulimit -c; ulimit -t", LONG).without_guard(limits()).run().unwrap();
    assert_eq!(&*said.text(), "0\n1\n");
    // Its process group ends with it.
    let left = sh("sleep 600 & echo $!", LONG).without_guard(Limits::default()).run().unwrap();
    let pid = left.text().trim().parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while rustix::process::test_kill_process(pid).is_ok() && !crate::os::is_zombie(pid) {
        assert!(Instant::now() < until, "{pid:?} lives");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_was_started_is_waited_for_later_and_killed_when_nobody_does() {
    let running = sh("printf now; exit 2", LONG).start().unwrap();
    let finished = running.wait(&mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((finished.end, &*finished.text()), (End::Status(2), "now"));
    let began = Instant::now();
    drop(sh("trap '' TERM; sleep 600", LONG).start().unwrap());
    assert!(began.elapsed() < Duration::from_secs(30));
}
