//! What a demo needs is missing, hangs or misbehaves.

use super::row::{Do, Role, Told, rows};

/// A deck whose demo is a short bench of two servers, the second of which misbehaves as `files` say.
const BENCH: &str =
    "  a: {kind: bench, command: [BINARY, bench, scenario.yaml, --protocol, quick, --json], timeout: 5m}";
const SERVER: (&str, &str) = ("deck/server.py", include_str!("../../servers/server.py"));

/// A scenario of a good server and one with this command.
macro_rules! scenario {
    ($second:literal) => {
        (
            "deck/scenario.yaml",
            concat!(
                "title: good against bad\npath: /\ncheck: {contains: hello}\nload: {connections: 2}\nvariants:\n",
                "- {name: good, command: [python3, server.py, '{port}']}\n- {name: bad, command: [",
                $second,
                "]}\n"
            ),
        )
    };
}

/// The demo is started.
const STARTED: [Do; 3] = [Do::See("x runs it"), Do::Press("x"), Do::Agree];

rows! {
    an_interpreter_that_is_missing {
        fault: "the interpreter is missing",
        place: "a demo that runs on free-threaded Python",
        demos: "  a: {command: [python, -c, 'print(1)'], runtime: free-threaded}",
        env: &[("PATH", "/usr/bin:/bin"), ("PYENV_ROOT", "HOME/none")],
        steps: &STARTED,
        told: Told::OnScreen(&["there is no free threaded Python here", "i sets it up"]),
    }
    an_interpreter_that_hangs {
        fault: "the interpreter never says what it is",
        place: "a demo that runs on free-threaded Python",
        demos: "  a: {command: [python, -c, 'print(1)'], runtime: free-threaded}",
        files: &[("hangs.sh", "#!/bin/sh\nexec sleep 1000\n")],
        env: &[("GREENROOM_PYTHON_FT", "HOME/hangs.sh"), ("PATH", "/usr/bin:/bin"), ("PYENV_ROOT", "HOME/none")],
        steps: &STARTED,
        told: Told::OnScreen(&["GREENROOM_PYTHON_FT=", "Tab: why"]),
    }
    a_program_that_is_missing {
        fault: "the program is missing",
        place: "a demo",
        demos: "  a: {command: [greenroom-has-no-such-program]}",
        steps: &STARTED,
        told: Told::OnScreen(&["there is no program"]),
    }
    a_server_that_dies {
        fault: "a server dies while it is measured",
        place: "a bench",
        demos: BENCH,
        size: (120, 40),
        files: &[SERVER, scenario!("python3, server.py, '{port}', '--die=30'")],
        needs: &["python3"],
        steps: &STARTED,
        told: Told::OnScreen(&["▲ bad", "not as expected ✗"]),
    }
    a_server_that_answers_wrong {
        fault: "a server answers something else",
        place: "a bench",
        demos: BENCH,
        size: (120, 40),
        files: &[SERVER, scenario!("python3, server.py, '{port}', '--says=bonjour'")],
        needs: &["python3"],
        steps: &STARTED,
        told: Told::OnScreen(&["▲ bad", "not as expected ✗"]),
    }
    a_server_that_fails {
        fault: "a server answers 500",
        place: "a bench",
        demos: BENCH,
        size: (120, 40),
        files: &[SERVER, scenario!("python3, server.py, '{port}', '--error=30'")],
        needs: &["python3"],
        steps: &STARTED,
        told: Told::OnScreen(&["▲ bad", "not as expected ✗"]),
    }
    a_server_that_hangs {
        fault: "a server answers no more",
        place: "a bench",
        demos: BENCH,
        size: (120, 40),
        files: &[SERVER, scenario!("python3, server.py, '{port}', '--hang=30'")],
        needs: &["python3"],
        steps: &STARTED,
        told: Told::OnScreen(&["▲ bad", "not as expected ✗"]),
    }
    a_server_that_is_never_ready {
        fault: "a server never gets ready",
        place: "a bench",
        demos: BENCH,
        size: (120, 40),
        files: &[SERVER, scenario!("sh, -c, 'exec sleep 1000', '{port}'")],
        needs: &["python3"],
        steps: &STARTED,
        told: Told::OnScreen(&["▲ bad", "not as expected ✗"]),
    }
    a_server_whose_port_is_taken {
        fault: "a port is taken",
        place: "a bench",
        demos: BENCH,
        size: (120, 40),
        files: &[SERVER, scenario!("python3, server.py, 'PORT', '--unused={port}'")],
        needs: &["python3"],
        steps: &[Do::TakePort, Do::See("x runs it"), Do::Press("x"), Do::Agree],
        told: Told::OnScreen(&["▲ bad", "not as expected ✗"]),
    }
    a_bench_that_is_killed {
        fault: "SIGKILL of the bench",
        place: "a bench",
        demos: BENCH,
        size: (120, 40),
        files: &[SERVER, scenario!("python3, server.py, '{port}'")],
        needs: &["python3"],
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree, Do::See("good"), Do::Kill(&[Role::Bench])],
        told: Told::OnScreen(&["killed by SIGKILL"]),
    }
}
